"""Commands of `targeting`: group, report."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Label, Malformed, Message
from telewave.kernel.periods import add_months
from telewave.platform.command_line import (
    HtmlFile,
    ListTaker,
    ModelName,
    ReportLanguage,
    SaidSimulated,
    ScoresAsOf,
)
from telewave.platform.days import parse_day
from telewave.platform.files import write_whole
from telewave.platform.languages import parse_language
from telewave.platform.settings import UnreadableSetting
from telewave.platform.terminal import Session, spoken
from telewave.records.named_list import ListFile, write_named_list
from telewave.targeting.plan import DEFAULT_PLAN

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from telewave.features.model import WideTable
    from telewave.models.model import ModelCard
    from telewave.platform.warehouse import Warehouse
    from telewave.records.row_names import Naming
    from telewave.targeting.case import Case
    from telewave.targeting.report import BaseClasses
    from telewave.targeting.usecases import Grouped


class WhichGroups(Malformed):
    """Say whose groups are meant: either --as-of with a date, or --samples with the name of an outside table."""

    code = "which_groups"


Samples = Annotated[str, typer.Option("--samples", help=spoken("Name of an outside table that was scored."))]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        help=spoken("Plan file with margin, channels, costs and capacities; none: the built-in plan."),
    ),
]
Offer = Annotated[
    str,
    typer.Option(
        "--offer", help=spoken("Offer whose takers are counted by base class; none: the model's own.")
    ),
]
Title = Annotated[
    str,
    typer.Option(
        "--offer-title", help=spoken("Name of the offer for readers of the report; none: its identifier.")
    ),
]
ChosenAudience = Annotated[
    str,
    typer.Option(
        "--audience", help=spoken("Group only this audience: its name, or a rule; none: everybody.")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command(
        "group", help=spoken("Cut the scored subscribers into core, normal and basic by value and capacity.")
    )(group_command)
    app.command("report", help=spoken("Write the report on the groups as one HTML file."))(report_command)


def group_command(
    context: typer.Context,
    model: ModelName,
    as_of: ScoresAsOf = "",
    samples: Samples = "",
    plan: PlanFile = None,
    audience: ChosenAudience = "",
    to: ListFile = None,
    by: ListTaker = "",
) -> None:
    """Form the groups and say where each ends; with --to write the list."""
    from telewave.models.report import warn_of_verdict
    from telewave.models.usecases import ModelGone, require_scored_by_used
    from telewave.records.row_names import naming_of
    from telewave.targeting.plan_file import load_plan
    from telewave.targeting.terminal import show_groups
    from telewave.targeting.usecases import card_of_groups, group

    session: Session = context.obj
    day = _date(as_of, samples)
    naming = None if to is None else naming_of(session.warehouse, samples, by)
    chosen = DEFAULT_PLAN if plan is None else load_plan(plan)
    require_scored_by_used(session.warehouse, session.settings.models, model, day)
    members = _members(session, audience, _opened(session, day, samples)) if audience else None
    made = group(session.warehouse, model, day, chosen, session.progress, members, samples=samples)
    if plan is None:
        session.say(
            Message("No plan was given: the built-in plan's costs, capacities and factors are assumptions."),
            style="yellow",
        )
    show_groups(session, made)
    with suppress(ModelGone):  # the report, which needs the card, says so
        warn_of_verdict(session, card_of_groups(made, session.settings.models, session.database))
    if to is not None and naming is not None:
        _write(session, to, naming, made, by)


def _write(session: Session, to: Path, naming: Naming, made: Grouped, by: str) -> None:
    from telewave.targeting.group_list import HEADERS, group_lines, ranked_groups
    from telewave.targeting.usecases import partition_of

    rows = ranked_groups(session.warehouse, made.model, made.as_of)
    write_named_list(
        session,
        to,
        naming,
        rows["subscriber"].to_numpy().tolist(),
        by=by,
        purpose=f"groups of {made.model}, {partition_of(made.as_of)}",
        headers=HEADERS,
        lines=lambda names: group_lines(rows, names, made.plan, session.language),
    )


def report_command(
    context: typer.Context,
    model: ModelName,
    out: HtmlFile,
    as_of: ScoresAsOf = "",
    samples: Samples = "",
    offer: Offer = "",
    offer_title: Title = "",
    lang: ReportLanguage = "",
    simulated: SaidSimulated = False,
) -> None:
    """Write the report on groups that were formed before."""
    from telewave.targeting.page import report_page
    from telewave.targeting.usecases import card_of_groups, grouped, make_report

    session: Session = context.obj
    day = _date(as_of, samples)
    language = parse_language(lang) if lang else session.language
    warehouse = session.warehouse
    card = card_of_groups(grouped(warehouse, model, day), session.settings.models, session.database)
    made = make_report(
        warehouse,
        card,
        _opened(session, day, samples),
        session.clock.now(),
        session.progress,
        simulated=simulated,
        base_classes=None if day is None else _classes(warehouse, day, offer, card),
        title=Label(offer_title, offer_title) if offer_title else None,
        case=_case(session.settings.case),
    )
    write_whole(out, report_page(made, language))
    session.say(Message("The report is in {path}.", path=out))


def _case(name: str) -> Case | None:
    from telewave.platform.yaml_files import YamlUnreadable
    from telewave.targeting.case_file import named_case

    try:
        return named_case(name) if name else None
    except YamlUnreadable as cause:
        raise UnreadableSetting(
            name="TELEWAVE_CASE",
            value=name,
            expected=Message("`reference`, the path of a case file, or nothing"),
        ) from cause


def _opened(session: Session, day: date | None, samples: str) -> WideTable:
    from telewave.features.usecases import open_samples, open_wide

    return open_samples(session.warehouse, samples) if day is None else open_wide(session.warehouse, day)


def _members(session: Session, audience: str, wide: WideTable) -> ir.Table:
    from telewave.audiences.reading import read_rule
    from telewave.audiences.usecases import is_name, predicate

    chosen = audience if is_name(audience) else read_rule(audience)
    member = predicate(session.warehouse, session.database, chosen)(wide)
    return wide.relation.filter(member).select(subscriber=wide.key)


def _classes(warehouse: Warehouse, day: date, asked: str, card: ModelCard) -> BaseClasses | None:
    """The base classes seen from the offer asked for, or else from the model's own, whose orders may be gone by now."""
    from telewave.customers.usecases import NoSuchOffer, base_classes
    from telewave.targeting.usecases import class_rows

    offer = asked or (card.offered.offer if card.offered else "")
    try:
        return class_rows(base_classes(warehouse, day, offer, add_months(day, -1)))
    except NoSuchOffer:
        if asked:
            raise
        return None


def _date(as_of: str, samples: str) -> date | None:
    """The as-of date, or None for an outside table. Exactly one of the two must be given."""
    if bool(as_of) == bool(samples):
        raise WhichGroups
    if samples:
        return None
    return parse_day(as_of)
