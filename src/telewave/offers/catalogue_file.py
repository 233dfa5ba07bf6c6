"""Reading a catalogue of offers: YAML, checked key by key, each mistake named with its line and the remedy.

docs/reference/offers.md describes every key; `reference_case.yaml` beside this module is a whole example.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import yaml

from telewave.audiences.checks import check
from telewave.audiences.language import parse_rule
from telewave.audiences.rule import Rule
from telewave.audiences.scope import scope_of_variables
from telewave.features.catalogue import VARIABLES
from telewave.kernel import Label, Message, Money
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
    device_objection,
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
from telewave.offers.terms import (
    BASIS_POINTS,
    MOST_MONTHS,
    AtOnce,
    Credit,
    Deposit,
    Device,
    Fixed,
    FreePieces,
    ShareOfBill,
    Terms,
    Tier,
    Unspent,
)
from telewave.platform.yaml_files import YamlReader, load_yaml
from telewave.targeting.plan import Group

CATALOGUE_KEYS = ("name", "currency", "channels", "scripts", "offers")
OFFER_KEYS = (
    "id", "name", "kind", "channels", "customers", "payment", "eligibility", "valid", "device", "deposit", "credits",
    "minimum_spend", "contract_months", "least_pieces", "free_pieces", "tiers", "quotas", "promotions",
    "selling_points", "note",
    "assumed",
)  # fmt: skip
OFFER_REQUIRED = ("id", "name", "kind", "channels", "customers", "device")
DEVICE_KEYS = ("price", "list_price", "subsidy", "credit_taken_off")
CREDIT_KEYS = ("at_once", "total", "fold", "of", "months", "first_month", "share_of_last_bill")
TIER_KEYS = ("from", "device_price", "minimum_spend")
QUOTA_KEYS = ("stock", "a_customer", "a_day")
SCRIPT_KEYS = ("groups", "opening", "need", "offer", "close")
POINT_KEYS = ("groups", "feature", "advantage", "benefit", "evidence")
PROMOTION_KEYS = (
    "kind", "name", "off", "least_pieces", "value", "cost", "allowance", "resale", "product", "months",
    "points", "valid", "stock",
)  # fmt: skip
PROMOTION_KINDS = (*(kind.value for kind in DiscountKind), "recall_gift", "trade_in", "bundle", "points")
REFERENCE_CASE = "reference_case.yaml"
MOST_PIECES = 1_000_000
MOST_FOLD = 1_000
MOST_OF_ANYTHING = 1_000_000_000
MOST_AMOUNT = 100_000_000
"""In major units. With this many pieces and `MOST_MONTHS` every sum of an account stays within 64 bits."""


def load_catalogue(path: Path) -> Catalogue:
    """Read the catalogue file `path`. Raises `YamlUnreadable` or `YamlMistake`."""
    return load_yaml(path, parse_catalogue)


def reference_case() -> Catalogue:
    """The reference case's 16 policies, as shipped."""
    text = (files("telewave.offers") / REFERENCE_CASE).read_text("utf-8")
    return parse_catalogue(text, REFERENCE_CASE)


def parse_catalogue(text: str, name: str = "offers") -> Catalogue:
    """Parse the YAML `text` of a catalogue; `name` is what mistakes call the file. Raises `YamlMistake`."""
    reader = _Reader(name)
    return reader.catalogue(reader.root(text))


