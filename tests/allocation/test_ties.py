"""Equal values: within a subscriber's row (the same offer in two phases), across rows (segment averages), in any share, at any size."""

from dataclasses import replace

import numpy as np
import pytest
from tests.allocation.judge import broken_rules, named
from tests.planning.city import drawn_city

from telewave.allocation.model import Problem
from telewave.allocation.solve import allocate
from telewave.briefs.campaign_file import parse_campaign, reference_text
from telewave.briefs.model import Budget, scaled
from telewave.offers.catalogue_file import reference_case
from telewave.planning.proposal import propose

PROVEN = 1e-3


def proven(problem):
    made = allocate(problem)
    assert broken_rules(problem, made.choice) == []
    assert -1e-9 <= made.gap < PROVEN
    return made


def two_phases(subscribers, most, budget):
    """Two offers, each worth the same in both phases, with different room in each."""
    draw = np.random.default_rng(most)
    one = draw.gamma(1, 1, (subscribers, 2)).astype(np.float32) - np.float32(0.2)
    room = [(0.08, 0), (0.1, 1), (0.05, 2), (0.15, 3)]
    limits = [named(f"room {j}", np.eye(4)[j], share * subscribers) for share, j in room]
    if budget:
        limits.append(named("budget", [3, 1, 3, 1], 0.5 * subscribers))
    return Problem(
        values=np.ascontiguousarray(np.hstack([one, one])),
        offer=np.array([0, 1, 0, 1]),
        limits=limits,
        most=most,
    )


@pytest.mark.parametrize("subscribers", [30_000, 60_000])
@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("budget", [False, True])
def test_options_with_the_same_values_are_shared_out_to_the_optimum(subscribers, most, budget):
    proven(two_phases(subscribers, most, budget))


@pytest.mark.parametrize("options", [1, 3])
@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.45, 0.48, 0.6, 0.8, 1])
def test_whatever_share_of_subscribers_has_one_value_the_room_is_used(share, options):
    subscribers = 40_000
    draw = np.random.default_rng(0)
    values = np.where(
        draw.random((subscribers, options)) < 6 / 11,
        draw.uniform(6, 10, (subscribers, options)),
        draw.uniform(1, 4, (subscribers, options)),
    )
    values[draw.random(subscribers) < share] = 5.0
    room = subscribers // 2
    made = proven(
        Problem(
            values=values.astype(np.float32),
            offer=np.arange(options),
            limits=[named("room", np.ones(options), room)],
        )
    )
    assert made.limits[0].used == room


@pytest.mark.parametrize(
    "change",
    [{}, {"most_contacts": 2}, {"budget": Budget()}],
)
def test_the_reference_campaign_is_planned_within_a_thousandth(change):
    size = 60_000
    campaign = replace(scaled(parse_campaign(reference_text()), size / 3_500_000), **change)
    city = drawn_city(size, 1, campaign, take_up=0.02)
    made = propose(campaign, reference_case().offers, city.base, group=city.group)
    assert broken_rules(made.problem, made.allocation.choice) == []
    assert -1e-9 <= made.allocation.gap < PROVEN
