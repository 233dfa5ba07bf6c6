"""The conditional logit: who took which of the alternatives that were open to him. Pure, arrays in and out.

McFadden (1974), "Conditional logit analysis of qualitative choice behavior". Person i of class c takes j of the
alternatives open to him with the chance

    p_ij = exp(x_ij . (w + d_c)) / sum over open l of exp(x_il . (w + d_c))

`w` are the common weights, `d_c` what class c adds. Both have normal priors with mean 0; their variances count in terms
brought to a spread of 1 among the alternatives of a choice, so that the units of a term change nothing but the unit of
its weight. The log posterior is concave: Newton's method with the exact Hessian, halved steps, reaches its one maximum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WEAK_VARIANCE = 100.0
"""Of a common weight: one spread of the term among a choice's alternatives multiplies the odds by e^20 at the most."""
CELLS_AT_ONCE = 1 << 21
MOST_STEPS = 60
ENOUGH = 1e-7
"""What a Newton step may still gain, in nats, for it to be the last: the error of the next would be its square."""
FLAT = 1e-4
"""Curvature at the optimum over that without any weights, below which the choices leave a direction without bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was chosen from what. `terms`: (n, m, k); `open`: (n, m), whether an alternative could be had; `taken`:
    (n,), which was; `group`: (n,), the class of each row, 0 .. `groups` - 1. Terms of what is not open say nothing.

    Raises ValueError where what was taken was not open.
    """

    terms: Floats
    open: Flags
    taken: Integers
    group: Integers
    groups: int

    def __post_init__(self) -> None:
        if not self.open[np.arange(len(self.taken)), self.taken].all():
            raise ValueError("what was taken must have been open")

    @property
    def size(self) -> int:
        """How many choices."""
        return len(self.taken)

    def of(self, rows: Flags | Integers) -> Choices:
        """Some of the choices."""
        return Choices(
            terms=self.terms[rows],
            open=self.open[rows],
            taken=self.taken[rows],
            group=self.group[rows],
            groups=self.groups,
        )

    def with_terms(self, terms: Floats) -> Choices:
        """The same choices told by other terms."""
        return Choices(terms=terms, open=self.open, taken=self.taken, group=self.group, groups=self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Variances of the common weights and of what a class adds, each (k,), in terms of spread 1; 0 keeps a weight at
    zero.
    """

    common: Floats
    by_class: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Weights in the terms' own units. `weights`: (k,); `of_class`: (groups, k), the common ones with the class's own.

    `errors`, `errors_of_class`: their standard errors. `covariance_of_class`: (groups, k, k). `scale`: (k,), spread of
    each term among the alternatives of a choice; 0 where it never differs. `separated`: terms whose weight the choices
    leave without bound, and the prior alone holds. `log_likelihood`: in nats. `counts`: rows of each class.
    """

    weights: Floats
    errors: Floats
    of_class: Floats
    errors_of_class: Floats
    covariance_of_class: Floats
    scale: Floats
    separated: tuple[int, ...]
    log_likelihood: float
    counts: Integers


def fit(choices: Choices, prior: Prior | None = None) -> Fitted:
    """The most likely weights under the prior (None: weak for the common ones, and no weights of classes)."""
    k = choices.terms.shape[2]
    given = prior or Prior(common=np.full(k, WEAK_VARIANCE), by_class=np.zeros(k))
    scale = spreads(choices)
    live = (scale > 0) & ((given.common > 0) | (given.by_class > 0))
    column = np.flatnonzero(live)
    if not len(column):
        return _nothing(choices, scale)
    owns = np.flatnonzero(given.by_class[column] > 0)
    task = _Task(choices, column, 1 / scale[column], given.common[column], owns, given.by_class[column][owns])
    with threadpool_limits(
        1
    ):  # products of a few columns: threads that wait for each other cost more than they save
        theta, information = _maximum(task)
        return _told(task, theta, information, scale)


def utilities(terms: Floats, group: Integers, of_class: Floats) -> Floats:
    """x_ij . (w + d_c) of each row and alternative; terms (n, m, k), group (n,), of_class (groups, k)."""
    found: Floats = np.einsum("nmk,nk->nm", terms, of_class[group])
    return found


def shares(utility: Floats, open_to: Flags) -> Floats:
    """The chance of each alternative, (n, m); 0 of what is not open."""
    masked = np.where(open_to, utility, -np.inf)
    raised = np.exp(masked - masked.max(1, keepdims=True))
    found: Floats = raised / raised.sum(1, keepdims=True)
    return found


def spreads(choices: Choices) -> Floats:
    """Standard deviation of each term among the open alternatives of a choice, over all choices, (k,)."""
    squares, cells = np.zeros(choices.terms.shape[2]), 0
    for part in _blocks(choices):
        inside = part.open[..., None]
        count = part.open.sum(1)[:, None]
        terms = np.where(inside, part.terms, 0.0)
        middle = terms.sum(1) / count
        squares += (np.where(inside, terms - middle[:, None], 0.0) ** 2).sum((0, 1))
        cells += int(part.open.sum())
    found: Floats = np.sqrt(squares / max(cells, 1))
    found[found < 1e-12 * np.abs(np.where(choices.open[..., None], choices.terms, 0.0)).max((0, 1))] = 0.0
    return found


@dataclass(frozen=True, slots=True)
class _Task:
    """The choices with the columns that are looked for. The parameters are the common weights, then of each class those
    of `owns`, by place among the columns.
    """

    choices: Choices
    column: Integers
    factor: Floats
    common: Floats
    owns: Integers
    by_class: Floats

    @property
    def size(self) -> int:
        return len(self.column) + self.choices.groups * len(self.owns)

    @property
    def precision(self) -> Floats:
        """Of the prior, by parameter; a common weight kept at zero has a precision beyond all data."""
        common = 1 / np.maximum(self.common, 1e-12)
        return np.concatenate([common, np.tile(1 / self.by_class, self.choices.groups)])

    def own(self, group: int) -> slice:
        start = len(self.column) + group * len(self.owns)
        return slice(start, start + len(self.owns))

    def of_class(self, theta: Floats) -> Floats:
        """Weights of each class in terms of spread 1, (groups, columns)."""
        found = np.tile(theta[: len(self.column)], (self.choices.groups, 1))
        found[:, self.owns] += theta[len(self.column) :].reshape(self.choices.groups, len(self.owns))
        return found

    def value(self, theta: Floats) -> float:
        """The log posterior but for a constant."""
        return self.likelihood(theta) - 0.5 * float((self.precision * theta**2).sum())

    def likelihood(self, theta: Floats) -> float:
        of_class, total = self.of_class(theta), 0.0
        for part in _blocks(self.choices):
            terms = self.terms(part)
            utility = np.where(part.open, utilities(terms, part.group, of_class), -np.inf)
            top = utility.max(1)
            taken = utility[np.arange(part.size), part.taken]
            total += float((taken - top - np.log(np.exp(utility - top[:, None]).sum(1))).sum())
        return total

    def terms(self, part: Choices) -> Floats:
        picked = part.terms if len(self.column) == part.terms.shape[2] else part.terms[..., self.column]
        found: Floats = np.where(part.open[..., None], picked * self.factor, 0.0)
        return found

    def slopes(self, theta: Floats) -> tuple[Floats, Floats]:
        """Gradient and information (the negative Hessian) of the log likelihood, without the prior."""
        width = len(self.column)
        gradient, information = np.zeros(self.size), np.zeros((self.size, self.size))
        of_class = self.of_class(theta)
        for part in _blocks(self.choices):
            terms = self.terms(part)
            chance = shares(utilities(terms, part.group, of_class), part.open)
            middle = np.einsum("nm,nmk->nk", chance, terms)
            surprise = terms[np.arange(part.size), part.taken] - middle
            weighted = (terms - middle[:, None]) * np.sqrt(chance)[..., None]
            for group in np.unique(part.group):
                mine = part.group == group
                own, slope = self.own(int(group)), surprise[mine].sum(0)
                flat = weighted[mine].reshape(-1, width)
                curve = flat.T @ flat
                gradient[:width] += slope
                gradient[own] += slope[self.owns]
                information[:width, :width] += curve
                information[own, :width] += curve[self.owns]
                information[:width, own] += curve[:, self.owns]
                information[own, own] += curve[np.ix_(self.owns, self.owns)]
        return gradient, information


def _maximum(task: _Task) -> tuple[Floats, Floats]:
    """Where the log posterior is highest, and its information there."""
    theta = np.zeros(task.size)
    value, precision = task.value(theta), task.precision
    for _ in range(MOST_STEPS):
        gradient, information = task.slopes(theta)
        gradient = gradient - precision * theta
        information = information + np.diag(precision)
        step = np.linalg.solve(information, gradient)
        gain, length = float(gradient @ step), 1.0
        if gain < ENOUGH:
            return theta + step, information
        while (better := task.value(theta + length * step)) < value + 1e-4 * length * gain and length > 1e-8:
            length /= 2
        theta, value = theta + length * step, better
    return theta, task.slopes(theta)[1] + np.diag(precision)


def _told(task: _Task, theta: Floats, information: Floats, scale: Floats) -> Fitted:
    choices, column = task.choices, task.column
    k, groups, width = len(scale), choices.groups, len(task.column)
    covariance = np.linalg.inv(information)
    weights, errors = np.zeros(k), np.zeros(k)
    weights[column] = theta[:width] * task.factor
    errors[column] = np.sqrt(np.diag(covariance)[:width]) * task.factor
    of_class, spread = np.zeros((groups, k)), np.zeros((groups, k, k))
    of_class[:, column] = task.of_class(theta) * task.factor
    for group in range(groups):
        sums = np.zeros((width, task.size))
        sums[:, :width] = np.eye(width)
        sums[task.owns, np.arange(task.size)[task.own(group)]] = 1.0
        mine = sums @ covariance @ sums.T * np.outer(task.factor, task.factor)
        spread[group][np.ix_(column, column)] = mine
    return Fitted(
        weights=weights,
        errors=errors,
        of_class=of_class,
        errors_of_class=np.sqrt(np.einsum("gkk->gk", spread)),
        covariance_of_class=spread,
        scale=scale,
        separated=_separated(task, theta),
        log_likelihood=task.likelihood(theta),
        counts=np.bincount(choices.group, minlength=groups),
    )


def _separated(task: _Task, theta: Floats) -> tuple[int, ...]:
    """Terms that make up a direction in which the choices' own curvature is all but gone at the optimum."""
    width = len(task.column)
    start = task.slopes(np.zeros(task.size))[1][:width, :width]
    end = task.slopes(theta)[1][:width, :width]
    values, vectors = np.linalg.eigh(start)
    kept = values > 1e-9 * values.max()
    whitened = vectors[:, kept] / np.sqrt(values[kept])
    left, directions = np.linalg.eigh(whitened.T @ end @ whitened)
    found: set[int] = set()
    for direction in (whitened @ directions[:, left < FLAT]).T:
        large = np.abs(direction * theta[:width])
        if large.max() > 0:
            found |= {int(task.column[i]) for i in np.flatnonzero(large > 0.3 * large.max())}
    return tuple(sorted(found))


def _nothing(choices: Choices, scale: Floats) -> Fitted:
    """No term differs among what was open: every open alternative is as likely."""
    k, groups = len(scale), choices.groups
    return Fitted(
        weights=np.zeros(k),
        errors=np.zeros(k),
        of_class=np.zeros((groups, k)),
        errors_of_class=np.zeros((groups, k)),
        covariance_of_class=np.zeros((groups, k, k)),
        scale=scale,
        separated=(),
        log_likelihood=-float(np.log(choices.open.sum(1)).sum()),
        counts=np.bincount(choices.group, minlength=groups),
    )


def _blocks(choices: Choices) -> Iterator[Choices]:
    """The rows in parts whose terms stay in a few dozen megabytes."""
    _, m, k = choices.terms.shape
    rows = max(1, CELLS_AT_ONCE // max(1, m * k))
    for start in range(0, choices.size, rows):
        part = slice(start, start + rows)
        yield Choices(
            terms=choices.terms[part],
            open=choices.open[part],
            taken=choices.taken[part],
            group=choices.group[part],
            groups=choices.groups,
        )
