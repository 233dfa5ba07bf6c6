"""The months of one block, one after the other: who is contacted, who takes an offer, who leaves. Pure but for its
seeds.

What a month leaves to the next is a few small arrays (`State`); anybody can make
them again from the seeds of the months before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import OFFER, OFFERS, OrderKind
from telewave.simulation.levels import GROUPS, group_of, kinds, probabilities
from telewave.simulation.months import When, first_day, instants_on, stream
from telewave.simulation.people import NEVER, Array, People
from telewave.simulation.plan import CityPlan
from telewave.simulation.process import annoyance
from telewave.simulation.response import leaving, occasion, relative_hidden, relative_observable
from telewave.simulation.touches import (
    NEVER_AT,
    Audience,
    Outcomes,
    Touches,
    after,
    dispositions,
    order_channel,
    outcomes,
    touches,
)

NOT_YET = 10_000
"""`took_in` of those who have not taken the offer."""


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """What the months so far have left: one entry a subscriber, in `took_in` one row an offer of `OFFERS`.

    `tired`, `annoyed`: what is not forgotten of the touches that got through, by any channel and for any offer, on the
    next month's first day. `took_in`: number of the month in which the offer was taken. `churns_in`: months from the
    start after which the subscriber is gone. `silent`: opted out.
    """

    tired: Array
    annoyed: Array
    took_in: Array
    churns_in: Array
    silent: Array

    @staticmethod
    def at_start(people: People) -> State:
        """Nobody has been touched, has taken anything, or is gone."""
        n = len(people)
        return State(
            tired=np.zeros(n),
            annoyed=np.zeros(n),
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

    `organic`, `observable`: relative odds without any contact, and as far as records show. `won`: chance that the
    month's contacts win one who has no intention of his own.
    """

    contacts: Touches
    organic: Array
    observable: Array
    won: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Sale:
    """Who takes one offer in a month: row, instant, kind and channel of each order, and everybody's chances (see the
    truth folder). `by`: place of the contact that led to it, -1: none did; `channel` is empty then.
    """

    row: Array
    at: Array
    kind: Array
    channel: Array
    by: Array
    chances: dict[str, Array]


@dataclass(frozen=True, eq=False, kw_only=True)
class Lived:
    """A month as it went. `contacts` and what became of them (`dispositions`, the contract's codes; `outcomes`).
    `sales`: by offer. `gone`: rows of those who left at its end, `churn`: everybody's chances of that.
    """

    contacts: Touches
    outcomes: Outcomes
    dispositions: Array
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
    audience = Audience(
        offer=OFFERS[about],
        open=there & (state.took_in[about] > month),
        tired=state.tired,
        silent=state.silent,
    )
    made = touches(plan, people, when, audience)
    won = np.zeros(organic.shape)
    won[about] = made.won(len(people))
    return Prospects(made, organic, observable, won)


def lived(plan: CityPlan, people: People, when: When, state: State, levels: Array) -> Lived:
    """Draw what happens in a month. `levels`: of the truth and of its observable part for
    each offer, shape (offers, 2, 2, GROUPS).
    """
    ahead = prospects(plan, people, when, state)
    draw = stream(plan, people, when[0], 6)
    sales, about = {}, OFFERS.index(offered(when[0]))
    for number, offer in enumerate(OFFERS):
        chances = _chances(people, ahead, number, levels[number])
        own_at = intentions(draw, when, chances["organic"], state.took_in[number] > when[0])
        made = ahead.contacts if number == about else ahead.contacts.where(ahead.contacts.row < 0)
        what = outcomes(draw, people, made, when, own_at)
        if number == about:
            contacted = what
        sales[offer] = _sale(draw, people, (made, what), own_at, kinds(levels[number, 0]), chances)
    return _after(plan, people, when, state, (ahead.contacts, contacted), sales)


def _chances(people: People, ahead: Prospects, number: int, levels: Array) -> dict[str, Array]:
    """Everybody's chances of one offer in the month, by name of the truth's columns."""
    organic = probabilities(people, ahead.organic[number], levels[0]).sum(axis=0)
    won = ahead.won[number]
    touched = 1 - (1 - organic) * (1 - won)
    new = kinds(levels[0])[OrderKind.NEW_NUMBER, group_of(people)]
    return {
        "probability": touched,
        "new_number": touched * new,
        "organic": organic,
        "won": won,
        "observable": probabilities(people, ahead.observable[number], levels[1]).sum(axis=0),
    }


