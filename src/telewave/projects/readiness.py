"""Whether shops can sell and people are trained, computed from counts against bars. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from telewave.kernel import Inconclusive, Label, Malformed, Message
from telewave.projects.launch_days import Offset


class MoreReadyThanThereAre(Malformed):
    """{criterion}: {ready} are ready, but there are only {of}. Correct one of the two counts."""

    code = "more_ready_than_there_are"


class BarOutOfRange(Malformed):
    """{criterion}: a bar of {bar} cannot be reached, or says nothing. Give more than 0 and at most 100 %."""

    code = "bar_out_of_range"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """`bar`: the share of `of` that must be ready by `due`; counts are None while nobody has counted.

    Raises `MoreReadyThanThereAre`, `BarOutOfRange`.
    """

    key: str
    label: Label
    owner: str
    bar: Fraction
    due: Offset
    remedy: Label
    ready: int | None = None
    of: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.bar <= 1:
            raise BarOutOfRange(criterion=self.label, bar=f"{float(self.bar):.0%}")
        if self.ready is not None and self.of is not None and self.ready > self.of:
            raise MoreReadyThanThereAre(criterion=self.label, ready=self.ready, of=self.of)


@dataclass(frozen=True, slots=True)
class Reached:
    """The bar is reached: `ready` of `of`, `needed` of which were asked for."""

    ready: int
    of: int
    needed: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """The bar is not reached: `missing` more are needed."""

    ready: int
    of: int
    needed: int

    @property
    def missing(self) -> int:
        """How many more must become ready."""
        return self.needed - self.ready


Judged = Reached | Lacking | Inconclusive


def judge(criterion: Criterion) -> Judged:
    """Whether the bar is reached; unknown while it was not counted, or where there is nothing to count.

    The bar is a whole number, rounded up: 80 % of 51 shops are 41 shops.
    """
    ready, of = criterion.ready, criterion.of
    if ready is None or of is None:
        return Inconclusive(Message("not counted yet"))
    if of == 0:
        return Inconclusive(Message("there is nothing to count"))
    needed = math.ceil(criterion.bar * of)
    return Reached(ready, of, needed) if ready >= needed else Lacking(ready, of, needed)
