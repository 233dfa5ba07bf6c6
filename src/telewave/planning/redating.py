"""A kept plan dated anew on a later day: what was done stays, who may not be contacted any more is left out, as little as necessary moves."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.audiences.usecases import predicate
from telewave.briefs.model import Brief
from telewave.features.model import WideTable
from telewave.features.usecases import open_wide, wide_dates
from telewave.kernel import Message
from telewave.planning.other_touches import EPOCH, near, ordinals, recorded, touches_elsewhere
from telewave.planning.plan_rows import contacts_of, days_of
from telewave.planning.proposal import spacing_of
from telewave.planning.usecases import CONTACTS, CONTROL, fingerprint, planned, write_rows
from telewave.platform.database import Database
from telewave.platform.progress import Progress as Bars
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.scheduling.carried_out import NO_OFFER, Touched, matched
from telewave.scheduling.replanning import ChangeCount, Progress, changes, replan
from telewave.scheduling.spacing import NO_DAY, Touches
from telewave.scheduling.waves import Contacts
from telewave.targeting.usecases import partition_of

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Redated:
    """What became of the contacts. `done`: made already; `withdrawn`: of subscribers who ordered meanwhile; `refused`: of those who consent to the
    channel no more; `moved` and `undated` are of the others. `document`: what is put before an approver again, fit for JSON.
    """

    contacts: int
    done: int
    withdrawn: int
    refused: int
    moved: int
    undated: int
    counts: tuple[ChangeCount, ...]
    document: str


@dataclass(frozen=True, eq=False, slots=True)
class _Standing:
    """How the plan's contacts stand: day of each (done: the real one), whether done, ordered, without consent; and all other touches."""

    day: NDArray[np.int32]
    done: Flags
    ordered: Flags
    refused: Flags
    elsewhere: Touches | None

    @property
    def wanted(self) -> Flags:
        """Contacts that stay in the plan."""
        return np.asarray(self.done | ~(self.ordered | self.refused))


def redate(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    as_of: date | None,
    today: date,
    bars: Bars,
    *,
    products: Collection[str] = (),
    assume_done: bool = False,
) -> Redated:
    """Date the kept plan anew by the campaign file as it is now, and keep the result in its place.

    Done is what the recorded contacts show (`assume_done`: also everything that was planned for a day before `today`), on the day on which it was
    made. Who has ordered one of the plan's offers or `products` (names under which they are recorded) since the campaign began, or does not consent
    to the channel any more, is not contacted. Raises `NotPlanned`, `PlanOfOtherChannels`.
    """
    rows = planned(warehouse, brief, as_of)
    contacts, before = contacts_of(rows, brief), days_of(rows)
    with bars.step(Message("Looking up what was done")):
        now = _standing(warehouse, database, brief, rows, contacts, today, products, assume_done)
    with bars.step(Message("Dating the contacts anew")):
        progress = Progress(now.day, now.done, now.wanted)
        after = replan(contacts, progress, brief.timetable, spacing_of(brief), today, now.elsewhere)
    found = after.dated.day.astype(np.int64)
    kept = _dated(rows, found).filter(pa.array(now.wanted))
    write_rows(warehouse, f"plan.{brief.id}", partition_of(as_of), kept)
    kept = planned(warehouse, brief, as_of)
    moved = (found != before) & (before != NO_DAY) & (found != NO_DAY) & ~now.done
    return Redated(
        len(rows),
        int(now.done.sum()),
        int((now.ordered & ~now.done).sum()),
        int((now.refused & ~now.ordered & ~now.done).sum()),
        int(moved.sum()),
        int(((found == NO_DAY) & now.wanted).sum()),
        changes(contacts, progress, after),
        _document(warehouse, brief, as_of, today, kept, now),
    )


def _standing(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    rows: pa.Table,
    contacts: Contacts,
    today: date,
    products: Collection[str],
    assume_done: bool,
) -> _Standing:
    day = days_of(rows)
    records = recorded(warehouse, near(brief)[0], today)
    real, used = matched(_planned(rows, contacts, day), _recorded(records, rows, brief, products))
    done = real != NO_DAY
    if assume_done:
        done |= (day != NO_DAY) & (day < today.toordinal())
    others = records.filter(pa.array(~used))
    return _Standing(
        np.where(real != NO_DAY, real, day).astype(np.int32),
        done,
        _ordered(warehouse, brief, rows, contacts, today, products),
        _refused(warehouse, database, brief, contacts, today),
        touches_elsewhere(warehouse, brief, others),
    )