def intentions(draw: np.random.Generator, when: When, organic: Array, free: Array) -> Array:
    """When each person orders by himself this month, if nothing comes before; `NEVER_AT`: he does not."""
    _, first, end = when
    at = np.full(len(organic), NEVER_AT)
    rows = np.flatnonzero(free & (draw.random(len(organic)) < organic))
    at[rows] = instants_on(draw, first_day(first) + draw.integers(0, (end - first).days, len(rows)))
    return at


def _sale(
    draw: np.random.Generator,
    people: People,
    contacted: tuple[Touches, Outcomes],
    own_at: Array,
    parts: Array,
    chances: dict[str, Array],
) -> Sale:
    """Who orders: at the earliest of his own day and of what his contacts led to before it."""
    made, what = contacted
    valid = what.order_at < NEVER_AT
    # A contact after one's own order is not made.
    valid &= made.at < own_at[made.row]
    place = np.flatnonzero(valid)
    place = place[np.lexsort((what.order_at[place], made.row[place]))]
    first = place[np.unique(made.row[place], return_index=True)[1]]
    first = first[what.order_at[first] < own_at[made.row[first]]]
    at, by = own_at.copy(), np.full(len(people), -1)
    at[made.row[first]], by[made.row[first]] = what.order_at[first], first
    row = np.flatnonzero(at < NEVER_AT)
    by = by[row]
    channel = np.full(len(row), "", dtype="<U16")
    led = by >= 0
    channel[led] = order_channel(made.channel[by[led]], what.at_once[by[led]])
    new = draw.random(len(row)) < parts[OrderKind.NEW_NUMBER, group_of(people)[row]]
    kind = np.where(new, int(OrderKind.NEW_NUMBER), int(OrderKind.DEVICE_ONLY))
    return Sale(row=row, at=at[row], kind=kind, channel=channel, by=by, chances=chances)


def _after(
    plan: CityPlan,
    people: People,
    when: When,
    state: State,
    contacted: tuple[Touches, Outcomes],
    sales: dict[str, Sale],
) -> Lived:
    made, what = contacted
    # Who has taken the offer is not contacted about it any more.
    about, ordered_at = offered(when[0]), np.full(len(people), NEVER_AT)
    ordered_at[sales[about].row] = sales[about].at
    kept = made.at < ordered_at[made.row]
    sales[about] = _renumbered(sales[about], kept)
    made, what = made.where(kept), what.where(kept)
    took_in = state.took_in.copy()
    for number, offer in enumerate(OFFERS):
        took_in[number, sales[offer].row] = when[0]
    tired = after(state.tired, made.reached.astype(float), made, when)
    gained = made.reached * annoyance(made.channel, people.persuasion[made.row])
    annoyed = after(state.annoyed, gained, made, when)
    gone, churn = _leaving(plan, people, when, state, took_in, annoyed)
    churns_in = state.churns_in.copy()
    churns_in[gone] = when[0] + plan.months_before
    silent, said = state.silent.copy(), dispositions(made, what)
    silent[made.row[said == "opted_out"]] = True
    return Lived(
        contacts=made,
        outcomes=what,
        dispositions=said,
        sales=sales,
        gone=gone,
        churn=churn,
        after=State(tired=tired, annoyed=annoyed, took_in=took_in, churns_in=churns_in, silent=silent),
    )


def _renumbered(sale: Sale, kept: Array) -> Sale:
    """`by` in terms of the contacts that are kept; one that led to an order comes before it, so it is."""
    place = np.append(np.cumsum(kept) - 1, -1)
    return replace(sale, by=place[sale.by])


def _leaving(
    plan: CityPlan, people: People, when: When, state: State, took_in: Array, annoyed: Array
) -> tuple[Array, dict[str, Array]]:
    """Who leaves at the month's end. Nobody who is bound by the offer's contract, or has just bought something."""
    month = when[0]
    bound = (took_in[OFFERS.index(OFFER)] <= month) | (took_in == month).any(axis=0)
    may = state.there(plan, month) & ~bound
    churn = {
        "probability": may * leaving(people, annoyed),
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
