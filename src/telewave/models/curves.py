"""How the response runs over a variable's range, counted from the data and not from the model. Pure.

*High-response interval*: of all stretches of neighbouring bins whose share of takers lies above the share
outside, the one with the greatest likelihood ratio (Kulldorff 1997, "A spatial scan statistic", Commun. Stat.
26(6), in one dimension). It is shown only if chi-square(1) of 2 log LR is below 5 % divided by the number of
stretches looked at, m(m+1)/2 (Bonferroni). Categories, yes and no among them, have no neighbours: those are
marked whose share is above the average by Holm's test at 5 %.

*Shape*: flat if no stretch stands out and the bins differ no more than chance (chi-square, 1 %); else the simplest
of rising, falling and one peak (with the high stretch at neither end) whose best fit (isotonic regression) explains
at least 85 % of what differs, noise taken off.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from telewave.features.model import Variable
from telewave.kernel import Estimate, Message
from telewave.kernel.intervals import wilson
from telewave.models.dataset import Booleans, Floats
from telewave.models.matrix import Column, as_text, few_values, is_category, numbers
from telewave.models.model import ResponseBin, ResponseCurve
from telewave.models.wording import REST

BINS = 20
FEW_VALUES = 12
"""So many values of a number get a bin each."""
CATEGORIES = 20
EXPECTED_TAKERS = 10
EXPECTED_AT_LEAST = 5
ROWS_A_BIN = 50
LEVEL = 0.05
EXPLAINED = 0.85

RISING = Message("rising")
FALLING = Message("falling")
FLAT = Message("flat")
PEAK = Message("highest in between")
UNCLEAR = Message("no clear shape")
BY_CATEGORY = Message("differs by category")


def response_curve(
    variable: Variable, column: Column, label: Booleans, other_weight: float = 1.0
) -> ResponseCurve:
    """The curve of `variable` from its `column` and the outcomes, both of n rows."""
    named = is_category(column.type) or pt.is_boolean(column.type)
    bins = (_by_category if named else _by_range)(column, label, other_weight)
    takers, n = int(label.sum()), len(label)
    base = wilson(takers, n, other_weight).value if n else 0.0
    known = [k for k, b in enumerate(bins) if not b.missing]
    count = np.array([bins[k].n for k in known], dtype=float)
    took = np.array([bins[k].takers for k in known], dtype=float)
    if named:
        high = _high_categories(took, count)
        shape = FLAT if _alike(took, count) else BY_CATEGORY
    else:
        high = high_stretch(took, count)
        shape = _shape(took, count, high)
    return ResponseCurve(
        variable=variable, bins=bins, high_bins=tuple(known[k] for k in high), base_rate=base, shape=shape
    )


def high_rate(curve: ResponseCurve) -> Estimate | None:
    """Share of takers in all bins of high response together; None where nothing stands out.

    Non-takers stand for as many others as bring the share of the curve's rows to its
    base rate (1 where they were not sampled).
    """
    n, takers = sum(b.n for b in curve.bins), sum(b.takers for b in curve.bins)
    if not curve.high_bins or not 0 < takers < n:
        return None
    others_behind_each = takers * (1 - curve.base_rate) / (curve.base_rate * (n - takers))
    high = [curve.bins[k] for k in curve.high_bins]
    return wilson(sum(b.takers for b in high), sum(b.n for b in high), others_behind_each)


def high_stretch(takers: Floats, n: Floats) -> tuple[int, ...]:
    """Bins of the high-response interval (see the module's text), empty if none stands out. Arrays of shape (bins,)."""
    bins = len(n)
    if bins < 2 or not 0 < takers.sum() < n.sum():
        return ()
    start, end = np.triu_indices(bins)
    cum_t, cum_n = np.r_[0, np.cumsum(takers)], np.r_[0, np.cumsum(n)]
    inside_t, inside_n = cum_t[end + 1] - cum_t[start], cum_n[end + 1] - cum_n[start]
    outside_t, outside_n = takers.sum() - inside_t, n.sum() - inside_n
    ratio = _fit(inside_t, inside_n) + _fit(outside_t, outside_n) - _fit(takers.sum(), n.sum())
    higher = inside_t * outside_n > outside_t * inside_n
    best = int(np.argmax(np.where(higher, ratio, -np.inf)))
    chance = _by_chance(2 * ratio[best], 1) * len(start)
    if not higher[best] or chance > LEVEL:
        return ()
    return tuple(range(int(start[best]), int(end[best]) + 1))


def _fit(takers: Floats, n: Floats) -> Floats:
    """Greatest log-likelihood of `takers` among `n`: t log(t/n) + (n-t) log((n-t)/n)."""
    from scipy.special import xlogy

    return np.asarray(xlogy(takers, takers) + xlogy(n - takers, n - takers) - xlogy(n, n))


def _high_categories(takers: Floats, n: Floats) -> tuple[int, ...]:
    if len(n) < 2 or not 0 < takers.sum() < n.sum():
        return ()
    from scipy.stats import binom

    chance: Floats = np.asarray(binom.sf(takers - 1, n, takers.sum() / n.sum()))
    order = np.argsort(chance, kind="stable")
    passed = chance[order] <= LEVEL / np.arange(len(n), 0, -1)
    kept = order[: int(np.argmin(np.r_[passed, False]))]
    return tuple(int(k) for k in np.sort(kept))


def _alike(takers: Floats, n: Floats) -> bool:
    """Whether the bins differ no more than chance; those in which it expects fewer than five of
    an outcome are put together (Cochran 1954).
    """
    if not 0 < takers.sum() < n.sum():
        return True
    rate = takers.sum() / n.sum()
    thin = n * min(rate, 1 - rate) < EXPECTED_AT_LEAST
    if thin.sum() > 1:
        takers, n = np.r_[takers[~thin], takers[thin].sum()], np.r_[n[~thin], n[thin].sum()]
    return len(n) < 2 or _by_chance(_spread(takers, n), len(n) - 1) > 0.01


def _by_chance(beyond: float, freedom: int) -> float:
    """How often a chi-squared number of so many degrees of freedom is greater than `beyond`."""
    from scipy.stats import chi2

    return float(chi2.sf(beyond, freedom))


def _spread(takers: Floats, n: Floats) -> float:
    mean = takers.sum() / n.sum()
    if not 0 < mean < 1:
        return 0.0
    return float((n * (takers / n - mean) ** 2).sum() / (mean * (1 - mean)))


def _shape(takers: Floats, n: Floats, high: tuple[int, ...]) -> Message:
    if not high and _alike(takers, n):
        return FLAT
    rate, mean = takers / n, takers.sum() / n.sum()
    total = max(_spread(takers, n) - (len(n) - 1), 1e-9)

    def explained(fitted: Floats) -> float:
        left = float((n * (rate - fitted) ** 2).sum() / (mean * (1 - mean)))
        return 1 - max(0.0, left - (len(n) - 1) / 2) / total

    up, down = _isotonic(rate, n), -_isotonic(-rate, n)
    if max(explained(up), explained(down)) >= EXPLAINED:
        return RISING if explained(up) >= explained(down) else FALLING
    inside = bool(high) and high[0] > 0 and high[-1] < len(n) - 1
    if inside and explained(_unimodal(rate, n)) >= EXPLAINED:
        return PEAK
    return UNCLEAR


def _isotonic(rate: Floats, n: Floats) -> Floats:
    from sklearn.isotonic import isotonic_regression

    return np.asarray(isotonic_regression(rate, sample_weight=n))


def _unimodal(rate: Floats, n: Floats) -> Floats:
    """Rising to some bin, falling from there on: the best of all peaks."""
    fits = [np.r_[_isotonic(rate[:k], n[:k]), -_isotonic(-rate[k:], n[k:])] for k in range(1, len(rate))]
    return min(fits, key=lambda fitted: float((n * (rate - fitted) ** 2).sum()))


def _by_range(column: Column, label: Booleans, other_weight: float) -> tuple[ResponseBin, ...]:
    values = numbers(column).astype(np.float64)
    unknown = np.isnan(values)
    known, took = values[~unknown], label[~unknown]
    bins = []
    if len(known):
        edges = _edges(known, took)
        place = np.searchsorted(edges, known, side="right") - 1
        place[place == len(edges) - 1] = len(edges) - 2  # the greatest value belongs to the last bin
        count = np.bincount(place, minlength=len(edges) - 1)
        hits = np.bincount(place, weights=took, minlength=len(edges) - 1)
        bins = [
            _bin(int(count[k]), int(hits[k]), other_weight, low=float(edges[k]), high=float(edges[k + 1]))
            for k in range(len(edges) - 1)
        ]
    return (*bins, *_missing(unknown, label, other_weight))


def _edges(known: Floats, took: Booleans) -> Floats:
    """Edges of bins of about equal size, merged from the left until each has enough
    rows and takers to tell. At least one bin.

    Few values get a bin each, however few rows have them. A value that fills a bin by itself ends there, so
    that what lies above is not hidden in it.
    """
    few = few_values(known, FEW_VALUES)
    if few is not None:
        return np.append(few, few[-1])
    quantiles = np.quantile(known, np.arange(BINS) / BINS)
    edges = np.union1d(quantiles, _above_the_heavy(known, quantiles))
    place = np.searchsorted(edges, known, side="right") - 1
    count = np.bincount(place, minlength=len(edges))
    rate = took.mean()
    needed = max(ROWS_A_BIN, EXPECTED_TAKERS / max(min(rate, 1 - rate), 1e-9))
    kept, gathered = [float(edges[0])], 0
    for edge, size in zip(edges[1:], count[:-1], strict=True):
        gathered += int(size)
        if gathered >= needed:
            kept.append(float(edge))
            gathered = 0
    if len(kept) > 1 and gathered + count[-1] < needed:
        kept.pop()
    if len(kept) == 1 and (count >= len(known) / 2).any():
        kept = [float(edge) for edge in edges[:2]]  # one heavy value and few others: still two bins
    return np.array([*kept, float(known.max())])


def _above_the_heavy(known: Floats, quantiles: Floats) -> Floats:
    """The value next above each that fills a bin by itself: two quantiles lie on it."""
    heavy = np.unique(quantiles[1:][quantiles[1:] == quantiles[:-1]])
    above = [known[known > value] for value in heavy]
    return np.array([values.min() for values in above if len(values)])


def _by_category(column: Column, label: Booleans, other_weight: float) -> tuple[ResponseBin, ...]:
    text = as_text(column).combine_chunks()
    unknown = np.asarray(pc.is_null(text).to_numpy(zero_copy_only=False))
    took = label[~unknown]
    coded = text.filter(pa.array(~unknown)).dictionary_encode()
    place = np.asarray(coded.indices.to_numpy()).astype(np.int64)
    names = np.array(coded.dictionary.to_pylist(), dtype=object)
    count = np.bincount(place, minlength=len(names))
    hits = np.bincount(place, weights=took, minlength=len(names))
    # Equally many stand by name, so that it makes no difference how the rows lie.
    order = np.lexsort((names.astype(str), -count))
    shown, rest = order[:CATEGORIES], order[CATEGORIES:]
    bins = [_bin(int(count[k]), int(hits[k]), other_weight, category=str(names[k])) for k in shown]
    if len(rest):
        bins.append(_bin(int(count[rest].sum()), int(hits[rest].sum()), other_weight, category=REST))
    return (*bins, *_missing(unknown, label, other_weight))


def _missing(unknown: Booleans, label: Booleans, other_weight: float) -> tuple[ResponseBin, ...]:
    if not unknown.any():
        return ()
    return (_bin(int(unknown.sum()), int(label[unknown].sum()), other_weight, missing=True),)


def _bin(
    n: int,
    takers: int,
    other_weight: float,
    *,
    low: float | None = None,
    high: float | None = None,
    category: str | None = None,
    missing: bool = False,
) -> ResponseBin:
    return ResponseBin(
        low=low,
        high=high,
        category=category,
        missing=missing,
        n=n,
        takers=takers,
        rate=wilson(takers, n, other_weight),
    )
