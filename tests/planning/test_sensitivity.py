"""Which assumption moves a plan's profit how far."""

from dataclasses import replace

import numpy as np
import pytest
from tests.planning.test_appetite import telling_orders
from tests.planning.test_proposal import OFFERS, campaign, city, proposed

from telewave.kernel import Money
from telewave.planning.options import Gathered
from telewave.planning.proposal import propose
from telewave.planning.sensitivity import swings


def gathered():
    return Gathered(city().base, (), city().group, 0)


def test_the_widest_comes_first_and_the_plan_lies_within_every_swing():
    made = proposed()
    found = swings(made, gathered())
    assert [one.width for one in found] == sorted((one.width for one in found), reverse=True)
    profit = round(float(made.profit.sum()) * 100)
    for one in found:
        assert one.low.minor - 200 <= profit <= one.high.minor + 200, one.what


def test_a_channel_that_does_half_as_much_again_earns_what_its_orders_earn():
    brief = telling_orders()
    made = propose(brief, OFFERS, city().base, group=city().group)
    channel = made.options.channel_codes[made.option]
    number = int(np.bincount(channel).argmax())
    name = brief.channels[number].name
    swing = next(
        one for one in swings(made, gathered()) if getattr(one.what, "values", {}).get("channel") == name
    )
    spent = float((brief.channels[number].cost + brief.choice.fatigue).major)
    mine = made.made & (channel == number)
    earned = float(made.profit[mine].sum()) + spent * mine.sum()
    assert swing.width / 100 == pytest.approx(earned, rel=0.02)


def test_nothing_to_contact_is_nothing_to_move():
    made = proposed(
        lambda c: replace(c, channels=tuple(replace(one, cost=Money(90_000_00)) for one in c.channels))
    )
    assert swings(made, gathered()) == ()
    assert campaign().choice.organic_share == pytest.approx(0.8)
