"""How sure the rate of takers is: what was predicted beside what came, over all periods not seen and between them.
Pure.

With T takers in all judged periods, o_k / p_k observed over predicted in period k and T_k its takers,

    chance 1 / T (a Poisson number told by its logarithm) between variance of o_k / p_k - mean of (o_k / p_k)^2 / T_k,
    at least 0; from three periods of ten takers on, else 0 off log(o / p)^2 - chance - between / periods, at least 0

The first two are what a coming period adds even where the model was right so far;
the third is what it was found to be wrong by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import variance

import numpy as np

from telewave.models.model import RankingQuality, RateUncertainty

FEWEST = 10
FEWEST_PERIODS = 3


def rate_uncertainty(
    judged: RankingQuality, periods: Sequence[RankingQuality] = (), other_weight: float = 1.0
) -> RateUncertainty:
    """From the validation: `judged` all periods together, `periods` singly;
    `other_weight`: non-takers behind each that was judged.
    """
    between = _between(periods, other_weight)
    if not judged.takers or not judged.calibration:
        return RateUncertainty(judged.takers, math.sqrt(between), 0.0)
    observed, predicted = mean_rates(judged, other_weight)
    by_chance = 1 / judged.takers + between / max(len(periods), 1)
    off = max(0.0, math.log(observed / predicted) ** 2 - by_chance) if observed > 0 < predicted else 0.0
    return RateUncertainty(judged.takers, math.sqrt(between), math.sqrt(off))


def mean_rates(judged: RankingQuality, other_weight: float = 1.0) -> tuple[float, float]:
    """Share of takers observed and predicted, over all judged rows as the population that they stand for."""
    rate = np.array([b.observed.value for b in judged.calibration])
    rows = np.array([b.n for b in judged.calibration], dtype=np.float64)
    # A stretch's rows weighed as the population they stand for: takers once, others `other_weight` times.
    takers = rows * rate * other_weight / (1 - rate + rate * other_weight)
    n = takers + (rows - takers) * other_weight
    predicted = float((n * [b.predicted for b in judged.calibration]).sum() / n.sum())
    return float((n * rate).sum() / n.sum()), predicted


def _between(periods: Sequence[RankingQuality], other_weight: float) -> float:
    """Variance of observed over predicted between periods, less what chance makes of it."""
    rates = [(*mean_rates(p, other_weight), p.takers) for p in periods if p.takers >= FEWEST]
    told = [(observed / predicted, takers) for observed, predicted, takers in rates if predicted > 0]
    if len(told) < FEWEST_PERIODS:
        return 0.0
    by_chance = sum(ratio**2 / takers for ratio, takers in told) / len(told)
    return max(0.0, variance(ratio for ratio, _ in told) - by_chance)
