"""What is to be allocated, under which limits, and what came out. Pure.

n subscribers, m options (say offer x channel x phase), R limits. Subscriber i belongs to one of G classes; a limit
counts `use[g, j]` for each contact of a subscriber of class g with option j, so that it may speak of some classes or
options only, of contacts, of cost, or of expected sales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.compiled import compiled
from telewave.kernel import Conflict, Label, Malformed

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Codes = NDArray[np.int64]
Choices = NDArray[np.int16]
NOTHING = -1
TOLERANCE = 1e-9
"""Part of an amount that is rounding of sums."""


class UnusableProblem(Malformed):
    """The allocation cannot be computed: {problem} Correct the problem that was handed over."""

    code = "unusable_problem"


class NoPlanExists(Conflict):
    """No plan meets all minimum volumes: together {conflict} ask for more than the limits leave. Lower a minimum, raise
    one of these limits, or admit more subscribers.
    """

    code = "no_plan_exists"


class MinimumsMissed(Conflict):
    """No plan was found that meets all minimum volumes within the limits: {minimums} would be missed by {missing} in
    all. Lower them a little, or raise a limit.
    """

    code = "minimums_missed"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most (or, with `least`, at least) `amount` of `use` in all.

    `use`: shape (m,), the same for every class, or (G, m); zero or more. Unit:
    contacts, money, pieces, as the caller likes.
    """

    name: Label
    use: Floats
    amount: float
    least: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Values to be gained and limits to be kept.

    `values`: float32, shape (n, m), C order: what option j is expected to earn with subscriber i; NaN or
    -inf: not eligible. `offer`: shape (m,), codes from 0: a subscriber gets each offer at most once. `most`:
    contacts a subscriber at most. `classes`: shape (n,), codes from 0; None: all in class 0. `class_count`:
    G; 0: as many as occur. `household_ends`: shape (households,), increasing: household h holds the
    subscribers from the end of the one before up to its own; None: everybody apart. `household_most`:
    contacts a household at most. Raises `UnusableProblem`.
    """

    values: Values
    offer: Codes
    limits: Sequence[Limit]
    most: int = 1
    classes: NDArray[np.uint16] | None = None
    class_count: int = 0
    household_ends: Codes | None = None
    household_most: int = 0

    def __post_init__(self) -> None:
        if not self.class_count:
            codes = self.classes if self.classes is not None else np.zeros(0, np.uint16)
            object.__setattr__(self, "class_count", int(codes.max(initial=0)) + 1)
        for problem in _problems(self):
            raise UnusableProblem(problem=problem)

    @property
    def subscribers(self) -> int:
        """N."""
        return len(self.values)

    @property
    def options(self) -> int:
        """M."""
        return int(self.values.shape[1])

    @cached_property
    def use(self) -> Floats:
        """Shape (R, G, m)."""
        shape = (self.class_count, self.options)
        rows = [np.broadcast_to(limit.use, shape) for limit in self.limits]
        return np.array(rows, dtype=np.float64).reshape(len(rows), *shape)

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """The least and the greatest value of an option that somebody is eligible for."""
        return finite_range(self.values)

    @cached_property
    def amounts(self) -> Floats:
        """Shape (R,)."""
        return np.array([limit.amount for limit in self.limits], dtype=np.float64)

    @cached_property
    def least(self) -> NDArray[np.bool_]:
        """Which limits are minimum volumes, shape (R,)."""
        return np.array([limit.least for limit in self.limits], dtype=bool)

    def loads(self, counts: Floats) -> Floats:
        """What each limit counts, shape (R,), of `counts` contacts by class and option, shape (G, m)."""
        return np.einsum("rgj,gj->r", self.use, counts)


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit after the allocation. `price`: what one unit more of it would earn (a minimum: what one unit less
    would).
    """

    limit: Limit
    used: float
    price: float

    @property
    def binding(self) -> bool:
        """Whether moving the limit would change the objective."""
        return self.price != 0


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Allocation:
    """The choice and how good it is.

    `choice`: shape (n, most), option numbers by falling value, `NOTHING` where there is none.
    `objective`: sum of the chosen values. `bound`: no plan under these limits earns more. `relaxed`: not even one that
    splits contacts does; where few contacts fit, that is much more. `prices`: shape (R,), signed as in the Lagrangian:
    at least 0 for maxima, at most 0 for minima. `passes`: over all subscribers.
    """

    choice: Choices
    objective: float
    bound: float
    relaxed: float
    limits: tuple[LimitUse, ...]
    prices: Floats
    passes: int

    @property
    def gap(self) -> float:
        """(bound - objective) / |bound|, 0 if both are 0."""
        return (self.bound - self.objective) / abs(self.bound) if self.bound else 0.0

    @property
    def contacts(self) -> int:
        """Contacts in all."""
        return int(np.count_nonzero(self.choice != NOTHING))


