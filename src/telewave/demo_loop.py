"""The demo's last part: the launched campaign runs on the simulated city, day by day, and is measured against its
holdout, the simulator's truth beside it.

Assembly only: lists go out by the use case of `campaign contacts`, what became of them comes back by those of `campaign
results` and `ingest`, and `campaign measure` says what was earned. None of them reads the truth.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from telewave.briefs.model import Brief
from telewave.city_answers import handed_before, write_results
from telewave.contacts.handing_out import hand_out
from telewave.contacts.results_file import read_results
from telewave.contacts.settling import Told, settle_before, take_results
from telewave.contacts.work_list import HandedOut
from telewave.demo_actions import PLANNER
from telewave.demo_desks import Desks, planned_rows
from telewave.demo_learning import learn_anew
from telewave.demo_pages import EARNED, earned_tile, place
from telewave.demo_parcels import SUNDAY
from telewave.demo_plan import BRANCH
from telewave.demo_told import tell_calls, tell_halls, tell_parcels
from telewave.kernel import Inconclusive, Message
from telewave.kernel.periods import days
from telewave.measurement.effect import holdout_that_tells
from telewave.measurement.in_short import SHORT_COLUMNS, short_rows
from telewave.measurement.model import Measured
from telewave.measurement.next_steps import next_words
from telewave.measurement.page import measured_page
from telewave.measurement.report import object_of
from telewave.measurement.usecases import measure
from telewave.measurement.words import headline, whole
from telewave.platform.files import write_whole
from telewave.platform.languages import LANGUAGES, render
from telewave.platform.pages.front import Tile
from telewave.platform.progress import Silent
from telewave.platform.terminal import Session
from telewave.records.key_keeping import open_keys
from telewave.records.usecases import ingest_folder
from telewave.simulation.answering import Handed, Town
from telewave.simulation.reopening import reopened, write_day
from telewave.targeting.sentences import percent

NOBODY = Handed.of([])
ANSWERS = "answers"
"""Folder of the city's answers in the demo's."""
AFTER = 8
"""Days from the campaign's last on which it is measured: who promised to come to a hall has come by then."""


def run_campaign(session: Session, brief: Brief, folder: Path) -> list[Tile]:
    """Run the campaign to its end, measure it, write its pages. Gives the pages in short.

    A run that was cut short goes on where it stopped.
    """
    as_of = brief.last + timedelta(AFTER)
    town = _lived(session, brief, folder, as_of)
    end = _evening(session, as_of - timedelta(1))
    tell_halls(session, brief.id)
    parcels = tell_parcels(session, brief.id, end, folder)
    calls = tell_calls(session, brief, as_of, town.strengths(), folder)
    earned = _measured(session, brief, as_of, town, folder)
    return [*calls, parcels, earned, learn_anew(session, brief, end, folder)]


def _measured(session: Session, brief: Brief, as_of: date, town: Town, folder: Path) -> Tile:
    """What it earned, with the truth beside it, and what a branch could tell of it."""
    caused = town.caused()
    zone = ZoneInfo(session.settings.timezone)
    found = measure(session.warehouse, session.database, brief.id, as_of, zone=zone)
    truth = truth_words(found, caused)
    session.say(Message("What the campaign earned on the simulated city:"), style="bold")
    for sentence in headline(found):
        session.say(sentence)
    session.table(Message("In short"), SHORT_COLUMNS, short_rows(found))
    larger = of_a_branch(found, BRANCH / town.subscribers)
    for sentence in [truth, *next_words(found), *larger]:
        session.say(sentence)
    told = object_of(found) | {"simulated_truth": caused}
    write_whole(folder / "earned.json", json.dumps(told, indent=1))
    for language in LANGUAGES:
        page = measured_page(found, language, simulated=True, truth=truth, place=place(EARNED, language))
        write_whole(folder / f"{EARNED}.{language}.html", page)
    return earned_tile(found, larger)


def of_a_branch(found: Measured, times: float) -> list[Message]:
    """What the same plan would bring to `times` as many people like these, and how many to hold out to see it; nothing
    where it was seen here.
    """
    if isinstance(found.orders, Inconclusive) or found.orders.seen:
        return []
    people = round((found.orders.assigned + found.orders.held_out) * times)
    needed = holdout_that_tells(found.orders.last.held_out, people, found.expected * times)
    facts = {"branch": f"{BRANCH:,}", "orders": whole(found.expected * times)}
    if needed is None or needed[1] > 1:
        return [
            Message(
                "Even a branch of {branch} subscribers like these, to whom the same plan promises {orders} orders, "
                "would not see them in one campaign.",
                **facts,
            )
        ]
    return [
        Message(
            "To a branch of {branch} subscribers like these the same plan promises {orders} orders, and they would "
            "show with {share} held out.",
            share=percent(needed[0]),
            **facts,
        )
    ]


