"""Commands of `outbound`: staffing, agents, training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Figure, Message
from telewave.outbound.bulletin_command import register_bulletin
from telewave.outbound.dial_command import register_dial
from telewave.outbound.next_command import register_calls
from telewave.outbound.pace_command import register_pace
from telewave.platform.command_line import CampaignName, Handling, PageFile
from telewave.platform.days import parse_day
from telewave.platform.shares import parse_share
from telewave.platform.terminal import Session, TableCell, spoken

if TYPE_CHECKING:
    from telewave.outbound.staffing import Staffed, Target

Stream = Annotated[float, typer.Option("--calls", help=spoken("Calls that come in that time."))]
Minutes = Annotated[float, typer.Option("--minutes", help=spoken("Minutes in which they come."))]
Agents = Annotated[
    int | None,
    typer.Option("--agents", help=spoken("Agents at work; none: as few as meet the target.")),
]
Within = Annotated[
    float, typer.Option("--answered-within", help=spoken("Seconds within which calls are to be answered."))
]
Level = Annotated[
    str, typer.Option("--level", help=spoken("Share of calls that are to be answered so soon, such as 80%."))
]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", help=spoken("Judge by the records before this date, year-month-day; none: today.")
    ),
]
Since = Annotated[
    str,
    typer.Option(
        "--since",
        help=spoken(
            "Judge by calls from this date on, such as the day after a training, year-month-day; none: all."
        ),
    ),
]
TrainedAgents = Annotated[
    list[str], typer.Option("--agent", help=spoken("Agent who was trained. May be repeated."))
]
On = Annotated[
    str, typer.Option("--on", help=spoken("First day that counts as after the training, year-month-day."))
]
Patience = Annotated[
    float | None,
    typer.Option(
        "--patience",
        help=spoken("Seconds after which a caller who waits gives up, on average; none: nobody gives up."),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(no_args_is_help=True)
    register_calls(group)
    register_bulletin(group)
    register_pace(group)
    register_dial(group)
    group.command(
        "staffing",
        help=spoken(
            "Say how many agents a stream of calls or call-backs needs, and what one fewer or more does."
        ),
    )(staffing_command)
    group.command(
        "agents",
        help=spoken(
            "Say which agents of a campaign are truly low or ahead, beyond their lists and their luck; safe to "
            "look at every day."
        ),
    )(agents_command)
    group.command(
        "training",
        help=spoken("Say what a training did: the trained beside the others, before its day and after."),
    )(training_command)
    app.add_typer(group, name="outbound")


def staffing_command(
    context: typer.Context,
    calls: Stream,
    handling: Handling,
    minutes: Minutes = 60.0,
    agents: Agents = None,
    within: Within = 20.0,
    level: Level = "80%",
    patience: Patience = None,
) -> None:
    """The answer, and a table of up to three agents fewer and more."""
    from telewave.outbound.staffing import Calls, Target, advice, around, fewest, staffed

    session: Session = context.obj
    stream = Calls(calls=calls, minutes=minutes, handling=handling, patience=patience)
    target = Target(parse_share(level), within)
    least = fewest(stream, target)
    asked = least if agents is None else agents
    found = staffed(stream, asked, within)
    session.say(advice(found, target, least), style="bold")
    if found.grows:
        session.say(
            Message(
                "{agents:,} agents cannot answer them all: {erlangs:,.1f} are busy on average if every call is "
                "answered. The queue grows without end.",
                agents=asked,
                erlangs=stream.erlangs,
            ),
            style="yellow",
        )
    session.table(
        Message("What callers meet, by the number of agents"),
        (
            Message("Agents"),
            Message("Wait"),
            Message("Answered within {within:g} seconds", within=within),
            Message("Mean wait until answered, seconds"),
            Message("Agents busy"),
            Message("Give up"),
            Message("Meets the target"),
        ),
        [_row(one, target) for one in around(stream, asked, within)],
    )
    session.say(_assumed(patience))


def _row(found: Staffed, target: Target) -> list[TableCell]:
    unknown = Message("grows without end")
    wait = found.answer_seconds
    return [
        found.agents,
        Figure.of(found.waits, ".1%"),
        Figure.of(found.answered_within, ".2%"),
        Figure(wait, unknown if wait is None else f"{wait:,.1f}"),
        Figure.of(found.occupancy, ".1%"),
        Figure.of(found.abandoned, ".1%"),
        Message("yes") if found.answered_within >= target.level else Message("no"),
    ]


def _assumed(patience: float | None) -> Message:
    if patience is None:
        return Message(
            "Reckoned by Erlang C: calls come at random, nobody gives up. Where callers do, --patience "
            "tells more truly."
        )
    return Message(
        "Reckoned by Erlang A: calls come at random, and who waits gives up after {patience:g} seconds on average.",
        patience=patience,
    )


def agents_command(
    context: typer.Context, name: CampaignName, as_of: AsOf = "", since: Since = "", report: PageFile = None
) -> None:
    """Judge, show, write the page."""
    from telewave.outbound.agent_words import AGENT_COLUMNS, agent_rows, headline, how, left_out
    from telewave.outbound.usecases import judge_agents

    session: Session = context.obj
    day = parse_day(as_of) if as_of else session.clock.today()
    with session.progress.step(Message("Comparing agents with one another")):
        found = judge_agents(
            session.warehouse, session.database, name, day, parse_day(since) if since else None
        )
    for k, sentence in enumerate(headline(found)):
        session.say(sentence, style="" if k else "bold")
    session.table(Message("The campaign's agents"), AGENT_COLUMNS, agent_rows(found))
    for sentence in (*left_out(found), *how()):
        session.say(sentence)
    if report is not None:
        from telewave.outbound.page import agents_page
        from telewave.platform.files import write_whole

        write_whole(report, agents_page(found, session.language))
        session.say(Message("The report is in {path}.", path=report))


def training_command(
    context: typer.Context, name: CampaignName, agent: TrainedAgents, on: On, as_of: AsOf = ""
) -> None:
    """Compare and show."""
    from telewave.outbound.agent_words import TRAINING_COLUMNS, training_rows, training_words
    from telewave.outbound.usecases import judge_training

    session: Session = context.obj
    day = parse_day(as_of) if as_of else session.clock.today()
    found = judge_training(session.warehouse, session.database, name, agent, parse_day(on), day)
    for k, sentence in enumerate(training_words(found)):
        session.say(sentence, style="" if k else "bold")
    session.table(Message("The trained beside the others"), TRAINING_COLUMNS, training_rows(found))
