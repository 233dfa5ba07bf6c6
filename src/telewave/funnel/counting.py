"""Contacts and the orders after them, counted by the warehouse's engine: those of which the records tell the same come
as one row with their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.funnel.assumptions import UNGROUPED
from telewave.funnel.circumstances import MOST_EARLIER, Circumstances, Made
from telewave.funnel.comparing import People
from telewave.funnel.learning import Alike
from telewave.funnel.model import Question
from telewave.funnel.steps import CHANNELS, Family, Order, Outcome
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTACTS, ORDERS
from telewave.targeting.usecases import groups, partition_of

_DRAWN: list[tuple[str, pa.DataType]] = [
    ("subscriber", pa.int64()),
    ("share", pa.float64()),
    ("held", pa.bool_()),
]
DRAWN = pa.schema(_DRAWN)
"""Who took part in a campaign's draw, as planning leaves it."""
_KEYS = ("channel", "disposition", "reached", "order", "group", "offer", "bin")
BINS = 10
"""Classes of equal size into which the model's chances are cut; their mean logit is the covariate."""


def contacts_in(warehouse: Warehouse, question: Question, among: ir.Table | None = None) -> ir.Table:
    """The contacts of the question's days, of its offer where it names one; `among`: those to look among, of more days.
    `row` numbers them in time, by every column, so that only contacts alike in all of them could change places.
    """
    days = (question.since.isoformat(), question.as_of.isoformat())
    if among is None:
        found = warehouse.read("contacts", CONTACTS.schema, lambda day: days[0] <= day < days[1])
    else:
        found = among.filter(among.contacted_at.date() >= ibis.date(days[0]))
    if question.offer:
        found = found.filter(found.offer == question.offer)
    every = [found[name] for name in sorted(found.columns, key=lambda name: name != "contacted_at")]
    return found.mutate(row=ibis.row_number().over(order_by=every))


def orders_before(warehouse: Warehouse, question: Question) -> ir.Table:
    """Orders known as of the question's date, of its offer where it names one."""
    found = warehouse.read("orders", ORDERS.schema, lambda day: day < question.as_of.isoformat())
    return found.filter(found.offer == question.offer) if question.offer else found


def offers_known(warehouse: Warehouse, question: Question) -> list[str]:
    """Offers of contacts and orders before the as-of date."""
    names: set[str] = set()
    for table, schema in (("contacts", CONTACTS.schema), ("orders", ORDERS.schema)):
        read = warehouse.read(table, schema, lambda day: day < question.as_of.isoformat())
        found = warehouse.engine.fetch(read.filter(read.offer.notnull()).select("offer").distinct())
        names |= {str(name) for name in found["offer"].to_pylist()}
    return sorted(names)


def alike(warehouse: Warehouse, question: Question) -> list[Alike]:
    """All contacts of the question, counted by what the records tell of them."""
    contacts = contacts_in(warehouse, question)
    with_order = with_orders(contacts, orders_before(warehouse, question), question)
    found = placed(with_order, warehouse, question)
    rows = warehouse.engine.fetch(found.group_by(*_KEYS).aggregate(n=found.count(), score=found.score.mean()))
    return sorted(map(_counted, rows.to_pylist()), key=repr)


def each(warehouse: Warehouse, question: Question) -> pa.Table:
    """Every contact of the question by itself, in order of time: columns subscriber, channel, disposition, reached,
    order, group, offer.
    """
    with_order = with_orders(contacts_in(warehouse, question), orders_before(warehouse, question), question)
    found = placed(with_order, warehouse, question).order_by("row")
    names = ("subscriber", "channel", "disposition", "reached", "order", "group", "offer")
    return warehouse.engine.fetch(found.select(*names))


def last_day(warehouse: Warehouse) -> date | None:
    """The newest day of which contacts or orders are on record; None where there are none."""
    days = [day for table in ("contacts", "orders") for day in warehouse.manifest(table).partitions]
    return date.fromisoformat(max(days)) if days else None


