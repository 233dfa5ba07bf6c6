"""What the reference case's selling points claim is so: every figure of an evidence follows from terms and accounts."""

import re
from dataclasses import replace

import pytest

from telewave.kernel import Label, Money
from telewave.offers.catalogue_file import parse_catalogue, reference_case
from telewave.offers.economics import account
from telewave.offers.model import Customers, Script, UnknownPlace
from telewave.platform.yaml_files import YamlMistake
from telewave.targeting.plan import Group

CASE = reference_case()


def terms(name):
    return CASE.offer(name).terms


def price(name):
    return terms(name).device.price.minor / 100


def deposit(name):
    return terms(name).deposit.amount.minor / 100


def floor(name):
    return terms(name).minimum_spend.minor / 100


def credits_given(name, fee):
    made = account(CASE.offer(name), [Money(fee * 100)])
    return [line.credit_given.minor / 100 for line in made.lines]


def market_price(name):
    return terms(name).device.list_price.minor / 100


def bundle(name):
    return {deposit(name), floor(name), round(deposit(name) / floor(name), 1)}


def shop_3100():
    given = credits_given("shop-credit-3100", 200)
    return {len(given) - 1, given[1], given[0], sum(given), price("shop-credit-3100")}


def shop_1168():
    given = credits_given("shop-credit-1168", 89)
    return {terms("shop-credit-1168").contract_months, given[1], sum(given) - 100, floor("shop-credit-1168")}


def prepaid():
    months, first = terms("new-prepaid").contract_months, price("new-prepaid") + deposit("new-prepaid")
    full = price("new-credit-4999")
    return {deposit("new-prepaid"), months, deposit("new-prepaid") / months, price("new-prepaid"), first, full, full - first}  # fmt: skip


def credit_4999():
    share = 0.30
    returned = round(348 * share, 2)
    assert credits_given("new-credit-4999", 348)[1] == returned
    assert account(CASE.offer("new-credit-4999"), [Money(348_00)]).device_cost == Money(0)
    assert account(CASE.offer("new-credit-4999"), [Money(347_00)]).device_cost > Money(0)
    return {30, 348, returned, terms("new-credit-4999").credits[0].months, round(48 * returned, 2)}


def group_539():
    assert account(CASE.offer("group-539"), [Money(162_00)]).device_cost == Money(539_00)
    months = terms("group-539").contract_months
    return {deposit("group-539"), months, round(deposit("group-539") / months, 2)}


def enterprise_389():
    given = credits_given("enterprise-389", 0)
    line = account(CASE.offer("enterprise-389"), [Money(0)]).lines[-1]
    return {floor("enterprise-389"), sum(given), len(given), round(sum(given) / 24, 2), round(line.paid.minor / 100, 2)}  # fmt: skip


def ten_plus_one():
    made = account(CASE.offer("enterprise-10-plus-1"), [Money(0)])
    each = price("enterprise-10-plus-1")
    assert round(1 - made.device_cost.minor / 100 / each, 2) == 0.09
    return {10, each, made.pieces, round(made.device_paid.minor / 100 / made.pieces + 0.0001, 2)}


def upgrade_prepaid():
    given = sum(credits_given("upgrade-prepaid", 50))
    return {given, 50, given / 50}


def upgrade_postpaid():
    given = credits_given("upgrade-postpaid", 200)
    return {25, 200, given[1], len([one for one in given if one]), sum(given)}


def fifty():
    tier = terms("enterprise-50-tier").tiers[0].minimum_spend.minor / 100
    less = floor("enterprise-50-tier") - tier
    return {terms("enterprise-50-tier").contract_months, less, 24 * less}


