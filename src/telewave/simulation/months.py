"""A month of the city: who is touched, who takes the offer, and what bills, payments and complaints follow. Pure but for its seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from telewave.simulation.facts import (
    ASSUMPTIONS,
    ENTERPRISE_DEVICES,
    HANDLED,
    PREPAID_DEVICES,
    Base,
    OrderKind,
)
from telewave.simulation.people import Array, People
from telewave.simulation.plan import CityPlan
from telewave.simulation.response import occasion, relative_hidden, relative_observable, touch_effect
from telewave.simulation.volumes import takers

OTHER_OFFER = "data_pack"
CELLS = 8
"""Groups whose takers the reference case counts: see `cells`."""
DAY = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Touches:
    """Contacts of one month, one entry a contact: row in the block, channel, instant (microseconds since 1970), disposition."""

    row: Array
    channel: Array
    at: Array
    disposition: Array


@dataclass(frozen=True, eq=False)
class Chances:
    """Of one month, one entry a subscriber; without the level, which only the whole city can tell.

    `organic` and `touched`: relative odds without and with this month's contacts; `observable`: as far as records show.
    """

    organic: Array
    touched: Array
    observable: Array


def cells(people: People) -> tuple[Array, Array]:
    """The cell of each subscriber for new numbers and for devices alone, shape (n,) each; -1: nobody takes it so.

    0 both, 1 mobile, 2 broadband (new numbers); 3, 4 both by public and enterprise; 5, 6 mobile by pay later and before.
    """
    new = np.where(people.base == Base.NEW, -1, people.base).astype(np.int64)
    device = np.select(
        [people.base == Base.BOTH, people.base == Base.MOBILE],
        [3 + people.enterprise, 5 + people.prepaid],
        default=-1,
    )
    return new, device


def wanted(plan: CityPlan) -> Array:
    """Takers wanted in each month of the offer and each cell, shape (months_after, CELLS), for this city's size and take-up."""
    case = takers(plan.months_after) * plan.share * plan.take_up
    new, device = OrderKind.NEW_NUMBER, OrderKind.DEVICE_ONLY
    enterprise = ENTERPRISE_DEVICES / HANDLED[Base.BOTH][device]
    prepaid = PREPAID_DEVICES / HANDLED[Base.MOBILE][device]
    both, mobile = case[:, Base.BOTH, device], case[:, Base.MOBILE, device]
    columns = [case[:, base, new] for base in (Base.BOTH, Base.MOBILE, Base.BROADBAND)]
    columns += [both * (1 - enterprise), both * enterprise, mobile * (1 - prepaid), mobile * prepaid]
    return np.column_stack([*columns, case[:, Base.NEW, new]])


def stream(plan: CityPlan, people: People, month: int, what: int) -> np.random.Generator:
    """The random numbers of one purpose of one month of one block."""
    words = [plan.seed, 4, what, month + 1_000, int(people.subscriber[0])]
    return np.random.default_rng(np.random.SeedSequence(words))


def touches(plan: CityPlan, people: People, month: int, first: date, end: date) -> Touches:
    """The branch's own contacts: blanket SMS, whoever comes to a hall, some calls to heavy users. No holdout."""
    draw = stream(plan, people, month, 1)
    there = people.churns_in > month + plan.months_before - 1
    rate = np.log1p(people.arpu) - 3.5
    chances = {
        "sms": people.mobile * ASSUMPTIONS["blanket_sms_a_month"],
        "hall": ASSUMPTIONS["hall_visits_a_month"] * np.exp(0.5 * people.hall - 0.125),
        "outbound_call": people.mobile * ASSUMPTIONS["outbound_calls_a_month"] * np.exp(0.4 * rate),
    }
    parts = [np.flatnonzero(there & (draw.random(len(people)) < chance)) for chance in chances.values()]
    row = np.concatenate(parts)
    channel = np.repeat(list(chances), [len(part) for part in parts])
    at = instants(draw, len(row), first, end)
    return Touches(row, channel, at, _dispositions(draw, people, row, channel))


def _dispositions(draw: np.random.Generator, people: People, row: Array, channel: Array) -> Array:
    """What became of each contact; calls connect at 40-60 %, by person."""
    u, willing = draw.random((2, len(row)))
    patience = people.patience[row]
    connects = u < np.clip(0.5 + 0.05 * patience, 0.40, 0.60)
    call = np.where(connects, np.where(willing < 0.10, "willing", "refused"), "no_answer")
    sms = np.where(u < 0.02, "bounced", np.where(willing < 0.03, "clicked", "delivered"))
    stops = (willing > 0.998) & (patience < 0)
    return np.select(
        [channel == "outbound_call", channel == "hall", stops], [call, "visited", "opted_out"], sms
    )


