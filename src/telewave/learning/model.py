"""A challenger beside the champion: what later contacts say of both, and what follows. Pure values.

*Champion*: the version in use. *Challenger*: the one that was learnt anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from telewave.funnel.steps import Step
from telewave.kernel import Estimate, Label


class Verdict(StrEnum):
    """What later contacts say of a challenger."""

    BETTER = "better"
    NOT_BETTER = "not better"
    UNTOLD = "cannot be told yet"

    @property
    def label(self) -> Label:
        """For people."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.BETTER: Label("better", "更好"),
    Verdict.NOT_BETTER: Label("not better", "并未更好"),
    Verdict.UNTOLD: Label("cannot be told yet", "暂无定论"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScore:
    """A step of a channel in the later contacts: of `n` that could take it a share of `took` did; the mean chance that
    each version gave, and its Brier score. `gain`: log loss of the champion less that of the challenger, nats a record.
    """

    channel: str
    covers: tuple[Step, ...]
    n: int
    took: float
    champion: float
    challenger: float
    champion_brier: float
    challenger_brier: float
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What contacts of [first, end) said of both. `gain`: by how much the challenger's log loss is less, nats a
    contact, with an interval that holds however often one looks (None: no contacts); `loss`: the champion's.
    `days_more`: days of such contacts until it can be told at this pace (None: not in ten years, or it can be told).
    """

    first: date
    end: date
    contacts: int
    households: int
    gain: Estimate | None
    loss: float
    verdict: Verdict
    days_more: int | None
    steps: tuple[StepScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """That the funnel `name` was learnt anew as version `challenger` from contacts of [since, as_of), and judged beside
    version `champion`. `number`: of the refit, None before it is kept.
    """

    name: str
    number: int | None
    by: str
    at: datetime
    champion: int
    challenger: int
    since: date
    as_of: date
    judged: Judged
