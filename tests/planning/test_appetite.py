"""Orders that a contact causes: by appetite, from the campaign file to the plan's values."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from tests.planning.test_proposal import OFFERS, campaign, city

from telewave.briefs.campaign_file import parse_campaign
from telewave.briefs.model import CausedOutOfOrder, OrdersCaused
from telewave.planning.appetite import RANKS, appetite_of, won
from telewave.planning.options import chances, options_of
from telewave.platform.yaml_files import YamlMistake

SAID = OrdersCaused(core=0.015, normal=0.0055, basic=0.001)
FILE = """\
campaign: spring
model: handset
offers: all
from: 2026-03-01
to: 2026-03-31
phases:
  - {id: one, from: 2026-03-01, to: 2026-03-31}
channels:
  - {id: calls, sells: hall, cost: 1.7, effect: {orders_caused: {core: 1.5 %, normal: 0.5 %, basic: 0.1 %}}}
choice: {price_elasticity: 2, organic_share: 80 %}
"""


def telling_orders():
    """The campaign of the proposals' tests, each channel's effect told as orders."""
    made = campaign()
    return replace(made, channels=tuple(replace(one, effect=SAID) for one in made.channels))


def test_the_middle_of_each_group_wins_what_is_said_of_it():
    p = np.sort(expit(np.random.default_rng(1).normal(-6, 1, 20_001)))
    found = won(p, appetite_of(p), SAID)
    middle = [int(rank * 20_000) for rank in RANKS]
    assert found[middle] == pytest.approx([0.001, 0.0055, 0.015], rel=1e-6)
    assert found[0] == pytest.approx(0.001)
    assert found[-1] == pytest.approx(0.015)
    assert 0.015 > found[-1_001:].mean() > found[-7_001:-1_001].mean() > 0.001


@given(st.lists(st.floats(0, 1), max_size=60))
def test_whoever_is_likelier_to_take_it_is_not_less_likely_to_be_won(probability):
    p = np.sort(np.array(probability, dtype=float))
    found = won(p, appetite_of(p), SAID)
    assert np.all(np.diff(found) >= -1e-15)
    assert np.all((found >= 0.001 - 1e-12) & (found <= 0.015 + 1e-12))


def test_a_contact_adds_what_it_wins_of_those_who_would_not_have_come_by_themselves():
    brief = telling_orders()
    base, options = city().base, options_of(brief, OFFERS)
    chance = chances(base, brief, options)
    wins = won(base.probability, appetite_of(base.probability), SAID)
    assert chance.gain[:, 0] == pytest.approx((1 - chance.organic) * wins)


def test_one_subscriber_alone_is_valued_as_among_all_where_the_points_are_told():
    brief = telling_orders()
    base, options = city().base, options_of(brief, OFFERS)
    points, whole = appetite_of(base.probability), chances(base, brief, options, shift=-0.1)
    one = chances(base.rows(slice(7, 8)), brief, options, shift=-0.1, appetite=points)
    assert one.gain[0] == pytest.approx(whole.gain[7])


def test_a_file_may_say_it_for_single_offers_and_a_mistake_is_told_with_its_line():
    offer = "new-single-89-subsidy"
    told = FILE.replace(
        "basic: 0.1 %}}",
        f"basic: 0.1 %}}, offers: {{{offer}: {{orders_caused: {{core: 3 %, normal: 1 %, basic: 0 %}}}}}}}}",
    )
    effect = parse_campaign(told).channels[0].effect
    assert effect == OrdersCaused(
        core=0.015, normal=0.005, basic=0.001, offers={offer: OrdersCaused(core=0.03, normal=0.01, basic=0)}
    )
    with pytest.raises(YamlMistake, match=r"line 9: .*do not rise from core over normal to basic"):
        parse_campaign(FILE.replace("0.5 %", "2 %"))
    with pytest.raises(YamlMistake, match="line 9"):
        parse_campaign(FILE.replace("basic: 0.1 %}", "basic: 0.1 %}, weight: 3"))
    with pytest.raises(CausedOutOfOrder):
        OrdersCaused(core=1.0, normal=0.1, basic=0.1)


def test_odds_stay_as_they_were():
    brief, base = campaign(), city().base
    chance, ratio = chances(base, brief, options_of(brief, OFFERS)), brief.channels[0].effect.odds_ratio
    contacted = expit(logit(chance.organic) + np.log(ratio))
    assert chance.gain[:, 0] == pytest.approx(contacted - chance.organic, abs=1e-9)
