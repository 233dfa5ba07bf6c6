"""What a randomised pilot counted, and how sure that makes one of a contact's odds. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from telewave.kernel import Malformed


class ImpossibleCounts(Malformed):
    """The pilot counts {takers} takers among {subscribers} subscribers. Takers cannot be more, and
    both groups need at least one subscriber.
    """

    code = "impossible_counts"


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a randomised pilot of a channel counted: takers among those contacted and among those held out."""

    contacted: int
    takers: int
    held_out: int
    takers_held_out: int

    def __post_init__(self) -> None:
        for takers, size in ((self.takers, self.contacted), (self.takers_held_out, self.held_out)):
            if takers > size or size < 1:
                raise ImpossibleCounts(takers=takers, subscribers=size)

    @property
    def cells(self) -> tuple[float, float, float, float]:
        """Takers and others of the contacted, takers and others of the held out, each with half a
        one added (Haldane 1956, Anscombe 1956).
        """
        return (
            self.takers + 0.5,
            self.contacted - self.takers + 0.5,
            self.takers_held_out + 0.5,
            self.held_out - self.takers_held_out + 0.5,
        )

    @property
    def log_odds_ratio(self) -> float:
        """log(a d / (b c)) of the cells; always finite."""
        a, b, c, d = self.cells
        return math.log(a / b) - math.log(c / d)

    @property
    def variance(self) -> float:
        """Of the log odds ratio: 1/a + 1/b + 1/c + 1/d (Woolf 1955)."""
        return sum(1 / cell for cell in self.cells)

    def variance_of(self, size: float) -> float:
        """That of a pilot with the same rates among `size` contacted and `size` held out."""
        a, b, c, d = self.cells
        return ((a + b) ** 2 / (a * b) + (c + d) ** 2 / (c * d)) / (size + 1)
