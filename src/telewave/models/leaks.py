"""The leak screen: variables that know the outcome; rows that appear twice are the matter of `copies`. Pure, on arrays.

A leak shows itself in two ways (Kaufman, Rosset, Perlich and Stitelman 2012, "Leakage in data mining", ACM TKDD 6(4),
sections 4.2-4.3: a variable whose association with the target is surprisingly high, or whose presence betrays it):

1. *Too good*: alone, the variable ranks takers of one period above non-takers of the same period with an out-of-fold
   AUC whose lower bound exceeds `ALONE` = 0.70; and added to all other variables together, it takes away more than
   `OF_THE_ERROR` = 0.6 of the ranking error (1 - AUC) that they leave. AUC within the period, because a shift of the
   times (season, prices) separates takers of different periods without telling who takes. Both are asked for because
   a strong honest variable is common (0.70 is reached by a good one) and seldom alone: usage, spending, tenure
   overlap, so removing one costs little. A variable written after the outcome has no such company. Measured:
   duration of the call in bank-marketing 0.85 alone, takes away 0.67 of the error; strongest honest variable of the
   sets tried below 0.70 alone, and none takes away more than 0.2. An honest variable is refused wrongly only if it
   reaches 0.80 alone while all others together tell nothing. Variables that say the same - a rank correlation of at
   least `TWINS` = 0.9, or each so good alone that its lower bound exceeds `SURE` = 0.9 - are suspected and left out
   together: seconds must not excuse minutes.
2. *Known after*: declared so; or where the variable is present (or absent, zero, not zero) practically all are takers -
   lower Wilson bound of their share above `PURE` = 0.95 - and at least a quarter of all takers are there. A rare mark
   that only takers bear ranks few of them, so its AUC tells nothing; but so many who all do the same are no accident:
   the rows of a single value (known, unknown, zero and not zero among them), at least `MARKED` = 10 with one outcome
   and one in fifty of those who have it, more than `PURE` of them so, which the outcome's usual share (up to
   `MOST_FREQUENT`) would bring about once in a million looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from scipy import stats
from scipy.sparse.csgraph import connected_components

from telewave.kernel import Message
from telewave.kernel.intervals import Z95, wilson
from telewave.models.copies import without_repeats
from telewave.models.dataset import Booleans, Floats, Integers, TrainingTable, blocks
from telewave.models.drawing import drawn_into, exact, some_of
from telewave.models.matrix import Column, few_values, is_category, numbers
from telewave.models.model import LeakFinding, LeakRule

ALONE = 0.70
OF_THE_ERROR = 0.6
PURE = 0.95
SHARE_OF_TAKERS = 0.25
MARKED = 10
SHARE_MARKED = 0.02
ACCIDENT = 1e-6
MOST_FREQUENT = 0.6
FEW_VALUES = 32
TWINS = 0.9
SURE = 0.9
FOLDS = 5
BINS = 32
FEWEST_OF_BOTH = 5
"""Of each outcome a stretch of time must hold so many that takers and others can be compared within it."""
ROWS_JUDGED = 40_000

Together = Callable[[TrainingTable, Integers], Floats]
"""Out-of-fold scores of a model of all the table's variables, given each row's fold; shape (n,)."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What the screen left: `table` without leaking variables and repeated rows, and what it found."""

    table: TrainingTable
    findings: tuple[LeakFinding, ...]


def screened(
    table: TrainingTable, together: Together, seed: int, keep: frozenset[str] = frozenset()
) -> Screened:
    """Drop repeated rows and leaking variables; `together` fits a model of several variables on given folds.

    Variables to `keep` stay whatever is found, and the finding says so: somebody knows that they are honest.
    """
    single, repeated = without_repeats(table)
    written = known_after(single)
    good = too_good(single.without([f.variable for f in written]), together, seed)
    findings = [replace(f, excluded=f.variable not in keep) for f in (*repeated, *written, *good)]
    return Screened(single.without([f.variable for f in findings if f.excluded]), tuple(findings))


