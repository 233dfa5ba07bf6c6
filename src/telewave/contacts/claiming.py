"""Letting contacts go: batch by batch, each compared with the ledger and written into it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray

from telewave.approvals.usecases import NotRunning
from telewave.contacts import asking_ledger, store
from telewave.contacts.asking import Asked, ask_records
from telewave.contacts.ledger import (
    Planned,
    Release,
    Standing,
    Withdraw,
    reason_of,
    standing_of,
    state_read,
    take,
)
from telewave.contacts.on_record import OnRecord, PolicyChanged, recent_contacts
from telewave.contacts.policy import Policy
from telewave.contacts.policy_store import policy_in_force
from telewave.contacts.reasons import HELD_BACK, ORDER, TOO_LATE, FallsOut, Flags, beyond, first_codes
from telewave.contacts.resting import NOTHING, capped, days_ahead, days_back, paused
from telewave.planning.plans import is_launched

BATCH = 50_000
"""Contacts let go in one transaction: half a second on which nobody else can decide."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand:
    """Who lets contacts go, when, and as what."""

    by: str
    now: datetime
    what: str


class Companion(Protocol):
    """What is decided and written together with a batch, in the batch's transaction."""

    def wanted(self, connection: sa.Connection, asked: Asked) -> Flags:
        """Whom of the batch it is still about, shape (n,): somebody else may have been faster."""
        ...

    def written(self, connection: sa.Connection, asked: Asked) -> None:
        """The batch stands in the ledger: write what follows from it."""
        ...


def claim(asked: Asked, errand: Errand, batch: int = BATCH, along: Companion | None = None) -> None:
    """Let go what may be let go of `asked.rows`, the most valuable first, and write down why the rest may not.

    Contacts that are out stay so; released ones that may not be made any more are withdrawn. Whatever ends this, whole
    batches are in the ledger, with what goes `along` with them, and the next call goes on. Raises `NotRunning`,
    `PolicyBroken`, `PolicyChanged`, `ClockBehind`, and what `along` raises.
    """
    if not len(asked.rows):
        return
    found = ask_records(asked)
    with asked.database.transaction() as connection:
        policy = policy_in_force(connection)
    on_record = recent_contacts(asked, policy)
    value = np.asarray(asked.rows["expected_profit"].to_numpy(), np.float64)
    order = np.argsort(-value, kind="stable")
    for start in range(0, len(order), batch):
        mine = order[start : start + batch]
        rows = asked.rows.take(mine)
        part = Asked(
            warehouse=asked.warehouse,
            database=asked.database,
            plan=asked.plan,
            document=asked.document,
            rows=rows,
            day=asked.day,
        )
        claim_batch(part, errand, {reason: flags[mine] for reason, flags in found.items()}, on_record, along)


def claim_batch(
    asked: Asked,
    errand: Errand,
    found: Mapping[FallsOut, Flags],
    on_record: OnRecord | None = None,
    along: Companion | None = None,
) -> None:
    """Let a batch go in one transaction. `found`: whom the records keep back, shape (n,) a reason; `on_record`:
    contacts that caps and pauses count beside the ledger's; `along`: what is to be so together with it.
    """
    with store.lane(asked.database) as connection:
        if along is not None:
            wanted = along.wanted(connection, asked)
            asked = replace(asked, rows=asked.rows.filter(pa.array(wanted)))
            found = {reason: flags[wanted] for reason, flags in found.items()}
        if not is_launched(connection, asked.plan):
            raise NotRunning(name=asked.plan.campaign)
        policy = policy_in_force(connection)
        if on_record is not None and on_record.policy != policy.version:
            raise PolicyChanged
        about = f"campaign {asked.plan.campaign}, plan {asked.plan.hash}, {asked.day.isoformat()}"
        act = store.enter_act(
            connection,
            store.Act(at=errand.now, person=errand.by, what=errand.what, about=about, policy=policy.version),
        )
        phases = [str(phase) for phase in asked.rows["phase"].to_pylist()]
        waves = store.waves_of(connection, asked.plan.hash, asked.plan.campaign, asked.day, phases)
        with store.lying(connection, _lines(asked, waves)):
            held = store.known(connection)
            of_ledger = _asked_of_the_ledger(connection, asked, policy, on_record)
            codes = _codes(connection, asked, either(found, of_ledger), held, waves)
            store.enter(connection, asked.day, _otherwise(codes, held), act)
            store.move(connection, _moves(codes, held), act)
        if along is not None:
            along.written(connection, asked)


