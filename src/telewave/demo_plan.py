"""The demo's second half: policies and what is wrong with them, the reference case's
campaign planned, approved by a second person.

Assembly only: every step is the use case that the commands `offers check`,
`plan make` and `campaign` go through as well.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from telewave.approvals.usecases import PlanFile
from telewave.briefs.assortment import not_proposed, offers_of
from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import Brief, scaled
from telewave.choice.learning import NoAlternatives, TooFewChoices
from telewave.choice.usecases import learn_choice
from telewave.choice.wording import verdict_words
from telewave.contacts.commands import write_contacts
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.demo_actions import DESPITE, PLANNER, hand_in, prepared
from telewave.demo_pages import ACTIONS, PLAN, POLICIES, actions_tile, place, plan_tile, policies_tile
from telewave.features.usecases import open_wide
from telewave.kernel import Message, Money
from telewave.offers.catalogue_file import REFERENCE
from telewave.offers.page import consistency_page
from telewave.offers.usecases import check_catalogue, count_market
from telewave.outbound.told_calls import CALLS
from telewave.planning.gathering import scorer_of
from telewave.planning.page import plan_page
from telewave.planning.plans import contacts_of, latest_plan
from telewave.planning.report import show_plan
from telewave.planning.summary import summarised
from telewave.planning.usecases import learnt, make_plan, said_of_groups
from telewave.platform.files import write_whole
from telewave.platform.languages import LANGUAGES, render
from telewave.platform.pages.front import Tile
from telewave.platform.terminal import Session
from telewave.projects.action_page import action_page
from telewave.projects.usecases import standing_of
from telewave.simulation.plan import CityPlan
from telewave.targeting.sentences import amount

BRANCH = 3_500_000
"""Subscribers of the branch that the reference campaign is written for."""
COST_OF_A_CALL = Money(60)
"""What a call adds where agents are paid by the month: line and list. The case counts 1.70 with the wage, by which a
city this small has too few calls to show halls, parcels and agents.
"""


def plan_campaign(session: Session, city: CityPlan, brief: Brief, folder: Path) -> list[Tile]:
    """Check the policies, plan the campaign, and have the plan approved. Gives the pages in short."""
    as_of, subscribers = city.end, city.subscribers
    session.say(
        Message(
            (
                "Plan of the reference case, its capacities and budget in proportion to {subscribers} of 3.5 "
                "million subscribers, a call at the {cost} that it costs beside the agents' wages:"
            ),
            subscribers=f"{subscribers:,}",
            cost=amount(COST_OF_A_CALL),
        ),
        style="bold",
    )
    document, tiles = _planned(session, brief, as_of, folder)
    plan = PlanFile(document.name, document.read_bytes(), ContactPlanKind.name)
    hand_in(session, brief.id, plan)
    made = contacts_of(session.warehouse, latest_plan(session.database, brief.id, as_of))
    listed = folder / "contacts.csv"
    if not listed.exists():  # whose contacts may have been made since
        first = made["day"][0].as_py() or brief.first
        write_contacts(session, brief.id, listed, first, render(PLANNER, session.language))
    actions = prepared(session, brief, as_of, folder, subscribers / BRANCH)
    standing = standing_of(session.database, brief.id, session.clock)
    for language in LANGUAGES:
        page = action_page(actions, as_of, language, standing=standing, place=place(ACTIONS, language))
        write_whole(folder / f"{ACTIONS}.{language}.html", page)
    return [*tiles, actions_tile(actions, as_of)]


def campaign_of(city: CityPlan) -> Brief:
    """The reference case's campaign in proportion to the city: capacities, budget and goals; a call at what it adds."""
    whole, share = load_campaign(Path(REFERENCE)), city.subscribers / BRANCH
    brief, sales = scaled(whole, share), scaled(whole, share * city.take_up)
    phases = [replace(one, goal=other.goal) for one, other in zip(brief.phases, sales.phases, strict=True)]
    calls = tuple(
        replace(one, cost=COST_OF_A_CALL) if one.records in CALLS else one for one in brief.channels
    )
    return replace(brief, phases=tuple(phases), device_stock=sales.device_stock, channels=calls)


def as_chosen(session: Session, brief: Brief) -> Brief:
    """The campaign with what orders tell of how people choose; as it is where they are too few to tell."""
    catalogue, _ = offers_of(brief, Path())
    try:
        model = learn_choice(session.home, catalogue, brief.id, 1, session.progress)
    except (TooFewChoices, NoAlternatives) as why:
        session.say(why.message, style="yellow")
        return brief
    session.say(verdict_words(model), style="green" if model.verdict.used else "yellow")
    asked = replace(brief, choice=replace(brief.choice, learnt=model.name))
    return learnt(session.settings.home, asked)


def _planned(session: Session, brief: Brief, as_of: date, folder: Path) -> tuple[Path, list[Tile]]:
    """The plan's document, beside it the pages; and the pages in short."""
    warehouse, database = session.warehouse, session.database
    catalogue, offers = offers_of(brief, folder)
    checked = check_catalogue(catalogue, count_market(warehouse, database, catalogue, as_of), brief.first)
    wide = open_wide(warehouse, as_of)
    scorer = scorer_of(
        warehouse, session.settings.models, database, brief, as_of, render(DESPITE, session.language)
    )
    made = make_plan(
        warehouse, database, brief, offers, wide, session.progress, now=session.clock.now(),
        catalogue=catalogue, universal=session.settings.universal_control, scorer=scorer,
    )  # fmt: skip
    said = said_of_groups(warehouse, brief, offers, made.gathered, as_of)
    summary = summarised(made.proposal, made.gathered, scorer, [*not_proposed(brief, catalogue), *said])
    show_plan(session, summary)
    for language in LANGUAGES:
        policies = consistency_page(checked, language, place(POLICIES, language))
        write_whole(folder / f"{POLICIES}.{language}.html", policies)
        planned = plan_page(summary, language, simulated=True, place=place(PLAN, language))
        write_whole(folder / f"{PLAN}.{language}.html", planned)
    document = folder / "plan.json"
    write_whole(document, made.plan.document)
    return document, [policies_tile(checked), plan_tile(summary)]
