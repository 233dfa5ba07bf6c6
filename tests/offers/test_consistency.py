"""What is found between policies: on the reference case as a whole, and kind by kind on small catalogues."""

from dataclasses import replace
from datetime import date

import pytest

from telewave.audiences.language import parse_rule
from telewave.customers.base import BaseClass, Cell
from telewave.kernel import Inconclusive, Label, Money
from telewave.offers.catalogue_file import reference_case
from telewave.offers.classes import (
    ASSUMED_LEVELS,
    CUSTOMERS,
    Counted,
    Customer,
    Market,
    Openness,
    customers_named,
    openness,
)
from telewave.offers.consistency import bench, findings
from telewave.offers.coverage_findings import Gap, NobodyEligible, OnlyDeviceOnly, OverComplex
from telewave.offers.matrix import matrix
from telewave.offers.model import Catalogue, ChannelId, Customers, Kind, Offer, OfferId
from telewave.offers.page import shade
from telewave.offers.price_findings import Contradiction, Dominated, SameTerms, Undercut
from telewave.offers.promotions import Discount, DiscountKind, Period
from telewave.offers.ranges import GRID
from telewave.offers.terms import AtOnce, Device, ShareOfBill, Terms, Tier
from telewave.platform.languages import render

CASE = reference_case()
HALL, WEB = ChannelId("hall"), ChannelId("web")
CHANNELS = {HALL: Label("Hall", "营业厅"), WEB: Label("Web", "网厅")}


OF_THE_CASE = findings(CASE, Market())


def found(kind, catalogue=None, market=None, day=None):
    told = findings(catalogue, market or Market(), day) if catalogue else OF_THE_CASE
    return [f for f in told if isinstance(f, kind)]


def offer(name, price, channel=HALL, kind=Kind.CONTRACT, customers=Customers.ALL, rule=None, **terms):
    return Offer(
        id=OfferId(name),
        name=Label(name, name),
        kind=kind,
        channels=(channel,),
        customers=customers,
        terms=Terms(device=Device(Money(price * 100)), **terms),
        eligibility=parse_rule(rule) if rule else None,
    )


def with_list_price(one, price):
    """The offer with the rest of the list price as a subsidy: the device costs so much by itself."""
    listed = Money(price * 100)
    device = Device(one.terms.device.price, listed, subsidy=listed - one.terms.device.price)
    return replace(one, terms=replace(one.terms, device=device))


def catalogue(*offers):
    return Catalogue(Label("Small", "小"), CHANNELS, offers)


# The case's own problem.


def test_the_cases_policies_for_new_numbers_are_many_and_scattered_over_channels():
    (finding,) = found(OverComplex)
    assert all(customer.new_number for customer in finding.customers)
    assert set(finding.customers) == {c for c in CUSTOMERS if c.new_number}
    assert {len(choice.offers) for choice in finding.choices} == {8, 9, 10}
    assert {len(choice.channels) for choice in finding.choices} == {3}


def test_the_cases_device_only_sale_dominates_policies_for_new_numbers():
    beaten = {f.offer.id: [o.id for o in f.by] for f in found(Dominated)}
    assert beaten["new-bundle-189-subsidy"] == ["shop-credit-3100"]
    assert beaten["new-bundle-189-credit"] == ["shop-credit-3100"]
    assert beaten["new-single-89-subsidy"] == beaten["new-single-89-credit"] == ["web-subsidy-3650"]


def test_the_cases_customers_who_keep_their_number_can_only_buy_the_device_alone():
    (finding,) = found(OnlyDeviceOnly)
    assert set(finding.customers) == {c for c in CUSTOMERS if not c.new_number and c.segment == "public"}
    assert {o.id for o in finding.offers} == {"shop-credit-3100", "shop-credit-1168", "web-device-4850"}
    assert {o.id for o in finding.partly} == {"upgrade-prepaid", "upgrade-postpaid"}


def test_the_cases_channels_contradict_each_other_for_the_same_kind_of_deal():
    told = {(f.pieces, f.kind, f.channels[0].en, f.channels[1].en) for f in found(Contradiction)}
    assert told == {
        (1, Kind.DEVICE_ONLY, "Third-party shops", "Web hall"),
        (1, Kind.CONTRACT, "Own outlets", "Web hall"),
        (10, Kind.CONTRACT, "Own outlets", "Group purchase (own)"),
        (10, Kind.CONTRACT, "Group purchase (own)", "Web hall"),
    }