def known_after(table: TrainingTable) -> list[LeakFinding]:
    """Variables declared or found to be written only once the outcome is known."""
    findings = []
    for name in table.rows.column_names:
        if name in table.known_after:
            evidence = Message("Declared to be known only after the outcome.")
        elif (share := _betrayal(table.rows.column(name), table.label)) is not None:
            evidence = Message(
                "Where this is recorded (or is absent, zero, not zero) {share:.1%} have the same outcome: "
                "it is written after the outcome.",
                share=share,
            )
        elif (told := betraying_value(table.rows.column(name), table.label)) is not None:
            evidence = told
        else:
            continue
        findings.append(LeakFinding(LeakRule.KNOWN_AFTER, name, evidence, True))
    return findings


def betraying_value(column: Column, label: Booleans) -> Message | None:
    """What to say of the value whose rows practically all have the same outcome, see
    the module's text; None where there is none.
    """
    marks = _marks(column)
    for outcome in (label, ~label):
        usual = float(outcome.mean())
        if not 0 < usual <= MOST_FREQUENT:
            continue
        for mark in marks:
            if (found := _pure(mark, outcome, usual)) is not None:
                rows, share = found
                return Message(
                    "Of {rows} rows with the same value of this {share:.1%} have the same outcome, of all "
                    "rows {usual:.1%}: it looks written after the outcome.",
                    rows=rows,
                    share=share,
                    usual=usual,
                )
    return None


def _pure(mark: Integers, outcome: Booleans, usual: float) -> tuple[int, float] | None:
    """Rows of the value that has practically one outcome, and the share of it; None where no value does beyond
    accident.
    """
    count = np.bincount(mark)
    hits = np.bincount(mark, weights=outcome)
    likely = (hits >= max(MARKED, SHARE_MARKED * outcome.sum())) & (hits > PURE * count)
    for k in np.flatnonzero(likely):
        if stats.binom.sf(hits[k] - 1, count[k], usual) * len(count) < ACCIDENT:
            return int(count[k]), float(hits[k] / count[k])
    return None


def _marks(column: Column) -> list[Integers]:
    """Ways to part the rows by single values, as numbers from 0: each category or one
    of few numbers; known or not; zero or not.
    """
    known = np.asarray(pc.is_valid(column).to_numpy()).astype(np.int64)
    if is_category(column.type):
        return [_codes(column), known]
    values = exact(column)
    found = [known, (~np.isnan(values) & (values != 0)).astype(np.int64)]
    distinct = few_values(values, FEW_VALUES)
    return found if distinct is None else [np.searchsorted(distinct, values).astype(np.int64), *found]


def too_good(table: TrainingTable, together: Together, seed: int) -> list[LeakFinding]:
    """Variables that alone take away most of the ranking error which all others
    leave, strongest first; see the module's text.
    """
    table = _sampled(table, seed)
    period = of_both(blocks(table), table.label)
    fold = drawn_into(table.drawing(), FOLDS, seed)
    alone = {
        name: out_of_fold(_codes(table.rows.column(name)), table.label, fold)
        for name in table.rows.column_names
    }
    ranked = {name: within_auc(table.label, score, period) for name, score in alone.items()}
    suspects = sorted((n for n, (_, low) in ranked.items() if low > ALONE), key=lambda n: -ranked[n][0])
    sure = {name for name in suspects if ranked[name][1] > SURE}
    findings: list[LeakFinding] = []
    whole = None  # AUC of all variables that are left, fitted when first needed
    for group in _saying_the_same(table, alone, suspects, sure):
        left = table.without([f.variable for f in findings])
        if whole is None:
            whole = within_auc(left.label, together(left, fold), period)[0]
        rivals = [ranked[other][0] for other in left.rows.column_names if other not in group]
        if _removed(whole, max(rivals, default=0.5)) <= OF_THE_ERROR:
            continue  # one of the others alone leaves too little to take away
        reached = {name: ranked[name][0] for name in group}
        if found := _judged(left, reached, whole, together, (period, fold)):
            findings += found
            whole = None
    return findings


