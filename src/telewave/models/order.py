"""Whether it matters in which order an outside table's rows lie, and whether they are merely sorted by the outcome.
Pure.

In a file without order it makes no difference where the takers stand. They are counted in up to 40 stretches of rows:
the order *matters* if their share differs between stretches more than chance makes it (chi-square, one in a thousand)
and not only by a little (a standard deviation of at least a tenth of the rarer outcome's share, chance taken off).
"""

from __future__ import annotations

import numpy as np

from telewave.models.dataset import Booleans, Floats

STRETCHES = 40
ROWS_A_STRETCH = 50
ACCIDENT = 1e-3
NOTABLE = 0.1
FEWEST = 10
TURNS = 2


def order_matters(label: Booleans) -> bool:
    """Whether the share of takers differs between stretches of rows, in the order in
    which `label` has them; see the module's text.
    """
    stretches = min(STRETCHES, len(label) // ROWS_A_STRETCH)
    if stretches < 2 or not 0 < label.sum() < len(label):
        return sorted_by_outcome(label)
    parts = np.array_split(label, stretches)
    rate = np.array([part.mean() for part in parts])
    n = np.array([len(part) for part in parts], dtype=np.float64)
    mean = float(label.mean())
    by_chance = mean * (1 - mean) / n
    from scipy.stats import chi2

    unlikely = chi2.sf(float(((rate - mean) ** 2 / by_chance).sum()), stretches - 1) < ACCIDENT
    return bool(unlikely and _spread(rate, by_chance) >= NOTABLE * min(mean, 1 - mean))


def _spread(rate: Floats, by_chance: Floats) -> float:
    """Standard deviation of the shares beyond that of chance."""
    return float(np.sqrt(max(0.0, float(rate.var(ddof=1) - by_chance.mean()))))


def sorted_by_outcome(label: Booleans) -> bool:
    """Whether the outcomes lie in two or three stretches, as sorting makes them and time does not."""
    turns = int((label[1:] != label[:-1]).sum())
    return 0 < turns <= TURNS and int(min(label.sum(), (~label).sum())) >= FEWEST


def halves(label: Booleans) -> tuple[float, float]:
    """The share of takers in the first half of the rows and in the second."""
    half = len(label) // 2
    return float(label[:half].mean()), float(label[half:].mean())