class _Reader(YamlReader):
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

    def optional(self, keys: dict[str, yaml.Node], name: str) -> list[yaml.Node]:
        return self.items(keys[name], "...") if name in keys else []

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

    def money(self, node: yaml.Node) -> Money:
        """An amount of at most `MOST_AMOUNT`, with or without its currency after it, which must be the catalogue's."""
        words = self.text(node).split()
        plain = node
        if len(words) == 2 and words[1].isalpha():
            if words[1] != self.currency:
                raise self.fail(
                    node,
                    Message(
                        "the amount is in {found}, the catalogue in {expected}. Convert it.",
                        found=words[1],
                        expected=self.currency,
                    ),
                )
            plain = yaml.ScalarNode(node.tag, words[0], node.start_mark, node.end_mark)
        amount = super().money(plain)
        if amount.minor > MOST_AMOUNT * 100:
            raise self.fail(
                node,
                Message(
                    "{amount} is more than an offer can ask or give for a piece, {most}. Correct it.",
                    amount=self.text(node),
                    most=f"{MOST_AMOUNT:,}",
                ),
            )
        return amount

    def maybe(self, keys: dict[str, yaml.Node], name: str) -> Money | None:
        return self.money(keys[name]) if name in keys else None

    def pieces(self, keys: dict[str, yaml.Node], name: str) -> int:
        return self.whole(keys[name], 1, MOST_PIECES) if name in keys else 1

    def months(self, node: yaml.Node, least: int = 1) -> int:
        return self.whole(node, least, MOST_MONTHS)

    def terms(self, keys: dict[str, yaml.Node]) -> Terms:
        device = self.device(keys["device"])
        return Terms(
            device=device,
            deposit=self.deposit(keys.get("deposit")),
            credits=tuple(self.credit(item, device) for item in self.optional(keys, "credits")),
            minimum_spend=self.maybe(keys, "minimum_spend"),
            contract_months=self.months(keys["contract_months"], 0) if "contract_months" in keys else 0,
            least_pieces=self.pieces(keys, "least_pieces"),
            free_pieces=self.free_pieces(keys.get("free_pieces")),
            tiers=tuple(self.tier(item) for item in self.optional(keys, "tiers")),
        )

    def device(self, node: yaml.Node) -> Device:
        if isinstance(node, yaml.ScalarNode):
            return Device(self.money(node))
        keys = self.keys(node, DEVICE_KEYS, required=("price",))
        parts = [self.maybe(keys, name) for name in DEVICE_KEYS[1:]]
        device = self.built(node, lambda: Device(self.money(keys["price"]), *parts))
        if problem := device_objection(device):
            raise self.fail(node, problem)
        return device

    def deposit(self, node: yaml.Node | None) -> Deposit | None:
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            return Deposit(self.money(node))
        keys = self.keys(node, ("amount", "unspent"), required=("amount",))
        unspent = Unspent.RETURNED
        if "unspent" in keys:
            unspent = Unspent(self.choice(keys["unspent"], [one.value for one in Unspent]))
        return Deposit(self.money(keys["amount"]), unspent)

    def credit(self, node: yaml.Node, device: Device) -> Credit:
        keys = self.keys(node, CREDIT_KEYS)
        if "at_once" in keys:
            self.only(node, keys, ("at_once",))
            return AtOnce(self.money(keys["at_once"]))
        total = self.total(node, keys, device)
        if "share_of_last_bill" in keys:
            self.only(node, keys, ("share_of_last_bill", "total", "fold", "of", "months"))
            share = self.basis_points(keys["share_of_last_bill"])
            return self.built(node, lambda: ShareOfBill(share, total, self.months_required(node, keys)))
        if "months" not in keys:
            self.only(node, keys, ("total", "fold", "of"))
            return AtOnce(total)
        start = self.months(keys["first_month"]) if "first_month" in keys else 1
        return self.built(node, lambda: Fixed(total, self.months_required(node, keys), start))

    def total(self, node: yaml.Node, keys: dict[str, yaml.Node], device: Device) -> Money:
        """The total of a credit: an amount, or `fold` times the device's price or the amount of `of`."""
        if "fold" in keys:
            if "total" in keys:
                raise self.fail(keys["total"], Message("`total` and `fold` exclude each other. Keep one."))
            base = self.money(keys["of"]) if "of" in keys else device.price
            return Money(base.minor * self.whole(keys["fold"], 1, MOST_FOLD), base.currency)
        if "total" not in keys:
            raise self.fail(node, Message("a credit needs `at_once`, `total` or `fold`. Add one of them."))
        return self.money(keys["total"])

    def only(self, node: yaml.Node, keys: dict[str, yaml.Node], allowed: tuple[str, ...]) -> None:
        for name, value in keys.items():
            if name not in allowed:
                raise self.fail(
                    value,
                    Message(
                        "`{key}` does not go with {others}. Leave it out.",
                        key=name,
                        others=", ".join(allowed),
                    ),
                )

    def months_required(self, node: yaml.Node, keys: dict[str, yaml.Node]) -> int:
        if "months" not in keys:
            raise self.fail(node, Message("`{key}` is missing here. Add it.", key="months"))
        return self.months(keys["months"])

    def basis_points(self, node: yaml.Node) -> int:
        """A share with at most four decimals (35 % or 0.35), in basis points."""
        points = Decimal(str(self.share(node))) * BASIS_POINTS
        rounded = points.quantize(Decimal(1))
        if abs(points - rounded) > Decimal("1e-9"):
            raise self.fail(
                node,
                Message("{value} is finer than a hundredth of a per cent. Round it.", value=self.text(node)),
            )
        return int(rounded)

    def free_pieces(self, node: yaml.Node | None) -> FreePieces | None:
        if node is None:
            return None
        keys = self.keys(node, ("bought", "free"), required=("bought",))
        return FreePieces(self.pieces(keys, "bought"), self.pieces(keys, "free"))

    def tier(self, node: yaml.Node) -> Tier:
        keys = self.keys(node, TIER_KEYS, required=("from",))
        return Tier(
            self.whole(keys["from"], 2, MOST_PIECES),
            self.maybe(keys, "device_price"),
            self.maybe(keys, "minimum_spend"),
        )

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
