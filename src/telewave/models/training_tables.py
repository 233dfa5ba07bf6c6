"""What to learn from, read from the warehouse: the operator's wide tables with their outcomes, or an outside table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from telewave.features.model import Variable, WideTable
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.models.dataset import Booleans, Integers, TrainingTable, day_number
from telewave.models.labelling import labelled
from telewave.models.order import halves, order_matters, sorted_by_outcome
from telewave.models.target import Target, check_known, orders_end_early
from telewave.platform.progress import Progress, track
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import ORDERS
from telewave.records.mapping import Order

MOST_ROWS = 2_000_000

Audience = Callable[[WideTable], ir.BooleanValue]
WideAsOf = Callable[[Warehouse, date], WideTable]


class NoAsOfDates(Malformed):
    """No as-of date was given to learn from. Give at least two, a month apart, so
    that the later one can judge the earlier.
    """

    code = "no_as_of_dates"


class NoOrders(Missing):
    """There are no orders in the warehouse, so who took the offer is not known. Ingest the orders first."""

    code = "no_orders"


class OutcomesMissing(Conflict):
    """The outside table {name} has no row with an outcome to learn from. Name its outcome
    column in the mapping and ingest it again.
    """

    code = "outcomes_missing"


class OrderNotSaid(Conflict):
    """The mapping of {name} does not say in which order its rows lie, and it matters: of the first half of the rows
    {early:.1%} have the outcome, of the second {late:.1%}. Write `order: rows` in the mapping if the rows lie in order
    of time, `order: <column>` if a column says when, or `order: none` if they lie in no order of time, as rows sorted
    by their outcome do; then ingest the file again.
    """

    code = "order_not_said"


class SortedByOutcome(Conflict):
    """The rows of {name} are sorted by their outcome, which is no order of time: of the first half of the rows
    {early:.1%} have the outcome, of the second {late:.1%}. Write `order: none` in the mapping in place of the order
    that it says, or `order: <column>` with a column that says when; then ingest the file again.
    """

    code = "sorted_by_outcome"


def training_table(
    warehouse: Warehouse,
    target: Target,
    as_of_dates: Sequence[date],
    wide: WideAsOf,
    progress: Progress,
    audience: Audience | None = None,
    most_rows: int = MOST_ROWS,
    whom: str = "",
    before: date = date.max,
) -> TrainingTable:
    """Who took the target's offer, with the wide table as of each date; subscribers who already had it are left out.

    `wide` gives the wide table as of a date (`features.open_wide` or `build_wide`). `audience` restricts by an Ibis
    boolean over the wide table, `whom` says that in words. Above `most_rows`, non-takers are sampled by subscriber
    number, and `other_weight` says how many each stands for. What is on record of `before` or later
    counts as not known yet. Raises `NoAsOfDates`, `NoOrders`, `OutcomeNotYetKnown`.
    """
    dates = sorted(set(as_of_dates))
    if not dates:
        raise NoAsOfDates
    ordered = {day: n for day, n in _ordered(warehouse).items() if day < before}
    if not ordered:
        raise NoOrders
    last_day = min(max(*ordered, _last_day(warehouse)), before - timedelta(days=1))
    for as_of in dates:
        check_known(target, as_of, last_day)
    orders = warehouse.read("orders", ORDERS.schema)
    relations = []
    for as_of in track(progress, Message("Opening the wide tables"), dates, len(dates)):
        table = wide(warehouse, as_of)
        chosen = table.relation if audience is None else table.relation.filter(audience(table))
        relations.append((table, labelled(chosen, table.key, orders, target, as_of), as_of))
    gathered = _gathered(warehouse, target, relations, most_rows, progress)
    return replace(gathered, audience=whom, warnings=orders_end_early(target, dates[-1], ordered))


def samples_table(
    warehouse: Warehouse, name: str, opened: WideTable, audience: Audience | None = None, whom: str = ""
) -> TrainingTable:
    """The outside table `name`, opened by `features.open_samples`, in the order of its `sequence`, with its `outcome`.

    Rows without an outcome are left out. Where the mapping says nothing of the order and it does not matter, there is
    none. Raises `OutcomesMissing`, `OrderNotSaid`, `SortedByOutcome`.
    """
    relation = opened.relation if audience is None else opened.relation.filter(audience(opened))
    known = relation.filter(relation.outcome.notnull())
    names = [v.name for v in opened.variables]
    rows = warehouse.engine.fetch(
        known.select("sequence", "outcome", opened.key, *names).order_by("sequence")
    )
    if not rows.num_rows:
        raise OutcomesMissing(name=name)
    facts = warehouse.manifest(f"samples.{name}").facts
    known_after = [c["name"] for c in facts.get("columns", ()) if c.get("known_after")]
    label, period = _booleans(rows, "outcome"), _numbers(rows, "sequence")
    ordered = _ordered_rows(name, str(facts.get("order", "")), label)
    return TrainingTable(
        rows=rows.select(names),
        variables=opened.variables,
        label=label,
        period=period,
        key=_numbers(rows, opened.key),
        target=Message("the outcome of {name}", name=name),
        data_window=_rows_of(name, rows.num_rows, ordered),
        dated=False,
        ordered=ordered,
        known_after=frozenset(known_after),
        audience=whom,
        content=content_of(warehouse, name),
    )


def content_of(warehouse: Warehouse, name: str) -> str:
    """A digest of what the outside table `name` holds, whatever it is called; empty where its
    parts have none or there is no such table.
    """
    parts = [part for files in warehouse.manifest(f"samples.{name}").partitions.values() for part in files]
    if not parts or not all(part.digest for part in parts):
        return ""
    return hashlib.sha256("".join(sorted(part.digest for part in parts)).encode()).hexdigest()


def _ordered_rows(name: str, said: str, label: Booleans) -> bool:
    """Whether the rows, in the order of `label`, are in order of time; `said`: the mapping's word, empty where it has
    none.
    """
    if said == Order.NONE or not label.any() or label.all():
        return said != Order.NONE and bool(said)
    early, late = halves(label)
    if not said and order_matters(label):
        raise OrderNotSaid(name=name, early=early, late=late)
    if said and sorted_by_outcome(label):
        raise SortedByOutcome(name=name, early=early, late=late)
    return bool(said)


def _rows_of(name: str, rows: int, ordered: bool) -> Message:
    if ordered:
        return Message("{rows} rows of {name} in their order", rows=rows, name=name)
    return Message("{rows} rows of {name}, which have no order", rows=rows, name=name)


def _gathered(
    warehouse: Warehouse,
    target: Target,
    relations: Sequence[tuple[WideTable, ir.Table, date]],
    most_rows: int,
    progress: Progress,
) -> TrainingTable:
    first = relations[0][0]
    names = [v.name for v in first.variables]
    count = sum(
        int(warehouse.engine.fetch(r.aggregate(n=r.count()))["n"][0].as_py()) for _, r, _ in relations
    )
    every = max(1, -(-count // most_rows))
    parts, days = [], []
    for table, relation, as_of in track(
        progress, Message("Reading what to learn from"), relations, len(relations)
    ):
        sampled = relation.filter(relation.took_offer | _one_in(relation[table.key], every))
        rows = warehouse.engine.fetch(narrow(sampled.select(table.key, "took_offer", *names)))
        parts.append(rows.sort_by(table.key))
        days.append(np.full(rows.num_rows, day_number(as_of), dtype=np.int64))
    rows = pa.concat_tables(parts, promote_options="permissive")
    variables = _comparable(first.variables, parts)
    return TrainingTable(
        rows=rows.select([v.name for v in variables]),
        variables=variables,
        label=_booleans(rows, "took_offer"),
        period=np.concatenate(days),
        key=_numbers(rows, first.key),
        target=target.sentence,
        data_window=Message(
            "as-of dates {first} to {last}, outcomes within {days} days",
            first=relations[0][2].isoformat(),
            last=relations[-1][2].isoformat(),
            days=target.window_days,
        ),
        dated=True,
        horizon=target.window_days,
        other_weight=float(every),
        offered=target,
    )


def _comparable(variables: Sequence[Variable], parts: Sequence[pa.Table]) -> tuple[Variable, ...]:
    """Without those that nobody has as of one date and somebody as of another: they
    tell the dates apart, not the subscribers.
    """

    def known(name: str) -> set[bool]:
        return {part.column(name).null_count < part.num_rows for part in parts if part.num_rows}

    return tuple(v for v in variables if len(known(v.name)) < 2)


def _one_in(key: ir.Value, every: int) -> ir.BooleanValue:
    """About one subscriber in `every`, the same ones at every as-of date and on
    every engine (Knuth's multiplicative hash).
    """
    chosen: ir.BooleanValue = ((key.cast("int64") * 2_654_435_761) % 4_294_967_296 // 65_536) % every == 0
    return chosen


def narrow(relation: ir.Table) -> ir.Table:
    """Of a wide table: 64-bit floats as 32-bit ones, which is what the learner bins by, at half the memory."""
    wide = {n: relation[n].cast("float32") for n, t in relation.schema().items() if t.is_floating()}
    return relation.mutate(**wide) if wide else relation


def _ordered(warehouse: Warehouse) -> dict[date, int]:
    """Orders of each day on which there are any."""
    partitions = warehouse.manifest("orders").partitions
    return {date.fromisoformat(day): sum(f.rows for f in files) for day, files in partitions.items()}


def last_known_day(warehouse: Warehouse) -> date:
    """The last day on which an order would be on record if there was one; the first of all where nothing is."""
    return max(*_ordered(warehouse), date.min, _last_day(warehouse))


def _last_day(warehouse: Warehouse) -> date:
    """The last day of any dated record: no order on a day that other records reach means that nobody ordered."""
    days = [
        date.fromisoformat(max(parts))
        for table in ("usage", "bills", "contacts", "payments")
        if (parts := warehouse.manifest(table).partitions)
    ]
    return max(days, default=date.min)


def _booleans(rows: pa.Table, name: str) -> Booleans:
    return np.asarray(rows.column(name).to_numpy()).astype(np.bool_)


def _numbers(rows: pa.Table, name: str) -> Integers:
    return np.asarray(rows.column(name).to_numpy()).astype(np.int64)
