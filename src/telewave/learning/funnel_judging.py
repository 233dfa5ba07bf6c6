"""Two versions of a funnel judged on the contacts after both were learnt. Pure, on arrays.

Of a contact the records tell some steps (`funnel/steps.py`). A version of the funnel gives each the chance p of its
channel, group and offer; its log loss is - log p where the step was taken, else - log (1 - p), summed over the steps
told. G: the champion's less the challenger's. What is judged is the mean of G over contacts; a household's contacts
count as one draw.

Steps are compared where both versions and the later records tell them apart: steps that one of the three takes
together are taken together in all.

The verdict is `telling.verdict_on`; G varies as the champion expects by sum p (1 - p) (logit p - logit p')^2 over the
steps that are come to.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from telewave.funnel.assumptions import chain_belief
from telewave.funnel.learning import chain_of, covered
from telewave.funnel.model import Cell, Funnel
from telewave.funnel.steps import Outcome, Step, Tracking, steps_of, told, tried
from telewave.learning.model import Judged, StepScore
from telewave.learning.telling import Care, Gains, verdict_on

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Chain: TypeAlias = tuple[Step, ...]

FEWEST = 200
"""Later contacts below which nothing is said."""
CARE = Care(expected=2_000, fewest=FEWEST)
EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Kind:
    """What the records tell of a contact, and of whom with what."""

    outcome: Outcome
    group: str
    offer: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Later:
    """Contacts of [first, end), one entry each: its kind by place in `kinds`, and its household as a number."""

    first: date
    end: date
    kinds: Sequence[Kind]
    kind: Numbers
    household: Numbers


@dataclass(slots=True, kw_only=True)
class _Tally:
    """Sums of a step over the contacts that could take it."""

    n: float = 0.0
    took: float = 0.0
    chance: tuple[float, float] = (0.0, 0.0)
    brier: tuple[float, float] = (0.0, 0.0)
    gain: float = 0.0

    def add(self, n: float, took: bool, chances: tuple[float, float]) -> None:
        self.n += n
        self.took += n * took
        self.chance = _summed(self.chance, [n * one for one in chances])
        self.brier = _summed(self.brier, [n * (took - one) ** 2 for one in chances])
        self.gain += n * _gained(took, chances)


def _summed(one: tuple[float, float], other: Sequence[float]) -> tuple[float, float]:
    return one[0] + other[0], one[1] + other[1]


def judged(champion: Funnel, challenger: Funnel, later: Later) -> Judged:
    """What the later contacts say of both."""
    chains = _chains(champion, challenger, later)
    counts = np.bincount(later.kind, minlength=len(later.kinds)).astype(np.float64)
    gain, loss, spread = (np.zeros(len(later.kinds)) for _ in range(3))
    tallies: dict[tuple[str, Chain], _Tally] = defaultdict(_Tally)
    for k, kind in enumerate(later.kinds):
        channel = kind.outcome.channel
        come = 1.0
        for covers, took in _told_steps(kind, chains[channel]):
            chances = tuple(_chance(one, kind, covers) for one in (champion, challenger))
            pair = (chances[0], chances[1])
            spread[k] += come * pair[0] * (1 - pair[0]) * (_logit(pair[0]) - _logit(pair[1])) ** 2
            come *= pair[0]
            if took is not None and counts[k]:
                gain[k] += _gained(took, pair)
                loss[k] += _loss(took, pair[0])
                tallies[channel, covers].add(float(counts[k]), took, pair)
    scores = tuple(_score(channel, covers, one) for (channel, covers), one in tallies.items())
    gains = Gains(
        first=later.first,
        end=later.end,
        gain=gain[later.kind],
        loss=loss[later.kind],
        household=later.household,
        variance=float(counts @ spread / max(counts.sum(), 1.0)),
        told=len(later.kind),
    )
    return verdict_on(gains, CARE, steps=scores)


def _told_steps(kind: Kind, chain: tuple[Chain, Tracking]) -> list[tuple[Chain, bool | None]]:
    """The channel's steps as they are compared, with whether the contact took each (None: not told)."""
    common, tracking = chain
    steps, said = steps_of(kind.outcome.channel), told(kind.outcome, tracking)
    return [
        (covered(steps, common, place), tried(said, steps, common, step)) for place, step in enumerate(common)
    ]


def _chains(champion: Funnel, challenger: Funnel, later: Later) -> Mapping[str, tuple[Chain, Tracking]]:
    """By channel: the steps that both versions and the later records tell apart, and what its systems track."""
    found = {}
    for channel in {kind.outcome.channel for kind in later.kinds}:
        mine = [kind.outcome for kind in later.kinds if kind.outcome.channel == channel]
        tracking = Tracking.of({one.disposition for one in mine})
        steps = steps_of(channel)
        common = set(chain_of([told(one, tracking) for one in mine], steps))
        for funnel in (champion, challenger):
            for cell in funnel.cells:
                if cell.channel == channel:
                    common &= {one.step for one in cell.steps}
        found[channel] = tuple(step for step in steps if step in common), tracking
    return found


def _chance(funnel: Funnel, kind: Kind, covers: Chain) -> float:
    """What the version says of these steps: of the cell, else of its group with the offer that most were contacted
    for, else as believed.
    """
    mine = [one for one in funnel.cells if one.channel == kind.outcome.channel and one.group == kind.group]
    if not mine:
        return _within(chain_belief(kind.outcome.channel, kind.group, covers).chance)
    cell = next((one for one in mine if one.offer == kind.offer), max(mine, key=lambda one: one.attempts))
    return _within(_of_cell(cell, covers))


def _of_cell(cell: Cell, covers: Chain) -> float:
    return math.prod(one.estimate.value for one in cell.steps if one.step in covers)


def _within(chance: float) -> float:
    return min(max(chance, EDGE), 1 - EDGE)


def _gained(took: bool, chances: tuple[float, float]) -> float:
    return _loss(took, chances[0]) - _loss(took, chances[1])


def _loss(took: bool, chance: float) -> float:
    return -math.log(chance if took else 1 - chance)


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


def _score(channel: str, covers: Chain, one: _Tally) -> StepScore:
    return StepScore(
        channel=channel, covers=covers, n=int(one.n), took=one.took / one.n, champion=one.chance[0] / one.n,
        challenger=one.chance[1] / one.n, champion_brier=one.brier[0] / one.n,
        challenger_brier=one.brier[1] / one.n, gain=one.gain / one.n,
    )  # fmt: skip