def test_the_cases_group_purchase_is_compared_from_its_smallest_order_on():
    (shop,) = [f for f in found(Undercut) if (f.pieces, f.cheap.en, f.dear.en) == (10, "Group purchase (own)", "Third-party shops")]  # fmt: skip
    assert [o.id for o in shop.cases[0].cheap] == ["group-539"]
    (hall,) = [f for f in found(Contradiction) if f.pieces == 10 and f.channels[0].en == "Own outlets"]
    prepaid = Customer(new_number=True, base=BaseClass.NONE, payment="prepaid", segment="public")
    case = next(c for c in hall.cases if prepaid in c.customers and c.cheap[0].id == "group-539")
    # Ten pieces at 200 a month: 539 each against 2 119 by the outlets' best, 4 999 less 48 times 60.
    (stretch,) = case.stretches
    assert stretch.low.minor == 0
    assert stretch.high.minor > 200_00


def test_an_order_in_which_nothing_changes_is_not_told_again():
    small = catalogue(offer("a", 100), offer("b", 130, WEB), offer("bulk", 140, least_pieces=10))
    assert [f.pieces for f in found(Contradiction, small)] == [1]


def test_a_tier_from_so_many_pieces_on_is_a_contradiction_of_its_own():
    small = catalogue(offer("a", 100, tiers=(Tier(20, Money(70_00)),)), offer("b", 100, WEB))
    (finding,) = found(Contradiction, small)
    assert (finding.pieces, finding.cases[0].most) == (20, Money(30_00))


def test_the_cases_shops_undercut_the_outlets_for_new_numbers_in_a_stretch_of_use():
    (finding,) = [f for f in found(Undercut) if (f.cheap.en, f.dear.en) == ("Third-party shops", "Own outlets")]  # fmt: skip
    (case,) = [case for case in finding.cases if case.customers[0].new_number]
    (stretch,) = case.stretches
    # The outlets' best here is all credit back, 4 999 - 14.40 u. The shop's is 5 363.40 - 24 u up to 49 (equal at 37.96), then
    # 4 599 - 8.40 u (equal at 66.67).
    assert stretch.low.minor == pytest.approx(37_96, abs=5)
    assert stretch.high.minor == pytest.approx(66_66, abs=5)
    assert [o.id for o in case.cheap] == ["shop-credit-3100"]
    assert [o.id for o in case.dear] == ["new-credit-4999"]


def test_the_case_sells_one_deal_under_two_names():
    (finding,) = found(SameTerms)
    assert [o.id for o in finding.offers] == ["new-single-89-subsidy", "new-single-89-credit"]


def test_no_customer_of_the_case_is_without_a_policy_and_no_policy_without_a_customer():
    assert found(Gap) == []
    assert found(NobodyEligible) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_finding_says_what_is_wrong_and_what_to_change_in_both_languages(language):
    for finding in OF_THE_CASE:
        for text in (finding.title, finding.sentence, finding.suggestion):
            said = render(text, language)
            assert "{" not in said
            assert said


# Kind by kind.


def test_one_channel_with_one_policy_has_nothing_wrong():
    assert findings(catalogue(offer("a", 100)), Market()) == ()


def test_a_policy_dearer_than_another_at_the_same_terms_is_dominated_and_the_difference_is_at_stake():
    (finding,) = found(Dominated, catalogue(offer("a", 100), offer("b", 130)))
    assert (finding.offer.id, [o.id for o in finding.by]) == ("b", ["a"])
    assert finding.stake.a_sale == Money(30_00)
    assert isinstance(finding.stake.affected, Inconclusive)
    assert isinstance(finding.stake.total, Inconclusive)


def test_a_policy_that_binds_longer_or_needs_a_larger_order_dominates_nothing():
    assert found(Dominated, catalogue(offer("a", 100, contract_months=12), offer("b", 130))) == []
    assert found(Dominated, catalogue(offer("a", 100, least_pieces=5), offer("b", 130))) == []


def test_a_policy_for_part_of_the_customers_does_not_dominate_one_for_all():
    small = catalogue(offer("a", 100, rule="segment = 'public'"), offer("b", 130))
    assert found(Dominated, small) == []
    assert found(Dominated, catalogue(offer("a", 100, rule="arpu > 50"), offer("b", 130))) == []


