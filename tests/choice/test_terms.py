"""The terms of the reference case's policies, against their accounts."""

from datetime import date

import numpy as np
import pytest

from telewave.choice.logit import Choices
from telewave.choice.terms import (
    at_hand,
    chosen_singly,
    identified,
    on_sale,
    terms_for,
    values,
    with_own_appeal,
)
from telewave.kernel import Money
from telewave.offers.catalogue_file import reference_case
from telewave.offers.economics import Sale, account

DAY = date(2026, 7, 1)


def as_choices(terms, open_to):
    taken = open_to.argmax(1)
    return Choices(terms=terms, open=open_to, taken=taken, group=np.zeros(len(taken), int), groups=1)


@pytest.fixture(scope="module")
def policies():
    catalogue = reference_case()
    offers = chosen_singly(catalogue.offers)
    return offers, terms_for(catalogue, offers)


def test_the_terms_are_those_of_each_policy_s_account(policies):
    offers, terms = policies
    fees = np.array([30_00, 200_00])
    found = values(offers, terms, fees, [DAY, DAY])
    names = [term.id for term in terms]
    for row, fee in enumerate(fees):
        for column, offer in enumerate(offers):
            told = account(offer, [Money(int(fee))], sale=Sale(pieces=1, day=DAY))
            here = dict(zip(names, found[row, column], strict=True))
            assert here["true_cost"] == told.device_cost.minor / 100_00
            assert here["down"] == told.customer[0].minor / 100_00
            assert here["months"] == offer.terms.contract_months / 12
            above = max(0, (offer.terms.minimum_spend or Money(0)).minor - fee)
            assert here["minimum"] == above / 10_00
            assert here["channel:hall"] == ("hall" in offer.channels)


def test_what_is_sold_by_the_dozen_is_no_choice_of_one_person(policies):
    assert "group-539" not in {offer.id for offer in policies[0]}


def test_a_term_that_follows_from_others_is_told_with_them(policies):
    offers, terms = policies
    found = values(offers, terms, np.linspace(10_00, 400_00, 50).astype(np.int64), [DAY] * 50)
    open_to = on_sale(offers, [DAY] * 50)
    kept, follow = identified(as_choices(found, open_to))
    names = [term.id for term in terms]
    assert {names[k] for k in kept} >= {"true_cost", "down", "months", "minimum", "new_number"}
    last = "channel:web_hall"  # every policy is sold somewhere
    assert names[max(follow)] == last
    assert {names[k] for k in follow[names.index(last)]} >= {"channel:hall"}
    doubled = np.concatenate([found, 3 * found[..., :1], np.ones((50, len(offers), 1))], axis=2)
    _, more = identified(as_choices(doubled, open_to))
    assert more[len(terms)] == (0,)
    assert more[len(terms) + 1] == ()


def test_own_appeal_is_a_term_of_each_policy_behind_the_others():
    found = with_own_appeal(np.zeros((2, 3, 1)))
    assert found.shape == (2, 3, 4)
    assert (found[1, :, 1:] == np.eye(3)).all()


def test_at_hand_is_what_the_orders_channel_sells_where_its_orders_keep_to_it(policies):
    offers, _ = policies
    place = {str(offer.id): k for k, offer in enumerate(offers)}
    shop, web = place["shop-credit-3100"], place["web-device-4850"]
    sold = [["third_party_shop" in offer.channels for offer in offers]]
    found = at_hand(
        offers, ["third_party_shop"] * 3 + ["outbound_call"] * 2, np.array([shop] * 3 + [web, shop])
    )
    assert (found[:3] == sold).all()
    assert found[3:].all(), "a call is no sales channel: nobody knows what was not at hand"
    mixed = at_hand(offers, ["third_party_shop"] * 20, np.array([shop] * 18 + [web] * 2))
    assert mixed.all(), "a channel that sells what others do tells nothing"


def test_by_what_is_at_hand_amounts_alone_compare_across_channels():
    catalogue = reference_case()
    terms = terms_for(catalogue, chosen_singly(catalogue.offers), at_hand=True)
    assert [term.id for term in terms] == ["true_cost", "down", "months", "minimum", "new_number"]
