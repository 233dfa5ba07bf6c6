"""CUPED: what was known of each unit before takes away noise, not effect. Pure.

Deng, Xu, Kohavi and Walker (2013), "Improving the sensitivity of online controlled experiments by utilizing
pre-experiment data", WSDM: of each outcome y is taken away theta (x - mean x), theta = cov(y, x) / var(x), both within
the arms and pooled over them. Since the draw cannot have changed x, the difference of the arms stays what it is, and
its variance falls by the squared correlation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from telewave.experiments.moments import COVARIATE, ROWS, Moments
from telewave.kernel import Inconclusive, Message

SAME = 0.999
"""From this correlation on a covariate says the outcome itself."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`slope`: theta; `centre`: the covariate's mean a row over all arms;
    `correlation` with the outcome within the arms.
    """

    slope: float
    centre: float
    correlation: float


def adjustment(arms: Sequence[Moments], before: str, outcome: str) -> Adjustment | Inconclusive:
    """How to adjust the arms' outcomes by what the column `before` knew, or why not."""
    products = [arm.residual_products() for arm in arms]
    xx, xy, yy = (sum(column) for column in zip(*products, strict=True))
    rows = sum(arm.rows for arm in arms)
    centre = sum(arm.units * float(arm.mean[COVARIATE]) for arm in arms) / rows
    if xx <= 1e-12 * rows * max(1.0, centre * centre):
        return Inconclusive(
            Message("{before} is the same in all rows: there is nothing to adjust by.", before=before)
        )
    correlation = xy / math.sqrt(xx * yy) if yy > 0 else 0.0
    if abs(correlation) >= SAME:
        return Inconclusive(
            Message(
                "{before} says the outcome {outcome} itself (correlation {correlation:.3f}), so it is not "
                "from before; adjusting by it would take the effect away. Name a column that was known "
                "before the draw.",
                before=before,
                outcome=outcome,
                correlation=correlation,
            )
        )
    return Adjustment(xy / xx, centre, correlation)


def mean_before(arm: Moments) -> float:
    """The covariate's mean a row in an arm."""
    return float(arm.mean[COVARIATE] / arm.mean[ROWS])
