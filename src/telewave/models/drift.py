"""Warnings to a reader of a validation: what changed over time, and how far the numbers can be trusted. Pure."""

from __future__ import annotations

import math

import numpy as np

from telewave.kernel import Estimate, Message
from telewave.kernel.intervals import wilson
from telewave.models.dataset import TrainingTable
from telewave.models.model import Fold, RankingQuality, thinly_judged
from telewave.models.rate import mean_rates
from telewave.models.verdict import refreshed_near_chance, stale_near_chance

NOTABLE_SHIFT = 1.25
NOTABLE_FALL = 0.03
WITHIN_BELOW_OVERALL = 0.1
WITHOUT_ORDER = Message(
    "The rows have no order in time: each was judged by a model of others drawn at random. Whether the "
    "ranking holds later is not known."
)


def drift_warnings(
    table: TrainingTable,
    folds: tuple[Fold, ...],
    refreshed: RankingQuality,
    stale: RankingQuality | None,
) -> tuple[Message, ...]:
    """Everything that a reader must know before trusting the model; empty when nothing stands against it.

    `stale`: trained once on the first half (`Validation.trained_once`).
    """
    of_time = (
        [_stale(refreshed, stale), _base_rate(table), _mostly_times(folds, refreshed), _few_folds(folds)]
        if table.ordered
        else [WITHOUT_ORDER]
    )
    candidates = [
        refreshed_near_chance(refreshed.auc),
        *of_time,
        _calibration(refreshed, table.other_weight),
        _thin_evidence(refreshed),
    ]
    return tuple(warning for warning in candidates if warning is not None)


def _stale(refreshed: RankingQuality, stale: RankingQuality | None) -> Message | None:
    if stale is None:
        return None
    old, new = stale.auc, refreshed.auc
    if not isinstance(old, Estimate) or not isinstance(new, Estimate):
        return None
    if (failing := stale_near_chance(old)) is not None:
        return failing
    if old.high < new.low and new.value - old.value >= NOTABLE_FALL:
        return Message(
            "Drift: trained once on the first half of the time the model falls to AUC {old:.2f}; refreshed "
            "at every step "
            "it reaches {new:.2f}. Refresh it regularly.",
            old=old.value,
            new=new.value,
        )
    if new.high < old.low and old.value - new.value >= NOTABLE_FALL:
        return Message(
            "Refreshing made the ranking worse: AUC {new:.2f} refreshed at every step, {old:.2f} trained "
            "once on the first half of the time. "
            "Learn from more dates or rows before each refresh.",
            old=old.value,
            new=new.value,
        )
    return None


def _thin_evidence(quality: RankingQuality) -> Message | None:
    auc = quality.auc
    if not isinstance(auc, Estimate) or not thinly_judged(quality):
        return None
    return Message(
        "The evidence is thin: only {takers} takers were there to judge the ranking by, so its AUC may be "
        "anything from {low:.2f} to {high:.2f}. "
        "Try the groups on a small scale first, or wait for more takers.",
        takers=quality.takers,
        low=auc.low,
        high=auc.high,
    )


def _base_rate(table: TrainingTable) -> Message | None:
    """Takers in the second half of the time against the first, where the intervals do not touch."""
    label = table.label
    cut = table.period[len(label) // 2]
    early, late = label[table.period < cut], label[table.period >= cut]
    if not len(early) or not len(late):
        return None
    before = wilson(int(early.sum()), len(early), table.other_weight)
    after = wilson(int(late.sum()), len(late), table.other_weight)
    ratio = max(after.value, 1e-9) / max(before.value, 1e-9)
    apart = after.low > before.high or before.low > after.high
    if not apart or 1 / NOTABLE_SHIFT < ratio < NOTABLE_SHIFT:
        return None
    return Message(
        "Drift: the share of takers moved from {before:.1%} in the first half of the time to {after:.1%} "
        "in the second.",
        before=before.value,
        after=after.value,
    )


def _calibration(quality: RankingQuality, other_weight: float) -> Message | None:
    """Probabilities summed over all judged rows against the takers who came."""
    if not quality.calibration or quality.takers == 0:
        return None
    observed, predicted = mean_rates(quality, other_weight)
    error = math.sqrt(
        observed * (1 - observed) / quality.takers * observed
    )  # Poisson, sampled others add little
    if abs(predicted - observed) <= 3 * error or 1 / NOTABLE_SHIFT < predicted / observed < NOTABLE_SHIFT:
        return None
    return Message(
        "The probabilities are off: on average {predicted:.2%} was predicted and {observed:.2%} took the "
        "offer. Trust the order more than the numbers.",
        predicted=predicted,
        observed=observed,
    )


def _mostly_times(folds: tuple[Fold, ...], refreshed: RankingQuality) -> Message | None:
    """Is the ranking good because it knows who, or because it knows when? Of dated
    tables it is judged within each date anyway.
    """
    pairs = [
        (fold.quality.auc.value, fold.quality.n) for fold in folds if isinstance(fold.quality.auc, Estimate)
    ]
    if len(pairs) < 2 or not isinstance(refreshed.auc, Estimate):
        return None
    within = float(np.average([auc for auc, _ in pairs], weights=[n for _, n in pairs]))
    if refreshed.auc.value - within < WITHIN_BELOW_OVERALL:
        return None
    return Message(
        "Much of the ranking is a matter of when, not who: over all periods together AUC is {overall:.2f}, "
        "inside one period {within:.2f} on average.",
        overall=refreshed.auc.value,
        within=within,
    )


def _few_folds(folds: tuple[Fold, ...]) -> Message | None:
    if len(folds) >= 2:
        return None
    return Message(
        "Only one later period could be judged; how much the model varies from period to period is not known."
    )
