"""The exact minimum of the dual where subscribers are few or alike, by columns.

    maximise  sum over pairs (i, j) of value_ij x_ij + low . unused - high . excess
    subject to  use . y + unused - excess = amounts,   x within what a subscriber, an offer, a household may have,
                sum of x_ij over i of class g, j in J  =  sum of y_gj over j in J     for each set J of equal options

Its prices lie between `low` and `high`, and its optimum is the least D there among subscribers of whom only some pairs
are known; all others keep their choice. What is missing is found by a pass over everybody at its prices (Dantzig and
Wolfe 1960, Decomposition principle for linear programs); when D there is no more than the optimum, both are proven.
The box follows the best prices (Marsten, Hogan and Blankenship 1975, The boxstep method). Equal rows are one block of
columns. A basic solution splits no more blocks than there are limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from telewave.allocation.choosing import Chosen
from telewave.allocation.dual import Dual, Point
from telewave.allocation.equality import EqualRows, equal_options, equal_rows
from telewave.allocation.model import NOTHING, Choices, Codes, Floats, Problem

ROUNDS = 60
FIRST_BOX, WIDER, TWICE, SERIOUS = 0.05, 10.0, 3.0, 0.1
AT_ONCE = 2_000
"""Pairs up to which all are columns from the start."""
FIRST_CORE = 300
"""Blocks nearest to another choice that have columns from the start."""
MOST_PAIRS = 150_000
"""Columns beyond which the linear programme costs more than the last part of D is worth."""
TOLERANCE = 1e-9
EDGE = 1e-6
"""Part of a box within which a price is at its edge."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Solved:
    """The minimum of D, and a solution of the linear relaxation that attains it.

    `kept`: shape (n, most), the choice of those without columns, among the first of equal options. `core`: shape (n,),
    who has columns. `who`, `what`, `flow`: of each column the row (the first of its kind), option and number.
    `split`: shape (G, m), how many of each class have which of several equal options. `gaps`: shape (n,) or of
    households.
    """

    point: Point
    rows: EqualRows
    options: Codes
    kept: Choices
    core: Any
    who: Codes
    what: Codes
    flow: Floats
    split: Floats
    gaps: Any
    proven: bool


@dataclass(frozen=True, eq=False, slots=True)
class _Answer:
    """The optimum of a linear programme with its columns."""

    prices: Floats
    optimum: float
    who: Codes
    what: Codes
    flow: Floats
    split: Floats


