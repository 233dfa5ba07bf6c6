"""How good a ranking by effect is: the Qini curve, its relative area, and how sure that is. Pure, on arrays.

Of a list with the best first, g(s) is what contacting its best share s brings, a head of the whole list's treated: g(s)
= (Yt(s) - Yc(s) Nt(s) / Nc(s)) / Nt(1), Y the summed outcomes and N the numbers of treated and control among the best s
(Radcliffe 2007, "Using control groups to target on predicted lift", Direct Marketing Analytics Journal). A list in
random order brings s g(1), the straight line. The *relative Qini* is the area between the curve and that line over the
area under the line, g(1) / 2: 0 is no better than by lot; 0.3 says that over all lengths of list 30 % more is brought
than by as many drawn by lot; 1 were all of the effect from the first on the list. (Radcliffe divides by the area of a
perfect ranking, which nobody knows.) Where g(1) may be 0 there is no relative Qini, and only the area itself is told.

Scores of different folds come from different models: each fold is ranked by itself, and the folds' lists are
merged by place. Otherwise a fold that happened to show a large effect would be ranked low by models that had
not seen it, and every ranking would look bad.

Intervals: Poisson bootstrap of rows, or of clusters; all rankings on the same resamples, so that their differences have
intervals too. A ranking that was learnt from the rows it is judged on, by folds, is judged on several splits into
folds, and its figures are their mean. The bootstrap of the rankings as they are is too narrow for it. Where all are
moved alike the judged sum is T = sum of e_i w_i: e_i the noise of row i and w_i its place, itself made of the noise of
rows in other folds. To first order w_i = sum of a_ij e_j, and

    Var T = sum over pairs of (a_ij + a_ji)^2 <= 2 x sum of a_ij^2 + a_ji^2 = 2 x what the bootstrap sees,

with equality for a ranking by likeness (a_ij = a_ji): a pair of rows that happens to agree helps twice, in the fold of
each (Wager 2024, "Sequential validation of treatment heterogeneity", shows the same of the t test over folds). So the
bootstrap's half widths count `sqrt(LEARNT)` times, and the standard error of the mean over splits comes on top. Where
the effects really differ, the ranking hangs less on the noise, and the interval is wider than it need be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from telewave.experiments.moments import Booleans, Floats, Integers
from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import TAILS, Z95

CELLS = 500
RESAMPLES = 400
DEPTHS = (0.1, 0.2, 0.3, 0.5, 0.7)
LEARNT = 2.0
"""How many times the variance of a fixed ranking that of a learnt one may be, see the module's text."""
METHOD = "Poisson bootstrap, {n} resamples"
METHOD_LEARNT = "Poisson bootstrap, {n} resamples, variance x {times:g}, {splits} splits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One ranking. `area`: between curve and line, in the outcome's unit a head; `curve`: (share of the list, g);
    `brought`: share of the whole effect that the best of each depth bring, unknown where the whole effect may be 0.
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
    places: Mapping[str, Sequence[Floats]],
    outcome: Floats,
    treated: Booleans,
    *,
    cluster: Integers | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
    learnt: bool = True,
) -> Judged:
    """Judge rankings of rows, each by the `list_places` of its rows on each split; the first is
    the one that the others are compared with.

    `learnt`: from these very rows, out of fold; else the rankings were there before.
    """
    codes = {name: [_codes(place, treated) for place in splits] for name, splits in places.items()}
    once = np.ones(len(outcome))
    exact = {name: np.array([_gains(code, outcome, once) for code in each]) for name, each in codes.items()}
    drawn = {name: np.empty((resamples, CELLS + 1)) for name in places}
    for k, weight in enumerate(_weights(len(outcome), cluster, seed, resamples)):
        for name, each in codes.items():
            drawn[name][k] = np.mean([_gains(code, outcome, weight) for code in each], axis=0)
    first = next(iter(places))
    plain = METHOD.format(n=resamples)
    method = METHOD_LEARNT.format(n=resamples, times=LEARNT, splits=len(places[first])) if learnt else plain
    effect = _estimate(exact[first][:, -1], drawn[first][:, -1], len(outcome), plain, learnt=False)
    ahead = {
        name: _estimate(
            _area(exact[first]) - _area(exact[name]), _area(drawn[first]) - _area(drawn[name]), len(outcome), method,
            learnt=learnt,
        )
        for name in places
        if name != first
    }  # fmt: skip
    rankings = tuple(
        _ranked(name, exact[name], drawn[name], effect, method, learnt=learnt) for name in places
    )
    return Judged(effect=effect, rankings=rankings, ahead=ahead)


def _weights(rows: int, cluster: Integers | None, seed: int, resamples: int) -> Iterator[Floats]:
    """How often each row stands in each resample."""
    draw = np.random.default_rng(seed)
    units = rows if cluster is None else int(cluster.max()) + 1
    for _ in range(resamples):
        weight = draw.poisson(1.0, units).astype(np.float64)
        yield weight if cluster is None else weight[cluster]


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


def _area(gains: Floats) -> Floats:
    """Between each curve and the straight line to its end, shape (m,) of curves of shape (m, CELLS + 1)."""
    return np.asarray(np.trapezoid(gains, dx=1 / CELLS, axis=-1) - gains[..., -1] / 2)


def _ranked(
    name: str, exact: Floats, drawn: Floats, effect: Estimate, method: str, *, learnt: bool
) -> Ranked:
    sure = effect.low > 0 or effect.high < 0
    relative: Estimate | Inconclusive = Inconclusive(
        Message("The effect of contacting all may be 0, so there is nothing to take a share of.")
    )
    brought: tuple[tuple[float, Estimate], ...] = ()

    def estimate(found: Floats, resampled: Floats) -> Estimate:
        return _estimate(found, resampled, effect.n, method, learnt=learnt)

    if sure:
        relative = estimate(*(_area(each) / (np.abs(each[:, -1]) / 2) for each in (exact, drawn)))
        steps = [(depth, round(depth * CELLS)) for depth in DEPTHS]
        brought = tuple(
            (depth, estimate(*(each[:, k] / each[:, -1] for each in (exact, drawn)))) for depth, k in steps
        )
    mean = exact.mean(axis=0)
    curve = tuple((k / CELLS, float(mean[k])) for k in range(0, CELLS + 1, CELLS // 50))
    area = estimate(_area(exact), _area(drawn))
    return Ranked(name=name, area=area, relative=relative, curve=curve, brought=brought)


def _estimate(found: Floats, drawn: Floats, n: int, method: str, *, learnt: bool) -> Estimate:
    """The mean of what the splits `found`, with the interval of its resamples, see the module's text."""
    value = float(found.mean())
    low, high = (float(bound) for bound in np.quantile(drawn, TAILS))
    made = Estimate(value=value, low=min(low, value), high=max(high, value), n=n, method=method)
    if not learnt:
        return made
    split = Z95 * float(found.std(ddof=1)) / math.sqrt(len(found)) if len(found) > 1 else 0.0
    return widened(made, split)


def widened(made: Estimate, beside: float = 0.0) -> Estimate:
    """The interval of what was chosen by a ranking learnt from the same rows: half widths times
    sqrt(`LEARNT`), and with `beside` squared in.
    """
    below, above = (
        math.hypot(math.sqrt(LEARNT) * reach, beside)
        for reach in (made.value - made.low, made.high - made.value)
    )
    return replace(made, low=made.value - below, high=made.value + above)
