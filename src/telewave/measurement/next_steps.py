"""What a measured campaign calls for: go on, change it, or measure so that one can tell. Pure."""

from __future__ import annotations

from telewave.kernel import Inconclusive, Message
from telewave.measurement.effect import Effect, holdout_that_tells
from telewave.measurement.model import Measured
from telewave.measurement.words import money, whole
from telewave.targeting.sentences import percent


def next_words(found: Measured) -> list[Message]:
    """What to do next, first what decides."""
    orders, margin = found.orders, found.margin
    if isinstance(orders, Inconclusive) or isinstance(margin, Inconclusive):
        return [
            Message(
                "Hold out a part by lot in the next campaign; without one nobody can say what a campaign brings."
            )
        ]
    if not orders.seen:
        return _next_while_open(found, orders)
    if margin.total.low > found.cost:
        return [Message("Go on: even at the low end of the interval it earns more than its contacts cost.")]
    if margin.total.value > found.cost:
        return [
            Message(
                "Go on, and keep the holdout: it brings orders and most likely pays, but at the low end of the "
                "interval its contacts cost more than they earn."
            )
        ]
    return [
        Message(
            "Do not go on as it is: its contacts cost {cost} and what they brought earns {margin}. Contact fewer and "
            "likelier people, or through cheaper channels.",
            cost=money(found.cost, found),
            margin=money(margin.total.value, found),
        )
    ]


def _next_while_open(found: Measured, orders: Effect) -> list[Message]:
    """Nothing can be told yet: decide nothing by it, and how the next campaign could tell."""
    said = [
        Message(
            "Neither raise nor cut its budget by this: what it brought cannot be told from chance. That it cannot be "
            "told does not mean that it brings nothing."
        )
    ]
    needed = holdout_that_tells(orders.last.held_out, orders.assigned + orders.held_out, found.expected)
    if needed is None:
        said.append(
            Message(
                "What the plan expects is too little to be seen in any campaign of this kind: aim at more."
            )
        )
    elif needed[1] == 1:
        said.append(
            Message(
                "Hold out {share} in the next wave: with that, the {expected} orders that the plan expects would show.",
                share=percent(needed[0]),
                expected=whole(found.expected),
            )
        )
    else:
        said.append(
            Message(
                "Among {people:,} people the {expected} orders that the plan expects are too few to show, whatever is "
                "held out. With half held out it takes {times:g} times as many people: measure several waves or "
                "branches together.",
                people=orders.assigned + orders.held_out,
                expected=whole(found.expected),
                times=needed[1],
            )
        )
    return said
