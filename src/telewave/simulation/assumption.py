"""What an assumption is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A parameter without a source: `low` to `high` is what a person who knows the trade would still believe."""

    name: str
    value: float
    low: float
    high: float
    reason: Label


def assumed(name: str, value: float, low: float, high: float, *reason: str) -> Assumption:
    """One parameter; `reason` in English and in Chinese."""
    return Assumption(name=name, value=value, low=low, high=high, reason=Label(*reason))
