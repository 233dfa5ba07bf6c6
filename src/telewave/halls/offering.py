"""Contacts that begin in a hall: the offer to who comes for something else, and who is called again after a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from telewave.contacts.beyond_plan import Approached, Occasion, approach, contact_out, is_held_back
from telewave.contacts.claiming import Errand
from telewave.contacts.ledger import Answer as Answered
from telewave.contacts.ledger import Attempt, Disposition
from telewave.contacts.out_store import Unforeseen
from telewave.contacts.reasons import FallsOut
from telewave.contacts.results_file import Result
from telewave.contacts.settling import Settled, Told, deciding, results_within
from telewave.halls import store
from telewave.halls.model import Answer, ApproachAgain, Standing
from telewave.halls.reservation import Reservation
from telewave.halls.usecases import Pitch, change, hall_called, pitch, written_down
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
        showing = _Showing(plan.campaign, subscriber, told)
        people = {subscriber: channel}
        found = approach(warehouse, database, plan.campaign, people, Occasion.POP_UP, errand, showing)
        if subscriber in found.out:
            contact = found.out[subscriber]
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


def lapse(database: Database, told: Told, campaign: str | None = None) -> list[Reservation]:
    """Write down which reservations' time is up. They had lapsed before: this is for the log, and for `call_again`.

    Raises `ClockBehind`.
    """
    with deciding(database) as connection:
        found = store.over(connection, told.now.date(), campaign)
        return [written_down(connection, one, told) for one in found]


def call_again(warehouse: Warehouse, database: Database, campaign: str, told: Told) -> CalledAgain:
    """Let whoever was willing and has not ordered in a month be called again, through the channel that found him so.

    Raises `NoSuchCampaign`, `NotRunning`, `PolicyBroken`, `PolicyChanged`, `PlanChanged`, `ClockBehind`.
    """
    over = lapse(database, told, campaign)
    with database.transaction() as connection:
        waiting = store.in_state(connection, campaign, Standing.LAPSED)
    errand = Errand(by=told.by, now=told.now, what="call_again")
    people = {one.subscriber: one.channel for one in waiting}
    calling = _CallingAgain(campaign, told)
    found = approach(warehouse, database, campaign, people, Occasion.CALL_AGAIN, errand, calling)
    return CalledAgain(
        lapsed=len(over), held=len(waiting) - calling.noted, never=calling.never, approached=found
    )


@dataclass(slots=True)
class _CallingAgain:
    """Lapsed reservations end with the customer's next contact, or without one where there can be none."""

    campaign: str
    told: Told
    noted: int = 0
    never: int = 0

    def waiting(self, connection: sa.Connection) -> set[int]:
        return {one.subscriber for one in store.in_state(connection, self.campaign, Standing.LAPSED)}

    def note(self, connection: sa.Connection, found: Mapping[int, Unforeseen]) -> None:
        halls = store.halls_known(connection)
        for one in store.in_state(connection, self.campaign, Standing.LAPSED):
            if one.subscriber in found and not is_held_back(found[one.subscriber]):
                contact = contact_out(found[one.subscriber])
                change(connection, one, ApproachAgain(contact), self.told, halls[one.hall])
                self.noted += 1
                self.never += contact is None


@dataclass(frozen=True, slots=True)
class _Showing:
    """One customer at the desk, and that the offer was shown to him."""

    campaign: str
    subscriber: int
    told: Told

    def waiting(self, connection: sa.Connection) -> set[int]:
        return {self.subscriber}

    def note(self, connection: sa.Connection, found: Mapping[int, Unforeseen]) -> None:
        shown = [contact for one in found.values() if (contact := contact_out(one)) is not None]
        if shown:
            results = [Result(line=0, event=Attempt(), contact=one) for one in shown]
            results_within(connection, self.campaign, results, replace(self.told, file=HALL))


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