def counted(problem: Problem, choice: Choices) -> Floats:
    """What each limit counts of a choice, shape (R,)."""
    counts = np.zeros((problem.class_count, problem.options))
    for column in choice.T:
        some = column != NOTHING
        classes = 0 if problem.classes is None else problem.classes[some].astype(np.int64)
        code = classes * problem.options + column[some]
        counts += np.bincount(code, minlength=counts.size).reshape(counts.shape)
    return problem.loads(counts)


def keeps_maxima(problem: Problem, loads: Floats) -> bool:
    """Whether `loads` (R,) are within all maxima, but for what is rounding of sums."""
    return bool(np.all((loads <= problem.amounts * (1 + TOLERANCE)) | problem.least))


def shortfall(problem: Problem, loads: Floats) -> Floats:
    """How much each minimum lacks at `loads`, shape (R,); 0 for maxima and for what is rounding of sums."""
    lacking = np.where(problem.least, problem.amounts - loads, 0.0)
    return np.where(lacking > TOLERANCE * problem.amounts, lacking, 0.0)


def objective(problem: Problem, choice: Choices) -> float:
    """Sum of the chosen values."""
    rows = np.arange(problem.subscribers)
    total = 0.0
    for column in choice.T:
        some = column != NOTHING
        total += float(problem.values[rows[some], column[some]].sum(dtype=np.float64))
    return total


@compiled
def finite_range(values: Any) -> tuple[float, float]:
    """Least and greatest finite value of an array of shape (n, m); (0, 0) where there is none."""
    least, greatest = np.inf, -np.inf
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            v = values[i, j]
            if np.isfinite(v):
                least, greatest = min(least, v), max(greatest, v)
    return (least, greatest) if least <= greatest else (0.0, 0.0)


def _problems(p: Problem) -> list[str]:
    """What is wrong with the shapes and numbers of a problem."""
    found: list[str] = []
    if p.values.ndim != 2 or p.values.dtype != np.float32 or not p.values.flags.c_contiguous:
        return ["values must be float32 in C order, one row a subscriber, one column an option."]
    if p.options > np.iinfo(np.int16).max:
        found.append(f"{p.options} options are more than {np.iinfo(np.int16).max}.")
    if p.offer.shape != (p.options,) or (p.options and p.offer.min() < 0):
        found.append("each option needs one offer code from 0 on.")
    if p.most < 1:
        found.append("at least one contact a subscriber must be allowed.")
    if p.classes is not None and p.classes.shape != (p.subscribers,):
        found.append("each subscriber needs one class.")
    if p.household_ends is not None and (
        np.any(np.diff(p.household_ends, prepend=0) < 1)
        or (p.household_ends[-1] if len(p.household_ends) else 0) != p.subscribers
    ):
        found.append("household ends must increase up to the number of subscribers.")
    return [*found, *(text for limit in p.limits for text in _limit_problems(p, limit))]


def _limit_problems(p: Problem, limit: Limit) -> list[str]:
    """What is wrong with one limit."""
    found = []
    if limit.use.shape not in ((p.options,), (p.class_count, p.options)):
        found.append(f"the use of the limit {limit.name.en} must have one number an option.")
    elif not np.all(np.isfinite(limit.use)) or np.any(limit.use < 0):
        found.append(f"the use of the limit {limit.name.en} must be zero or more.")
    if not np.isfinite(limit.amount) or limit.amount < 0:
        found.append(f"the amount of the limit {limit.name.en} must be zero or more.")
    return found
