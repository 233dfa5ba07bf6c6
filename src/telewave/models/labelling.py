"""Who took an offer, as relations over orders and a wide table."""

from __future__ import annotations

from datetime import date, timedelta

import ibis.expr.types as ir

from telewave.models.target import Target


def holders(orders: ir.Table, offer: str, as_of: date) -> ir.Table:
    """Who took `offer` before `as_of`, as a relation with the column `subscriber`: to them it is not offered again."""
    mine = orders.filter((orders.offer == offer) & (orders.ordered_at.date() < as_of))
    return mine.select("subscriber").distinct()


def labelled(wide: ir.Table, key: str, orders: ir.Table, target: Target, as_of: date) -> ir.Table:
    """`wide` with a column `took_offer`, without the subscribers who took the offer before `as_of`: they have it
    already.
    """
    mine = orders.filter(orders.offer == target.offer)
    start, end = as_of, as_of + timedelta(days=target.window_days)
    day = mine.ordered_at.date()
    before = holders(orders, target.offer, as_of)
    within = mine.filter((day >= start) & (day < end)).select(buyer="subscriber").distinct()
    candidates = wide.anti_join(before, wide[key] == before.subscriber)
    joined = candidates.left_join(within, candidates[key] == within.buyer)
    return joined.mutate(took_offer=joined.buyer.notnull()).drop("buyer")
