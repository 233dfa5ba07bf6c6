"""Folding: partials of many days into one row a subscriber as of a date.

Two windows are kept of every measure: the last calendar month before the as-of date, and the last three. What a
feature says of earlier months is the difference of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import ibis
import ibis.expr.types as ir

from telewave.features.measures import Measure, Source

MONTHS = 3
"""Calendar months before the as-of date that a wide table looks back on."""


def folded(source: Source, last_month: ir.Table, earlier: ir.Table) -> ir.Table:
    """One row a subscriber with `<measure>_1m` and `<measure>_3m`.

    `last_month` holds the partials of the month before the as-of date, `earlier` those of the two months before.
    Each stretch is summed by subscriber, then the two are put side by side: quicker than one sum with conditions.
    """
    recent, rest = _summed(source, last_month), _summed(source, earlier)
    both = recent.outer_join(rest, "subscriber", rname="{name}_rest")
    columns: dict[str, ir.Value] = {"subscriber": ibis.coalesce(both.subscriber, both.subscriber_rest)}
    for measure in source.measures:
        new, old = both[measure.name], both[f"{measure.name}_rest"]
        columns[f"{measure.name}_1m"] = new.fill_null(0) if measure.fold == "sum" else new
        columns[f"{measure.name}_3m"] = _merged(measure, new, old)
    return both.select(**columns)


def _summed(source: Source, partials: ir.Table) -> ir.Table:
    return partials.group_by("subscriber").aggregate(
        **{m.name: _fold(m, partials[m.name]).cast("int64") for m in source.measures}
    )


def _fold(measure: Measure, value: ir.Value) -> ir.Value:
    return value.sum().fill_null(0) if measure.fold == "sum" else value.max()


def _merged(measure: Measure, new: ir.Value, old: ir.Value) -> ir.Value:
    if measure.fold == "sum":
        return new.fill_null(0) + old.fill_null(0)
    # Engines differ on what the greatest of a value and a null is.
    return ibis.coalesce(ibis.greatest(new, old), new, old)


def peers_counted(last_month: ir.Table, earlier: ir.Table, cuts: Sequence[int] = ()) -> ir.Table:
    """One row a subscriber with the exact number of distinct counterparties: `peers_1m`, `peers_3m`.

    One pass over all pairs with a flag a pair, one range of subscribers after the other: `cuts`
    are the first subscribers of all ranges but the lowest. A range needs a small table of pairs,
    where all pairs together need a large one.
    """
    recent = last_month.mutate(recent=ibis.literal(True))
    both = recent.union(earlier.mutate(recent=ibis.literal(False)))
    return ibis.union(*(_peers_of(both, low, high) for low, high in pairwise([None, *cuts, None])))


def _peers_of(both: ir.Table, low: int | None, high: int | None) -> ir.Table:
    """The subscribers from `low` to before `high`, where given."""
    if low is not None:
        both = both.filter(both.subscriber >= low)
    if high is not None:
        both = both.filter(both.subscriber < high)
    pairs = both.group_by("subscriber", "peer").aggregate(recent=both.recent.any())
    return pairs.group_by("subscriber").aggregate(
        peers_1m=pairs.recent.ifelse(1, 0).sum().cast("int64"), peers_3m=pairs.count().cast("int64")
    )


RANGE, MOST_RANGES = 50_000, 16


def range_cuts(highest: int) -> list[int]:
    """Where to cut the subscribers up to number `highest` into ranges for `peers_counted`.

    >>> range_cuts(120_000)
    [40001, 80002]
    """
    ranges = min(MOST_RANGES, highest // RANGE + 1)
    width = highest // ranges + 1
    return [width * number for number in range(1, ranges)]


def last_known(rows: ir.Table, key: Sequence[str], day: str) -> ir.Table:
    """The last row of each `key`: that of the greatest `day`, and on one day the
    greatest by the other columns in their order.

    Absent values come first. Every column takes part, so that the answer hangs
    neither on the engine nor on the order of rows.
    """
    ties = [column for column in rows.columns if column not in (*key, day)]
    order = [ibis.desc(rows[column], nulls_first=False) for column in (day, *ties)]
    ranked = rows.mutate(recency=ibis.row_number().over(ibis.window(group_by=list(key), order_by=order)))
    return ranked.filter(ranked.recency == 0).drop("recency")


def brought_forward(state: ir.Table, later: ir.Table, key: Sequence[str], day: str) -> ir.Table:
    """`state` has one row a `key`; `later` are rows of later days. The last row of
    each key of both: only `later` is ranked.
    """
    newest = last_known(later, key, day)
    return newest.union(state.anti_join(newest, list(key)))


def products(rows: ir.Table, as_of: date) -> ir.Table:
    """One row a subscriber: what is held on the eve of `as_of`, from `rows`, the last recorded one of each product."""
    day = ibis.date(as_of.year, as_of.month, as_of.day)
    held = rows.filter((rows.starts_on < day) & (rows.ends_on.isnull() | (rows.ends_on >= day)))
    contract = held.contract_ends_on
    return held.group_by("subscriber").aggregate(
        has_mobile=(held.kind == "mobile").any(),
        has_broadband=(held.kind == "broadband").any(),
        has_iptv=(held.kind == "iptv").any(),
        products_held=held.count().cast("int64"),
        value_added_held=(held.kind == "value_added").sum().cast("int64"),
        contract_ends_on=contract.max(where=contract >= day),
    )
