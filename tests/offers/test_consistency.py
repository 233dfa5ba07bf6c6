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
from telewave.offers.findings import (
    Contradiction,
    Dominated,
    Gap,
    NobodyEligible,
    OnlyDeviceOnly,
    OverComplex,
    SameTerms,
    Undercut,
)
from telewave.offers.matrix import matrix
from telewave.offers.model import Catalogue, ChannelId, Customers, Kind, Offer, OfferId
from telewave.offers.promotions import Period
from telewave.offers.terms import Device, ShareOfBill, Terms
from telewave.platform.languages import render

CASE = reference_case()
HALL, WEB = ChannelId("hall"), ChannelId("web")
CHANNELS = {HALL: Label("Hall", "营业厅"), WEB: Label("Web", "网厅")}


def found(kind, catalogue=CASE, market=None, day=None):
    return [f for f in findings(catalogue, market or Market(), day) if isinstance(f, kind)]


def offer(name, price, channel=HALL, kind=Kind.CONTRACT, customers=Customers.ALL, rule=None, **terms):
    return Offer(
        OfferId(name),
        Label(name, name),
        kind,
        (channel,),
        customers,
        Terms(Device(Money(price * 100)), **terms),
        parse_rule(rule) if rule else None,
    )


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
    assert {(f.kind, f.channels[0].en, f.channels[1].en) for f in found(Contradiction)} == {
        (Kind.DEVICE_ONLY, "Third-party shops", "Web hall"),
        (Kind.CONTRACT, "Own outlets", "Web hall"),
    }


def test_the_cases_shops_undercut_the_outlets_for_new_numbers_in_a_stretch_of_use():
    (finding,) = [f for f in found(Undercut) if (f.cheap.en, f.dear.en) == ("Third-party shops", "Own outlets")]  # fmt: skip
    (case,) = finding.cases
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
    for finding in findings(CASE, Market()):
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


# Classes and sizes.


def test_what_the_class_does_not_tell_leaves_a_rule_open_for_some():
    person = Customer(False, BaseClass.MOBILE, "prepaid", "public")
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
    new = Customer(True, BaseClass.MOBILE, "prepaid", "public")
    assert openness(offer("a", 1, rule="payment = 'prepaid'"), new) is Openness.SOME
    line = replace(offer("a", 1, customers=Customers.NEW), payment="postpaid")
    assert openness(line, new) is Openness.NONE


def counted():
    public, firm = (Cell(BaseClass.MOBILE, "prepaid", s) for s in ("public", "enterprise"))
    return Market(counted=Counted({(public, 30): 600, (public, 200): 400, (firm, 80): 50}, {}))


def test_affected_is_who_pays_more_at_its_own_fee_and_that_is_what_is_at_stake():
    # Topped up to 100 for 10 months: at 30, 80 and 200 a month it costs 700, 200 and nothing more than the other.
    small = catalogue(
        offer("a", 100, contract_months=10),
        offer("b", 100, contract_months=10, minimum_spend=Money(100_00), rule="segment = 'public'"),
    )
    (finding,) = found(Dominated, small, counted())
    assert finding.stake.affected == 600  # whoever spends 200 a month is not affected
    assert finding.stake.a_sale == Money(700_00)
    assert finding.stake.total == Money(4_200_00)  # 1 % of them


def test_a_subscriber_who_could_take_either_new_line_counts_once_and_outsiders_are_on_no_record():
    market = counted()
    both = [Customer(True, BaseClass.MOBILE, payment, "public") for payment in ("prepaid", "postpaid")]
    assert market.size(both) == 1_000
    assert isinstance(market.size([Customer(True, BaseClass.NONE, "prepaid", "public")]), Inconclusive)
    assert isinstance(Market().size(both), Inconclusive)


def test_customers_are_named_by_the_dimensions_that_are_not_complete():
    assert render(customers_named([c for c in CUSTOMERS if c.new_number]), "en") == "New numbers"
    assert render(customers_named(CUSTOMERS), "zh") == "新入网号码；在网号码"
    some = [c for c in CUSTOMERS if not c.new_number and c.segment == "public" and c.payment == "prepaid"]
    assert render(customers_named(some), "en") == "Existing numbers · Prepaid · Public"
    odd = [
        Customer(True, BaseClass.MOBILE, "prepaid", "public"),
        Customer(True, BaseClass.NONE, "postpaid", "public"),
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
        and Customer(False, BaseClass.MOBILE, "prepaid", "public") in row.customers
    )
    shop, hall, group, web = low.cells
    assert (shop.best.id, shop.distance) == ("shop-credit-3100", Money(0))
    assert (hall.best, [o.id for o in hall.partly]) == (None, ["upgrade-prepaid"])
    assert (group.offers, group.partly) == ((), ())
    assert (web.best.id, web.cost) == ("web-device-4850", Money(4_850_00))
    assert low.size == 600
