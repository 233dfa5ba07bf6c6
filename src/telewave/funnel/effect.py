"""What a contact adds: by lot, by comparison with comparable people, or as assumed. Pure, on arrays.

- *Randomised.* Where lots decided who was left alone, with known chance e of being contacted, the doubly robust mean
  of m1(x) - m0(x) + z (y - m1(x)) / e - (1 - z) (y - m0(x)) / (1 - e) over people (Robins, Rotnitzky and Zhao 1994,
  JASA 89), its interval from the spread of that sum. It holds whatever m1 and m0 are, since e is known; good ones make
  it tighter.
- *Adjusted.* All orders of the contacted while they are watched less their expected organic take-up (`organic.py`).
  Orders through the steps that exceed this are displaced: they would have come anyway. A person may stand on both
  sides, left alone and then contacted, so that both shares are clustered by person.
- *Assumed.* Orders through the steps of those who would not have ordered by themselves: (1 - p) q, p the organic
  take-up where it is known, else 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from telewave.funnel.organic import FEWEST, Organic, effective
from telewave.kernel import Estimate
from telewave.kernel.intervals import Z95, wilson_limits

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

LEAST_REACHED = 0.05
"""Difference in the share contacted below which a lot says nothing on contacts."""


def randomised(contacted: Flags, took: Flags, chance: Floats, covariates: Floats) -> Estimate:
    """The doubly robust effect of the contact. Shapes (people,), `covariates` (people, k); `chance`: of being
    contacted, as it was drawn, within (0, 1). Outcomes are modelled linearly in the covariates, each arm by itself.
    """
    y, z = took.astype(np.float64), contacted
    design = np.hstack([np.ones((len(y), 1)), covariates - covariates.mean(axis=0)])
    modelled = [design @ np.linalg.lstsq(design[of], y[of], rcond=None)[0] for of in (z, ~z)]
    with_contact = modelled[0] + np.where(z, (y - modelled[0]) / chance, 0.0)
    without = modelled[1] + np.where(z, 0.0, (y - modelled[1]) / (1 - chance))
    return _mean(with_contact - without, "doubly robust")


def of_the_contacted(
    assigned: Flags, contacted: Flags, took: Flags, chance: Floats, covariates: Floats
) -> Estimate | None:
    """What a contact adds to those who are contacted where `assigned` may be, and the others were held out by lot: the
    effect of being assigned over the difference in the share contacted, since the lot works through the contact alone
    (Imbens and Angrist 1994, Econometrica 62). None where too few are on a side, or the lot hardly decided the contact.
    """
    if min(assigned.sum(), (~assigned).sum()) < FEWEST:
        return None
    reached = float(contacted[assigned].mean() - contacted[~assigned].mean())
    if reached < LEAST_REACHED:
        return None
    whole = randomised(assigned, took, chance, covariates)
    ends = (whole.value / reached, whole.low / reached, whole.high / reached)
    return Estimate(value=ends[0], low=ends[1], high=ends[2], n=whole.n, method=whole.method)


def adjusted(
    contacted: Flags, took: Flags | Floats, found: Organic, person: Integers | None = None
) -> Estimate:
    """Take-up of the contacted who have comparables, less their organic take-up; the intervals of both are joined by
    MOVER: of the distances d, e to their limits, d^2 + e^2 - 2 r d e (Zou 2008, J Clin Epidemiol 61). r: correlation of
    both shares through those who stand on both sides, `person` telling whose each entry is; 0 if it is not given.
    """
    outcome, kept = took.astype(np.float64), found.kept
    share, count = float(outcome[kept].mean()), float(kept.sum())
    low, high = wilson_limits(min(share, 1.0), effective(kept.astype(np.float64), outcome, share))
    alone, value = found.take_up, share - found.take_up.value
    treated = kept * (outcome - share) / count
    untreated = found.weights * (outcome - alone.value) / found.weights.sum()
    shared = _correlation(treated, untreated, person) if person is not None else 0.0
    down = _joined(share - low, alone.high - alone.value, shared)
    up = _joined(high - share, alone.value - alone.low, shared)
    people = int(contacted.sum()) + alone.n
    return Estimate(value=value, low=value - down, high=value + up, n=people, method="adjusted")


def _correlation(one: Floats, other: Floats, person: Integers) -> float:
    """Of two sums over entries, by what each person adds to them; 0 where one does not vary."""
    _, whose = np.unique(person, return_inverse=True)
    first, second = (np.bincount(whose, values) for values in (one, other))
    scale = np.sqrt((first @ first) * (second @ second))
    return float(np.clip(first @ second / scale, -1, 1)) if scale > 0 else 0.0


def _joined(one: float, other: float, shared: float) -> float:
    return float(np.sqrt(max(0.0, one**2 + other**2 - 2 * shared * one * other)))


def apart(one: Estimate, other: Estimate) -> Estimate:
    """What two contacts add where each does as by itself, 1 - (1 - a)(1 - b), the limits of both taken together.

    >>> one = Estimate(value=0.1, low=0.0, high=0.2, n=5, method="")
    >>> round(apart(one, one).value, 3)
    0.19
    """
    ends = [1 - (1 - getattr(one, name)) * (1 - getattr(other, name)) for name in ("value", "low", "high")]
    return Estimate(
        value=ends[0], low=ends[1], high=ends[2], n=min(one.n, other.n), method="log complements added"
    )


def assumed(process: Estimate, alone: Estimate | None) -> Estimate:
    """Orders through the steps, less those of people who would have ordered by themselves."""
    spared = 1 - (alone.value if alone else 0.0)
    ends = (process.value * spared, process.low * spared, process.high * spared)
    return Estimate(value=ends[0], low=ends[1], high=ends[2], n=process.n, method="assumed")


def _mean(values: Floats, method: str) -> Estimate:
    value, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(
        value=value, low=value - Z95 * error, high=value + Z95 * error, n=len(values), method=method
    )
