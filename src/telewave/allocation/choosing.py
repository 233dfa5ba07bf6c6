"""Each subscriber's best options at given prices: the inner loops, compiled by numba.

At prices p[g, j] an option is worth u = value - p. A subscriber takes the best option of each of
the best `most` offers with u > 0; a household keeps the best of what its members would take. Both
are greedy over a laminar matroid, hence exact.

`gap`: how much better the choice is than the nearest other one. If all prices move by less than gap / 2, nothing
changes.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.compiled import compiled
from telewave.allocation.model import Choices, Codes, Floats, Problem

BLOCK = 1 << 16
"""Units whose worth is summed up by itself: the sum of all is the same on any number of processors."""


@compiled
def _jitter(i: int, j: int) -> float:
    """A number in [0, 1) that depends on subscriber and option alone (splitmix64)."""
    z = np.uint64(i) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(j + 1) * np.uint64(0xD1B54A32D192ED03)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(40)) / 16777216.0


@compiled
def _one(row: Any, price: Any, i: int, noise: float) -> tuple[float, float, int, int]:
    """Best and second best worth and their options, where doing nothing (-1) is worth 0."""
    best, second, j1, j2 = 0.0, -np.inf, -1, -1
    for j in range(row.shape[0]):
        u = row[j] - price[j]
        if noise > 0:
            u += noise * _jitter(i, j)
        if u > second:
            if u > best:
                second, j2 = best, j1
                best, j1 = u, j
            else:
                second, j2 = u, j
    return best, second, j1, j2


@compiled
def _several(
    row: Any, price: Any, i: int, noise: float, offer: Any, most: int,
    top: Any, top_j: Any, under: Any, under_j: Any, taken: Any, out_j: Any, out_u: Any,
) -> tuple[int, float, int, int]:  # fmt: skip
    """The best option of each of the best `most` offers into `out_j`, `out_u`; how
    many, the gap, and who would change with whom.

    `top`, `under`: work space, best and second best worth of each offer.
    """
    top[:] = -np.inf
    under[:] = -np.inf
    taken[:] = False
    for j in range(row.shape[0]):
        u = row[j] - price[j]
        if noise > 0:
            u += noise * _jitter(i, j)
        o = offer[j]
        if u > under[o]:
            if u > top[o]:
                under[o], under_j[o] = top[o], top_j[o]
                top[o], top_j[o] = u, j
            else:
                under[o], under_j[o] = u, j
    count, gap, p, q = 0, np.inf, -1, -1
    rival, rival_j = 0.0, -1
    while True:
        o, best = -1, -np.inf
        for c in range(top.shape[0]):
            if not taken[c] and top[c] > best:
                o, best = c, top[c]
        if o < 0:
            break
        if best <= 0 or count == most:
            if best > 0:
                rival, rival_j = best, top_j[o]
            elif count < most:
                gap, p, q = -best, -1, top_j[o]
            break
        taken[o] = True
        out_j[count], out_u[count] = top_j[o], best
        count += 1
    for c in range(count):
        o = offer[out_j[c]]
        other, other_j = rival, rival_j
        if under[o] > other:
            other, other_j = under[o], under_j[o]
        if out_u[c] - other < gap:
            gap, p, q = out_u[c] - other, out_j[c], other_j
    return count, gap, p, q


@compiled
def _two(
    row: Any, price: Any, i: int, noise: float, perm: Any, starts: Any, out_j: Any, out_u: Any
) -> tuple[int, float, int, int]:
    """`_several` for two contacts, in registers. Options `perm[starts[o]:starts[o + 1]]` belong to offer o."""
    a1, a2, aj, ak = -np.inf, -np.inf, -1, -1
    b1, b2, bj, bk = -np.inf, -np.inf, -1, -1
    c1, cj = -np.inf, -1
    for o in range(starts.shape[0] - 1):
        x1, x2, xj, xk = -np.inf, -np.inf, -1, -1
        for t in range(starts[o], starts[o + 1]):
            j = perm[t]
            u = row[j] - price[j]
            if noise > 0:
                u += noise * _jitter(i, j)
            if u > x2:
                if u > x1:
                    x2, xk = x1, xj
                    x1, xj = u, j
                else:
                    x2, xk = u, j
        if x1 > b1:
            c1, cj = b1, bj
            if x1 > a1:
                b1, b2, bj, bk = a1, a2, aj, ak
                a1, a2, aj, ak = x1, x2, xj, xk
            else:
                b1, b2, bj, bk = x1, x2, xj, xk
        elif x1 > c1:
            c1, cj = x1, xj
    if not a1 > 0:
        return 0, -a1, -1, aj
    out_j[0], out_u[0] = aj, a1
    if not b1 > 0:
        count, gap, p, q, rival, rival_j = 1, -b1, -1, bj, 0.0, -1
    else:
        out_j[1], out_u[1] = bj, b1
        count, gap, p, q = 2, np.inf, -1, -1
        rival, rival_j = (c1, cj) if c1 > 0 else (0.0, -1)
        other, other_j = (b2, bk) if b2 > rival else (rival, rival_j)
        if b1 - other < gap:
            gap, p, q = b1 - other, bj, other_j
    other, other_j = (a2, ak) if a2 > rival else (rival, rival_j)
    if a1 - other < gap:
        gap, p, q = a1 - other, aj, other_j
    return count, gap, p, q


@compiled
def _pass(
    values: Any, classes: Any, price: Any, offer: Any, perm: Any, starts: Any, most: int, noise: float,
    index: Any, start: int, stop: int, near: float, counts: Any, switches: Any, gaps: Any, choice: Any,
) -> float:  # fmt: skip
    """Subscribers `index[start:stop]` (or start..stop if empty): their total worth; adds to
    `counts`, and to `switches` where gap < `near`.

    `gaps`, `choice`: written at the position in the index, unless empty.
    """
    total = 0.0
    indexed, classed = index.shape[0] > 0, classes.shape[0] > 0
    offers = starts.shape[0] - 1
    top, under = np.empty(offers), np.empty(offers)
    top_j, under_j = np.empty(offers, np.int64), np.empty(offers, np.int64)
    taken = np.empty(offers, np.bool_)
    out_j, out_u = np.empty(most, np.int64), np.empty(most)
    for t in range(start, stop):
        i = index[t] if indexed else t
        g = classes[i] if classed else 0
        if most == 1:
            best, second, p, q = _one(values[i], price[g], i, noise)
            gap = best - second
            count = 1 if p >= 0 else 0
            out_j[0], out_u[0] = p, best
        elif most == 2:
            count, gap, p, q = _two(values[i], price[g], i, noise, perm, starts, out_j, out_u)
        else:
            count, gap, p, q = _several(
                values[i], price[g], i, noise, offer, most, top, top_j, under, under_j, taken, out_j, out_u
            )
        for c in range(count):
            total += out_u[c]
            counts[g, out_j[c]] += 1
        if gap < near:
            switches[g, p + 1, q + 1] += 1
        if gaps.shape[0] > 0:
            gaps[t] = gap
        if choice.shape[0] > 0:
            for c in range(most):
                choice[t, c] = out_j[c] if c < count else -1
    return total


@compiled
def _household_pass(
    values: Any, classes: Any, price: Any, offer: Any, perm: Any, starts: Any, most: int, noise: float,
    ends: Any, limit: int, index: Any, start: int, stop: int, near: float,
    counts: Any, switches: Any, gaps: Any, choice: Any,
) -> float:  # fmt: skip
    """The same for households `index[start:stop]`, of which each keeps its best
    `limit` contacts. `choice` is by subscriber.
    """
    total = 0.0
    indexed, classed = index.shape[0] > 0, classes.shape[0] > 0
    offers = starts.shape[0] - 1
    top, under = np.empty(offers), np.empty(offers)
    top_j, under_j = np.empty(offers, np.int64), np.empty(offers, np.int64)
    taken = np.empty(offers, np.bool_)
    out_j, out_u = np.empty(most, np.int64), np.empty(most)
    for t in range(start, stop):
        h = index[t] if indexed else t
        first = ends[h - 1] if h > 0 else 0
        size = ends[h] - first
        all_u, all_j = np.empty(size * most), np.empty(size * most, np.int64)
        all_i = np.empty(size * most, np.int64)
        found, gap, p, q, g_near = 0, np.inf, -1, -1, 0
        for i in range(first, ends[h]):
            g = classes[i] if classed else 0
            if most == 2:
                count, own, a, b = _two(values[i], price[g], i, noise, perm, starts, out_j, out_u)
            else:
                count, own, a, b = _several(
                    values[i], price[g], i, noise, offer, most, top,
                    top_j, under, under_j, taken, out_j, out_u,
                )  # fmt: skip
            if own < gap:
                gap, p, q, g_near = own, a, b, g
            for c in range(count):
                all_u[found], all_j[found], all_i[found] = out_u[c], out_j[c], i
                found += 1
            if choice.shape[0] > 0:
                choice[i, :] = -1
        order = np.argsort(-all_u[:found], kind="mergesort")
        kept = min(found, limit)
        if 0 < kept < found:
            last, lost = order[kept - 1], order[kept]
            if all_u[last] - all_u[lost] < gap:
                gap, p, q = all_u[last] - all_u[lost], all_j[last], all_j[lost]
                g_near = classes[all_i[last]] if classed else 0
        for r in range(kept):
            s = order[r]
            i = all_i[s]
            total += all_u[s]
            counts[classes[i] if classed else 0, all_j[s]] += 1
            if choice.shape[0] > 0:
                c = 0
                while choice[i, c] >= 0:
                    c += 1
                choice[i, c] = all_j[s]
        if gap < near:
            switches[g_near, p + 1, q + 1] += 1
        if gaps.shape[0] > 0:
            gaps[t] = gap
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a pass over units (subscribers, or households) found. `switches`: shape (G,
    m + 1, m + 1), the near ones, 0: nothing.
    """

    worth: float
    counts: Floats
    switches: Floats
    gaps: NDArray[np.float32]
    choice: Choices


