"""The branch's own contacts of a month and what comes of them: blanket, hall-driven, without holdout. Pure but for its
seeds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from telewave.simulation.assumptions import ASSUMPTIONS as A
from telewave.simulation.months import DAY, When, day_of, first_day, instants, instants_on, stream
from telewave.simulation.people import Array, People, mixed_bits
from telewave.simulation.plan import CityPlan
from telewave.simulation.process import (
    FACE_TO_FACE,
    SCRIPTS,
    Attempt,
    Minds,
    Steps,
    forgotten,
    opting_out,
    steps,
)

MINUTE = 60_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Touches:
    """Contacts of one month in order of subscriber and time, one entry a contact.

    `row` in the block, `at` (microseconds since 1970), `agent` (0: none), `script` (-1: none), `position` in the
    agent's list of the day (0: none), `reached` (drawn), `tired` (see `process.Attempt`), and the chances of the steps
    of one without intention.
    """

    row: Array
    channel: Array
    at: Array
    agent: Array
    script: Array
    position: Array
    reached: Array
    tired: Array
    listens: Array
    willing: Array
    at_once: Array
    accepted: Array
    comes: Array

    def where(self, kept: Array) -> Touches:
        """Some of them."""
        return Touches(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})

    @property
    def steps(self) -> Steps:
        """The chances, given who was reached."""
        return Steps(
            reached=self.reached.astype(float), listens=self.listens, willing=self.willing,
            at_once=self.at_once, accepted=self.accepted, comes=self.comes,
        )  # fmt: skip

    def won(self, n: int) -> Array:
        """For each of `n` people the chance that one of the contacts wins him who has no intention of his own."""
        return np.asarray(-np.expm1(np.bincount(self.row, np.log1p(-self.steps.wins), n)))


@dataclass(frozen=True, eq=False, kw_only=True)
class Audience:
    """Whom contacts about an offer can reach, and what they still feel of earlier ones; one entry a subscriber.

    `tired`: touches not forgotten on the month's first day. `silent`: opted out.
    """

    offer: str
    open: Array
    tired: Array
    silent: Array


def touches(plan: CityPlan, people: People, when: When, to: Audience) -> Touches:
    """The branch's own contacts: blanket SMS, whoever comes to a hall, some calls to heavy users. No holdout."""
    _, first, end = when
    draw = stream(plan, people, when[0], 1)
    heavy = np.log1p(people.arpu) - 3.5
    called = people.mobile & ~to.silent
    rates = {
        "sms": called * A["blanket_sms_a_month"],
        "hall": A["hall_asked"] * visits(people),
        "outbound_call": called * A["outbound_calls_a_month"] * np.exp(0.4 * heavy),
    }
    parts = [np.repeat(np.arange(len(people)), draw.poisson(rate * to.open)) for rate in rates.values()]
    row = np.concatenate(parts)
    channel = np.repeat(list(rates), [len(part) for part in parts])
    at = instants(draw, len(row), first, end)
    order = np.lexsort((at, row))
    return attempted(plan, people, when, to, (row[order], channel[order], at[order]), draw)


def visits(people: People) -> Array:
    """Visits to a hall a month that people make anyway, shape (n,)."""
    return np.asarray(A["hall_visits_a_month"] * np.exp(0.5 * people.hall - 0.125))


def attempted(
    plan: CityPlan,
    people: People,
    when: When,
    to: Audience,
    made: tuple[Array, Array, Array],
    draw: np.random.Generator,
    fewest_agents: int = 1,
) -> Touches:
    """Contacts that are made, given by row, channel and instant in order of row and time, with what is drawn of them:
    who makes them, and whether they get through. `to.tired`: as of the first day of `when`. `fewest_agents`: among
    whom calls are drawn, where the branch's share of agents is smaller.
    """
    row, channel, at = made
    u, strengths = draw.random(len(row)), skills(plan, fewest_agents)
    call = channel == "outbound_call"
    agent = np.where(call, draw.integers(1, len(strengths), len(row)), 0)
    script = np.where(call, draw.integers(0, len(SCRIPTS), len(row)), -1)
    hour = at % DAY // (60 * MINUTE)
    minds, skill = Minds.of(people, to.offer), strengths[agent]
    chances = np.ones((6, len(row)))
    for name in np.unique(channel):
        k = np.flatnonzero(channel == name)
        tried = Attempt(channel=str(name), hour=hour[k], skill=skill[k], script=script[k])
        found = steps(minds.at(row[k]), tried)
        chances[:, k] = [getattr(found, field.name) for field in fields(Steps)]
    reached = u < chances[0]
    tired = _tired(row, day_of(at) - first_day(when[1]), reached, to.tired)
    shift = np.exp(-A["tiring"] * tired)
    listens, willing = (_shifted(chances[step], shift) for step in (1, 2))
    return Touches(
        row=row, channel=channel, at=at, agent=agent, script=script, position=_positions(agent, at),
        reached=reached, tired=tired, listens=listens, willing=willing,
        at_once=chances[3], accepted=chances[4], comes=chances[5],
    )  # fmt: skip


def _shifted(chance: Array, odds: Array) -> Array:
    """Chances whose odds are multiplied."""
    return np.asarray(chance * odds / (1 - chance + chance * odds))


