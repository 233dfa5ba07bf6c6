"""Judge a campaign's agents: the calls on record beside what the plan expects of their lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from telewave.kernel import Conflict, Label, Missing
from telewave.outbound.agents import Calls, JudgedAgents, judged
from telewave.outbound.listed import Listed, listed
from telewave.outbound.told_calls import ToldCalls, told_calls
from telewave.outbound.training import Trained, trained
from telewave.planning.plan_tables import ordinals
from telewave.planning.plans import contacts_of, present_plan
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS

WILLING = ("willing", "ordered", "visited")
NOT_REACHED = ("no_answer", "bounced")


class NoAgentsToCompare(Conflict):
    """Agents are compared with one another, and the records before {as_of} name {agents} agents who reached somebody on
    the list of the campaign {campaign}. Ingest the contacts with their column `agent` (telewave ingest), take calls by
    `telewave outbound next`, or ask as of a later day.
    """

    code = "no_agents_to_compare"


class NoSuchAgent(Missing):
    """No calls of an agent called {agent} are on record. Name one of: {known}."""

    code = "no_such_agent"


def judge_agents(
    warehouse: Warehouse, database: Database, name: str, as_of: date, since: date | None = None
) -> JudgedAgents:
    """The agents of the plan that runs, else of the one made last, by the records and what agents told, from `since` to
    before `as_of`.

    Raises `NoPlanYet`, `NoAgentsToCompare`, `PlanChanged`.
    """
    found = _calls_of(warehouse, database, name, as_of, since)
    return JudgedAgents(
        campaign=name,
        title=found.title,
        first=found.first,
        as_of=as_of,
        names=found.names,
        agents=judged(found.calls, len(found.names)),
        unlisted=found.unlisted,
        unnamed=found.unnamed,
    )


def judge_training(
    warehouse: Warehouse, database: Database, name: str, agents: Sequence[str], day: date, as_of: date
) -> Trained:
    """The `agents` against the others, before `day` and from it on, by the records before `as_of`.

    Raises `NoSuchAgent`, `NoPlanYet`, `NoAgentsToCompare`, `PlanChanged`.
    """
    found = _calls_of(warehouse, database, name, as_of, None)
    for one in agents:
        if one not in found.names:
            raise NoSuchAgent(agent=one, known=", ".join(found.names))
    return trained(found.calls, np.isin(found.names, list(agents)), (day - found.first).days)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _CallsOf:
    """The calls that count, and whose they are."""

    calls: Calls
    names: tuple[str, ...]
    title: Label
    first: date
    unlisted: int
    unnamed: int


def _calls_of(
    warehouse: Warehouse, database: Database, name: str, as_of: date, since: date | None
) -> _CallsOf:
    plan = present_plan(database, name)
    document = plan.content
    first, last = (date.fromisoformat(document[key]) for key in ("from", "to"))
    first = first if since is None else max(first, since)
    on_list = listed(document, contacts_of(warehouse, plan))
    end = min(as_of, last + timedelta(days=1))
    found = _with_told(
        _recorded(warehouse, on_list, first, end), told_calls(database, name, first, end), first
    )
    known_here = np.isin(found.subscriber, on_list.subscriber)
    named = found.agent != ""
    counts = known_here & named
    names, agent = np.unique(found.agent[counts], return_inverse=True)
    if len(names) < 2:
        raise NoAgentsToCompare(as_of=as_of, agents=len(names), campaign=name)
    mine = np.searchsorted(on_list.subscriber, found.subscriber[counts])
    calls = Calls(
        agent=agent,
        day=found.day[counts],
        group=np.unique(on_list.group[mine], return_inverse=True)[1],
        expected=on_list.expected[mine],
        success=found.success[counts],
    )
    return _CallsOf(
        calls=calls,
        names=tuple(str(one) for one in names),
        title=Label(**document["title"]),
        first=first,
        unlisted=int((~known_here).sum()),
        unnamed=int((known_here & ~named).sum()),
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Recorded:
    """Calls on record, in order of time: whose, on which day, by whom ("": not told), whether it reached somebody and
    succeeded.
    """

    subscriber: np.ndarray
    day: np.ndarray
    agent: np.ndarray
    reached: np.ndarray
    success: np.ndarray

    def where(self, kept: np.ndarray) -> _Recorded:
        """Some of them."""
        return _Recorded(**{name: getattr(self, name)[kept] for name in _Recorded.__slots__})


def _recorded(warehouse: Warehouse, on_list: Listed, first: date, end: date) -> _Recorded:
    """Calls from `first` to before `end`."""
    rows = warehouse.read(
        "contacts", CONTRACTS["contacts"].schema, lambda day: first.isoformat() <= day < end.isoformat()
    )
    found = warehouse.engine.fetch(
        rows.filter(rows["channel"].isin(list(on_list.channels)))
        .order_by("contacted_at", "subscriber")
        .select(
            "subscriber",
            "agent",
            "disposition",
            day=rows["contacted_at"].date(),
            reached=rows["reached"].fill_null(~rows["disposition"].isin(NOT_REACHED)),
        )
    )
    return _Recorded(
        subscriber=np.asarray(found["subscriber"].to_numpy(), np.int64),
        day=ordinals(pa.chunked_array(found["day"])) - first.toordinal(),
        agent=np.array([one or "" for one in found["agent"].to_pylist()], np.str_),
        reached=np.array(found["reached"].to_pylist(), np.bool_),
        success=np.array([one in WILLING for one in found["disposition"].to_pylist()], np.bool_),
    )


def _with_told(recorded: _Recorded, told: ToldCalls, first: date) -> _Recorded:
    """Calls that reached somebody: those on record, with the agent who told of them where they name none, and those
    told that are not on record.
    """
    days = recorded.day + first.toordinal()
    more = told.beside(recorded.subscriber, days)
    named = told.named(recorded.subscriber, days, recorded.agent)
    whole = _Recorded(
        subscriber=np.concatenate([recorded.subscriber, more.subscriber]),
        day=np.concatenate([recorded.day, more.day - first.toordinal()]),
        agent=np.concatenate([named, more.agent]),
        reached=np.concatenate([recorded.reached, more.reached]),
        success=np.concatenate([recorded.success, more.willing]),
    )
    return whole.where(whole.reached)
