"""Fill a campaign's queue of calls from the ledger: what is released, with what its plan says of it. What the records
say is asked of everybody who waits, anew each day and whenever the records, the contact policy or the campaigns that
run have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from telewave.audiences.usecases import predicate
from telewave.contacts.asking import Asked, ask_records
from telewave.contacts.handing_out import STEPS
from telewave.contacts.on_record import recent_contacts
from telewave.contacts.one_by_one import (
    mark_for_agents,
    on_record_texts,
    out_count,
    policy_now,
    waiting_for_agents,
)
from telewave.contacts.policy import Policy
from telewave.contacts.reasons import HELD_BACK, ORDER, TOO_LATE, first_codes
from telewave.contacts.resting import days_back
from telewave.contacts.settling import Told, deciding, withdraw_those
from telewave.features.usecases import WIDE, open_wide, wide_dates
from telewave.kernel import Conflict
from telewave.outbound import store
from telewave.outbound.model import Filled
from telewave.outbound.team import Team, needs_text
from telewave.outbound.told_calls import CALLS
from telewave.planning.plans import contacts_of, plan_called, running_mark
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

Array = Any
Found = TypeVar("Found")
ASKED_OF = ("subscribers", "contacts", "orders", WIDE)
"""Tables of the warehouse that a filling asks."""
MOST_FILLINGS = 5


class RecordsKeepChanging(Conflict):
    """The records, the contact policy or the campaigns that run have changed each of {times} times that calls of the
    campaign {campaign} were about to be given out, and nobody is called on what is out of date. Ask again when the
    ingest has ended.
    """

    code = "records_keep_changing"


def filled_for(
    warehouse: Warehouse,
    database: Database,
    campaign: str,
    told: Told,
    decide: Callable[[sa.Connection], Found],
) -> Found:
    """What `decide` finds in a transaction beside which nobody else decides, on a queue that rests on the records, the
    policy and the campaigns as they are in this transaction: else it is filled first.

    Raises what `decide` raises, `PlanChanged`, `ClockBehind`, `RecordsKeepChanging`.
    """
    for _ in range(MOST_FILLINGS):
        with deciding(database) as connection:
            before, now = _filled_and_now(warehouse, connection, campaign, told.now)
            if before == now:
                return decide(connection)
        _fill(warehouse, database, campaign, told)
    raise RecordsKeepChanging(campaign=campaign, times=MOST_FILLINGS)


def _filled_and_now(
    warehouse: Warehouse, connection: sa.Connection, campaign: str, now: datetime
) -> tuple[Filled | None, Filled]:
    """How the queue was filled, and how it would be."""
    mark = f"{warehouse.mark(ASKED_OF)} {running_mark(connection)}"
    return store.filled(connection, campaign), Filled(
        asked_on=now.date(),
        team=store.team_in_force(connection).version,
        out=out_count(connection, campaign),
        policy=policy_now(connection).version,
        records=sha256(mark.encode()).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Contacts to be asked about, arrays of one length."""

    contact: Array
    plan: Array
    subscriber: Array
    step: Array

    def of(self, plan: str) -> tuple[Array, Array]:
        """Key and number of the plan's, by key."""
        mine = self.plan == plan
        key = self.subscriber[mine] * STEPS + self.step[mine]
        order = np.argsort(key)
        return key[order], self.contact[mine][order]


def _fill(warehouse: Warehouse, database: Database, campaign: str, told: Told) -> None:
    """Bring the queue up to the ledger. Contacts that fall out for good are withdrawn; those whose offer is out of
    stock wait.
    """
    day = told.now.date()
    with deciding(database) as connection:
        before, how = _filled_and_now(warehouse, connection, campaign, told.now)
        team, policy = store.team_in_force(connection), policy_now(connection)
        new = waiting_for_agents(connection, campaign, day, CALLS, store.ever_queued(campaign))
        anew = before is None or not before.asked_as(how)
        waiting = _waiting([*new, *(store.going_on(connection, campaign) if anew else [])])
        tries = store.tries_by_day(connection, campaign, day - timedelta(days=days_back(policy)))
    parts = [_asked(*one, (team, policy, tries)) for one in _planned(warehouse, database, waiting, told.now)]
    with deciding(database) as connection:
        mark_for_agents(connection, campaign, day, CALLS)
        still = waiting_for_agents(connection, campaign, day, CALLS, store.ever_queued(campaign))
        open_now = {one[0] for one in (*still, *store.going_on(connection, campaign))}
        gone = {number: why for one in parts for number, why in one.gone.items() if number in open_now}
        withdraw_those(connection, campaign, gone, told, f"campaign {campaign}, calls of {day}")
        rows = (row for one in parts for row in one.rows if row[0] in open_now)
        store.bring_in(connection, campaign, rows, told.now)
        store.note_filled(connection, campaign, how)