def chances(plan: CityPlan, people: People, month: int, made: Touches, end: date) -> Chances:
    """Relative odds of taking the offer in a month, before levelling."""
    there = (people.churns_in > month + plan.months_before - 1).astype(float)
    observable = relative_observable(people) * there
    organic = observable * relative_hidden(people) * occasion(people, stream(plan, people, month, 2))
    gain = np.zeros(len(people))
    # An instant of the month is taken for the touch to work on, half the time from it to the month's end.
    closing = (end - date(1970, 1, 1)).days
    for channel in np.unique(made.channel):
        rows = made.row[made.channel == channel]
        since = np.zeros(len(people))
        since[rows] = (closing - made.at[made.channel == channel] / DAY) / 2
        count = np.bincount(rows, minlength=len(people))
        gain += np.where(count > 0, touch_effect(people, str(channel), count, since), 0.0)
    return Chances(organic, organic * np.exp(gain), observable)


def sums(people: People, found: Chances, weight: Array) -> Array:
    """Relative odds times `weight` summed by cell, with touches and as records show: shape (2, CELLS)."""
    new, device = cells(people)
    return np.array([_by_cell(new, device, values * weight) for values in (found.touched, found.observable)])


def _by_cell(new: Array, device: Array, values: Array) -> Array:
    total = np.zeros(CELLS)
    for cell in (new, device):
        inside = cell >= 0
        total += np.bincount(cell[inside], values[inside], CELLS)
    return total


def probabilities(people: People, relative: Array, levels: Array) -> Array:
    """Chance of a new number and of a device alone, shape (2, n). `levels`: by cell, shape (CELLS,)."""
    parts = [np.where(cell >= 0, levels[cell] * relative, 0.0) for cell in cells(people)]
    return np.minimum(np.array(parts), 0.49)


def instants(draw: np.random.Generator, n: int, first: date, end: date) -> Array:
    """Microseconds since 1970 of `n` moments in [first, end), between 9 and 20 o'clock."""
    day = (first - date(1970, 1, 1)).days + draw.integers(0, (end - first).days, n)
    second = 9 * 3_600 + draw.random(n) * 11 * 3_600
    return np.asarray(day * DAY + (second * 1_000_000).astype(np.int64))


def day_of(at: Array) -> Array:
    """The local day of instants, as days since 1970-01-01."""
    return np.asarray(at // DAY)


def bills(plan: CityPlan, people: People, month: int, first: date) -> dict[str, Array]:
    """The bills for the month before `first`, issued on its third day; people who were not there yet have none."""
    draw = stream(plan, people, month, 3)
    amount = people.arpu * np.exp(0.15 * draw.standard_normal(len(people)) - 0.011)
    rows = np.flatnonzero((people.churns_in > month + plan.months_before - 1) & (people.base != Base.NEW))
    before = (first - timedelta(1)).replace(day=1)
    return {
        "subscriber": people.subscriber[rows],
        "issued_on": np.full(len(rows), first + timedelta(2), "datetime64[D]"),
        "month": np.full(len(rows), before, "datetime64[D]"),
        "amount_minor": np.round(amount[rows] * 100).astype(np.int64),
    }


def payments(plan: CityPlan, people: People, month: int, first: date, end: date) -> dict[str, Array]:
    """One payment a bill, due on the 20th; the less loyal pay late oftener. Those paid after the month's end are left to the next."""
    draw = stream(plan, people, month, 4)
    billed = bills(plan, people, month, first)
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


def complaints(
    plan: CityPlan, people: People, month: int, first: date, end: date, made: Touches
) -> dict[str, Array]:
    """Complaints of the month; those who are put off complain of the marketing."""
    draw = stream(plan, people, month, 5)
    there = people.churns_in > month + plan.months_before - 1
    rate = ASSUMPTIONS["complaints_a_month"] * np.exp(-0.5 * people.patience - 0.125) * there
    rows = np.flatnonzero(draw.random(len(people)) < rate)
    topic = draw.choice(
        ["billing", "coverage", "service", "device", "other"], len(rows), p=[0.3, 0.25, 0.2, 0.1, 0.15]
    )
    annoyed = made.row[(people.persuasion[made.row] < 0) & (draw.random(len(made.row)) < 0.01)]
    annoyed = np.setdiff1d(annoyed, rows)
    both = np.concatenate([rows, annoyed])
    return {
        "subscriber": people.subscriber[both],
        "opened_at": instants(draw, len(both), first, end),
        "topic": np.concatenate([topic, np.full(len(annoyed), "marketing")]),
    }
