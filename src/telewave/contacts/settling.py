"""What comes back: results of contacts, objections, exclusion lists, time without a result. Each is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from telewave.approvals.usecases import find
from telewave.audit.model import Action
from telewave.audit.store import write_down
from telewave.contacts import objection_store, store
from telewave.contacts.ledger import (
    OBJECTIONS,
    Answer,
    Close,
    ContactNotPossible,
    Disposition,
    Event,
    TimeOut,
    Withdraw,
    disposition_of,
    reason_of,
    standing_of,
    state_read,
    take,
)
from telewave.contacts.objection_store import Objection
from telewave.contacts.policy_store import policy_in_force
from telewave.contacts.reasons import FallsOut
from telewave.contacts.results_file import Result
from telewave.contacts.tables import EVERYTHING, LISTED
from telewave.kernel import Missing
from telewave.platform.database import Database
from telewave.records.contracts import CONTRACTS
from telewave.records.identities import UnknownSubscriber

WhoIs = Callable[[str], int]
"""The subscriber whom an outside number names."""


class NoSuchContact(Missing):
    """{file}, line {line}: the campaign {campaign} has no contact {contact}. Nothing was taken over. Give the
    number that the column Contact of the list has, or the name of the campaign whose list it was.
    """

    code = "no_such_contact"


class NoSuchChannel(Missing):
    """{file}, line {line}: no channel is called {channel}. Nothing was taken over. Write one of: {known}."""

    code = "no_such_channel"


class NobodyOfNumber(Missing):
    """{file}, line {line}: nobody on record has the number {number}. Nothing was taken over. Correct the number, or
    take the line out: there is nobody to leave in peace.
    """

    code = "nobody_of_number"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What a file or a day has changed. `moved`: transitions; `nothing_new`: results that were known
    or weaker than what was; `objections`: new ones; `withdrawn`: contacts of all campaigns that these took back.
    """

    moved: int
    nothing_new: int
    objections: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Who tells it, when, and in which file."""

    by: str
    now: datetime
    file: str = ""


def take_results(
    database: Database, campaign: str, results: Sequence[Result], told: Told, who_is: WhoIs
) -> Settled:
    """Take all of it over or nothing: results, the objections among them, and whom these take out of every queue.

    Raises `NoSuchCampaign`, `NoSuchContact`, `NoSuchChannel`, `NobodyOfNumber`, `ClockBehind`.
    """
    find(database, campaign)
    outside = [_outside_objection(one, told.file, who_is) for one in results if one.contact is None]
    with store.lane(database) as connection:
        return results_within(connection, campaign, results, told, [one for one in outside if one])


deciding = store.lane
"""The transaction for `results_within`, and for whatever is to be so together with the results."""


def results_within(
    connection: sa.Connection,
    campaign: str,
    results: Sequence[Result],
    told: Told,
    outside: Sequence[Objection] = (),
) -> Settled:
    """Take results of contacts over in the caller's transaction, `deciding`. `outside`: objections beside them.

    Raises `NoSuchContact`, `ClockBehind`.
    """
    act = _act(connection, told, "results", f"campaign {campaign}, {told.file}")
    numbers = {one.contact: one.line for one in results if one.contact is not None}
    rows = store.contacts_called(connection, campaign, numbers)
    for contact in (one for one in numbers if one not in rows):
        raise NoSuchContact(file=told.file, line=numbers[contact], campaign=campaign, contact=contact)
    moves, nothing_new = _folded(results, rows)
    store.move(connection, moves, act)
    inside = [
        objection
        for one in results
        if one.contact is not None and (objection := _objection(one.event, rows[one.contact]))
    ]
    made, withdrawn = _objected(connection, [*outside, *inside], act)
    if made:
        write_down(
            connection, at=told.now, person=told.by, action=Action.OBJECTED, about=campaign,
            facts={"objections": made, "withdrawn": withdrawn, "file": told.file},
        )  # fmt: skip
    return Settled(moved=len(moves), nothing_new=nothing_new, objections=made, withdrawn=withdrawn)


def withdraw_those(
    connection: sa.Connection, campaign: str, reasons: Mapping[int, FallsOut], told: Told, about: str
) -> int:
    """Take contacts back, by number and reason, as far as they are not made; how many. Raises `ClockBehind`."""
    rows = store.contacts_called(connection, campaign, reasons)
    moves = [
        change for number, row in rows.items() if (change := _change(row, Withdraw(reasons[number].value)))
    ]
    if moves:
        store.move(connection, moves, _act(connection, told, "withdraw", about))
    return len(moves)


def exclude(database: Database, subscribers: Iterable[int], told: Told) -> Settled:
    """Put people on the exclusion list, and take them out of every queue. Raises `ClockBehind`."""
    with store.lane(database) as connection:
        act = _act(connection, told, "exclude", told.file)
        listed = [Objection(subscriber=one, recorded_as=EVERYTHING, kind=LISTED) for one in set(subscribers)]
        made, withdrawn = _objected(connection, listed, act)
        facts = {"listed": len(listed), "new": made, "withdrawn": withdrawn}
        write_down(
            connection, at=told.now, person=told.by, action=Action.EXCLUDED, about=told.file, facts=facts
        )
    return Settled(moved=0, nothing_new=len(listed) - made, objections=made, withdrawn=withdrawn)


def settle_before(database: Database, campaign: str, day: date, told: Told, *, close: bool) -> Settled:
    """What was released or attempted before `day` and has no result is unknown from now on; with `close` all
    that is out is closed.

    Raises `NoSuchCampaign`, `ClockBehind`.
    """
    find(database, campaign)
    with store.lane(database) as connection:
        about = f"campaign {campaign}, before {day.isoformat()}"
        act = _act(connection, told, "close" if close else "time_out", about)
        moved = 0
        for event in (TimeOut(), Close()) if close else (TimeOut(),):
            after = _after(store.kinds_before(connection, campaign, day), event)
            moved += store.move_before(connection, campaign, day, after, act)
    return Settled(moved=moved, nothing_new=0)


def _after(kinds: Iterable[store.Kind], event: Event) -> dict[store.Kind, store.Kind]:
    """How contacts of each kind stand after `event`; without those that it changes nothing of."""
    after: dict[store.Kind, store.Kind] = {}
    for kind in kinds:
        state = take(state_read(*kind), event)
        if state != state_read(*kind):
            after[kind] = (standing_of(state).value, disposition_of(state), reason_of(state))
    return after


def _act(connection: sa.Connection, told: Told, what: str, about: str) -> int:
    policy = policy_in_force(connection).version
    act = store.Act(at=told.now, person=told.by, what=what, about=about[:500], policy=policy)
    return store.enter_act(connection, act)


def _folded(results: Iterable[Result], rows: Mapping[int, store.Held]) -> tuple[list[store.Change], int]:
    """One transition a contact, from how it stood to how it stands after all its results; and how many told
    nothing new.
    """
    states = {number: state_read(row.state, row.disposition, row.reason) for number, row in rows.items()}
    references: dict[int, str | None] = {}
    agents: dict[int, str | None] = {}
    nothing_new = 0
    for one in results:
        if one.contact is None:
            continue
        try:
            after = take(states[one.contact], one.event)
        except ContactNotPossible:  # it was attempted, and we know already
            after = states[one.contact]
        nothing_new += after == states[one.contact]
        states[one.contact] = after
        references[one.contact] = one.reference or references.get(one.contact)
        agents[one.contact] = one.agent or agents.get(one.contact)
    moves = []
    for number, row in rows.items():
        after = states[number]
        if after != state_read(row.state, row.disposition, row.reason):
            moves.append(
                store.Change(
                    contact=number,
                    sequence=row.sequence + 1,
                    from_state=row.state,
                    to_state=standing_of(after).value,
                    disposition=disposition_of(after),
                    reason=reason_of(after),
                    reference=references.get(number),
                    agent=agents.get(number),
                )
            )
    return moves, nothing_new


def _change(row: store.Held, event: Event) -> store.Change | None:
    """The transition of a row; None where the event changes nothing."""
    before = state_read(row.state, row.disposition, row.reason)
    after = take(before, event)
    if after == before:
        return None
    return store.Change(
        contact=row.contact,
        sequence=row.sequence + 1,
        from_state=row.state,
        to_state=standing_of(after).value,
        disposition=disposition_of(after),
        reason=reason_of(after),
    )


def _objection(event: Event, row: store.Held) -> Objection | None:
    """What a result says for other contacts."""
    if not isinstance(event, Answer) or event.disposition not in OBJECTIONS:
        return None
    whole = event.disposition is Disposition.DO_NOT_CONTACT
    return Objection(
        subscriber=row.subscriber,
        recorded_as=EVERYTHING if whole else row.recorded_as,
        kind=event.disposition.value,
    )


def _outside_objection(result: Result, file: str, who_is: WhoIs) -> Objection | None:
    """An objection that answers no contact; anything else that does is no news."""
    known = CHANNELS
    if result.channel not in known:
        raise NoSuchChannel(file=file, line=result.line, channel=result.channel, known=", ".join(known))
    if not isinstance(result.event, Answer) or result.event.disposition not in OBJECTIONS:
        return None
    whole = result.event.disposition is Disposition.DO_NOT_CONTACT
    try:
        subscriber = who_is(result.number)
    except UnknownSubscriber as cause:
        raise NobodyOfNumber(file=file, line=result.line, number=result.number) from cause
    return Objection(
        subscriber=subscriber,
        recorded_as=EVERYTHING if whole else result.channel,
        kind=result.event.disposition.value,
    )


def _objected(connection: sa.Connection, given: Sequence[Objection], act: int) -> tuple[int, int]:
    """Enter objections, and withdraw whatever of theirs can be, in all campaigns: how many of each."""
    made = objection_store.add_objections(connection, given, act)
    withdrawn = 0
    for listed, reason in ((True, FallsOut.EXCLUDED), (False, FallsOut.OPTED_OUT)):
        rows = objection_store.queued_of(connection, [one for one in given if (one.kind == LISTED) == listed])
        moves = [change for one in rows if (change := _change(one, Withdraw(reason.value)))]
        store.move(connection, moves, act)
        withdrawn += len(moves)
    return made, withdrawn


CHANNELS = next(one.codes for one in CONTRACTS["contacts"].columns if one.name == "channel")
"""What the records call channels."""
