"""Which offers of the catalogue a campaign proposes, and which it does not and why."""

from __future__ import annotations

from pathlib import Path

from telewave.kernel import Malformed, Message
from telewave.offers.model import Catalogue, Offer
from telewave.planning.campaign import Campaign, NeverOnSale
from telewave.planning.campaign_file import catalogue_of


class OfferNotInCatalogue(Malformed):
    """The campaign names the offer {offer}, which is not in the catalogue {catalogue}. `telewave offers list` shows what there is."""


def offers_of(campaign: Campaign, folder: Path) -> tuple[Catalogue, tuple[Offer, ...]]:
    """The catalogue that the campaign names (its path is relative to `folder`), and the offers it proposes.

    Raises `OfferNotInCatalogue` and what `load_catalogue` raises.
    """
    catalogue = catalogue_of(campaign, folder)
    return catalogue, proposed(campaign, catalogue)


def proposed(campaign: Campaign, catalogue: Catalogue) -> tuple[Offer, ...]:
    """The offers named, each on sale on some day of a phase; or all those of the catalogue that are and that a channel sells.

    Raises `OfferNotInCatalogue`, `NeverOnSale`.
    """
    known = {str(offer.id): offer for offer in catalogue.offers}
    for name in campaign.offers:
        if name not in known:
            raise OfferNotInCatalogue(offer=name, catalogue=catalogue.name)
        if not _on_sale(campaign, known[name]):
            raise NeverOnSale(offer=name)
    if campaign.offers:
        return tuple(known[name] for name in campaign.offers)
    return tuple(o for o in catalogue.offers if _on_sale(campaign, o) and _sold(campaign, o))


def not_proposed(campaign: Campaign, catalogue: Catalogue) -> list[Message]:
    """Which offers of the catalogue `all` leaves out, and why."""
    if campaign.offers:
        return []
    idle = [o.name for o in catalogue.offers if not _on_sale(campaign, o)]
    unsold = [o.name for o in catalogue.offers if _on_sale(campaign, o) and not _sold(campaign, o)]
    said = []
    if idle:
        said.append(Message("On sale on no day of any phase, and so not proposed: {offers}.", offers=idle))
    if unsold:
        said.append(
            Message("Sold by no channel of the campaign, and so not proposed: {offers}.", offers=unsold)
        )
    return said


def _on_sale(campaign: Campaign, offer: Offer) -> bool:
    return any(phase.some_day(offer) for phase in campaign.phases)


def _sold(campaign: Campaign, offer: Offer) -> bool:
    return any(channel.may_sell(offer) for channel in campaign.channels)
