"""The main job on a simulated city, end to end: records, wide tables, base classes, audience, model, groups, report,
plan, and what the campaign earned.

Assembly only: every step is the use case that the person's own files go through as well.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from telewave.audiences.language import parse_rule
from telewave.audiences.usecases import count, define, predicate
from telewave.bootstrap import open_home
from telewave.briefs.assortment import offers_of
from telewave.briefs.model import Brief
from telewave.customers.report import show_classes
from telewave.customers.usecases import base_classes
from telewave.demo_learning import with_steps
from telewave.demo_loop import run_campaign
from telewave.demo_pages import FRONT, WHO, place, who_tile, write_front
from telewave.demo_plan import as_chosen, campaign_of, plan_campaign
from telewave.features.usecases import build_wide, open_wide
from telewave.kernel import Label, Message
from telewave.kernel.periods import add_months
from telewave.models.report import say_holders, show_card
from telewave.models.response import FittedResponse, TrainOptions
from telewave.models.target import Target
from telewave.models.training import train
from telewave.models.training_tables import training_table
from telewave.models.usecases import restricted, save, score
from telewave.planning.usecases import form_groups
from telewave.platform.files import write_whole
from telewave.platform.languages import LANGUAGES
from telewave.platform.pages.front import Tile
from telewave.platform.settings import HOME, load_settings
from telewave.platform.terminal import Session
from telewave.records.usecases import ingest_folder
from telewave.simulation.city import simulate
from telewave.simulation.commands import show as show_city
from telewave.simulation.facts import OFFER
from telewave.simulation.plan import CityPlan
from telewave.targeting.page import report_page
from telewave.targeting.terminal import show_groups
from telewave.targeting.usecases import class_rows, make_report

AUDIENCE = "with-a-line"
RULE = "has_mobile = true or has_broadband = true"
WINDOW_DAYS = 30
OFFER_TITLE = Label("the contract smartphone", "合约智能手机")


def demonstrate(outer: Session, folder: Path, plan: CityPlan) -> None:
    """Simulate, ingest, build, learn, group, report, plan, all on the morning of the city's last day; then run the
    campaign on the city and measure it.

    A folder that has the city already goes on from there. Raises what the use cases raise.
    """
    settings = load_settings(
        {
            "TELEWAVE_HOME": str(folder / HOME),
            "TELEWAVE_LANG": outer.language,
            "TELEWAVE_THREADS": str(outer.settings.threads),
            "TELEWAVE_MEMORY_GB": str(outer.settings.memory_gb),
        }
    )
    morning = datetime.combine(plan.end, time(9), ZoneInfo(settings.timezone))
    session = Session(
        language=outer.language,
        settings=settings,
        open_home=lambda: open_home(settings),
        console=outer.console,
        instant=lambda: morning,
    )
    try:
        _run(session, folder, plan)
    finally:
        session.close()


def _run(session: Session, folder: Path, plan: CityPlan) -> None:
    session.say(
        Message(
            "Everything here is simulated: a city of {subscribers} subscribers with {take_up:g} times the "
            "take-up of the reference case, so that a city this small has enough takers to learn from.",
            subscribers=f"{plan.subscribers:,}",
            take_up=plan.take_up,
        ),
        style="yellow",
    )
    show_city(session, simulate(plan, folder / "city", session.progress))
    _ingest(session, folder / "city", plan.end)
    dates = [add_months(plan.launch, k) for k in range(plan.months_after)]
    for as_of in [*dates, plan.end]:
        build_wide(session.warehouse, as_of, session.progress)
    show_classes(session, base_classes(session.warehouse, plan.end, OFFER, plan.launch))
    fitted = _learn(session, dates)
    brief = with_steps(session, fitted, as_chosen(session, campaign_of(plan)), plan)
    _group(session, fitted, brief, plan.end)
    who = _report(session, fitted, plan, folder)
    planned = plan_campaign(session, plan, brief, folder)
    write_front(folder, [who, *planned, *run_campaign(session, brief, folder)])
    _finish(session, folder)


def _ingest(session: Session, city: Path, today: date) -> None:
    reports = ingest_folder(session.warehouse, session.database, city, session.progress, today)
    session.say(
        Message(
            "Ingested: {accepted} rows accepted, {refused} in quarantine.",
            accepted=f"{sum(report.accepted for report in reports):,}",
            refused=sum(report.rows_refused for report in reports),
        )
    )


def _learn(session: Session, dates: list[date]) -> FittedResponse:
    warehouse, database = session.warehouse, session.database
    now = session.clock.now()
    define(database, AUDIENCE, parse_rule(RULE), now)
    size = count(warehouse, database, AUDIENCE, open_wide(warehouse, dates[-1]))
    session.say(
        Message("Audience {name}: {rule}: {size} subscribers.", name=AUDIENCE, rule=RULE, size=f"{size:,}")
    )
    chosen = predicate(warehouse, database, AUDIENCE, dates[-1])
    table = training_table(
        warehouse, Target(OFFER, WINDOW_DAYS), dates, open_wide, session.progress, audience=chosen, whom=RULE
    )
    options = TrainOptions(threads=session.settings.threads)
    fitted = train(table, name=OFFER, seed=1, now=now, progress=session.progress, options=options)
    fitted = fitted.numbered(save(fitted, session.settings.models, database).version)
    show_card(session, fitted.card)
    return fitted


def _group(session: Session, fitted: FittedResponse, brief: Brief, as_of: date) -> None:
    warehouse = session.warehouse
    wide = open_wide(warehouse, as_of)
    chosen = predicate(warehouse, session.database, AUDIENCE)
    scored = score(fitted, restricted(wide, chosen), warehouse, session.progress)
    say_holders(session, fitted.card, scored.holders)
    _, offers = offers_of(brief, Path())
    show_groups(session, form_groups(warehouse, session.database, brief, offers, wide, session.progress))


def _report(session: Session, fitted: FittedResponse, plan: CityPlan, folder: Path) -> Tile:
    """The pages of who is likely to take the offer; and that in short."""
    warehouse = session.warehouse
    classes = class_rows(base_classes(warehouse, plan.end, OFFER, plan.launch))
    made = make_report(
        warehouse,
        fitted.card,
        open_wide(warehouse, plan.end),
        session.clock.now(),
        session.progress,
        simulated=True,
        base_classes=classes,
        title=OFFER_TITLE,
    )
    for language in LANGUAGES:
        write_whole(folder / f"{WHO}.{language}.html", report_page(made, language, place(WHO, language)))
    return who_tile(made)


def _finish(session: Session, folder: Path) -> None:
    session.say(Message("Done. Open in a browser:"), style="bold green")
    session.say(f"  {(folder / f'{FRONT}.{session.language}.html').absolute()}")
    session.say(
        Message("Each contact with its day, handed out because a second person approved the plan (a table):")
    )
    session.say(f"  {(folder / 'contacts.csv').absolute()}")
    session.say(Message("To work with the campaign in a browser: make serve"))
