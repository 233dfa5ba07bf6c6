"""How good a ranking and its probabilities are, with bootstrap intervals. Pure, on arrays.

Every statistic is a function of the takers and non-takers in each *cell* of the list ordered by score: a cell is one
distinct score, or a stretch of neighbouring scores where there are more than `CELLS` of them. A Poisson bootstrap
gives each row a Poisson(1) count, so a cell's resampled takers are Poisson(takers): 500 resamples of a
million rows cost 500 draws of 2 000 cells (Chamandy et al. 2012, "Estimating uncertainty for massive data streams").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import wilson
from telewave.models.dataset import Booleans, Floats
from telewave.models.model import CalibrationBin, RankingQuality

CELLS = 2_000
FEWEST = 10
METHOD = "Poisson bootstrap, {n} resamples"


@dataclass(frozen=True, slots=True)
class Cells:
    """The list, best score first: takers and others (already weighted) in each cell, their squared errors summed.

    Arrays have shape (cells,) or (resamples, cells).
    """

    takers: Floats
    others: Floats
    taker_loss: Floats
    other_loss: Floats


def ranking_quality(
    label: Booleans, probability: Floats, *, seed: int, other_weight: float = 1.0, resamples: int = 500
) -> RankingQuality:
    """Quality of `probability` as a ranking and as a probability of `label`, both of shape (n,).

    `other_weight`: population non-takers behind each non-taker, where they were sampled. Statistics that cannot
    be told from fewer than 10 takers or 10 non-takers are `Inconclusive`.
    """
    exact = _cells(label, probability, other_weight, limit=None)
    coarse = _cells(label, probability, other_weight, limit=CELLS)
    takers = int(label.sum())
    reason = _too_few(takers, len(label) - takers)
    draws = None if reason else _resampled(coarse, other_weight, seed, resamples)

    def told(statistic: Callable[[Cells], Floats]) -> Estimate | Inconclusive:
        if reason is not None or draws is None:
            return Inconclusive(reason or Message("There are no rows to judge."))
        return _estimate(statistic, exact, coarse, draws, len(label))

    grid = np.arange(11) / 10
    gain = found(exact, np.linspace(0, 1, 51)) if takers else np.linspace(0, 1, 51)
    tenths = np.diff(found(exact, grid)) * 10 if takers else np.zeros(10)
    return RankingQuality(
        n=len(label),
        takers=takers,
        auc=told(auc),
        average_precision=told(average_precision),
        lift_best_tenth=told(lambda cells: found(cells, np.array([0.1]))[..., 0] * 10),
        gain_best_half=told(lambda cells: found(cells, np.array([0.5]))[..., 0]),
        brier=told(brier),
        gain=tuple((float(x), float(g)) for x, g in zip(np.linspace(0, 1, 51), gain, strict=True)),
        lift_by_tenth=tuple(float(x) for x in tenths),
        calibration=calibration_bins(label, probability, other_weight),
    )


def auc(cells: Cells) -> Floats:
    """Chance that a taker is ranked above a non-taker, equal scores counting half. Shape: leading axes of the cells."""
    below = cells.others.sum(-1, keepdims=True) - np.cumsum(cells.others, -1)
    won = (cells.takers * (below + cells.others / 2)).sum(-1)
    return np.asarray(won / (cells.takers.sum(-1) * cells.others.sum(-1)))


def average_precision(cells: Cells) -> Floats:
    """Mean over takers of the share of takers among all ranked at least as high (as scikit-learn defines it)."""
    takers = np.cumsum(cells.takers, -1)
    precision = takers / np.maximum(takers + np.cumsum(cells.others, -1), 1e-300)
    return np.asarray((cells.takers * precision).sum(-1) / cells.takers.sum(-1))


def brier(cells: Cells) -> Floats:
    """Mean squared difference between probability and outcome."""
    weight = cells.takers.sum(-1) + cells.others.sum(-1)
    return np.asarray((cells.taker_loss.sum(-1) + cells.other_loss.sum(-1)) / weight)


def found(cells: Cells, shares: Floats) -> Floats:
    """Share of all takers among the best `shares` of the list; inside a cell takers are spread evenly.

    Shape: leading axes of the cells, then `shares`.
    """
    takers = np.cumsum(cells.takers, -1)
    length = np.cumsum(cells.takers + cells.others, -1)
    flat_t, flat_l = takers.reshape(-1, takers.shape[-1]), length.reshape(-1, takers.shape[-1])
    rows = [
        np.interp(shares, np.r_[0.0, n / n[-1]], np.r_[0.0, t / t[-1]])
        for t, n in zip(flat_t, flat_l, strict=True)
    ]
    return np.asarray(rows).reshape(*takers.shape[:-1], len(shares))


def calibration_bins(
    label: Booleans, probability: Floats, other_weight: float = 1.0, wanted: int = 10
) -> tuple[CalibrationBin, ...]:
    """Predicted against observed share of takers in `wanted` stretches of about equal size; equal scores stay together."""
    if not len(label):
        return ()
    edges = np.unique(np.quantile(probability, np.arange(1, wanted) / wanted))
    place = np.searchsorted(edges, probability, side="right")
    n = np.bincount(place, minlength=len(edges) + 1)
    takers = np.bincount(place, weights=label, minlength=len(edges) + 1)
    weight = np.where(label, 1.0, other_weight)
    weighted = np.bincount(place, weights=weight, minlength=len(edges) + 1)
    predicted = np.bincount(place, weights=probability * weight, minlength=len(edges) + 1)
    return tuple(
        CalibrationBin(
            float(predicted[i] / weighted[i]), wilson(int(takers[i]), int(n[i]), other_weight), int(n[i])
        )
        for i in np.flatnonzero(n)
    )


def _too_few(takers: int, others: int) -> Message | None:
    if takers < FEWEST:
        return Message(
            "{takers} takers are too few to judge by: at least {fewest} are needed.",
            takers=takers,
            fewest=FEWEST,
        )
    if others < FEWEST:
        return Message(
            "{others} non-takers are too few to judge by: at least {fewest} are needed.",
            others=others,
            fewest=FEWEST,
        )
    return None


def _cells(label: Booleans, probability: Floats, other_weight: float, limit: int | None) -> Cells:
    order = np.argsort(-probability, kind="stable")
    score, took = probability[order], label[order]
    place = np.cumsum(np.r_[False, score[1:] != score[:-1]]) if len(score) else np.empty(0, dtype=np.int64)
    if limit is not None and len(place) and place[-1] >= limit:
        # Equal stretches of the list, not of distinct scores; a tie that spans two stretches stays in the first.
        first = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
        place = (first * limit // len(score))[place]
        place = np.unique(place, return_inverse=True)[1]
    count = int(place[-1]) + 1 if len(place) else 0
    weights: dict[str, Floats] = {
        "takers": took.astype(np.float64),
        "others": (~took).astype(np.float64) * other_weight,
        "taker_loss": took * (1 - score) ** 2,
        "other_loss": ~took * score**2 * other_weight,
    }
    sums = {name: np.bincount(place, weights=w, minlength=count) for name, w in weights.items()}
    return Cells(**{name: w.astype(np.float64) for name, w in sums.items()})


def _resampled(cells: Cells, other_weight: float, seed: int, resamples: int) -> Cells:
    rng = np.random.default_rng(seed)
    takers = rng.poisson(cells.takers, (resamples, len(cells.takers))).astype(float)
    drawn = rng.poisson(cells.others / other_weight, (resamples, len(cells.others)))
    others = drawn.astype(np.float64) * other_weight
    return Cells(
        takers,
        others,
        takers * _mean(cells.taker_loss, cells.takers),
        others * _mean(cells.other_loss, cells.others),
    )


def _mean(loss: Floats, weight: Floats) -> Floats:
    return np.asarray(loss / np.maximum(weight, 1e-300), dtype=np.float64)


def _estimate(
    statistic: Callable[[Cells], Floats], exact: Cells, coarse: Cells, draws: Cells, n: int
) -> Estimate:
    value = float(statistic(exact))
    shift = value - float(statistic(coarse))  # stretches of scores instead of single ones
    low, high = np.nanquantile(statistic(draws), [0.025, 0.975]) + shift
    method = METHOD.format(n=len(draws.takers))
    return Estimate(value, min(float(low), value), max(float(high), value), n, method)
