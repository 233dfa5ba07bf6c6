"""What the campaign did, day by day: those it was free to contact against those it held out, as they were drawn. Pure.

*As assigned*: whoever was drawn counts in his arm, whether he was contacted or not; people contacted against the draw
stay in the control group, since whom they were taken from was no chance. Up to each day,

    difference = mean outcome of the assigned - mean outcome of the held out,

adjusted by the model's chance before launch (`experiments.adjustment`). The variance of each arm's mean is that of its
residuals with one order more than was seen: a few orders say little about how many there might have been. Where whole
households were drawn, the residuals of a household are added up before they are squared, as far as they are orders:
what is left out is the square of a small share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telewave.experiments.adjustment import Adjustment, adjustment
from telewave.experiments.moments import Moments
from telewave.kernel import Estimate
from telewave.measurement.sequence import chance, days_until_seen, holm, reach, tuned

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.int64]
NOT_YET = -1
"""Day of the order of who has not ordered."""
METHOD = "asymptotic confidence sequence"
LONGEST = 366
"""Beyond that many days from the launch nobody waits for an effect to show."""
FEWEST = 10
"""Orders in each arm below which the normal approximation is not to be trusted."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Drawn:
    """Everybody who took part in the draw, one entry a person, shape (n,): who is `held` out, the model's `chance`
    before launch (NaN: not scored), on which day of the campaign he first ordered (0 the first, `NOT_YET`), and what
    that order earns (`margin`, major units). `household`: who were drawn together, by number (-1: alone); None: each
    was drawn by himself.
    """

    held: Flags
    chance: Floats
    ordered: Days
    margin: Floats
    household: Days | None = None

    def where(self, kept: Flags) -> Drawn:
        """Some of them."""
        return Drawn(
            held=self.held[kept],
            chance=self.chance[kept],
            ordered=self.ordered[kept],
            margin=self.margin[kept],
            household=None if self.household is None else self.household[kept],
        )

    @property
    def sizes(self) -> tuple[int, int]:
        """Assigned, held out."""
        held = int(self.held.sum())
        return len(self.held) - held, held

    @property
    def orders(self) -> tuple[int, int]:
        """People who ordered: of the assigned, of the held out."""
        took = self.ordered >= 0
        return int((took & ~self.held).sum()), int((took & self.held).sum())


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Up to the end of a day, the `days`-th of the campaign: mean outcome of both arms, the difference (adjusted where
    there is something to adjust by), its variance, and how far the sequence reaches.
    """

    days: int
    assigned: float
    held_out: float
    difference: float
    variance: float
    reach: float

    def estimate(self, n: int, scale: float = 1.0) -> Estimate:
        """The difference times `scale`, with its interval that holds on all days together."""
        low, high = sorted((scale * (self.difference - self.reach), scale * (self.difference + self.reach)))
        return Estimate(value=scale * self.difference, low=low, high=high, n=n, method=METHOD)


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One outcome over the days. `assigned`, `held_out`: people; `noise_left`: the share of the variance that adjusting
    left; `rho2`: see `sequence`; `chance`: the p-value that holds on all days together.
    """

    looks: tuple[Look, ...]
    assigned: int
    held_out: int
    noise_left: float
    rho2: float

    @property
    def last(self) -> Look:
        """As of the day that was asked for."""
        return self.looks[-1]

    @property
    def total(self) -> Estimate:
        """What the campaign brought with all whom it was free to contact: their number times the difference."""
        return self.last.estimate(self.assigned + self.held_out, self.assigned)

    @property
    def chance(self) -> float:
        """The smallest p-value of all days so far."""
        return min(chance(one.difference, one.variance, self.rho2) for one in self.looks)

    @property
    def seen(self) -> bool:
        """Whether the interval as of the last day leaves 0 out."""
        return abs(self.last.difference) > self.last.reach

    def days_until_seen(self) -> int | None:
        """After how many days from the launch the effect would be seen at today's pace; None: not within a year."""
        last = self.last
        return days_until_seen(last.difference, last.variance, last.days, self.rho2, LONGEST)


def measured(drawn: Drawn, outcome: Floats, days: int, variance: float, one_more: float) -> Effect:
    """The effect on `outcome` (of who ordered, shape (n,)) at the end of each of `days` days. `variance`: of the
    difference at the campaign's end, as the plan lets expect; `one_more`: a usual outcome, for as long as there is
    none.

    Both arms need two people.
    """
    rho2 = tuned(variance)
    arms = [_sums(drawn, outcome, days, mine) for mine in (~drawn.held, drawn.held)]
    looks, left = [], 1.0
    for day in range(days):
        pair = [arm.moments(day) for arm in arms]
        found = adjustment(pair, "", "")
        slope, centre = (found.slope, found.centre) if isinstance(found, Adjustment) else (0.0, 0.0)
        levels = [one.level(slope, centre) for one in pair]
        plain = [one.level() for one in pair]
        orders, squares = (sum(getattr(arm, name)[day] for arm in arms) for name in ("orders", "squares"))
        more = squares / orders if orders else one_more**2
        size = [one.variance + more / one.rows**2 for one in levels]
        total, whole = sum(size), sum(one.variance + more / one.rows**2 for one in plain)
        left = total / whole
        looks.append(
            Look(
                days=day + 1,
                assigned=plain[0].value,
                held_out=plain[1].value,
                difference=levels[0].value - levels[1].value,
                variance=total,
                reach=reach(total, rho2),
            )
        )
    sizes = drawn.sizes
    return Effect(looks=tuple(looks), assigned=sizes[0], held_out=sizes[1], noise_left=left, rho2=rho2)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class _Sums:
    """Of an arm of `n` people: by day up to its end the orders, the sums of outcomes, of their squares and of their
    products with the covariate (less its mean over all); the covariate's own sum and sum of squares.
    """

    n: int
    orders: Floats
    total: Floats
    squares: Floats
    products: Floats
    before: float
    before_squares: float

    def moments(self, day: int) -> Moments:
        y, x = self.total[day] / self.n, self.before / self.n
        yy = self.squares[day] - self.n * y * y
        xy = self.products[day] - self.n * x * y
        xx = self.before_squares - self.n * x * x
        cross = np.array([[0.0, 0.0, 0.0], [0.0, yy, xy], [0.0, xy, xx]])
        return Moments(self.n, np.array([1.0, y, x]), cross)


