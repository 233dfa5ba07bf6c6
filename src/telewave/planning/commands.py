"""Commands of `planning`: plan make, list, explain, redate, example."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Message
from telewave.planning.terminal import opened, say_submit
from telewave.platform.command_line import (
    CampaignFile,
    DespiteVerdict,
    DocumentFile,
    NewFile,
    ReportLanguage,
    SaidSimulated,
    ScoresAsOf,
    SubscriberNumber,
)
from telewave.platform.days import parse_day
from telewave.platform.files import write_new, write_whole
from telewave.platform.languages import parse_language
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.platform.database import Database
    from telewave.scheduling.carried_out import LetGo

Out = Annotated[Path | None, typer.Option("--out", help=spoken("Also write the plan as this HTML file."))]
CampaignName = Annotated[
    str, typer.Argument(metavar="CAMPAIGN", help=spoken("Name of the campaign; none: all."))
]
Today = Annotated[
    str, typer.Option("--today", help=spoken("Day from which contacts can still be made; none: today."))
]
AssumeDone = Annotated[
    bool,
    typer.Option(
        "--assume-done",
        help=spoken("Take contacts planned for earlier days as made, whatever the records say."),
    ),
]


LET_GO = "telewave.let_go"


def register_plan(app: typer.Typer, let_go: Callable[[Database, str, date], LetGo] | None = None) -> None:
    """Add the commands to `app`. `let_go`: which contacts of a campaign went out for days before a date; None: nothing
    is known of that but the records.
    """

    def remember(context: typer.Context) -> None:
        context.meta[LET_GO] = let_go

    plan = typer.Typer(no_args_is_help=True, callback=remember)
    plan.command(
        "make", help=spoken("Plan a campaign: who gets which offer through which channel on which day.")
    )(make_command)
    plan.command(
        "groups", help=spoken("Form the target groups with the campaign's own effects, costs and margins.")
    )(groups_command)
    plan.command("explain", help=spoken("Say why a subscriber is in a campaign's plan or out of it."))(
        explain_command
    )
    plan.command("list", help=spoken("List the plans of a campaign that were made."))(list_command)
    plan.command(
        "redate", help=spoken("Date a plan's contacts anew when days have passed or capacities have changed.")
    )(redate_command)
    plan.command(
        "example", help=spoken("Print the reference case's campaign file, to begin one's own from.")
    )(example_command)
    app.add_typer(plan, name="plan", help=spoken("Campaign plans: make, list, explain, date anew."))


def make_command(
    context: typer.Context,
    file: CampaignFile,
    as_of: ScoresAsOf,
    out: Out = None,
    document: DocumentFile = None,
    lang: ReportLanguage = "",
    simulated: SaidSimulated = False,
    despite_verdict: DespiteVerdict = None,
) -> None:
    """Plan, show, and keep the plan under its hash."""
    from telewave.briefs.assortment import not_proposed, offers_of
    from telewave.models.usecases import require_scored_by_used
    from telewave.planning.gathering import scorer_of
    from telewave.planning.page import plan_page
    from telewave.planning.plans import SHOWN_DIGITS
    from telewave.planning.report import show_plan
    from telewave.planning.summary import summarised
    from telewave.planning.usecases import make_plan, said_of_groups

    session: Session = context.obj
    brief, wide = opened(session, file, as_of)
    catalogue, offers = offers_of(brief, file.parent)
    models, database = session.settings.models, session.database
    require_scored_by_used(session.warehouse, models, brief.model, wide.as_of)
    scorer = scorer_of(session.warehouse, models, database, brief, wide.as_of, despite_verdict)
    made = make_plan(
        session.warehouse, database, brief, offers, wide, session.progress, now=session.clock.now(),
        catalogue=catalogue, universal=session.settings.universal_control, scorer=scorer,
    )  # fmt: skip
    said = said_of_groups(session.warehouse, brief, offers, made.gathered, wide.as_of)
    summary = summarised(made.proposal, made.gathered, scorer, [*not_proposed(brief, catalogue), *said])
    show_plan(session, summary)
    if said:
        session.say(
            Message(
                "Form them with the campaign's own: telewave plan groups {file} --as-of {as_of}",
                file=file,
                as_of=as_of,
            )
        )
    session.say(Message("This is plan {plan}.", plan=made.plan.hash[:SHOWN_DIGITS]))
    if out is not None:
        language = parse_language(lang) if lang else session.language
        write_whole(out, plan_page(summary, language, simulated=simulated))
        session.say(Message("The report is in {path}.", path=out))
    if document is not None:
        write_whole(document, made.plan.document)
        say_submit(session, document, brief.id)


def groups_command(context: typer.Context, file: CampaignFile, as_of: ScoresAsOf) -> None:
    """Form the groups that the campaign plans with, and say where each ends."""
    from telewave.briefs.assortment import offers_of
    from telewave.models.usecases import require_scored_by_used
    from telewave.planning.usecases import form_groups
    from telewave.targeting.sentences import amount
    from telewave.targeting.terminal import show_groups

    session: Session = context.obj
    brief, wide = opened(session, file, as_of)
    _, offers = offers_of(brief, file.parent)
    require_scored_by_used(session.warehouse, session.settings.models, brief.model, wide.as_of)
    made = form_groups(session.warehouse, session.database, brief, offers, wide, session.progress)
    show_groups(session, made)
    session.say(
        Message(
            "Counted with a margin of {margin} a sale; {alone:.0%} of the expected takers come without any contact.",
            margin=amount(made.plan.margin),
            alone=made.plan.alone,
        )
    )


def explain_command(
    context: typer.Context, file: CampaignFile, as_of: ScoresAsOf, subscriber: SubscriberNumber
) -> None:
    """One row of values beside the plan's prices."""
    from telewave.briefs.assortment import offers_of
    from telewave.planning.report import show_explanation
    from telewave.planning.usecases import explain_subscriber
    from telewave.records.identities import number_of
    from telewave.records.key_keeping import open_keys
    from telewave.records.numbering import lines_of

    session: Session = context.obj
    brief, wide = opened(session, file, as_of)
    _, offers = offers_of(brief, file.parent)
    number = number_of(
        session.database,
        open_keys(session.settings.keys, session.database, create=False),
        subscriber,
        session.settings.country,
        lines=lines_of(session.warehouse),
    )
    found = explain_subscriber(
        session.warehouse, session.database, brief, offers, wide, number, session.progress
    )
    show_explanation(session, found)


