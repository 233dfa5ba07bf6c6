"""What a month leaves on record beside orders and contacts: bills, payments, complaints. Pure but for its seed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeAlias

import numpy as np

from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import Base
from telewave.simulation.people import Array, People
from telewave.simulation.plan import CityPlan

When: TypeAlias = tuple[int, date, date]
"""A month: its number (1 is the launch month), its first day, the day after its last."""
DAY = 86_400_000_000


def stream(plan: CityPlan, people: People, month: int, what: int) -> np.random.Generator:
    """The random numbers of one purpose of one month of one block."""
    words = [plan.seed, 4, what, month + 1_000, int(people.subscriber[0])]
    return np.random.default_rng(np.random.SeedSequence(words))


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


def complaints(plan: CityPlan, people: People, there: Array, when: When, touched: Array) -> dict[str, Array]:
    """Complaints of the month; those who are put off complain of the marketing. `touched`: row of each contact that got
    through.
    """
    month, first, end = when
    draw = stream(plan, people, month, 5)
    rate = ASSUMPTIONS["complaints_a_month"] * np.exp(-0.5 * people.patience - 0.125) * there
    rows = np.flatnonzero(draw.random(len(people)) < rate)
    topic = draw.choice(
        ["billing", "coverage", "service", "device", "other"], len(rows), p=[0.3, 0.25, 0.2, 0.1, 0.15]
    )
    complains = draw.random(len(touched)) < ASSUMPTIONS["put_off_complains"]
    annoyed = touched[(people.persuasion[touched] < 0) & complains]
    annoyed = np.setdiff1d(annoyed, rows)
    both = np.concatenate([rows, annoyed])
    return {
        "subscriber": people.subscriber[both],
        "opened_at": instants(draw, len(both), first, end),
        "topic": np.concatenate([topic, np.full(len(annoyed), "marketing")]),
    }
