"""The house's contact policy: how often anybody may be contacted by all campaigns together, when not, and how long one
is left in peace after what became of a contact. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telewave.contacts.ledger import Disposition
from telewave.kernel import Conflict

DAY_MINUTES = 24 * 60


class PolicyBroken(Conflict):
    """Version {version} of the contact policy cannot be understood ({cause}), so nobody is contacted. Set a new one:
    telewave campaign policy FILE --by YOU
    """

    code = "policy_broken"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` contacts in any `days` days in a row, whatever the campaign and the channel."""

    most: int
    days: int

    def __post_init__(self) -> None:
        if self.most < 0 or self.days < 1:
            raise ValueError("a cap needs a number of contacts and of days")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the local day from `start` to before `end`; over midnight where `end` is not later.

    >>> QuietHours(21 * 60, 7 * 60).covers(30), QuietHours(0, 8 * 60).covers(21 * 60)
    (True, False)
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY_MINUTES and 0 <= self.end <= DAY_MINUTES):
            raise ValueError("a time of day lies between 00:00 and 24:00")

    def covers(self, minute: int) -> bool:
        """Whether nobody is to be contacted at this minute of the day."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`version`: 0 before one was set, which sets no limit. `pauses`: days of peace after a disposition."""

    version: int = 0
    caps: tuple[Cap, ...] = ()
    quiet: tuple[QuietHours, ...] = ()
    pauses: Mapping[Disposition, int] = field(default_factory=dict)

    def in_quiet_hours(self, minutes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these minutes of the day are quiet, shape as `minutes`."""
        quiet = np.zeros(len(minutes), np.bool_)
        for one in self.quiet:
            after, before = minutes >= one.start, minutes < one.end
            quiet |= (after & before) if one.start < one.end else (after | before)
        return quiet


def policy_text(policy: Policy) -> str:
    """As it is kept."""
    return json.dumps(
        {
            "caps": [[one.most, one.days] for one in policy.caps],
            "quiet": [[one.start, one.end] for one in policy.quiet],
            "pauses": {one.value: days for one, days in policy.pauses.items()},
        }
    )


def policy_read(version: int, text: str) -> Policy:
    """The kept policy. Raises `PolicyBroken`: what cannot be understood lets nobody through."""
    try:
        told: Any = json.loads(text)
        return Policy(
            version=version,
            caps=tuple(Cap(*map(int, one)) for one in told["caps"]),
            quiet=tuple(QuietHours(*map(int, one)) for one in told["quiet"]),
            pauses={Disposition(one): int(days) for one, days in told["pauses"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise PolicyBroken(version=version, cause=str(cause)) from cause
