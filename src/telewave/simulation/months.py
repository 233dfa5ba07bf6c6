"""What a month leaves on record beside orders: contacts, bills, payments, complaints. Pure but for its seed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from scipy.special import expit

from telewave.simulation.facts import ASSUMPTIONS, Base
from telewave.simulation.people import Array, People
from telewave.simulation.plan import CityPlan
from telewave.simulation.response import touch_effect

When: TypeAlias = tuple[int, date, date]
"""A month: its number (1 is the launch month), its first day, the day after its last."""
DAY = 86_400_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Touches:
    """Contacts of one month, one entry a contact: row in the block, channel, instant (microseconds since 1970),
    disposition.

    `added`: log odds of the offer that the contact adds at first; zero where it did not get through.
    """

    row: Array
    channel: Array
    at: Array
    disposition: Array
    added: Array

    @property
    def through(self) -> Array:
        """Which contacts reached a person."""
        return ~np.isin(self.disposition, ["no_answer", "bounced"])

    def where(self, kept: Array) -> Touches:
        """Some of them."""
        return Touches(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})


def stream(plan: CityPlan, people: People, month: int, what: int) -> np.random.Generator:
    """The random numbers of one purpose of one month of one block."""
    words = [plan.seed, 4, what, month + 1_000, int(people.subscriber[0])]
    return np.random.default_rng(np.random.SeedSequence(words))


@dataclass(frozen=True, eq=False, kw_only=True)
class Audience:
    """Whom contacts about an offer can reach, and how they are disposed; one entry a subscriber.

    `odds`: relative odds of taking the offer by themselves, which show in what they answer.
    `before`: touches so far. `silent`: no SMS.
    """

    offer: str
    reached: Array
    odds: Array
    before: Array
    silent: Array


def touches(plan: CityPlan, people: People, when: When, to: Audience) -> Touches:
    """The branch's own contacts: blanket SMS, whoever comes to a hall, some calls to heavy users. No holdout."""
    month, first, end = when
    draw = stream(plan, people, month, 1)
    heavy = np.log1p(people.arpu) - 3.5
    rates = {
        "sms": people.mobile * ~to.silent * ASSUMPTIONS["blanket_sms_a_month"],
        "hall": ASSUMPTIONS["hall_visits_a_month"] * np.exp(0.5 * people.hall - 0.125),
        "outbound_call": people.mobile * ASSUMPTIONS["outbound_calls_a_month"] * np.exp(0.4 * heavy),
    }
    parts = [np.repeat(np.arange(len(people)), draw.poisson(rate * to.reached)) for rate in rates.values()]
    row = np.concatenate(parts)
    channel = np.repeat(list(rates), [len(part) for part in parts])
    at = instants(draw, len(row), first, end)
    order = np.lexsort((at, row))
    row, channel, at = row[order], channel[order], at[order]
    logs = np.log(np.maximum(to.odds, 1e-9))
    eager = logs - np.mean(logs, where=people.mobile)
    made = Touches(
        row=row,
        channel=channel,
        at=at,
        disposition=_dispositions(draw, people, row, channel, eager[row]),
        added=np.zeros(len(row)),
    )
    return replace(made, added=_added(people, made, to))


def _dispositions(
    draw: np.random.Generator, people: People, row: Array, channel: Array, eager: Array
) -> Array:
    """What became of each contact: calls connect at 40-60 %, by person, and who is `eager`
    (log odds) is willing, or clicks, oftener.
    """
    u, answer = draw.random((2, len(row)))
    patience = people.patience[row]
    connects = u < np.clip(0.5 + 0.05 * patience, 0.40, 0.60)
    call = np.where(connects, np.where(answer < expit(2 * eager - 5.0), "willing", "refused"), "no_answer")
    sms = np.where(u < 0.02, "bounced", np.where(answer < expit(2 * eager - 7.0), "clicked", "delivered"))
    stops = (u > 0.998) & (patience < 0)
    return np.select(
        [channel == "outbound_call", channel == "hall", stops], [call, "visited", "opted_out"], sms
    )


