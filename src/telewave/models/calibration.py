"""From scores to probabilities: prior correction after resampling, and calibration on rows later than the training.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from telewave.models.dataset import Booleans, Floats

FEWEST_FOR_SLOPE = 50
FEWEST_FOR_SHIFT = 10


def log_odds(probability: Floats) -> Floats:
    """log(p / (1 - p)), finite also for 0 and 1."""
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.log(clipped) - np.log1p(-clipped)


def probability(odds: Floats) -> Floats:
    """The inverse of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-odds)))


def prior_shift(trained_rate: float, population_rate: float) -> float:
    """What to add to log-odds learnt at share `trained_rate` of takers to make them
    those of a population at `population_rate`.

    log(t / (1 - t)) - log(r / (1 - r)) with t the population's and r the sample's rate: King and Zeng 2001, "Logistic
    regression in rare events data", eq. 7; the same as equation 4 of Saerens, Latinne and Decaestecker 2002,
    "Adjusting the outputs of a classifier to new a priori probabilities". Holds when takers and non-takers were each
    drawn at random, so that only their proportion differs.

    >>> round(float(probability(np.array(prior_shift(0.5, 0.02)))), 6)
    0.02
    """
    rates = log_odds(np.array([trained_rate, population_rate]))
    return float(rates[1] - rates[0])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibrated log-odds = slope x log-odds + shift. `method` and `n` say what it was learnt from."""

    slope: float = 1.0
    shift: float = 0.0
    method: str = "none"
    n: int = 0

    def apply(self, odds: Floats) -> Floats:
        """Calibrated probabilities of the model's log-odds, shape kept; the ranking never changes (slope > 0)."""
        return probability(self.slope * odds + self.shift)

    def then_shifted(self, shift: float) -> Calibration:
        """The same followed by a prior correction."""
        return Calibration(self.slope, self.shift + shift, self.method, self.n)


def calibrated(odds: Floats, label: Booleans, other_weight: float = 1.0) -> Calibration:
    """Learn a calibration from out-of-time log-odds and outcomes, both of shape (n,).

    Platt 1999 with a ridge towards the identity (slope 1, shift 0), worth about ten takers; below 50 takers or
    non-takers only the shift is learnt, below 10 nothing. Isotonic regression was turned down: its steps tie neighbours
    in the ranking, and it needs more takers than a month brings.
    """
    from scipy.optimize import minimize

    fewest = int(min(label.sum(), (~label).sum()))
    if fewest < FEWEST_FOR_SHIFT:
        return Calibration()
    with_slope = fewest >= FEWEST_FOR_SLOPE
    weight = np.where(label, 1.0, other_weight)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, shift = (parameters[0], parameters[1]) if with_slope else (1.0, parameters[0])
        z = slope * odds + shift
        error = weight * (probability(z) - label)
        value = float((weight * (np.logaddexp(0, z) - label * z)).sum())
        value += 5 * (slope - 1) ** 2 + 0.5 * shift**2
        gradient = [float((error * odds).sum()) + 10 * (slope - 1), float(error.sum()) + shift]
        return value, np.array(gradient if with_slope else gradient[1:])

    start = np.array([1.0, 0.0] if with_slope else [0.0])
    bounds = [(0.2, 3.0), (-10.0, 10.0)] if with_slope else [(-10.0, 10.0)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    slope, shift = (float(found[0]), float(found[1])) if with_slope else (1.0, float(found[0]))
    return Calibration(slope, shift, "Platt" if with_slope else "shift", len(label))
