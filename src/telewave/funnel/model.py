"""What was learnt of contacts, as a document: each figure with its interval, its records, and who speaks. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telewave.funnel.steps import Step
from telewave.funnel.willing import Willing
from telewave.kernel import Estimate, Label
from telewave.kernel.intervals import Z95


class Source(StrEnum):
    """What a step's chance rests on."""

    RECORDS = "records"
    NEIGHBOURS = "neighbours"
    BELIEF = "belief"

    @property
    def label(self) -> Label:
        """For people."""
        return _SOURCES[self]


_SOURCES = {
    Source.RECORDS: Label("own records", "自身记录"),
    Source.NEIGHBOURS: Label("the channel's other cells", "同渠道其他单元"),
    Source.BELIEF: Label("assumption", "假设"),
}


class Speaker(StrEnum):
    """What an effect rests on, the surest first."""

    RANDOMISED = "randomised"
    ADJUSTED = "adjusted"
    ASSUMED = "assumed"

    @property
    def label(self) -> Label:
        """For people."""
        return _SPEAKERS[self]


_SPEAKERS = {
    Speaker.RANDOMISED: Label("randomised", "随机对照"),
    Speaker.ADJUSTED: Label("adjusted", "校正比较"),
    Speaker.ASSUMED: Label("assumed", "假设推算"),
}


class Factor(StrEnum):
    """What may decide a step beside who is contacted with what."""

    HOUR = "hour"
    EARLIER = "earlier"
    AGENT = "agent"
    SCRIPT = "script"

    @property
    def label(self) -> Label:
        """For people."""
        return _FACTORS[self]


_FACTORS = {
    Factor.HOUR: Label("Hour", "时段"),
    Factor.EARLIER: Label("Earlier attempts", "此前接触次数"),
    Factor.AGENT: Label("Agent", "坐席"),
    Factor.SCRIPT: Label("Script", "话术"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChance:
    """A step's `chance` given the recorded step before; `estimate.n`: records of whom it is known. `covers`: the steps
    that it stands for, itself the last, since those before it were not recorded.
    """

    covers: tuple[Step, ...]
    estimate: Estimate
    belief: Estimate
    source: Source

    @property
    def step(self) -> Step:
        """The step that is reached."""
        return self.covers[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Contacts of a `group` through a `channel` for an `offer` ("": not told): attempts on record, steps in order."""

    channel: str
    group: str
    offer: str
    attempts: int
    steps: tuple[StepChance, ...]

    @property
    def ordered(self) -> Estimate:
        """Orders an attempt, through all steps."""
        return product([one.estimate for one in self.steps], self.attempts)

    @property
    def believed(self) -> Estimate:
        """The same as it was believed."""
        return product([one.belief for one in self.steps], 0)

    @property
    def source(self) -> Source:
        """What its weakest step rests on."""
        return max((one.source for one in self.steps), key=list(Source).index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a contact adds to the chance of an order, by channel and group. `contacted`, `alone`: people behind it;
    `process`: orders through the steps, a contact; `beyond`: share of the contacted for whom nobody comparable was left
    alone (None: not looked at). `overlap`: people contacted, and left alone, by tenth of their chance of having been
    contacted (None: not looked at, or not kept yet when this was learnt).
    """

    channel: str
    group: str
    speaker: Speaker
    estimate: Estimate
    process: Estimate
    organic: Estimate | None
    contacted: int
    alone: int
    beyond: float | None
    overlap: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @property
    def displaced(self) -> float:
        """Orders through the steps that would have come anyway, a contact; at least 0."""
        return max(0.0, self.process.value - self.estimate.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A level of a factor (an hour "9", an agent) with the chance that all records would have had at it."""

    name: str
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a `factor` goes with a step of a `channel`, beside groups, offers, scores and the step's other factors.
    `usual`: the chance of all records; `spread`: standard deviation between levels in log odds, its n the levels.
    """

    channel: str
    covers: tuple[Step, ...]
    factor: Factor
    usual: float
    spread: Estimate
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """People of a `group` contacted through both `channels`, watched from the first contact through the second one on,
    beside comparable people left alone: `estimate` of what it adds. `apart`: what both would add if each did as by
    itself (None: not known of both). `contacted`, `alone`: people behind it.
    """

    channels: tuple[str, str]
    group: str
    estimate: Estimate
    apart: Estimate | None
    contacted: int
    alone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is learnt from: contacts of [since, as_of), orders up to `days` after each.

    `offer` "": every offer; `model` "": no groups. `groups_as_of`: the day of the groups and scores, not after `since`.
    `campaign`: whose holdout decides where it can; "" none.
    """

    since: date
    as_of: date
    days: int
    offer: str = ""
    model: str = ""
    groups_as_of: date | None = None
    campaign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """What was learnt, under a name and version (None: not kept yet); `contacts`: the records behind it; `combined`: of
    people contacted through several channels; `conditions`: by hour, earlier attempts, agent and script; `willing`: who
    of those that heard (None: too few records, or no groups).
    """

    name: str
    version: int | None
    question: Question
    contacts: int
    cells: tuple[Cell, ...]
    effects: tuple[Effect, ...]
    combined: tuple[Combined, ...] = ()
    conditions: tuple[Condition, ...] = ()
    willing: Willing | None = None


def product(chances: Sequence[Estimate], n: int) -> Estimate:
    """Chances in a row: intervals of their logarithms are added up as of independent normals.

    >>> one = Estimate(value=0.5, low=0.4, high=0.625, n=9, method="")
    >>> round(product([one, one], 9).high, 3)
    0.343
    """
    value, variance = 1.0, 0.0
    for one in chances:
        value *= one.value
        variance += (math.log(one.high / max(one.low, 1e-12)) / (2 * Z95)) ** 2
    reach = math.exp(Z95 * math.sqrt(variance))
    method = "product of steps"
    return Estimate(value=value, low=value / reach, high=min(1.0, value * reach), n=n, method=method)
