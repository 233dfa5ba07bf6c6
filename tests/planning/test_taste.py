"""How offers compare for one subscriber: by their terms, or by price."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.test_proposal import OFFERS
from tests.proving import examples

from telewave.briefs.campaign_file import load_campaign, parse_campaign
from telewave.briefs.model import Choice, OneWayToChoose
from telewave.customers.base import CELLS, NO_CELL
from telewave.kernel import Money
from telewave.offers.curves import device_costs
from telewave.offers.economics import Sale, account, first_day
from telewave.offers.model import Customers
from telewave.offers.promotions import Period
from telewave.planning.dominated import dominated
from telewave.planning.taste import moments, taste
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


@settings(max_examples=examples(20))
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


def test_each_class_weighs_terms_as_it_was_learnt_to_and_who_is_in_none_as_all_do():
    mine, fee = {CELLS[3]: {"true_cost": 0.4}}, np.full(3, 50_00)
    weighed = replace(choice(true_cost=0.05), by_class=mine)
    may = np.ones((3, len(OFFERS)), bool)
    found = taste(fee, may, OFFERS, weighed, DAY, np.array([3, 0, NO_CELL]))
    for row, weight in enumerate((0.4, 0.05, 0.05)):
        alone = taste(fee[:1], may[:1], OFFERS, choice(true_cost=weight), DAY)
        np.testing.assert_allclose(found[row], alone[0])


def test_offers_are_compared_as_they_are_on_sale_on_each_day():
    ending = [replace(o, valid=Period(None, DAY)) if number == WEB else o for number, o in enumerate(OFFERS)]
    later = DAY + timedelta(days=1)
    days, places = moments(ending, [DAY, DAY, later, later])
    assert (days, places) == ((DAY, later), (0, 0, 1, 1))
    fee, may = np.array([50_00]), opened(SHOP, WEB)
    before, after = (taste(fee, may, ending, choice(months=0.5), day)[0] for day in days)
    assert before[WEB] == 1 > before[SHOP]
    assert (after[WEB], after[SHOP]) == (0, 1)


@settings(max_examples=examples(25))
@given(fees=st.lists(st.integers(0, 60_000), min_size=1, max_size=4), seed=st.integers(0, 50))
def test_dominated_is_what_an_open_offer_beats_term_by_term_and_one_that_is_not_is_left(fees, seed):
    may = np.random.default_rng(seed).random((len(fees), len(OFFERS))) < 0.7
    found = dominated(np.array(fees, np.int64), may, OFFERS, DAY)
    lots = np.array([offer.terms.least_pieces > 1 for offer in OFFERS])
    assert not found[:, lots].any()
    for row, fee in enumerate(fees):
        told = {k: bad_sides(OFFERS[k], fee) for k in np.flatnonzero(may[row] & ~lots)}
        for a, one in told.items():
            others = [other for other in told.values() if other != one]
            assert found[row, a] == any(
                all(x <= y for x, y in zip(other, one, strict=True)) for other in others
            )
        assert not told or not all(found[row, a] for a in told)


def bad_sides(offer, fee):
    """What a customer minds of an offer, by its account."""
    sale = Sale(pieces=1, day=DAY)
    told = account(offer, [Money(fee)], sale=sale)
    first = first_day(offer, sale)
    least = offer.terms.minimum_spend.minor if offer.terms.minimum_spend else 0
    return (
        told.device_cost.minor, first.device + first.deposit, offer.terms.contract_months,
        max(least - fee, 0), offer.customers is Customers.NEW,
    )  # fmt: skip


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
