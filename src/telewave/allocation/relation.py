"""Allocation of a table of values: in memory where it fits, else inside the engine, with the same guarantees.

The engine (DuckDB, Spark) holds one row a subscriber with one column of values an option, null where not eligible. Beyond memory:

1. A sample fixes the prices; the engine counts what everybody would choose at them, and the sample's limits are corrected by that.
2. Whoever's choice is beyond doubt at these prices keeps it, inside the engine.
3. The others, some hundred thousand, come into memory with what the limits leave, and are allocated like any problem: ties, minima,
   left-over room. If the limits leave too little or the proof is not good, more come.

D over everybody bounds every plan, so the gap is as proven as in memory. Households are not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from telewave.allocation.dual import price_range
from telewave.allocation.model import (
    NOTHING,
    Allocation,
    Codes,
    Floats,
    Limit,
    LimitUse,
    MinimumsMissed,
    NoPlanExists,
    Problem,
    Values,
)  # fmt: skip
from telewave.allocation.prices import Found, first_prices, jittered, plain, typical
from telewave.allocation.solve import allocate, limit_uses
from telewave.platform.engine import Engine

IN_MEMORY = 250_000_000
"""Values (subscribers x options) up to which a table is allocated in memory: a gigabyte."""
SAMPLE = 200_000
CORRECTIONS = 2
WIDER = 4
GOOD_GAP = 2e-4
"""A plan proven this close is not sought again with more of the subscribers in memory."""
_NEVER = -1e300
_KNUTH, _2_32 = 2_654_435_761, 2**32
_PRIME = 2**31 - 1
_CODE, _GAP = "code", "gap"


@dataclass(frozen=True, slots=True)
class ValueTable:
    """`rows`: a relation with integer `subscriber`, optionally `class`, and the float columns `options`; see `Problem` for the rest."""

    rows: ir.Table
    options: Sequence[str]
    offer: Codes
    limits: Sequence[Limit]
    most: int = 1
    class_count: int = 1


@dataclass(frozen=True, slots=True)
class TableAllocation:
    """`chosen`: subscriber, option (its number), value; one row a contact, still to be computed by the engine. The rest as in `Allocation`."""

    chosen: ir.Table
    objective: float
    bound: float
    limits: tuple[LimitUse, ...]
    prices: Floats

    @property
    def gap(self) -> float:
        """(bound - objective) / |bound|, 0 if both are 0."""
        return (self.bound - self.objective) / abs(self.bound) if self.bound else 0.0


class Allocator(Protocol):
    """The port of both engines: the most valuable plan of a table. Raises `NoPlanExists`, `MinimumsMissed`."""

    def __call__(self, engine: Engine, table: ValueTable) -> TableAllocation:
        """The plan, its proof and the prices of the limits."""


def allocate_table(engine: Engine, table: ValueTable, in_memory: int = IN_MEMORY) -> TableAllocation:
    """By the first engine up to `in_memory` values, by the second beyond."""
    fits = _size(engine, table) * len(table.options) <= in_memory
    chosen_way: Allocator = allocate_in_memory if fits else allocate_in_engine
    return chosen_way(engine, table)


def allocate_in_memory(engine: Engine, table: ValueTable) -> TableAllocation:
    """An `Allocator`: all values are fetched."""
    who, problem = _fetched(engine, table, table.rows, table.limits)
    made = allocate(problem)
    chosen = ibis.memtable(_contacts(who, problem, made))
    return TableAllocation(chosen, made.objective, made.bound, made.limits, made.prices)


def allocate_in_engine(engine: Engine, table: ValueTable, sample: int = SAMPLE) -> TableAllocation:
    """An `Allocator`: about `sample` subscribers come into memory for the prices, and about as many for the doubtful choices."""
    part, drawn = _sampled(engine, table, sample)
    found, bound = _priced(engine, table, part, drawn)
    rated = _rated(table, found.dual.option_prices(found.prices), found.dual.chooser.noise)
    share = drawn if table.limits else 0.0
    while share < 1:
        try:
            made = _joined(engine, table, rated, _width(found, share), found.prices, bound)
        except (NoPlanExists, MinimumsMissed):
            made = None
        if made is not None and made.gap <= GOOD_GAP:
            return made
        share = share * WIDER or 1.0
    return _joined(engine, table, rated, np.inf, found.prices, bound)


def _size(engine: Engine, table: ValueTable) -> int:
    return int(engine.fetch(table.rows.aggregate(n=table.rows.count()))["n"][0].as_py())


def _fetched(
    engine: Engine, table: ValueTable, rows: ir.Table, limits: Sequence[Limit]
) -> tuple[Codes, Problem]:
    """Subscribers of `rows` by number, and their problem under `limits`."""
    columns = {name: rows[name].cast("float32") for name in table.options}
    if "class" in rows.columns:
        columns["class"] = rows["class"]
    found = engine.fetch(rows.select("subscriber", **columns)).sort_by("subscriber")
    values: Values = np.empty((len(found), len(table.options)), np.float32)
    for j, name in enumerate(table.options):
        values[:, j] = found[name].to_numpy(zero_copy_only=False)
    classes = found["class"].to_numpy().astype(np.uint16) if "class" in columns else None
    who = np.asarray(found["subscriber"].to_numpy(), dtype=np.int64)
    return who, Problem(values, table.offer, limits, table.most, classes, table.class_count)


def _sampled(engine: Engine, table: ValueTable, sample: int) -> tuple[Problem, float]:
    """About `sample` rows, the same ones on every engine, limits in proportion to those really drawn; and their share."""
    size = _size(engine, table)
    hashed = (table.rows["subscriber"].cast("int64") % _2_32 * _KNUTH) % _2_32
    some = table.rows.filter(hashed < int(sample / size * _2_32)) if sample < size else table.rows
    _, part = _fetched(engine, table, some, table.limits)
    drawn = part.subscribers / max(size, 1)
    limits = [replace(limit, amount=limit.amount * drawn) for limit in table.limits]
    return replace(part, limits=limits), drawn


def _priced(engine: Engine, table: ValueTable, part: Problem, drawn: float) -> tuple[Found, float]:
    """Prices and the least bound met: a jitter only lifts D, so D bounds with it, too.

    Where the sample's loads differ from everybody's at the same prices, the sample's amounts are moved by the difference.
    """
    amounts = np.array([limit.amount for limit in table.limits])
    found, bound = _searched(part), np.inf
    for correction in range(CORRECTIONS + 1):
        price, chooser = found.dual.option_prices(found.prices), found.dual.chooser
        counts, _, worth = _counted(engine, table, _picks(_rated(table, price, chooser.noise), table))
        bound = min(bound, worth + float(found.prices @ amounts))
        if correction == CORRECTIONS or drawn == 1 or not table.limits:
            break
        moved = part.loads(chooser.choose(price).counts) + drawn * (amounts - part.loads(counts))
        limits = [replace(x, amount=max(a, 0.0)) for x, a in zip(part.limits, moved.tolist(), strict=True)]
        part = replace(part, limits=limits)
        found = _searched(part)
    return found, bound


def _searched(part: Problem) -> Found:
    box, scale = price_range(part), typical(part)
    start = first_prices(part, box, scale)
    return jittered(part, box, start, scale) if start.tied else plain(part, box, start)


def _width(found: Found, share: float) -> float:
    """The gap below which `share` of the sample are."""
    gaps = found.dual.chooser.choose(found.dual.option_prices(found.prices), gaps=True).gaps
    return float(np.quantile(gaps, share)) if len(gaps) and share else -1.0


def _joined(
    engine: Engine, table: ValueTable, rated: ir.Table, width: float, prices: Floats, bound: float
) -> TableAllocation:
    """The plan of those whose gap exceeds `width`, as they choose at the prices, and of the others, allocated under what is left."""
    sure = _picks(rated.filter(rated[_GAP] > width), table)
    counts, value, _ = _counted(engine, table, sure)
    doubtful = rated.filter(~(rated[_GAP] > width))
    who, problem = _fetched(engine, table, doubtful, table.limits)
    loads = problem.loads(counts)
    if over := [
        x.name for x, load in zip(table.limits, loads, strict=True) if not x.least and load > x.amount
    ]:
        raise NoPlanExists(conflict=over)
    left = [replace(x, amount=max(x.amount - load, 0.0)) for x, load in zip(table.limits, loads, strict=True)]
    made = allocate(replace(problem, limits=left))
    used = loads + np.array([use.used for use in made.limits])
    chosen = ibis.union(
        sure.select("subscriber", "option", "value"), ibis.memtable(_contacts(who, problem, made))
    )
    objective = value + made.objective
    return TableAllocation(chosen, objective, bound, limit_uses(table.limits, used, prices, bound), prices)


def _contacts(who: Codes, problem: Problem, made: Allocation) -> pa.Table:
    row, turn = np.nonzero(made.choice != NOTHING)
    option = made.choice[row, turn].astype(np.int32)
    value = problem.values[row, option].astype(np.float64)
    return pa.table({"subscriber": pa.array(who[row]), "option": pa.array(option), "value": pa.array(value)})


def _rated(table: ValueTable, price: Floats, noise: float) -> ir.Table:
    """The rows with their best options j0, j1 ... at `price` (G, m), what these are worth, w0, w1 ..., and the gap to another choice."""
    classes = table.rows["class"].cast("int32") if table.class_count > 1 else ibis.literal(0, "int32")
    worths = {f"u{j}": _worth(table, price, noise, j) for j in range(len(table.options))}
    rows = table.rows.mutate(**{_CODE: classes}, **worths)
    for turn in range(table.most):
        rows = _next_best(rows, table, turn)
    return rows.mutate(**{_GAP: _gap(rows, table)})


def _worth(table: ValueTable, price: Floats, noise: float, j: int) -> Any:
    """Option j's value less its price for the subscriber's class, with up to `noise` by subscriber and option."""
    rows, priced = table.rows, ibis.literal(float(price[0, j]))
    if table.class_count > 1:
        classes = ((rows["class"] == g, float(price[g, j])) for g in range(table.class_count))
        priced = ibis.cases(*classes, else_=0.0)
    worth = rows[table.options[j]].cast("float32").cast("float64") - priced
    if noise:
        mixed = (rows["subscriber"].cast("int64") % _PRIME * (48_271 + 7_919 * j) + j) % _PRIME
        worth += (mixed * mixed + j) % _PRIME * (noise / _PRIME)
    return ibis.coalesce(worth, ibis.literal(_NEVER))


def _next_best(rows: ir.Table, table: ValueTable, turn: int) -> ir.Table:
    """`rows` with the best option `j<turn>`, its worth `w<turn>` and offer `o<turn>` among offers not chosen in turns before."""

    def open_worth(j: int) -> Any:
        worth: Any = rows[f"u{j}"]
        for before in range(turn):
            worth = ibis.ifelse(rows[f"o{before}"] == int(table.offer[j]), ibis.literal(_NEVER), worth)
        return worth

    worths = [open_worth(j) for j in range(len(table.options))]
    rows = rows.mutate(**{f"w{turn}": ibis.greatest(*worths, ibis.literal(_NEVER))})
    option: Any = ibis.cases(
        *((worth == rows[f"w{turn}"], ibis.literal(j, "int32")) for j, worth in enumerate(worths)),
        else_=ibis.literal(-1, "int32"),
    )
    rows = rows.mutate(**{f"j{turn}": option})
    offer: Any = ibis.cases(
        *((rows[f"j{turn}"] == j, ibis.literal(int(o), "int32")) for j, o in enumerate(table.offer)),
        else_=ibis.literal(-1, "int32"),
    )
    return rows.mutate(**{f"o{turn}": offer})


def _gap(rows: ir.Table, table: ValueTable) -> Any:
    """How much better the choice is than the nearest other one: each option not chosen against the one that it would replace."""
    turns = range(table.most)
    last = ibis.greatest(rows[f"w{table.most - 1}"], ibis.literal(0.0))
    gaps: list[Any] = [rows[f"w{turn}"].abs() for turn in turns]
    for j, offer in enumerate(table.offer):
        replaced: Any = last
        for turn in turns:
            same = (rows[f"o{turn}"] == int(offer)) & (rows[f"w{turn}"] > 0)
            replaced = ibis.ifelse(same, rows[f"w{turn}"], replaced)
            replaced = ibis.ifelse(rows[f"j{turn}"] == j, ibis.literal(-_NEVER), replaced)
        gaps.append(replaced - rows[f"u{j}"])
    return ibis.least(*gaps, ibis.literal(-_NEVER))


def _picks(rated: ir.Table, table: ValueTable) -> ir.Table:
    """One row a contact: subscriber, class, option, value, worth."""
    picks = []
    for turn in range(table.most):
        value: Any = ibis.cases(
            *((rated[f"j{turn}"] == j, rated[name].cast("float32").cast("float64")) for j, name in enumerate(table.options)),
            else_=0.0,
        )  # fmt: skip
        taken = rated.filter(rated[f"w{turn}"] > 0)
        picks.append(
            taken.select("subscriber", _CODE, option=rated[f"j{turn}"], value=value, worth=rated[f"w{turn}"])
        )
    return ibis.union(*picks) if len(picks) > 1 else picks[0]


def _counted(engine: Engine, table: ValueTable, picks: ir.Table) -> tuple[Floats, float, float]:
    """Contacts by class and option, shape (G, m), the sum of their values, and of their worths."""
    grouped = picks.group_by([_CODE, "option"])
    found = engine.fetch(grouped.agg(n=picks.count(), value=picks["value"].sum(), worth=picks["worth"].sum()))
    counts = np.zeros((table.class_count, len(table.options)))
    counts[found[_CODE].to_numpy(), found["option"].to_numpy()] = found["n"].to_numpy()
    return counts, float(np.sum(found["value"].to_numpy())), float(np.sum(found["worth"].to_numpy()))
