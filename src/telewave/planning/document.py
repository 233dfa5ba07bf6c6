"""A proposal as rows to keep, and as the document that is put before an approver. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.audiences.reading import to_json
from telewave.briefs.model import Brief, ChannelUse
from telewave.kernel import Label
from telewave.offers.model import Catalogue, Offer
from telewave.planning.aims import option_prices
from telewave.planning.allocating import class_codes
from telewave.planning.appetite import appetite_of
from telewave.planning.comparisons import GROUP_ORDER
from telewave.planning.evidence import contacts_behind
from telewave.planning.model import ContactState
from telewave.planning.next_rules import effects_written
from telewave.planning.options import Gathered, organic_shift
from telewave.planning.plan_tables import AIMS, CLASSES, CONTACTS, CONTROL, PRICES, PlanRows, hashes_of
from telewave.planning.proposal import Proposal
from telewave.planning.selling import Points, points_of_choice, said_first
from telewave.planning.wave_funnel import waves_of
from telewave.planning.wave_words import waves_written
from telewave.scheduling.agent_time import AgentTime
from telewave.scheduling.spacing import NO_DAY
from telewave.scheduling.waves import send_minutes

EPOCH = date(1970, 1, 1).toordinal()
KIND = "telewave contact plan"
FORMAT = 1
SUMS = {
    "expected_takers": "probability",
    "caused_by_the_contact": "gained",
    "expected_profit": "expected_profit",
}
"""Figures of the document that are sums over contacts with a day, by the column that they add up."""


def plan_rows(made: Proposal, gathered: Gathered) -> PlanRows:
    """The tables of the plan."""
    return PlanRows(
        contacts=_contacts(made, gathered),
        control=_control(made),
        classes=_classes(made),
        prices=_prices(made),
        aims=pa.table([pa.array(made.aims)], schema=AIMS),
    )


def document_of(
    made: Proposal,
    gathered: Gathered,
    rows: PlanRows,
    *,
    as_of: date | None,
    brief: Brief,
    catalogue: Catalogue | None = None,
    products: Sequence[str] = (),
    verdict: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """The plan in numbers, what a hand-out needs to know of it, and the hashes of its rows. Fit for JSON."""
    told = {} if catalogue is None else points_of_choice(made, gathered)
    return {
        "kind": KIND,
        "format": FORMAT,
        "campaign": brief.id,
        "title": _both(brief.title),
        "currency": brief.currency,
        "from": brief.first.isoformat(),
        "to": brief.last.isoformat(),
        "as_of": as_of.isoformat() if as_of else None,
        "model": brief.model,
        "verdict": verdict,
        "brief_sha256": brief.digest,
        **_figures(made, gathered, len(rows.contacts)),
        "waves": waves_written(waves_of(made, gathered)),
        "organic_log_odds_shift": organic_shift(gathered.base.probability, brief.choice.organic_share),
        "appetite_log_odds": list(appetite_of(gathered.base.probability)),
        **dated_parts(brief),
        "effects": effects_written(brief),
        "offers": {str(one.id): _offer(one, catalogue, told) for one in made.options.offers},
        "products": sorted(products),
        "device_stock": brief.device_stock,
        **hashes_of(rows),
    }


def document_read(content: bytes) -> dict[str, Any] | None:
    """What the document of a plan says; None for any other file."""
    try:
        told: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("kind") == KIND else None


def dated_parts(brief: Brief) -> dict[str, Any]:
    """What of the brief a hand-out asks about days, channels and spacing; a plan that is dated
    anew takes it from the file as it is then.
    """
    return {
        "spacing_days": brief.spacing_days,
        "household_contacts": brief.household_contacts,
        "respects_others": brief.holdout.respects_others,
        "channels": {one.id: _channel(one, brief) for one in brief.channels},
        "phases": {one.id: _both(one.days.name) for one in brief.phases},
    }


def _figures(made: Proposal, gathered: Gathered, contacts: int) -> dict[str, Any]:
    channel = made.options.channel_codes[made.option[made.made]]
    costs = [one.cost.minor for one in made.campaign.channels]
    return {
        "subscribers": len(made.everybody),
        "control": {"universal": int(made.universal.sum()), "campaign": int(made.held.sum())},
        "aimed_at": {"assigned": int(made.aimed.sum()), "held_out": len(made.aimed_held)},
        "without_score": gathered.without_score,
        "contacts": contacts,
        "contacts_behind": contacts_behind(made),
        "without_day": int((~made.made).sum()),
        "expected_takers": round(float(made.takers.sum()), 2),
        "caused_by_the_contact": round(float(made.gained.sum()), 2),
        "cost_minor": int(np.bincount(channel, minlength=len(costs)) @ np.array(costs, np.int64)),
        "expected_profit": round(float(made.profit.sum()), 2),
        "bound": round(made.bound, 2),
        "limits": [
            {
                "limit": _both(one.limit.name),
                "amount": one.limit.amount,
                "used": round(one.used, 4),
                "price": round(one.price, 6),
            }
            for one in made.limits
        ],
    }


def _channel(one: ChannelUse, brief: Brief) -> dict[str, Any]:
    """`hours`: stretches of the day within which it contacts, in minutes from local
    midnight; `capacity`: by day, where it is limited; `agents`: their time, where it has any.
    """
    calendar = one.calendar
    days = (date.fromordinal(n) for n in range(brief.first.toordinal(), brief.last.toordinal() + 1))
    limited = calendar.daily_capacity is not None
    return {
        "name": _both(one.name),
        "records": one.records or one.id,
        "cost_minor": one.cost.minor,
        "consent": None if one.consent is None else to_json(one.consent),
        "hours": _stretches(calendar.sending_minutes()),
        "capacity": {day.isoformat(): calendar.capacity(day) for day in days} if limited else None,
        "agents": None if one.agents is None else _agents(one.agents),
    }


def _agents(time: AgentTime) -> dict[str, Any]:
    """Minutes and hours as in `AgentTime`; `agents` on a working day, and other numbers `on` single days."""
    return {
        "talk": time.talk,
        "after_call": time.after_call,
        "not_reached": time.not_reached,
        "hours_a_day": time.hours_a_day,
        "agents": time.agents,
        "on": {day.isoformat(): agents for day, agents in time.agents_on.items()},
    }


def _stretches(minutes: NDArray[np.int16]) -> list[list[int]]:
    """Runs of minutes as first and end, the end not within."""
    breaks = np.flatnonzero(np.diff(minutes) > 1)
    first = minutes[np.concatenate([[0], breaks + 1])]
    last = minutes[np.concatenate([breaks, [len(minutes) - 1]])]
    return [[int(a), int(b) + 1] for a, b in zip(first, last, strict=True)]


def _offer(offer: Offer, catalogue: Catalogue | None, told: Points) -> dict[str, Any]:
    scripts = (
        {}
        if catalogue is None
        else {one: catalogue.script(offer, one, said_first(offer, one, told)) for one in GROUP_ORDER}
    )
    return {
        "name": _both(offer.name),
        "stock": offer.quotas.stock,
        "script": {one.value: [_both(line) for line in lines] for one, lines in scripts.items() if lines},
    }


def _both(name: Label) -> dict[str, str]:
    return {"en": name.en, "zh": name.zh}


def _contacts(made: Proposal, gathered: Gathered) -> pa.Table:
    """The plan's contacts, columns as `CONTACTS`."""
    options, brief = made.options, made.campaign
    day = made.dated.day.astype(np.int64)
    first = made.touch == 0
    minute = send_minutes(made.contacts, made.dated.day, brief.timetable)
    names = {
        "phase": ([one.id for one in brief.phases], options.phase_codes),
        "channel": ([one.id for one in brief.channels], options.channel_codes),
        "offer": ([str(one.id) for one in options.offers], options.offer_codes),
    }
    columns: dict[str, Any] = {
        "subscriber": made.base.subscriber[made.row],
        "touch": made.touch.astype(np.int8),
        **{name: _named(known, codes[made.option]) for name, (known, codes) in names.items()},
        "group": _groups(made, gathered),
        "day": pa.array((day - EPOCH).astype(np.int32), pa.int32(), mask=day == NO_DAY).cast(pa.date32()),
        "minute": pa.array(minute, pa.int16(), mask=minute < 0),
        "probability": made.takers,
        "gained": made.gained,
        "expected_profit": made.profit,
        "propensity": np.where(first, made.explored.propensity[made.row], 1.0),
        "by_chance": made.explored.by_chance[made.row] & first,
        "why": made.dated.why,
        "state": pa.array([ContactState.PLANNED.value] * len(day), pa.string()),
    }
    taken = {k: v if isinstance(v, pa.Array) else pa.array(v) for k, v in columns.items()}
    return pa.table({field.name: taken[field.name].cast(field.type) for field in CONTACTS}, schema=CONTACTS)