def list_command(context: typer.Context, campaign: CampaignName = "") -> None:
    """The last one first."""
    from telewave.planning.plans import plans_of
    from telewave.planning.report import show_plans

    session: Session = context.obj
    found = plans_of(session.database, campaign or None)
    if not found:
        session.say(Message("There are no plans yet. Make one with: telewave plan make FILE --as-of DATE"))
        return
    show_plans(session, found)


def redate_command(
    context: typer.Context,
    file: CampaignFile,
    as_of: ScoresAsOf,
    today: Today = "",
    assume_done: AssumeDone = False,
    document: DocumentFile = None,
) -> None:
    """Keep what was done, move as little as necessary; a plan of its own."""
    from telewave.briefs.campaign_file import load_campaign
    from telewave.planning.redating import redate
    from telewave.planning.report import show_redated
    from telewave.planning.usecases import learnt

    session: Session = context.obj
    brief = learnt(session.settings.home, load_campaign(file))
    day = parse_day(today) if today else session.clock.today()
    asked = context.meta[LET_GO]
    out = asked(session.database, brief.id, day + timedelta(days=1)) if asked else None
    found = redate(
        session.warehouse, session.database, brief, parse_day(as_of), day, session.progress,
        now=session.clock.now(), assume_done=assume_done, let_go=out,
    )  # fmt: skip
    show_redated(session, found, [one.name for one in brief.channels])
    if document is not None:
        write_whole(document, found.plan.document)
        say_submit(session, document, brief.id)


def example_command(context: typer.Context, to: NewFile = None) -> None:
    """As shipped; a file that is there already is left alone."""
    from telewave.briefs.campaign_file import reference_text

    session: Session = context.obj
    if to is None:
        session.write("campaign_file", reference_text())
        return
    write_new(to, reference_text())
    session.say(Message("The campaign file is in {path}.", path=to))