def test_several_policies_together_can_dominate_one():
    # a is 300 at any use, b 600 - 10 u up to 60, c 400 - 2.40 u: c is below a from 41.67 and below b up to 26.32, never below both.
    a = offer("a", 300, contract_months=10)
    b = offer("b", 0, contract_months=10, minimum_spend=Money(60_00))
    c = offer("c", 400, contract_months=10, credits=(ShareOfBill(1_000, Money(300_00), 24),))
    (finding,) = [f for f in found(Dominated, catalogue(a, b, c)) if f.offer.id == "c"]
    assert {o.id for o in finding.by} == {"a", "b"}


def test_the_same_deal_at_other_prices_in_two_channels_is_a_contradiction_but_not_in_one():
    assert found(Contradiction, catalogue(offer("a", 100), offer("b", 130))) == []
    (finding,) = found(Contradiction, catalogue(offer("a", 100), offer("b", 130, WEB)))
    assert set(finding.customers) == set(CUSTOMERS)
    assert finding.stake.a_sale == Money(30_00)


def test_other_prices_for_other_customers_are_no_contradiction():
    small = catalogue(
        offer("a", 100, rule="segment = 'public'"), offer("b", 130, WEB, rule="segment = 'enterprise'")
    )
    assert found(Contradiction, small) == []


