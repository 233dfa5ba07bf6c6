"""Who a parcel waits for, and until when: one of each for every parcel that is not over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from telewave.fulfilment.model import (
    CALLING_DAYS,
    Accepted,
    Appointed,
    AtSubstation,
    AtWarehouse,
    Closed,
    Ended,
    Failed,
    NobodyHome,
    Ordered,
    Packed,
    Reconciled,
    State,
    WithCourier,
)
from telewave.kernel import Label

A_DAY = timedelta(hours=24)
A_CALL = timedelta(hours=8)
"""Until the next call for an appointment: nine of them in three days."""
A_VISIT = timedelta(hours=4)
"""After the appointed time, until the courier has told what became of it."""
AN_APPROACH = timedelta(days=3)
"""Until a customer whose delivery failed is approached a second time."""


class Role(StrEnum):
    """Who parcels wait for."""

    WAREHOUSE = "warehouse"
    DISPATCH = "dispatch"
    COURIER = "courier"
    SUBSTATION = "substation"
    ACCOUNTS = "accounts"
    CALLERS = "callers"

    @property
    def label(self) -> Label:
        """For people."""
        return ROLES[self]


ROLES = {
    Role.WAREHOUSE: Label("Warehouse", "仓库"),
    Role.DISPATCH: Label("Dispatch", "分拨"),
    Role.COURIER: Label("Courier", "配送员"),
    Role.SUBSTATION: Label("Substation", "分站"),
    Role.ACCOUNTS: Label("Accounts", "财务"),
    Role.CALLERS: Label("Callers", "外呼"),
}


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """Who: a role, and whose where there are several (a courier's name, an area, a substation)."""

    role: Role
    name: str = ""


def owner_and_due(
    state: State, area: str, courier: str, at: datetime
) -> tuple[Owner | None, datetime | None]:
    """Of a parcel of `area` that came into its state at `at`; both None where it is over. `courier`: who had it last.

    >>> from datetime import UTC
    >>> owner_and_due(WithCourier("Liu"), "North", "Liu", datetime(2026, 7, 8, 9, tzinfo=UTC))[0]
    Owner(role=<Role.COURIER: 'courier'>, name='Liu')
    """
    match state:
        case Ordered() | AtWarehouse():
            return Owner(Role.WAREHOUSE), at + A_DAY
        case Packed():
            return Owner(Role.DISPATCH, area), at + A_DAY
        case WithCourier(who):
            return Owner(Role.COURIER, who), at + A_DAY
        case AtSubstation(substation, since) | NobodyHome(substation, since):
            return Owner(Role.SUBSTATION, substation), min(at + A_CALL, max(since + CALLING_DAYS, at))
        case Appointed(at=appointed):
            return Owner(Role.COURIER, courier), appointed + A_VISIT
        case Accepted():
            return Owner(Role.COURIER, courier), at + A_DAY
        case Reconciled():
            return Owner(Role.ACCOUNTS), at + A_DAY
        case Failed():
            return Owner(Role.CALLERS), at + AN_APPROACH
        case Closed() | Ended():
            return None, None
        case _:
            assert_never(state)
