"""The chance of one step in many cells at once: a hierarchical logit whose prior is the belief. Pure, on arrays.

Record i of cell c takes the step with

    logit p_i = t_c + x_i' b,    t_c ~ N(logit(m_c) + a, tau^2),    a ~ N(0, 1 / (w m (1 - m))),    b ~ N(0, 1)

m_c: the belief of the cell; a: by how much the channel as a whole differs from what was believed, its prior as strong
as w records (w, m: the smallest weight among the cells' beliefs, and that cell's belief); t_c: the cell's own level; x:
covariates, centred within the cell; tau ~ Rayleigh of scale `SCALE`, so that not knowing how much cells differ widens
the intervals. Its density vanishes at 0: cells do differ, and a density that is greatest there (half-normal) took them
for too alike, so that 95 % intervals held 94 % where tau was 0.3 to 0.6 (Chung et al. 2013, Psychometrika 78, on
priors that avoid 0). For each tau of a grid:

1. the mode of (a, b, t) by Newton's method on the concave log-posterior; b stays there;
2. a runs over a grid around its mode, and the marginal likelihood of each cell given (a, tau) is integrated over t_c by
   adaptive Gauss-Hermite quadrature (Liu and Pierce 1994, Biometrika 81), exact for rare events too, where Laplace's
   approximation is not (it would take 2 of 60 for a tenth too much).

So each (a, tau) has a posterior weight W, and the posterior of t_c is its likelihood times the mixture of normals
sum W / L_c N(logit(m_c) + a, tau^2), L_c the cell's marginal likelihood there, on a grid of t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit, logsumexp

from telewave.funnel.assumptions import Belief
from telewave.kernel.intervals import TAILS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SPREADS = np.geomspace(0.06, 2.5, 16)
"""The grid of tau."""
SCALE = 0.5
"""The likeliest tau beforehand: a cell differs from the others by a factor of 1.6 at one standard deviation."""
SHIFTS = np.linspace(-4.5, 4.5, 46)
"""The grid of a, in its standard errors around its mode."""
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(11)
LEAST = 1e-9
"""Weight below which a pair of tau and a is left out."""
LEVELS = 301
"""Points of the grid of a cell's level."""
MOST_NEWTON = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Records of a step, those alike together. Shapes: `cell`, `n`, `yes` (rows,), `x` (rows, covariates).

    `cell` indexes the beliefs; `n` records (above 0) of which `yes` took the step.
    """

    cell: Integers
    n: Floats
    yes: Floats
    x: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooled:
    """What was found, one entry a cell: `chance` with its 95 % interval, `records` behind it. `shift`: how far the
    whole lies from the belief, on the logit scale; `spread`: tau's mean.
    """

    chance: Floats
    low: Floats
    high: Floats
    records: Integers
    shift: float
    spread: float


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Records by cell as padded tables, shape (cells, rows a cell): what x adds to the level, `n` and `yes`."""

    added: Floats
    n: Floats
    yes: Floats

    def likelihood(self, level: Floats) -> Floats:
        """The log-likelihood of each cell at its levels, shapes (..., cells)."""
        eta = level[..., None] + self.added
        found: Floats = (self.yes * log_expit(eta) + (self.n - self.yes) * log_expit(-eta)).sum(axis=-1)
        return found

    def of(self, cell: int) -> _Rows:
        """One cell's rows."""
        return _Rows(self.added[[cell]], self.n[[cell]], self.yes[[cell]])

    def chance(self, level: Floats) -> Floats:
        """The mean chance over each cell's own records; without any, at the level itself."""
        size = self.n.sum(axis=1)
        mean = (self.n * expit(level[..., None] + self.added)).sum(axis=-1) / np.maximum(size, 1e-300)
        return np.where(size > 0, mean, expit(level))


