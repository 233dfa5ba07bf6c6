"""What each channel brought for its money, and whether to move some of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.measurement.attribution import Counted, Rule, attributed
from telewave.measurement.effect import Effect
from telewave.measurement.model import ChannelReturn, Move

MOVED = 0.2
"""Share of a channel's cost that is proposed to move: small enough that the other channel's return is still its own."""
TOO_FEW = 10
"""Orders put down to a channel below which nothing is proposed."""


def cost_to_acquire(cost: float, orders: Effect | Inconclusive) -> Estimate | Inconclusive:
    """Cost of the contacts over the orders that the campaign brought; the upper limit is infinite
    where it may have brought none.
    """
    if isinstance(orders, Inconclusive):
        return orders
    total = orders.total
    if total.high <= 0 or total.value <= 0:
        return Inconclusive(Message("The campaign has brought no order so far that the holdout shows."))
    high = cost / total.low if total.low > 0 else math.inf
    return Estimate(
        value=cost / total.value, low=cost / total.high, high=high, n=total.n, method=total.method
    )


def channel_returns(
    contacts: Mapping[str, int],
    costs: Mapping[str, float],
    paths: Counted,
    worth: Counted,
    orders: Effect | Inconclusive,
    margin: Effect | Inconclusive,
) -> tuple[ChannelReturn, ...]:
    """Each channel with `contacts` on record, its `costs` a contact. `paths`: of the contacted, with orders; `worth`:
    the same with their margins in minor units. Shares of the attributed are scaled to what the holdout shows; where
    it shows nothing, nothing is said.
    """
    if isinstance(orders, Inconclusive) or isinstance(margin, Inconclusive):
        return ()
    taken = {rule: _shares(attributed(paths, rule)) for rule in Rule}
    earned = {rule: _shares(attributed(worth, rule)) for rule in Rule}
    return tuple(
        ChannelReturn(
            channel=name,
            contacts=count,
            cost=count * costs[name],
            orders={rule: _part(orders.total, taken[rule].get(name, 0.0)) for rule in Rule},
            margin={rule: _part(margin.total, earned[rule].get(name, 0.0)) for rule in Rule},
        )
        for name, count in contacts.items()
    )


def _shares(found: Mapping[str, float]) -> dict[str, float]:
    whole = sum(found.values())
    return {name: one / whole if whole else 0.0 for name, one in found.items()}


def _part(total: Estimate, share: float) -> Estimate:
    return Estimate(
        value=share * total.value,
        low=share * total.low,
        high=share * total.high,
        n=total.n,
        method=total.method,
    )


def proposal(
    channels: Sequence[ChannelReturn], put_down: Mapping[str, float], rule: Rule = Rule.SHAPLEY
) -> Move | Inconclusive:
    """A fifth of the cost of the channel that returns least, moved to the one that returns most by `rule`; `put_down`:
    orders put down to each by that rule. None is made where it may as well lose.

    The gain's interval joins that of the campaign's whole margin and, at 95 % for both channels together, the chance in
    how many orders each was put down (Poisson, normal approximation). It holds if the rule is right, which no rule can
    know: the move is a test to make.
    """
    paid = [one for one in channels if one.cost > 0 and put_down.get(one.channel, 0.0) >= TOO_FEW]
    if len(paid) < 2:
        return Inconclusive(
            Message(
                "Fewer than two channels that cost money have {least} orders put down to them: too few to "
                "move budget by.",
                least=TOO_FEW,
            )
        )
    ranked = sorted(paid, key=lambda one: one.margin[rule].value / one.cost)
    worst, best = ranked[0], ranked[-1]
    ends = [_back(one, put_down[one.channel], rule) for one in (best, worst)]
    amount = MOVED * worst.cost
    value = ends[0].value - ends[1].value
    if value <= 0:
        return Inconclusive(Message("No channel returns more than another: there is nothing to move."))
    gain = Estimate(
        value=amount * value,
        low=amount * (ends[0].low - ends[1].high),
        high=amount * (ends[0].high - ends[1].low),
        n=best.margin[rule].n,
        method=best.margin[rule].method,
    )
    if gain.low <= 0:
        return Inconclusive(
            Message(
                "Which channel returns more cannot be told from chance yet: leave the budget between them as it is."
            )
        )
    return Move(source=worst.channel, target=best.channel, amount=amount, gain=gain)


def _back(one: ChannelReturn, orders: float, rule: Rule) -> Estimate:
    """Margin for each unit spent; 2.24 standard errors: 97.5 % for each of two."""
    margin, spread = one.margin[rule], 2.24 / math.sqrt(orders)
    low = min(margin.low * (1 - spread), margin.low * (1 + spread))
    high = max(margin.high * (1 - spread), margin.high * (1 + spread))
    return Estimate(
        value=margin.value / one.cost,
        low=low / one.cost,
        high=high / one.cost,
        n=margin.n,
        method=margin.method,
    )
