"""A kept plan dated anew on a later day: what was done stays, who may not be contacted any
more is left out, as little as necessary moves.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
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
from telewave.planning.document import SUMS, dated_parts
from telewave.planning.gathering import customers_of
from telewave.planning.model import GONE, ContactState, Plan
from telewave.planning.other_touches import near, recorded, touches_elsewhere
from telewave.planning.plan_rows import contact_arrays, days_of
from telewave.planning.plan_tables import CONTACTS, EPOCH, PlanRows, hashes_of, ordinals
from telewave.planning.plans import (
    aims_of,
    classes_of,
    contacts_of,
    control_of,
    keep,
    plan_in_force,
    prices_of,
)
from telewave.planning.proposal import spacing_of
from telewave.planning.wave_words import waves_of_rows
from telewave.platform.database import Database
from telewave.platform.progress import Progress as Bars
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.scheduling.carried_out import NO_OFFER, LetGo, Touched, days_out, matched
from telewave.scheduling.replanning import ChangeCount, Progress, changes, replan
from telewave.scheduling.spacing import NO_DAY, Touches
from telewave.scheduling.waves import Contacts, Dated, send_minutes

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Redated:
    """What became of the contacts. `done`: made already; `withdrawn`: of subscribers who ordered
    meanwhile; `refused`: of those who consent to the channel no more; `moved` and `undated` are of the
    others. `plan`: what is put before an approver again.
    """

    plan: Plan
    contacts: int
    done: int
    withdrawn: int
    refused: int
    moved: int
    undated: int
    counts: tuple[ChangeCount, ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Standing:
    """How the plan's contacts stand: day of each (done: the real one), whether done,
    ordered, without consent; and all other touches.
    """

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
    now: datetime,
    assume_done: bool = False,
    let_go: LetGo | None = None,
) -> Redated:
    """Date the plan in force anew by the campaign file as it is now, and keep the
    result as a plan of its own; the old one stays.

    Done is what the recorded contacts show (`assume_done`: also everything that was planned for a day before `today`),
    on the day on which it was made, and what was `let_go` up to `today`: nobody is let go twice, so a new day for it
    would never come. Who has ordered one of the plan's offers or products (names under which they are
    recorded) since the campaign began, or does not consent to the channel any more, is not contacted: such contacts
    stay in the plan with a state that says so. Raises `NotPlanned`, `PlanChanged`, `PlanOfOtherChannels`.
    """
    parent = plan_in_force(database, brief.id, as_of)
    everything = contacts_of(warehouse, parent)
    gone = pc.is_in(everything["state"], pa.array([state.value for state in GONE]))
    rows = everything.filter(pc.invert(gone))
    contacts, before = contact_arrays(rows, brief), days_of(rows)
    contacts = replace(contacts, household=_households(warehouse, brief, as_of, contacts))
    with bars.step(Message("Looking up what was done")):
        products = parent.content["products"]
        found = _standing(
            warehouse, database, brief, rows, contacts, today, products, assume_done, as_of, let_go
        )
    with bars.step(Message("Dating the contacts anew")):
        progress = Progress(found.day, found.done, found.wanted)
        after = replan(contacts, progress, brief.timetable, spacing_of(brief), today, found.elsewhere)
    day = after.dated.day.astype(np.int64)
    kept = pa.concat_tables([_dated(rows, contacts, brief, after.dated, found), everything.filter(gone)])
    plan = _keep(warehouse, database, parent, brief, kept, today, now)
    moved = (day != before) & (before != NO_DAY) & (day != NO_DAY) & ~found.done
    return Redated(
        plan=plan,
        contacts=len(rows),
        done=int(found.done.sum()),
        withdrawn=int((found.ordered & ~found.done).sum()),
        refused=int((found.refused & ~found.ordered & ~found.done).sum()),
        moved=int(moved.sum()),
        undated=int(((day == NO_DAY) & found.wanted).sum()),
        counts=changes(contacts, progress, after),
    )


def _households(
    warehouse: Warehouse, brief: Brief, as_of: date | None, contacts: Contacts
) -> NDArray[np.int64] | None:
    """Who holds each contact's line, where the campaign limits the contacts of a household."""
    if brief.household_contacts is None:
        return None
    return customers_of(warehouse, as_of, np.asarray(contacts.subscriber, np.int64))


def _standing(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    rows: pa.Table,
    contacts: Contacts,
    today: date,
    products: Collection[str],
    assume_done: bool,
    as_of: date | None,
    let_go: LetGo | None,
) -> _Standing:
    day = days_of(rows)
    real, records, used = made_on_record(warehouse, brief, rows, contacts, today, products)
    if let_go is not None:
        real = np.where(
            real == NO_DAY, days_out(rows["subscriber"].to_numpy(), rows["touch"].to_numpy(), let_go), real
        )
    done = real != NO_DAY
    if assume_done:
        done |= (day != NO_DAY) & (day < today.toordinal())
    others = records.filter(pa.array(~used))
    return _Standing(
        np.where(real != NO_DAY, real, day).astype(np.int32),
        done,
        _ordered(warehouse, brief, rows, contacts, today, products),
        _refused(warehouse, database, brief, contacts, today),
        touches_elsewhere(warehouse, database, brief, others, as_of),
    )


