"""A rehearsal in words: what it brings, what to add, what stands idle; the rows of its tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from telewave.kernel import Estimate, Figure, Label, Message
from telewave.rehearsal.model import ASSUMED, Array, Script, Stage
from telewave.rehearsal.summary import Rehearsal, Rehearsed

LATE_MATTERS = 0.05
PLACES = {"halls": Label("Windows in halls", "营业厅窗口"), "couriers": Label("Couriers", "配送员")}
WAVE_COLUMNS = (
    Message("Wave"),
    Message("Channel"),
    Message("Contacts"),
    Message("Reached"),
    Message("Willing"),
    Message("Ordered"),
    Message("Active"),
)
CHANNEL_COLUMNS = WAVE_COLUMNS[1:]
RESOURCE_COLUMNS = (
    Message("Resource"),
    Message("At work"),
    Message("Needed"),
    Message("Jobs"),
    Message("Busy"),
    Message("On the busiest day"),
    Message("Later than due"),
    Message("Never done"),
)
DAY_COLUMNS = (Message("Day"), Message("Contacts"), Message("Active orders"))
Row = tuple[Figure | Label | Message | str, ...]


def headline(rehearsal: Rehearsal) -> list[Message]:
    """What it brings, then the decision that it leads to, then against the plan as it is."""
    found = rehearsal.found
    return [_volumes(found), decision(found), *_against(rehearsal), _even(found)]


def _volumes(found: Rehearsed) -> Message:
    total = found.total[Stage.ACTIVE]
    return Message(
        "Carried out like this, the campaign brings {orders} active orders and earns {profit} {currency} after the "
        "cost of its contacts; {losing:.0%} of the {draws:,} runs lose money.",
        orders=_ends(total),
        profit=_ends(found.profit),
        currency=found.script.currency,
        losing=float((found.profits < 0).mean()),
        draws=found.draws,
    )


def decision(found: Rehearsed) -> Message:
    """The bottleneck and what to add; else what stands idle."""
    short = found.bottleneck
    if short is not None and short.servers is not None:
        return Message(
            "Bottleneck: {name}. {servers:,.0f} at work leave {lost:.1%} of {jobs:,.0f} jobs undone; {needed:,} would "
            "do them: add {more:,}.",
            name=resource_name(found.script, short.name),
            servers=short.servers,
            lost=short.lost,
            jobs=short.jobs.value,
            needed=short.needed,
            more=short.needed - int(short.servers),
        )
    slow = max(found.resources, key=lambda one: one.late, default=None)
    if slow is not None and slow.late > LATE_MATTERS:
        return Message(
            "No job is left undone for want of people, but {name} are behind: {late:.0%} of their jobs are done on a "
            "later day than due. Spread the plan's days more evenly, or add people on the fullest days.",
            name=resource_name(found.script, slow.name),
            late=slow.late,
        )
    idle = max(found.resources, key=lambda one: one.idle, default=None)
    if idle is not None and idle.idle:
        return Message(
            "Nothing is a bottleneck. {name}: {idle:,} of {servers:,.0f} stand idle; plan more contacts, or give them "
            "other work.",
            name=resource_name(found.script, idle.name),
            idle=idle.idle,
            servers=idle.servers,
        )
    return Message("Nothing is a bottleneck, and nobody stands idle.")


def _against(rehearsal: Rehearsal) -> list[Message]:
    found, planned = rehearsal.found, rehearsal.planned
    if planned is None:
        return []
    orders, profit = found.orders - planned.orders, found.profits - planned.profits
    return [
        Message(
            "Against the plan as it is: {orders} active orders, {profit} {currency}.",
            orders=_signed(orders),
            profit=_signed(profit),
            currency=found.script.currency,
        )
    ]


def _signed(values: Array) -> Message:
    low, high = np.quantile(values, (0.025, 0.975))
    ends = (float(values.mean()), float(low), float(high))
    value, low_text, high_text = (f"{round(one) + 0:+,}" for one in ends)
    return Message("{value} ({low} to {high})", value=value, low=low_text, high=high_text)


def _even(found: Rehearsed) -> Message:
    if not found.spent.value:
        return Message("No contact is made, or none costs anything: there is nothing to earn back.")
    spent = f"{found.spent.value:,.0f}"
    if found.even_at is None or found.even_at > 1 or found.even_day is None:
        return Message(
            "The contacts cost {spent} {currency} and are not earned back: the believed orders are too few.",
            spent=spent,
            currency=found.script.currency,
        )
    return Message(
        "The contacts cost {spent} {currency}. They are earned back at {even:.0%} of the believed orders, and by {day} "
        "if all comes as believed.",
        spent=spent,
        currency=found.script.currency,
        even=found.even_at,
        day=found.script.first + timedelta(days=found.even_day),
    )


def warnings(found: Rehearsed) -> list[Message]:
    """What the rehearsal could not know."""
    told = []
    if found.script.unknown:
        told.append(
            Message(
                "{count:,} contacts of the plan are not rehearsed: they have no day, or nobody knows the steps of "
                "their channel.",
                count=found.script.unknown,
            )
        )
    assumed = [name for name, desk in found.script.desks.items() if desk.assumed]
    if assumed:
        told.append(
            Message(
                "The plan does not tell how many agents {channels} has: as many are assumed as its capacity asks for. "
                "Write agent_time into the campaign's file, and make the plan again.",
                channels=[found.script.names[name] for name in assumed],
            )
        )
    return told


def waiting(found: Rehearsed) -> list[Message]:
    """How visitors wait, where windows are given."""
    if found.wait_minutes is None or found.waiting_long is None:
        return []
    return [
        Message(
            "Visitors of halls wait {minutes:.1f} minutes on average; {long:.1%} of them more than 10.",
            minutes=found.wait_minutes,
            long=found.waiting_long,
        )
    ]


NOT_REAL = Message("This is a rehearsal in the computer: nobody was contacted, nothing was ordered.")


def how() -> list[Message]:
    """What is assumed and left out."""
    a = ASSUMED
    return [
        Message(
            "Chances of reaching, willingness and orders are the plan's own, drawn anew in each run within their "
            "intervals. Whoever is called is called by the agent who is free first."
        ),
        Message(
            "Assumed, no operator's records: of the willing {hall:.0%} go to a hall, after {days:g} days on average; "
            "{window:g} minutes at a window with an order, {glance:g} without; who waits more than {patience:g} "
            "minutes leaves.",
            hall=a.to_hall, days=a.hall_days, window=a.window_minutes, glance=a.glance_minutes, patience=a.patience,
        ),
        Message(
            "Assumed: {busy:.0%} of visitors come in the two busy stretches of the day; other visitors of halls "
            "are not in the queue. In busy stretches only special windows take them, at other times clerks, too.",
            busy=a.busy_share,
        ),
        Message(
            "Assumed: parcels take a day to pack; couriers call at most {calls} times in {days} days for an "
            "appointment, {answers:.0%} of the calls are answered, {kept:.0%} of the appointments are kept; "
            "{door:g} minutes at the door. Of the others {again:.0%} take the parcel at a second approach; the call "
            "for it is not in the agents' queue.",
            calls=a.calls_a_day * a.calling_days, days=a.calling_days, answers=a.answers, kept=a.kept,
            door=a.door_minutes, again=a.again,
        ),
        Message(
            "Money counts the orders that the contacts cause, and the cost of contacts; wages of agents, windows and "
            "couriers are not in it."
        ),
    ]  # fmt: skip


def wave_rows(found: Rehearsed) -> list[Row]:
    """One row a wave."""
    names = found.script.names
    return [
        (names[phase], names[channel], *_figures(stages))
        for (phase, channel), stages in found.of_waves.items()
    ]


def channel_rows(found: Rehearsed) -> list[Row]:
    """One row a channel, and their sum."""
    rows: list[Row] = [(found.script.names[one], *_figures(told)) for one, told in found.of_channels.items()]
    return [*rows, (Message("All channels"), *_figures(found.total))]


def _figures(stages: Sequence[Estimate]) -> list[Figure]:
    return [Figure(one, _span(one)) for one in stages]


def resource_rows(found: Rehearsed) -> list[Row]:
    """One row a resource."""
    return [
        (
            Figure(one.name, resource_name(found.script, one.name)),
            Figure(one.servers, Message("no limit") if one.servers is None else _people(one.servers)),
            Figure.of(one.needed, ","),
            Figure(one.jobs, _span(one.jobs)),
            Figure.of(one.busy, ".0%"),
            Figure.of(one.busiest, ".0%"),
            Figure.of(one.late, ".1%"),
            Figure.of(one.lost, ".1%"),
        )
        for one in found.resources
    ]


def _people(number: float) -> str:
    """As many as are at work: part of one's time is not nobody."""
    return f"{number:,.0f}" if number >= 10 or float(number).is_integer() else f"{number:,.1f}"


