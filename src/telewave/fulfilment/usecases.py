"""What happens to parcels: taken, moved, reconciled, approached again. Each is one transaction with the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import groupby

import sqlalchemy as sa

from telewave.approvals.usecases import find
from telewave.contacts.beyond_plan import Approached, Occasion, approach, contact_out, is_held_back
from telewave.contacts.claiming import Errand
from telewave.contacts.ledger import Answer, Disposition
from telewave.contacts.origins import offers_of
from telewave.contacts.out_store import Unforeseen, contacts_named
from telewave.contacts.results_file import Result
from telewave.contacts.settling import NoSuchContact, Told, deciding, results_within
from telewave.fulfilment import store
from telewave.fulfilment.model import End, Event, Failed, Ordered, Reason, Reconcile, Standing
from telewave.fulfilment.parcel import Parcel, moved
from telewave.fulfilment.parcel_file import Move, OrderLine
from telewave.fulfilment.reconciliation import Compared, StatementLine, compare
from telewave.fulfilment.responsible import owner_and_due
from telewave.fulfilment.transitions import Place
from telewave.kernel import Conflict, Label, Missing
from telewave.planning.plans import present_plan
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse


class NoSuchParcel(Missing):
    """{file}, line {line}: there is no parcel of order {order}. Nothing was taken over. Take the order first: telewave
    fulfilment take CAMPAIGN FILE --by YOU
    """

    code = "no_such_parcel"


class OrderChanged(Conflict):
    """{file}, line {line}: the order {order} is on record with another contact, area or price. Nothing was taken over.
    Correct the line, or fail the parcel and take the order under a new number.
    """

    code = "order_changed"


@dataclass(frozen=True, slots=True)
class Done:
    """How much of a file was new, and how much was known before."""

    new: int
    known: int


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ApproachedAgain:
    """Of customers whose delivery failed: the contacts let go, how many are `held` back for now, and how many `never`
    may be approached.
    """

    held: int
    never: int
    approached: Approached


def take_orders(
    warehouse: Warehouse, database: Database, campaign: str, orders: Sequence[OrderLine], told: Told
) -> Done:
    """Begin a parcel for each order, and tell the ledger that its contact has ordered. The same file twice changes
    nothing.

    Raises `NoSuchCampaign`, `NoSuchContact`, `OrderChanged`, `PlanChanged`, `ClockBehind`.
    """
    find(database, campaign)
    by_order = {one.order: one for one in orders}
    with database.transaction() as connection:
        origins = contacts_named(connection, campaign, {one.contact for one in orders})
    for one in orders:
        if one.contact not in origins:
            raise NoSuchContact(file=told.file, line=one.line, campaign=campaign, contact=one.contact)
        if by_order[one.order] != replace(one, line=by_order[one.order].line):
            raise OrderChanged(file=told.file, line=one.line, order=one.order)
    offers = offers_of(warehouse, database, origins)
    with deciding(database) as connection:
        known = store.by_order(connection, by_order)
        for one in by_order.values():
            before = known.get(one.order)
            if before and (before.contact, before.area, before.price) != (one.contact, one.area, one.price):
                raise OrderChanged(file=told.file, line=one.line, order=one.order)
        new = [one for one in by_order.values() if one.order not in known]
        fresh = [
            _begun(one, campaign, origins[one.contact].subscriber, offers[one.contact][0], told.now)
            for one in new
        ]
        store.add(connection, fresh, store.Entry(told.now, told.by))
        results = [
            Result(line=one.line, event=Answer(Disposition.ORDERED), contact=one.contact, reference=one.order)
            for one in new
        ]
        results_within(connection, campaign, results, told)
    return Done(len(new), len(orders) - len(new))


def move(database: Database, moves: Sequence[Move], told: Told) -> Done:
    """Take over what happened to parcels, each in the order of time; all of it, or nothing. What was told before
    changes nothing.

    Raises `NoSuchParcel`, `MoveNotPossible`, `CallsUsedUp`, `AppointmentTooFar`, `ToldTooEarly`, `ClockBehind`.
    """
    done = 0
    with deciding(database) as connection:
        known = store.by_order(connection, {one.order for one in moves})
        for one in moves:
            if one.order not in known:
                raise NoSuchParcel(file=told.file, line=one.line, order=one.order)
        heard = store.told_of(connection, [one.serial for one in known.values()])
        ordered = sorted(moves, key=lambda one: (one.order, one.at, one.line))
        for order, mine in groupby(ordered, lambda one: one.order):
            steps: list[store.Step] = []
            parcel = known[order]
            for one in mine:
                text = told_as(one.event, one.at)
                if (parcel.serial, text) in heard:
                    continue
                heard.add((parcel.serial, text))
                after = moved(parcel, one.event, one.at, Place(told.file, one.line, order))
                steps.append(store.Step(before=parcel.state.standing, after=after, told=text))
                parcel = after
            if steps:
                store.change(connection, steps, store.Entry(told.now, told.by))
                done += len(steps)
    return Done(done, len(moves) - done)


def parcels(database: Database, asked: store.Asked) -> list[Parcel]:
    """The parcels asked for, by the time that they are due."""
    with database.transaction() as connection:
        return store.parcels_of(connection, asked)


def late(database: Database, now: datetime) -> list[Parcel]:
    """The parcels whose time is over, by who they wait for, the latest first."""
    found = parcels(database, store.Asked(late_at=now))
    return sorted(found, key=lambda one: (str(one.owner), str(one.due_at), one.serial))


def reached(database: Database) -> list[tuple[str, str, Standing, int]]:
    """Area, courier, state, and how many parcels of theirs have ever been in it."""
    with database.transaction() as connection:
        return store.reached(connection)


def offer_names(database: Database, found: Sequence[Parcel]) -> dict[str, Label]:
    """What the offers of these parcels are called, by their campaigns' plans."""
    names: dict[str, Label] = {}
    for campaign in sorted({one.campaign for one in found}):
        for offer, one in present_plan(database, campaign).content["offers"].items():
            names[offer] = Label(**one["name"])
    return names


