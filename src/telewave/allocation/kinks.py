"""The minimum of the dual where many values are equal.

Equal rows and equal options are edges of D at which thousands change their choice at once; the curvature that is
counted among the others (`dual.curvature`) says nothing there. So each step minimises a model in which they are exact:

    amounts . prices + L(q) + sum over kinds c of size_c (most t_c + sum over offers o of s_co)
    subject to  q_gJ <= the price of option j for class g,   j in J   (equal options have the least of their prices)
                t_c + s_co >= value_cJ - q_gJ,               J of offer o;   t, s >= 0

with L the dual of all other subscribers at option prices q, to second order. The multipliers of the first rows say how
many have which of equal options; those of the second, how many of a kind take what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from telewave.allocation.choosing import Chooser
from telewave.allocation.columns import Solved
from telewave.allocation.dual import Dual, Point
from telewave.allocation.equality import EqualRows, equal_options, equal_rows
from telewave.allocation.interior import least
from telewave.allocation.model import NOTHING, Codes, Floats, Limit, Problem
from telewave.kernel import Label

MOST_KINDS, FEWEST_ALIKE, SHARE_ALIKE = 400, 30, 2e-5
"""Kinds of rows that are counted apart at most, and how many (also as a part of all) make one."""
STEPS, PROMISED, TRUE_PART = 25, 1e-10, 0.1
NARROWER = 0.25


SEEN, SEEN_TIMES = 20_000, 3
"""Of so many rows, how many alike show that there are many."""


def alike(problem: Problem) -> bool:
    """Whether a sample shows equal options, or rows of which there are many; not where households are limited."""
    if problem.household_ends is not None or not problem.options:
        return False
    some = slice(None, None, max(1, problem.subscribers // SEEN))
    classes = None if problem.classes is None else problem.classes[some]
    part = replace(problem, values=np.ascontiguousarray(problem.values[some]), classes=classes)
    several = len(np.unique(equal_options(part))) < problem.options
    return several or bool(equal_rows(part).size.max(initial=0) >= SEEN_TIMES)


@dataclass(frozen=True, eq=False, slots=True)
class _At:
    """D at `prices`, with L at `q`."""

    prices: Floats
    value: float
    q: Floats
    rest: Point


class Kinks:
    """A problem with its kinds of many equal rows apart, and only the first of equal options."""

    def __init__(self, problem: Problem, box: tuple[Floats, Floats]) -> None:
        self.problem, (self.low, self.high) = problem, box
        p = problem
        self.rows, self.options = equal_rows(p), equal_options(p)
        self.firsts = np.flatnonzero(self.options == np.arange(p.options))
        fewest = max(FEWEST_ALIKE, int(SHARE_ALIKE * p.subscribers))
        large = np.argsort(-self.rows.size, kind="stable")[:MOST_KINDS]
        self.kinds = np.sort(large[self.rows.size[large] >= fewest])
        heavy = np.zeros(len(self.rows.first), bool)
        heavy[self.kinds] = True
        self.heavy = heavy[self.rows.of]
        self.others = np.flatnonzero(~self.heavy)
        classes = np.zeros(p.subscribers, np.uint16) if p.classes is None else p.classes
        self.kind_class = classes[self.rows.first[self.kinds]].astype(np.int64)
        self.kind_values = p.values[self.rows.first[self.kinds]][:, self.firsts].astype(float)
        self.dual = self._dual_of_others(classes)

    @property
    def any(self) -> bool:
        """Whether anything is equal."""
        return bool(len(self.kinds)) or len(self.firsts) < self.problem.options

    def _dual_of_others(self, classes: NDArray[np.uint16]) -> Dual:
        """L: the dual with a price of its own for each class and option."""
        p, shape = self.problem, (self.problem.class_count, len(self.firsts))
        values = p.values
        if len(self.others) < p.subscribers or len(self.firsts) < p.options:
            values = np.ascontiguousarray(values[self.others][:, self.firsts])
        name, units = Label("", ""), np.eye(shape[0] * shape[1]).reshape(-1, *shape)
        part = Problem(
            values=values,
            offer=p.offer[self.firsts],
            limits=[Limit(name, unit, 0.0) for unit in units],
            most=p.most,
            classes=classes[self.others],
            class_count=p.class_count,
        )
        edge = np.full(len(units), np.inf)
        return Dual(Chooser(part), (-edge, edge))

    def at(self, prices: Floats) -> _At:
        """D at `prices`."""
        p = self.problem
        full = np.einsum("r,rgj->gj", prices, p.use)
        least_price = np.full_like(full, np.inf)
        np.minimum.at(least_price.T, self.options, full.T)
        q = least_price[:, self.firsts]
        rest = self.dual.at(q.ravel())
        value = float(prices @ p.amounts) + rest.value + self._worth(q)
        return _At(prices, value, q, rest)

    def _worth(self, q: Floats) -> float:
        """What all kinds are worth at `q`."""
        p = self.problem
        worth = np.where(np.isfinite(self.kind_values), self.kind_values - q[self.kind_class], 0.0)
        tops = np.zeros((len(self.kinds), int(p.offer.max(initial=0)) + 1))
        for at, j in enumerate(self.firsts):
            column = tops[:, p.offer[j]] if p.most > 1 else tops[:, 0]
            np.maximum(column, worth[:, at], out=column)
        best = -np.sort(-tops, axis=1)[:, : p.most].sum(1)
        return float(best @ self.rows.size[self.kinds])

    def model(self, now: _At, low: Floats, high: Floats) -> tuple[Floats, float, Floats, Floats] | None:
        """Prices at which the model is least, how low; flows by (class, option) and by (kind, first option).

        In units of the typical value and of all subscribers, so that all numbers are near to one.
        """
        p, count = self.problem, len(self.problem.limits)
        classes, own = now.q.shape
        scale = max(float(np.abs(self.dual.problem.value_range).max()), float(np.abs(now.q).max()), 1e-12)
        crowd, width = float(p.subscribers), np.maximum(p.use.max((1, 2)), 1e-12)
        offers = int(p.offer.max(initial=0)) + 1 if p.most > 1 else 0
        kinds, qs = len(self.kinds), classes * own
        total = count + qs + kinds * (1 + offers)
        cost = np.zeros(total)
        cost[:count] = p.amounts / width / crowd
        cost[count : count + qs] = now.rest.slack / crowd
        sizes = self.rows.size[self.kinds] / crowd
        cost[count + qs : count + qs + kinds] = sizes * p.most
        cost[count + qs + kinds :] = np.repeat(sizes, offers)
        curve = np.zeros((total, total))
        curve[count : count + qs, count : count + qs] = now.rest.curvature * scale / crowd
        q0 = now.q.ravel() / scale
        cost[count : count + qs] -= curve[count : count + qs, count : count + qs] @ q0
        rows, bounds, pair = self._rows(count, own, offers, width, total, scale, low, high)
        found = least(cost, curve, rows, bounds)
        if found is None:
            return None
        x, many = found
        prices = np.clip(x[:count] * scale / width, low, high)
        constant = now.rest.value - float(now.rest.slack @ now.q.ravel())
        constant += float(q0 @ curve[count : count + qs, count : count + qs] @ q0) / 2 * crowd * scale
        promise = float(cost @ x + x @ curve @ x / 2) * crowd * scale + constant
        split = (many[: classes * p.options] * crowd).reshape(classes, p.options)
        flow = np.zeros(self.kind_values.shape)
        flow[pair] = many[classes * p.options : classes * p.options + len(pair[0])] * crowd
        return prices, promise, split, flow

    def _rows(
        self, count: int, own: int, offers: int, width: Floats, total: int, scale: float, low: Floats, high: Floats
    ) -> tuple[sparse.csr_array, Floats, tuple[Codes, Codes]]:  # fmt: skip
        """The rows of the model: q below prices, kinks, signs, box; bounds; which (kind, option) each kink is."""
        p = self.problem
        g, j = (x.ravel() for x in np.indices((p.class_count, p.options)))
        place = np.searchsorted(self.firsts, self.options)
        qs = p.class_count * own
        below = sparse.csr_array((p.use[:, g, j] / width[:, None]).T)
        minus = sparse.csr_array(
            (-np.ones(len(g)), (np.arange(len(g)), g * own + place[j])), shape=(len(g), qs)
        )
        first = sparse.hstack([below, minus, sparse.csr_array((len(g), total - count - qs))])
        kind, at = np.nonzero(np.isfinite(self.kind_values))
        index, one = np.arange(len(kind)), np.ones(len(kind))
        columns = [count + self.kind_class[kind] * own + at, count + qs + kind]
        if offers:
            columns.append(count + qs + len(self.kinds) + kind * offers + p.offer[self.firsts[at]])
        size = len(columns)
        kinks = sparse.csr_array(
            (np.tile(one, size), (np.tile(index, size), np.concatenate(columns))), shape=(len(kind), total)
        )
        signs = sparse.eye_array(total, format="csr")[count + qs :]
        eye = sparse.eye_array(total, format="csr")[:count]
        rows = sparse.vstack([first, kinks, signs, eye, -eye]).tocsr()
        bounds = np.concatenate([
            np.zeros(len(g)),
            self.kind_values[kind, at] / scale,
            np.zeros(total - count - qs),
            low * width / scale,
            -high * width / scale,
        ])  # fmt: skip
        return rows, bounds, (kind, at)


def lowest(kinks: Kinks, start: Floats) -> Solved | None:
    """The minimum of D from prices `start` on, and how those alike divide; None where the model cannot be solved."""
    now = kinks.at(np.clip(start, kinks.low, kinks.high))
    scale = np.maximum(np.abs(kinks.low), np.abs(kinks.high)) / 4
    box = 0.2 * np.maximum(np.abs(now.prices), 0.05 * scale)
    flows: tuple[Floats, Floats] | None = None
    for _ in range(STEPS):
        low, high = np.maximum(kinks.low, now.prices - box), np.minimum(kinks.high, now.prices + box)
        made = kinks.model(now, low, high)
        if made is None:
            break
        prices, promise, *flow = made
        flows = flow[0], flow[1]
        promised = now.value - promise
        if promised <= PROMISED * abs(now.value):
            break
        trial = kinks.at(prices)
        if trial.value < now.value - TRUE_PART * promised:
            now = trial
        else:
            box = np.minimum(box, np.abs(prices - now.prices).max() * scale / scale.max()) * NARROWER
            if trial.value < now.value:
                now = trial
    return None if flows is None else _solved(kinks, now, *flows)


def _solved(kinks: Kinks, now: _At, split: Floats, flow: Floats) -> Solved:
    """The minimum in the form that columns have."""
    p, dual = kinks.problem, kinks.dual
    found = dual.chooser.choose(now.q, gaps=True, choices=True)
    kept = np.full((p.subscribers, p.most), NOTHING, np.int16)
    kept[kinks.others] = np.where(found.choice >= 0, kinks.firsts[found.choice], NOTHING)
    gaps = np.full(p.subscribers, np.inf, np.float32)
    gaps[kinks.others] = found.gaps
    slack = p.amounts - p.loads(split)
    kind, at = np.nonzero(flow > 0)
    empty = np.zeros((len(p.limits), len(p.limits)))
    return Solved(
        point=Point(now.prices, now.value, slack, empty),
        rows=EqualRows(kinks.rows.of, kinks.rows.first, kinks.rows.size),
        options=kinks.options,
        kept=kept,
        core=kinks.heavy,
        who=kinks.rows.first[kinks.kinds[kind]],
        what=kinks.firsts[at],
        flow=flow[kind, at],
        split=split,
        gaps=gaps,
        proven=False,
    )