def made(warehouse: Warehouse, question: Question) -> list[Made]:
    """Calls and visits of the question with the hour, agent, script and earlier attempts of each, counted likewise."""
    contacts = contacts_in(warehouse, question)
    attended = [channel for channel, family in CHANNELS.items() if family is not Family.MESSAGE]
    before = ibis.row_number().over(group_by=["subscriber", "channel"], order_by="row")
    contacts = contacts.filter(contacts.channel.isin(attended))
    contacts = contacts.mutate(
        hour=contacts.contacted_at.hour(), earlier=ibis.least(before, ibis.literal(MOST_EARLIER))
    )
    known = placed(with_orders(contacts, orders_before(warehouse, question), question), warehouse, question)
    keys = (*_KEYS, "hour", "earlier", "agent", "script")
    rows = warehouse.engine.fetch(known.group_by(*keys).aggregate(n=known.count(), score=known.score.mean()))
    found = [(_counted(row), _circumstances(row)) for row in rows.to_pylist()]
    return sorted(found, key=repr)


def _circumstances(row: Mapping[str, Any]) -> Circumstances:
    return Circumstances(
        hour=f"{row['hour']:02d}",
        earlier=str(row["earlier"]),
        agent=row["agent"] or "",
        script=row["script"] or "",
    )


def _counted(row: Mapping[str, Any]) -> Alike:
    return Alike(
        outcome=Outcome(
            channel=row["channel"],
            disposition=row["disposition"],
            reached=row["reached"],
            order=Order(row["order"]),
        ),
        group=row["group"] or UNGROUPED,
        offer=row["offer"] or "",
        score=round(row["score"] or 0.0, 6),
        n=row["n"],
    )


def with_orders(contacts: ir.Table, orders: ir.Table, question: Question) -> ir.Table:
    """`order`: a code of `Order`. An order that no contact names belongs to the last contact of its subscriber and
    offer before it, where that was within the days allowed.
    """
    named = (
        contacts.semi_join(orders.filter(orders.reference.notnull()), "reference").select("row").distinct()
    )
    free = orders.anti_join(contacts.filter(contacts.reference.notnull()), "reference")
    free = free.select(taker="subscriber", taken="offer", ordered_at="ordered_at").distinct()
    joined = contacts.inner_join(
        free,
        [
            contacts.subscriber == free.taker,
            contacts.offer == free.taken,
            free.ordered_at >= contacts.contacted_at,
            free.ordered_at < contacts.contacted_at + ibis.interval(days=question.days),
        ],
    )
    followed = (
        joined.group_by("taker", "taken", "ordered_at")
        .aggregate(row=joined.row.max())
        .select("row")
        .distinct()
    )
    marked = contacts.left_join(named.mutate(named=True), "row").drop("row_right")
    marked = marked.left_join(followed.mutate(followed=True), "row").drop("row_right")
    ends = marked.contacted_at.date() + ibis.interval(days=question.days)
    order = ibis.cases(
        (marked.named.notnull(), Order.REFERRED.value),
        (marked.followed.notnull(), Order.FOLLOWED.value),
        (ends > ibis.date(question.as_of.isoformat()), Order.OPEN.value),
        else_=Order.NONE.value,
    )
    return marked.mutate(order=order)


def placed(contacts: ir.Table, warehouse: Warehouse, question: Question) -> ir.Table:
    """With `group`, `score` (logit of the model's chance) and its `bin`; unknown without a model."""
    if not question.model:
        return contacts.mutate(group=ibis.literal(UNGROUPED), score=ibis.literal(0.0), bin=ibis.literal(0))
    people = _people(warehouse, question)
    found = contacts.left_join(people, contacts.subscriber == people.person)
    return found.mutate(bin=found.score.notnull().ifelse(found.bin, -1))


def _people(warehouse: Warehouse, question: Question) -> ir.Table:
    made = groups(warehouse, question.model, question.groups_as_of)
    chance = made.probability.clip(lower=1e-7, upper=1 - 1e-7)
    return made.select(
        person=made.subscriber,
        group=made.group,
        score=(chance / (1 - chance)).ln(),
        bin=ibis.ntile(BINS).over(order_by=[made.probability, made.subscriber]),
    )


