"""Which offers of the catalogue a campaign proposes, and which it does not and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from telewave.briefs.campaign_file import catalogue_of
from telewave.briefs.model import Brief, NeverOnSale
from telewave.kernel import Malformed, Message
from telewave.offers.bench import bench
from telewave.offers.classes import Market
from telewave.offers.dominance import never_best
from telewave.offers.model import Catalogue, Offer, OfferId
from telewave.offers.price_findings import Dominated


class OfferNotInCatalogue(Malformed):
    """The campaign names the offer {offer}, which is not in the catalogue {catalogue}.
    `telewave offers list` shows what there is.
    """

    code = "offer_not_in_catalogue"


def offers_of(brief: Brief, folder: Path) -> tuple[Catalogue, tuple[Offer, ...]]:
    """The catalogue that the campaign names (its path is relative to `folder`), and the offers it proposes.

    Raises `OfferNotInCatalogue` and what `load_catalogue` raises.
    """
    catalogue = catalogue_of(brief, folder)
    return catalogue, proposed(brief, catalogue)


def proposed(brief: Brief, catalogue: Catalogue) -> tuple[Offer, ...]:
    """The offers named, each on sale on some day of a phase; or all those of the catalogue that are and that a channel
    sells, without those that others among them leave never the best choice, unless the campaign says so.

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
    possible = _possible(brief, catalogue)
    if brief.propose_dominated:
        return possible
    beaten = _beaten(catalogue, possible)
    return tuple(offer for offer in possible if offer.id not in beaten)


def not_proposed(brief: Brief, catalogue: Catalogue) -> list[Message]:
    """Which offers of the catalogue `all` leaves out, and why; and what it costs a customer where the campaign
    proposes one that is never the best choice.
    """
    wanted = proposed(brief, catalogue)
    beaten = _beaten(catalogue, wanted if brief.offers else _possible(brief, catalogue))
    kept = [why for offer in wanted for why in beaten.get(offer.id, ())]
    said = [Message("Proposed, as the campaign says, although: {why}", why=one.sentence) for one in kept]
    if brief.offers:
        return said
    if dropped := [offer.name for offer in _possible(brief, catalogue) if offer not in wanted]:
        said.append(
            Message(
                (
                    "Never the best choice for anybody who may have them, and so not proposed: {offers}. The "
                    "check of policies says why."
                ),
                offers=dropped,
            )
        )
    idle = [o.name for o in catalogue.offers if not _on_sale(brief, o)]
    unsold = [o.name for o in catalogue.offers if _on_sale(brief, o) and not _sold(brief, o)]
    if idle:
        said.append(Message("On sale on no day of any phase, and so not proposed: {offers}.", offers=idle))
    if unsold:
        said.append(
            Message("Sold by no channel of the campaign, and so not proposed: {offers}.", offers=unsold)
        )
    return said


def _possible(brief: Brief, catalogue: Catalogue) -> tuple[Offer, ...]:
    return tuple(o for o in catalogue.offers if _on_sale(brief, o) and _sold(brief, o))


def _beaten(catalogue: Catalogue, offers: tuple[Offer, ...]) -> dict[OfferId, tuple[Dominated, ...]]:
    """Which of `offers` others of them leave never the best choice: how many
    customers there are does not matter for it.
    """
    return never_best(bench(replace(catalogue, offers=offers), Market()))


def _on_sale(brief: Brief, offer: Offer) -> bool:
    return any(phase.some_day(offer) for phase in brief.phases)


def _sold(brief: Brief, offer: Offer) -> bool:
    return any(channel.may_sell(offer) for channel in brief.channels)
