"""How good a ranking and its probabilities are, with bootstrap intervals. Pure, on arrays.

Every statistic is a function of the takers and non-takers in each *cell* of the list ordered by score: a cell is one
distinct score, or a stretch of neighbouring scores where there are more than `CELLS` of them. A Poisson bootstrap
gives each row a Poisson(1) count, so a cell's resampled takers are Poisson(takers): 500 resamples of a
million rows cost 500 draws of 2 000 cells (Chamandy et al. 2012, "Estimating uncertainty for massive data streams").

Rows that are alike are drawn together, or the intervals were too narrow: all rows of a subscriber, who comes
back at every date until he takes the offer, and all rows of a stretch of time, which share its weather
(Davison and Hinkley 1997, "Bootstrap Methods and their Application", 3.8; Carlstein 1986, Ann. Statist.
14(3), on blocks of a sequence). Each such *cluster* gets one Poisson(1) count; the counts times the
clusters' takers in each cell are the resampled cells.

Lists of several dates are judged each by itself, as they are used: AUC is over pairs of one date, the other measures
are averages of the lists weighted by their takers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import TAILS, wilson
from telewave.models.dataset import Booleans, Floats, Integers
from telewave.models.model import CalibrationBin, RankingQuality

CELLS = 2_000
FEWEST = 10
METHOD = "Poisson bootstrap, {n} resamples"


@dataclass(frozen=True, slots=True)
class Cells:
    """A list, best score first: takers and others (already weighted) in each cell, their squared errors summed.

    Arrays have shape (cells,) or (resamples, cells).
    """

    takers: Floats
    others: Floats
    taker_loss: Floats
    other_loss: Floats


Lists: TypeAlias = Sequence[Cells]
"""The list of each date, or the one list there is."""


def ranking_quality(
    label: Booleans,
    probability: Floats,
    *,
    seed: int,
    other_weight: float = 1.0,
    resamples: int = 500,
    lists: Integers | None = None,
    cluster: Integers | None = None,
) -> RankingQuality:
    """Quality of `probability` as a ranking and as a probability of `label`, both of shape (n,).

    `other_weight`: population non-takers behind each non-taker, where they were sampled. `lists`: number of
    the list (date) that each row is ranked in; None: one list. `cluster`: number, from 0, of what each row
    is drawn together with; None: each row by itself. Statistics that cannot be told from fewer than 10
    takers or 10 non-takers are `Inconclusive`.
    """
    lists = np.zeros(len(label), dtype=np.int64) if lists is None else lists
    parts = [np.flatnonzero(lists == number) for number in np.unique(lists)]
    exact = [_cells(label[rows], probability[rows], other_weight) for rows in parts]
    takers = int(label.sum())
    reason = _too_few(takers, len(label) - takers)
    coarse, draws = exact, exact
    if reason is None:
        place = [_placed(probability[rows], CELLS // len(parts)) for rows in parts]
        coarse = [
            _cells(label[rows], probability[rows], other_weight, cell)
            for rows, cell in zip(parts, place, strict=True)
        ]
        draw = _drawing(label, cluster, other_weight, np.random.default_rng(seed), resamples)
        draws = [draw(cells, rows, cell) for cells, rows, cell in zip(coarse, parts, place, strict=True)]

    def told(statistic: Callable[[Lists], Floats]) -> Estimate | Inconclusive:
        if reason is not None:
            return Inconclusive(reason)
        return _estimate(statistic, exact, coarse, draws, len(label), resamples)

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


def auc(lists: Lists) -> Floats:
    """Chance that a taker is ranked above a non-taker of the same list, equal scores
    counting half. Shape: leading axes of the cells.
    """

    def won(cells: Cells) -> Floats:
        below = cells.others.sum(-1, keepdims=True) - np.cumsum(cells.others, -1)
        return np.asarray((cells.takers * (below + cells.others / 2)).sum(-1))

    pairs = sum(cells.takers.sum(-1) * cells.others.sum(-1) for cells in lists)
    return _share(sum(won(cells) for cells in lists), pairs)


def average_precision(lists: Lists) -> Floats:
    """Mean over takers of the share of takers among all ranked at least as high (as scikit-learn defines it)."""

    def summed(cells: Cells) -> Floats:
        takers = np.cumsum(cells.takers, -1)
        precision = takers / np.maximum(takers + np.cumsum(cells.others, -1), 1e-300)
        return np.asarray((cells.takers * precision).sum(-1))

    return _share(sum(summed(cells) for cells in lists), _takers(lists))


def brier(lists: Lists) -> Floats:
    """Mean squared difference between probability and outcome."""
    weight = sum(cells.takers.sum(-1) + cells.others.sum(-1) for cells in lists)
    return _share(sum(cells.taker_loss.sum(-1) + cells.other_loss.sum(-1) for cells in lists), weight)


def found(lists: Lists, shares: Floats) -> Floats:
    """Share of all takers among the best `shares` of their lists. Shape: leading axes of the cells, then `shares`."""
    return _share(sum(_found(cells, shares) for cells in lists), _takers(lists)[..., None])


def _takers(lists: Lists) -> Floats:
    return np.asarray(sum(cells.takers.sum(-1) for cells in lists))


def _share(part: Any, whole: Any) -> Floats:
    """`part` / `whole`, nan where a resample left nothing."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def _found(cells: Cells, shares: Floats) -> Floats:
    """Takers among the best `shares` of the list; inside a cell takers are spread evenly."""
    takers = np.cumsum(cells.takers, -1)
    length = np.cumsum(cells.takers + cells.others, -1)
    flat_t, flat_l = takers.reshape(-1, takers.shape[-1]), length.reshape(-1, takers.shape[-1])
    rows = [
        np.interp(shares, np.r_[0.0, n / max(n[-1], 1e-300)], np.r_[0.0, t])
        for t, n in zip(flat_t, flat_l, strict=True)
    ]
    return np.asarray(rows).reshape(*takers.shape[:-1], len(shares))


