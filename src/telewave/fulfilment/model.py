"""The states of a parcel, and what may happen to it (`transitions.py` says what comes of it). Pure.

ordered -> at the warehouse -> packed -> with the courier -> at the substation -> appointed
appointed -> accepted -> reconciled -> closed
appointed -> nobody at the door -> appointed        whatever fails -> failed -> ended (second approach or none)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias

from telewave.kernel import Conflict, Label, Money

MOST_CALLS = 9
CALLING_DAYS = timedelta(days=3)
"""From the arrival at the substation on, an appointment is made in so many calls and days, or not at all."""
APPOINTED_DAYS = timedelta(days=3)
"""And is for at most so long after the call that makes it."""


class MoveNotPossible(Conflict):
    """{file}, line {line}: the parcel of order {order} is {state} and cannot be {event}. Nothing was taken over. See
    how it stands: telewave fulfilment list --order {order}
    """

    code = "move_not_possible"


class CallsUsedUp(Conflict):
    """{file}, line {line}: the parcel of order {order} has been {days} days at the substation or had {calls} calls
    without an appointment, and no more are made. Nothing was taken over. Give it up: telewave fulfilment move {order}
    --event fail --reason no_appointment --by YOU
    """

    code = "calls_used_up"


class AppointmentTooFar(Conflict):
    """{file}, line {line}: the appointment for order {order} is before the call that made it, or more than {days} days
    after. Nothing was taken over. Agree on an earlier time, or correct the file.
    """

    code = "appointment_too_far"


class Payment(StrEnum):
    """How the customer paid."""

    CASH = "cash"
    CARD = "card"

    @property
    def label(self) -> Label:
        """For people."""
        return Label("cash", "现金") if self is Payment.CASH else Label("card terminal", "POS 刷卡")


class Reason(StrEnum):
    """Why a delivery failed."""

    REFUSED = "refused"
    NOBODY = "nobody"
    NO_APPOINTMENT = "no_appointment"
    DAMAGED = "damaged"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Label:
        """For people."""
        return REASONS[self]


REASONS = {
    Reason.REFUSED: Label("refused at the door", "上门被拒收"),
    Reason.NOBODY: Label("nobody at the door", "上门无人"),
    Reason.NO_APPOINTMENT: Label("no appointment", "未约到"),
    Reason.DAMAGED: Label("damaged or lost", "破损或丢失"),
    Reason.CANCELLED: Label("cancelled", "已取消"),
}


class Standing(StrEnum):
    """The states by name, in the order of the way, as tables, logs and lists name them."""

    ORDERED = "ordered"
    AT_WAREHOUSE = "at_warehouse"
    PACKED = "packed"
    WITH_COURIER = "with_courier"
    AT_SUBSTATION = "at_substation"
    APPOINTED = "appointed"
    NOBODY_HOME = "nobody_home"
    ACCEPTED = "accepted"
    RECONCILED = "reconciled"
    CLOSED = "closed"
    FAILED = "failed"
    ENDED = "ended"

    @property
    def label(self) -> Label:
        """For people."""
        return STANDINGS[self]


STANDINGS = {
    Standing.ORDERED: Label("ordered", "已下单"),
    Standing.AT_WAREHOUSE: Label("at the warehouse", "已到仓"),
    Standing.PACKED: Label("packed", "已分拣打包"),
    Standing.WITH_COURIER: Label("with the courier", "配送途中"),
    Standing.AT_SUBSTATION: Label("at the substation", "已到分站"),
    Standing.APPOINTED: Label("appointment made", "已预约上门"),
    Standing.NOBODY_HOME: Label("nobody at the door", "上门无人"),
    Standing.ACCEPTED: Label("accepted and paid", "已签收付款"),
    Standing.RECONCILED: Label("reconciled", "已对账"),
    Standing.CLOSED: Label("closed", "已结清"),
    Standing.FAILED: Label("failed", "配送失败"),
    Standing.ENDED: Label("ended without delivery", "未妥投，已了结"),
}
OVER = (Standing.CLOSED, Standing.ENDED)
"""States that wait for nobody."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The order was taken."""

    standing: ClassVar[Standing] = Standing.ORDERED


@dataclass(frozen=True, slots=True)
class AtWarehouse:
    """The goods are picked."""

    standing: ClassVar[Standing] = Standing.AT_WAREHOUSE


@dataclass(frozen=True, slots=True)
class Packed:
    """Packed with the other parcels of its area."""

    standing: ClassVar[Standing] = Standing.PACKED


