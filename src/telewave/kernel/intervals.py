"""The level of confidence of every interval, and intervals of shares. Pure."""

from __future__ import annotations

import math

from telewave.kernel import Estimate

CONFIDENCE = 0.95
"""The level of every interval that is shown, whatever page it stands on: two numbers can be compared only at one
level.
"""
TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
"""The quantiles between which an interval lies."""
Z95 = 1.959963984540054
"""Standard errors that an interval of `CONFIDENCE` reaches to either side of a normal value."""


def wilson(takers: int, n: int, other_weight: float = 1.0) -> Estimate:
    """The share of takers with Wilson's 95 % interval (Wilson 1927, JASA 22).

    centre = (p + z^2/2n) / (1 + z^2/n), half width = z / (1 + z^2/n) * sqrt(p(1-p)/n + z^2/4n^2).
    Where each non-taker stands for `other_weight` of them, share and bounds s become s / (s + (1 - s) * other_weight).

    >>> estimate = wilson(10, 100)
    >>> round(estimate.low, 4), round(estimate.high, 4)
    (0.0552, 0.1744)
    """
    if n == 0:
        return Estimate(value=math.nan, low=0.0, high=1.0, n=0, method="Wilson")
    share = takers / n
    low, high = wilson_limits(share, n)
    value, low, high = (s / (s + (1 - s) * other_weight) for s in (share, low, high))
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=n, method="Wilson")


def wilson_limits(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's limits of a share of `n` (which need not be whole, where rows are not
    independent), `z` standard errors wide; see `wilson`.
    """
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)
