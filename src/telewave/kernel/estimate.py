"""Numbers learnt from data carry how sure they are; numbers that cannot be learnt say why."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel.messages import Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A value with its interval.

    `low` and `high` bound the value at confidence `level`, everywhere `intervals.CONFIDENCE`;
    `n` counts the observations behind it and `method` names how the interval was made (for
    example "bootstrap, 500 resamples" or "Wilson").
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """Unknown, which is not zero: the reason is shown where the number would have stood."""

    reason: Message
