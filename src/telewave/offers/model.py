"""Offers and their catalogue. Pure. `tmf620.py` gives them the names of TMF620;
docs/reference/offers.md says which is which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from string import Formatter
from typing import NewType

from telewave.audiences.checks import near
from telewave.audiences.rule import Rule
from telewave.kernel import Label, Malformed, Message, Missing
from telewave.offers.promotions import ALWAYS, Period, Promotion, amounts_of
from telewave.offers.terms import Terms, require_one_currency
from telewave.platform.languages import filled
from telewave.targeting.plan import Group, NegativeAmount

OfferId = NewType("OfferId", str)
ChannelId = NewType("ChannelId", str)


class Kind(StrEnum):
    """The kind of deal: what a customer would call the same thing in another channel."""

    DEVICE_ONLY = "device_only"
    CONTRACT = "contract"
    UPGRADE = "upgrade"
    VOLUME = "volume"

    @property
    def label(self) -> Label:
        """The kind's name for people."""
        return KIND_NAMES[self]


KIND_NAMES: dict[Kind, Label] = {
    Kind.DEVICE_ONLY: Label("Device only", "单购机"),
    Kind.CONTRACT: Label("Contract with a tariff", "合约套餐"),
    Kind.UPGRADE: Label("Upgrade of the network", "换机升级"),
    Kind.VOLUME: Label("Bulk purchase", "批量采购"),
}


class Customers(StrEnum):
    """Whom an offer is for, as far as no wide table can say: who brings a new number is on no record yet."""

    NEW = "new"
    EXISTING = "existing"
    ALL = "all"

    @property
    def label(self) -> Label:
        """The word for people."""
        return CUSTOMER_NAMES[self]


CUSTOMER_NAMES: dict[Customers, Label] = {
    Customers.NEW: Label("New numbers", "新入网号码"),
    Customers.EXISTING: Label("Existing numbers", "在网号码"),
    Customers.ALL: Label("New and existing numbers", "新老用户"),
}


class AssumedTerm(StrEnum):
    """A term that the source of an offer does not name and its reader assumed; findings say whether they hang on it."""

    CONTRACT_MONTHS = "contract_months"
    MINIMUM_SPEND = "minimum_spend"
    DEVICE = "device"

    @property
    def words(self) -> Message:
        """The term for people."""
        return ASSUMED_WORDS[self]


ASSUMED_WORDS: dict[AssumedTerm, Message] = {
    AssumedTerm.CONTRACT_MONTHS: Message("the length of the contract"),
    AssumedTerm.MINIMUM_SPEND: Message("the minimum spend"),
    AssumedTerm.DEVICE: Message("the price of the device"),
}


class UnknownChannel(Malformed):
    """The offer is sold through {channel!r}, which is not among the catalogue's channels
    {known}. Add it there, or correct the word.
    """

    code = "unknown_channel"


class SameOfferTwice(Malformed):
    """Two offers have the id {offer!r}. Give each an id of its own."""

    code = "same_offer_twice"


class PaymentOfNewNumbersOnly(Malformed):
    """`payment` says how the line sold with the offer is paid, so it belongs to offers for new numbers. For the others
    write payment = 'prepaid' or 'postpaid' in the eligibility rule.
    """

    code = "payment_of_new_numbers_only"


class NothingInStock(Malformed):
    """{what} must be 1 or more where it is given; it is {value}. Leave the line out where there is no limit."""

    code = "nothing_in_stock"


class NoSuchCatalogueOffer(Missing):
    """There is no offer {offer!r} in the catalogue. {near} `telewave offers list` shows all."""

    code = "no_such_catalogue_offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingPoint:
    """Why a group should want the offer: what it has, what that does better, what the
    customer gets from it, and how that is known.
    """

    groups: frozenset[Group]
    feature: Label
    advantage: Label
    benefit: Label
    evidence: Label


SCRIPT_PLACES = ("offer", "feature", "advantage", "benefit", "evidence")


