"""The months of one block, one after the other: who is touched, who takes an offer, who leaves. Pure but for its seeds.

What a month leaves to the next is a few small arrays (`State`); anybody can make
them again from the seeds of the months before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from telewave.simulation.facts import ASSUMPTIONS, OFFER, OFFERS, OrderKind
from telewave.simulation.levels import GROUPS, probabilities
from telewave.simulation.months import DAY, Audience, Touches, When, first_day, instants_on, stream, touches
from telewave.simulation.people import NEVER, Array, People
from telewave.simulation.plan import CityPlan
from telewave.simulation.response import (
    kept_a_day,
    leaving,
    occasion,
    relative_hidden,
    relative_observable,
)

NOT_YET = 10_000
"""`took_in` of those who have not taken the offer."""


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """What the months so far have left: one entry a subscriber, in `pull` and `took_in` one row an offer of `OFFERS`.

    `touches`: contacts that got through, by any channel and for any offer. `pull`: log odds they still add on the next
    month's first day. `took_in`: number of the month in which the offer was taken. `churns_in`: months from the start
    after which the subscriber is gone. `silent`: opted out of SMS.
    """

    touches: Array
    pull: Array
    took_in: Array
    churns_in: Array
    silent: Array

    @staticmethod
    def at_start(people: People) -> State:
        """Nobody has been touched, has taken anything, or is gone."""
        n = len(people)
        return State(
            touches=np.zeros(n, np.int64),
            pull=np.zeros((len(OFFERS), n)),
            took_in=np.full((len(OFFERS), n), NOT_YET),
            churns_in=np.full(n, NEVER, np.int16),
            silent=np.zeros(n, bool),
        )

    def there(self, plan: CityPlan, month: int) -> Array:
        """Who has not left before the month."""
        return np.asarray(self.churns_in > month + plan.months_before - 1)


@dataclass(frozen=True, eq=False)
class Prospects:
    """What a month would bring those who have not taken the offer; all but `contacts` have one row an offer.

    `organic`, `observable`: relative odds without any contact, and as far as records show. `by_day`: what contacts
    multiply them with on each day, shape (offers, days, n).
    """

    contacts: Touches
    organic: Array
    observable: Array
    by_day: Array

    @property
    def touched(self) -> Array:
        """Relative odds of the month as it is: the days' mean."""
        return np.asarray(self.organic * self.by_day.mean(axis=1))


@dataclass(frozen=True, eq=False)
class Sale:
    """Who takes one offer in a month: row, instant and kind of each order; and
    everybody's chances (see the truth folder).
    """

    row: Array
    at: Array
    kind: Array
    chances: dict[str, Array]


@dataclass(frozen=True, eq=False, kw_only=True)
class Lived:
    """A month as it went. `sales`: by offer. `gone`: rows of those who left at its
    end, `churn`: everybody's chances of that.
    """

    contacts: Touches
    sales: dict[str, Sale]
    gone: Array
    churn: dict[str, Array]
    after: State


def offered(month: int) -> str:
    """What the branch contacts people about in a month."""
    return OFFERS[0] if month > 0 else OFFERS[1]


def prospects(plan: CityPlan, people: People, when: When, state: State) -> Prospects:
    """What a month would bring, before anybody has taken anything."""
    month, there = when[0], state.there(plan, when[0])
    observable = np.array([relative_observable(people, offer) for offer in OFFERS]) * there
    organic = observable * np.array([relative_hidden(people, offer) for offer in OFFERS])
    organic[0] *= occasion(people, stream(plan, people, month, 2))
    about = OFFERS.index(offered(month))
    reached = there & (state.took_in[about] > month)
    made = touches(
        plan,
        people,
        when,
        Audience(
            offer=OFFERS[about],
            reached=reached,
            odds=organic[about],
            before=state.touches,
            silent=state.silent,
        ),
    )
    by_day = [
        odds_by_day(state.pull[k], made if k == about else made.where(made.row < 0), when)
        for k in range(len(OFFERS))
    ]
    return Prospects(made, organic, observable, np.array(by_day))


