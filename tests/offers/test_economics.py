"""Accounts of the reference case's policies, each computed by hand in the comment above its line."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.kernel import Label, Money
from telewave.offers.catalogue_file import reference_case
from telewave.offers.curves import device_costs, margins
from telewave.offers.economics import Assumptions, NoFees, OrderTooSmall, Sale, account
from telewave.offers.model import ChannelId, Customers, Kind, Offer, OfferId
from telewave.offers.promotions import (
    ALWAYS,
    Bundle,
    Discount,
    DiscountKind,
    Period,
    Points,
    RecallGift,
    TradeIn,
)
from telewave.offers.terms import (
    AtOnce,
    Deposit,
    Device,
    EmptyCredit,
    Fixed,
    FreePieces,
    OfferCurrencies,
    ShareOfBill,
    Terms,
    Tier,
    Unspent,
)

CASE = reference_case()
NOTHING = Assumptions(Money(0), 0)


def yuan(value):
    return Money(round(value * 100))


# (policy, monthly fee, true cost, cost of the device, margin, incremental margin a piece); device 4 500, service 35 % of own fees.
BY_HAND = [
    # 25 months of 200. 35 % of 200 = 70, 24 times = 1 680, and 100: 1 780 back.
    # 4 699 + 5 000 - 1 780 = 7 919; less 5 000 = 2 919. Margin 7 919 - 4 500 - 1 750 = 1 669; without the sale 25 x 130 = 3 250.
    ("shop-credit-3100", 200, 7_919, 2_919, 1_669, -1_581),
    # At 20 the bill is topped up to 49 for 24 months, then 20: 1 196. 35 % of 49 = 17.15, 24 times = 411.60, of which the last
    # falls on a bill of 20 and is used. 4 699 + 1 196 - 100 - 411.60 = 5 383.40; own fees 500; margin - 4 500 - 175 = 708.40;
    # without the sale 325.
    ("shop-credit-3100", 20, 5_383.40, 4_883.40, 708.40, 383.40),
    # 400 x 35 % = 140: 3 000 are used up after 21 returns of 140 and one of 60. 4 699 + 10 000 - 3 100 = 11 599. Own 10 000.
    # Margin 11 599 - 4 500 - 3 500 = 3 599; without 25 x 260 = 6 500.
    ("shop-credit-3100", 400, 11_599, 1_599, 3_599, -2_901),
    # 12 x 100 = 1 200 less 1 168: 5 160 + 32 = 5 192. Margin 5 192 - 4 500 - 420 = 272; without 12 x 65 = 780.
    ("shop-credit-1168", 100, 5_192, 3_992, 272, -508),
    # At 50 topped up to 89: 1 068, the credit of 89 covers each month; the 100 lapse. 5 160 + 0. Own 600: 4 560.
    # Margin 5 160 - 4 500 - 210 = 450; without 390.
    ("shop-credit-1168", 50, 5_160, 4_560, 450, 60),
    # Topped up to 189: 24 x 189 = 4 536, of which the deposit pays 800. 3 799 + 4 536 = 8 335; own 2 400: 5 935.
    # Margin 8 335 - 4 500 - 840 = 2 995, all of it new.
    ("new-bundle-189-subsidy", 100, 8_335, 5_935, 2_995, 2_995),
    # 24 x 200 = 4 800. 3 599 + 4 800 = 8 399; 3 599. Margin 8 399 - 4 500 - 1 680 = 2 219.
    ("new-bundle-189-credit", 200, 8_399, 3_599, 2_219, 2_219),
    # 24 x 89 = 2 136. 3 799 + 2 136 = 5 935; own 24 x 60 = 1 440: 4 495. Margin 5 935 - 4 500 - 504 = 931.
    ("new-single-89-subsidy", 60, 5_935, 4_495, 931, 931),
    # The same terms by another name.
    ("new-single-89-credit", 60, 5_935, 4_495, 931, 931),
    # 24 x 30 = 720 come out of the deposit of 780; 60 lapse. 3 799 + 780 = 4 579; own 720: 3 859. Margin 4 579 - 4 500 - 252 = -173.
    ("new-prepaid", 30, 4_579, 3_859, -173, -173),
    # 24 x 50 = 1 200 less 400. 4 999 + 800 = 5 799; 4 599. Margin 5 799 - 4 500 - 420 = 879; without 24 x 32.50 = 780.
    ("upgrade-prepaid", 50, 5_799, 4_599, 879, 99),
    # At 10 only 240 of the 400 are used. 4 999 + 0; own 240: 4 759. Margin 499 - 84 = 415; without 24 x 6.50 = 156.
    ("upgrade-prepaid", 10, 4_999, 4_759, 415, 259),
    # 25 months of 120 = 3 000; 25 % = 30, 24 times = 720. 4 999 + 2 280 = 7 279; 4 279. Margin 7 279 - 4 500 - 1 050 = 1 729;
    # without 25 x 78 = 1 950.
    ("upgrade-postpaid", 120, 7_279, 4_279, 1_729, -221),
    # 25 % of 300 = 75: 1 200 after 16 returns. 4 999 + 7 500 - 1 200 = 11 299; 3 799. Margin 11 299 - 4 500 - 2 625 = 4 174;
    # without 25 x 195 = 4 875.
    ("upgrade-postpaid", 300, 11_299, 3_799, 4_174, -701),
    # Ten lines, each: 24 x 200 = 4 800 less 3 880 of the deposit = 920 in cash. 539 + 3 880 + 920 = 5 339; 539.
    # Margin 5 339 - 4 500 - 1 680 = -841.
    ("group-539", 200, 53_390, 539, -8_410, -841),
    # 49 x 150 = 7 350; 30 % = 45, 48 times = 2 160. 4 999 + 7 350 - 2 160 = 10 189; 2 839.
    # Margin 10 189 - 4 500 - 2 572.50 = 3 116.50.
    ("new-credit-4999", 150, 10_189, 2_839, 3_116.50, 3_116.50),
    # 30 % of 400 = 120; 41 x 120 = 4 920, then 79: all 4 999. 49 x 400 = 19 600 in all; the device is free.
    # Margin 19 600 - 4 500 - 6 860 = 8 240.
    ("new-credit-4999", 400, 19_600, 0, 8_240, 8_240),
    # Topped up to 389: 9 336 less 5 780 = 3 556. 578 + 3 556 = 4 134; own 24 x 100 = 2 400: 1 734.
    # Margin 4 134 - 4 500 - 840 = -1 206; without 24 x 65 = 1 560.
    ("enterprise-389", 100, 4_134, 1_734, -1_206, -2_766),
    # Eleven pieces for ten times 4 999 = 49 990; a piece 4 544.54 (and 6 fen over). Margin 49 990 - 49 500 = 490; a piece 44.54.
    ("enterprise-10-plus-1", 100, 49_990, 4_544.54, 490, 44.54),
    # Fifty lines: topped up to 289: 24 x 289 = 6 936 less 5 780 = 1 156. 578 + 1 156 = 1 734; own 2 400: -666.
    # Margin 1 734 - 4 500 - 840 = -3 606; without 1 560.
    ("enterprise-50-tier", 100, 86_700, -666, -180_300, -5_166),
    # 24 x 150 = 3 600. 3 650 + 3 600 = 7 250; 3 650. Margin 7 250 - 4 500 - 1 260 = 1 490.
    ("web-subsidy-3650", 150, 7_250, 3_650, 1_490, 1_490),
    # No months at all: 4 850. Margin 350.
    ("web-device-4850", 150, 4_850, 4_850, 350, 350),
]


@pytest.mark.parametrize(("policy", "fee", "true_cost", "device", "margin", "incremental"), BY_HAND)
def test_the_account_of_every_policy_is_what_the_hand_computes(
    policy, fee, true_cost, device, margin, incremental
):
    made = account(CASE.offer(policy), [yuan(fee)])
    assert made.true_cost == yuan(true_cost)
    assert made.device_cost == yuan(device)
    assert made.margin == yuan(margin)
    assert made.incremental_margin == yuan(incremental)


def test_every_policy_of_the_case_is_computed_by_hand():
    assert {policy for policy, *_ in BY_HAND} == {offer.id for offer in CASE.offers}
    assert len(CASE.offers) == 16


def test_the_months_of_a_changing_use_are_booked_one_by_one():
    # Fees 30, 100, then 60. Bills topped up to 49, 100, 60. Credits: 100 at once; 35 % of 49 = 17.15; of 100 = 35; of 60 = 21.
    made = account(CASE.offer("shop-credit-3100"), [yuan(30), yuan(100), yuan(60)])
    first, second, third, fourth = made.lines[:4]
    assert (first.bill, first.credit_given, first.credit_used, first.paid) == (
        yuan(49),
        yuan(100),
        yuan(49),
        yuan(0),
    )
    assert (second.bill, second.credit_given, second.credit_used) == (yuan(100), yuan(17.15), yuan(68.15))
    assert (third.bill, third.credit_given, third.paid) == (yuan(60), yuan(35), yuan(25))
    assert (fourth.credit_given, fourth.paid) == (yuan(21), yuan(39))
    assert made.customer[0] == yuan(4_699)
    assert len(made.customer) == len(made.operator) == 26


def test_the_deposit_is_used_after_credits_and_before_cash():
    made = account(CASE.offer("new-bundle-189-subsidy"), [yuan(0)])
    assert [line.deposit_used for line in made.lines[:6]] == [yuan(v) for v in (189, 189, 189, 189, 44, 0)]
    assert made.lines[4].paid == yuan(145)


def offer_of(terms, customers=Customers.EXISTING, promotions=()):
    return Offer(
        id=OfferId("x"),
        name=Label("X", "某"),
        kind=Kind.CONTRACT,
        channels=(ChannelId("hall"),),
        customers=customers,
        terms=terms,
        promotions=promotions,
    )


def test_what_a_deposit_did_not_pay_is_returned_or_lapses():
    kept, lost = (
        offer_of(Terms(device=Device(yuan(100)), deposit=Deposit(yuan(50), unspent), contract_months=2))
        for unspent in Unspent
    )
    back, gone = account(kept, [yuan(20)]), account(lost, [yuan(20)])
    assert (back.deposit_returned, back.deposit_lapsed, back.device_cost) == (yuan(10), yuan(0), yuan(100))
    assert (gone.deposit_returned, gone.deposit_lapsed, gone.device_cost) == (yuan(0), yuan(10), yuan(110))


def test_promotions_change_the_first_day_and_the_bills():
    summer = Period(date(2026, 7, 1), date(2026, 7, 31))
    promotions = (
        Discount(kind=DiscountKind.FLASH_SALE, off=yuan(200), period=summer),
        Discount(kind=DiscountKind.NEW_CUSTOMER, off=yuan(50)),
        Discount(kind=DiscountKind.GROUP_PURCHASE, off=yuan(30), least_pieces=3),
        RecallGift(name=Label("Power bank", "充电宝"), value=yuan(60), cost=yuan(40)),
        TradeIn(yuan(300), yuan(250)),
        Bundle(product=Label("Broadband", "宽带"), off=yuan(10), months=12),
        Points(points=1000, value=yuan(10), cost=yuan(8)),
    )
    offer = offer_of(Terms(device=Device(yuan(1_000))), promotions=promotions)
    plain = account(offer, [yuan(100)], NOTHING)
    assert (plain.device_paid, plain.gifts_value, plain.margin) == (yuan(1_000), yuan(70), yuan(952))
    sale = Sale(pieces=3, new_number=True, day=date(2026, 7, 31), trade_in=True, bundled=True)
    made = account(offer, [yuan(100)], NOTHING, sale)
    assert made.device_paid == yuan(3 * (1_000 - 200 - 50 - 30 - 300))
    assert made.lines[0].credit_used == yuan(10)
    assert made.margin == yuan(3 * (420 + 12 * 90 - 48 + 250))
    assert account(offer, [yuan(1)], NOTHING, Sale(day=date(2026, 8, 1))).device_paid == yuan(1_000)


def test_only_what_an_existing_subscriber_would_not_have_paid_anyway_is_incremental():
    offer = offer_of(Terms(device=Device(yuan(100)), contract_months=10))
    fees, assumptions = [yuan(50)], Assumptions(yuan(60), 2_000)
    # Margin 100 + 500 - 60 - 100 = 440; without the sale 400. With half of it at risk only 200 would have come.
    assert account(offer, fees, assumptions).incremental_margin == yuan(40)
    assert account(offer, fees, assumptions, Sale(new_number=True)).incremental_margin == yuan(440)
    assert account(offer, fees, Assumptions(yuan(60), 2_000, 5_000)).incremental_margin == yuan(240)


def test_an_order_below_the_smallest_fees_below_zero_and_two_currencies_are_refused():
    group = CASE.offer("group-539")
    with pytest.raises(OrderTooSmall, match="from 10 pieces"):
        account(group, [yuan(1)], sale=Sale(pieces=9))
    with pytest.raises(NoFees):
        account(group, [])
    with pytest.raises(NoFees):
        account(group, [yuan(-1)])
    with pytest.raises(NoFees):
        margins(group, np.array([5, -1]))
    with pytest.raises(OfferCurrencies, match="CNY, EUR"):
        account(group, [Money(1, "EUR")])
    with pytest.raises(OfferCurrencies, match="CNY, EUR"):
        margins(group, np.array([5]), Assumptions(Money(1, "EUR")))
    with pytest.raises(EmptyCredit):
        Fixed(yuan(0), 3)


AMOUNTS = st.integers(0, 600_000).map(Money)
POSITIVE = st.integers(1, 600_000).map(Money)
CREDITS = st.one_of(
    st.builds(AtOnce, POSITIVE),
    st.builds(Fixed, POSITIVE, st.integers(1, 30), st.integers(1, 5)),
    st.builds(ShareOfBill, st.integers(1, 10_000), POSITIVE, st.integers(1, 30)),
)
TERMS = st.builds(
    Terms,
    device=st.builds(Device, AMOUNTS),
    deposit=st.none() | st.builds(Deposit, AMOUNTS, st.sampled_from(Unspent)),
    credits=st.lists(CREDITS, max_size=3).map(tuple),
    minimum_spend=st.none() | AMOUNTS,
    contract_months=st.integers(0, 30),
    least_pieces=st.integers(1, 12),
    free_pieces=st.none() | st.builds(FreePieces, st.integers(1, 12), st.integers(1, 3)),
    tiers=st.lists(
        st.builds(lambda price, spend: (price, spend), AMOUNTS, st.none() | AMOUNTS), max_size=2
    ).map(lambda tiers: tuple(Tier(5 * (k + 1), *tier) for k, tier in enumerate(tiers))),
)  # fmt: skip
PROMOTIONS = st.lists(
    st.one_of(
        st.builds(
            Discount,
            kind=st.sampled_from(DiscountKind),
            off=AMOUNTS,
            period=st.just(ALWAYS),
            least_pieces=st.integers(1, 8),
        ),
        st.builds(TradeIn, AMOUNTS, AMOUNTS),
        st.builds(Bundle, product=st.just(Label("B", "宽")), off=POSITIVE, months=st.integers(1, 24)),
        st.builds(Points, points=st.integers(1, 9), value=AMOUNTS, cost=AMOUNTS),
    ),
    max_size=2,
).map(tuple)
OFFERS = st.builds(offer_of, TERMS, st.sampled_from(Customers), PROMOTIONS)
ASSUMED = st.builds(Assumptions, AMOUNTS, st.integers(0, 10_000), st.integers(0, 10_000), AMOUNTS)
SALES = st.builds(Sale, pieces=st.none() | st.integers(12, 60), new_number=st.none() | st.booleans(), day=st.none(), trade_in=st.booleans(), bundled=st.booleans())  # fmt: skip


@settings(max_examples=150)
@given(OFFERS, ASSUMED, SALES, st.lists(st.integers(0, 100_000), min_size=1, max_size=4))
def test_margins_of_many_fees_at_once_equal_the_accounts_of_each(offer, assumptions, sale, fees):
    array = np.array(fees, np.int64)
    accounts = [account(offer, [Money(fee)], assumptions, sale) for fee in fees]
    assert margins(offer, array, assumptions, sale).tolist() == [a.incremental_margin.minor for a in accounts]
    assert device_costs(offer, array, sale).tolist() == [a.device_cost.minor for a in accounts]


@settings(max_examples=100)
@given(OFFERS, SALES, st.lists(st.integers(0, 100_000).map(Money), min_size=1, max_size=40))
def test_no_fen_is_lost_between_bills_credits_deposit_and_cash(offer, sale, fees):
    made = account(offer, fees, NOTHING, sale)
    for line in made.lines:
        assert line.bill == line.credit_used + line.deposit_used + line.paid
        assert line.bill.minor >= line.own_fees.minor
    used = sum(line.deposit_used.minor for line in made.lines) * made.pieces
    assert made.deposit_paid.minor == used + made.deposit_returned.minor + made.deposit_lapsed.minor
    given = sum(line.credit_given.minor for line in made.lines) * made.pieces
    taken = sum(line.credit_used.minor for line in made.lines) * made.pieces
    assert given == taken + made.credits_lapsed.minor
    extra = sum(p.cost.minor for p in offer.promotions if isinstance(p, Points)) * made.pieces
    resold = sum(p.resale.minor for p in offer.promotions if isinstance(p, TradeIn) and sale.trade_in)
    # With nothing spent by the operator, what the customer pays is what the operator nets, but for gifts and old devices.
    assert made.margin.minor == made.true_cost.minor - extra + resold * made.pieces
