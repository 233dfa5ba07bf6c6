"""What the model predicts: who takes an offer within some days of an as-of date, and when that is known. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from telewave.kernel import Conflict, Malformed, Message

UNLIKELY = 0.05


class EmptyWindow(Malformed):
    """A window of {days} days holds no orders. Give a window of at least one day."""

    code = "empty_window"


class OutcomeNotYetKnown(Conflict):
    """Who takes the offer within {window_days} days of {as_of} is known only when the orders until {needed} are in; the
    last day on record is {last}. Choose an as-of date no later than {latest}, or a shorter window.
    """

    code = "outcome_not_yet_known"


@dataclass(frozen=True, slots=True)
class Target:
    """Took `offer` within `window_days` days of the as-of date (orders in [as_of, as_of + window_days))."""

    offer: str
    window_days: int

    def __post_init__(self) -> None:
        if self.window_days < 1:
            raise EmptyWindow(days=self.window_days)

    @property
    def sentence(self) -> Message:
        """The target in words."""
        return Message("took {offer} within {days} days", offer=self.offer, days=self.window_days)


def check_known(target: Target, as_of: date, last_day: date) -> None:
    """Raise `OutcomeNotYetKnown` if the window of `as_of` reaches beyond `last_day`, the last day on record."""
    needed = as_of + timedelta(days=target.window_days - 1)
    if needed > last_day:
        raise OutcomeNotYetKnown(
            window_days=target.window_days,
            as_of=as_of.isoformat(),
            needed=needed.isoformat(),
            last=last_day.isoformat(),
            latest=(last_day - timedelta(days=target.window_days - 1)).isoformat(),
        )


def orders_end_early(target: Target, as_of: date, ordered: Mapping[date, int]) -> tuple[Message, ...]:
    """A warning where orders end before the window of `as_of`, sooner than chance makes at their usual number a day.

    `ordered`: orders of each day that has any. Of a Poisson number of them a day, none comes in g days with
    probability exp(-g x mean); below 5 % some have not been delivered yet, and their takers would be learnt
    from as if they had not wanted the offer.
    """
    last, needed = max(ordered), as_of + timedelta(days=target.window_days - 1)
    a_day = sum(ordered.values()) / ((last - min(ordered)).days + 1)
    silent = (needed - last).days
    if silent <= 0 or math.exp(-silent * a_day) > UNLIKELY:
        return ()
    return (
        Message(
            "The orders end on {last}, but who took the offer is counted until {needed}. Takers of the "
            "days between count as non-takers. Ingest the orders up to {needed}, and train again.",
            last=last.isoformat(),
            needed=needed.isoformat(),
        ),
    )