class Columns:
    """The columns known so far of a problem, and what those without have chosen."""

    def __init__(self, dual: Dual) -> None:
        self.dual, self.problem = dual, dual.problem
        p = self.problem
        self.rows, self.options = equal_rows(p), equal_options(p)
        self.classes = np.zeros(p.subscribers, np.int64) if p.classes is None else p.classes.astype(np.int64)
        ends = p.household_ends
        self.home = None if ends is None else np.searchsorted(ends, np.arange(p.subscribers), side="right")
        self.block = self.rows.of if self.home is None else self.home
        self.blocks = len(self.rows.first) if ends is None else len(ends)
        self.core = np.zeros(self.blocks, bool)
        self.codes = np.empty(0, np.int64)
        self.kept = np.empty((0, p.most), np.int16)
        self.several = np.bincount(self.options, minlength=p.options)[self.options] > 1
        self.own = self.options == np.arange(p.options)

    def look(self, prices: Floats) -> tuple[Chosen, Point, Floats]:
        """What everybody chooses among the first of equal options at the least of their prices; D; these prices."""
        p, full = self.problem, self.dual.option_prices(prices)
        least = np.full_like(full, np.inf)
        np.minimum.at(least.T, self.options, full.T)
        found = self.dual.chooser.choose(least, gaps=True, choices=True)
        self.dual.passes += 1
        value = float(prices @ p.amounts) + found.worth
        slack = p.amounts - p.loads(found.counts)
        return found, Point(prices, value, slack, np.zeros((len(prices), len(prices)))), least

    def learn(self, found: Chosen, price: Floats, few: bool) -> None:
        """Columns for those near to another choice, or who choose otherwise than they did."""
        gaps = self._by_block(found.gaps)
        if not len(self.kept):
            self.kept = found.choice.copy()
            size = len(gaps) if few else min(len(gaps), FIRST_CORE)
            self.core[np.argpartition(gaps, size - 1)[:size] if size else []] = True
        changed = np.any(np.sort(found.choice, 1) != np.sort(self.kept, 1), axis=1)
        self.core[self.block[changed]] = True
        some = np.flatnonzero(self.core[self.block])
        if self.home is None:
            some = self.rows.first[self.core]
        margin = np.inf if few else _margin(gaps, self.core)
        pairs = [self._near(some, found.choice, price, margin)]
        for column in (*self.kept.T, *found.choice.T):
            taken = some[column[some] != NOTHING]
            pairs.append(taken * self.problem.options + column[taken])
        self.codes = np.unique(np.concatenate([self.codes, *pairs]))

    def _by_block(self, gaps: Any) -> Any:
        return gaps if self.home is not None else gaps[self.rows.first]

    def _near(self, some: Codes, choice: Choices, price: Floats, margin: float) -> Codes:
        """Pairs of the rows `some` whose worth is within `margin` of what would be taken."""
        p = self.problem
        worth = p.values[some] - price[self.classes[some]]
        worth = np.where(np.isfinite(worth), worth, -np.inf)
        bar = np.zeros(len(some))
        if p.most <= p.options:
            bar = np.maximum(kth_offer(worth, p), bar)
        if self.home is not None:
            homes = self.home[some]
            taken = choice[some]
            had = np.where(taken >= 0, np.take_along_axis(worth, np.maximum(taken, 0), 1), np.inf)
            number = np.bincount(homes, weights=(taken >= 0).sum(1), minlength=self.blocks)
            least = np.full(self.blocks, np.inf)
            np.minimum.at(least, homes, had.min(1))
            full = (number >= p.household_most)[homes]
            bar = np.maximum(bar, np.where(full & np.isfinite(least[homes]), least[homes], 0.0))
        near = np.isfinite(worth) & (worth >= (bar - margin)[:, None])
        at, option = np.nonzero(near)
        return np.asarray(some[at] * p.options + option)

    def solve(self, low: Floats, high: Floats) -> _Answer | None:
        """The linear programme of the columns known, with prices between `low` and `high`."""
        p, m = self.problem, self.problem.options
        who, what = self.codes // m, self.codes % m
        of, size = self.classes[who], self._sizes(who)
        out = ~self.core[self.block]
        still = np.zeros((p.class_count, m))
        for column in self.kept.T:
            some = out & (column != NOTHING)
            np.add.at(still, (self.classes[some], column[some]), 1)
        direct = ~self.several
        own = np.where(direct[what], 1.0, 0.0)
        use = sparse.csr_array(p.use[:, of, what] * own)
        set_class, set_option = np.nonzero(np.broadcast_to(self.several, (p.class_count, m)))
        shared = sparse.csr_array(p.use[:, set_class, set_option])
        count, eye = len(p.limits), sparse.eye_array(len(p.limits))
        top = sparse.hstack([use, shared, eye, -eye])
        room = p.amounts - p.loads(still * direct)
        link, aside = self._links(of, what, set_class, set_option, still)
        wide = sparse.hstack([link, sparse.csr_array((link.shape[0], 2 * count))])
        at_most, number = self._caps(who, what, size)
        cost = np.concatenate([-p.values[who, what].astype(float), np.zeros(len(set_class)), -low, high])
        spare = sparse.csr_array((at_most.shape[0], len(cost) - len(who)))
        most = np.concatenate([size, np.full(len(cost) - len(who), np.inf)])
        answer = linprog(
            cost,
            A_ub=sparse.hstack([at_most, spare]) if len(number) else None,
            b_ub=number if len(number) else None,
            A_eq=sparse.vstack([top, wide]),
            b_eq=np.concatenate([room, aside]),
            bounds=[*zip([0.0] * len(cost), most.tolist(), strict=True)],
            method="highs",
        )  # fmt: skip
        if answer.x is None or answer.fun is None:
            return None
        split = np.zeros((p.class_count, m))
        split[set_class, set_option] = answer.x[len(who) : len(who) + len(set_class)]
        worth = sum(float(p.values[some, column[some]].sum(dtype=float)) for column in self.kept.T
                    for some in [np.flatnonzero(out & (column != NOTHING))])  # fmt: skip
        prices = np.clip(-answer.eqlin.marginals[:count], low, high)
        return _Answer(prices, worth - answer.fun, who, what, answer.x[: len(who)], split)

    def _sizes(self, who: Codes) -> Floats:
        sizes = self.rows.size[self.rows.of[who]] if self.home is None else np.ones(len(who))
        return np.asarray(sizes, dtype=float)

    def _links(
        self, of: Codes, what: Codes, set_class: Codes, set_option: Codes, still: Floats
    ) -> tuple[Any, Floats]:
        """Of each class, whoever takes one of equal options is split among them: rows and right-hand side."""
        p, m = self.problem, self.problem.options
        firsts = np.flatnonzero(self.several & self.own)
        place = np.full(m, -1)
        place[firsts] = np.arange(len(firsts))
        at = np.flatnonzero(self.several[what])
        rows = np.concatenate([
            of[at] * len(firsts) + place[what[at]],
            set_class * len(firsts) + place[self.options[set_option]],
        ])  # fmt: skip
        columns = np.concatenate([at, len(what) + np.arange(len(set_class))])
        sign = np.concatenate([np.ones(len(at)), -np.ones(len(set_class))])
        shape = (p.class_count * len(firsts), len(what) + len(set_class))
        return sparse.csr_array((sign, (rows, columns)), shape=shape), -still[:, firsts].ravel()

    def _caps(self, who: Codes, what: Codes, size: Floats) -> tuple[Any, Floats]:
        """What a row, an offer of a row and a household may have at most, where that is less than all columns."""
        if not len(who):
            return sparse.csr_array((0, 0)), np.empty(0)
        p, rows, numbers = self.problem, [], []
        groups = [(who, size * p.most)]
        if p.most > 1:
            groups.append((who * (int(p.offer.max(initial=0)) + 1) + p.offer[what], size))
        if self.home is not None:
            groups.append((self.home[who], np.full(len(who), float(p.household_most))))
        for group, most in groups:
            _, first, of = np.unique(group, return_index=True, return_inverse=True)
            matrix = sparse.csr_array((np.ones(len(who)), (of, np.arange(len(who)))))
            binding = np.bincount(of, weights=size) > most[first]
            rows.append(matrix[binding])
            numbers.append(most[first][binding])
        return sparse.vstack(rows), np.concatenate(numbers)


