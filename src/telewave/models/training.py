"""Training: screen, validate forward in time, fit on everything, calibrate, explain. Pure but for the learner's own
work.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from telewave.kernel import Conflict, Message, Missing
from telewave.models.calibration import Calibration, prior_shift
from telewave.models.contributions import contributions, saying_the_same
from telewave.models.curves import response_curve
from telewave.models.dataset import Floats, Integers, TrainingTable
from telewave.models.drawing import some_of
from telewave.models.estimator import GradientBoostedResponse, NothingVaries, OneOutcomeOnly, recency
from telewave.models.leaks import screened
from telewave.models.model import Contribution, LeakFinding, ModelCard, ResponseCurve, Validation
from telewave.models.rate import rate_uncertainty
from telewave.models.response import ALIKE, FittedResponse, TrainOptions, told
from telewave.models.segments import segments
from telewave.models.validation import Judged, calibrating, latest, splits, too_short, validated
from telewave.platform.progress import Progress, Silent

EXPLAINED_ROWS = 5_000


class NobodyTook(Conflict):
    """None of the {rows} rows took the offer, so there is nothing to learn. Check the offer's name, take a longer
    window, earlier as-of dates or a wider audience.
    """

    code = "nobody_took"


class EverybodyTook(Conflict):
    """All {rows} rows took the offer, so there is nothing to tell apart. Include subscribers who did not."""

    code = "everybody_took"


class NothingToLearnFrom(Conflict):
    """The leak screen left no variable of {variables}. Bring variables that are known before the outcome, or keep
    those that you know to be honest with --keep.
    """

    code = "nothing_to_learn_from"


class NoSuchVariable(Missing):
    """The variables to keep {names} are not in the table. Choose from: {known}."""

    code = "no_such_variable"


def train(
    table: TrainingTable,
    *,
    name: str,
    seed: int,
    now: datetime,
    progress: Progress | None = None,
    options: TrainOptions | None = None,
) -> FittedResponse:
    """Train the model called `name` on `table`, with a card that says how good it is on later periods.

    Deterministic for `seed`. Raises `NobodyTook`, `EverybodyTook`, `NoSuchVariable`, `NothingToLearnFrom`,
    `NothingVaries`, `TooShortToJudge` or `TooFewDates`.
    """
    progress, options = progress or Silent(), options or TrainOptions()
    options = options.resolved(table.dated or not table.ordered, table.takers)
    table = table.in_order()
    _check(table, options)
    with progress.step(Message("Screening for leaks")):
        screen = screened(table, _together(options), seed, options.keep)
    if not screen.table.variables:
        raise NothingToLearnFrom(variables=", ".join(v.name for v in table.variables))
    clean = for_population(screen.table, options.population_rate)
    options = _with_trees_chosen(clean, options, seed)
    validation, judged = validated(
        clean, _learn(options, seed), options.forward, seed=seed, progress=progress
    )
    with progress.step(Message("Training on all periods")):
        learnt = latest(clean, options.forward)
        estimator = _fitted(learnt, options, seed)
    shares, curves = _explained(learnt, estimator, progress)
    card = ModelCard(
        **_said_of(table, options),
        name=name,
        trained_at=now,
        seed=seed,
        n_train=len(learnt),
        takers=learnt.takers,
        base_rate=latest(screen.table, options.forward).base_rate,
        calibration=_calibration(clean, learnt, judged, options),
        variables=learnt.variables,
        contributions=shares,
        curves=curves,
        leaks=screen.findings,
        validation=_with_warnings(validation, screen.findings, table),
        rate=rate_uncertainty(
            validation.refreshed, [fold.quality for fold in validation.folds], clean.other_weight
        ),
        segments=segments(clean, clean.take(judged.rows), judged.probability),
    )
    return FittedResponse(name, estimator, card)


def _said_of(table: TrainingTable, options: TrainOptions) -> dict[str, Any]:
    """What the card takes over from the table and the options as they were given."""
    return {
        "target": table.target,
        "offered": table.offered,
        "audience": table.audience,
        "data_window": table.data_window,
        "content": table.content,
        "engine": options.engine,
        "population_rate": options.population_rate,
        "options": told(options),
    }


def _with_warnings(
    validation: Validation, findings: tuple[LeakFinding, ...], table: TrainingTable
) -> Validation:
    """What the screen and the table warn of comes before what validation does."""
    return replace(validation, warnings=(*_kept(findings), *table.warnings, *validation.warnings))


def _check(table: TrainingTable, options: TrainOptions) -> None:
    if not table.takers:
        raise NobodyTook(rows=len(table))
    if table.takers == len(table):
        raise EverybodyTook(rows=len(table))
    if strange := sorted(options.keep - {v.name for v in table.variables}):
        raise NoSuchVariable(names=", ".join(strange), known=", ".join(v.name for v in table.variables))
    if not splits(table, options.forward):
        raise too_short(table, options.forward)


def _together(options: TrainOptions) -> Callable[[TrainingTable, Integers], Floats]:
    """Out-of-fold log-odds by a small learner: enough to see whether a variable is too good."""
    quick = replace(options, iterations=60, depth=4, learning_rate=0.15, half_lives=ALIKE, early_stopping=0)

    def scores(table: TrainingTable, fold: Integers) -> Floats:
        odds = np.zeros(len(table))
        for number in np.unique(fold):
            mine = fold == number
            try:
                learner = quick.estimator(seed=0).fit(table.rows.filter(pa.array(~mine)), table.label[~mine])
            except (NothingVaries, OneOutcomeOnly):
                continue  # such variables tell nobody apart: all rows score alike
            odds[mine] = learner.decision_function(table.rows.filter(pa.array(mine)))
        return odds

    return scores


def _with_trees_chosen(table: TrainingTable, options: TrainOptions, seed: int) -> TrainOptions:
    """The number of trees from the latest tenth of the first training window;
    nothing that is judged later is looked at.

    Dated tables have few refreshes, each with much more to learn from than the one before: every fit chooses for
    itself.
    """
    steps = splits(table, options.forward)
    if table.dated or not options.early_stopping or not steps:
        return options
    first = table.take(steps[0].train)
    trees = options.estimator(seed).trees_wanted(first.rows, first.label, first.drawing())
    return replace(options, iterations=trees, early_stopping=0)


def _fitted(table: TrainingTable, options: TrainOptions, seed: int) -> GradientBoostedResponse:
    return options.estimator(seed).fit(table.rows, table.label, drawn_by=table.drawing())


def _learn(options: TrainOptions, seed: int) -> Callable[[TrainingTable], Callable[[TrainingTable], Floats]]:
    def learn(table: TrainingTable) -> Callable[[TrainingTable], Floats]:
        estimator, shift = _fitted(table, options, seed), _prior(table, options)
        return lambda rows: estimator.decision_function(rows.rows) + shift

    return learn


def _prior(table: TrainingTable, options: TrainOptions) -> float:
    """What to add to the log-odds learnt from `table`, so that they are those of the
    population, see `calibration.prior_shift`.

    At a given population rate, from the share of takers that the learner takes from these very rows (its members'
    log-odds are averaged); else for the non-takers that were sampled.
    """
    if options.population_rate is None:
        return -math.log(table.other_weight)
    weights = [recency(len(table), half_life) for half_life in options.half_lives or ALIKE]
    rates = [float((weight * table.label).sum() / weight.sum()) for weight in weights]
    return float(np.mean([prior_shift(rate, options.population_rate) for rate in rates]))


def for_population(table: TrainingTable, rate: float | None) -> TrainingTable:
    """`table` with non-takers that stand for so many that the share of takers is
    `rate`: resampled rows as rows of everybody.

    The same weight serves validation, curves and prior correction; None: as it is.
    """
    if rate is None:
        return table
    return replace(table, other_weight=math.exp(float(prior_shift(rate, table.takers / len(table)))))


def _calibration(
    table: TrainingTable, learnt: TrainingTable, judged: Judged, options: TrainOptions
) -> Calibration:
    """As the next period would be calibrated in validation, after the prior correction of the rows `learnt` from.

    Calibrated probabilities are at the rate of the rows that calibrated them: from there to the population's.
    """
    found = judged.calibrations[-1]
    corrected = found.then_shifted(found.slope * _prior(learnt, options))
    if options.population_rate is None or found.method == "none":
        return corrected
    rate = table.take(calibrating(judged.rows)).base_rate
    return corrected.then_shifted(prior_shift(rate, options.population_rate))


def _explained(
    table: TrainingTable, estimator: GradientBoostedResponse, progress: Progress
) -> tuple[tuple[Contribution, ...], tuple[ResponseCurve, ...]]:
    sample = table.rows.take(some_of(table.drawing(), EXPLAINED_ROWS))
    title = Message("Explaining the model")
    with progress.step(title, len(table.variables) + 1) as step:
        shares = contributions(table.variables, estimator.shap(sample), _alike(table, sample))
        step.advance()
        curves = []
        for variable in table.variables:
            column = table.rows.column(variable.name)
            curves.append(response_curve(variable, column, table.label, table.other_weight))
            step.advance()
    return shares, tuple(curves)


def _alike(table: TrainingTable, sample: pa.Table) -> list[list[int]]:
    """Groups of variables that say the same of every row: of those of a sample first, which most are not."""
    names = table.rows.column_names
    suspected = [k for group in saying_the_same(sample) for k in group]
    found = saying_the_same(table.rows.select([names[k] for k in suspected]))
    return [[suspected[k] for k in group] for group in found]


def _kept(findings: tuple[LeakFinding, ...]) -> list[Message]:
    """A warning for each variable that stayed against the screen's advice."""
    return [
        Message(
            "Kept as you asked, though it looks like a leak: {variable}. {evidence}",
            variable=finding.variable,
            evidence=finding.evidence,
        )
        for finding in findings
        if not finding.excluded
    ]
