"""Values of agents' calls: what waits in a queue, what is given to an agent, what he tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from telewave.outbound.dispositions import CallResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """A contact in a queue, as `tables.call_queue` has it."""

    contact: int
    campaign: str
    plan: str
    subscriber: int
    step: int
    channel: str
    offer: str
    target_group: str
    value: float
    chance: float
    needs: str
    due_at: datetime | None
    due_for: str | None = None
    attempts: int = 0
    holder: str | None = None
    held_until: datetime | None = None
    batch: int | None = None
    on_record: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """How a campaign's queue was filled last: for which local day, by which team, at how many contacts let go, under
    which contact policy, and on which `records` (a mark that changes with any of them, and with what other campaigns
    run). None: by an earlier version, that did not note it.
    """

    asked_on: date
    team: int
    out: int
    policy: int | None
    records: str | None

    def asked_as(self, other: Filled) -> bool:
        """Whether the same was asked of who waits: all but how many are let go."""
        return replace(self, out=0) == replace(other, out=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A contact was given to somebody; `result` None: nothing was told."""

    id: int
    contact: int
    campaign: str
    agent: str
    given_at: datetime
    ended_at: datetime | None
    result: str | None
    day: date | None
    hour: int | None
    again_at: datetime | None
    offer: str | None
    reference: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What an agent may take: of which campaign, through which channels, with which needs; `overdue`: call-backs that
    were promised by others are free once they were due then.
    """

    campaign: str
    agent: str
    channels: tuple[str, ...]
    needs: tuple[str, ...]
    now: datetime
    overdue: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOver:
    """What a queue holds when an agent gets nothing: `held` by others, `later`, for others (`elsewhere`: skills,
    languages, call-backs they promised); `next_at`: when the first of `later` is due.
    """

    held: int
    later: int
    elsewhere: int
    next_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """The contact that the agent holds. `document`: of its plan; `before`: earlier calls of it; `again`: he held it
    already.
    """

    row: Queued
    document: Mapping[str, Any]
    before: tuple[Call, ...]
    again: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NobodyNow:
    """There is nobody whom this agent may call."""

    campaign: str
    left: LeftOver


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What an agent tells: `call_back`: when, local with its offset; `offer`, `reference`: what was ordered, and the
    order's number.
    """

    result: CallResult
    call_back: datetime | None = None
    offer: str | None = None
    reference: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """`again_at`: when it may be called again; None: its process is over. `attempts`: calls so far, of `most`;
    `withdrawn`: contacts of all campaigns that an objection took back, None where there was none.
    """

    contact: int
    campaign: str
    result: CallResult
    attempts: int
    most: int
    again_at: datetime | None
    withdrawn: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Coming:
    """What waits in a queue at the end of a day: `tries` that are due until the end of the next, `call_backs` among
    what is due, `first_time` contacts never called.
    """

    tries: int
    call_backs: int
    first_time: int
