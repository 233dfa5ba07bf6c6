"""The catalogue file: what it says, and what is said about its mistakes."""

import re
from datetime import date

import numpy as np
import pytest

from telewave.audiences.language import parse_rule
from telewave.kernel import Label, Money
from telewave.offers.catalogue_file import load_catalogue, parse_catalogue, reference_case
from telewave.offers.curves import device_costs
from telewave.offers.economics import account
from telewave.offers.model import Customers, Kind, NoSuchCatalogueOffer, Quotas
from telewave.offers.promotions import (
    Bundle,
    Discount,
    DiscountKind,
    Period,
    Points,
    RecallGift,
    TradeIn,
)
from telewave.offers.terms import AtOnce, Deposit, Fixed, FreePieces, ShareOfBill, Tier, Unspent
from telewave.platform.languages import render
from telewave.platform.yaml_files import YamlMistake, YamlUnreadable
from telewave.targeting.plan import Group

GOOD = """\
name: Summer
currency: CNY
channels:
  hall: {en: Hall, zh: 营业厅}
  web: Web
offers:
  - id: one
    name: {en: One, zh: 一}
    kind: contract
    channels: [hall, web]
    customers: all
    eligibility: arpu >= 50 and segment = 'public'
    valid: {from: 2026-07-01, to: 2026-07-31}
    device: {price: 899, list_price: 1000 CNY, subsidy: 100, credit_taken_off: 1}
    deposit: {amount: 200, unspent: lapses}
    credits:
      - {at_once: 10.50}
      - {total: 120, months: 12, first_month: 2}
      - {share_of_last_bill: 12.5 %, fold: 2, of: 30, months: 6}
      - {fold: 3}
    minimum_spend: 59
    contract_months: 24
    free_pieces: {bought: 10}
    tiers:
      - {from: 20, minimum_spend: 49}
    quotas: {stock: 500, a_customer: 5, a_day: 50}
    promotions:
      - {kind: flash_sale, off: 100, valid: {from: 2026-07-10, to: 2026-07-12}, stock: 30}
      - {kind: group_purchase, off: 20, least_pieces: 5}
      - {kind: recall_gift, name: Cup, value: 30, cost: 12}
      - {kind: trade_in, allowance: 200, resale: 150}
      - {kind: bundle, product: Broadband, off: 10, months: 12}
      - {kind: points, points: 500, value: 5, cost: 4}
    selling_points:
      - {groups: [core, normal], feature: F, advantage: A, benefit: B, evidence: E}
    note: Read so.
  - id: two
    name: Two
    kind: device_only
    channels: web
    customers: new
    payment: prepaid
    device: 950
    deposit: 100
    least_pieces: 2
"""


