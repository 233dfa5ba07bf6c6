"""A launched campaign on the simulated city: what the ledger let go is answered by the city, and what became of it is
written as the files that a call centre and a BSS would give back. Assembly only.

The city is lived anew from its last day on each time. The same contacts get the same answers, so that files written
again for a later day hold what they held, and more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from telewave.approvals.usecases import find
from telewave.contacts.out_store import out_of
from telewave.kernel import Conflict, Malformed, Message
from telewave.planning.plans import contacts_of, plan_called
from telewave.platform.files import filled_aside
from telewave.platform.terminal import Session
from telewave.records.contracts import SUBSCRIBERS
from telewave.simulation.answering import Handed
from telewave.simulation.reopening import reopened, write_day

RESULTS = "results.csv"
Result = tuple[int, str, str | None]
"""Number of the contact in the ledger, the outcome's code, the reference of the order or appointment."""


class NotThisCity(Conflict):
    """The subscribers of this home do not come from the simulated city in {folder}, so its answers would be other
    people's. Take that city into a home of its own first: TELEWAVE_HOME=HOME telewave ingest {folder}
    """

    code = "not_this_city"


class CityHasNoSuchDay(Malformed):
    """The simulated city is lived on from {first}, so there is nothing to answer before {day}. Give a later day."""

    code = "city_has_no_such_day"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """How much was answered and written."""

    contacts: int
    results: int
    orders: int


def answer(session: Session, name: str, city: Path, before: date, folder: Path) -> Answered:
    """Let the city live up to `before` with the contacts of the campaign `name` that the ledger let go. Writes to
    `folder` the results (`RESULTS`) and a day's contacts and orders as records.

    Raises `NoSuchCampaign`, `NoCity`, `UnreadableCity`, `NotThisCity`, `CityHasNoSuchDay`, `FileNotWritten`.
    """
    find(session.database, name)
    town = reopened(city)
    if session.warehouse.manifest(SUBSCRIBERS.name).facts.get("numbering") != "native":
        raise NotThisCity(folder=city)
    if before <= town.day:
        raise CityHasNoSuchDay(first=town.day, day=before)
    out = handed_before(session, name, before)
    if any(not town.knows(one.subscriber) for one in out.values()):
        raise NotThisCity(folder=city)
    results: list[Result] = []
    agents: dict[int, str] = {}
    orders = 0
    length = (before - town.day).days
    with session.progress.step(Message("The city answers"), total=length) as step:
        for _ in range(length):
            day = town.day
            lived = town.live(out.get(day, Handed.of([])))
            write_day(folder, day, {"contacts": lived.contacts, "orders": lived.orders})
            results += lived.results
            agents |= lived.agents
            orders += len(lived.orders["subscriber"])
            step.advance()
    write_results(folder / RESULTS, results, agents)
    return Answered(
        contacts=sum(len(one.contact) for one in out.values()), results=len(results), orders=orders
    )


def handed_before(session: Session, name: str, end: date) -> Mapping[date, Handed]:
    """The campaign's contacts of days before `end` that the ledger let go, by day."""
    out = out_of(session.database, name, end)
    minutes: dict[tuple[str, int, int], int] = {}
    for digest in {one.plan for one in out}:
        rows = contacts_of(session.warehouse, plan_called(session.database, digest))
        columns = (rows[column].to_pylist() for column in ("subscriber", "touch", "minute"))
        minutes |= {
            (digest, subscriber, step): minute for subscriber, step, minute in zip(*columns, strict=True)
        }
    return {
        day: Handed.of(
            [
                (one.contact, one.subscriber, one.recorded_as, minutes[one.plan, one.subscriber, one.step])
                for one in mine
            ]
        )
        for day, mine in groupby(out, lambda one: one.day)
    }


def write_results(path: Path, results: Sequence[Result], agents: Mapping[int, str]) -> None:
    """The file that `telewave campaign results` reads, whole or not at all. `agents`: who made the call, by contact.
    Raises `FileNotWritten`.
    """
    head = ("contact", "outcome", "reference", "agent")
    write_lines(
        path,
        head,
        (
            (contact, outcome, reference or "", agents.get(contact, ""))
            for contact, outcome, reference in results
        ),
    )


def write_lines(path: Path, head: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """A CSV, whole or not at all. Raises `FileNotWritten`."""
    with filled_aside(path) as aside, aside.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(head)
        writer.writerows(lines)