def solved(dual: Dual, start: Floats, *, rounds: int = ROUNDS, tolerance: float = TOLERANCE) -> Solved:
    """The minimum of D from prices `start`, to within `tolerance` of its value; `proven` unless `rounds` or columns do
    not suffice.
    """
    known = Columns(dual)
    p = dual.problem
    few = int(np.isfinite(p.values[known.rows.first]).sum()) <= AT_ONCE
    scale = np.maximum(np.abs(dual.low), np.abs(dual.high)) / 4
    box = np.inf * scale if few else FIRST_BOX * np.maximum(np.abs(start), 0.05 * scale)
    found, best, price = known.look(np.clip(start, dual.low, dual.high))
    gaps, proven, answer = found.gaps, False, None
    for _ in range(rounds):
        known.learn(found, price, few)
        low, high = np.maximum(dual.low, best.prices - box), np.minimum(dual.high, best.prices + box)
        made = known.solve(low, high) if len(known.codes) <= MOST_PAIRS else None
        if made is None:
            break
        answer = made
        found, point, price = known.look(made.prices)
        promised, fallen = best.value - made.optimum, best.value - point.value
        edge = EDGE * (high - low)  # a price at the edge of its box comes back with rounding
        inside = (made.prices > low + edge) | (low <= dual.low)
        inside &= (made.prices < high - edge) | (high >= dual.high)
        if fallen >= 0:
            best, gaps = point, found.gaps
        if best.value - made.optimum <= tolerance * max(1.0, abs(best.value)):
            if inside.all():
                proven = True
                break
            box = box * np.where(inside, 1.0, WIDER)
        elif fallen > SERIOUS * promised:
            box = box * np.where(inside, 1.0, TWICE)
    answer = answer or known.solve(dual.low, dual.high)
    if answer is None:
        empty = np.empty(0, np.int64)
        answer = _Answer(best.prices, 0.0, empty, empty, np.empty(0), np.zeros((p.class_count, p.options)))
    return Solved(
        point=best,
        rows=known.rows,
        options=known.options,
        kept=known.kept,
        core=known.core[known.block],
        who=answer.who,
        what=answer.what,
        flow=answer.flow,
        split=answer.split,
        gaps=gaps,
        proven=proven,
    )


def _margin(gaps: Any, core: Any) -> float:
    """How near an option must be: within the widest gap of those nearest to another choice."""
    some = np.sort(gaps[core & np.isfinite(gaps)])
    return float(some[min(len(some), FIRST_CORE) - 1]) if len(some) else np.inf


def kth_offer(worth: Floats, p: Problem) -> Floats:
    """The worth of the last offer that each row may take, shape (rows,)."""
    if p.most == 1:
        return np.asarray(worth.max(1, initial=-np.inf))
    tops = np.full((len(worth), int(p.offer.max(initial=0)) + 1), -np.inf)
    for j in range(p.options):
        np.maximum(tops[:, p.offer[j]], worth[:, j], out=tops[:, p.offer[j]])
    if tops.shape[1] < p.most:
        return np.full(len(worth), -np.inf)
    return np.asarray(-np.partition(-tops, p.most - 1, axis=1)[:, p.most - 1])
