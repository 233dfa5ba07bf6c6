"""Who is held out: decided by a hash of the experiment's name and the subscriber number, and by nothing else. Pure.

The same name and number give the same answer for one subscriber or for millions, on any machine, for ever:

    salt(name, purpose) = blake2b(name, 8 bytes, personalised by the purpose)           (RFC 7693)
    hash(subscriber)    = mix(mix(subscriber + G) + salt)    in 64 bits, wrapping
    uniform(subscriber) = (hash >> 11) / 2^53                in [0, 1)

`mix` and G are those of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, "Fast splittable pseudorandom number
generators"). There is no version of it as an expression on the warehouse's engines: DuckDB refuses sums and products
that leave 64 bits and Spark has no unsigned integers, so that neither wraps alike. Lists are decided here and joined.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from telewave.kernel import Malformed, Message
from telewave.kernel.periods import add_months

Flags: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.integer]
Uniforms: TypeAlias = npt.NDArray[np.float64]
Hashes: TypeAlias = npt.NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15
PERIODS = (1, 2, 3, 4, 6, 12)


class ShareOutOfRange(Malformed):
    """A share of {share:g} cannot be held out. Give at least 0 and less than 1, 5 % as 0.05."""

    code = "share_out_of_range"


class NamelessExperiment(Malformed):
    """An experiment needs a name: who is held out follows from it. Give a name that no other campaign uses."""

    code = "nameless_experiment"


class NegativeSubscriber(Malformed):
    """The subscriber number {number} is negative. Give the dense numbers of `identities`, which begin at 0."""

    code = "negative_subscriber"


class RepeatedSubscriber(Malformed):
    """The subscriber {number} is in the list more than once, and sizes by stratum would
    count it twice. Keep each subscriber once.
    """

    code = "repeated_subscriber"


class UnequalLists(Malformed):
    """There are {subscribers} subscribers and {others} {what}. Give one entry for each subscriber."""

    code = "unequal_lists"


class UnusablePeriod(Malformed):
    """A control group cannot be kept for {months} months. Choose 1, 2, 3, 4, 6 or 12, so that periods begin with the
    year.
    """

    code = "unusable_period"


class ReversedDays(Malformed):
    """The last day {end} lies before the first day {start}. Exchange them."""

    code = "reversed_days"


class Purpose(StrEnum):
    """What a draw is for. Draws for different purposes are independent of each other under one name."""

    HOLDOUT = "holdout"
    UNIVERSAL = "universal"
    LOT = "lot"
    COIN = "explore?"
    PAIR = "pair"


def salt(experiment: str, purpose: Purpose) -> int:
    """The 64-bit salt of an experiment's draws for one purpose. Raises `NamelessExperiment`."""
    if not experiment.strip():
        raise NamelessExperiment
    digest = hashlib.blake2b(experiment.encode(), digest_size=8, person=purpose.encode()).digest()
    return int.from_bytes(digest, "big")


