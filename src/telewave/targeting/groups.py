"""Who belongs to which group: the assignment of greatest expected value within the channels' capacities. Pure, on
arrays.

With calibrated probability p a subscriber takes the offer with p * f_g in group g, f_g its response factor, and with
p * f_basic where nobody contacts him. So the contact causes v_g(p) = p * (f_g - f_basic) * m - c_g, with m the
margin of a sale and c_g the cost of the contact. Because f_core >= f_normal >= f_basic, exchanging a likelier
subscriber in a poorer group for a less likely one in a richer group never loses as long as no p * f_g passes
certainty, where it is cut: some best assignment is *nested*, core the likeliest a subscribers, normal the next b,
basic the rest. What is left is to choose a and b.

Given a, normal reaches down to e(a) = clip(e*, a, a + K_normal), with e* the number of subscribers whose gain of
normal over basic is positive. One more core subscriber at position a then brings

    gain(core over normal, a) + gain(normal over basic, a + K_normal) while normal's capacity binds (a + K_normal < e*),
    gain(core over normal, a) while a < e*, gain(core over basic, a) from e* on,

which falls with a. So a is the number of positive terms, at most core's capacity: exact, in one sort of the
subscribers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from telewave.kernel import Conflict
from telewave.targeting.incremental import caused, profit_caused
from telewave.targeting.plan import Group, Plan

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ORDER = tuple(Group)


class ProbabilityOutOfRange(Conflict):
    """{count} probabilities do not lie between 0 and 1. Score the subscribers again."""

    code = "probability_out_of_range"


class Limit(StrEnum):
    """What ends a group."""

    CAPACITY = "capacity"
    VALUE = "value"
    EVERYBODY = "everybody"
    REST = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """Where a group ends and why.

    `size` subscribers are in it; `lowest` and `highest` are their probabilities (None when it is empty). `capacity`:
    contacts that the plan allows (None: the group takes the rest). `worthwhile`: how many it would hold with unlimited
    capacity of its own. `break_even`: probability at which this treatment and the next poorer one are worth the same
    (None where no probability makes them so).
    """

    group: Group
    limit: Limit
    size: int
    lowest: float | None
    highest: float | None
    capacity: int | None
    worthwhile: int
    break_even: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouping:
    """The subscribers by falling probability, ties by number. Arrays have shape (n,).

    `group`: index into `ORDER`; `value`: profit that the contact is expected to
    cause, in minor units of the currency, rounded.
    """

    subscriber: NDArray[np.int32]
    probability: Floats
    group: NDArray[np.int8]
    value: Integers
    cutoffs: Mapping[Group, Cutoff]


def grouping(subscriber: Integers | NDArray[np.int32], probability: Floats, plan: Plan) -> Grouping:
    """Assign each of the n subscribers; both arrays of shape (n,). Raises `ProbabilityOutOfRange`."""
    wrong = int((~((probability >= 0) & (probability <= 1))).sum())
    if wrong:
        raise ProbabilityOutOfRange(count=wrong)
    order = np.lexsort((subscriber, -probability))
    p = probability[order].astype(np.float64)
    ends = _ends(p, plan)
    group = np.full(len(p), ORDER.index(Group.BASIC), dtype=np.int8)
    group[: ends.normal] = ORDER.index(Group.NORMAL)
    group[: ends.core] = ORDER.index(Group.CORE)
    return Grouping(
        subscriber=subscriber[order].astype(np.int32),
        probability=p,
        group=group,
        value=expected_value(p, group, plan),
        cutoffs=_cutoffs(p, ends, plan),
    )


def expected_value(probability: Floats, group: NDArray[np.int8], plan: Plan) -> Integers:
    """Profit caused by the contact, in minor units, takers' part rounded; arrays of
    shape (n,), `group` an index into `ORDER`.
    """
    factor = np.array([plan.treatment(g).response_factor for g in ORDER])[group]
    cost = np.array([plan.treatment(g).cost.minor for g in ORDER])[group]
    gained = caused(np.minimum(probability * factor, 1.0), probability * plan.alone)
    return np.rint(profit_caused(gained, np.float64(plan.margin.minor), 0)).astype(np.int64) - cost


@dataclass(frozen=True, slots=True)
class _Ends:
    """Positions at which core and normal end, and at which they would end without their own capacity."""

    core: int
    normal: int
    core_worthwhile: int
    normal_worthwhile: int


def _ends(p: Floats, plan: Plan) -> _Ends:
    n = len(p)
    core_capacity, normal_capacity = plan.core.capacity.of(n), plan.normal.capacity.of(n)
    over_normal = _gain(p, plan, Group.CORE, Group.NORMAL)
    over_basic = _gain(p, plan, Group.NORMAL, Group.BASIC)
    reach = int((over_basic > 0).sum())  # e* of the module's text
    more = over_normal.copy()
    pushed = max(0, min(n, reach - normal_capacity))
    more[:pushed] += over_basic[normal_capacity : normal_capacity + pushed]
    more[reach:] += over_basic[reach:]
    worthwhile = int((more > 0).sum())
    core = min(worthwhile, core_capacity)
    normal = min(max(reach, core), core + normal_capacity)
    return _Ends(core, normal, worthwhile, max(reach, core))


def _gain(p: Floats, plan: Plan, richer: Group, poorer: Group) -> Floats:
    """What the richer treatment is worth more than the poorer one, shape (n,), minor units; never rises along falling
    p.
    """
    a, b = plan.treatment(richer), plan.treatment(poorer)
    return p * ((a.response_factor - b.response_factor) * plan.margin.minor) - (a.cost.minor - b.cost.minor)


def break_even(plan: Plan, richer: Group, poorer: Group) -> float | None:
    """Probability from which on the richer treatment is worth more; None where none makes it so (equal factors)."""
    a, b = plan.treatment(richer), plan.treatment(poorer)
    per_probability = (a.response_factor - b.response_factor) * plan.margin.minor
    if per_probability <= 0:
        return None
    return max(0.0, (a.cost.minor - b.cost.minor) / per_probability)


def _cutoffs(p: Floats, ends: _Ends, plan: Plan) -> dict[Group, Cutoff]:
    n = len(p)
    core = _cutoff(
        p, Group.CORE, (0, ends.core), plan.core.capacity.of(n), ends.core_worthwhile,
        break_even(plan, Group.CORE, Group.NORMAL),
    )  # fmt: skip
    normal = _cutoff(
        p, Group.NORMAL, (ends.core, ends.normal), plan.normal.capacity.of(n), ends.normal_worthwhile - ends.core,
        break_even(plan, Group.NORMAL, Group.BASIC),
    )  # fmt: skip
    basic = _cutoff(p, Group.BASIC, (ends.normal, n), None, n - ends.normal, None)
    return {cutoff.group: cutoff for cutoff in (core, normal, basic)}


def _cutoff(
    p: Floats,
    group: Group,
    stretch: tuple[int, int],
    capacity: int | None,
    worthwhile: int,
    even: float | None,
) -> Cutoff:
    start, end = stretch
    size = end - start
    if capacity is None:
        limit = Limit.REST
    elif worthwhile > size:
        limit = Limit.CAPACITY
    elif end == len(p) and size:
        limit = Limit.EVERYBODY
    else:
        limit = Limit.VALUE
    lowest = float(p[end - 1]) if size else None
    highest = float(p[start]) if size else None
    return Cutoff(
        group=group,
        limit=limit,
        size=size,
        lowest=lowest,
        highest=highest,
        capacity=capacity,
        worthwhile=worthwhile,
        break_even=even,
    )