def _lines(asked: Asked, waves: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    """The batch as `store.batch` takes it."""
    rows = asked.rows
    recorded = {name: one["records"] for name, one in asked.document["channels"].items()}
    columns = (rows[name].to_pylist() for name in ("phase", "subscriber", "channel", "touch"))
    for place, (phase, subscriber, channel, step) in enumerate(zip(*columns, strict=True)):
        yield place, waves[phase], subscriber, channel, step, recorded[channel]


def _asked_of_the_ledger(
    connection: sa.Connection, asked: Asked, policy: Policy, on_record: OnRecord | None
) -> dict[FallsOut, Flags]:
    """What may have changed this second, of the batch that lies in the database."""
    size, day, plan = len(asked.rows), asked.day, asked.plan
    apart = timedelta(days=max(int(asked.document["spacing_days"]) - 1, 0))
    back, ahead = (max(apart, timedelta(days=of(policy))) for of in (days_back, days_ahead))
    others = asking_ledger.others_out(connection, plan.hash, (day - back, day + ahead))
    out, recorded = others.touches, NOTHING if on_record is None else on_record.touches(asked.subscriber)
    near = others.elsewhere & others.within(day - apart, day + apart)
    return {
        FallsOut.EXCLUDED: flagged(size, asking_ledger.objected(connection, listed=True)),
        FallsOut.OPTED_OUT: flagged(size, asking_ledger.objected(connection, listed=False)),
        FallsOut.MADE_BEFORE: flagged(size, asking_ledger.made_before(connection, plan.hash, plan.campaign)),
        FallsOut.PAUSED: paused(policy, day, size, (out, recorded)),
        FallsOut.TOUCHED: flagged(size, others.place[near] if asked.document["spacing_days"] else []),
        FallsOut.CAPPED: capped(policy, day, asked.subscriber, out, recorded),
        FallsOut.QUIET_HOURS: policy.in_quiet_hours(np.asarray(asked.rows["minute"].to_numpy(), np.int64)),
    }


def _codes(
    connection: sa.Connection,
    asked: Asked,
    found: dict[FallsOut, Flags],
    held: Mapping[int, store.Held],
    waves: Mapping[str, int],
) -> NDArray[np.int8]:
    """The first reason of each, codes of `first_codes`; what the channel's day has no room for among them."""
    size = len(asked.rows)
    released = flagged(size, [place for place, one in held.items() if one.state == Standing.RELEASED.value])
    gone = flagged(size, [place for place, one in held.items() if one.state != Standing.PLANNED.value])
    for reason in TOO_LATE & found.keys():
        found[reason] = found[reason] & ~released
    wanting = (first_codes(found, size) == 0) & ~gone
    found[FallsOut.NO_CAPACITY] = _over_capacity(
        asked, wanting, asking_ledger.out_by_channel(connection, waves.values())
    )
    return first_codes(found, size)


def _over_capacity(asked: Asked, wanting: Flags, out: Mapping[str, int]) -> Flags:
    """Of those who are still to be let go, whom the channel's day leaves no room for beside those who are out."""
    flags = np.zeros(len(asked.rows), np.bool_)
    value = np.asarray(asked.rows["expected_profit"].to_numpy(), np.float64)
    for name, channel in asked.document["channels"].items():
        if channel["capacity"] is not None:
            room = int(channel["capacity"].get(asked.day.isoformat(), 0)) - out.get(name, 0)
            flags |= beyond(max(room, 0), value, wanting & asked.equal("channel", name))
    return flags


def _otherwise(codes: NDArray[np.int8], held: Mapping[int, store.Held]) -> Iterator[store.Fate]:
    """Those of the batch that are not let go now, as `store.enter` takes them."""
    for place in held:
        yield place, None, None, 0
    for place in np.flatnonzero(codes).tolist():
        if place not in held:
            state, reason = OUTCOMES[codes[place]]
            yield place, state, reason, int(state != Standing.PLANNED.value)


def _moves(codes: NDArray[np.int8], held: Mapping[int, store.Held]) -> Iterator[store.Change]:
    """What changes in rows that were in the ledger before."""
    for place, row in held.items():
        code = int(codes[place])
        if row.state == Standing.PLANNED.value:
            state, reason = OUTCOMES[code]
        elif row.state == Standing.RELEASED.value and code:
            state, reason = Standing.WITHDRAWN.value, ORDER[code - 1].value
        else:
            continue
        if (state, reason) != (row.state, row.reason):
            yield store.Change(
                contact=row.contact,
                sequence=row.sequence + int(state != row.state),
                from_state=row.state,
                to_state=state,
                disposition=None,
                reason=reason,
            )


def _outcome(reason: FallsOut | None) -> tuple[str, str | None]:
    """State and reason of a planned contact that falls out for `reason`, or not at all."""
    if reason in HELD_BACK:
        return Standing.PLANNED.value, str(reason)
    after = take(Planned(), Release() if reason is None else Withdraw(reason.value))
    return standing_of(after).value, reason_of(after)


OUTCOMES = tuple(_outcome(reason) for reason in (None, *ORDER))
"""By the codes of `first_codes`."""


def either(one: Mapping[FallsOut, Flags], other: Mapping[FallsOut, Flags]) -> dict[FallsOut, Flags]:
    """By reason, for whom it holds by one or the other."""
    both = {reason: one[reason] | other[reason] for reason in one.keys() & other.keys()}
    return {**one, **other, **both}


def flagged(size: int, places: Any) -> Flags:
    """True at these places, shape (size,)."""
    flags = np.zeros(size, np.bool_)
    flags[np.asarray(places, np.int64)] = True
    return flags


def withdraw(asked: Asked, errand: Errand, subscribers: set[int], reason: FallsOut) -> None:
    """Take the released contacts of these subscribers on the day back. Raises `ClockBehind`."""
    with store.lane(asked.database) as connection:
        rows = store.released_rows(connection, asked.plan.hash, asked.day, subscribers)
        policy = policy_in_force(connection)
        about = f"campaign {asked.plan.campaign}, plan {asked.plan.hash}, {asked.day.isoformat()}"
        act = store.enter_act(
            connection,
            store.Act(at=errand.now, person=errand.by, what="withdraw", about=about, policy=policy.version),
        )
        store.move(connection, [_withdrawn(row, reason.value) for row in rows], act)


def _withdrawn(row: store.Held, reason: str) -> store.Change:
    after = take(state_read(row.state, row.disposition, row.reason), Withdraw(reason))
    return store.Change(
        contact=row.contact,
        sequence=row.sequence + 1,
        from_state=row.state,
        to_state=standing_of(after).value,
        disposition=None,
        reason=reason_of(after),
    )
