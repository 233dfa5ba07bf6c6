"""Validation forward in time: the model is judged only on what lies after everything it
learnt from. Pure but for the learner it is given.

Dated tables: each as-of date D is judged by a model that learnt from the as-of dates whose outcomes were known by then
(as-of + window <= D). Outside tables in order: from the first `train_rows` rows on, each `step` rows are judged
by a model refitted on the rows before them. Outside tables without an order: five parts drawn by hash, each judged by
a model of the other four. Probabilities are calibrated by the folds before, never by their own, and by the
same rule as those of the model that is delivered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from telewave.kernel import Conflict, Message
from telewave.models.calibration import Calibration, calibrated
from telewave.models.dataset import Booleans, Floats, Integers, TrainingTable, blocks
from telewave.models.drawing import Hashes
from telewave.models.drift import drift_warnings
from telewave.models.model import Fold, RankingQuality, Validation
from telewave.models.quality import ranking_quality
from telewave.platform.progress import Progress, track

CALIBRATED_BY_ROWS = 20_000
CLUSTERS = 1_000
PARTS = 5
Z90 = 1.6448536269514722

Scores = Callable[[TrainingTable], Floats]
"""The log-odds of a table's rows by a fitted model, shape (n,)."""

Learn = Callable[[TrainingTable], Scores]
"""Fits on a table."""

LearnRows = Callable[[Integers], Scores]
"""Fits on the rows that the numbers name."""


class TooShortToJudge(Conflict):
    """{rows} rows cannot be judged forward in time after training on {train_rows}. Bring more rows, or train on
    fewer.
    """

    code = "too_short_to_judge"


class TooFewDates(Conflict):
    """Nothing can be judged forward in time with the as-of dates {dates}. Give at least two with takers in the earlier
    one, and at least {days} days apart, the length of the window.
    """

    code = "too_few_dates"