def test_undercutting_between_different_kinds_names_the_break_even():
    # 500 flat against 200 with a minimum of 50 for 10 months: equal at 50 - 300 / 10 = 20 a month.
    flat = offer("flat", 500, WEB, Kind.DEVICE_ONLY)
    bound = offer("bound", 200, contract_months=10, minimum_spend=Money(50_00))
    undercut = {f.cheap.en: f.cases[0].stretches for f in found(Undercut, catalogue(flat, bound))}
    assert [(s.low, s.high) for s in undercut["Web"]] == [(Money(0), Money(19_99))]
    assert [(s.low.minor // 100, s.high) for s in undercut["Hall"]] == [(20, None)]


def test_classes_without_a_policy_are_a_gap():
    (finding,) = found(Gap, catalogue(offer("a", 100, customers=Customers.NEW)))
    assert set(finding.customers) == {c for c in CUSTOMERS if not c.new_number}
    assert isinstance(finding.stake.a_sale, Inconclusive)


def test_a_rule_that_no_class_or_no_counted_subscriber_fulfils_is_told():
    never = catalogue(offer("a", 100), offer("b", 90, rule="segment = 'public' and segment = 'enterprise'"))
    (finding,) = found(NobodyEligible, never)
    assert (finding.offer.id, finding.counted) == ("b", False)
    rare = catalogue(offer("a", 100), offer("b", 90, rule="arpu > 9999"))
    assert found(NobodyEligible, rare) == []
    (finding,) = found(NobodyEligible, rare, Market(counted=Counted({}, {"a": 5, "b": 0})))
    assert (finding.offer.id, finding.counted) == ("b", True)


def test_offers_that_are_not_valid_on_the_day_are_left_out():
    old = replace(offer("b", 130), valid=Period(None, date(2026, 6, 30)))
    small = catalogue(offer("a", 100), old)
    assert found(Dominated, small, day=date(2026, 6, 30))
    assert not found(Dominated, small, day=date(2026, 7, 1))


# Who the customers are: class, level of use, and what an offer asks for beyond.

RULES = ["arpu >= 60", "device_generation = '2g'", "age < 30 and arpu >= 60"]


@pytest.mark.parametrize("rule", RULES)
def test_the_same_rule_in_two_channels_makes_two_prices_a_contradiction_and_in_one_a_dominated_policy(rule):
    (finding,) = found(
        Contradiction, catalogue(offer("a", 1000, rule=rule), offer("b", 2000, WEB, rule=rule))
    )
    assert {case.most for case in finding.cases} == {Money(1000_00)}
    lows = {stretch.low for case in finding.cases for stretch in case.stretches}
    assert lows == {Money(60_00 if "arpu" in rule else 0)}
    (worse,) = found(Dominated, catalogue(offer("a", 1000, rule=rule), offer("b", 2000, rule=rule)))
    assert worse.offer.id == "b"


def test_a_rule_that_another_implies_is_fulfilled_by_the_same_customers():
    old, young_old = "device_generation = '2g'", "device_generation = '2g' and age < 30"
    (finding,) = found(Dominated, catalogue(offer("a", 100, rule=old), offer("b", 130, rule=young_old)))
    assert (finding.offer.id, [o.id for o in finding.by]) == ("b", ["a"])
    assert found(Dominated, catalogue(offer("a", 100, rule=young_old), offer("b", 130, rule=old))) == []
    assert found(Dominated, catalogue(offer("a", 100, rule="age < 30"), offer("b", 130, rule=old))) == []


def test_the_cases_upgrades_are_compared_for_those_who_may_have_them():
    (finding,) = [f for f in found(Dominated) if f.offer.id == "upgrade-postpaid"]
    assert {o.id for o in finding.by} == {"shop-credit-3100", "web-device-4850"}
    assert all(customer.conditions for customer in finding.customers)
    assert "2G" in render(finding.sentence, "en")


def test_offers_for_different_levels_of_use_neither_contradict_nor_dominate_nor_double_each_other():
    rich, poor = (
        offer(name, 100 + n, (HALL, WEB)[n], rule=f"arpu {sign} 120")
        for n, (name, sign) in enumerate([("rich", ">="), ("poor", "<")])
    )
    assert findings(catalogue(rich, poor), Market()) == ()
    assert findings(catalogue(rich, replace(poor, terms=rich.terms)), Market()) == ()


def test_a_level_of_use_without_a_policy_is_a_gap():
    (finding,) = found(Gap, catalogue(offer("a", 100, rule="arpu >= 120")))
    assert set(finding.customers) == set(CUSTOMERS)
    assert [(one.low, one.high) for one in finding.fees] == [(Money(0), Money(119_00))]
    assert "fees up to 119 yuan" in render(finding.sentence, "en")


def test_offers_for_larger_orders_alone_leave_a_gap_for_a_single_piece():
    (finding,) = found(Gap, catalogue(offer("bulk", 100, least_pieces=50)))
    assert [o.id for o in finding.larger] == ["bulk"]
    assert set(finding.customers) == set(CUSTOMERS)


def test_too_many_is_what_is_open_at_one_level_of_use():
    bands = [offer(f"o{n}", 100 + n, rule=f"arpu {'>=' if n % 2 else '<'} 120") for n in range(8)]
    assert found(OverComplex, catalogue(*bands)) == []
    assert found(OverComplex, catalogue(*bands, *(offer(f"p{n}", 90 + n) for n in range(2))))


# What is no finding.


def test_a_discount_for_new_numbers_leaves_the_offer_dominated_for_existing_ones_alone():
    less = Discount(kind=DiscountKind.NEW_CUSTOMER, off=Money(30_00))
    small = catalogue(replace(offer("a", 110), promotions=(less,)), offer("b", 100))
    told = {f.offer.id: {c.new_number for c in f.customers} for f in found(Dominated, small)}
    assert told == {"a": {False}, "b": {True}}


@pytest.mark.parametrize(
    "other",
    [offer("b", 100, contract_months=24), offer("b", 100, WEB), offer("b", 100, rule="arpu >= 120")],
    ids=["contract", "channel", "rule"],
)
def test_what_differs_in_contract_channel_or_rule_is_not_the_same_deal(other):
    assert found(SameTerms, catalogue(offer("a", 100), other)) == []


def test_dominance_is_claimed_up_to_the_highest_fee_compared():
    # 5 000 less 20 % of the bill for 24 months: below 1 000 from 4 000 / 4.80 = 833 a month on, which is not compared.
    returned = offer("b", 5000, credits=(ShareOfBill(2_000, Money(99_999_00), 24),))
    (finding,) = found(Dominated, catalogue(offer("a", 1000), returned))
    assert "at monthly fees up to 600 yuan" in render(finding.sentence, "en")
    assert "any fee up to 600 yuan a month" in render(finding.sentence, "en")


def test_a_dated_promotion_counts_on_its_day():
    flash = Discount(
        kind=DiscountKind.FLASH_SALE, off=Money(50_00), period=Period(date(2026, 7, 10), date(2026, 7, 10))
    )
    small = catalogue(offer("a", 100), replace(offer("b", 100, WEB), promotions=(flash,)))
    assert found(Contradiction, small, day=date(2026, 7, 9)) == []
    (finding,) = found(Contradiction, small, day=date(2026, 7, 10))
    assert finding.cases[0].most == Money(50_00)
    (_, web) = matrix(bench(small, Market(), date(2026, 7, 10))).rows[0].cells
    assert web.cost == Money(50_00)


def test_a_difference_of_one_kind_is_a_contradiction_and_not_an_undercutting_as_well():
    small = catalogue(offer("a", 100), offer("b", 130, WEB), offer("c", 200, kind=Kind.DEVICE_ONLY))
    assert found(Contradiction, small)
    assert found(Undercut, small) == []


def test_who_gets_a_contract_today_is_read_from_the_catalogue():
    alone = offer("a", 100, kind=Kind.DEVICE_ONLY)
    (finding,) = found(OnlyDeviceOnly, catalogue(alone))
    assert "today nobody gets one" in render(finding.suggestion, "en")
    (finding,) = found(OnlyDeviceOnly, catalogue(alone, offer("b", 90, rule="segment = 'enterprise'")))
    said = render(finding.suggestion, "en")
    assert "today only New numbers · Enterprise; Existing numbers · Enterprise get one" in said


# What to change.


def with_device_less(offer_, less):
    device = replace(offer_.terms.device, price=offer_.terms.device.price - less, list_price=None)
    changed = replace(offer_, terms=replace(offer_.terms, device=device))
    return replace(CASE, offers=tuple(changed if o.id == offer_.id else o for o in CASE.offers))


@pytest.mark.parametrize("name", ["new-bundle-189-subsidy", "new-single-89-credit", "upgrade-postpaid"])
def test_the_amount_suggested_off_makes_a_dominated_policy_a_choice_and_less_does_not(name):
    (finding,) = [f for f in found(Dominated) if f.offer.id == name]
    for less, left in ((finding.change, False), (finding.change - Money(5_00), True)):
        still = {f.offer.id for f in found(Dominated, with_device_less(finding.offer, less))}
        assert (name in still) is left


def test_the_amount_suggested_beats_every_rival_and_not_the_nearest_on_average_alone():
    # Topped up to 90 for 10 months a costs 900 at no own use and nothing from 90 on; b costs 850 at any, and c must get below both.
    a = offer("a", 0, contract_months=10, minimum_spend=Money(90_00))
    small = catalogue(a, offer("b", 850, contract_months=10), offer("c", 1000, contract_months=10))
    (finding,) = [f for f in found(Dominated, small) if f.offer.id == "c"]
    assert ([o.id for o in finding.by], finding.change, finding.at) == (["a"], Money(152_00), Money(0))


def test_the_amount_suggested_removes_a_contradiction_and_an_undercutting():
    (finding,) = found(Contradiction, catalogue(offer("a", 100), offer("b", 130, WEB)))
    assert (finding.shift, finding.left) == (Money(30_00), Money(0))
    assert "take 30 yuan off the device of “b”" in render(finding.suggestion, "en")
    flat = offer("flat", 500, WEB, Kind.DEVICE_ONLY)
    bound = with_list_price(offer("bound", 200, contract_months=10, minimum_spend=Money(50_00)), 700)
    (web,) = [f for f in found(Undercut, catalogue(flat, bound)) if f.cheap.en == "Web"]
    # With no use of one's own the bound one costs 700 and so 200 more, all that its device costs.
    assert "put 200 yuan on the device of “flat”" in render(web.suggestion, "en")
    # Where the device costs 600 by itself, nobody can ask 700 for it.
    bound = with_list_price(bound, 600)
    (web,) = [f for f in found(Undercut, catalogue(flat, bound)) if f.cheap.en == "Web"]
    assert "no possible price" in render(web.suggestion, "en")
    dearer = catalogue(offer("flat", 700, WEB, Kind.DEVICE_ONLY), bound)
    assert [f for f in found(Undercut, dearer) if f.cheap.en == "Web"] == []


def test_what_nobody_finds_cheapest_is_named_to_be_withdrawn():
    (finding,) = found(OverComplex)
    assert {"new-bundle-189-subsidy", "shop-credit-1168"} <= {o.id for o in finding.idle}
    ground = bench(CASE, Market())
    for customer in finding.customers:
        best = ground.best(ground.choices(customer), customer)(GRID)
        for idle in finding.idle:
            assert (ground.cost(idle, customer)(GRID) >= best).all()
    assert "At most 6 are then left" in render(finding.suggestion, "en")


def test_findings_of_a_kind_stand_in_the_order_of_the_money_at_stake():
    small = catalogue(*(offer(f"o{price}", price) for price in (100, 130, 160, 115)))
    assert [f.offer.id for f in found(Dominated, small)] == ["o160", "o130", "o115"]


# Classes and sizes.


def test_what_the_class_does_not_tell_leaves_a_rule_open_for_some():
    person = Customer(new_number=False, base=BaseClass.MOBILE, payment="prepaid", segment="public")
    asked = {
        "payment = 'prepaid'": Openness.ALL,
        "payment = 'postpaid' and arpu > 5": Openness.NONE,
        "payment = 'prepaid' or arpu > 5": Openness.ALL,
        "arpu > 5": Openness.SOME,
        "arpu is null": Openness.SOME,
        "not has tag 'vip'": Openness.SOME,
        "not (has_mobile = true)": Openness.NONE,
        "event orders within 90 days": Openness.SOME,
        "in audience 'x'": Openness.SOME,
    }
    assert {rule: openness(offer("a", 1, rule=rule), person) for rule in asked} == asked


def test_the_payment_of_a_new_line_is_not_that_of_the_present_one():
    new = Customer(new_number=True, base=BaseClass.MOBILE, payment="prepaid", segment="public")
    assert openness(offer("a", 1, rule="payment = 'prepaid'"), new) is Openness.SOME
    line = replace(offer("a", 1, customers=Customers.NEW), payment="postpaid")
    assert openness(line, new) is Openness.NONE


def counted():
    public, firm = (Cell(BaseClass.MOBILE, "prepaid", s) for s in ("public", "enterprise"))
    return Market(counted=Counted({(public, 30): 600, (public, 200): 400, (firm, 80): 50}, {}))


def test_affected_is_who_pays_more_at_its_own_fee_and_that_is_what_is_at_stake():
    # Topped up to 100 for 10 months: at 30, 80 and 200 a month it costs 700, 200 and nothing more than the other.
    small = catalogue(
        with_list_price(offer("a", 100, contract_months=10), 1_000),
        offer("b", 100, contract_months=10, minimum_spend=Money(100_00), rule="segment = 'public'"),
    )
    (finding,) = found(Dominated, small, counted())
    assert finding.stake.affected == 600  # whoever spends 200 a month is not affected
    assert finding.stake.a_sale == Money(700_00)
    assert finding.stake.total == Money(4_200_00)  # 1 % of them


def test_whom_a_policy_costs_more_than_the_device_by_itself_is_not_counted():
    # Topped up to 100 for 10 months, at 30 a month it costs 800 in all, and the device by itself 700.
    a = with_list_price(offer("a", 100, contract_months=10), 700)
    b = offer("b", 100, contract_months=10, minimum_spend=Money(100_00), rule="segment = 'public'")
    (finding,) = found(Dominated, catalogue(a, b), counted())
    assert finding.stake.affected == 0


def test_orders_of_several_pieces_are_counted_for_enterprises_only():
    hall, web = (offer(name, price, channel, least_pieces=10) for name, price, channel in (("a", 100, HALL), ("b", 130, WEB)))  # fmt: skip
    (finding,) = found(Contradiction, catalogue(hall, web), counted())
    assert (finding.pieces, finding.stake.affected) == (10, 50)
    public = [replace(one, eligibility=parse_rule("segment = 'public'")) for one in (hall, web)]
    (finding,) = found(Contradiction, catalogue(*public), counted())
    assert "on no record" in render(finding.stake.affected.reason, "en")


def test_no_suggested_price_is_below_nothing_or_above_what_the_device_costs_by_itself():
    ceiling = bench(CASE, Market()).ceiling
    assert ceiling == Money(5_160_00)
    prices = {o.id: o.terms.device.price for o in CASE.offers}
    for finding in OF_THE_CASE:
        for word, sign in (("take ", -1), ("put ", 1), ("Take ", -1)):
            said = render(finding.suggestion, "en")
            if word not in said or " yuan " not in said.split(word, 1)[1]:
                continue
            change = int(said.split(word, 1)[1].split(" yuan", 1)[0].replace(",", "")) * 100
            named = [finding.offer] if isinstance(finding, Dominated) else [o for o in CASE.offers if f"“{o.name.en}”" in said.split(word, 1)[1].split(", and", 1)[0]]  # fmt: skip
            assert named
            for one in named:
                assert Money(0) < Money(prices[one.id].minor + sign * change) <= ceiling


def test_a_subscriber_who_could_take_either_new_line_counts_once_and_outsiders_are_on_no_record():
    market = counted()
    both = [
        Customer(new_number=True, base=BaseClass.MOBILE, payment=payment, segment="public")
        for payment in ("prepaid", "postpaid")
    ]
    assert market.size(both) == 1_000
    assert isinstance(
        market.size([Customer(new_number=True, base=BaseClass.NONE, payment="prepaid", segment="public")]),
        Inconclusive,
    )
    assert isinstance(Market().size(both), Inconclusive)


def test_customers_are_named_by_the_dimensions_that_are_not_complete():
    assert render(customers_named([c for c in CUSTOMERS if c.new_number]), "en") == "New numbers"
    assert render(customers_named(CUSTOMERS), "zh") == "新入网号码；在网号码"
    some = [c for c in CUSTOMERS if not c.new_number and c.segment == "public" and c.payment == "prepaid"]
    assert render(customers_named(some), "en") == "Existing numbers · Prepaid · Public"
    odd = [
        Customer(new_number=True, base=BaseClass.MOBILE, payment="prepaid", segment="public"),
        Customer(new_number=True, base=BaseClass.NONE, payment="postpaid", segment="public"),
    ]
    assert render(customers_named(odd), "en") == (
        "New numbers · Prepaid · Public · Mobile only; New numbers · Postpaid · Public · From outside"
    )


def test_the_matrix_shows_each_class_and_channel_with_its_cheapest_offer():
    picture = matrix(bench(CASE, counted()))
    assert [name for name, _ in picture.channels] == list(CASE.channels)
    assert {c for row in picture.rows for c in row.customers} == set(CUSTOMERS)
    low = next(
        row
        for row in picture.rows
        if row.level is ASSUMED_LEVELS[0]
        and Customer(new_number=False, base=BaseClass.MOBILE, payment="prepaid", segment="public")
        in row.customers
    )
    shop, hall, group, web = low.cells
    assert (shop.best.id, shop.distance) == ("shop-credit-3100", Money(0))
    assert (hall.best, [o.id for o in hall.partly]) == (None, ["upgrade-prepaid"])
    assert (group.offers, group.partly) == ((), ())
    assert (web.best.id, web.cost) == ("web-device-4850", Money(4_850_00))
    assert low.size == 600


def test_cells_are_shaded_by_how_much_more_a_device_costs_even_where_it_costs_less_than_nothing():
    def shades(hall, web, **terms):
        one, other = offer("hall", hall, **terms), offer("web", web, WEB)
        row = matrix(bench(catalogue(one, other), Market())).rows[2]  # at 200 a month
        return [shade(cell) for cell in row.cells]

    assert shades(4_000, 4_000) == ["best", "best"]
    assert shades(4_000, 4_200) == ["best", "near"]
    assert shades(4_000, 4_201) == ["best", "between"]
    assert shades(5_000, 4_000) == ["far", "best"]
    given = {"credits": (AtOnce(Money(4_000_00)),), "contract_months": 24}
    assert shades(0, 100, **given) == ["best", "far"]  # -4 000 against 100


def test_a_discount_for_new_numbers_gives_them_a_row_of_their_own():
    less = Discount(kind=DiscountKind.NEW_CUSTOMER, off=Money(30_00))
    picture = matrix(bench(catalogue(replace(offer("a", 110), promotions=(less,))), Market()))
    costs = {customer.new_number: row.cells[0].cost for row in picture.rows for customer in row.customers}
    assert costs == {True: Money(80_00), False: Money(110_00)}


def test_a_cell_counts_an_offer_for_part_of_a_level_as_for_some():
    picture = matrix(bench(catalogue(offer("a", 100), offer("b", 90, WEB, rule="arpu >= 60")), Market()))
    low, middle, high = picture.rows[:3]
    assert [cell.partly for cell in low.cells] == [(), ()]
    assert low.cells[1].offers == ()
    assert [o.id for o in middle.cells[1].partly] == ["b"]
    assert [o.id for o in high.cells[1].offers] == ["b"]
