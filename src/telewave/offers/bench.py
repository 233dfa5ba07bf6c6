"""A catalogue before a market: which offers are on sale, who may have which at what fee, and what it costs them.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from telewave.kernel import Money
from telewave.offers.classes import CUSTOMERS, Customer, Flags, Market, access
from telewave.offers.model import Catalogue, ChannelId, Offer, OfferId
from telewave.offers.promotions import Discount
from telewave.offers.ranges import Curve, curve, lowest, where


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything that the finders look at: the offers on sale, the market, and who may have them.

    `open`: of each customer and offer the whole fees at which all of them may have it. Customers are the
    classes, and of each class those who fulfil the conditions that an offer asks for beyond it.
    `possible`: the fees at which some of a class may.
    """

    catalogue: Catalogue
    offers: tuple[Offer, ...]
    market: Market
    day: date | None
    open: Mapping[Customer, Mapping[OfferId, Flags]]
    possible: Mapping[Customer, Mapping[OfferId, Flags]]
    buyers: Mapping[OfferId, tuple[Customer, ...]]
    curves: dict[tuple[OfferId, bool, int], tuple[Offer, Curve]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """What was asked for before, and of which offer: to hash all that an offer says takes longer than to look it up."""

    def choices(
        self, customer: Customer, channel: ChannelId | None = None, pieces: int = 1
    ) -> tuple[Offer, ...]:
        """Offers that all of these customers may have at some fee, in an order of `pieces` (through `channel`)."""
        return tuple(
            offer
            for offer in self.offers
            if offer.terms.least_pieces <= pieces
            and (channel is None or channel in offer.channels)
            and self.open[customer][offer.id].any()
        )

    def cost(self, offer: Offer, customer: Customer, pieces: int = 1) -> Curve:
        """What the device really costs these customers by the offer, where all of them may have it."""
        return where(self.price(offer, customer.new_number, pieces), self.open[customer][offer.id])

    def price(self, offer: Offer, new_number: bool, pieces: int = 1) -> Curve:
        """What the device really costs by the offer, whoever may have it, in an
        order of `pieces` or the smallest allowed.
        """
        asked = offer.id, new_number, max(pieces, offer.terms.least_pieces)
        known = self.curves.get(asked)
        if known is None or known[0] is not offer:
            known = self.curves[asked] = offer, curve(offer, asked[2], new_number, self.day)
        return known[1]

    def best(self, offers: tuple[Offer, ...], customer: Customer, pieces: int = 1) -> Curve:
        """The least that the device costs these customers by any of the offers."""
        return lowest([self.cost(offer, customer, pieces) for offer in offers])

    @property
    def ceiling(self) -> Money:
        """What the device costs by itself: the highest list price, or price at the till, in
        the catalogue. Nobody pays more for it.
        """
        devices = [offer.terms.device for offer in self.offers]
        highest = max(((one.list_price or one.price).minor for one in devices), default=0)
        return Money(highest, self.catalogue.currency)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of an order from which on some terms change: one piece, and those that the offers name."""
        named = {1}
        for offer in self.offers:
            terms = offer.terms
            named |= {terms.least_pieces, terms.usual_pieces, *(tier.pieces for tier in terms.tiers)}
            named |= {one.least_pieces for one in offer.promotions if isinstance(one, Discount)}
        return tuple(sorted(named))


def bench(catalogue: Catalogue, market: Market, day: date | None = None) -> Bench:
    """The catalogue as it stands on `day` (None: all of it, without dated promotions) before the market."""
    offers = tuple(offer for offer in catalogue.offers if offer.on_sale(day))
    doors = {c: {offer.id: access(offer, c) for offer in offers} for c in CUSTOMERS}
    buyers: dict[OfferId, list[Customer]] = {offer.id: [] for offer in offers}
    customers: dict[Customer, None] = dict.fromkeys(CUSTOMERS)
    for whole in CUSTOMERS:
        for offer in offers:
            for needs in dict.fromkeys(doors[whole][offer.id].needs):
                if needs is not None:
                    customer = replace(whole, conditions=needs)
                    customers[customer] = None
                    buyers[offer.id].append(customer)
    return Bench(
        catalogue=catalogue,
        offers=offers,
        market=market,
        day=day,
        open={c: {o.id: doors[c.whole][o.id].open_to(c.conditions) for o in offers} for c in customers},
        possible={c: {o.id: doors[c][o.id].possible for o in offers} for c in CUSTOMERS},
        buyers={offer_id: tuple(found) for offer_id, found in buyers.items()},
    )


def distinct(sides: Iterable[tuple[Offer, ...]]) -> tuple[Offer, ...]:
    """The offers of all sides, each once, in their order."""
    return tuple(dict.fromkeys(offer for side in sides for offer in side))