def odds_by_day(pull: Array, made: Touches, when: When) -> Array:
    """What multiplies the odds on each day of the month, shape (days, n). A contact works from the day after it."""
    _, first, end = when
    logs = np.zeros(((end - first).days + 1, len(pull)), np.float32)
    np.add.at(logs, (made.at // DAY - first_day(first) + 1, made.row), made.added * kept_a_day())
    logs[0] = pull
    for day in range(1, len(logs)):
        logs[day] += logs[day - 1] * np.float32(kept_a_day())
    return np.exp(logs[:-1])


def lived(plan: CityPlan, people: People, when: When, state: State, levels: Array) -> Lived:
    """Draw what happens in a month. `levels`: of the truth and of its observable part for
    each offer, shape (offers, 2, 2, GROUPS).
    """
    ahead = prospects(plan, people, when, state)
    draw = stream(plan, people, when[0], 6)
    sales = {
        offer: _sale(draw, people, when, ahead, number, state.took_in[number] > when[0], levels[number])
        for number, offer in enumerate(OFFERS)
    }
    # Who has taken the offer is not contacted about it any more.
    sale, ordered_at = sales[offered(when[0])], np.full(len(people), np.iinfo(np.int64).max)
    ordered_at[sale.row] = sale.at
    made = ahead.contacts.where(ahead.contacts.at < ordered_at[ahead.contacts.row])
    took_in = state.took_in.copy()
    for number, offer in enumerate(OFFERS):
        took_in[number, sales[offer].row] = when[0]
    pull = _pull_after(state.pull, made, when)
    gone, churn = _leaving(plan, people, when, state, took_in, pull)
    churns_in = state.churns_in.copy()
    churns_in[gone] = when[0] + plan.months_before
    silent = state.silent.copy()
    silent[made.row[made.disposition == "opted_out"]] = True
    counted = state.touches + np.bincount(made.row[made.through], minlength=len(people))
    return Lived(
        contacts=made,
        sales=sales,
        gone=gone,
        churn=churn,
        after=State(touches=counted, pull=pull, took_in=took_in, churns_in=churns_in, silent=silent),
    )


def _sale(
    draw: np.random.Generator,
    people: People,
    when: When,
    ahead: Prospects,
    number: int,
    free: Array,
    levels: Array,
) -> Sale:
    _, first, end = when
    touched = probabilities(people, ahead.touched[number], levels[0])
    chances = {
        "probability": touched.sum(axis=0),
        "new_number": touched[OrderKind.NEW_NUMBER],
        "organic": probabilities(people, ahead.organic[number], levels[0]).sum(axis=0),
        "observable": probabilities(people, ahead.observable[number], levels[1]).sum(axis=0),
    }
    u = draw.random(len(people))
    row = np.flatnonzero(free & (u < chances["probability"]))
    kind = np.where(u[row] < touched[0, row], int(OrderKind.NEW_NUMBER), int(OrderKind.DEVICE_ONLY))
    # The day is drawn in proportion to the day's odds, so that what a contact adds comes after it.
    until = np.cumsum(ahead.by_day[number][:, row], axis=0)
    day = (until <= draw.random(len(row)) * until[-1]).sum(axis=0)
    return Sale(
        row, instants_on(draw, first_day(first) + np.minimum(day, (end - first).days - 1)), kind, chances
    )


def _pull_after(pull: Array, made: Touches, when: When) -> Array:
    """The log odds that are left on the first day after the month."""
    month, first, end = when
    kept, days = kept_a_day(), (end - first).days
    left = pull * kept**days
    fresh = made.added * kept ** (days - (made.at // DAY - first_day(first)))
    left[OFFERS.index(offered(month))] += np.bincount(made.row, fresh, pull.shape[1])
    return np.asarray(left)


def _leaving(
    plan: CityPlan, people: People, when: When, state: State, took_in: Array, pull: Array
) -> tuple[Array, dict[str, Array]]:
    """Who leaves at the month's end. Nobody who is bound by the offer's contract, or has just bought something."""
    month = when[0]
    bound = (took_in[OFFERS.index(OFFER)] <= month) | (took_in == month).any(axis=0)
    may = state.there(plan, month) & ~bound
    churn = {
        "probability": may * leaving(people, pull.sum(axis=0)),
        "organic": may * leaving(people, np.zeros(len(people))),
    }
    gone = stream(plan, people, month, 9).random(len(people)) < churn["probability"]
    return np.flatnonzero(gone), churn


def standing_levels() -> Array:
    """Levels of the months before the launch, shape (offers, 2, 2, GROUPS): nobody can
    take the offer, and the other has its own.
    """
    levels = np.zeros((len(OFFERS), 2, 2, GROUPS))
    levels[1, :, OrderKind.DEVICE_ONLY] = ASSUMPTIONS["data_modem_odds"]
    return levels