def pooled(counts: Counts, beliefs: Sequence[Belief]) -> Pooled:
    """The chances of all cells of a step; cells without records lean on the others and on the belief."""
    prior = logit(np.array([one.chance for one in beliefs]))
    weakest = min(beliefs, key=lambda one: one.weight)
    common = 1 / (weakest.weight * weakest.chance * (1 - weakest.chance))
    centred = _centred(counts, len(beliefs))
    parts = [_given(counts, centred, prior, common, tau) for tau in SPREADS]
    log = np.array([one.log for one in parts])
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    rows = parts[int(weights.sum(axis=1).argmax())].rows
    chance, low, high = _posterior(parts, weights, prior, rows)
    return Pooled(
        chance=chance,
        low=low,
        high=high,
        records=np.bincount(counts.cell, counts.n, len(beliefs)).astype(np.int64),
        shift=float(sum(w @ one.shift for w, one in zip(weights, parts, strict=True))),
        spread=float(weights.sum(axis=1) @ SPREADS),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Given:
    """For one tau: the grid of a (`shift`, shape (k,)), the log of its joint density with the records (k,), of each
    cell's marginal likelihood (k, cells), its level's mode and standard error (k, cells), and the cells' rows.
    """

    shift: Floats
    log: Floats
    cells: Floats
    levels: Floats
    errors: Floats
    rows: _Rows


def _given(counts: Counts, x: Floats, prior: Floats, common: float, tau: float) -> _Given:
    design = _design(counts, x, len(prior))
    precision = np.concatenate([[1 / common], np.ones(x.shape[1]), np.full(len(prior), 1 / tau**2)])
    mode, error = _mode(counts, design, prior[counts.cell], precision)
    slopes = mode[1 : 1 + x.shape[1]]
    rows = _rows(counts, x @ slopes, len(prior))
    shift = mode[0] + error * SHIFTS
    cells, levels, errors = _integrated(rows, prior + shift[:, None], tau)
    # Rayleigh's density on an even grid of log tau; of a, a grid whose step is its standard error's.
    log = cells.sum(axis=1) - shift**2 / common / 2 - (tau / SCALE) ** 2 / 2 + np.log(tau**2 * error)
    log = log - slopes @ slopes / 2
    return _Given(shift=shift, log=log, cells=cells, levels=levels, errors=errors, rows=rows)


def _rows(counts: Counts, added: Floats, cells: int) -> _Rows:
    order = np.argsort(counts.cell, kind="stable")
    sizes = np.bincount(counts.cell, minlength=cells)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    tables = []
    for values in (added, counts.n, counts.yes):
        table = np.zeros((cells, max(1, int(sizes.max()))))
        table[counts.cell[order], place] = values[order]
        tables.append(table)
    return _Rows(*tables)


def _integrated(rows: _Rows, centre: Floats, tau: float) -> tuple[Floats, Floats, Floats]:
    """The log of each cell's likelihood, integrated over its level ~ N(centre, tau^2), and the level's mode and
    standard error; shapes (k, cells).
    """
    level = centre.copy()
    for _ in range(12):
        p = expit(level[..., None] + rows.added)
        slope = (rows.yes - rows.n * p).sum(axis=-1) - (level - centre) / tau**2
        curvature = (rows.n * p * (1 - p)).sum(axis=-1) + 1 / tau**2
        level = level + np.clip(slope / curvature, -2, 2)
    error = 1 / np.sqrt(curvature)
    terms = []
    for node, weight in zip(NODES, NODE_WEIGHTS, strict=True):
        at = level + error * node
        terms.append(rows.likelihood(at) - ((at - centre) / tau) ** 2 / 2 + node**2 / 2 + np.log(weight))
    found: Floats = logsumexp(terms, axis=0) + np.log(error / tau) - np.log(2 * np.pi) / 2
    return found, level, error


def _posterior(
    parts: Sequence[_Given], weights: Floats, prior: Floats, rows: _Rows
) -> tuple[Floats, Floats, Floats]:
    """Mean and 95 % limits of each cell's chance; `weights` of (tau, a), shape (taus, k)."""
    tau, shift = np.repeat(SPREADS, len(SHIFTS)), np.concatenate([one.shift for one in parts])
    held = weights.ravel() > LEAST
    tau, shift, log = tau[held], shift[held], np.log(weights.ravel()[held])
    cells, levels, errors = (
        np.concatenate([getattr(one, name) for one in parts])[held] for name in ("cells", "levels", "errors")
    )
    found = np.zeros((3, len(prior)))
    for c in range(len(prior)):
        reach = 6 * errors[:, c]
        level = np.linspace((levels[:, c] - reach).min(), (levels[:, c] + reach).max(), LEVELS)
        apart = (level[:, None] - prior[c] - shift) / tau
        mixture = logsumexp(log - cells[:, c] - np.log(tau) - apart**2 / 2, axis=1)
        mine = rows.of(c)
        density = mixture + mine.likelihood(level[:, None])[:, 0]
        mass = np.exp(density - density.max())
        share = np.cumsum(mass) - mass / 2
        ends = np.interp(TAILS, share / mass.sum(), level)
        chance = mine.chance(level[:, None])[:, 0]
        found[:, c] = (chance @ mass / mass.sum(), *mine.chance(ends[:, None])[:, 0])
    return found[0], found[1], found[2]


def _centred(counts: Counts, cells: int) -> Floats:
    """Covariates less their cell's mean, in standard deviations; those that do not vary become 0."""
    size = np.maximum(np.bincount(counts.cell, counts.n, cells), 1e-12)
    found = np.zeros_like(counts.x)
    for k in range(counts.x.shape[1]):
        column = counts.x[:, k]
        apart = column - (np.bincount(counts.cell, counts.n * column, cells) / size)[counts.cell]
        spread = np.sqrt(counts.n @ apart**2 / max(counts.n.sum(), 1e-12))
        found[:, k] = apart / spread if spread > 1e-9 else 0.0
    return found


def _design(counts: Counts, x: Floats, cells: int) -> Floats:
    """Columns of the rows: a, b, and each cell's distance from a."""
    own = np.zeros((len(counts.cell), cells))
    own[np.arange(len(counts.cell)), counts.cell] = 1.0
    return np.hstack([np.ones((len(counts.cell), 1)), x, own])


def _mode(counts: Counts, design: Floats, offset: Floats, precision: Floats) -> tuple[Floats, float]:
    """Where the log-posterior is highest, by Newton's method with halved steps, and the standard error of a there."""

    def objective(theta: Floats) -> float:
        eta = offset + design @ theta
        fit = counts.yes @ log_expit(eta) + (counts.n - counts.yes) @ log_expit(-eta)
        return float(fit - precision @ theta**2 / 2)

    def curvature(theta: Floats) -> Floats:
        p = expit(offset + design @ theta)
        found: Floats = (design * (counts.n * p * (1 - p))[:, None]).T @ design
        return found + np.diag(precision)

    theta = np.zeros(design.shape[1])
    value = objective(theta)
    for _ in range(MOST_NEWTON):
        slope = design.T @ (counts.yes - counts.n * expit(offset + design @ theta)) - precision * theta
        step, size = np.linalg.solve(curvature(theta), slope), 1.0
        while (reached := objective(theta + size * step)) < value - 1e-10 and size > 1e-6:
            size /= 2
        theta, value = theta + size * step, reached
        if np.abs(step).max() < 1e-7:
            break
    unit = np.eye(len(theta))[0]
    return theta, float(np.sqrt(np.linalg.solve(curvature(theta), unit)[0]))
