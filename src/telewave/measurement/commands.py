"""Command of `measurement`: `telewave campaign measure`."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import CampaignName, PageFile
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.measurement.model import Measured

AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", help=spoken("Measure by the records before this date, year-month-day; none: today.")
    ),
]


def register_measure(group: typer.Typer) -> None:
    """Add the command to the group `campaign`."""
    group.command(
        "measure",
        help=spoken(
            "What a launched campaign really earned: against its holdout, safe to look at every day; its "
            "funnel, and the return of each channel."
        ),
    )(measure_command)


def measure_command(
    context: typer.Context, name: CampaignName, as_of: AsOf = "", report: PageFile = None
) -> None:
    """Measure, show, write the page."""
    session: Session = context.obj
    day = parse_day(as_of) if as_of else session.clock.today()
    found = measure_campaign(session, name, day)
    if report is not None:
        from telewave.measurement.page import measured_page
        from telewave.platform.files import write_whole

        write_whole(report, measured_page(found, session.language))
        session.say(Message("The report is in {path}.", path=report))


def measure_campaign(session: Session, name: str, day: date) -> Measured:
    """Measure the campaign by the records before `day`, and show it. Raises what `usecases.measure` raises."""
    from telewave.measurement.report import show_measured
    from telewave.measurement.usecases import measure

    with session.progress.step(Message("Comparing the campaign with its holdout")):
        zone = session.clock.now().tzinfo or UTC
        found = measure(session.warehouse, session.database, name, day, zone=zone)
    show_measured(session, found)
    return found
