"""Reading what an offer costs and gives back in a catalogue file: device, deposit, credits, tiers."""

from __future__ import annotations

from decimal import Decimal

import yaml

from telewave.kernel import Message, Money
from telewave.offers.objections import (
    device_objection,
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
from telewave.platform.yaml_files import YamlReader

DEVICE_KEYS = ("price", "list_price", "subsidy", "credit_taken_off")
CREDIT_KEYS = ("at_once", "total", "fold", "of", "months", "first_month", "share_of_last_bill")
TIER_KEYS = ("from", "device_price", "minimum_spend")
MOST_PIECES = 1_000_000
MOST_FOLD = 1_000
MOST_OF_ANYTHING = 1_000_000_000
MOST_AMOUNT = 100_000_000


class TermsReader(YamlReader):
    """What each part of the terms means."""

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
        """The amount under a key that may be missing."""
        return self.money(keys[name]) if name in keys else None

    def pieces(self, keys: dict[str, yaml.Node], name: str) -> int:
        """A number of pieces."""
        return self.whole(keys[name], 1, MOST_PIECES) if name in keys else 1

    def months(self, node: yaml.Node, least: int = 1) -> int:
        """A number of months, `least` and up."""
        return self.whole(node, least, MOST_MONTHS)

    def terms(self, keys: dict[str, yaml.Node]) -> Terms:
        """Everything that the offer costs and gives back."""
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
        """What the device costs, and how its price came down."""
        if isinstance(node, yaml.ScalarNode):
            return Device(self.money(node))
        keys = self.keys(node, DEVICE_KEYS, required=("price",))
        parts = [self.maybe(keys, name) for name in DEVICE_KEYS[1:]]
        device = self.built(node, lambda: Device(self.money(keys["price"]), *parts))
        if problem := device_objection(device):
            raise self.fail(node, problem)
        return device

    def deposit(self, node: yaml.Node | None) -> Deposit | None:
        """What is paid in advance, and what becomes of the rest."""
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
        """One credit: at once, fixed, or a share of bills."""
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
        """Refuse keys that do not go with this kind of credit."""
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
        """The number of months, which must be there."""
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
        """How many are free with how many bought."""
        if node is None:
            return None
        keys = self.keys(node, ("bought", "free"), required=("bought",))
        return FreePieces(self.pieces(keys, "bought"), self.pieces(keys, "free"))

    def tier(self, node: yaml.Node) -> Tier:
        """What changes from a number of pieces on."""
        keys = self.keys(node, TIER_KEYS, required=("from",))
        return Tier(
            self.whole(keys["from"], 2, MOST_PIECES),
            self.maybe(keys, "device_price"),
            self.maybe(keys, "minimum_spend"),
        )

    def optional(self, keys: dict[str, yaml.Node], name: str) -> list[yaml.Node]:
        """The items of a list that may be missing."""
        return self.items(keys[name], "...") if name in keys else []