def _added(people: People, made: Touches, to: Audience) -> Array:
    """What each contact adds; of a subscriber's contacts, which are in order of time, each further one adds less."""
    one, through = np.ones(len(people)), made.through
    first = np.zeros(len(made.row))
    for channel in np.unique(made.channel):
        mine = made.channel == channel
        first[mine] = touch_effect(people, str(channel), one, 0 * one, to.offer)[made.row[mine]]
    so_far = np.cumsum(through) - through
    earlier = so_far - so_far[np.searchsorted(made.row, made.row)] + to.before[made.row]
    return np.asarray(through * first * ASSUMPTIONS["touch_fade"] ** earlier)


def instants(draw: np.random.Generator, n: int, first: date, end: date) -> Array:
    """Microseconds since 1970 of `n` moments in [first, end), between 9 and 20 o'clock."""
    return instants_on(draw, first_day(first) + draw.integers(0, (end - first).days, n))


def instants_on(draw: np.random.Generator, day: Array) -> Array:
    """Microseconds since 1970 of a moment between 9 and 20 o'clock of each day."""
    second = 9 * 3_600 + draw.random(len(day)) * 11 * 3_600
    return np.asarray(day * DAY + (second * 1_000_000).astype(np.int64))


def first_day(first: date) -> int:
    """Days from 1970 to a day."""
    return (first - date(1970, 1, 1)).days


def day_of(at: Array) -> Array:
    """The local day of instants, as days since 1970-01-01."""
    return np.asarray(at // DAY)


def bills(plan: CityPlan, people: People, there: Array, month: int, first: date) -> dict[str, Array]:
    """The bills for the month before `first`, issued on its third day; people who were not there yet have none."""
    draw = stream(plan, people, month, 3)
    amount = people.arpu * np.exp(0.15 * draw.standard_normal(len(people)) - 0.011)
    rows = np.flatnonzero(there & (people.base != Base.NEW))
    before = (first - timedelta(1)).replace(day=1)
    return {
        "subscriber": people.subscriber[rows],
        "issued_on": np.full(len(rows), first + timedelta(2), "datetime64[D]"),
        "month": np.full(len(rows), before, "datetime64[D]"),
        "amount_minor": np.round(amount[rows] * 100).astype(np.int64),
    }


def payments(plan: CityPlan, people: People, there: Array, when: When) -> dict[str, Array]:
    """One payment a bill, due on the 20th; the less loyal pay late oftener. Those paid
    after the month's end are left to the next.
    """
    month, first, end = when
    draw = stream(plan, people, month, 4)
    billed = bills(plan, people, there, month, first)
    rows = billed["subscriber"] - people.subscriber[0]
    late = draw.random(len(rows)) < np.clip(0.07 * np.exp(-0.5 * people.loyalty[rows]), 0, 0.6)
    shift = np.where(late, 1 + draw.geometric(0.25, len(rows)), -draw.integers(0, 16, len(rows)))
    due = np.datetime64(first.replace(day=20))
    paid = due + shift.astype("timedelta64[D]")
    kept = paid < np.datetime64(end)
    return {
        "subscriber": billed["subscriber"][kept],
        "paid_on": paid[kept],
        "due_on": np.full(int(kept.sum()), due),
        "amount_minor": billed["amount_minor"][kept],
    }


def complaints(plan: CityPlan, people: People, there: Array, when: When, made: Touches) -> dict[str, Array]:
    """Complaints of the month; those who are put off complain of the marketing."""
    month, first, end = when
    draw = stream(plan, people, month, 5)
    rate = ASSUMPTIONS["complaints_a_month"] * np.exp(-0.5 * people.patience - 0.125) * there
    rows = np.flatnonzero(draw.random(len(people)) < rate)
    topic = draw.choice(
        ["billing", "coverage", "service", "device", "other"], len(rows), p=[0.3, 0.25, 0.2, 0.1, 0.15]
    )
    annoyed = made.row[made.through & (people.persuasion[made.row] < 0) & (draw.random(len(made.row)) < 0.01)]
    annoyed = np.setdiff1d(annoyed, rows)
    both = np.concatenate([rows, annoyed])
    return {
        "subscriber": people.subscriber[both],
        "opened_at": instants(draw, len(both), first, end),
        "topic": np.concatenate([topic, np.full(len(annoyed), "marketing")]),
    }