def _named(known: list[str], codes: NDArray[np.int64]) -> pa.Array[Any]:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(known, pa.string())).cast(
        pa.string()
    )


def _groups(made: Proposal, gathered: Gathered) -> pa.Array[Any]:
    """The target group of each contact's subscriber; null where he is in none."""
    codes = np.full(len(made.row), -1, np.int64)
    if gathered.group is not None:
        place = np.searchsorted(gathered.base.subscriber, made.base.subscriber[made.row])
        codes = gathered.group[place].astype(np.int64)
    kinds = pa.array([one.value for one in GROUP_ORDER], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), kinds).cast(
        pa.string()
    )


def _control(made: Proposal) -> pa.Table:
    """Who is left alone and by which control group, columns as `CONTROL`."""
    alone = made.universal | made.held
    which = np.where(made.universal, "universal", "campaign")[alone]
    return pa.table([pa.array(made.everybody[alone]), pa.array(which, pa.string())], schema=CONTROL)


def _classes(made: Proposal) -> pa.Table:
    codes = class_codes(made.problem).astype(np.int16)
    return pa.table([pa.array(made.base.subscriber), pa.array(codes)], schema=CLASSES)


def _prices(made: Proposal) -> pa.Table:
    """Every class beside every option."""
    options, brief = made.options, made.campaign
    price = option_prices(made.problem, made.allocation)
    classes, option = (axis.ravel() for axis in np.indices(price.shape))
    names = (
        _named([str(one.id) for one in options.offers], options.offer_codes[option]),
        _named([one.id for one in brief.channels], options.channel_codes[option]),
        _named([one.id for one in brief.phases], options.phase_codes[option]),
    )
    return pa.table([pa.array(classes.astype(np.int16)), *names, pa.array(price.ravel())], schema=PRICES)