@dataclass(frozen=True, eq=False, slots=True)
class Chooser:
    """Passes over the units of a problem. `noise` breaks ties: up to so much is
    added to each value, by subscriber and option.

    `threads`: how many share a pass, 0: one a processor; what comes out is the same to the bit.
    """

    problem: Problem
    noise: float = 0.0
    threads: int = 0

    @property
    def units(self) -> int:
        """Households where they are limited, else subscribers."""
        ends = self.problem.household_ends
        return self.problem.subscribers if ends is None else len(ends)

    def choose(
        self, price: Floats, *, index: Codes | None = None, near: float = 0.0, gaps: bool = False, choices: bool = False
    ) -> Chosen:  # fmt: skip
        """Everybody's choice at `price` (G, m), or that of the units `index` alone. `near`: gaps that count as
        switches.
        """
        p = self.problem
        size = self.units if index is None else len(index)
        classes = p.class_count
        everyone = np.empty(0, np.int64) if index is None else index
        found = np.empty(size if gaps else 0, np.float32)
        rows = p.subscribers if p.household_ends is not None or index is None else size
        choice = np.empty((rows if choices else 0, p.most), np.int16)
        starts_of_blocks = range(0, max(size, 1), BLOCK)
        threads = min(self.threads or os.cpu_count() or 1, len(starts_of_blocks))
        perm, starts = _by_offer(p.offer)

        def part(k: int) -> tuple[list[float], Floats, Floats]:
            """Every `threads`-th block from the `k`-th on; counts are whole numbers,
            which add up exactly in any order.
            """
            counts = np.zeros((classes, p.options))
            switches = np.zeros((classes, p.options + 1, p.options + 1))
            shared: list[Any] = [p.values, _classes(p), price, p.offer, perm, starts, p.most, self.noise]
            if p.household_ends is not None:
                shared += [p.household_ends, p.household_most]
            loop: Any = _pass if p.household_ends is None else _household_pass
            worths = [
                loop(
                    *shared, everyone, first, min(first + BLOCK, size), near, counts, switches, found, choice
                )
                for first in starts_of_blocks[k::threads]
            ]
            return worths, counts, switches

        if threads == 1:
            parts = [part(0)]
        else:
            with ThreadPoolExecutor(threads) as pool:
                parts = list(pool.map(part, range(threads)))
        worth = math.fsum(worth for one in parts for worth in one[0])
        return Chosen(
            worth=worth,
            counts=np.sum([one[1] for one in parts], axis=0),
            switches=np.sum([one[2] for one in parts], axis=0),
            gaps=found,
            choice=choice,
        )


def _classes(p: Problem) -> NDArray[np.uint16]:
    return np.empty(0, np.uint16) if p.classes is None else p.classes


def _by_offer(offer: Codes) -> tuple[Codes, Codes]:
    """The options offer by offer, and where each offer's begin, with the end; offers by number, those without options
    empty.
    """
    counts = np.bincount(offer) if len(offer) else np.zeros(0, np.int64)
    return np.argsort(offer, kind="stable"), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
