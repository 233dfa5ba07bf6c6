"""How good a ranking by effect is: the Qini curve, its relative area, and how sure that is. Pure, on arrays.

Of a list with the best first, g(s) is what contacting its best share s brings, a head of the whole list's treated:
g(s) = (Yt(s) - Yc(s) Nt(s) / Nc(s)) / Nt(1), Y the summed outcomes and N the numbers of treated and control among the best s
(Radcliffe 2007, "Using control groups to target on predicted lift", Direct Marketing Analytics Journal). A list in random order brings
s g(1), the straight line. The *relative Qini* is the area between the curve and that line over the area under the line, g(1) / 2:
0 is no better than by lot; 0.3 says that over all lengths of list 30 % more is brought than by as many drawn by lot; 1 were all of the
effect from the first on the list. (Radcliffe divides by the area of a perfect ranking, which nobody knows.) Where g(1) may be 0 there is
no relative Qini, and only the area itself is told.

Scores of different folds come from different models: each fold is ranked by itself, and the folds' lists are merged by place. Otherwise
a fold that happened to show a large effect would be ranked low by models that had not seen it, and every ranking would look bad.

Intervals: Poisson bootstrap of rows, or of clusters, on the rankings as they are; all rankings on the same resamples, so that their
differences have intervals too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from telewave.experiments.moments import Booleans, Floats, Integers
from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import TAILS

CELLS = 500
RESAMPLES = 400
DEPTHS = (0.1, 0.2, 0.3, 0.5, 0.7)
METHOD = "Poisson bootstrap, {n} resamples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One ranking. `area`: between curve and line, in the outcome's unit a head; `curve`: (share of the list, g); `brought`: share of the
    whole effect that the best of each depth bring, unknown where the whole effect may be 0.
    """

    name: str
    area: Estimate
    relative: Estimate | Inconclusive
    curve: tuple[tuple[float, float], ...]
    brought: tuple[tuple[float, Estimate], ...]

    @property
    def better_than_lot(self) -> bool:
        """Whether the interval says so."""
        return self.area.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All rankings, the effect of contacting all, and by how much the first ranking's area exceeds each other's."""

    effect: Estimate
    rankings: tuple[Ranked, ...]
    ahead: Mapping[str, Estimate]


def list_places(score: Floats, fold: Integers, seed: int) -> Floats:
    """The place of each row in the merged list, in (0, 1), the best first; equal scores stand in random order."""
    lot = np.random.default_rng(seed).random(len(score))
    found = np.zeros(len(score))
    for number in np.unique(fold):
        mine = np.flatnonzero(fold == number)
        order = np.lexsort((lot[mine], -score[mine]))
        found[mine[order]] = (np.arange(len(mine)) + 0.5) / len(mine)
    return found


def judged(
    places: Mapping[str, Floats],
    outcome: Floats,
    treated: Booleans,
    *,
    cluster: Integers | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Judged:
    """Judge rankings of rows, each by the `list_places` of its rows; the first is the one that the others are compared with."""
    codes = {name: _codes(place, treated) for name, place in places.items()}
    exact = {name: _gains(code, outcome, np.ones(len(outcome))) for name, code in codes.items()}
    draw = np.random.default_rng(seed)
    units = len(outcome) if cluster is None else int(cluster.max()) + 1
    drawn: dict[str, list[Floats]] = {name: [] for name in places}
    for _ in range(resamples):
        weight = draw.poisson(1.0, units).astype(np.float64)
        weight = weight if cluster is None else weight[cluster]
        for name, code in codes.items():
            drawn[name].append(_gains(code, outcome, weight))
    n, method = len(outcome), METHOD.format(n=resamples)
    first = next(iter(places))
    whole = [g[-1] for g in drawn[first]]
    effect = _estimate(float(exact[first][-1]), np.array(whole), n, method)
    areas = {name: np.array([_area(g) for g in drawn[name]]) for name in places}
    ahead = {
        name: _estimate(_area(exact[first]) - _area(exact[name]), areas[first] - areas[name], n, method)
        for name in places
        if name != first
    }
    rankings = tuple(
        _ranked(name, exact[name], np.array(drawn[name]), areas[name], effect, method) for name in places
    )
    return Judged(effect=effect, rankings=rankings, ahead=ahead)


def _codes(place: Floats, treated: Booleans) -> Integers:
    """Cell of the list and arm of each row in one number."""
    return np.minimum((place * CELLS).astype(np.int64), CELLS - 1) * 2 + treated


def _gains(code: Integers, outcome: Floats, weight: Floats) -> Floats:
    """What the list brings, g, at 0 and at the end of each cell, shape (CELLS + 1,)."""
    number = np.bincount(code, weights=weight, minlength=2 * CELLS).reshape(CELLS, 2).cumsum(axis=0)
    summed = np.bincount(code, weights=weight * outcome, minlength=2 * CELLS).reshape(CELLS, 2).cumsum(axis=0)
    ratio = np.divide(number[:, 1], number[:, 0], out=np.zeros(CELLS), where=number[:, 0] > 0)
    gained = np.where(number[:, 0] > 0, summed[:, 1] - summed[:, 0] * ratio, 0.0)
    return np.concatenate([[0.0], gained / max(number[-1, 1], 1e-300)])


def _area(gains: Floats) -> float:
    """Between the curve and the straight line to its end."""
    return float(np.trapezoid(gains, dx=1 / CELLS) - gains[-1] / 2)


def _ranked(name: str, exact: Floats, drawn: Floats, areas: Floats, effect: Estimate, method: str) -> Ranked:
    sure = effect.low > 0 or effect.high < 0
    half = np.abs(drawn[:, -1]) / 2
    relative: Estimate | Inconclusive = Inconclusive(
        Message("The effect of contacting all may be 0, so there is nothing to take a share of.")
    )
    brought: tuple[tuple[float, Estimate], ...] = ()
    if sure:
        relative = _estimate(_area(exact) / (abs(exact[-1]) / 2), areas / half, effect.n, method)
        steps = [(depth, round(depth * CELLS)) for depth in DEPTHS]
        brought = tuple(
            (depth, _estimate(float(exact[k] / exact[-1]), drawn[:, k] / drawn[:, -1], effect.n, method))
            for depth, k in steps
        )
    curve = tuple((k / CELLS, float(exact[k])) for k in range(0, CELLS + 1, CELLS // 50))
    area = _estimate(_area(exact), areas, effect.n, method)
    return Ranked(name=name, area=area, relative=relative, curve=curve, brought=brought)


def _estimate(value: float, drawn: Floats, n: int, method: str) -> Estimate:
    low, high = np.quantile(drawn, TAILS)
    value = float(value)
    return Estimate(value, min(float(low), value), max(float(high), value), n, method)