FOLLOWS = {
    "shop-credit-3100": shop_3100,
    "shop-credit-1168": shop_1168,
    "new-bundle-189-subsidy": lambda: bundle("new-bundle-189-subsidy"),
    "new-bundle-189-credit": lambda: {price("new-bundle-189-credit"), price("new-bundle-189-subsidy")},
    "new-single-89-subsidy": lambda: bundle("new-single-89-subsidy"),
    "new-single-89-credit": lambda: bundle("new-single-89-credit"),
    "new-prepaid": prepaid,
    "upgrade-prepaid": upgrade_prepaid,
    "upgrade-postpaid": upgrade_postpaid,
    "group-539": group_539,
    "new-credit-4999": credit_4999,
    "enterprise-389": enterprise_389,
    "enterprise-10-plus-1": ten_plus_one,
    "enterprise-50-tier": fifty,
    "web-subsidy-3650": lambda: {price("web-subsidy-3650"), price("new-single-89-subsidy")},
    "web-device-4850": lambda: {price("web-device-4850"), market_price("web-device-4850")},
}


@pytest.mark.parametrize("name", [offer.id for offer in CASE.offers])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_figure_of_an_evidence_follows_from_the_offers_terms(name, language):
    known = FOLLOWS[name]()
    for point in CASE.offer(name).selling_points:
        named = re.findall(r"\d[\d,]*(?:\.\d+)?", getattr(point.evidence, language).replace("3G", ""))
        assert named
        assert {float(figure.replace(",", "")) for figure in named} <= {round(float(one), 2) for one in known}


def outlets_for_new_numbers(payment, segment):
    """The outlets' offers for a single piece with a new line paid so."""
    return [
        o for o in CASE.offers
        if "hall" in o.channels and o.customers is not Customers.EXISTING and o.payment in (None, payment)
        and o.terms.least_pieces == 1 and (o.eligibility is None or segment == "enterprise")
    ]  # fmt: skip


def test_superlatives_are_true_of_all_offers_that_they_are_compared_with():
    prices = {o.id: o.terms.device.price for o in outlets_for_new_numbers("postpaid", "public")}
    assert min(prices, key=prices.get) == "new-bundle-189-credit"
    for_everybody = [
        o for o in CASE.offers if o.customers is not Customers.EXISTING and o.eligibility is None
    ]
    returned = {o.id: sum(getattr(c, "total", getattr(c, "amount", None)).minor for c in o.terms.credits) for o in for_everybody}  # fmt: skip
    assert max(returned, key=returned.get) == "new-credit-4999"
    assert len(outlets_for_new_numbers("prepaid", "public")) == 4  # so none of them is "the only one"
    assert not any("only" in p.advantage.en.lower() for o in CASE.offers for p in o.selling_points)


@pytest.mark.parametrize("group", list(Group))
def test_every_offer_with_a_selling_point_for_a_group_has_a_script_for_it_in_both_languages(group):
    for offer in CASE.offers:
        lines = CASE.script(offer, group)
        assert len(lines) == (4 if offer.points_for(group) else 0)
        for line in lines:
            assert line.en != line.zh
            assert "{" not in line.en + line.zh
        if lines:
            assert offer.points_for(group)[0].benefit.en in lines[2].en
            assert offer.name.zh in lines[2].zh


@pytest.mark.parametrize("place", ["{price}", "{offer!r}", "{offer:>99999999}", "{", "{offer.name}", "{}"])
def test_a_script_with_a_place_that_nothing_fills_is_refused_with_its_line(place):
    text = f"""name: S
channels: {{hall: Hall}}
scripts:
  - {{groups: core, opening: O, need: N, offer: '{place}', close: C}}
offers:
  - {{id: a, name: A, kind: contract, channels: hall, customers: all, device: 1}}
"""
    with pytest.raises(YamlMistake, match="line 4: The script has the place") as caught:
        parse_catalogue(text)
    assert isinstance(caught.value.__cause__, UnknownPlace)


def test_a_script_s_blank_beside_a_chinese_value_falls_and_stays_beside_figures():
    offer, point = CASE.offers[0], CASE.offers[0].selling_points[0]
    label = Label("On {offer}", "向您推荐 {offer} 这项政策")
    script = Script(groups=point.groups, opening=label, need=label, offer=label, close=label)
    told = script.said(replace(offer, name=Label("Phone", "购机 4699 元")), point)[0]
    assert told == Label("On Phone", "向您推荐购机 4699 元这项政策")
    assert script.said(replace(offer, name=Label("4G", "4G")), point)[0].zh == "向您推荐 4G 这项政策"
