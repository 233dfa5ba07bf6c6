"""Command `telewave outbound bulletin`: a day of calls on one page."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import CampaignName, PageFile
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

Day = Annotated[str, typer.Option("--day", help=spoken("Day of the calls, year-month-day; none: today."))]


def register_bulletin(group: typer.Typer) -> None:
    """Add the command to the group `outbound`."""
    group.command(
        "bulletin",
        help=spoken("A day of a campaign's calls: how many, by agent, by hour, and what to do tomorrow."),
    )(bulletin_command)


def bulletin_command(
    context: typer.Context, name: CampaignName, day: Day = "", report: PageFile = None
) -> None:
    """Gather, show, write the page."""
    from telewave.outbound import bulletin_words as words
    from telewave.outbound.bulletin_page import bulletin_page, tables_of
    from telewave.outbound.bulletins import bulletin_of

    session: Session = context.obj
    on = parse_day(day) if day else session.clock.today()
    zone = session.clock.now().tzinfo
    with session.progress.step(Message("Counting the day's calls")):
        found = bulletin_of(session.warehouse, session.database, name, on, zone)
    session.say(words.in_short(found), style="bold")
    for caption, columns, rows in tables_of(found):
        if rows:
            session.table(caption, columns, rows)
    for sentence in (*words.tomorrow(found), *words.how(found)):
        session.say(sentence)
    if report is not None:
        from telewave.platform.files import write_whole

        write_whole(report, bulletin_page(found, session.language))
        session.say(Message("The report is in {path}.", path=report))
