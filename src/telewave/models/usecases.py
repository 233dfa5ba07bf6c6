"""Models on the warehouse: training tables from the operator's and from outside tables, scores written back.

Training and scoring read the same wide tables; nothing here knows how they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.features.model import Variable, WideTable
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.models.dataset import Booleans, Integers, TrainingTable, day_number
from telewave.models.labelling import holders, labelled
from telewave.models.model import ModelCard
from telewave.models.order import halves, order_matters, sorted_by_outcome
from telewave.models.response import FittedResponse
from telewave.models.store import Registered, damaged, find, load, load_card, registered, save, unregistered
from telewave.models.target import Target, check_known, orders_end_early
from telewave.models.training import train
from telewave.platform.database import Database
from telewave.platform.progress import Progress, track
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import ORDERS
from telewave.records.mapping import Order

__all__ = [
    "Registered",
    "Target",
    "find",
    "load",
    "load_card",
    "registered",
    "samples_table",
    "save",
    "score",
    "scores",
    "train",
    "training_table",
]

_COLUMNS: list[tuple[str, pa.DataType]] = [("subscriber", pa.int32()), ("probability", pa.float64())]
SCORES = pa.schema(_COLUMNS)
OUTSIDE = "all"
UNSAVED = "unsaved"
ROWS_A_BATCH = 500_000
MOST_ROWS = 2_000_000

Audience = Callable[[WideTable], ir.BooleanValue]
WideAsOf = Callable[[Warehouse, date], WideTable]


class NoAsOfDates(Malformed):
    """No as-of date was given to learn from. Give at least two, a month apart, so that the later one can judge the earlier."""

    code = "no_as_of_dates"


class NoOrders(Missing):
    """There are no orders in the warehouse, so who took the offer is not known. Ingest the orders first."""

    code = "no_orders"


class NobodyToScore(Conflict):
    """The table to score has no rows, or only those of subscribers who took the offer before. Build the wide table for that day, or widen the audience."""

    code = "nobody_to_score"


class OutcomesMissing(Conflict):
    """The outside table {name} has no row with an outcome to learn from. Name its outcome column in the mapping and ingest it again."""

    code = "outcomes_missing"


class OrderNotSaid(Conflict):
    """The mapping of {name} does not say in which order its rows lie, and it matters: of the first half of the rows {early:.1%} have the outcome, of the second {late:.1%}. Write `order: rows` in the mapping if the rows lie in order of time, `order: <column>` if a column says when, or `order: none` if they lie in no order of time, as rows sorted by their outcome do; then ingest the file again."""

    code = "order_not_said"


class SortedByOutcome(Conflict):
    """The rows of {name} are sorted by their outcome, which is no order of time: of the first half of the rows {early:.1%} have the outcome, of the second {late:.1%}. Write `order: none` in the mapping in place of the order that it says, or `order: <column>` with a column that says when; then ingest the file again."""

    code = "sorted_by_outcome"


class VariablesMissing(Conflict):
    """The table to score lacks variables that the model {model} was trained on: {names}. Build it with the same catalogue, or train the model again."""

    code = "variables_missing"


class NotScored(Missing):
    """The model {model} has no scores for {partition}. Run telewave score with the same model and date (or outside table) first."""

    code = "not_scored"


class ModelGone(Conflict):
    """The scores or groups were made by a version of the model {model} that is not in the registry. Run telewave score and telewave group again."""

    code = "model_gone"


@dataclass(frozen=True, slots=True)
class Scored:
    """How many `rows` were scored, and how many were not because they took the offer before (`holders`)."""

    rows: int
    holders: int


def training_table(
    warehouse: Warehouse,
    target: Target,
    as_of_dates: Sequence[date],
    wide: WideAsOf,
    progress: Progress,
    audience: Audience | None = None,
    most_rows: int = MOST_ROWS,
    whom: str = "",
) -> TrainingTable:
    """Who took the target's offer, with the wide table as of each date; subscribers who already had it are left out.

    `wide` gives the wide table as of a date (`features.open_wide` or `build_wide`). `audience` restricts by an Ibis boolean over the wide table,
    `whom` says that in words.
    Above `most_rows`, non-takers are sampled by subscriber number, and `other_weight` says how many each stands for.
    Raises `NoAsOfDates`, `NoOrders`, `OutcomeNotYetKnown`.
    """
    dates = sorted(set(as_of_dates))
    if not dates:
        raise NoAsOfDates
    ordered = _ordered(warehouse)
    if not ordered:
        raise NoOrders
    last_day = max(*ordered, _last_day(warehouse))
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

    Rows without an outcome are left out. Where the mapping says nothing of the order and it does not matter, there is none.
    Raises `OutcomesMissing`, `OrderNotSaid`, `SortedByOutcome`.
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
    )


def _ordered_rows(name: str, said: str, label: Booleans) -> bool:
    """Whether the rows, in the order of `label`, are in order of time; `said`: the mapping's word, empty where it has none."""
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


