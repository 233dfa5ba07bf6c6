"""A kept plan dated anew on a later day: what was done stays, as little as necessary moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.kernel import Malformed, Message
from telewave.planning.campaign import Campaign
from telewave.planning.replanning import ChangeCount, Progress, changes, replan
from telewave.planning.spacing import NO_DAY, Spacing
from telewave.planning.usecases import CONTACTS, planned, write_rows
from telewave.planning.waves import Contacts
from telewave.platform.progress import Progress as Bars
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.targeting.usecases import partition_of

_EPOCH = date(1970, 1, 1).toordinal()


class PlanOfOtherChannels(Malformed):
    """The kept plan has contacts of {what} {name}, which the campaign file no longer names. Leave it in the file, with capacity 0 where it is not to be used, or make the plan anew."""


@dataclass(frozen=True, slots=True)
class Redated:
    """What became of the contacts. `done`: made already; `withdrawn`: of subscribers who ordered meanwhile; `moved` and `undated` are of the others."""

    contacts: int
    done: int
    withdrawn: int
    moved: int
    undated: int
    counts: tuple[ChangeCount, ...]


def redate(
    warehouse: Warehouse,
    campaign: Campaign,
    as_of: date | None,
    today: date,
    bars: Bars,
    *,
    assume_done: bool = False,
) -> Redated:
    """Date the kept plan anew by the campaign file as it is now, and keep the result in its place.

    Done is what the recorded contacts show (`assume_done`: everything that was planned for a day before `today`). Who has ordered since
    the campaign began is not contacted any more. Raises `NotPlanned`, `PlanOfOtherChannels`.
    """
    rows = planned(warehouse, campaign, as_of)
    contacts, day = _contacts(rows, campaign), _days(rows)
    before = today.toordinal()
    with bars.step(Message("Looking up what was done")):
        passed = (day != NO_DAY) & (day < before)
        made = passed if assume_done else passed & _recorded(warehouse, campaign, contacts, today)
        ordered = _ordered(warehouse, campaign, contacts.subscriber, today)
    with bars.step(Message("Dating the contacts anew")):
        progress = Progress(day, made, made | ~ordered)
        after = replan(contacts, progress, campaign.timetable, Spacing(campaign.spacing_days), today)
    found = after.dated.day.astype(np.int64)
    dates = pa.array((found - _EPOCH).astype(np.int32), pa.int32(), mask=found == NO_DAY).cast(pa.date32())
    new = rows.set_column(rows.schema.get_field_index("day"), CONTACTS.field("day"), dates)
    wanted = pa.array(made | ~ordered)
    write_rows(warehouse, f"plan.{campaign.id}", partition_of(as_of), new.filter(wanted))
    moved = (found != day) & (day != NO_DAY) & (found != NO_DAY)
    return Redated(
        len(rows),
        int(made.sum()),
        int((ordered & ~made).sum()),
        int(moved.sum()),
        int(((found == NO_DAY) & (made | ~ordered)).sum()),
        changes(contacts, progress, after),
    )


def _contacts(rows: pa.Table, campaign: Campaign) -> Contacts:
    channels = [channel.id for channel in campaign.channels]
    phases = [phase.id for phase in campaign.phases]
    return Contacts(
        rows["subscriber"].to_numpy(),
        _codes(rows, "channel", channels, Message("the channel")),
        _codes(rows, "phase", phases, Message("the phase")),
        rows["expected_profit"].to_numpy(),
        rows["probability"].to_numpy(),
        rows["touch"].to_numpy().astype(np.int64),
    )


def _codes(rows: pa.Table, column: str, names: list[str], what: Message) -> NDArray[np.int64]:
    found = pc.index_in(rows[column], pa.array(names, pa.string()))
    if found.null_count:
        missing = rows[column].filter(pc.is_null(found))[0].as_py()
        raise PlanOfOtherChannels(what=what, name=missing)
    return np.asarray(found.to_numpy()).astype(np.int64)


def _days(rows: pa.Table) -> NDArray[np.int32]:
    """Ordinals, `NO_DAY` where there is none."""
    days = rows["day"].cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.float64) + _EPOCH
    return np.where(np.isfinite(days), days, NO_DAY).astype(np.int32)


def _recorded(warehouse: Warehouse, campaign: Campaign, contacts: Contacts, today: date) -> NDArray[np.bool_]:
    """Which planned contacts were recorded since the campaign began: by subscriber and channel."""
    rows = _since(warehouse, "contacts", campaign.first, today, ["subscriber", "channel"])
    codes = pa.array([channel.records or channel.id for channel in campaign.channels], pa.string())
    rows = rows.filter(pc.is_in(rows["channel"], codes))
    channel = np.asarray(pc.index_in(rows["channel"], codes).to_numpy()).astype(np.int64)
    keys = rows["subscriber"].to_numpy().astype(np.int64) * len(codes) + channel
    return np.isin(np.asarray(contacts.subscriber, np.int64) * len(codes) + contacts.channel, keys)


def _ordered(warehouse: Warehouse, campaign: Campaign, subscriber: Any, today: date) -> NDArray[np.bool_]:
    rows = _since(warehouse, "orders", campaign.first, today, ["subscriber"])
    return np.isin(np.asarray(subscriber, np.int64), rows["subscriber"].to_numpy().astype(np.int64))


def _since(warehouse: Warehouse, table: str, first: date, end: date, columns: list[str]) -> pa.Table:
    """Columns of the records of the days from `first` to before `end`."""
    rows = warehouse.read(
        table, CONTRACTS[table].schema, lambda day: first.isoformat() <= day < end.isoformat()
    )
    return warehouse.engine.fetch(rows.select(*columns))
