"""Which agents succeed less or more than their lists explain, and which of them only had luck. Pure.

A call that reached somebody has an expected chance e of success by what the plan's funnel believes of its person. Calls
are compared within cells, a day and a target group: there the level of e does not matter, only its proportions. If
agent a is as good as the others, each success of cell c is his with the chance q = sum of his e / sum of all e.

*Adjusted success.* His successes S beside the expected E (e brought to the level of each group's successes). The ratio
varies between agents as a gamma with mean 1 and precision k, which is chosen by likelihood (S is negative binomial):
it is estimated as (k + S) / (k + E), with the interval of a gamma (Clayton and Kaldor 1987). Few calls: close to 1.

*Alarm.* Against an agent whose odds of a success are r times the others', the likelihood ratio of a cell with t
successes, s of them his, is

    r^s / (1 - q + r q)^t

and its product over cells, averaged over r = 0.3 ... 0.8 (over 1/r for those ahead), is a test martingale: where he is
as good as the others or better, it reaches n / alpha with a chance of at most alpha / n, however often one looks
(Ville 1939). With n agents, any false alarm in a whole campaign has a chance of at most alpha. Successes are yes or no,
so that they vary less than the q above has it, by which the alarm comes rather too late than too early.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np

from telewave.kernel import Estimate, Label
from telewave.measurement.whose_success import RATIOS, evidence

Array = Any
FALSE_ALARM = 0.05
"""Chance that in a campaign any agent who is as good as the others is called low; the same for ahead."""
PRECISIONS = np.geomspace(0.5, 2_000.0, 60)


class Verdict(StrEnum):
    """What is known of an agent."""

    LOW = "low"
    AHEAD = "ahead"
    OPEN = "open"

    @property
    def label(self) -> Label:
        """For people."""
        return _LABELS[self]


_LABELS = {
    Verdict.LOW: Label("truly low", "确实偏低"),
    Verdict.AHEAD: Label("truly ahead", "确实领先"),
    Verdict.OPEN: Label("list and luck explain it", "名单和运气可以解释"),
}


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Calls:
    """Calls that reached somebody, shape (n,): number of the `agent` and of the `day`, code of the target `group`,
    `expected` chance of success, above 0, and `success`.
    """

    agent: Array
    day: Array
    group: Array
    expected: Array
    success: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFound:
    """One agent: `reached` calls, `successes`, `expected` of them; the `ratio` of the two, shrunken. `since`: the day
    of the alarm, counted as in `Calls`; `reached_then`: his calls until then. `evidence`: the greatest value of
    the martingale as a share of the bar of an alarm, at most 1.
    """

    agent: int
    reached: int
    successes: int
    expected: float
    ratio: Estimate
    verdict: Verdict
    since: int | None
    reached_then: int | None
    evidence: float

    @property
    def raw(self) -> float:
        """Success of the reached, as a raw ranking sees it."""
        return self.successes / self.reached if self.reached else 0.0


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class JudgedAgents:
    """What is known of each agent, the lowest first. `names`: by number; `first`: day of the first records. Calls that
    do not count: `unlisted` people, `unnamed` agents.
    """

    campaign: str
    title: Label
    first: date
    as_of: date
    names: tuple[str, ...]
    agents: tuple[AgentFound, ...]
    unlisted: int
    unnamed: int


def judged(calls: Calls, agents: int, false_alarm: float = FALSE_ALARM) -> tuple[AgentFound, ...]:
    """Every agent with calls, by adjusted success, the lowest first. `agents`: how many numbers there are."""
    days, groups = (int(one.max(initial=-1)) + 1 for one in (calls.day, calls.group))
    shape = (agents, days, groups)
    place: Array = np.ravel_multi_index((calls.agent, calls.day, calls.group), shape)

    def summed(weights: Array) -> Array:
        return np.bincount(place, weights=weights, minlength=agents * days * groups).reshape(shape)

    done, won, hoped = summed(np.ones(len(calls.agent))), summed(calls.success), summed(calls.expected)
    level = won.sum(axis=(0, 1)) / np.maximum(hoped.sum(axis=(0, 1)), 1e-300)
    expected, successes = (hoped * level).sum(axis=(1, 2)), won.sum(axis=(1, 2))
    ratios = _shrunken(successes, expected)
    low, ahead = evidence(won, hoped, RATIOS), evidence(won, hoped, 1 / RATIOS)
    many = max(1, int((done.sum(axis=(1, 2)) > 0).sum()))
    bar = many / false_alarm
    by_day = done.sum(axis=2)
    found = [
        _found(a, by_day[a], int(successes[a]), float(expected[a]), ratios[a], (low[a], ahead[a]), bar)
        for a in range(agents)
        if by_day[a].any()
    ]
    return tuple(sorted(found, key=lambda one: (one.ratio.value, one.agent)))


def _found(
    agent: int,
    reached: Array,
    successes: int,
    expected: float,
    ratio: Estimate,
    martingales: tuple[Array, Array],
    bar: float,
) -> AgentFound:
    low, ahead = martingales
    verdict, since = Verdict.OPEN, None
    for kind, path in ((Verdict.LOW, low), (Verdict.AHEAD, ahead)):
        over = np.flatnonzero(path >= bar)
        if len(over):
            verdict, since = kind, int(over[0])
            break
    return AgentFound(
        agent=agent,
        reached=int(reached.sum()),
        successes=successes,
        expected=expected,
        ratio=ratio,
        verdict=verdict,
        since=since,
        reached_then=None if since is None else int(reached[: since + 1].sum()),
        evidence=float(min(1.0, max(low.max(), ahead.max()) / bar)),
    )


def _shrunken(successes: Array, expected: Array) -> list[Estimate]:
    """Empirical Bayes estimates of successes over expected ones, shape (agents,) both."""
    from scipy.special import gammaincinv

    k = _precision(successes, expected)
    shape, rate = k + successes, k + expected
    ends = [gammaincinv(shape, end) / rate for end in (0.025, 0.975)]
    return [
        Estimate(value=float(v), low=float(a), high=float(b), n=round(e), method="gamma-Poisson")
        for v, a, b, e in zip(shape / rate, *ends, expected, strict=True)
    ]


def _precision(successes: Array, expected: Array) -> float:
    """The k with the greatest negative binomial likelihood."""
    from scipy.special import gammaln

    known = expected > 0
    s, e = successes[known], expected[known]
    fits = [
        float((gammaln(k + s) - gammaln(k) + k * np.log(k / (k + e)) + s * np.log(e / (k + e))).sum())
        for k in PRECISIONS
    ]
    return float(PRECISIONS[int(np.argmax(fits))])
