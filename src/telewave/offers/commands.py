"""Commands of `offers`: list, show, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import ReportFile
from telewave.platform.days import parse_day
from telewave.platform.files import write_whole
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.offers.model import Catalogue

CatalogueFile = Annotated[
    Path | None,
    typer.Option(
        "--file",
        help=spoken("Catalogue of offers (YAML); none or `reference`: the reference case's policies."),
    ),
]
CheckedFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        help=spoken("Catalogue of offers (YAML); none or `reference`: the reference case's policies."),
    ),
]
OfferArgument = Annotated[str, typer.Argument(metavar="ID", help=spoken("Id of the offer."))]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        help=spoken("Count customers in the wide table of this date, and look at the offers valid on it."),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    offers = typer.Typer(no_args_is_help=True)
    offers.command("list", help=spoken("List the offers of a catalogue."))(list_command)
    offers.command("show", help=spoken("Show one offer: terms, true cost, margin, selling points."))(
        show_command
    )
    offers.command("check", help=spoken("Find what is inconsistent between the offers of a catalogue."))(
        check_command
    )
    app.add_typer(offers, name="offers", help=spoken("Policies: what they cost, earn, and how they agree."))


def list_command(context: typer.Context, file: CatalogueFile = None) -> None:
    """One line an offer; in JSON the TMF620 objects as well."""
    from telewave.offers.report import show_offers
    from telewave.offers.tmf620 import product_offerings

    session: Session = context.obj
    catalogue = _catalogue(file)
    show_offers(session, catalogue)
    session.attach("product_offerings", product_offerings(catalogue, session.text))


def show_command(context: typer.Context, offer: OfferArgument, file: CatalogueFile = None) -> None:
    """One offer in full."""
    from telewave.offers.classes import Market
    from telewave.offers.report import show_offer
    from telewave.offers.usecases import require_currency

    catalogue = _catalogue(file)
    require_currency(catalogue, Market())
    show_offer(context.obj, catalogue, catalogue.offer(offer))


def check_command(
    context: typer.Context, file: CheckedFile = None, as_of: AsOf = "", report: ReportFile = None
) -> None:
    """Judge the catalogue; with a date against the base as counted."""
    from telewave.offers.page import consistency_page
    from telewave.offers.report import show_checked
    from telewave.offers.usecases import check_catalogue, count_market

    session: Session = context.obj
    catalogue = _catalogue(file)
    day = parse_day(as_of) if as_of else None
    market = count_market(session.warehouse, session.database, catalogue, day) if day else None
    checked = check_catalogue(catalogue, market, day)
    show_checked(session, checked)
    if report is not None:
        write_whole(report, consistency_page(checked, session.language))
        session.say(Message("The report is in {path}.", path=report))


def _catalogue(file: Path | None) -> Catalogue:
    from telewave.offers.catalogue_file import catalogue_named

    return catalogue_named(file)