def restricted(wide: WideTable, audience: Audience) -> WideTable:
    """The rows of `wide` that are in `audience`."""
    return replace(wide, relation=wide.relation.filter(audience(wide)))


def score(
    fitted: FittedResponse,
    wide: WideTable,
    warehouse: Warehouse,
    progress: Progress,
    batch_rows: int = ROWS_A_BATCH,
) -> Scored:
    """Write the probabilities of the rows of `wide` to `scores.<model>`, partition as-of date ("all" for outside tables).

    Subscribers who took the model's offer before the as-of date have it already, were not learnt from, and are not scored.
    Columns: subscriber int32, probability float64. At most about `batch_rows` rows are in memory; the partition
    becomes visible at once and whole. Raises `VariablesMissing`, `NobodyToScore`.
    """
    wanted = fitted.estimator.variables_
    lacking = sorted(set(wanted) - {v.name for v in wide.variables})
    if lacking:
        raise VariablesMissing(model=fitted.name, names=", ".join(lacking))
    partition = wide.as_of.isoformat() if wide.as_of else OUTSIDE
    everybody, wide = wide, _without_holders(fitted, wide, warehouse)
    stretches = _stretches(warehouse, wide, batch_rows)
    with warehouse.change(f"scores.{fitted.name}") as change:
        file = change.new_file(partition)
        with pq.ParquetWriter(file, SCORES, compression="zstd") as out:
            for stretch in track(progress, Message("Scoring"), stretches, len(stretches)):
                out.write_table(_scored(fitted, wide, stretch, warehouse))
        change.set(partition, {file: made_by(fitted.card)})
        rows = change.result().partitions[partition][0].rows
    count = warehouse.engine.fetch(everybody.relation.aggregate(n=everybody.relation.count()))
    return Scored(rows, int(count["n"][0].as_py()) - rows)


def scores(warehouse: Warehouse, name: str, as_of: date | None) -> ir.Table:
    """What `score` wrote for the model `name` as of a date (None: an outside table), as a relation."""
    partition = as_of.isoformat() if as_of else OUTSIDE
    return warehouse.read(f"scores.{name}", SCORES, lambda key: key == partition)


def made_by(card: ModelCard) -> str:
    """What scores carry of the model that made them: its name and version; of one that was never saved, that it has none."""
    return f"{card.name}/{UNSAVED if card.version is None else card.version}"


def scored_by(warehouse: Warehouse, model: str, as_of: date | None) -> str:
    """`made_by` of the version behind the scores of `model` as of a date (None: an outside table). Raises `NotScored`."""
    partition = as_of.isoformat() if as_of else OUTSIDE
    files = warehouse.manifest(f"scores.{model}").partitions.get(partition)
    if not files:
        raise NotScored(model=model, partition=partition)
    return files[0].origin


def card_behind(folder: Path, database: Database, model: str, made: str) -> ModelCard:
    """The card of the version of `model` that scores or groups were `made` by, which need not be the newest. Raises `ModelGone`."""
    for row in registered(database):
        if row.name == model and made == f"{row.name}/{row.version}":
            return load_card(folder, database, row.name, row.version)
    raise ModelGone(model=made if made.startswith(f"{model}/") else model)


