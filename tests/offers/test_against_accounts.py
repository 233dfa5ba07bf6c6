"""Break-evens and dominated offers of random catalogues, against the accounts of every whole fee, one by one."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.proving import examples

from telewave.audiences.language import parse_rule
from telewave.kernel import Label, Money
from telewave.offers.classes import HIGHEST_FEE, Market
from telewave.offers.consistency import findings
from telewave.offers.economics import Sale, account
from telewave.offers.model import Catalogue, ChannelId, Customers, Kind, Offer, OfferId
from telewave.offers.price_findings import Dominated
from telewave.offers.promotions import Discount, DiscountKind
from telewave.offers.ranges import SAME, cheaper, curve
from telewave.offers.terms import AtOnce, Deposit, Device, Fixed, ShareOfBill, Terms, Unspent

AMOUNTS = st.integers(0, 600).map(lambda yuan: Money(yuan * 100))
POSITIVE = st.integers(1, 600).map(lambda yuan: Money(yuan * 100))
CREDITS = st.one_of(
    st.builds(AtOnce, POSITIVE),
    st.builds(Fixed, POSITIVE, st.integers(1, 6), st.integers(1, 3)),
    st.builds(ShareOfBill, st.integers(1, 100).map(lambda n: n * 100), POSITIVE, st.integers(1, 6)),
)
TERMS = st.builds(
    Terms, device=st.builds(Device, AMOUNTS), deposit=st.none() | st.builds(Deposit, AMOUNTS, st.sampled_from(Unspent)),
    credits=st.lists(CREDITS, max_size=1).map(tuple), minimum_spend=st.none() | AMOUNTS, contract_months=st.sampled_from([0, 3, 6]), least_pieces=st.sampled_from([1, 1, 3]),
)  # fmt: skip
RULES = st.none() | st.builds(
    lambda sign, fee: (sign, fee), st.sampled_from([">=", "<"]), st.integers(1, 500)
)
LESS = Discount(kind=DiscountKind.NEW_CUSTOMER, off=Money(50_00))
PROMOTIONS = st.sampled_from([(), (), (LESS,)])


@st.composite
def offers(draw, number):
    terms, rule = draw(TERMS), draw(RULES)
    return Offer(
        id=OfferId(f"o{number}"), name=Label("O", "某"), kind=Kind.CONTRACT, channels=(ChannelId("hall"),), customers=Customers.ALL, terms=terms,
        eligibility=parse_rule(f"arpu {rule[0]} {rule[1]}") if rule else None, promotions=draw(PROMOTIONS),
    )  # fmt: skip


def cost(offer, fee_minor, sale):
    return account(offer, [Money(fee_minor)], sale=sale).device_cost.minor


@lru_cache(maxsize=64)
def costs(offer, pieces, new):
    """By account, at every whole fee."""
    sale = Sale(pieces=max(pieces, offer.terms.least_pieces), new_number=new)
    return np.array([cost(offer, fee * 100, sale) for fee in range(HIGHEST_FEE + 1)])


def open_at(offer):
    fees = np.arange(HIGHEST_FEE + 1)
    if offer.eligibility is None:
        return np.ones(len(fees), bool)
    bound = offer.eligibility.value
    return fees >= bound if offer.eligibility.operator == ">=" else fees < bound


@settings(max_examples=examples(15))
@given(offers(0), offers(1), st.booleans())
def test_stretches_are_where_the_accounts_say_and_end_at_the_very_fen(one, other, new):
    gain = costs(other, 3, new) - costs(one, 3, new)
    stretches = cheaper(curve(one, 3, new), curve(other, 3, new), "CNY")
    told = np.zeros(len(gain), bool)
    sale = Sale(pieces=3, new_number=new)
    for stretch in stretches:
        low, high = stretch.low.minor, None if stretch.high is None else stretch.high.minor
        told |= (np.arange(len(gain)) * 100 >= low) & (
            True if high is None else np.arange(len(gain)) * 100 <= high
        )
        assert cost(other, low, sale) > cost(one, low, sale)
        assert low == 0 or cost(other, low - 1, sale) <= cost(one, low - 1, sale)
        assert high is None or cost(other, high, sale) > cost(one, high, sale)
        assert high is None or cost(other, high + 1, sale) <= cost(one, high + 1, sale)
        assert stretch.most.minor == gain[stretch.at.minor // 100]
    assert (gain[told] > 0).all()
    assert (gain[~told] <= SAME).all()


def beaten(offer, others, new):
    """Whether, by the accounts, one of the others, or all between them, never cost more where the offer is open, and sometimes less."""
    pieces, where = offer.terms.usual_pieces, open_at(offer)
    own = costs(offer, pieces, new)[where]
    rivals = []
    for rival in others:
        if rival.terms.contract_months <= offer.terms.contract_months and rival.terms.least_pieces <= pieces:
            theirs = np.where(open_at(rival), costs(rival, pieces, new), 10**12)[where]
            if np.abs(theirs - own).max() > SAME:
                rivals.append(theirs)
    ways = [*rivals, np.min(rivals, axis=0)] if rivals else []
    return any((own - way).min() >= -SAME and (own - way).max() > SAME for way in ways)


@settings(max_examples=examples(15))
@given(st.integers(2, 4).flatmap(lambda n: st.tuples(*(offers(k) for k in range(n)))))
def test_dominated_are_the_offers_that_the_accounts_say(catalogue):
    whole = Catalogue(Label("C", "目录"), {ChannelId("hall"): Label("H", "厅")}, catalogue)
    told = {
        (finding.offer.id, customer.new_number)
        for finding in findings(whole, Market())
        if isinstance(finding, Dominated)
        for customer in finding.customers
    }
    expected = {
        (offer.id, new)
        for offer in catalogue
        for new in (False, True)
        if beaten(offer, [other for other in catalogue if other.id != offer.id], new)
    }
    assert told == expected


@settings(max_examples=examples(15))
@given(st.integers(2, 3).flatmap(lambda n: st.tuples(*(offers(k) for k in range(n)))))
def test_the_change_suggested_for_a_dominated_offer_makes_it_a_choice_by_the_accounts(catalogue):
    whole = Catalogue(Label("C", "目录"), {ChannelId("hall"): Label("H", "厅")}, catalogue)
    for finding in findings(whole, Market()):
        if isinstance(finding, Dominated) and finding.change < finding.offer.terms.device.price - Money(
            50_00
        ):
            device = Device(finding.offer.terms.device.price - finding.change)
            changed = replace(finding.offer, terms=replace(finding.offer.terms, device=device))
            others = [other for other in catalogue if other.id != finding.offer.id]
            assert not all(beaten(changed, others, c.new_number) for c in finding.customers)
