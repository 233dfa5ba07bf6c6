"""Which offers of the catalogue a campaign proposes, and which it does not and why."""

from __future__ import annotations

from pathlib import Path

from telewave.briefs.campaign_file import catalogue_of
from telewave.briefs.model import Brief, NeverOnSale
from telewave.kernel import Malformed, Message
from telewave.offers.model import Catalogue, Offer


class OfferNotInCatalogue(Malformed):
    """The campaign names the offer {offer}, which is not in the catalogue {catalogue}. `telewave offers list` shows what there is."""


def offers_of(brief: Brief, folder: Path) -> tuple[Catalogue, tuple[Offer, ...]]:
    """The catalogue that the campaign names (its path is relative to `folder`), and the offers it proposes.

    Raises `OfferNotInCatalogue` and what `load_catalogue` raises.
    """
    catalogue = catalogue_of(brief, folder)
    return catalogue, proposed(brief, catalogue)


def proposed(brief: Brief, catalogue: Catalogue) -> tuple[Offer, ...]:
    """The offers named, each on sale on some day of a phase; or all those of the catalogue that are and that a channel sells.

    Raises `OfferNotInCatalogue`, `NeverOnSale`.
    """
    known = {str(offer.id): offer for offer in catalogue.offers}
    for name in brief.offers:
        if name not in known:
            raise OfferNotInCatalogue(offer=name, catalogue=catalogue.name)
        if not _on_sale(brief, known[name]):
            raise NeverOnSale(offer=name)
    if brief.offers:
        return tuple(known[name] for name in brief.offers)
    return tuple(o for o in catalogue.offers if _on_sale(brief, o) and _sold(brief, o))


def not_proposed(brief: Brief, catalogue: Catalogue) -> list[Message]:
    """Which offers of the catalogue `all` leaves out, and why."""
    if brief.offers:
        return []
    idle = [o.name for o in catalogue.offers if not _on_sale(brief, o)]
    unsold = [o.name for o in catalogue.offers if _on_sale(brief, o) and not _sold(brief, o)]
    said = []
    if idle:
        said.append(Message("On sale on no day of any phase, and so not proposed: {offers}.", offers=idle))
    if unsold:
        said.append(
            Message("Sold by no channel of the campaign, and so not proposed: {offers}.", offers=unsold)
        )
    return said


def _on_sale(brief: Brief, offer: Offer) -> bool:
    return any(phase.some_day(offer) for phase in brief.phases)


def _sold(brief: Brief, offer: Offer) -> bool:
    return any(channel.may_sell(offer) for channel in brief.channels)
