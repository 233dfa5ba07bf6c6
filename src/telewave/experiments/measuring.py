"""What an experiment did: every arm against the control in every outcome, from rows whose arm was drawn by lot. Pure.

The experiment is measured as it was drawn: all rows of an arm count, contacted or not (intention to treat). Rows of a
cluster were drawn together, and count together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from telewave.experiments.adjustment import Adjustment, adjustment
from telewave.experiments.effects import ALPHA, Comparison, Kind, compared
from telewave.experiments.moments import Booleans, Floats, Integers, Level, Moments, unit_totals
from telewave.experiments.sample_ratio import SampleRatio, sample_ratio
from telewave.kernel import Conflict, Inconclusive, Malformed, Message

UNLIKELY = 0.001
"""What chance brings about less often than this is told: unequal shares of missing
outcomes, a covariate that differs between the arms.
"""


class TooFewUnits(Malformed):
    """The arm {arm} has {units} {what} with a known outcome {outcome}: at least 2 are needed to tell chance from
    effect. Leave that arm out of the file, or bring more of it.
    """

    code = "too_few_units"


class ClustersOfOtherSizes(Conflict):
    """Nothing is measured: the clusters ({cluster}) of {arm} have {treated:.3f} rows each, those of {control}
    {left_alone:.3f}, which chance makes in fewer than 1 of 1,000 experiments. Clusters were drawn whole, so rows were
    lost or filtered after the draw. Find out which, and bring all rows of each cluster.
    """

    code = "clusters_of_other_sizes"


class ConstantOutcome(Malformed):
    """The outcome {outcome} is {value:g} in every row that has one: there is nothing to compare.
    Name an outcome that differs between rows.
    """

    code = "constant_outcome"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trial:
    """One entry a row: the `arm` (0: the control, -1: unknown), the outcomes by name (nan:
    unknown), what `before` knew, the `cluster`.

    `arms`: names, the control first. `before_name`, `cluster_name`: of the columns; empty where there is none.
    """

    arms: tuple[str, ...]
    arm: Integers
    outcomes: Mapping[str, Floats]
    before: Floats | None = None
    before_name: str = ""
    cluster: Integers | None = None
    cluster_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """The comparisons once more, adjusted by what was known before; `saved`: the share of the
    differences' variance that this took away.
    """

    comparisons: tuple[Comparison, ...]
    saved: float
    correlation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One outcome: its kind, the rows of each arm with and without it, the comparisons, adjusted
    too where something is known from before.
    """

    name: str
    kind: Kind
    rows: tuple[int, ...]
    missing: tuple[int, ...]
    comparisons: tuple[Comparison, ...]
    adjusted: Adjusted | Inconclusive | None = None
    warnings: tuple[Message, ...] = ()

    @property
    def deciding(self) -> tuple[Comparison, ...]:
        """The adjusted comparisons where there are some: what was known before was named before anything was looked
        at.
        """
        return self.adjusted.comparisons if isinstance(self.adjusted, Adjusted) else self.comparisons


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """All of an experiment. `unassigned`: rows without an arm, left out; `shared`: clusters with rows in several
    arms.
    """

    arms: tuple[str, ...]
    rows: tuple[int, ...]
    ratio: SampleRatio
    outcomes: tuple[Measured, ...]
    unassigned: int = 0
    before: str = ""
    cluster: str = ""
    clusters: int = 0
    shared: int = 0
    warnings: tuple[Message, ...] = field(default=())


def measured(trial: Trial, expected: Mapping[str, float] | None = None) -> Measurement:
    """Every outcome of the trial. `expected`: the shares the arms were drawn with; None: all of one size.

    Raises `SampleRatioMismatch`, `ClustersOfOtherSizes`, `ExpectedShares`, `TooFewUnits`, `ConstantOutcome`.
    """
    clusters, shared, drawn = _clusters(trial)
    ratio = sample_ratio(trial.arms, drawn, expected)
    ratio.require()
    if trial.cluster is not None and not shared:
        _require_sizes(trial, trial.cluster)
    rows = tuple(int(n) for n in np.bincount(trial.arm[trial.arm >= 0], minlength=len(trial.arms)))
    return Measurement(
        arms=trial.arms,
        rows=rows,
        ratio=ratio,
        outcomes=tuple(_outcome(trial, name, values) for name, values in trial.outcomes.items()),
        unassigned=int((trial.arm < 0).sum()),
        before=trial.before_name,
        cluster=trial.cluster_name,
        clusters=clusters,
        shared=shared,
        warnings=_warnings(trial, shared),
    )


