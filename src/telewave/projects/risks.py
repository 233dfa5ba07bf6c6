"""The risk register: likelihood x effect, with a measure and an owner. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from telewave.kernel import Label, Malformed

HIGHEST = 5
HIGH, MEDIUM = 12, 6


class RiskOutOfRange(Malformed):
    """The risk {risk} has likelihood {likelihood} and effect {effect}. Give each from 1 (low) to 5 (high)."""

    code = "risk_out_of_range"


class Severity(StrEnum):
    """Three levels of likelihood x effect: from 12 on high, from 6 on medium."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def label(self) -> Label:
        """The level's name for people."""
        return SEVERITIES[self]


SEVERITIES = {
    Severity.HIGH: Label("high", "高"),
    Severity.MEDIUM: Label("medium", "中"),
    Severity.LOW: Label("low", "低"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """`likelihood` and `effect` from 1 to 5; `measure`: what is done about it; `owner`:
    key of a person. Raises `RiskOutOfRange`.
    """

    key: str
    label: Label
    likelihood: int
    effect: int
    measure: Label
    owner: str

    def __post_init__(self) -> None:
        if not (1 <= self.likelihood <= HIGHEST and 1 <= self.effect <= HIGHEST):
            raise RiskOutOfRange(risk=self.label, likelihood=self.likelihood, effect=self.effect)

    @property
    def points(self) -> int:
        """Likelihood x effect, 1 to 25."""
        return self.likelihood * self.effect

    @property
    def severity(self) -> Severity:
        """The level that the points fall in."""
        return (
            Severity.HIGH
            if self.points >= HIGH
            else Severity.MEDIUM
            if self.points >= MEDIUM
            else Severity.LOW
        )


def worst_first(risks: Iterable[Risk]) -> tuple[Risk, ...]:
    """By points, among equals by effect; equal risks stay in their order."""
    return tuple(sorted(risks, key=lambda risk: (-risk.points, -risk.effect)))
