"""What the demo learns of a contact's steps: before the plan from the branch's own contacts, and anew after the
campaign, judged on what neither version has seen. Assembly only: the use cases of `funnel learn` and `learning refit`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from telewave.briefs.assortment import offers_of
from telewave.briefs.model import Brief
from telewave.demo_actions import APPROVER
from telewave.demo_pages import LEARNT, learnt_tile, nothing_tile, place
from telewave.features.usecases import open_wide
from telewave.funnel.model import Funnel
from telewave.funnel.usecases import (
    NoContacts,
    NoEarlierGroups,
    NoSuchFunnel,
    NothingTold,
    Question,
    kept,
    learn,
    saved,
)
from telewave.kernel import Message, Missing
from telewave.kernel.periods import add_months
from telewave.learning.deciding import NothingToJudgeBy
from telewave.learning.page import compared_page
from telewave.learning.usecases import Compared, last_compared, refit
from telewave.learning.words import headline
from telewave.models.response import FittedResponse
from telewave.models.usecases import score
from telewave.planning.usecases import form_groups, learnt
from telewave.platform.clock import Clock
from telewave.platform.files import write_whole
from telewave.platform.home import Home
from telewave.platform.languages import LANGUAGES, render
from telewave.platform.pages.front import Tile
from telewave.platform.terminal import Session
from telewave.simulation.plan import CityPlan

ORDER_DAYS = 14


def with_steps(session: Session, fitted: FittedResponse, brief: Brief, city: CityPlan) -> Brief:
    """The campaign with what last month's contacts tell of the steps of a contact; as it is where there are too few.
    What was learnt by an earlier run stays.
    """
    try:
        found = kept(session.settings.home, brief.id)
    except NoSuchFunnel:
        try:
            found = _first_learnt(session, fitted, brief, city)
        except (NoContacts, NothingTold, NoEarlierGroups) as why:
            session.say(why.message, style="yellow")
            return brief
    session.say(
        Message(
            "What a contact does, step by step, is learnt from {contacts:,} contacts of the last month: telewave "
            "funnel show --name {name}",
            contacts=found.contacts,
            name=found.name,
        )
    )
    return learnt(session.settings.home, replace(brief, funnel=brief.id))


def _first_learnt(session: Session, fitted: FittedResponse, brief: Brief, city: CityPlan) -> Funnel:
    warehouse, since = session.warehouse, add_months(city.end, -1)
    wide = open_wide(warehouse, since)
    score(fitted, wide, warehouse, session.progress)
    _, offers = offers_of(brief, Path())
    form_groups(warehouse, session.database, brief, offers, wide, session.progress)
    asked = Question(since=since, as_of=city.end, days=ORDER_DAYS, model=brief.model)
    return saved(session.home, learn(warehouse, asked, brief.id))


def learn_anew(session: Session, brief: Brief, now: datetime, folder: Path) -> Tile:
    """Learn the steps anew from the campaign's contacts, judge them beside those in use, write the page. What an
    earlier run compared stays.
    """
    home = replace(session.home, clock=Clock(session.settings.timezone, lambda: now))
    try:
        found = _compared(home, brief.id, render(APPROVER, session.language))
    except (NoSuchFunnel, NoContacts, NothingTold, NothingToJudgeBy) as why:
        session.say(why.message, style="yellow")
        return nothing_tile(folder, LEARNT, why.message)
    session.say(Message("Learnt anew"), style="bold")
    for sentence in headline(found.refit):
        session.say(sentence)
    session.say(f"  telewave learning show {brief.id}")
    for language in LANGUAGES:
        page = compared_page(found, language, simulated=True, place=place(LEARNT, language))
        write_whole(folder / f"{LEARNT}.{language}.html", page)
    return learnt_tile(found)


def _compared(home: Home, name: str, by: str) -> Compared:
    try:
        return last_compared(home, name)
    except Missing:
        return refit(home, name, by)
