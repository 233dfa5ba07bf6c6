"""A parcel as a value, what an event makes of it, and its state as text. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from telewave.fulfilment.model import (
    OVER,
    Accepted,
    Appointed,
    AtSubstation,
    AtWarehouse,
    Closed,
    Ended,
    Event,
    Failed,
    HandOver,
    NobodyHome,
    Ordered,
    Packed,
    Payment,
    Reason,
    Reconciled,
    Standing,
    State,
    WithCourier,
)
from telewave.fulfilment.responsible import Owner, owner_and_due
from telewave.fulfilment.transitions import Place, take
from telewave.kernel import Conflict, Money

CLASSES: dict[Standing, type[State]] = {
    one.standing: one
    for one in (
        Ordered, AtWarehouse, Packed, WithCourier, AtSubstation, Appointed, NobodyHome, Accepted, Reconciled, Closed,
        Failed, Ended,
    )
}  # fmt: skip


class ToldTooEarly(Conflict):
    """{file}, line {line}: this is said to have happened to the parcel of order {order} at {at}, before what is known
    of it ({last}). Nothing was taken over. Correct the time, or leave the line out.
    """

    code = "told_too_early"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """`order`: its number outside; `contact`: of the ledger that brought the order, under `campaign`; `courier`: who
    had it last, "" nobody yet; `last_at`: when it came into its state; `owner`, `due_at`: None where it is over.
    """

    serial: int
    order: str
    campaign: str
    contact: int
    subscriber: int
    offer: str
    area: str
    price: Money
    state: State
    courier: str
    owner: Owner | None
    due_at: datetime | None
    last_at: datetime
    sequence: int

    @property
    def is_over(self) -> bool:
        """Whether it waits for nobody."""
        return self.state.standing in OVER


def moved(before: Parcel, event: Event, at: datetime, place: Place) -> Parcel:
    """The parcel after `event`. Raises `ToldTooEarly` and what `take` raises."""
    if at < before.last_at:
        raise ToldTooEarly(file=place.file, line=place.line, order=before.order, at=at, last=before.last_at)
    state = take(before.state, event, at, place)
    courier = event.courier if isinstance(event, HandOver) else before.courier
    owner, due = owner_and_due(state, before.area, courier, at)
    return replace(
        before,
        state=state,
        courier=courier,
        owner=owner,
        due_at=due,
        last_at=at,
        sequence=before.sequence + 1,
    )


def detail_of(state: State) -> str:
    """What a state holds, as text that is the same for the same.

    >>> detail_of(WithCourier("Liu"))
    '{"courier": "Liu"}'
    """
    return json.dumps(
        {one.name: _told(getattr(state, one.name)) for one in fields(state)}, ensure_ascii=False
    )


def state_read(standing: str, detail: str) -> State:
    """The state of which `detail` is the text.

    >>> state_read("failed", detail_of(Failed(Reason.NOBODY)))
    Failed(reason=<Reason.NOBODY: 'nobody'>)
    """
    given: dict[str, Any] = json.loads(detail)
    return CLASSES[Standing(standing)](
        **{name: READ.get(name, _as_it_is)(value) for name, value in given.items()}
    )


def _as_it_is(value: Any) -> Any:
    return value


def _told(value: Any) -> Any:
    match value:
        case Money():
            return [value.minor, value.currency]
        case datetime():
            return value.isoformat()
        case _:
            return value


READ: dict[str, Any] = {
    "paid": lambda told: Money(*told),
    "since": datetime.fromisoformat,
    "at": datetime.fromisoformat,
    "how": Payment,
    "reason": Reason,
}
"""How a field of a state comes back."""
