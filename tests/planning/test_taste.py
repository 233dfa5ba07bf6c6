"""How offers compare for one subscriber: by their terms, or by price."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.test_proposal import OFFERS

from telewave.briefs.campaign_file import load_campaign, parse_campaign
from telewave.briefs.model import Choice, OneWayToChoose
from telewave.kernel import Money
from telewave.offers.curves import device_costs
from telewave.offers.economics import Sale
from telewave.planning.taste import taste
from telewave.platform.yaml_files import YamlMistake

DAY = date(2026, 7, 1)
IDS = [str(offer.id) for offer in OFFERS]
SHOP, WEB = IDS.index("shop-credit-3100"), IDS.index("web-device-4850")


def choice(**weights):
    return Choice(weights=weights, organic_share=0.8, fatigue=Money(0))


def opened(*which):
    return np.array([[one in which for one in range(len(OFFERS))]])


def test_the_odds_of_one_offer_against_another_are_those_of_a_conditional_logit():
    fee = np.array([50_00])
    found = taste(fee, opened(SHOP, WEB), OFFERS, choice(true_cost=0.08, months=0.1), DAY)[0]
    cost = [int(device_costs(OFFERS[one], fee, Sale(pieces=1, day=DAY))[0]) / 10_000 for one in (SHOP, WEB)]
    bound = [OFFERS[one].terms.contract_months / 12 for one in (SHOP, WEB)]
    against = [0.08 * c + 0.1 * m for c, m in zip(cost, bound, strict=True)]
    assert found[WEB] / found[SHOP] == pytest.approx(np.exp(against[0] - against[1]))
    assert max(found) == 1
    assert found.sum() == found[SHOP] + found[WEB]


@settings(max_examples=20)
@given(
    fees=st.lists(st.integers(0, 60_000), max_size=5),
    weight=st.floats(0, 0.5),
    seed=st.integers(0, 9),
)
def test_the_best_open_offer_is_one_and_what_is_closed_or_sold_in_lots_is_nothing(fees, weight, seed):
    may = np.random.default_rng(seed).random((len(fees), len(OFFERS))) < 0.5
    found = taste(np.array(fees, np.int64), may, OFFERS, choice(true_cost=weight, new_number=0.8), DAY)
    lots = np.array([offer.terms.least_pieces > 1 for offer in OFFERS])
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(found[~may] == 0)
    assert np.all(found[:, lots] == 0)
    assert np.all(found.max(axis=1, initial=0) == (may & ~lots).any(axis=1))


def test_a_file_weighs_terms_or_states_an_elasticity_and_not_both():
    reference = load_campaign(Path("reference")).choice
    assert reference.price_elasticity is None
    assert reference.weights["true_cost"] == pytest.approx(0.08)
    with pytest.raises(OneWayToChoose):
        Choice(organic_share=0.8, fatigue=Money(0))
    file = """\
campaign: spring
model: handset
offers: all
from: 2026-03-01
to: 2026-03-31
phases:
  - {id: one, from: 2026-03-01, to: 2026-03-31}
channels:
  - {id: calls, sells: hall, cost: 1.7, effect: {odds_ratio: 1.5}}
choice: {price_elasticity: 2, weights: {true_cost: 0.1}, organic_share: 80 %}
economics: {device_cost: 4000, retained: 15 %}
"""
    with pytest.raises(YamlMistake, match=r"line 10: .*in one way"):
        parse_campaign(file)
    made = parse_campaign(file.replace("price_elasticity: 2, ", ""))
    assert made.choice.weights == {"true_cost": 0.1}
    assert (made.economics.device_cost, made.economics.retained_bp) == (Money(4_000_00), 1_500)
    with pytest.raises(YamlMistake, match="line 10"):
        parse_campaign(file.replace("price_elasticity: 2, weights: {true_cost", "weights: {beauty"))