def reconcile(database: Database, statement: Sequence[StatementLine], courier: str, told: Told) -> Compared:
    """Compare a courier's statement with his parcels, and reconcile those that agree to the cent.

    Raises `ClockBehind`.
    """
    with deciding(database) as connection:
        known = store.by_order(connection, {one.order for one in statement})
        owed = store.parcels_of(connection, store.Asked(state=Standing.ACCEPTED, courier=courier))
        found = compare(statement, known, courier, owed)
        for order in found.equal:
            _change(connection, known[order], Reconcile(), told)
    return found


def approach_again(warehouse: Warehouse, database: Database, campaign: str, told: Told) -> ApproachedAgain:
    """Let whoever's delivery failed be approached a second time, through the channel that brought the order. Who
    cancelled is not.

    Raises `NoSuchCampaign`, `NotRunning`, `PolicyBroken`, `PolicyChanged`, `PlanChanged`, `ClockBehind`.
    """
    find(database, campaign)
    with deciding(database) as connection:
        failed = store.parcels_of(connection, store.Asked(state=Standing.FAILED, campaign=campaign))
        cancelled = [one for one in failed if one.state == CANCELLED]
        for one in cancelled:
            _change(connection, one, End(None), told)
        waiting = [one for one in failed if one not in cancelled]
        origins = contacts_named(connection, campaign, {one.contact for one in waiting})
    people = {one.subscriber: origins[one.contact].channel for one in waiting}
    errand = Errand(by=told.by, now=told.now, what="second_approach")
    ending = _Ending(campaign, told)
    found = approach(warehouse, database, campaign, people, Occasion.SECOND_APPROACH, errand, ending)
    return ApproachedAgain(
        held=len(waiting) - ending.ended, never=len(cancelled) + ending.never, approached=found
    )


CANCELLED = Failed(Reason.CANCELLED)


@dataclass(slots=True)
class _Ending:
    """Parcels that failed end with the customer's second contact, or without one where there can be none."""

    campaign: str
    told: Told
    ended: int = 0
    never: int = 0

    def waiting(self, connection: sa.Connection) -> set[int]:
        return {one.subscriber for one in self._failed(connection)}

    def note(self, connection: sa.Connection, found: Mapping[int, Unforeseen]) -> None:
        for one in self._failed(connection):
            if one.subscriber in found and not is_held_back(found[one.subscriber]):
                contact = contact_out(found[one.subscriber])
                _change(connection, one, End(contact), self.told)
                self.ended += 1
                self.never += contact is None

    def _failed(self, connection: sa.Connection) -> list[Parcel]:
        asked = store.Asked(state=Standing.FAILED, campaign=self.campaign)
        return [one for one in store.parcels_of(connection, asked) if one.state != CANCELLED]


def told_as(event: Event, at: datetime) -> str:
    """The event as text, the same for the same.

    >>> told_as(Reconcile(), datetime(2026, 7, 8, 9, tzinfo=UTC))
    'reconcile 2026-07-08T09:00:00+00:00 {}'
    """
    details = {one.name: str(getattr(event, one.name)) for one in fields(event)}
    return f"{event.name} {at.astimezone(UTC).isoformat()} {json.dumps(details, ensure_ascii=False)}"


def _begun(order: OrderLine, campaign: str, subscriber: int, offer: str, now: datetime) -> Parcel:
    state = Ordered()
    owner, due = owner_and_due(state, order.area, "", now)
    return Parcel(
        serial=0,
        order=order.order,
        campaign=campaign,
        contact=order.contact,
        subscriber=subscriber,
        offer=offer,
        area=order.area,
        price=order.price,
        state=state,
        courier="",
        owner=owner,
        due_at=due,
        last_at=now,
        sequence=1,
    )


def _change(connection: sa.Connection, before: Parcel, event: Event, told: Told) -> None:
    at = max(told.now, before.last_at)
    after = moved(before, event, at, Place(told.file, 0, before.order))
    step = store.Step(before=before.state.standing, after=after, told=told_as(event, at))
    store.change(connection, [step], store.Entry(told.now, told.by))