def mix(values: Hashes) -> Hashes:
    """SplitMix64's finalizer: a bijection of 64 bits in which every bit of the answer hangs on every bit given."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def hashes(experiment: str, subscribers: Numbers, purpose: Purpose = Purpose.HOLDOUT) -> Hashes:
    """The 64-bit hash of each subscriber. Raises `NegativeSubscriber`, `NamelessExperiment`."""
    if subscribers.size and int(subscribers.min()) < 0:
        raise NegativeSubscriber(number=int(subscribers.min()))
    salted = np.array([salt(experiment, purpose)], np.uint64)  # an array: scalars warn where arrays wrap
    return mix(mix(subscribers.astype(np.uint64) + np.uint64(GOLDEN)) + salted)


def uniform(experiment: str, subscribers: Numbers, purpose: Purpose = Purpose.HOLDOUT) -> Uniforms:
    """A number in [0, 1) for each subscriber, of 53 bits.

    >>> uniform("handset 2026", np.array([0, 1, 7])).round(6).tolist()
    [0.003911, 0.408901, 0.708132]
    """
    return np.ldexp((hashes(experiment, subscribers, purpose) >> np.uint64(11)).astype(np.float64), -53)


def held_out(experiment: str, subscribers: Numbers, share: float) -> Flags:
    """Who is held out, each with probability `share`, whoever else is in the list. A larger share only adds people.

    Raises `ShareOutOfRange`.
    """
    return uniform(experiment, subscribers) < _checked(share)


def stratified(experiment: str, subscribers: Numbers, strata: Numbers, share: float) -> Flags:
    """Who is held out, with exact sizes: round(share * n) of all n, and of each stratum its share rounded down or up.

    `strata`: one code a subscriber. The places are dealt by `sizes_by_stratum`; within a stratum those with the
    smallest hashes are held out. The order of the list does not matter, but who is in it does: keep the answer with the
    list. Raises `ShareOutOfRange`, `UnequalLists`, `RepeatedSubscriber`.
    """
    _checked(share)
    if len(strata) != len(subscribers):
        raise UnequalLists(subscribers=len(subscribers), others=len(strata), what=Message("strata"))
    _, codes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    places = sizes_by_stratum(counts, share)
    order = np.lexsort((hashes(experiment, subscribers), codes))
    _each_once(subscribers[order])
    starts = np.cumsum(counts) - counts
    held = np.zeros(len(subscribers), np.bool_)
    for start, size in zip(starts.tolist(), places.tolist(), strict=True):
        held[order[start : start + size]] = True
    return held


def sizes_by_stratum(counts: Numbers, share: float) -> npt.NDArray[np.int64]:
    """How many of each stratum's `counts` are held out: largest remainder, ties to the first stratum.

    >>> sizes_by_stratum(np.array([10, 10, 15]), 0.1).tolist()  # 3.5 places in all are rounded to 4
    [1, 1, 2]
    """
    exact = Fraction(str(float(_checked(share))))
    wanted = [exact * count for count in counts.tolist()]
    whole = [math.floor(size) for size in wanted]
    left = math.floor(exact * int(counts.sum()) + Fraction(1, 2)) - sum(whole)
    first = sorted(range(len(wanted)), key=lambda i: (whole[i] - wanted[i], i))[:left]
    return np.array([size + (i in set(first)) for i, size in enumerate(whole)], np.int64)


@dataclass(frozen=True, slots=True)
class UniversalControl:
    """The group that no campaign at all contacts, by which the effect of all of them together is measured.

    `share` of everybody, drawn anew every `months` calendar months, so that nobody is left out for years.
    Raises `ShareOutOfRange`, `UnusablePeriod`.
    """

    share: float
    months: int = 3

    def __post_init__(self) -> None:
        _checked(self.share)
        if self.months not in PERIODS:
            raise UnusablePeriod(months=self.months)

    def period(self, day: date) -> str:
        """The name of the period that `day` lies in, from which its draw follows.

        >>> UniversalControl(0.01).period(date(2026, 8, 15))
        '2026-07 + 3 months'
        """
        first = (day.month - 1) // self.months * self.months + 1
        return f"{day.year}-{first:02d} + {self.months} months"

    def periods(self, start: date, end: date) -> tuple[str, ...]:
        """The periods that the days from `start` to `end`, both included, touch. Raises `ReversedDays`."""
        if end < start:
            raise ReversedDays(start=start, end=end)
        months = (end.year - start.year) * 12 + end.month - start.month
        names = [self.period(add_months(start.replace(day=1), month)) for month in range(months + 1)]
        return tuple(dict.fromkeys(names))

    def members(self, subscribers: Numbers, start: date, end: date | None = None) -> Flags:
        """Who is in the control group at any time from `start` to `end` (both included; none: `start` alone).

        A campaign that runs into the next period leaves both periods' groups alone. Raises `ReversedDays`.
        """
        member = np.zeros(len(subscribers), np.bool_)
        for period in self.periods(start, end or start):
            member |= uniform(period, subscribers, Purpose.UNIVERSAL) < self.share
        return member


def _checked(share: float) -> float:
    if not 0 <= share < 1:
        raise ShareOutOfRange(share=share)
    return share


def _each_once(ordered: Numbers) -> None:
    """Equal subscribers have equal hashes, hence are neighbours within their
    stratum; across strata they are looked for too.
    """
    values = np.sort(ordered)
    double = np.flatnonzero(values[1:] == values[:-1])
    if double.size:
        raise RepeatedSubscriber(number=int(values[double[0]]))
