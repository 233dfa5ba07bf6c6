"""Which hours, agents and scripts go with a step's chance: a logit with an effect a level, pooled. Pure, on arrays.

    logit p_i = t_c + s_i b + sum over factors f of u_f,l(i),    u_f,l ~ N(0, tau_f^2)
    t_c ~ N(logit p, 4),    b ~ N(0, 1)

c: the cell (group and offer) of the record, s: its score, l(i): its level of the factor. tau_f ~ half-normal of scale
`SCALE`: levels may well be alike, and then all are drawn to the same. The logs of the marginal likelihoods are
Laplace's (levels have many records, or lean on the others); one factor's tau runs over a grid while the others' stay at
their likeliest, found in turn. What is told of a level is the chance that all records together would have had at it,
whatever list, hour and script its own came with, and its interval that of the level beside the mean of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.special import expit, log_expit, logit

from telewave.kernel.intervals import TAILS, Z95

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SPREADS = np.geomspace(0.03, 1.5, 12)
"""The grid of tau."""
SCALE = 0.5
CELL_VARIANCE = 4.0
SWEEPS = 2
MOST_NEWTON = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """Records of a step, those alike together. Shapes (rows,): `cell`, `score`, `n` of which `yes` took it, and
    `levels` of each factor (factors, rows), numbered from 0.
    """

    cell: Integers
    score: Floats
    n: Floats
    yes: Floats
    levels: Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Differences:
    """Of one factor, shapes (levels,): `chance` at each level with its 95 % limits, `records`. `spread`: the standard
    deviation of its levels in log odds, with its limits. `usual`: the chance of all records.
    """

    chance: Floats
    low: Floats
    high: Floats
    records: Integers
    spread: tuple[float, float, float]
    usual: float


def differences(tried: Tried) -> list[Differences]:
    """One a factor."""
    model = _Model.of(tried)
    spread = [0.2] * len(tried.levels)
    weights: list[Floats] = [np.ones(len(SPREADS)) for _ in spread]
    start = np.zeros(model.design.shape[1])
    for _ in range(SWEEPS):
        for f in range(len(spread)):
            found = [model.fitted(_with(spread, f, tau), start) for tau in SPREADS]
            log = np.array([one.log for one in found]) - (SPREADS / SCALE) ** 2 / 2 + np.log(SPREADS)
            weights[f] = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
            best = int(weights[f].argmax())
            spread[f], start = float(SPREADS[best]), found[best].theta
    return [_told(model, tried, f, spread, weights[f], start) for f in range(len(spread))]


def _with(spread: Sequence[float], f: int, tau: float) -> list[float]:
    return [*spread[:f], tau, *spread[f + 1 :]]


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    theta: Floats
    covariance: Floats
    log: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Model:
    """`design`: columns of the cells, the score, and each factor's levels from `begins` on."""

    design: csr_array
    begins: tuple[int, ...]
    n: Floats
    yes: Floats
    offset: float

    @staticmethod
    def of(tried: Tried) -> _Model:
        """The columns of the rows."""
        rows, sizes = len(tried.n), [int(one.max()) + 1 for one in tried.levels]
        cells = int(tried.cell.max()) + 1
        ends = np.cumsum([cells + 1, *sizes])
        centred = tried.score - tried.n @ tried.score / tried.n.sum()
        columns = [
            tried.cell,
            np.full(rows, cells),
            *(one + at for one, at in zip(tried.levels, ends, strict=False)),
        ]
        values = [np.ones(rows), centred, *(np.ones(rows) for _ in sizes)]
        place = np.tile(np.arange(rows), len(columns))
        shape = (rows, int(ends[-1]))
        design = csr_array((np.concatenate(values), (place, np.concatenate(columns))), shape=shape)
        share = (tried.yes.sum() + 0.5) / (tried.n.sum() + 1)
        return _Model(
            design=design, begins=tuple(ends.tolist()), n=tried.n, yes=tried.yes, offset=float(logit(share))
        )

    def fitted(self, spread: Sequence[float], start: Floats) -> _Fitted:
        """The mode given each factor's tau, its covariance, and the log of the marginal likelihood."""
        precision = np.full(self.design.shape[1], 1 / CELL_VARIANCE)
        precision[self.begins[0] - 1] = 1.0
        for tau, a, b in zip(spread, self.begins, self.begins[1:], strict=False):
            precision[a:b] = 1 / tau**2
        theta, value = start, self._objective(start, precision)
        for _ in range(MOST_NEWTON):
            p = expit(self.offset + self.design @ theta)
            slope = self.design.T @ (self.yes - self.n * p) - precision * theta
            step, size = np.linalg.solve(self._curvature(theta, precision), slope), 1.0
            while (reached := self._objective(theta + size * step, precision)) < value - 1e-9 and size > 1e-6:
                size /= 2
            theta, value = theta + size * step, reached
            if np.abs(step).max() < 1e-6:
                break
        curvature = self._curvature(theta, precision)
        log = value + np.log(precision).sum() / 2 - np.linalg.slogdet(curvature)[1] / 2
        covariance: Floats = np.asarray(np.linalg.inv(curvature), dtype=np.float64)
        return _Fitted(theta, covariance, float(log))

    def _objective(self, theta: Floats, precision: Floats) -> float:
        eta = self.offset + self.design @ theta
        fit = self.yes @ log_expit(eta) + (self.n - self.yes) @ log_expit(-eta)
        return float(fit - precision @ theta**2 / 2)

    def _curvature(self, theta: Floats, precision: Floats) -> Floats:
        p = expit(self.offset + self.design @ theta)
        weighted = diags_array(self.n * p * (1 - p)) @ self.design
        found: Floats = (self.design.T @ weighted).toarray() + np.diag(precision)
        return found


def _told(
    model: _Model, tried: Tried, f: int, spread: Sequence[float], weights: Floats, start: Floats
) -> Differences:
    """The levels of factor `f`: over the grid of its tau, means and variances of what each adds beside the mean."""
    a, b = model.begins[f], model.begins[f + 1]
    own = np.bincount(tried.levels[f], tried.n, b - a)
    apart = np.eye(b - a) - own / own.sum()
    means, variances, other = np.zeros((2, b - a)), np.zeros(b - a), np.zeros(len(tried.n))
    for weight, tau in zip(weights, SPREADS, strict=True):
        if weight < 1e-4:
            continue
        made = model.fitted(_with(spread, f, tau), start)
        added = apart @ made.theta[a:b]
        variance = np.einsum("ij,jk,ik->i", apart, made.covariance[a:b, a:b], apart)
        means += weight * np.array([added, added**2])
        variances += weight * variance
        eta = model.offset + model.design @ made.theta
        other += weight * (eta - added[tried.levels[f]])
    error = np.sqrt(variances + np.maximum(0.0, means[1] - means[0] ** 2))
    ends = [means[0], means[0] - Z95 * error, means[0] + Z95 * error]
    chance, low, high = (_standardised(other, tried.n, at) for at in ends)
    share = (np.cumsum(weights) - weights / 2) / weights.sum()
    limits = np.exp(np.interp(TAILS, share, np.log(SPREADS)))
    return Differences(
        chance=chance, low=low, high=high, records=own.astype(np.int64),
        spread=(float(weights @ SPREADS / weights.sum()), float(limits[0]), float(limits[1])),
        usual=float(tried.yes.sum() / tried.n.sum()),
    )  # fmt: skip


def _standardised(other: Floats, n: Floats, added: Floats) -> Floats:
    """The mean chance of all records, each with its other effects, at every level."""
    return np.array([n @ expit(other + one) / n.sum() for one in added])