def _saying_the_same(
    table: TrainingTable, alone: dict[str, Floats], suspects: list[str], sure: set[str]
) -> list[list[str]]:
    """The suspects in groups that are suspected together, the group of the best first.

    Numbers are compared by their ranks, categories by the shares of takers that they stand for.
    """
    ranks = np.array([stats.rankdata(_ordered(table.rows.column(n), alone[n])) for n in suspects])
    if not suspects:
        return []
    alike = np.abs(np.atleast_2d(np.corrcoef(ranks))) >= TWINS
    alike |= np.array([[a in sure and b in sure for b in suspects] for a in suspects])
    group = connected_components(alike)[1]
    first = np.unique(group, return_index=True)[1]
    return [[suspects[k] for k in np.flatnonzero(group == group[start])] for start in np.sort(first)]


def _ordered(column: Column, alone: Floats) -> Floats:
    """What to compare a variable by; unknown numbers come first."""
    if is_category(column.type):
        return alone
    return np.nan_to_num(numbers(column).astype(np.float64), nan=-np.inf, posinf=np.inf, neginf=-1e300)


def _removed(with_it: float, without: float) -> float:
    """Share of the ranking error that the others leave which is taken away."""
    return (with_it - without) / max(1e-9, 1 - without)


def _judged(
    table: TrainingTable,
    alone: dict[str, float],
    with_it: float,
    together: Together,
    parts: tuple[Integers, Integers],
) -> list[LeakFinding]:
    """A finding for each variable of a group, or none. `alone`: the AUC that each
    reaches; `parts`: each row's period and fold.
    """
    period, fold = parts
    others = table.without(list(alone))
    without = 0.5
    if others.variables:
        without = max(0.5, within_auc(table.label, together(others, fold), period)[0])
    removed = _removed(with_it, without)
    if removed <= OF_THE_ERROR:
        return []
    known = {"others": without, "both": with_it, "removed": removed}
    if len(alone) == 1:
        ((name, reached),) = alone.items()
        evidence = Message(
            "Alone it ranks with AUC {alone:.2f}; all other variables together reach {others:.2f}, with it {both:.2f}. "
            "One variable that takes away {removed:.0%} of the remaining error knows the outcome.",
            alone=reached,
            **known,
        )
        return [LeakFinding(LeakRule.TOO_GOOD, name, evidence, True)]
    return [
        LeakFinding(LeakRule.TOO_GOOD, name, _evidence_of_twins(name, alone, known), True) for name in alone
    ]


def _evidence_of_twins(name: str, alone: dict[str, float], known: dict[str, float]) -> Message:
    return Message(
        "Alone it ranks with AUC {alone:.2f}, and {twins} says the same; all other variables together "
        "reach {others:.2f}, with them {both:.2f}. "
        "What takes away {removed:.0%} of the remaining error knows the outcome.",
        alone=alone[name],
        twins=", ".join(other for other in alone if other != name),
        **known,
    )


def within_auc(label: Booleans, score: Floats, period: Integers) -> tuple[float, float]:
    """AUC over pairs of one period, and its lower 95 % bound (standard error of Hanley and McNeil 1982).

    Periods count by their number of pairs. (0.5, 0.0) where no period holds a pair.
    """
    order = np.lexsort((score, period))
    took, block, value = label[order], period[order], score[order]
    changed = np.r_[True, (block[1:] != block[:-1]) | (value[1:] != value[:-1])]
    cell = np.cumsum(changed) - 1
    takers = np.bincount(cell, weights=took)
    others = np.bincount(cell, weights=~took)
    start = block[changed]
    below = np.cumsum(others) - others
    first = np.searchsorted(start, start)  # the period's first cell
    won = takers * (below - below[first] + others / 2)
    pairs = np.bincount(start, weights=takers) * np.bincount(start, weights=others)
    total = float(pairs.sum())
    if not total:
        return 0.5, 0.0
    auc = float(won.sum() / total)
    return auc, auc - Z95 * _hanley_mcneil(auc, int(label.sum()), int((~label).sum()))