def day_rows(found: Rehearsed) -> list[Row]:
    """One row a day on which anything happens."""
    return [
        (
            Figure(day, str(day)),
            Figure.of(float(found.contacts[k]), ",.0f"),
            Figure(
                Estimate(value=value, low=low, high=high, n=found.draws, method="rehearsal"),
                f"{value:,.0f} ({low:,.0f}–{high:,.0f})",
            ),
        )
        for k, day in enumerate(days_of(found))
        for value, low, high in [tuple(float(one) for one in found.days[:, k])]
    ]


def days_of(found: Rehearsed) -> list[date]:
    """The days up to the last on which anything happens."""
    seen = np.flatnonzero((found.contacts > 0) | (found.days[2] > 0))
    last = int(seen.max(initial=0))
    return [found.script.first + timedelta(days=k) for k in range(last + 1)]


def resource_name(script: Script, name: str) -> Label | Message:
    """What people call it."""
    return PLACES[name] if name in PLACES else Message("Agents ({channel})", channel=script.names[name])


def _ends(one: Estimate) -> Message:
    """Within a sentence; ends may be below 0."""
    form = ",.0f" if max(abs(one.high), abs(one.low)) >= 10 else ",.1f"
    value, low, high = (format(end, form) for end in (one.value, one.low, one.high))
    return Message("{value} ({low} to {high})", value=value, low=low, high=high)


def _span(one: Estimate) -> str:
    form = ",.0f" if max(abs(one.high), abs(one.low)) >= 10 else ",.1f"
    value, low, high = (format(end, form) for end in (one.value, one.low, one.high))
    return value if low == high else f"{value} ({low}–{high})"