def made_on_record(
    warehouse: Warehouse,
    brief: Brief,
    rows: pa.Table,
    contacts: Contacts,
    today: date,
    products: Collection[str],
) -> tuple[NDArray[np.int64], pa.Table, Flags]:
    """The day on which each contact was made by the records of the days before `today`, `NO_DAY` where none tells so;
    the contacts on record near the campaign, and which of them are of the plan.
    """
    records = recorded(warehouse, near(brief)[0], today)
    planned = _planned(rows, contacts, days_of(rows))
    real, used = matched(planned, _recorded(records, rows, brief, products))
    return real, records, used


def _planned(rows: pa.Table, contacts: Contacts, day: NDArray[np.int32]) -> Touched:
    return Touched(
        np.asarray(contacts.subscriber, np.int64),
        np.asarray(contacts.channel, np.int64),
        _places(rows["offer"], _offers(rows)),
        day.astype(np.int64),
    )


def _recorded(records: pa.Table, rows: pa.Table, brief: Brief, products: Collection[str]) -> Touched:
    """Records of the campaign's own days and channels may be of the plan. An offer that is a
    product's name says nothing of which offer.
    """
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
    found = orders_of(warehouse, brief, [*_offers(rows), *sorted(products)], today)
    return np.isin(np.asarray(contacts.subscriber, np.int64), found["subscriber"].to_numpy().astype(np.int64))


def orders_of(warehouse: Warehouse, brief: Brief, names: Collection[str], today: date) -> pa.Table:
    """Orders of these offers or products from the campaign's first day to before `today`: subscriber, offer."""
    orders = warehouse.read(
        "orders",
        CONTRACTS["orders"].schema,
        lambda day: brief.first.isoformat() <= day < today.isoformat(),
    )
    found = warehouse.engine.fetch(orders.select("subscriber", "offer"))
    return found.filter(pa.array(_places(found["offer"], list(names)) >= 0))


def _refused(
    warehouse: Warehouse, database: Database, brief: Brief, contacts: Contacts, today: date
) -> Flags:
    """Who does not consent to the contact's channel as things are known today: by
    the newest wide table, and events until now.
    """
    built = [day for day in wide_dates(warehouse) if day <= today]
    refused = np.zeros(len(contacts), np.bool_)
    if not built:
        return refused
    wide = open_wide(warehouse, built[-1])
    now = WideTable(relation=wide.relation, key=wide.key, variables=wide.variables, as_of=today)
    for number, channel in enumerate(brief.channels):
        if channel.consent is None:
            continue
        member = predicate(warehouse, database, channel.consent)(now)
        willing = warehouse.engine.fetch(now.relation.filter(member).select(now.key))
        mine = contacts.channel == number
        refused |= mine & ~np.isin(contacts.subscriber, willing[now.key].to_numpy())
    return refused


def _dated(rows: pa.Table, contacts: Contacts, brief: Brief, dated: Dated, now: _Standing) -> pa.Table:
    """The rows with their new days, times, reasons and states."""
    day = dated.day.astype(np.int64)
    minute = send_minutes(contacts, dated.day, brief.timetable)
    state = np.full(len(day), ContactState.PLANNED.value, dtype=object)
    state[now.refused], state[now.ordered] = ContactState.REFUSED.value, ContactState.ORDERED.value
    state[now.done] = ContactState.DONE.value
    columns: dict[str, Any] = {
        "day": pa.array((day - EPOCH).astype(np.int32), pa.int32(), mask=day == NO_DAY).cast(pa.date32()),
        "minute": pa.array(minute, pa.int16(), mask=minute < 0),
        "why": pa.array(np.where(now.wanted, dated.why, 0).astype(np.int8)),
        "state": pa.array(state, pa.string()),
    }
    for name, values in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), CONTACTS.field(name), values)
    return rows


def _keep(
    warehouse: Warehouse,
    database: Database,
    parent: Plan,
    brief: Brief,
    contacts: pa.Table,
    today: date,
    now: datetime,
) -> Plan:
    """Keep the redated plan beside its parent: the same control groups, classes and prices, its own rows."""
    rows = PlanRows(
        contacts=contacts,
        control=control_of(warehouse, parent),
        classes=classes_of(warehouse, parent),
        prices=prices_of(warehouse, parent),
        aims=aims_of(warehouse, parent),
    )
    state = contacts["state"]
    stands = pc.and_(
        pc.is_valid(contacts["day"]), pc.invert(pc.is_in(state, pa.array([one.value for one in GONE])))
    )
    standing = contacts.filter(stands)
    content = {
        **parent.content,
        **dated_parts(brief),
        "parent": parent.hash,
        "redated": today.isoformat(),
        "contacts": len(contacts),
        "without_day": len(contacts) - len(standing),
        "done": int(np.count_nonzero(pc.equal(state, pa.scalar(ContactState.DONE.value)).to_numpy())),
        "waves": waves_of_rows(parent.content.get("waves"), standing),
        **{name: round(pc.sum(standing[column]).as_py() or 0.0, 2) for name, column in SUMS.items()},
        **hashes_of(rows),
    }
    return keep(
        warehouse,
        database,
        content,
        rows,
        campaign=brief.id,
        as_of=parent.as_of,
        now=now,
        parent=parent.hash,
    )