def out_of_fold(codes: Integers, label: Booleans, fold: Integers) -> Floats:
    """Share of takers of each row's bin in the other folds, drawn towards the average by five rows. Shape (n,)."""
    bins = int(codes.max()) + 1 if len(codes) else 0
    cell = fold * bins + codes
    size = np.bincount(cell, minlength=FOLDS * bins).reshape(FOLDS, bins)
    took = np.bincount(cell, weights=label, minlength=FOLDS * bins).reshape(FOLDS, bins)
    others_n, others_took = size.sum(0) - size, took.sum(0) - took
    rate = (others_took + 5 * label.mean()) / (others_n + 5)
    return np.asarray(rate[fold, codes])


def _codes(column: Column) -> Integers:
    """Bin numbers from 0: categories, or `BINS` stretches of about equal size; unknown is a bin of its own."""
    if is_category(column.type):
        return pd.factorize(column.to_pandas(), use_na_sentinel=False)[0].astype(np.int64)
    values = numbers(column)
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    distinct = np.unique(known)
    edges = (
        distinct[1:] if len(distinct) <= BINS else np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
    )
    place = np.searchsorted(edges, values, side="right").astype(np.int64)
    place[np.isnan(values)] = len(edges) + 1
    return place


def _betrayal(column: Column, label: Booleans) -> float | None:
    """Purity of the side (present, absent, zero, not zero) that holds the rarer outcome alone; None if there is
    none.
    """
    rare = label if label.mean() <= 0.5 else ~label
    sides = [pc.is_valid(column).to_numpy()]
    if not is_category(column.type):
        values = numbers(column)
        sides.append(~np.isnan(values) & (values != 0))
    for side in (s for one in sides for s in (one, ~one)):
        n, hits = int(side.sum()), int((side & rare).sum())
        if hits >= SHARE_OF_TAKERS * rare.sum() and n and wilson(hits, n).low > PURE:
            return hits / n
    return None


def of_both(block: Integers, label: Booleans) -> Integers:
    """Neighbouring stretches of time put together until each holds `FEWEST_OF_BOTH` of
    both outcomes; numbers from 0, shape (n,).

    Where a file brings a month's takers and the others one after the other, no stretch would hold a pair to compare.
    """
    count = int(block.max()) + 1 if len(block) else 0
    takers = np.bincount(block, weights=label, minlength=count)
    others = np.bincount(block, weights=~label, minlength=count)
    number, gathered = np.zeros(count, dtype=np.int64), np.zeros(2)
    current = 0
    for k in range(count):
        if gathered.min() >= FEWEST_OF_BOTH:
            current, gathered = current + 1, np.zeros(2)
        number[k] = current
        gathered += (takers[k], others[k])
    if gathered.min() < FEWEST_OF_BOTH and current:
        number[number == current] = current - 1  # what is left over joins the last whole one
    return np.asarray(number[block])


def _sampled(table: TrainingTable, seed: int) -> TrainingTable:
    if len(table) <= ROWS_JUDGED:
        return table
    drawn_by = table.drawing() ^ np.uint64(seed)
    takers, others = np.flatnonzero(table.label), np.flatnonzero(~table.label)
    keep = takers[some_of(drawn_by[takers], ROWS_JUDGED // 2)]
    rest = others[some_of(drawn_by[others], ROWS_JUDGED - len(keep))]
    return table.take(np.sort(np.concatenate([keep, rest])))


def _hanley_mcneil(auc: float, takers: int, others: int) -> float:
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (takers - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)
    return float(np.sqrt(max(0.0, variance) / (takers * others)))