def _sums(drawn: Drawn, outcome: Floats, days: int, mine: Flags) -> _Sums:
    known = np.isfinite(drawn.chance)
    centre = float(drawn.chance[known].mean()) if known.any() else 0.0
    before = np.where(known, drawn.chance, centre)[mine] - centre
    took = (drawn.ordered[mine] >= 0) & (drawn.ordered[mine] < days)
    day, y, x = drawn.ordered[mine][took], outcome[mine][took], before[took]

    def by_day(weights: Floats) -> Floats:
        return np.cumsum(np.bincount(day, weights, days))

    squares = y * y
    if drawn.household is not None:
        squares = squares + _of_households(drawn.household[mine][took], day, y)
    return _Sums(
        n=int(mine.sum()),
        orders=by_day(np.ones(len(y))),
        total=by_day(y),
        squares=by_day(squares),
        products=by_day(x * y),
        before=float(before.sum()),
        before_squares=float(before @ before),
    )


def _of_households(household: Days, day: Days, y: Floats) -> Floats:
    """What each order adds to the squared sum of its household beyond its own square: twice its outcome times those of
    the household's orders before it; shape as `y`.
    """
    more = np.zeros(len(y))
    order = np.lexsort((day, household))
    known = order[household[order] >= 0]
    mine, value = household[known], y[known]
    before = np.cumsum(value) - value
    more[known] = 2 * value * (before - before[np.searchsorted(mine, mine)])
    return more


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The effect within one part of the people, known before launch. `chance`: Holm's among all parts;
    `estimate`: orders a thousand, at the level at which the intervals of all parts hold together.
    """

    name: str
    effect: Effect
    chance: float
    estimate: Estimate


def by_part(
    drawn: Drawn, parts: Mapping[str, Flags], days: int, variance: float, alpha: float = 0.05
) -> tuple[Part, ...]:
    """The effect on orders in each part that has ten people in both arms; `variance`: as `measured`, for all
    together.
    """
    everybody = drawn.sizes
    found: list[tuple[str, Effect]] = []
    for name, mine in parts.items():
        part = drawn.where(mine)
        if min(part.sizes) >= FEWEST:
            share = min(part.sizes[1] / everybody[1], part.sizes[0] / everybody[0])
            took = np.where(part.ordered >= 0, 1.0, 0.0)
            found.append((name, measured(part, took, days, variance / share, 1.0)))
    adjusted = holm([one.chance for _, one in found])
    return tuple(
        Part(name=name, effect=one, chance=p, estimate=_together(one, alpha / len(found)))
        for (name, one), p in zip(found, adjusted, strict=True)
    )


def _together(effect: Effect, alpha: float) -> Estimate:
    last = effect.last
    away, n = reach(last.variance, effect.rho2, alpha), effect.assigned + effect.held_out
    value = last.difference * 1000
    return Estimate(
        value=value, low=value - away * 1000, high=value + away * 1000, n=n, method=METHOD, level=1 - alpha
    )


def holdout_that_tells(rate: float, people: int, orders: float) -> tuple[float, float] | None:
    """Which share of so many `people` to hold out so that `orders` brought would show by the campaign's end, where
    `rate` of the held out order: the smallest share in steps of five in a hundred, and 1; where half of them is too
    few, half and how many times as many people and orders it takes. None: not with a hundred times as many.
    """
    if orders <= 0 or people < 4:
        return None
    for share in (one / 100 for one in range(5, 55, 5)):
        if _shows(rate, people, orders, share):
            return share, 1.0
    for times in range(2, 101):
        if _shows(rate, people * times, orders * times, 0.5):
            return 0.5, float(times)
    return None


def _shows(rate: float, people: float, orders: float, share: float) -> bool:
    sizes = people * (1 - share), people * share
    apart = orders / sizes[0]
    p = min(max(rate, 1 / min(sizes)), 0.5)
    variance = p * (1 - p) * sum(1 / n for n in sizes)
    return apart > reach(variance, tuned(variance))


def expected_variance(rate: float, sizes: Sequence[int]) -> float:
    """Of the difference of two shares at the campaign's end, if `rate` of all order; of one order at least."""
    least = 1 / min(sizes)
    p = min(max(rate, least), 0.5)
    return float(p * (1 - p) * sum(1 / n for n in sizes))