def test_a_catalogue_file_gives_offers_with_terms_promotions_and_selling_points():
    catalogue = parse_catalogue(GOOD)
    one, two = catalogue.offers
    assert catalogue.channels["hall"] == Label("Hall", "营业厅")
    assert (one.kind, one.customers, one.channels) == (Kind.CONTRACT, Customers.ALL, ("hall", "web"))
    assert one.eligibility == parse_rule("arpu >= 50 and segment = 'public'")
    assert one.valid == Period(date(2026, 7, 1), date(2026, 7, 31))
    assert one.terms.deposit == Deposit(Money(200_00), Unspent.LAPSES)
    assert one.terms.credits == (
        AtOnce(Money(10_50)),
        Fixed(Money(120_00), 12, 2),
        ShareOfBill(1_250, Money(60_00), 6),
        AtOnce(Money(3 * 899_00)),
    )
    assert one.terms.free_pieces == FreePieces(10, 1)
    assert one.terms.tiers == (Tier(20, minimum_spend=Money(49_00)),)
    assert one.quotas == Quotas(500, 5, 50)
    assert one.promotions[0] == Discount(
        kind=DiscountKind.FLASH_SALE,
        off=Money(100_00),
        period=Period(date(2026, 7, 10), date(2026, 7, 12)),
        stock=30,
    )
    kinds = [type(promotion) for promotion in one.promotions]
    assert kinds == [Discount, Discount, RecallGift, TradeIn, Bundle, Points]
    assert one.points_for(Group.NORMAL) == one.selling_points
    assert one.points_for(Group.BASIC) == ()
    assert (two.terms.device.price, two.terms.deposit, two.payment) == (
        Money(950_00),
        Deposit(Money(100_00)),
        "prepaid",
    )
    assert one.on_sale(date(2026, 7, 31))
    assert not one.on_sale(date(2026, 8, 1))


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("minimum_spend: 59", "minimal_spend: 59", 21, "Did you mean `minimum_spend`?"),
        ("from: 2026-07-01, to: 2026-07-31", "from: 2026-07-31, to: 2026-07-01", 13, "Exchange the two dates"),
        ("from: 2026-07-10,", "from: 2026-07-40,", 28, "is not a day"),
        ("1000 CNY", "1000 EUR", 14, "in EUR, the catalogue in CNY"),
        ("channels: web", "channels: wap", 40, "Write one of hall, web."),
        ("channels: web", "channels: []", 40, "needs a channel"),
        ("- id: two", "- id: one", 37, "is taken"),
        ("device: 950", "device: -950", 43, "zero or more"),
        ("arpu >= 50 and", "arpu >= 50 und", 12, "`and`"),
        ("arpu >= 50", "arpo >= 50", 12, "Did you mean"),
        ("segment = 'public'", "segment = 'publik'", 12, "public"),
        ("subsidy: 100", "subsidy: 90", 14, "Correct one of the four"),
        ("customers: all", "customers: everyone", 11, "Write one of new, existing, all"),
        ("customers: all", "customers: all\n    payment: prepaid", 7, "eligibility rule"),
        ("{fold: 3}", "{fold: 3, total: 9}", 20, "exclude each other"),
        ("{fold: 3}", "{months: 3}", 20, "needs `at_once`, `total` or `fold`"),
        ("{at_once: 10.50}", "{at_once: 10.50, months: 3}", 17, "does not go with at_once"),
        ("12.5 %", "12.5055 %", 19, "hundredth of a per cent"),
        ("fold: 2, of: 30, months: 6", "fold: 2, of: 30", 19, "`months` is missing"),
        ("total: 120, months", "total: 0, months", 18, "above zero"),
        ("{from: 20, minimum_spend: 49}", "{from: 20}", 7, "Put them in order"),
        ("allowance: 200, resale: 150", "allowance: 200", 31, "`resale` is missing"),
        ("allowance: 200,", "allowance: 200, points: 3,", 31, "`points` does not go with"),
        ("stock: 500", "stock: 0", 26, "whole number of 1 or more"),
        ("groups: [core, normal]", "groups: [core, norml]", 35, "Did you mean `normal`?"),
        ("    customers: new\n", "", 37, "`customers` is missing"),
        ("name: Summer\n", "", 1, "`name` is missing"),
        ("device: 950", "device: 1e30", 43, "at most 15 digits"),
        ("device: 950", "device: 1e9999999", 43, "at most 15 digits"),
        ("device: 950", "device: 123456789012345678901", 43, "at most 15 digits"),
        ("device: 950", "device: 100000001", 43, "more than an offer can ask"),
        ("contract_months: 24", "contract_months: 100000000", 22, "too many. Write 120 at most"),
        ("months: 12, first", "months: 10000000, first", 18, "too many. Write 120 at most"),
        ("off: 10, months: 12", "off: 10, months: 121", 32, "too many"),
        ("least_pieces: 2", "least_pieces: 9999999999999999999", 45, "too many. Write 1,000,000 at most"),
        ("fold: 2,", "fold: 2000000,", 19, "too many"),
        ("- id: two", "- id: ''", 37, "the id is empty"),
        ("    contract_months: 24\n", "", 21, "Add `contract_months`"),
        ("list_price: 1000 CNY, ", "", 14, "Add `list_price`"),
        ("    least_pieces: 2", "    least_pieces: 20\n    tiers: [{from: 10, device_price: 9}]", 46, "below the smallest order, 20"),
        ("    least_pieces: 2", "    least_pieces: 20\n    quotas: {stock: 19}", 46, "nobody could buy"),
        ("from: 2026-07-10, to: 2026-07-12", "from: 2026-08-10, to: 2026-08-12", 28, "outside the validity"),
        ("flash_sale, off: 100,", "flash_sale, off: 900,", 28, "900.00 off is more than the device costs, 899.00"),
        ("off: 20, least_pieces: 5", "off: 20", 29, "Add `least_pieces`"),
        ("channels:\n  hall: {en: Hall, zh: 营业厅}\n  web: Web", "channels: {}", 3, "Declare at least one"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_the_remedy(old, new, line, says):
    assert old in GOOD
    with pytest.raises(YamlMistake) as caught:
        parse_catalogue(GOOD.replace(old, new, 1), "offers.yaml")
    said = str(caught.value)
    assert said.startswith(f"offers.yaml, line {line}:"), said
    assert says in said


def test_the_largest_amounts_pieces_and_months_are_computed_without_overflow():
    text = GOOD.replace("device: 950", "device: 100000000").replace(
        "least_pieces: 2", "least_pieces: 1000000"
    )
    offer = parse_catalogue(text).offer("two")
    fees = np.array([0, 600_00], np.int64)
    assert device_costs(offer, fees).tolist() == [10_000_000_000] * 2
    assert account(offer, [Money(0)]).device_cost == Money(10_000_000_000)


@pytest.mark.parametrize(
    "text", ["a: b: c", "a: [1", 'a: "b', "a\nb: c", "a:\n\t- b", "a: \x00", "- a\nb: c"]
)
def test_what_is_wrong_with_a_file_is_said_in_the_readers_language(text, tmp_path):
    with pytest.raises(YamlMistake) as caught:
        parse_catalogue(text)
    said = render(caught.value, "zh")
    assert not set(re.findall("[A-Za-z]{3,}", said)) - {"offers", "YAML"}, said


def test_why_a_file_cannot_be_read_is_said_in_the_readers_language(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    (tmp_path / "folder.yaml").mkdir()
    for name, says in (("nope", "没有这个文件"), ("latin", "不是 UTF-8 文本"), ("folder", "这是文件夹")):
        with pytest.raises(YamlUnreadable) as caught:
            load_catalogue(tmp_path / f"{name}.yaml")
        assert says in render(caught.value, "zh")
        assert "Error" not in str(caught.value)


def test_a_file_that_is_not_there_or_empty_is_refused(tmp_path):
    with pytest.raises(YamlUnreadable):
        load_catalogue(tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(YamlMistake, match="line 1"):
        load_catalogue(tmp_path / "empty.yaml")


def test_the_shipped_case_has_the_16_policies_in_both_languages_with_selling_points():
    case = reference_case()
    assert len(case.offers) == 16
    assert {offer.channels[0] for offer in case.offers} == {
        "third_party_shop",
        "hall",
        "group_purchase",
        "web_hall",
    }
    for offer in case.offers:
        labels = [offer.name, *([offer.note] if offer.note else [])]
        for point in offer.selling_points:
            labels += [point.feature, point.advantage, point.benefit, point.evidence]
        assert offer.selling_points
        assert all(label.en != label.zh for label in labels)


def test_an_unknown_offer_is_answered_with_the_ids_like_it():
    with pytest.raises(NoSuchCatalogueOffer, match="web-device-4850"):
        reference_case().offer("web-device-485")
