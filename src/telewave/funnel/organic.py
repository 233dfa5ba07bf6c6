"""What the contacted would have done by themselves: take-up of comparable people who were left alone. Pure, on arrays.

Contacts are not drawn by lot: the likelier are called first. With the propensity e(x) of being contacted, fitted by a
logistic regression with a slight ridge, people left alone stand for the contacted with the odds e / (1 - e):

    organic = sum w y / sum w  over those left alone,    w = e / (1 - e)

(Hirano, Imbens and Ridder 2003, Econometrica 71; the average over the treated). It holds where x tells all that decided
both the contact and the order. Contacted people whose propensity exceeds that of all but a thousandth of those left
alone, or `MOST_LIKELY`, have nobody comparable: they are left out and their share is told. The weights so stay below
`MOST_LIKELY / (1 - MOST_LIKELY)`. The interval is Wilson's with the effective number of people: (sum w)^2 / sum w^2, or
fewer where takers weigh more, m (1 - m) (sum w)^2 / sum w^2 (y - m)^2 with m the weighted share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import wilson_limits

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_LIKELY = 0.95
BOUND = MOST_LIKELY / (1 - MOST_LIKELY)
"""No weight is greater."""
FEWEST = 30
"""People on either side below which nothing is compared."""
RIDGE = 1.0
TENTHS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Organic:
    """Take-up without contact of those of the contacted who have comparables (`kept`, shape (people,)). `weights` of
    those left alone, 0 for the contacted; `overlap`: people contacted and left alone by tenth of the propensity, shape
    (2, 10); `beyond`: share of the contacted without comparables.
    """

    take_up: Estimate
    kept: Flags
    weights: Floats
    propensity: Floats
    overlap: NDArray[np.int64]
    beyond: float


def organic(contacted: Flags, took: Flags | Floats, covariates: Floats) -> Organic | Inconclusive:
    """Organic take-up of the contacted. Shapes: (people,), (people,), (people, covariates). `took`: whether each
    ordered, or how many orders he stands for.
    """
    if min(contacted.sum(), (~contacted).sum()) < FEWEST:
        return Inconclusive(
            Message("Fewer than {fewest} people were contacted, or left alone, in the window.", fewest=FEWEST)
        )
    chance = propensity(contacted, covariates)
    most = min(MOST_LIKELY, float(np.quantile(chance[~contacted], 0.999)))
    kept = contacted & (chance <= most)
    if kept.sum() < FEWEST:
        return Inconclusive(Message("Almost nobody comparable to the contacted was left alone."))
    weights = np.where(contacted | (chance > most), 0.0, chance / (1 - chance))
    total = weights.sum()
    share = float(weights @ took / total)
    alike = effective(weights, took, share)
    low, high = wilson_limits(min(share, 1.0), alike)
    tenths = np.minimum((chance * TENTHS).astype(int), TENTHS - 1)
    return Organic(
        take_up=Estimate(
            value=share, low=low, high=high, n=int((weights > 0).sum()), method="inverse propensity"
        ),
        kept=kept,
        weights=weights,
        propensity=chance,
        overlap=np.array([np.bincount(tenths[of], minlength=TENTHS) for of in (contacted, ~contacted)]),
        beyond=1 - float(kept.sum() / contacted.sum()),
    )


def effective(weights: Floats, took: Flags | Floats, share: float) -> float:
    """As how many people of one weight those of `weights` tell the share."""
    total = float(weights.sum()) ** 2
    alike = total / float((weights**2).sum())
    spread = float((weights**2) @ (took - share) ** 2)
    return min(alike, share * (1 - share) * total / spread) if 0 < share < 1 else alike


def propensity(contacted: Flags, covariates: Floats) -> Floats:
    """The chance of having been contacted, by a logistic regression on standardised covariates with ridge `RIDGE`."""
    spread = covariates.std(axis=0)
    scaled = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    design = np.hstack([np.ones((len(scaled), 1)), scaled])
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    theta = np.zeros(design.shape[1])

    def objective(at: Floats) -> float:
        eta = design @ at
        return float(np.where(contacted, log_expit(eta), log_expit(-eta)).sum() - penalty @ at**2 / 2)

    value = objective(theta)
    for _ in range(50):
        p = expit(design @ theta)
        slope = design.T @ (contacted - p) - penalty * theta
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step, size = np.linalg.solve(curvature, slope), 1.0
        while (reached := objective(theta + size * step)) < value - 1e-9 and size > 1e-6:
            size /= 2
        theta, value = theta + size * step, reached
        if np.abs(step).max() < 1e-8:
            break
    found: Floats = expit(design @ theta)
    return found
