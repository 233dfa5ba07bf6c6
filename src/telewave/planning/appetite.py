"""Whom a contact wins who had no intention of his own, read off what is said of core, normal and basic. Pure.

A subscriber's appetite is his model's chance of taking the offer. The best twentieth of the base by it is like core,
the next 30 % like normal, the rest like basic, as in the default plan of `targeting`; each stands at the middle of its
part. Between these three
points the log odds of winning run straight along the log odds of the chance; below and beyond them they stay:
what nobody has measured of the very likeliest is not drawn out of a line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from telewave.briefs.model import OrdersCaused

Floats = NDArray[np.float64]
RANKS = (0.325, 0.80, 0.975)
"""Of basic, normal and core among the base by rising chance."""
LOWEST, HIGHEST = 1e-9, 1 - 1e-9
APART = 1e-6
"""Least distance of two points, where many have one chance."""
MOST_LOOKED_AT = 200_000

Appetite = tuple[float, float, float]
"""Log odds of the model's chance at which basic, normal and core stand."""


def appetite_of(probability: Floats) -> Appetite:
    """The points of a base with these chances, shape (n,), found on at most about 200,000 of them."""
    if not len(probability):
        return (0.0, APART, 2 * APART)
    some = probability[:: max(1, len(probability) // MOST_LOOKED_AT)]
    basic, normal, core = logit(np.clip(np.quantile(some, RANKS), LOWEST, HIGHEST))
    normal = max(normal, basic + APART)
    return (float(basic), float(normal), float(max(core, normal + APART)))


def won(probability: Floats, appetite: Appetite, effect: OrdersCaused) -> Floats:
    """Chance that one contact wins each who had no intention of his own, shape (n,).

    >>> said = OrdersCaused(core=0.03, normal=0.01, basic=0.002)
    >>> [round(float(one), 4) for one in won(expit(np.array([-9.0, -5, -4, 0])), (-6, -5, -4), said)]
    [0.002, 0.01, 0.03, 0.03]
    """
    told = logit(np.clip([effect.basic, effect.normal, effect.core], LOWEST, HIGHEST))
    at = logit(np.clip(probability, LOWEST, HIGHEST))
    return np.asarray(expit(np.interp(at, appetite, told)))