def calibration_bins(
    label: Booleans, probability: Floats, other_weight: float = 1.0, wanted: int = 10
) -> tuple[CalibrationBin, ...]:
    """Predicted against observed share of takers in `wanted` stretches of about equal size; equal scores stay
    together.
    """
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


def _placed(probability: Floats, limit: int | None) -> Integers:
    """The cell of each row, from 0 for the best: its score, or its stretch of the list
    where there are more than `limit` scores.
    """
    place = np.unique(-probability, return_inverse=True)[1].astype(np.int64)
    if limit is not None and len(place) and place.max() >= limit:
        # Equal stretches of the list, not of distinct scores; a tie that spans two stretches stays in the first.
        size = np.bincount(place)
        first = np.cumsum(size) - size
        place = np.unique((first * limit // len(place))[place], return_inverse=True)[1].astype(np.int64)
    return place


def _cells(label: Booleans, probability: Floats, other_weight: float, place: Integers | None = None) -> Cells:
    place = _placed(probability, None) if place is None else place
    count = int(place.max()) + 1 if len(place) else 0
    weights: dict[str, Floats] = {
        "takers": label.astype(np.float64),
        "others": (~label).astype(np.float64) * other_weight,
        "taker_loss": label * (1 - probability) ** 2,
        "other_loss": ~label * probability**2 * other_weight,
    }
    sums = {name: np.bincount(place, weights=w, minlength=count) for name, w in weights.items()}
    return Cells(**{name: w.astype(np.float64) for name, w in sums.items()})


def _resampled(cells: Cells, other_weight: float, rng: np.random.Generator, resamples: int) -> Cells:
    takers = rng.poisson(cells.takers, (resamples, len(cells.takers))).astype(float)
    drawn = rng.poisson(cells.others / other_weight, (resamples, len(cells.others)))
    others = drawn.astype(np.float64) * other_weight
    return _drawn(cells, takers, others)


def _drawing(
    label: Booleans,
    cluster: Integers | None,
    other_weight: float,
    rng: np.random.Generator,
    resamples: int,
) -> Callable[[Cells, Integers, Integers], Cells]:
    """How a list (its cells, its rows, the cell of each) is drawn again: each row by
    itself, or each cluster as often in every list.
    """
    if cluster is None:
        return lambda cells, _rows, _place: _resampled(cells, other_weight, rng, resamples)
    counts = rng.poisson(1.0, (resamples, int(cluster.max()) + 1)).astype(np.float64)

    def together(cells: Cells, rows: Integers, place: Integers) -> Cells:
        width = len(cells.takers)
        cell, took = cluster[rows] * width + place, label[rows]

        def summed(mine: Booleans) -> Floats:
            table = np.bincount(cell[mine], minlength=counts.shape[1] * width).reshape(-1, width)
            return np.asarray(counts @ table)

        return _drawn(cells, summed(took), summed(~took) * other_weight)

    return together


def _drawn(cells: Cells, takers: Floats, others: Floats) -> Cells:
    return Cells(
        takers,
        others,
        takers * _mean(cells.taker_loss, cells.takers),
        others * _mean(cells.other_loss, cells.others),
    )


def _mean(loss: Floats, weight: Floats) -> Floats:
    return np.asarray(loss / np.maximum(weight, 1e-300), dtype=np.float64)


def _estimate(
    statistic: Callable[[Lists], Floats], exact: Lists, coarse: Lists, draws: Lists, n: int, resamples: int
) -> Estimate:
    value = float(statistic(exact))
    shift = value - float(statistic(coarse))  # stretches of scores instead of single ones
    low, high = np.nanquantile(statistic(draws), TAILS) + shift
    method = METHOD.format(n=resamples)
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value), n=n, method=method)
