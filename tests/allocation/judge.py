"""An independent computation of what the allocation solves, by HiGHS: the linear relaxation, the integer optimum; and whether a plan keeps every rule."""

import numpy as np
from scipy import sparse
from scipy.optimize import linprog, milp

from telewave.allocation.model import Limit, Problem
from telewave.kernel import Label

INFEASIBLE = 2


def named(name, use, amount, least=False):
    return Limit(Label(name, name), np.asarray(use, dtype=float), float(amount), least)


def classes_of(problem):
    return np.zeros(problem.subscribers, int) if problem.classes is None else problem.classes


def relaxation(problem):
    """The linear programme with one variable a subscriber and eligible option; `.status`, and `-.fun` is its optimum."""
    cost, rows, bounds = programme(problem)
    return linprog(cost, A_ub=rows, b_ub=bounds, bounds=(0, 1), method="highs")


def optimum(problem):
    """The best whole plan; `.status`, and `-.fun` is its value."""
    cost, rows, bounds = programme(problem)
    if not len(cost):
        return relaxation(problem)
    return milp(
        cost, constraints=(rows, -np.inf, bounds), integrality=np.ones(len(cost)), bounds=(0, 1),
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip


def programme(problem):
    """Cost, rows and their upper bounds."""
    who, what = np.nonzero(np.isfinite(problem.values))
    size = len(who)
    columns = np.arange(size)
    sign = np.where(problem.least, -1.0, 1.0)
    uses = problem.use[:, classes_of(problem)[who], what]
    rows, bounds = [sparse.csr_matrix(uses * sign[:, None])], [problem.amounts * sign]

    def at_most(group, amount):
        _, code = np.unique(group, return_inverse=True)
        rows.append(sparse.csr_matrix((np.ones(size), (code, columns))))
        bounds.append(np.full(code.max(initial=-1) + 1, float(amount)))

    if size:
        at_most(who, problem.most)
        at_most(who * 1_000 + problem.offer[what], 1)
        if problem.household_ends is not None:
            at_most(np.searchsorted(problem.household_ends, who, side="right"), problem.household_most)
    return -problem.values[who, what].astype(float), sparse.vstack(rows), np.concatenate(bounds)


def broken_rules(problem, choice):
    """Every rule that the plan breaks, in words."""
    found = []
    loads = np.zeros(len(problem.limits))
    for column in choice.T:
        some = column >= 0
        loads += problem.use[:, classes_of(problem)[some], column[some]].sum(1)
        if not np.all(np.isfinite(problem.values[some, column[some]])):
            found.append("somebody not eligible")
    for limit, load in zip(problem.limits, loads, strict=True):
        if not limit.least and load > limit.amount + 1e-6:
            found.append(f"{limit.name.en}: {load} > {limit.amount}")
        if limit.least and load < limit.amount - 1e-6:
            found.append(f"{limit.name.en}: {load} < {limit.amount}")
    offers = np.where(choice >= 0, problem.offer[choice], -1 - np.arange(choice.shape[1]))
    if any(len(set(row)) < len(row) for row in offers.tolist()):
        found.append("one offer twice")
    if problem.household_ends is not None:
        home = np.searchsorted(problem.household_ends, np.arange(problem.subscribers), side="right")
        if np.bincount(home, weights=(choice >= 0).sum(1)).max() > problem.household_most:
            found.append("a household too often")
    return found


def instance(seed, subscribers=None, ties=False, minimum=None):
    """A random problem: negative values, zero capacities, ineligible options, several classes; for some seeds ties and minima."""
    draw = np.random.default_rng(seed)
    n = subscribers or int(draw.integers(3, 40))
    m, count, classes = int(draw.integers(2, 8)), int(draw.integers(1, 7)), int(draw.integers(1, 4))
    values = draw.normal(1, 1.5, (n, m))
    if ties:
        values = values[draw.integers(0, min(8, n), n)]
    elif seed % 3 == 0 and not subscribers:
        values = np.round(values)
    values[draw.random((n, m)) < 0.15] = -np.inf
    of = draw.integers(0, classes, n).astype(np.uint16)
    limits = [
        named(
            f"limit {r}",
            (draw.random((classes, m)) < 0.6) * draw.choice([1.0, 1.0, 2.5], (classes, m)),
            draw.integers(0, max(2, n // 2)),
        )
        for r in range(count)
    ]
    if seed % 4 == 1 if minimum is None else minimum:
        use = np.zeros((classes, m))
        use[:, :2] = 1
        limits.append(named("minimum", use, draw.integers(1, max(2, n // 4)), least=True))
    most = int(draw.integers(1, 3))
    return Problem(
        values=values.astype(np.float32),
        offer=draw.integers(0, 3, m),
        limits=limits,
        most=most,
        classes=of,
        class_count=classes,
    )
