"""Reading a catalogue of offers: YAML, checked key by key, each mistake named with its line and the remedy.

docs/reference/offers.md describes every key; `reference_case.yaml` beside this module is a whole example.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from telewave.audiences.checks import check
from telewave.audiences.language import parse_rule
from telewave.audiences.rule import Rule
from telewave.audiences.scope import scope_of_variables
from telewave.features.catalogue import VARIABLES
from telewave.kernel import Label, Message
from telewave.offers.model import (
    AssumedTerm,
    Catalogue,
    ChannelId,
    Customers,
    Kind,
    Offer,
    OfferId,
    Quotas,
    Script,
    SellingPoint,
)
from telewave.offers.objections import (
    promotion_objection,
    quota_objection,
    terms_objection,
)
from telewave.offers.promotions import (
    ALWAYS,
    Bundle,
    Discount,
    DiscountKind,
    Period,
    Points,
    Promotion,
    RecallGift,
    TradeIn,
)
from telewave.offers.terms_file import (
    MOST_OF_ANYTHING,
    TermsReader,
)
from telewave.platform.yaml_files import load_yaml
from telewave.targeting.plan import Group

CATALOGUE_KEYS = ("name", "currency", "channels", "scripts", "offers")
OFFER_KEYS = (
    "id", "name", "kind", "channels", "customers", "payment", "eligibility", "valid", "device", "deposit", "credits",
    "minimum_spend", "contract_months", "least_pieces", "free_pieces", "tiers", "quotas", "promotions",
    "selling_points", "note",
    "assumed",
)  # fmt: skip
OFFER_REQUIRED = ("id", "name", "kind", "channels", "customers", "device")
QUOTA_KEYS = ("stock", "a_customer", "a_day")
SCRIPT_KEYS = ("groups", "opening", "need", "offer", "close")
POINT_KEYS = ("groups", "feature", "advantage", "benefit", "evidence")
PROMOTION_KEYS = (
    "kind", "name", "off", "least_pieces", "value", "cost", "allowance", "resale", "product", "months",
    "points", "valid", "stock",
)  # fmt: skip
PROMOTION_KINDS = (*(kind.value for kind in DiscountKind), "recall_gift", "trade_in", "bundle", "points")
REFERENCE_CASE = "reference_case.yaml"
REFERENCE = "reference"
"""What stands for the reference case where a file is asked for."""
"""In major units. With this many pieces and `MOST_MONTHS` every sum of an account stays within 64 bits."""


def load_catalogue(path: Path) -> Catalogue:
    """Read the catalogue file `path`. Raises `YamlUnreadable` or `YamlMistake`."""
    return load_yaml(path, parse_catalogue)


@cache
def reference_case() -> Catalogue:
    """The reference case's 16 policies, as shipped."""
    text = (files("telewave.offers") / REFERENCE_CASE).read_text("utf-8")
    return parse_catalogue(text, REFERENCE_CASE)


def catalogue_named(file: Path | None) -> Catalogue:
    """The file's catalogue; that of the reference case for none, or for the word `reference`.

    Raises what `load_catalogue` raises.
    """
    return reference_case() if file is None or str(file) == REFERENCE else load_catalogue(file)


def parse_catalogue(text: str, name: str = "offers") -> Catalogue:
    """Parse the YAML `text` of a catalogue; `name` is what mistakes call the file. Raises `YamlMistake`."""
    reader = _Reader(name)
    return reader.catalogue(reader.root(text))


