"""What is known of a response model: findings, contributions, response curves, ranking quality, card. Pure values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from telewave.features.model import Variable
from telewave.kernel import Estimate, Inconclusive, Message
from telewave.models.calibration import Calibration
from telewave.models.target import Target

NEAR_CHANCE = 0.55
"""An AUC below this is no use to anybody: the better half of the list holds hardly more takers than the other."""


ENOUGH_TAKERS = 100
WIDE_INTERVAL = 0.1
"""With fewer judged takers, or an AUC between bounds further apart, too little is known of a ranking to act on it at
once.
"""


class LeakRule(StrEnum):
    """Why the leak screen stopped a variable or a fold."""

    TOO_GOOD = "too_good"
    KNOWN_AFTER = "known_after"
    DUPLICATE_ROWS = "duplicate_rows"


@dataclass(frozen=True, slots=True)
class LeakFinding:
    """One finding of the leak screen. `variable` is empty when the finding is about
    rows; `excluded` variables are not trained on.
    """

    rule: LeakRule
    variable: str
    evidence: Message
    excluded: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """A variable's share of what the model explains; the shares of all variables sum to 1.

    `same_as`: variables that say the same of every row, with which it shares equally what they contribute together.
    """

    variable: Variable
    share: float
    same_as: tuple[Variable, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One `value` (None: unknown) of a variable that by itself holds at least a fifth
    of all takers, well above the average rate.

    `rows`, `takers`: its share of all rows and of all takers; `rate`: how many of it take the offer; `auc_without`: how
    well the others are ranked, on periods not seen, None where that cannot be told.
    """

    variable: Variable
    value: str | float | None
    rows: float
    takers: float
    rate: Estimate
    auc_without: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
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


@dataclass(frozen=True, kw_only=True, slots=True)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingQuality:
    """How good a ranking and its probabilities are on rows the model has not seen.

    Of several as-of dates the ranking is judged within each, as it is used: `auc` over pairs of one date, lift, gain
    and average precision of each date's own list, averaged by its takers. `gain`: points (share of the list
    contacted, share of all takers found), from (0, 0) to (1, 1). `lift_by_tenth`: takers in each tenth of the list
    relative to the average, best tenth first.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """Forward in time. `refreshed`: all folds' judged rows, the model refitted before each fold. `trained_once`: fitted
    on the first half and never refreshed, judged on the rest. `warnings` say what a reader must know before trusting
    either (drift, too few takers). `ordered`: False where the rows have no order in time: `folds` are then parts drawn
    by hash, each judged by a model of the others.
    """

    folds: tuple[Fold, ...]
    refreshed: RankingQuality
    trained_once: RankingQuality | None
    warnings: tuple[Message, ...]
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class RateUncertainty:
    """How far the true rate of takers may lie from the model's in a coming period, in common for
    all: contacted, organic and grouped alike.

    As standard errors of the rate's logarithm: `judged_takers` T, on periods not seen, tell it to 1 / sqrt(T);
    `between_periods`: how far observed over predicted scattered from period to period beyond chance; `off_by`: how far
    all periods together were off, beyond both.
    """

    judged_takers: int
    between_periods: float
    off_by: float

    @property
    def log_error(self) -> float:
        """Standard error of the logarithm of the rate: 1 / T + between_periods^2 + off_by^2, and the root of it."""
        return math.sqrt(1 / max(self.judged_takers, 1) + self.between_periods**2 + self.off_by**2)


@dataclass(frozen=True, slots=True)
class OutsideRows:
    """Which rows: the name of an outside table, and the digest of its `content` at that
    time; empty: not known, or the operator's own.
    """

    samples: str = ""
    content: str = ""

    def facts(self) -> dict[str, str]:
        """As a manifest keeps them."""
        return {"samples": self.samples, "content": self.content}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> OutsideRows:
        """What `facts` kept; of a manifest of an earlier release nothing."""
        return cls(str(facts.get("samples", "")), str(facts.get("content", "")))


UNKNOWN_ROWS = OutsideRows()


class Trust(StrEnum):
    """How far a model may be used."""

    NONE_AGAINST = "none_against"
    CAUTION = "caution"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCard:
    """Everything a reader needs to judge the model: what it predicts, from what, how
    well, what to beware of, how it was made.

    `offered`: the offer and window behind `target`; None for an outside table. `audience`: whom it learnt from, empty:
    everybody. `base_rate`: share of takers among the rows learnt from; `population_rate`: that among everybody, where
    the rows were resampled: then scores, curves and validation are at this rate. `seed`, `options` (by their names) and
    `calibration`: what it takes to train it again. `rate`: how far the true rate may lie from the model's. `version`:
    its number in the registry, None until it is saved; no part of what the card says, so cards are compared without it.
    `segments`: single values that hold a fifth of all takers. `content`: the digest of the outside table that it learnt
    from, empty where it is not known; of no account in comparisons either.
    """

    name: str
    target: Message
    offered: Target | None
    audience: str
    engine: str
    trained_at: datetime
    data_window: Message
    n_train: int
    takers: int
    base_rate: float
    population_rate: float | None
    seed: int
    options: Mapping[str, Any]
    calibration: Calibration
    variables: tuple[Variable, ...]
    contributions: tuple[Contribution, ...]
    curves: tuple[ResponseCurve, ...]
    leaks: tuple[LeakFinding, ...]
    validation: Validation
    rate: RateUncertainty
    version: int | None = field(default=None, compare=False)
    segments: tuple[Segment, ...] = ()
    content: str = field(default="", compare=False)

    @property
    def samples(self) -> str:
        """The outside table that it learnt from; empty for the operator's own."""
        return "" if self.offered is not None else str(self.data_window.values.get("name", ""))

    @property
    def trust(self) -> Trust:
        """Stop where the ranking, refreshed or trained once, is near chance; caution where anything else was warned
        of.
        """
        judged = [self.validation.refreshed, self.validation.trained_once]
        if any(quality is not None and near_chance(quality.auc) for quality in judged):
            return Trust.STOP
        if self.validation.warnings or isinstance(self.validation.refreshed.auc, Inconclusive):
            return Trust.CAUTION
        return Trust.NONE_AGAINST


def near_chance(auc: Estimate | Inconclusive) -> bool:
    """Whether a ranking cannot be told from chance, or is hardly better."""
    return isinstance(auc, Estimate) and (auc.low <= 0.5 or auc.value < NEAR_CHANCE)


def thinly_judged(quality: RankingQuality) -> bool:
    """Whether the ranking could not be judged, or by so few takers that its AUC may be anything."""
    auc = quality.auc
    if not isinstance(auc, Estimate):
        return True
    return quality.takers < ENOUGH_TAKERS or auc.high - auc.low > WIDE_INTERVAL
