"""What a contact adds: by lot, by comparison with comparable people, or as assumed. Pure, on arrays.

- *Randomised.* Where lots decided who was left alone, with known chance e of being contacted, the doubly robust mean
  of m1(x) - m0(x) + z (y - m1(x)) / e - (1 - z) (y - m0(x)) / (1 - e) over people (Robins, Rotnitzky and Zhao 1994,
  JASA 89), its interval from the spread of that sum. It holds whatever m1 and m0 are, since e is known; good ones make
  it tighter.
- *Adjusted.* All orders of the contacted in the window less their expected organic take-up (`organic.py`). Orders
  through the steps that exceed this are displaced: they would have come anyway.
- *Assumed.* Orders through the steps of those who would not have ordered by themselves: (1 - p) q, p the organic
  take-up where it is known, else 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from telewave.funnel.organic import FEWEST, Organic
from telewave.kernel import Estimate
from telewave.kernel.intervals import Z95, wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

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


def adjusted(contacted: Flags, took: Flags | Floats, found: Organic) -> Estimate:
    """Take-up of the contacted who have comparables, less their organic take-up; the intervals of both are joined
    (MOVER: squares of the distances to their limits add up).
    """
    treated = wilson(int(took[found.kept].sum()), int(found.kept.sum()))
    alone = found.take_up
    value = treated.value - alone.value
    down = np.hypot(treated.value - treated.low, alone.high - alone.value)
    up = np.hypot(treated.high - treated.value, alone.value - alone.low)
    people = int(contacted.sum()) + alone.n
    return Estimate(value=value, low=value - float(down), high=value + float(up), n=people, method="adjusted")


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