def _clusters(trial: Trial) -> tuple[int, int, tuple[int, ...]]:
    """How many clusters there are, how many of them have rows in several arms, and what was drawn into each arm:
    clusters, or rows where some are in several.
    """
    known, width = trial.arm >= 0, len(trial.arms)
    rows = np.bincount(trial.arm[known], minlength=width)
    if trial.cluster is None:
        return 0, 0, tuple(rows.tolist())
    pairs = np.unique(trial.cluster[known] * width + trial.arm[known])
    clusters = len(np.unique(pairs // width))
    shared = int((np.unique(pairs // width, return_counts=True)[1] > 1).sum())
    drawn = rows if shared else np.bincount(pairs % width, minlength=width)
    return clusters, shared, tuple(drawn.tolist())


def _require_sizes(trial: Trial, cluster: Integers) -> None:
    """Raises `ClustersOfOtherSizes` where the rows a cluster differ between the
    arms: lost rows leave their clusters behind.
    """
    levels = []
    for code in range(len(trial.arms)):
        sizes = np.unique(cluster[trial.arm == code], return_counts=True)[1].astype(np.float64)
        if len(sizes) < 2:
            return
        levels.append(Moments.of(unit_totals(sizes, np.zeros(len(sizes)), None)).level())
    code = _unlike(levels)
    if code:
        raise ClustersOfOtherSizes(
            cluster=trial.cluster_name,
            arm=trial.arms[code],
            control=trial.arms[0],
            treated=levels[code].value,
            left_alone=levels[0].value,
        )


def _unlike(levels: list[Level]) -> int:
    """The first arm whose level differs from the control's by what chance makes less
    often than `UNLIKELY`, over all arms; 0: none.
    """
    comparisons = round(ALPHA / UNLIKELY) * (len(levels) - 1)
    for code in range(1, len(levels)):
        made = compared("", levels[code], levels[0], Kind.AMOUNT, arms=comparisons).together
        if made.low > 0 or made.high < 0:
            return code
    return 0


def _warnings(trial: Trial, shared: int) -> tuple[Message, ...]:
    said = []
    if shared:
        said.append(
            Message(
                "{shared:,} clusters ({cluster}) have rows in several arms. They were drawn row by row "
                "then, and are reckoned so; whoever was left alone may have heard of it at home.",
                shared=shared,
                cluster=trial.cluster_name,
            )
        )
    return tuple(said)


def _outcome(trial: Trial, name: str, values: Floats) -> Measured:
    known = (trial.arm >= 0) & ~np.isnan(values)
    _require_variation(name, values[known])
    kind = Kind.RATE if np.isin(values[known], (0.0, 1.0)).all() else Kind.AMOUNT
    before, imputed = _before(trial, known)
    arms = tuple(
        _moments(trial, values, before, known & (trial.arm == code)) for code in range(len(trial.arms))
    )
    for arm, moments in zip(trial.arms, arms, strict=True):
        if moments.units < 2:
            what = Message("rows") if trial.cluster is None else Message("clusters")
            raise TooFewUnits(arm=arm, units=moments.units, what=what, outcome=name)
    missing = tuple(int(((trial.arm == code) & np.isnan(values)).sum()) for code in range(len(arms)))
    rows = tuple(round(moments.rows) for moments in arms)
    plain = [moments.level() for moments in arms]
    comparisons = _comparisons(trial, known, values, before, plain, kind, None)
    adjusted = None
    warnings = _missing_words(trial.arms, rows, missing, name)
    if trial.before is not None:
        adjusted = _adjusted(trial, known, values, before, arms, kind, name)
        warnings += imputed
    return Measured(
        name=name,
        kind=kind,
        rows=rows,
        missing=missing,
        comparisons=comparisons,
        adjusted=adjusted,
        warnings=warnings,
    )


def _require_variation(name: str, values: Floats) -> None:
    if len(values) and (values == values[0]).all():
        raise ConstantOutcome(outcome=name, value=float(values[0]))


def _before(trial: Trial, known: Booleans) -> tuple[Floats, tuple[Message, ...]]:
    """The covariate with its mean where it is unknown, and how often that is: the draw does not know
    who lacks it, so the difference stays right.
    """
    if trial.before is None:
        return np.zeros(len(trial.arm)), ()
    lacking = np.isnan(trial.before) & known
    some = known & ~np.isnan(trial.before)
    centre = float(trial.before[some].mean()) if some.any() else 0.0
    filled = np.where(np.isnan(trial.before), centre, trial.before)
    if not lacking.any():
        return filled, ()
    said = Message(
        "{before} is unknown in {share:.1%} of the rows, which count with its mean.",
        before=trial.before_name,
        share=float(lacking.sum() / known.sum()),
    )
    return filled, (said,)


def _moments(trial: Trial, values: Floats, before: Floats, mine: Booleans) -> Moments:
    cluster = None if trial.cluster is None else trial.cluster[mine]
    return Moments.of(unit_totals(values[mine], before[mine], cluster))


def _comparisons(
    trial: Trial,
    known: Booleans,
    values: Floats,
    before: Floats,
    levels: list[Level],
    kind: Kind,
    by: Adjustment | None,
) -> tuple[Comparison, ...]:
    residual = values if by is None else values - by.slope * (before - by.centre)
    return tuple(
        compared(
            arm,
            levels[code],
            levels[0],
            kind,
            arms=len(levels) - 1,
            covariance=_covariance(trial, known, residual, levels, code),
            adjusted=by is not None,
        )
        for code, arm in enumerate(trial.arms)
        if code
    )


def _covariance(trial: Trial, known: Booleans, residual: Floats, levels: list[Level], code: int) -> float:
    """Of the levels of arm `code` and the control: sum over the clusters of both of
    their summed residuals, over the rows of both.
    """
    if trial.cluster is None:
        return 0.0
    _, place = np.unique(trial.cluster, return_inverse=True)
    sums = []
    for arm in (code, 0):
        mine = known & (trial.arm == arm)
        apart = residual[mine] - levels[arm].value
        sums.append(np.bincount(place[mine], weights=apart, minlength=int(place.max()) + 1))
    units = levels[code].units, levels[0].units
    # The same correction for small numbers as in the variances: where all is shared, that of the differences comes out.
    small = math.sqrt(math.prod(n / (n - 1) for n in units))
    return small * float(sums[0] @ sums[1]) / (levels[code].rows * levels[0].rows)


def _adjusted(
    trial: Trial,
    known: Booleans,
    values: Floats,
    before: Floats,
    arms: tuple[Moments, ...],
    kind: Kind,
    name: str,
) -> Adjusted | Inconclusive:
    by = adjustment(arms, trial.before_name, name)
    if isinstance(by, Inconclusive):
        return by
    if (unlike := _unlike_before(trial, known, before)) is not None:
        return unlike
    levels = [moments.level(by.slope, by.centre) for moments in arms]
    comparisons = _comparisons(trial, known, values, before, levels, kind, by)
    spread = [moments.level().variance for moments in arms]
    left = sum(
        (levels[code].variance + levels[0].variance) / (spread[code] + spread[0])
        for code in range(1, len(arms))
    )
    return Adjusted(comparisons=comparisons, saved=1 - left / (len(arms) - 1), correlation=by.correlation)


def _unlike_before(trial: Trial, known: Booleans, before: Floats) -> Inconclusive | None:
    """Why the covariate cannot be from before the draw: the arms differ in it by more than chance makes them."""
    levels = [
        _moments(trial, before, np.zeros(len(before)), known & (trial.arm == code)).level()
        for code in range(len(trial.arms))
    ]
    code = _unlike(levels)
    if not code:
        return None
    return Inconclusive(
        Message(
            "{before} differs between {arm} and {control} by more than the draw makes it ({treated:,.4g} "
            "against {left_alone:,.4g}): it is probably not from before, and nothing is adjusted by it. "
            "Name a column that was known before the draw.",
            before=trial.before_name,
            arm=trial.arms[code],
            control=trial.arms[0],
            treated=levels[code].value,
            left_alone=levels[0].value,
        )
    )


def _missing_words(
    arms: tuple[str, ...], rows: tuple[int, ...], missing: tuple[int, ...], name: str
) -> tuple[Message, ...]:
    if not any(missing):
        return ()
    shares = [f"{arm} {lost / (lost + n):.1%}" for arm, n, lost in zip(arms, rows, missing, strict=True)]
    if _unequal(rows, missing):
        return (
            Message(
                "The outcome {outcome} is unknown more often in one arm than in another, by more than "
                "chance makes it: {shares}. What is missing may be what the arms differ in; find out why "
                "before trusting the comparison.",
                outcome=name,
                shares=shares,
            ),
        )
    return (
        Message(
            "Rows without a known outcome {outcome} are left out: {shares}. The arms lose about equal shares.",
            outcome=name,
            shares=shares,
        ),
    )


def _unequal(rows: tuple[int, ...], missing: tuple[int, ...]) -> bool:
    from scipy.stats import chi2_contingency

    return bool(chi2_contingency(np.array([rows, missing]), correction=False).pvalue < UNLIKELY)
