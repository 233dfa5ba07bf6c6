"""Which policy a taker takes: costs as the catalogue counts them, and choices as the logit says."""

import numpy as np
import pytest

from telewave.offers.catalogue_file import reference_case
from telewave.offers.curves import device_costs
from telewave.simulation.facts import Base, OrderKind
from telewave.simulation.people import people
from telewave.simulation.policies import (
    IDS,
    OFFERED_IN,
    POLICIES,
    choice_of,
    device_cost,
    own_chances,
    own_channels,
    taken,
)
from telewave.simulation.truth import Truth

FEES = np.array(
    [0, 1, 333, 2_500, 4_899, 4_900, 8_901, 15_000, 18_907, 25_001, 34_800, 38_900, 60_000], np.int64
)
CATALOGUE = {offer.id: offer for offer in reference_case().offers}
CROWD = people(range(3_000), seed=3)
EVERYBODY = np.arange(len(CROWD))
CHOICE = choice_of(CROWD, EVERYBODY)


def test_the_policies_are_those_of_the_catalogue_in_its_order():
    assert list(CATALOGUE) == [policy.id for policy in POLICIES]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_a_policy_costs_and_binds_as_the_catalogue_says(policy):
    """To the fen, at fees from nothing to 600 yuan."""
    offer = CATALOGUE[policy.id]
    assert device_cost(policy, FEES).tolist() == device_costs(offer, FEES).tolist()
    assert policy.months == offer.terms.contract_months
    assert policy.pieces == offer.terms.usual_pieces
    assert policy.channel in offer.channels


@pytest.mark.parametrize("channel", OFFERED_IN)
@pytest.mark.parametrize("kind", OrderKind)
def test_everybody_finds_a_policy_of_the_right_kind_where_he_orders(kind, channel):
    choice, kinds = CHOICE, np.full(len(CROWD), kind)
    chance = choice.chances(kinds, choice.settled(kinds, np.full(len(CROWD), channel)))
    assert chance.sum(axis=1) == pytest.approx(1)
    wrong = [kind not in policy.kinds for policy in POLICIES]
    assert not chance[:, wrong].any()
    for policy, column in zip(POLICIES, chance.T, strict=True):
        if policy.who == "enterprise":
            assert not column[~CROWD.enterprise].any()
        if "2g" in policy.who:
            assert not column[CROWD.device_smart].any()


def test_the_chances_are_the_logit_of_the_appeals_of_what_is_open():
    choice, kinds = CHOICE, np.zeros(len(CROWD), int)
    channel = np.full(len(CROWD), "hall")
    chance, there = choice.chances(kinds, channel), choice.open(kinds, channel)
    single, bundle = (list(IDS).index(name) for name in ("new-single-89-credit", "new-bundle-189-credit"))
    assert there[:, [single, bundle]].all()
    gap = np.log(chance[:, single] / chance[:, bundle])
    assert gap == pytest.approx(choice.appeal[:, single] - choice.appeal[:, bundle])
    # The bundle makes who spends little pay for what he does not use.
    assert gap[CROWD.arpu < 30].mean() > gap[CROWD.arpu > 189].mean() + 0.5


def test_what_is_drawn_is_what_the_chances_say():
    choice, kinds = CHOICE, np.zeros(len(CROWD), int)
    channel = np.full(len(CROWD), "hall")
    drawn = taken(np.random.default_rng(4), choice, kinds, channel)
    for name, chance in zip(IDS, choice.chances(kinds, channel).T, strict=True):
        spread = np.sqrt((chance * (1 - chance)).sum())
        assert abs((drawn == name).sum() - chance.sum()) < 4 * spread + 1e-9


def test_who_orders_by_himself_does_so_in_some_channel():
    _, chance = own_channels(CROWD, EVERYBODY)
    assert chance.sum(axis=1) == pytest.approx(1)
    assert own_chances(CROWD, EVERYBODY[:300], OrderKind.DEVICE_ONLY).sum(axis=1) == pytest.approx(1)


def test_every_order_of_the_handset_names_a_policy_that_was_open(look):
    rows = look("SELECT DISTINCT policy, kind, channel FROM orders WHERE offer = 'contract_phone'")
    policies = {policy.id: policy for policy in POLICIES}
    for name, kind, channel in rows:
        assert policies[name].channel in OFFERED_IN[channel]
        assert OrderKind[kind.upper()] in policies[name].kinds
    assert look("SELECT count(policy) FROM orders WHERE offer = 'data_modem'") == [(0,)]
    bound = look(
        "SELECT policy, min(contract_ends_on - starts_on), max(contract_ends_on - starts_on) FROM orders JOIN holdings h "
        "USING (subscriber) WHERE product = 'contract_phone' AND offer = 'contract_phone' AND h.ends_on IS NULL GROUP BY 1"
    )
    for name, least, most in bound:
        months = policies[name].months
        assert (least, most) == ((round(months * 30.4375),) * 2 if months else (None, None))
    ((wrong,),) = look(
        "SELECT count(*) FROM orders WHERE activated_on < ordered_at::DATE OR activated_on > ordered_at::DATE + 4"
    )
    assert wrong == 0


def test_the_truth_says_which_policy_each_would_take(city):
    truth = Truth(city)
    device = truth.policies(OrderKind.DEVICE_ONLY, "hall")
    assert len(device) == (truth.people().base != Base.NEW).sum()
    assert device.sum(axis=1) == pytest.approx(1)
