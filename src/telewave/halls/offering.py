"""Contacts that begin in a hall: the offer to who comes for something else, and who is called again after a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from telewave.contacts.beyond_plan import Approached, Occasion, approach
from telewave.contacts.claiming import Errand
from telewave.contacts.ledger import Answer as Answered
from telewave.contacts.ledger import Attempt, Disposition
from telewave.contacts.reasons import HELD_BACK, FallsOut
from telewave.contacts.results_file import Result
from telewave.contacts.settling import Settled, Told, deciding, results_within
from telewave.halls import store
from telewave.halls.model import Answer, ApproachAgain, Lapse, Standing
from telewave.halls.reservation import Reservation
from telewave.halls.usecases import Pitch, change, hall_called, pitch
from telewave.planning.model import ContactState, Plan
from telewave.planning.plan_tables import CONTACTS, CONTROL
from telewave.planning.plans import of_subscriber, running_elsewhere
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

HALL = "hall"
"""What the records call contacts in halls."""
SAID = {
    Answer.ORDERED: Disposition.ORDERED,
    Answer.WILLING: Disposition.WILLING,
    Answer.REFUSED: Disposition.REFUSED,
    Answer.DO_NOT_CONTACT: Disposition.DO_NOT_CONTACT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PopUp:
    """What the clerk's screen shows: the offer and script of a campaign, under the number of its contact."""

    campaign: str
    contact: int
    pitch: Pitch


@dataclass(frozen=True, kw_only=True, slots=True)
class NoPopUp:
    """Nothing is shown. `why`: the reasons of the campaigns of which he is a target."""

    why: tuple[FallsOut, ...]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class CalledAgain:
    """Whose month has gone by: how many `lapsed` just now, how many are `held` back for now and tried again, how many
    `never` may be called; and the contacts that were let go.
    """

    lapsed: int
    held: int
    never: int
    approached: Approached


def pop_up(
    warehouse: Warehouse, database: Database, hall: str, subscriber: int, told: Told
) -> PopUp | NoPopUp:
    """The offer of the running campaign that expects most of him, if the policy lets it be made now: then it is a
    contact of the ledger. Whoever is held out of a campaign is not shown its offer.

    Raises `NoSuchHall`, `PolicyBroken`, `PolicyChanged`, `PlanChanged`, `ClockBehind`.
    """
    with database.transaction() as connection:
        hall_called(connection, hall)
    why: list[FallsOut] = []
    for plan, channel in _chances(warehouse, database, subscriber):
        errand = Errand(by=told.by, now=told.now, what="pop_up")
        found = approach(warehouse, database, plan.campaign, {subscriber: channel}, Occasion.POP_UP, errand)
        if subscriber in found.released:
            contact = found.released[subscriber]
            _note(database, plan.campaign, contact, told)
            row = found.row_of(subscriber)
            shown = pitch(plan.content, str(row["offer"]), str(row["group"] or ""))
            return PopUp(campaign=plan.campaign, contact=contact, pitch=shown)
        reason = found.why_not(subscriber)
        why += [reason] if reason else []
    return NoPopUp(why=tuple(why))


def answered(database: Database, campaign: str, contact: int, answer: Answer, told: Told) -> Settled:
    """What became of an offer in the hall, told to the ledger. Raises `NoSuchContact`, `ClockBehind`."""
    with deciding(database) as connection:
        result = Result(line=0, event=Answered(SAID[answer]), contact=contact)
        return results_within(connection, campaign, [result], replace(told, file=HALL))


def lapse(database: Database, on: date, told: Told, campaign: str | None = None) -> list[Reservation]:
    """End the reservations whose time is up on the day; their gifts are free again. Raises `ClockBehind`."""
    with deciding(database) as connection:
        over = [one for one in store.standing(connection, campaign=campaign) if one.ends_on <= on]
        return [change(connection, one, Lapse(), told, hall_called(connection, one.hall)) for one in over]


def call_again(warehouse: Warehouse, database: Database, campaign: str, told: Told) -> CalledAgain:
    """Let whoever was willing and has not ordered in a month be called again, through the channel that found him so.

    Raises `NoSuchCampaign`, `NotRunning`, `PolicyBroken`, `PolicyChanged`, `PlanChanged`, `ClockBehind`.
    """
    lapsed = lapse(database, told.now.date(), told, campaign)
    with database.transaction() as connection:
        waiting = store.in_state(connection, campaign, Standing.LAPSED)
    errand = Errand(by=told.by, now=told.now, what="call_again")
    people = {one.subscriber: one.channel for one in waiting}
    found = approach(warehouse, database, campaign, people, Occasion.CALL_AGAIN, errand)
    held = never = 0
    with deciding(database) as connection:
        for one in waiting:
            reason = found.why_not(one.subscriber)
            contact = found.released.get(one.subscriber)
            if contact is None and (reason in HELD_BACK or reason is None):
                held += 1
                continue
            never += contact is None
            change(connection, one, ApproachAgain(contact), told, hall_called(connection, one.hall))
    return CalledAgain(lapsed=len(lapsed), held=held, never=never, approached=found)


def _chances(warehouse: Warehouse, database: Database, subscriber: int) -> list[tuple[Plan, str]]:
    """The launched plans that contact him and work in halls, with that channel; the most valuable first."""
    found = []
    for plan in running_elsewhere(database, ""):
        channel = _hall_channel(plan.content)
        if plan.state != "launched" or channel is None:
            continue
        if len(of_subscriber(warehouse, "plan_control", plan, CONTROL, subscriber)):
            continue
        rows = of_subscriber(warehouse, "plan_contacts", plan, CONTACTS, subscriber).to_pylist()
        values = [row["expected_profit"] for row in rows if row["state"] == ContactState.PLANNED.value]
        if values:
            found.append((max(values), plan.campaign, plan, channel))
    return [(plan, channel) for _, _, plan, channel in sorted(found, key=lambda one: (-one[0], one[1]))]


def _hall_channel(document: Mapping[str, Mapping[str, Mapping[str, str]]]) -> str | None:
    """The plan's channel in halls: what was approved without one is not offered there."""
    return next((name for name, one in document["channels"].items() if one["records"] == HALL), None)


def _note(database: Database, campaign: str, contact: int, told: Told) -> None:
    with deciding(database) as connection:
        result = Result(line=0, event=Attempt(), contact=contact)
        results_within(connection, campaign, [result], replace(told, file=HALL))