def _waiting(rows: Sequence[Any]) -> _Waiting:
    contact, plan, subscriber, step = zip(*(one[:4] for one in rows), strict=True) if rows else ((),) * 4
    return _Waiting(
        np.array(contact, np.int64),
        np.array(plan, np.str_),
        np.array(subscriber, np.int64),
        np.array(step, np.int64),
    )


def _planned(
    warehouse: Warehouse, database: Database, waiting: _Waiting, now: datetime
) -> Iterator[tuple[Asked, Array]]:
    """By plan: its rows of these contacts, asked for today, and the number of each."""
    for digest in np.unique(waiting.plan).tolist():
        plan = plan_called(database, digest)
        key, number = waiting.of(digest)
        table = contacts_of(warehouse, plan)
        place = table["subscriber"].to_numpy().astype(np.int64) * STEPS + table["touch"].to_numpy()
        wanted = np.isin(place, key)
        asked = Asked(
            warehouse=warehouse,
            database=database,
            plan=plan,
            document=plan.content,
            rows=table.filter(pa.array(wanted)),
            day=now.date(),
        )
        yield asked, number[np.searchsorted(key, place[wanted])]


@dataclass(frozen=True, slots=True)
class _Part:
    """A plan's: `rows` as `store.bring_in` takes them, and why contacts are to be withdrawn."""

    rows: list[tuple[Any, ...]]
    gone: Mapping[int, Any]


def _asked(asked: Asked, numbers: Array, by: tuple[Team, Policy, Mapping[tuple[int, int], int]]) -> _Part:
    """What the records say of a plan's contacts, `numbers` of the ledger; `by`: the team, the policy, and tries by
    contact and day, which come back as records and are no other contacts.
    """
    (team, policy, tries), rows, size = by, asked.rows, len(numbers)
    found = {reason: flags for reason, flags in ask_records(asked).items() if reason not in TOO_LATE}
    codes = first_codes(found, size)
    fates = np.array([None, *("later" if one in HELD_BACK else "never" for one in ORDER)], object)
    names = ("subscriber", "touch", "channel", "offer")
    columns: list[Any] = [rows[name].to_pylist() for name in names]
    on_record = recent_contacts(asked, policy).touches(asked.subscriber)
    texts = on_record_texts(on_record, numbers, tries)
    told = zip(
        numbers.tolist(),
        [asked.plan.hash] * size,
        *columns,
        [group or "" for group in rows["group"].to_pylist()],
        rows["expected_profit"].to_pylist(),
        rows["probability"].to_pylist(),
        _needs(asked, team),
        [texts.get(place) for place in range(size)],
        fates[codes].tolist(),
        strict=True,
    )
    gone = {int(numbers[place]): ORDER[codes[place] - 1] for place in np.flatnonzero(fates[codes] == "never")}
    return _Part(list(told), gone)


def _needs(asked: Asked, team: Team) -> list[str]:
    """What an agent must have for each contact, shape (n,)."""
    speakers = _speakers(asked, team)
    names = [*team.skills, *speakers]
    if not names:
        return [""] * len(asked.rows)
    offer = np.array(asked.rows["offer"].to_pylist(), np.str_)
    group = np.array([one or "" for one in asked.rows["group"].to_pylist()], np.str_)
    flags = np.zeros((len(offer), len(names)), np.bool_)
    for kind in sorted(set(zip(offer.tolist(), group.tolist(), strict=True))):
        needed = [one.needed(*kind) for one in team.skills.values()]
        flags[np.ix_((offer == kind[0]) & (group == kind[1]), range(len(needed)))] = needed
    for place, people in enumerate(speakers.values(), start=len(team.skills)):
        flags[:, place] = asked.of(people)
    kinds, which = np.unique(flags, axis=0, return_inverse=True)
    texts = [needs_text({name for name, so in zip(names, kind, strict=True) if so}) for kind in kinds]
    return [texts[one] for one in which.reshape(-1).tolist()]


def _speakers(asked: Asked, team: Team) -> Mapping[str, Any]:
    """Whom to call in which language, by the newest wide table up to today: subscriber numbers by language."""
    built = [one for one in wide_dates(asked.warehouse) if one <= asked.day]
    if not team.languages or not built:
        return {}
    wide = open_wide(asked.warehouse, built[-1])
    found = {}
    for name, rule in team.languages.items():
        member = predicate(asked.warehouse, asked.database, rule)(wide)
        rows = asked.warehouse.engine.fetch(wide.relation.filter(member).select(wide.key))
        found[name] = rows[wide.key].to_numpy()
    return found