@dataclass(frozen=True, slots=True)
class WithCourier:
    """On its way."""

    standing: ClassVar[Standing] = Standing.WITH_COURIER

    courier: str


@dataclass(frozen=True, slots=True)
class AtSubstation:
    """Near the customer, who is called for an appointment. `since`: when it arrived; `calls`: made so far."""

    standing: ClassVar[Standing] = Standing.AT_SUBSTATION

    substation: str
    since: datetime
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Appointed:
    """The customer expects it at `at`."""

    standing: ClassVar[Standing] = Standing.APPOINTED

    substation: str
    since: datetime
    calls: int
    at: datetime


@dataclass(frozen=True, slots=True)
class NobodyHome:
    """Nobody was at the door; as long as calls and days are left, another appointment can be made."""

    standing: ClassVar[Standing] = Standing.NOBODY_HOME

    substation: str
    since: datetime
    calls: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The customer has it, and has paid so much."""

    standing: ClassVar[Standing] = Standing.ACCEPTED

    paid: Money
    how: Payment


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The money is there, to the cent."""

    standing: ClassVar[Standing] = Standing.RECONCILED

    paid: Money
    how: Payment


@dataclass(frozen=True, slots=True)
class Closed:
    """Over."""

    standing: ClassVar[Standing] = Standing.CLOSED

    paid: Money
    how: Payment


@dataclass(frozen=True, slots=True)
class Failed:
    """Not delivered; the customer is to be approached a second time."""

    standing: ClassVar[Standing] = Standing.FAILED

    reason: Reason


@dataclass(frozen=True, slots=True)
class Ended:
    """Over without a delivery. `contact`: of the second approach in the ledger, None where none may be made."""

    standing: ClassVar[Standing] = Standing.ENDED

    reason: Reason
    contact: int | None


State: TypeAlias = (
    Ordered
    | AtWarehouse
    | Packed
    | WithCourier
    | AtSubstation
    | Appointed
    | NobodyHome
    | Accepted
    | Reconciled
    | Closed
    | Failed
    | Ended
)


@dataclass(frozen=True, slots=True)
class Pick:
    """The warehouse has the goods ready."""

    name: ClassVar[str] = "pick"
    label: ClassVar[Label] = Label("picked", "到仓")


@dataclass(frozen=True, slots=True)
class Pack:
    """Packed by area."""

    name: ClassVar[str] = "pack"
    label: ClassVar[Label] = Label("packed", "打包")


@dataclass(frozen=True, slots=True)
class HandOver:
    """Given to a courier."""

    name: ClassVar[str] = "hand_over"
    label: ClassVar[Label] = Label("handed over", "交给配送员")

    courier: str


@dataclass(frozen=True, slots=True)
class Arrive:
    """Arrived at a substation."""

    name: ClassVar[str] = "arrive"
    label: ClassVar[Label] = Label("received at a substation", "到达分站")

    substation: str


@dataclass(frozen=True, slots=True)
class Call:
    """The customer was called. `appointed`: for when, None where none was made."""

    name: ClassVar[str] = "call"
    label: ClassVar[Label] = Label("called about", "电话预约")

    appointed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    """Taken and paid at the door."""

    name: ClassVar[str] = "accept"
    label: ClassVar[Label] = Label("accepted", "签收")

    paid: Money
    how: Payment


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody was there."""

    name: ClassVar[str] = "nobody"
    label: ClassVar[Label] = Label("noted as nobody at the door", "记为上门无人")


@dataclass(frozen=True, slots=True)
class Fail:
    """It comes to nothing."""

    name: ClassVar[str] = "fail"
    label: ClassVar[Label] = Label("given up", "记为失败")

    reason: Reason


@dataclass(frozen=True, slots=True)
class Reconcile:
    """The statement says the same as the door, to the cent."""

    name: ClassVar[str] = "reconcile"
    label: ClassVar[Label] = Label("reconciled", "对账")


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing is left to do."""

    name: ClassVar[str] = "close"
    label: ClassVar[Label] = Label("closed", "结清")


@dataclass(frozen=True, slots=True)
class End:
    """The second approach is in the ledger (`contact`), or may not be made."""

    name: ClassVar[str] = "end"
    label: ClassVar[Label] = Label("ended", "了结")

    contact: int | None


Event: TypeAlias = Pick | Pack | HandOver | Arrive | Call | Accept | Nobody | Fail | Reconcile | Close | End
