"""Gather a day's bulletin: calls by the counts of `campaign measure`, agents, hours, what comes tomorrow."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

import numpy as np

from telewave.kernel import Conflict, Label
from telewave.measurement.gathering import launched, taken
from telewave.outbound import store
from telewave.outbound.agents import JudgedAgents
from telewave.outbound.best_hour import best_hour
from telewave.outbound.bulletin import Bulletin, agent_days, counted, hour_counts, ordered_calls
from telewave.outbound.told_calls import CALLS, calls_made
from telewave.outbound.usecases import NoAgentsToCompare, judge_agents
from telewave.planning.model import ContactState
from telewave.planning.plan_tables import ordinals
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse


class NoCallsThen(Conflict):
    """The campaign {campaign} runs from {first} to {last}, so {day} has no bulletin. Ask for a day of the campaign."""

    code = "no_calls_then"


def bulletin_of(
    warehouse: Warehouse, database: Database, name: str, day: date, zone: tzinfo | None
) -> Bulletin:
    """The bulletin of a local day, in the time zone `zone`.

    Raises `NoSuchCampaign`, `NotRunning`, `PlanChanged`, `HoldoutChanged`, `NoCallsThen`.
    """
    found = launched(warehouse, database, name)
    first, last = (date.fromisoformat(found.document[key]) for key in ("from", "to"))
    if not first <= day <= last:
        raise NoCallsThen(campaign=name, first=first, last=last, day=day)
    end = day + timedelta(days=1)
    made = calls_made(warehouse, database, found, first, end)
    orders = ordered_calls(made, taken(warehouse, found, first, end, {}, 0.0))
    today = made.day == (day - first).days
    judged = _judged(warehouse, database, name, end)
    with database.transaction() as connection:
        learnt = best_hour(store.answered_by_hour(connection, name))
        coming = store.coming(connection, name, datetime.combine(end + timedelta(days=1), time(0), zone))
    rows = found.contacts
    calls = [channel for channel, one in found.document["channels"].items() if one["records"] in CALLS]
    planned = np.isin(np.array(rows["channel"].to_pylist(), np.str_), calls)
    planned &= np.array(rows["state"].to_pylist(), np.str_) == ContactState.PLANNED.value
    return Bulletin(
        campaign=name,
        title=Label(**found.document["title"]),
        day=day,
        today=counted(made, orders, today),
        before=counted(made, orders, ~today),
        agents=agent_days(made, orders, today, judged),
        hours=hour_counts(made, orders, today),
        unnamed=int(((made.agent == "") & made.reached)[today].sum()),
        untimed=int((made.hour[today] < 0).sum()),
        learnt=learnt,
        coming=coming,
        planned=int((planned & (ordinals(rows["day"]) == end.toordinal())).sum()),
        judged=judged,
    )


def _judged(warehouse: Warehouse, database: Database, name: str, end: date) -> JudgedAgents | None:
    try:
        return judge_agents(warehouse, database, name, end)
    except NoAgentsToCompare:
        return None