def _planned(rows: pa.Table, contacts: Contacts, day: NDArray[np.int32]) -> Touched:
    return Touched(
        np.asarray(contacts.subscriber, np.int64),
        np.asarray(contacts.channel, np.int64),
        _places(rows["offer"], _offers(rows)),
        day.astype(np.int64),
    )


def _recorded(records: pa.Table, rows: pa.Table, brief: Brief, products: Collection[str]) -> Touched:
    """Records of the campaign's own days and channels may be of the plan. An offer that is a product's name says nothing of which offer."""
    channel = _places(records["channel"], [one.records or one.id for one in brief.channels])
    day, offers = ordinals(records["day"]), _offers(rows)
    offer = _places(records["offer"], offers)
    stated = records["offer"].is_valid().to_numpy() & (_places(records["offer"], sorted(products)) < 0)
    other = np.where(offer < 0, len(offers), offer)
    return Touched(
        records["subscriber"].to_numpy().astype(np.int64),
        np.where(day >= brief.first.toordinal(), channel, -1),
        np.where(stated, other, NO_OFFER),
        day,
    )


def _offers(rows: pa.Table) -> list[str]:
    return sorted({str(offer) for offer in pc.unique(rows["offer"].combine_chunks()).to_pylist()})


def _places(column: pa.ChunkedArray[Any], known: list[str]) -> NDArray[np.int64]:
    """Place of each word in `known`, -1 where it is none of them."""
    places: Any = pc.index_in(column, pa.array(known, pa.string()))
    return np.asarray(pc.fill_null(places, -1).to_numpy(), np.int64)


def _ordered(
    warehouse: Warehouse,
    brief: Brief,
    rows: pa.Table,
    contacts: Contacts,
    today: date,
    products: Collection[str],
) -> Flags:
    """Whose subscriber has ordered an offer of the plan, or a product, since the campaign began."""
    orders = warehouse.read(
        "orders",
        CONTRACTS["orders"].schema,
        lambda day: brief.first.isoformat() <= day < today.isoformat(),
    )
    found = warehouse.engine.fetch(orders.select("subscriber", "offer"))
    found = found.filter(pa.array(_places(found["offer"], [*_offers(rows), *sorted(products)]) >= 0))
    return np.isin(np.asarray(contacts.subscriber, np.int64), found["subscriber"].to_numpy().astype(np.int64))


def _refused(
    warehouse: Warehouse, database: Database, brief: Brief, contacts: Contacts, today: date
) -> Flags:
    """Who does not consent to the contact's channel as things are known today: by the newest wide table, and events until now."""
    built = [day for day in wide_dates(warehouse) if day <= today]
    refused = np.zeros(len(contacts), np.bool_)
    if not built:
        return refused
    wide = open_wide(warehouse, built[-1])
    now = WideTable(wide.relation, wide.key, wide.variables, today)
    for number, channel in enumerate(brief.channels):
        if channel.consent is None:
            continue
        member = predicate(warehouse, database, channel.consent)(now)
        willing = warehouse.engine.fetch(now.relation.filter(member).select(now.key))
        mine = contacts.channel == number
        refused |= mine & ~np.isin(contacts.subscriber, willing[now.key].to_numpy())
    return refused


def _dated(rows: pa.Table, days: NDArray[np.int64]) -> pa.Table:
    dates = pa.array((days - EPOCH).astype(np.int32), pa.int32(), mask=days == NO_DAY).cast(pa.date32())
    return rows.set_column(rows.schema.get_field_index("day"), CONTACTS.field("day"), dates)


def _document(
    warehouse: Warehouse, brief: Brief, as_of: date | None, today: date, kept: pa.Table, now: _Standing
) -> str:
    """The redated plan in numbers, and the fingerprints of its rows; the same text for the same plan."""
    partition = partition_of(as_of)
    control = warehouse.engine.fetch(
        warehouse.read(f"control.{brief.id}", CONTROL, partition.__eq__).order_by("subscriber")
    )
    with_day = kept.filter(pc.is_valid(kept["day"]))
    content = {
        "campaign": brief.id,
        "as_of": as_of.isoformat() if as_of else None,
        "redated": today.isoformat(),
        "model": brief.model,
        "contacts": len(kept),
        "done": int(now.done.sum()),
        "without_day": len(kept) - len(with_day),
        "expected_profit": round(pc.sum(with_day["expected_profit"]).as_py() or 0.0, 2),
        "rows_sha256": fingerprint(kept),
        "control_sha256": fingerprint(control),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