def _tired(row: Array, day: Array, reached: Array, before: Array) -> Array:
    """Touches that got through before each contact, as far as they are not forgotten on its `day` of the month."""
    fresh = reached / forgotten(day)
    so_far = np.cumsum(fresh) - fresh
    of_others = so_far[np.searchsorted(row, row)] if len(row) else so_far
    return np.asarray((before[row] + so_far - of_others) * forgotten(day))


def _positions(agent: Array, at: Array) -> Array:
    """The place of each call in its agent's list of the day, from 1 on; 0 for all others."""
    key = day_of(at) * 1_000_000 + agent
    order = np.lexsort((at, key))
    begins = np.searchsorted(key[order], key[order])
    place = np.empty(len(at), np.int64)
    place[order] = np.arange(len(at)) - begins + 1
    return np.where(agent > 0, place, 0)


@dataclass(frozen=True, slots=True)
class Resources:
    """What the branch has to work with, in proportion to the city's size; at least one of each."""

    agents: int
    dials_a_day: int
    halls: int
    shops: int


def resources(plan: CityPlan) -> Resources:
    """Those of a city. `dials_a_day`: of all agents together."""
    agents, halls, shops = (max(1, round(A[name] * plan.share)) for name in ("agents", "halls", "shops"))
    return Resources(agents, int(agents * A["dials_a_day"]), halls, shops)


def skills(plan: CityPlan, fewest: int = 1) -> Array:
    """Skill of each agent, standard normal, by number; number 0 is nobody. `fewest`: agents at least."""
    draw = np.random.default_rng(np.random.SeedSequence([plan.seed, 5]))
    return np.concatenate([[0.0], draw.standard_normal(max(fewest, resources(plan).agents))])


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcomes:
    """What became of each contact. `order_at`: when the order that it led to was made (`NEVER`: it led to none).

    `promised`: the willing who did not order at once.
    """

    listens: Array
    willing: Array
    at_once: Array
    promised: Array
    order_at: Array
    stops: Array

    def where(self, kept: Array) -> Outcomes:
        """Of some of the contacts."""
        return Outcomes(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})


NEVER_AT = np.iinfo(np.int64).max


def outcomes(draw: np.random.Generator, people: People, made: Touches, when: When, own_at: Array) -> Outcomes:
    """Draw what becomes of contacts. `own_at`: when each person orders by himself this month (`NEVER_AT`: not), one
    entry a person: who would order later is willing with `intender_willing`.
    """
    u = draw.random((6, len(made.row)))
    intends = own_at[made.row] < NEVER_AT
    listens = made.reached & (u[0] < made.listens)
    willing = listens & (u[1] < np.where(intends, A["intender_willing"], made.willing))
    at_once = willing & (u[2] < made.at_once)
    promised = willing & ~at_once
    stands = (at_once & (u[3] < made.accepted)) | (promised & (u[3] < made.comes))
    left = first_day(when[2]) - 1 - day_of(made.at)
    delay = np.ceil(u[4] * np.minimum(A["comes_within_days"], left)).astype(np.int64)
    same_day = at_once | (delay == 0)
    visit = instants_on(draw, day_of(made.at) + delay)
    at = np.where(same_day, made.at + np.where(at_once, 5, 60) * MINUTE, visit)
    gives_up = opting_out(people.persuasion[made.row])
    return Outcomes(
        listens=listens, willing=willing, at_once=at_once, promised=promised,
        order_at=np.where(stands, at, NEVER_AT), stops=listens & ~willing & (u[5] < gives_up),
    )  # fmt: skip


def dispositions(made: Touches, what: Outcomes) -> Array:
    """The contract's code of what became of each contact. That a message was read shows only where it was pushed."""
    face, call = np.isin(made.channel, FACE_TO_FACE), made.channel == "outbound_call"
    message = ~face & ~call
    # A third of those whom a message interests write back, the others follow its link.
    replies = message & (mixed_bits(made.at) % 3 == 0)
    read = message & what.listens & (made.channel != "sms")
    return np.select(
        [
            ~made.reached & call, ~made.reached, message & what.willing & replies, message & what.willing, what.at_once,
            what.willing, what.stops & ~face, face, call & ~what.listens, call, read,
        ],
        [
            "no_answer", "bounced", "replied", "clicked", "ordered",
            "willing", "opted_out", "visited", "hung_up", "refused", "opened",
        ],
        default="delivered",
    )  # fmt: skip


def order_channel(channel: Array, at_once: Array) -> Array:
    """Through which channel contacts' orders are made."""
    later = channel == "outbound_call"
    online = ~np.isin(channel, FACE_TO_FACE) & ~later
    return np.where(online, "web_hall", np.where(later & ~at_once, "hall", channel))


def after(left: Array, gained: Array, made: Touches, when: When) -> Array:
    """What is left on the first day after the month of fatigue or annoyance: of `left` at its begin, and of what each
    touch adds.
    """
    days = (when[2] - when[1]).days
    fresh = gained * forgotten(days - (day_of(made.at) - first_day(when[1])))
    return np.asarray(left * forgotten(days) + np.bincount(made.row, fresh, len(left)))
