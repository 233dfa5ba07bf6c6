"""What is known of a response model: findings, contributions, response curves, ranking quality, card. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from telewave.features.model import Variable
from telewave.kernel import Estimate, Inconclusive, Message


class LeakRule(StrEnum):
    """Why the leak screen stopped a variable or a fold."""

    TOO_GOOD = "too_good"
    KNOWN_AFTER = "known_after"
    DUPLICATE_ROWS = "duplicate_rows"


@dataclass(frozen=True, slots=True)
class LeakFinding:
    """One finding of the leak screen. `variable` is empty when the finding is about rows; `excluded` variables are not trained on."""

    rule: LeakRule
    variable: str
    evidence: Message
    excluded: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """A variable's share of what the model explains; the shares of all variables sum to 1."""

    variable: Variable
    share: float


@dataclass(frozen=True, slots=True)
class ResponseBin:
    """Response over one stretch of a variable: [low, high), or one category; `rate` carries its interval.

    `missing` marks the bin of unknown values (low, high and category are then None).
    """

    low: float | None
    high: float | None
    category: str | None
    missing: bool
    n: int
    takers: int
    rate: Estimate


@dataclass(frozen=True, slots=True)
class ResponseCurve:
    """Response rate over a variable's range, from data. `high_bins` are the indices of the bins that form the
    high-response interval; empty when no stretch is distinguishable from the average `base_rate`.
    """

    variable: Variable
    bins: tuple[ResponseBin, ...]
    high_bins: tuple[int, ...]
    base_rate: float
    shape: Message


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Predicted against observed share of takers in one stretch of the predicted probability."""

    predicted: float
    observed: Estimate
    n: int


@dataclass(frozen=True, slots=True)
class RankingQuality:
    """How good a ranking and its probabilities are on rows the model has not seen.

    `gain`: points (share of the list contacted, share of all takers found), from (0, 0) to (1, 1).
    `lift_by_tenth`: takers in each tenth of the list relative to the average, best tenth first.
    """

    n: int
    takers: int
    auc: Estimate | Inconclusive
    average_precision: Estimate | Inconclusive
    lift_best_tenth: Estimate | Inconclusive
    gain_best_half: Estimate | Inconclusive
    brier: Estimate | Inconclusive
    gain: tuple[tuple[float, float], ...]
    lift_by_tenth: tuple[float, ...]
    calibration: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """One step of forward validation: trained on everything before, judged on `period`."""

    period: str
    n_train: int
    quality: RankingQuality


@dataclass(frozen=True, slots=True)
class Validation:
    """Forward in time. `refreshed`: all folds' judged rows together, the model refitted before each fold.
    `trained_once`: fitted on the first half and never refreshed, judged on the rest. `warnings` say what a reader
    must know before trusting either (drift, too few takers).
    """

    folds: tuple[Fold, ...]
    refreshed: RankingQuality
    trained_once: RankingQuality | None
    warnings: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything a reader needs to judge the model: what it predicts, from what, how well, and what to beware of."""

    name: str
    target: Message
    engine: str
    trained_at: datetime
    data_window: Message
    n_train: int
    takers: int
    base_rate: float
    variables: tuple[Variable, ...]
    contributions: tuple[Contribution, ...]
    curves: tuple[ResponseCurve, ...]
    leaks: tuple[LeakFinding, ...]
    validation: Validation