class UnknownPlace(Malformed):
    """The script has the place {place!r}, which nothing fills. Write one of {known} in braces, or leave the braces
    out.
    """

    code = "unknown_place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is said to a group, from the first word to the last; `{offer}`, `{feature}`,
    `{benefit}` ... are filled from a selling point.

    Raises `UnknownPlace`.
    """

    groups: frozenset[Group]
    opening: Label
    need: Label
    offer: Label
    close: Label

    def __post_init__(self) -> None:
        for label in (self.opening, self.need, self.offer, self.close):
            for text in (label.en, label.zh):
                for place in places(text):
                    if place not in SCRIPT_PLACES:
                        raise UnknownPlace(place=place, known=", ".join(SCRIPT_PLACES))

    def said(self, offer: Offer, point: SellingPoint) -> tuple[Label, ...]:
        """The four lines about the offer by one of its selling points."""
        named = {"offer": offer.name, "feature": point.feature, "advantage": point.advantage}
        named |= {"benefit": point.benefit, "evidence": point.evidence}
        en, zh = (
            {key: str(getattr(label, language)) for key, label in named.items()} for language in ("en", "zh")
        )
        lines = (self.opening, self.need, self.offer, self.close)
        return tuple(Label(line.en.format(**en), filled(line.zh, zh)) for line in lines)


def places(text: str) -> list[str]:
    """What stands in braces; a text with a brace that is not closed is a place itself."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return [text]
    return [
        f"{name}{'!' + conversion if conversion else ''}{':' + spec if spec else ''}"
        for _, name, spec, conversion in parts
    ]


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits on sales; None is no limit. `stock`: pieces in all."""

    stock: int | None = None
    a_customer: int | None = None
    a_day: int | None = None

    def __post_init__(self) -> None:
        for what, value in (
            (Message("The stock"), self.stock),
            (Message("A quota"), self.a_customer),
            (Message("A quota"), self.a_day),
        ):
            if value is not None and value < 1:
                raise NothingInStock(what=what, value=value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One policy (TMF620 ProductOffering).

    `eligibility`: who may have it, as a rule over the wide table; None: everybody. For a new number it speaks of the
    person who brings it, as far as that is known. `payment`: how a new line is paid ("prepaid", "postpaid"); None:
    either. `note`: how an ambiguous line of the source was read. `assumed`: terms that the source does not name. Raises
    `PaymentOfNewNumbersOnly`, `NegativeAmount`, `OfferCurrencies`.
    """

    id: OfferId
    name: Label
    kind: Kind
    channels: tuple[ChannelId, ...]
    customers: Customers
    terms: Terms
    eligibility: Rule | None = None
    payment: str | None = None
    valid: Period = ALWAYS
    quotas: Quotas = Quotas()
    promotions: tuple[Promotion, ...] = ()
    selling_points: tuple[SellingPoint, ...] = ()
    note: Label | None = None
    assumed: tuple[AssumedTerm, ...] = ()

    def __post_init__(self) -> None:
        if self.payment is not None and self.customers is not Customers.NEW:
            raise PaymentOfNewNumbersOnly
        amounts = [amount for promotion in self.promotions for amount in amounts_of(promotion)]
        for amount in amounts:
            if amount.minor < 0:
                raise NegativeAmount(what=Message("An amount"), amount=f"{amount.major} {amount.currency}")
        require_one_currency([self.terms.device.price, *amounts])

    def open_to(self, new_number: bool) -> bool:
        """Whether the offer is for customers with a new number (or, if False, for existing numbers)."""
        return self.customers is Customers.ALL or (self.customers is Customers.NEW) == new_number

    def on_sale(self, day: date | None) -> bool:
        """Whether the offer is valid on `day`; None asks about no day in particular."""
        return day is None or self.valid.holds(day)

    def points_for(self, group: Group) -> tuple[SellingPoint, ...]:
        """The selling points for a target group."""
        return tuple(point for point in self.selling_points if group in point.groups)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Offers, the channels they are sold through, and what is said to each group. Raises
    `SameOfferTwice`, `UnknownChannel`, `OfferCurrencies`.
    """

    name: Label
    channels: Mapping[ChannelId, Label]
    offers: tuple[Offer, ...]
    scripts: tuple[Script, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for offer in self.offers:
            if offer.id in seen:
                raise SameOfferTwice(offer=offer.id)
            seen.add(offer.id)
            for channel in offer.channels:
                if channel not in self.channels:
                    raise UnknownChannel(channel=channel, known=", ".join(self.channels))
        require_one_currency([offer.terms.device.price for offer in self.offers])

    @property
    def currency(self) -> str:
        """ISO 4217 code of all amounts."""
        return self.offers[0].terms.currency

    def script(
        self, offer: Offer, group: Group, points: Sequence[SellingPoint] | None = None
    ) -> tuple[Label, ...]:
        """What to say to the group about the offer: opening, need, offer, close; nothing without a script or a selling
        point for it. `points`: those to choose from, the first is said; None: the offer's own.
        """
        points = offer.points_for(group) if points is None else points
        scripts = [script for script in self.scripts if group in script.groups]
        return scripts[0].said(offer, points[0]) if scripts and points else ()

    def offer(self, offer_id: str) -> Offer:
        """The offer with this id. Raises `NoSuchCatalogueOffer`."""
        for offer in self.offers:
            if offer.id == offer_id:
                return offer
        raise NoSuchCatalogueOffer(offer=offer_id, near=near(offer_id, [o.id for o in self.offers]))