def people(warehouse: Warehouse, question: Question) -> People:
    """Everybody of the model's groups, with the contacts and orders of the window."""
    person = _people(warehouse, question)
    contacts, orders = contacts_in(warehouse, question), orders_before(warehouse, question)
    before = orders.filter(orders.ordered_at.date() < ibis.date(question.since.isoformat()))
    within = orders.filter(orders.ordered_at.date() >= ibis.date(question.since.isoformat()))
    took = within.group_by(taker="subscriber").aggregate(ordered=within.ordered_at.min())
    found = person.anti_join(before, person.person == before.subscriber)
    touched = _touched(contacts)
    found = found.left_join(touched, found.person == touched.touched)
    found = found.left_join(took, found.person == took.taker)
    found = _drawn(warehouse, found, question)
    rows = warehouse.engine.fetch(
        found.select(
            "person",
            "group",
            "score",
            "kept",
            "held",
            "first",
            "also_at",
            "ordered",
            through=found.channel.fill_null(""),
            also=found.also.fill_null(""),
            took=found.taker.notnull(),
        ).order_by("person")
    )
    return People(
        person=np.array(rows["person"], dtype=np.int64),
        contacted_on=_days_from(question.since, rows["first"]),
        also_on=_days_from(question.since, rows["also_at"]),
        also=_texts(rows["also"]),
        ordered_on=_days_from(question.since, rows["ordered"]),
        group=_texts(rows["group"]),
        score=np.array(rows["score"], dtype=np.float64),
        channel=_texts(rows["through"]),
        took=np.array(rows["took"], dtype=bool),
        kept=np.array(rows["kept"].cast(pa.float64()), dtype=np.float64),
        held=np.array(rows["held"], dtype=bool),
    )


def _touched(contacts: ir.Table) -> ir.Table:
    """Who was contacted: channel and time of the first contact, and of the first one through another channel."""
    first = contacts.group_by(one="subscriber").aggregate(
        channel=contacts.channel.argmin(contacts.row), first=contacts.contacted_at.min()
    )
    every = contacts.inner_join(first, contacts.subscriber == first.one)
    other = every.filter(every.channel != every.channel_right)
    also = other.group_by(another="one").aggregate(
        also=other.channel.argmin(other.row), also_at=other.contacted_at.min()
    )
    joined = first.left_join(also, first.one == also.another)
    return joined.select("channel", "first", "also", "also_at", touched="one")


def _texts(column: pa.ChunkedArray[Any]) -> NDArray[np.str_]:
    """The texts of a column of few different ones: only these become Python's, the others by their place."""
    coded = column.combine_chunks().dictionary_encode()
    return np.array(coded.dictionary.to_pylist(), dtype=str)[coded.indices.to_numpy()]


def _days_from(first: date, instants: pa.ChunkedArray[Any]) -> NDArray[np.float64]:
    """Whole days from `first` to each instant, NaN where there is none."""
    days = np.array(instants.cast(pa.timestamp("us")), dtype="datetime64[D]") - np.datetime64(first)
    return np.where(np.isnat(days), np.nan, days.astype(np.float64))


def _drawn(warehouse: Warehouse, found: ir.Table, question: Question) -> ir.Table:
    """With `kept` and `held` of the campaign's draws up to the first day; null and False of who was in none."""
    if not question.campaign:
        return found.mutate(kept=ibis.null("float64"), held=ibis.literal(False))
    since = question.since.isoformat()
    read = warehouse.read(f"drawn.{question.campaign}", DRAWN, lambda day: day <= since)
    drawn = read.group_by(drawn_one="subscriber").aggregate(kept=1 - read.share.max(), held=read.held.any())
    joined = found.left_join(drawn, found.person == drawn.drawn_one)
    return joined.mutate(held=joined.held.fill_null(False))


def campaigns_drawn(warehouse: Warehouse) -> list[str]:
    """Campaigns whose holdout was drawn as of a day."""
    names = [name for name in warehouse.tables() if name.startswith("drawn.")]
    found = [name.removeprefix("drawn.") for name in names]
    return sorted(campaign for campaign in found if first_drawn(warehouse, campaign))


def first_drawn(warehouse: Warehouse, campaign: str) -> str:
    """The day as of which the campaign's holdout was first drawn, year-month-day; "" where it was as of none."""
    days = warehouse.manifest(f"drawn.{campaign}").partitions
    return min((day for day in days if day != partition_of(None)), default="")