def truth_words(found: Measured, caused: int) -> Message:
    """What the campaign really brought, and whether the interval holds it."""
    if isinstance(found.orders, Inconclusive):
        return Message(
            "In the simulated city the campaign really brought {caused} orders by then.", caused=caused
        )
    total = found.orders.total
    facts = {"caused": caused, "low": f"{total.low:,.0f}", "high": f"{total.high:,.0f}"}
    if total.low <= caused <= total.high:
        return Message(
            "In the simulated city the campaign really brought {caused} orders by then; the interval that was "
            "measured, {low} to {high}, holds it. Only a simulation can know: who would have ordered anyway was drawn "
            "before the first contact.",
            **facts,
        )
    return Message(
        "In the simulated city the campaign really brought {caused} orders by then; the interval that was measured, "
        "{low} to {high}, misses it, as one in twenty may. Only a simulation can know: who would have ordered anyway "
        "was drawn before the first contact.",
        **facts,
    )


def _lived(session: Session, brief: Brief, folder: Path, as_of: date) -> Town:
    """The city after the campaign, all of whose answers are taken in."""
    town, answers = reopened(folder / "city"), folder / ANSWERS
    told = sorted(answers.glob("results/*.csv"))
    before = handed_before(session, brief.id, as_of)
    planned = _planned_days(session, brief)
    length = days(town.day, as_of)
    desks = Desks.opened(session, brief, town, answers)
    with session.progress.step(Message("The campaign runs on the simulated city"), total=len(length)) as step:
        for day in length:
            results = answers / "results" / f"{day}.csv"
            known = results in told
            handed = before.get(day, NOBODY)
            if not known and day in planned:
                handed = _handed_out(session, brief, day)
            lived = town.live(handed)
            desks.remember(day, lived)
            if not known or results == told[-1]:  # whether the last one was taken in is not known
                write_day(answers, day, {"contacts": lived.contacts, "orders": lived.orders})
                desks.receive(lived)
                write_results(results, lived.results, lived.agents)
                _take(session, brief, results, day)
                desks.close(day, lived, _evening(session, day))
            if not known and day.weekday() == SUNDAY:
                ingest_folder(session.warehouse, session.database, answers, Silent(), town.day)
            step.advance()
    ingest_folder(session.warehouse, session.database, answers, Silent(), town.day)
    desks.courier.settle(length[-1])
    person = render(PLANNER, session.language)
    end = Told(by=person, now=_evening(session, length[-1]))
    settle_before(session.database, brief.id, as_of, end, close=True)
    return town


def _planned_days(session: Session, brief: Brief) -> set[date]:
    """The days for which the launched plan has contacts."""
    return {day for day in planned_rows(session, brief)["day"].unique().to_pylist() if day is not None}


def _handed_out(session: Session, brief: Brief, day: date) -> Handed:
    keys = open_keys(session.settings.keys, session.database, create=False)
    person = render(PLANNER, session.language)
    morning = datetime.combine(day, time(9), ZoneInfo(session.settings.timezone))
    found = hand_out(session.warehouse, session.database, keys, brief.id, day, by=person, now=morning)
    return handed_of(found)


def handed_of(found: HandedOut) -> Handed:
    """What whoever has the list makes: each contact at the beginning of its time."""
    recorded = {name: one["records"] for name, one in found.document["channels"].items()}
    channels = [recorded[str(one)] for one in found.rows["channel"].to_pylist()]
    return Handed(
        contact=np.array(found.contacts, np.int64),
        subscriber=found.rows["subscriber"].to_numpy().astype(np.int64),
        channel=np.array(channels, np.str_),
        minute=found.rows["minute"].to_numpy().astype(np.int64),
    )


def _take(session: Session, brief: Brief, results: Path, day: date) -> None:
    told = Told(by=render(PLANNER, session.language), now=_evening(session, day), file=results.name)
    take_results(session.database, brief.id, read_results(results), told, int)


def _evening(session: Session, day: date) -> datetime:
    return datetime.combine(day, time(21), ZoneInfo(session.settings.timezone))