class _Reader(TermsReader):
    """What each part of a catalogue file means."""

    def catalogue(self, node: yaml.Node | None) -> Catalogue:
        keys = self.keys(node, CATALOGUE_KEYS, required=("name", "channels", "offers"))
        if "currency" in keys:
            self.currency = self.currency_code(keys["currency"])
        if isinstance(keys["channels"], yaml.MappingNode) and not keys["channels"].value:
            raise self.fail(keys["channels"], Message("a catalogue needs a channel. Declare at least one."))
        channels = {
            ChannelId(self.text(key)): self.label(value)
            for key, value in self.entries(keys["channels"], "web_hall: {en: Web hall, zh: 网上营业厅}")
        }
        offers: list[Offer] = []
        for item in self.items(keys["offers"], "id: web-4850"):
            offers.append(self.offer(item, channels, {offer.id for offer in offers}))
        scripts = tuple(self.script(item) for item in self.optional(keys, "scripts"))
        return self.built(node, lambda: Catalogue(self.label(keys["name"]), channels, tuple(offers), scripts))

    def offer(self, node: yaml.Node, channels: Mapping[ChannelId, Label], taken: set[OfferId]) -> Offer:
        keys = self.keys(node, OFFER_KEYS, required=OFFER_REQUIRED)
        offer_id = OfferId(self.text(keys["id"]).strip())
        if not offer_id:
            raise self.fail(keys["id"], Message("the id is empty. Write one word."))
        if offer_id in taken:
            raise self.fail(
                keys["id"], Message("the id `{id}` is taken by an offer above. Choose another.", id=offer_id)
            )
        terms = self.built(node, lambda: self.terms(keys))
        fields = {
            "name": self.label(keys["name"]),
            "kind": Kind(self.choice(keys["kind"], [kind.value for kind in Kind])),
            "channels": self.sold_through(keys["channels"], channels),
            "customers": Customers(self.choice(keys["customers"], [one.value for one in Customers])),
            "eligibility": self.rule(keys.get("eligibility")),
            "payment": self.choice(keys["payment"], ("prepaid", "postpaid")) if "payment" in keys else None,
            "valid": self.period(keys.get("valid")),
            "quotas": self.quotas(keys.get("quotas")),
            "promotions": tuple(self.promotion(item) for item in self.optional(keys, "promotions")),
            "selling_points": tuple(self.point(item) for item in self.optional(keys, "selling_points")),
            "note": self.label(keys["note"]) if "note" in keys else None,
            "assumed": tuple(
                AssumedTerm(self.choice(item, [one.value for one in AssumedTerm]))
                for item in self.optional(keys, "assumed")
            ),
        }
        offer = self.built(node, lambda: Offer(id=offer_id, terms=terms, **fields))  # type: ignore[arg-type]
        self.accepted(keys, offer)
        return offer

    def accepted(self, keys: dict[str, yaml.Node], offer: Offer) -> None:
        """Refuses what does not fit together, at the line of the term that stands out."""
        if found := terms_objection(offer.terms):
            raise self.fail(keys[found[0]], found[1])
        if problem := quota_objection(offer):
            raise self.fail(keys["quotas"], problem)
        for node, promotion in zip(self.optional(keys, "promotions"), offer.promotions, strict=True):
            if problem := promotion_objection(offer, promotion):
                raise self.fail(node, problem)

    def sold_through(self, node: yaml.Node, channels: Mapping[ChannelId, Label]) -> tuple[ChannelId, ...]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found = [ChannelId(self.choice(item, channels)) for item in nodes]
        if not found:
            raise self.fail(node, Message("an offer needs a channel. Name at least one."))
        return tuple(dict.fromkeys(found))

    def rule(self, node: yaml.Node | None) -> Rule | None:
        """The rule, checked against the variables of the wide table."""
        if node is None:
            return None

        def made() -> Rule:
            rule = parse_rule(self.text(node))
            check(rule, scope_of_variables(VARIABLES, dated=True))
            return rule

        return self.built(node, made)

    def period(self, node: yaml.Node | None) -> Period:
        if node is None:
            return ALWAYS
        keys = self.keys(node, ("from", "to"))
        start, end = (self.date(keys[name]) if name in keys else None for name in ("from", "to"))
        return self.built(node, lambda: Period(start, end))

    def quotas(self, node: yaml.Node | None) -> Quotas:
        if node is None:
            return Quotas()
        keys = self.keys(node, QUOTA_KEYS)
        return Quotas(
            *(self.whole(keys[name], 1, MOST_OF_ANYTHING) if name in keys else None for name in QUOTA_KEYS)
        )

    def promotion(self, node: yaml.Node) -> Promotion:
        keys = self.keys(node, PROMOTION_KEYS, required=("kind",))
        kind = self.choice(keys["kind"], PROMOTION_KINDS)
        period = self.period(keys.get("valid"))
        stock = self.whole(keys["stock"], 1, MOST_OF_ANYTHING) if "stock" in keys else None
        common = ("kind", "valid", "stock")
        match kind:
            case "recall_gift":
                found = self.exactly(node, keys, ("name", "value", "cost"), common)
                return RecallGift(
                    name=self.label(found[0]),
                    value=self.money(found[1]),
                    cost=self.money(found[2]),
                    period=period,
                    stock=stock,
                )
            case "trade_in":
                found = self.exactly(node, keys, ("allowance", "resale"), common)
                return TradeIn(self.money(found[0]), self.money(found[1]), period, stock)
            case "bundle":
                found = self.exactly(node, keys, ("product", "off", "months"), common)
                return Bundle(
                    product=self.label(found[0]),
                    off=self.money(found[1]),
                    months=self.months(found[2]),
                    period=period,
                    stock=stock,
                )
            case "points":
                found = self.exactly(node, keys, ("points", "value", "cost"), common)
                return Points(
                    points=self.whole(found[0], 1, MOST_OF_ANYTHING),
                    value=self.money(found[1]),
                    cost=self.money(found[2]),
                    period=period,
                    stock=stock,
                )
            case _:
                found = self.exactly(node, keys, ("off",), (*common, "least_pieces"))
                least = self.pieces(keys, "least_pieces")
                return Discount(
                    kind=DiscountKind(kind),
                    off=self.money(found[0]),
                    period=period,
                    least_pieces=least,
                    stock=stock,
                )

    def exactly(
        self,
        node: yaml.Node,
        keys: dict[str, yaml.Node],
        needed: tuple[str, ...],
        common: tuple[str, ...],
    ) -> list[yaml.Node]:
        """The nodes of the keys that this kind of promotion needs; no others but the common ones."""
        found = self.keys(node, PROMOTION_KEYS, required=needed)
        self.only(node, keys, (*needed, *common))
        return [found[name] for name in needed]

    def point(self, node: yaml.Node) -> SellingPoint:
        keys = self.keys(node, POINT_KEYS, required=POINT_KEYS)
        return SellingPoint(
            groups=self.groups(keys["groups"]), **{name: self.label(keys[name]) for name in POINT_KEYS[1:]}
        )

    def script(self, node: yaml.Node) -> Script:
        keys = self.keys(node, SCRIPT_KEYS, required=SCRIPT_KEYS)
        groups = self.groups(keys["groups"])
        lines = {name: self.label(keys[name]) for name in SCRIPT_KEYS[1:]}
        return self.built(node, lambda: Script(groups=groups, **lines))

    def groups(self, node: yaml.Node) -> frozenset[Group]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return frozenset(Group(self.choice(one, [group.value for group in Group])) for one in nodes)