@dataclass(frozen=True, slots=True)
class Forward:
    """How far to look back and how often to refresh. `window`: rows (or, in dated tables,
    as-of dates) to learn from; 0: all before.

    `train_rows`, `step` (outside tables only): rows before the first judged one, rows judged between two refreshes; 0:
    as the table's size allows, see `fitting`.
    """

    train_rows: int = 0
    step: int = 0
    window: int = 0

    def fitting(self, rows: int) -> Forward:
        """With what was left open chosen for a table of `rows` rows.

        Half of the rows, at most 20 000, before the first judged one; then steps of 1 000, fewer if that
        makes less than five steps, more if it makes over forty.
        """
        train_rows = self.train_rows or max(1, min(20_000, rows // 2))
        rest = max(0, rows - train_rows)
        return Forward(train_rows, self.step or max(1, min(max(1_000, rest // 40), rest // 5)), self.window)


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers to learn from and to judge on, and the judged period's name."""

    train: Integers
    judge: Integers
    period: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """The log-odds of rows by models that had not seen them. Arrays have one entry a judged row.

    `gains`: log-likelihood that calibrating by the steps before brought (or cost, where negative), one
    entry a step. `calibrations`: what each step's probabilities were made with, and last what the
    steps together say of what comes after them.
    """

    rows: Integers
    odds: Floats
    probability: Floats
    fold: Integers
    gains: Floats
    calibrations: tuple[Calibration, ...]


def splits(table: TrainingTable, forward: Forward) -> list[Split]:
    """The steps of forward validation; `table` is in order of period. Empty where nothing can be judged."""
    if table.dated:
        return list(_by_date(table, forward))
    if table.ordered or forward != Forward():
        return list(_by_rows(table, forward))
    return list(_by_parts(table))


def validated(
    table: TrainingTable, learn: Learn, forward: Forward, *, seed: int, progress: Progress
) -> tuple[Validation, Judged]:
    """Refit and judge step by step; then train once on the first half, judge the rest, and compare.

    Raises `TooShortToJudge` or `TooFewDates` if no step has anything to judge.
    """
    table = table.in_order()
    steps = splits(table, forward)
    if not steps:
        raise too_short(table, forward)
    learnt = _by_rows_once(table, learn, first_half(table)[0])
    odds = [
        learnt(step.train)(table.take(step.judge))
        for step in track(progress, Message("Validating forward in time"), steps, len(steps))
    ]
    judged = _prequential(table, steps, odds)
    refreshed = _quality(table.take(judged.rows), judged.probability, seed)
    stale = _trained_once(table, learnt, seed)
    folds = tuple(
        _fold(table, step, judged.probability[judged.fold == k], seed) for k, step in enumerate(steps)
    )
    warnings = drift_warnings(table, folds, refreshed, stale)
    return Validation(
        folds=folds, refreshed=refreshed, trained_once=stale, warnings=warnings, ordered=table.ordered
    ), judged


def too_short(table: TrainingTable, forward: Forward) -> TooShortToJudge | TooFewDates:
    """The error to raise where `splits` gives nothing to judge."""
    if not table.dated:
        return TooShortToJudge(rows=len(table), train_rows=forward.fitting(len(table)).train_rows)
    dates = [table.period_name(period) for period in np.unique(table.period)]
    return TooFewDates(dates=", ".join(dates), days=table.horizon)


def first_half(table: TrainingTable) -> tuple[Integers, Integers]:
    """Rows of the first half of the time whose outcomes were known when the second began, and the second's. Table in
    order.
    """
    cut = table.period[len(table) // 2]
    judge = np.flatnonzero(table.period >= cut)
    return _without_equals(table, np.flatnonzero(table.period + table.horizon <= cut), judge), judge


def _without_equals(table: TrainingTable, train: Integers, judge: Integers) -> Integers:
    """Of an outside table: the rows of `train` that share no drawing with one to be judged, as copies of
    it do. A subscriber of dated tables recurs.
    """
    if table.dated:
        return train
    drawn_by = table.drawing()
    return train[~np.isin(drawn_by[train], drawn_by[judge])]


def latest(table: TrainingTable, forward: Forward) -> TrainingTable:
    """What the final model learns from: the latest `window` rows or as-of dates, as in each step. Table in order."""
    if not forward.window:
        return table
    if table.dated:
        return table.take(table.period >= np.unique(table.period)[-forward.window :][0])
    return table.take(np.arange(max(0, len(table) - forward.window), len(table)))


def _by_date(table: TrainingTable, forward: Forward) -> Iterator[Split]:
    dates = np.unique(table.period)
    for date in dates:
        known = dates[dates + table.horizon <= date]
        if not len(known):
            continue
        oldest = known[-forward.window] if 0 < forward.window < len(known) else known[0]
        train = (table.period >= oldest) & (table.period <= known[-1])
        if not _both(table.label[train]):
            continue
        yield Split(np.flatnonzero(train), np.flatnonzero(table.period == date), table.period_name(date))


def _by_rows(table: TrainingTable, forward: Forward) -> Iterator[Split]:
    forward = forward.fitting(len(table))
    for planned in range(forward.train_rows, len(table), forward.step):
        end = min(planned + forward.step, len(table))
        if len(table) - end < forward.step // 2:
            end = len(table)  # a short rest joins the last step
        # Rows of one place in the sequence stay together: none is learnt from while another is judged.
        start = int(np.searchsorted(table.period, table.period[planned]))
        end = end if end == len(table) else int(np.searchsorted(table.period, table.period[end]))
        if start >= end:
            continue
        oldest = max(0, start - forward.window) if forward.window else 0
        judge = np.arange(start, end)
        train = _without_equals(table, np.arange(oldest, start), judge)
        if _both(table.label[train]):
            name = f"{table.period_name(table.period[start])}–{table.period_name(table.period[end - 1])}"
            yield Split(train, judge, name)
        if end == len(table):
            return


def _by_parts(table: TrainingTable) -> Iterator[Split]:
    """Five parts of rows that stand in the order of their hashes; rows that share a place stay together."""
    rows = len(table)
    places = [table.period[min(rows * k // PARTS, rows - 1)] for k in range(1, PARTS)]
    edges = [0, *(int(np.searchsorted(table.period, place)) for place in places), rows]
    for k, (start, end) in enumerate(pairwise(edges)):
        train = np.r_[0:start, end:rows].astype(np.int64)
        if start < end and _both(table.label[train]):
            yield Split(train, np.arange(start, end), f"{k + 1}/{PARTS}")


def _both(label: Booleans) -> bool:
    return bool(label.any() and not label.all())


def _by_rows_once(table: TrainingTable, learn: Learn, shared: Integers) -> LearnRows:
    """`learn` from rows of `table`. What it makes of the rows `shared` is kept: the step that judges
    the second half often learns from them too.
    """
    kept: list[Scores] = []

    def learnt(rows: Integers) -> Scores:
        if not np.array_equal(rows, shared):
            return learn(table.take(rows))
        if not kept:
            kept.append(learn(table.take(rows)))
        return kept[0]

    return learnt


def _prequential(table: TrainingTable, steps: list[Split], odds: list[Floats]) -> Judged:
    """Calibrate each step by the steps before it whose outcomes were known, and what comes after them by all."""
    used: list[Calibration] = []
    gains: list[float] = []
    label, weight = table.label, table.other_weight
    for k, step in enumerate(steps):
        now = table.period[step.judge[0]]
        earlier = [j for j in range(k) if table.period[steps[j].judge[-1]] + table.horizon <= now]
        learnt = _by_steps(table, [steps[j] for j in earlier], [odds[j] for j in earlier])
        used.append(learnt if _shown_to_help([gains[j] for j in earlier]) else Calibration())
        plain, corrected = Calibration().apply(odds[k]), learnt.apply(odds[k])
        took = label[step.judge]
        gains.append(_log_loss(took, plain, weight) - _log_loss(took, corrected, weight))
    probabilities = [used[k].apply(odds[k]) for k in range(len(steps))]
    used.append(_by_steps(table, steps, odds) if _shown_to_help(gains) else Calibration())
    fold = np.concatenate([np.full(len(step.judge), k) for k, step in enumerate(steps)])
    rows = np.concatenate([step.judge for step in steps])
    return Judged(
        rows=rows,
        odds=np.concatenate(odds),
        probability=np.concatenate(probabilities),
        fold=fold,
        gains=np.array(gains),
        calibrations=tuple(used),
    )


def calibrating(rows: Integers) -> Integers:
    """Of the rows judged so far those that a calibration is learnt from: the latest, at most `CALIBRATED_BY_ROWS`."""
    return rows[-CALIBRATED_BY_ROWS:]


def _by_steps(table: TrainingTable, steps: list[Split], odds: list[Floats]) -> Calibration:
    """What the steps' latest rows teach; nothing where there are no steps.

    Used only where calibrating so is shown to have served the steps before better than leaving the probabilities alone
    (`_shown_to_help`): under drift the past corrects the wrong way.
    """
    if not steps:
        return Calibration()
    rows = calibrating(np.concatenate([step.judge for step in steps]))
    return calibrated(np.concatenate(odds)[-len(rows) :], table.label[rows], table.other_weight)


def _shown_to_help(gains: list[float]) -> bool:
    """Whether the steps' gains lie above zero at 5 %, one-sided: their sum over its standard error sqrt(sum of
    squares).

    Rows of one step share its times, so the step and not the row is what is counted.
    """
    return sum(gains) > Z90 * math.sqrt(sum(gain**2 for gain in gains))


def _log_loss(label: Booleans, probability: Floats, other_weight: float) -> float:
    likelihood = np.log(np.clip(np.where(label, probability, 1 - probability), 1e-12, 1))
    return -float((np.where(label, 1.0, other_weight) * likelihood).sum())


def _trained_once(table: TrainingTable, learnt: LearnRows, seed: int) -> RankingQuality | None:
    if not table.ordered:
        return None
    train, judge = first_half(table)
    if not len(train) or not len(judge) or not _both(table.label[train]):
        return None
    later = table.take(judge)
    return _quality(later, Calibration().apply(learnt(train)(later)), seed)


def _quality(judged: TrainingTable, probability: Floats, seed: int) -> RankingQuality:
    """Over several periods: dated tables within each date, drawn by subscriber; others as one list, drawn by
    stretch of time, or by row without an order.
    """
    by_date = judged.dated
    return ranking_quality(
        judged.label,
        probability,
        seed=seed,
        other_weight=judged.other_weight,
        lists=judged.period if by_date else None,
        cluster=blocks(judged) if judged.ordered and not by_date else in_groups(judged.drawing()),
    )


def in_groups(drawn_by: Hashes) -> Integers:
    """One of `CLUSTERS` numbers for each subscriber (or row): enough to tell the spread by, few
    enough to keep in a table (random groups).
    """
    return (drawn_by % np.uint64(CLUSTERS)).astype(np.int64)


def _fold(table: TrainingTable, step: Split, probability: Floats, seed: int) -> Fold:
    label = table.label[step.judge]
    quality = ranking_quality(label, probability, seed=seed, other_weight=table.other_weight, resamples=200)
    return Fold(step.period, len(step.train), quality)