def card_of_scores(
    warehouse: Warehouse, folder: Path, database: Database, model: str, as_of: date | None
) -> ModelCard:
    """The card of the version that made the scores of `model` as of a date. Raises `NotScored`, `ModelGone`, `DamagedModel`."""
    return card_behind(folder, database, model, scored_by(warehouse, model, as_of))


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
        rows = warehouse.engine.fetch(_narrow(sampled.select(table.key, "took_offer", *names)))
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
    """Without those that nobody has as of one date and somebody as of another: they tell the dates apart, not the subscribers."""

    def known(name: str) -> set[bool]:
        return {part.column(name).null_count < part.num_rows for part in parts if part.num_rows}

    return tuple(v for v in variables if len(known(v.name)) < 2)


def _one_in(key: ir.Value, every: int) -> ir.BooleanValue:
    """About one subscriber in `every`, the same ones at every as-of date and on every engine (Knuth's multiplicative hash)."""
    chosen: ir.BooleanValue = ((key.cast("int64") * 2_654_435_761) % 4_294_967_296 // 65_536) % every == 0
    return chosen


def _narrow(relation: ir.Table) -> ir.Table:
    """64-bit floats as 32-bit ones, which is what the learner bins by, at half the memory."""
    wide = {n: relation[n].cast("float32") for n, t in relation.schema().items() if t.is_floating()}
    return relation.mutate(**wide) if wide else relation


def _stretches(warehouse: Warehouse, wide: WideTable, batch_rows: int) -> list[tuple[int, int]]:
    """Half-open ranges of the key with about `batch_rows` rows each where numbers are dense."""
    key = wide.relation[wide.key]
    size = warehouse.engine.fetch(wide.relation.aggregate(n=key.count(), low=key.min(), high=key.max()))
    n, low, high = (size[name][0].as_py() for name in ("n", "low", "high"))
    if not n:
        raise NobodyToScore
    parts = -(-n // batch_rows)
    edges = [low + (high + 1 - low) * k // parts for k in range(parts + 1)]
    return [(a, b) for a, b in pairwise(edges) if a < b]


def _scored(
    fitted: FittedResponse, wide: WideTable, stretch: tuple[int, int], warehouse: Warehouse
) -> pa.Table:
    relation, key = wide.relation, wide.relation[wide.key]
    mine = relation.filter((key >= stretch[0]) & (key < stretch[1]))
    chosen = mine.select(wide.key, *fitted.estimator.variables_)
    # An outside table may hold numbers beyond 32-bit floats, which DuckDB refuses to cast; `matrix` makes them infinite.
    rows = warehouse.engine.fetch(_narrow(chosen) if wide.as_of else chosen)
    probability = fitted.probabilities(rows)
    subscriber = rows.column(wide.key).cast(pa.int32())
    return pa.table([subscriber, pa.array(probability)], schema=SCORES).sort_by("subscriber")


def _without_holders(fitted: FittedResponse, wide: WideTable, warehouse: Warehouse) -> WideTable:
    offered = fitted.card.offered
    if offered is None or wide.as_of is None:
        return wide
    orders = warehouse.read("orders", ORDERS.schema)
    before = holders(orders, offered.offer, wide.as_of)
    return replace(
        wide, relation=wide.relation.anti_join(before, wide.relation[wide.key] == before.subscriber)
    )


def _ordered(warehouse: Warehouse) -> dict[date, int]:
    """Orders of each day on which there are any."""
    partitions = warehouse.manifest("orders").partitions
    return {date.fromisoformat(day): sum(f.rows for f in files) for day, files in partitions.items()}


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


def damaged_models(folder: Path, database: Database) -> list[Message]:
    """What is to be said of each registered model whose files are not those that were registered."""
    return damaged(folder, database)


def unregistered_models(folder: Path, database: Database) -> list[str]:
    """Models that lie in the folder and that the registry does not know, as name/version."""
    return unregistered(folder, database)
