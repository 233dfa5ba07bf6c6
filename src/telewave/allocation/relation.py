"""The same allocation for bases that do not fit into memory: prices from a sample, applied by one expression in the engine.

The engine (DuckDB, Spark) holds one row a subscriber with one column of values an option, null where not eligible. A
sample fixes the prices; the engine counts what everybody would choose at them, and one Newton step or two puts the prices right;
then each overfull limit keeps those to whom their contact is worth most. Maxima are kept; a minimum may stay short, and
households are not known here. The bound is computed over everybody, so the gap is as proven as in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from telewave.allocation.choosing import Chooser
from telewave.allocation.dual import Dual
from telewave.allocation.model import Codes, Floats, Limit, Problem
from telewave.allocation.newton import box_step, newton
from telewave.platform.engine import Engine

SAMPLE = 200_000
CORRECTIONS = 2
_NEVER = -1e300
_KNUTH = 2_654_435_761
_2_32 = 2**32


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
class RelationAllocation:
    """`chosen`: subscriber, option (its number), value; one row a contact. `loads`: shape (R,), before the overfull were cut."""

    chosen: ir.Table
    bound: float
    prices: Floats
    loads: Floats


def allocate_relation(engine: Engine, table: ValueTable, sample: int = SAMPLE) -> RelationAllocation:
    """Prices and the plan as a relation, still to be computed by `engine`."""
    size = int(engine.fetch(table.rows.aggregate(n=table.rows.count()))["n"][0].as_py())
    part = _sampled(engine, table, min(1.0, sample / max(size, 1)))
    share = part.subscribers / max(size, 1)
    dual = Dual(Chooser(part))
    point = newton(dual, np.zeros(len(part.limits)), steps=60, tolerance=1e-8)
    meant = Problem(part.values, part.offer, table.limits, table.most, part.classes, table.class_count)
    prices, loads, bound = point.prices, np.zeros(0), np.inf
    for correction in range(CORRECTIONS + 1):
        loads, value = _counted(engine, table, meant, dual.option_prices(prices))
        bound = min(bound, value + float(prices @ meant.amounts))
        if correction == CORRECTIONS or not len(prices):
            break
        model = point.curvature / max(share, 1e-12) + np.eye(len(prices)) * 1e-9
        prices = prices + box_step(model, meant.amounts - loads, dual.low - prices, dual.high - prices)
    chosen = _within_limits(_choices(table, dual.option_prices(prices)), table, meant, loads)
    return RelationAllocation(chosen.select("subscriber", "option", "value"), bound, prices, loads)


def _sampled(engine: Engine, table: ValueTable, share: float) -> Problem:
    """About `share` of the rows, the same ones on every engine, with limits in proportion to those really drawn."""
    hashed = (table.rows["subscriber"].cast("int64") % _2_32 * _KNUTH) % _2_32
    some = engine.fetch(table.rows.filter(hashed < int(share * _2_32)) if share < 1 else table.rows)
    columns = [
        np.asarray(some[name].to_numpy(zero_copy_only=False), dtype=np.float32) for name in table.options
    ]
    values = (
        np.ascontiguousarray(np.column_stack(columns)) if columns else np.zeros((len(some), 0), np.float32)
    )
    classes = np.asarray(some["class"].to_numpy(), dtype=np.uint16) if "class" in some.column_names else None
    limits = [Limit(x.name, x.use, x.amount * share, x.least) for x in table.limits]
    return Problem(values, table.offer, limits, table.most, classes, table.class_count)


def _worths(table: ValueTable, price: Floats) -> list[ir.FloatingValue]:
    """Each option's value less its price, for the subscriber's class."""
    rows = table.rows

    def priced(j: int) -> Any:
        if table.class_count == 1:
            return ibis.literal(float(price[0, j]))
        return ibis.cases(
            *((rows["class"] == g, float(price[g, j])) for g in range(table.class_count)), else_=0.0
        )

    return [
        ibis.coalesce(rows[name].cast("float64") - priced(j), ibis.literal(_NEVER))
        for j, name in enumerate(table.options)
    ]


def _choices(table: ValueTable, price: Floats) -> ir.Table:
    """One row a contact at prices `price`: subscriber, class, option, value, worth."""
    worths = _worths(table, price)
    named = {f"u{j}": worth for j, worth in enumerate(worths)}
    classes = table.rows["class"].cast("int32") if table.class_count > 1 else ibis.literal(0, "int32")
    rows = table.rows.select("subscriber", *table.options, code=classes, **named)
    picks = []
    for turn in range(table.most):
        rows = _next_best(rows, table, turn)
        value: Any = ibis.cases(
            *((rows[f"j{turn}"] == j, rows[name].cast("float64")) for j, name in enumerate(table.options))
        )
        picks.append(
            rows.filter(rows[f"w{turn}"] > 0).select(
                "subscriber", "code", option=rows[f"j{turn}"], value=value, worth=rows[f"w{turn}"]
            )
        )
    return ibis.union(*picks) if len(picks) > 1 else picks[0]


def _next_best(rows: ir.Table, table: ValueTable, turn: int) -> ir.Table:
    """`rows` with the best option `j<turn>` and its worth `w<turn>` among offers not chosen in turns before."""

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


def _counted(engine: Engine, table: ValueTable, meant: Problem, price: Floats) -> tuple[Floats, float]:
    """What each limit counts, shape (R,), and the total worth, if everybody chooses at `price`."""
    chosen = _choices(table, price)
    found = engine.fetch(
        chosen.group_by(["code", "option"]).agg(n=chosen.count(), worth=chosen["worth"].sum())
    )
    counts = np.zeros((table.class_count, len(table.options)))
    counts[found["code"].to_numpy(), found["option"].to_numpy()] = found["n"].to_numpy()
    return meant.loads(counts), float(np.sum(found["worth"].to_numpy()))


def _within_limits(chosen: ir.Table, table: ValueTable, meant: Problem, loads: Floats) -> ir.Table:
    """Of each overfull maximum's contacts those that are worth most, as many as fit."""
    overfull = np.flatnonzero((loads > meant.amounts) & ~meant.least)
    for r in overfull:
        used = _used(chosen, meant.use[r], table)
        chosen = chosen.mutate(**{f"use{r}": used})
        order = ibis.window(
            group_by=chosen[f"use{r}"] > 0,
            order_by=[chosen["worth"].desc(), chosen["subscriber"], chosen["option"]],
            preceding=None,
            following=0,
            how="rows",
        )
        chosen = chosen.mutate(**{f"sum{r}": chosen[f"use{r}"].sum().over(order)})
    for r in overfull:
        amount = float(meant.amounts[r]) + 1e-9
        chosen = chosen.filter((chosen[f"use{r}"] == 0) | (chosen[f"sum{r}"] <= amount))
    return chosen


def _used(chosen: ir.Table, use: Floats, table: ValueTable) -> Any:
    """What a limit counts of each contact; `use`: shape (G, m)."""
    cases = [
        ((chosen["code"] == g) & (chosen["option"] == j), float(use[g, j]))
        for g in range(table.class_count)
        for j in range(len(table.options))
        if use[g, j] > 0
    ]
    return ibis.cases(*cases, else_=0.0) if cases else ibis.literal(0.0)
