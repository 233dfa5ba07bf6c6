"""The expected funnel of each wave: of so many attempts who is reached, willing, recalled, orders and is active. Pure.

A wave is a channel in a phase. For a contact i of it with an appetite between those of core, normal and basic:

    caused     = what the plan counts (`Proposal.gained`), so that all its figures have one truth
    ordered    = caused + orders through the contact that would have come anyway (displaced)
    willing    = ordered / chance that a willing one orders, at most reached
    reached    = chance of being reached
    recalled   = calls: share of the willing who are sent to a hall
    activated  = share of the ordered whose line and contract become active

Interval of a sum: its value and what is unsure of the chances, all contacts of a wave off the same way (the ends added
up), joined in squares with the chance of single people (binomial, of orders Poisson). Chances are a funnel's where one
was learnt, else the table of assumptions (`funnel.assumptions`). Where the campaign's file states an effect, its own
range is not told: it is taken to be as wide, in proportion, as the table's. Where the plan counts the lower end of what
was learnt, orders may be more, up to the upper end, and fewer by chance alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from telewave.briefs.agent_capacity import agent_days
from telewave.briefs.channel_steps import ChannelSteps, Levels, assumed_steps
from telewave.briefs.model import ChannelUse, OrdersCaused
from telewave.funnel.steps import Family
from telewave.kernel import Estimate, Label
from telewave.kernel.intervals import Z95
from telewave.planning.appetite import HIGHEST, LOWEST, Appetite, appetite_of
from telewave.planning.options import Flags, Floats, Gathered
from telewave.planning.proposal import Proposal

RECALLED = (0.6, 0.4, 0.8)
"""Of those willing on the phone, who are sent to a hall instead of ordering on the line: value and range. Assumed:
a device on contract is mostly handed over against an identity card."""
ACTIVATED = (0.95, 0.88, 0.98)
"""Of orders, those that become active: value and range. Assumed: a few are withdrawn or fail the check of identity."""


@dataclass(frozen=True, slots=True)
class Expected:
    """People expected, and how far that may be off: `down`, `up` by what is unsure of the chances, `variance` by the
    chance of single people.
    """

    value: float
    down: float = 0.0
    up: float = 0.0
    variance: float = 0.0

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return max(0.0, self.value - math.hypot(self.down, Z95 * math.sqrt(self.variance)))

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value + math.hypot(self.up, Z95 * math.sqrt(self.variance))

    @property
    def estimate(self) -> Estimate:
        """Value and interval."""
        return Estimate(value=self.value, low=self.low, high=self.high, n=0, method="wave funnel")


NONE = Expected(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One channel in one phase, or all of them (`phase` and `channel` None). None: the channel has no such step.
    `caused`: of the ordered, those that the plan counts; `agent_days`: set aside for the attempts
    (`briefs.agent_capacity`), None without agents; `steps`: what the chances rest on, None in a sum.
    """

    phase: Label | None
    channel: Label | None
    ids: tuple[str, str]
    attempts: int
    reached: Expected | None
    willing: Expected
    recalled: Expected | None
    ordered: Expected
    caused: float
    activated: Expected
    agent_days: float | None
    steps: ChannelSteps | None


def waves_of(made: Proposal, gathered: Gathered) -> tuple[Wave, ...]:
    """Every wave with contacts that have a day, in the campaign's order. A channel that is recorded under no code has
    no steps, and no wave.
    """
    points = appetite_of(gathered.base.probability)
    channel, phase = (codes[made.option] for codes in (made.options.channel_codes, made.options.phase_codes))
    found = []
    for p, one in enumerate(made.campaign.phases):
        for c, use in enumerate(made.campaign.channels):
            mine = made.made & (channel == c) & (phase == p)
            steps = use.steps or (assumed_steps(use.records) if use.records else None)
            if steps is not None and mine.any():
                found.append(_wave(made, mine, points, use, steps, (one.days.name, one.id)))
    return tuple(found)


def together(waves: Sequence[Wave]) -> Wave | None:
    """All waves in one row; what is unsure of their chances is added up as if off the same way. None: fewer than two.
    `reached` and `recalled` add up those that know them.
    """
    if len(waves) < 2:
        return None
    agents = [one.agent_days for one in waves if one.agent_days is not None]
    return Wave(
        phase=None,
        channel=None,
        ids=("", ""),
        attempts=sum(one.attempts for one in waves),
        reached=_sum(one.reached for one in waves),
        willing=_sum(one.willing for one in waves),
        recalled=_sum(one.recalled for one in waves),
        ordered=_sum(one.ordered for one in waves),
        caused=sum(one.caused for one in waves),
        activated=_sum(one.activated for one in waves),
        agent_days=sum(agents) if agents else None,
        steps=None,
    )


def _sum(parts: Iterable[Expected | None]) -> Expected:
    known = [one for one in parts if one is not None]
    return Expected(
        *(sum(getattr(one, name) for one in known) for name in ("value", "down", "up", "variance"))
    )


def _wave(
    made: Proposal,
    mine: Flags,
    points: Appetite,
    use: ChannelUse,
    steps: ChannelSteps,
    phase: tuple[Label, str],
) -> Wave:
    at = logit(np.clip(made.base.probability[made.row[mine]], LOWEST, HIGHEST))
    share = _between(at, points, steps.reached.levels)
    met = _people(share)
    orders = made.gained[mine] + _anyway(made, mine, at, points, use, steps)
    lower = (
        isinstance(use.effect, OrdersCaused) and use.effect.rests_on is not None and use.effect.rests_on.lower
    )
    ordered = _scaled(orders, _relative(at, points, steps.ordered.levels, lower))
    carried = _between(at, points, steps.carried.levels)
    willing = _willing(orders, carried, ordered, met)
    call, visit = steps.family is Family.CALL, steps.family is Family.VISIT
    return Wave(
        phase=phase[0],
        channel=use.name,
        ids=(phase[1], use.id),
        attempts=int(mine.sum()),
        reached=None if visit else met,
        willing=willing,
        recalled=_part(willing, RECALLED) if call else met if visit else None,
        ordered=ordered,
        caused=float(made.gained[mine].sum()),
        activated=_part(ordered, ACTIVATED),
        agent_days=agent_days(use, float(mine.sum())),
        steps=steps,
    )


def _anyway(
    made: Proposal, mine: Flags, at: Floats, points: Appetite, use: ChannelUse, steps: ChannelSteps
) -> Floats:
    """Orders through each contact that would have come without it: of people with the intention, who are won as
    likely as others, and what the funnel found displaced beyond. An odds ratio tells nothing of them.
    """
    if not isinstance(use.effect, OrdersCaused):
        return np.zeros(len(at))
    organic = np.minimum(made.chance.organic[made.row[mine]], HIGHEST)
    intended = made.gained[mine] * organic / (1 - organic)
    learnt = use.effect.rests_on is not None and use.effect.rests_on.speaker is not None
    beyond = np.interp(at, points, [one.value * learnt for one in reversed(steps.displaced)])
    option, options = made.option[mine], made.options
    taste = made.chance.taste[options.moment_codes[option], made.row[mine], options.offer_codes[option]]
    return np.asarray(intended + beyond * taste)


Band = tuple[Floats, Floats, Floats]
"""Value, low and high of each contact."""


def _between(at: Floats, points: Appetite, levels: Levels) -> Band:
    """The chances of people with these log odds: log odds run straight between basic, normal and core (`appetite`)."""
    rising = tuple(reversed(levels))

    def curve(ends: Sequence[float]) -> Floats:
        return np.asarray(expit(np.interp(at, points, logit(np.clip(ends, LOWEST, HIGHEST)))))

    return (
        curve([one.value for one in rising]),
        curve([one.low for one in rising]),
        curve([one.high for one in rising]),
    )


def _relative(at: Floats, points: Appetite, levels: Levels, lower: bool) -> tuple[Floats, Floats]:
    """How much less and more than what is counted each chance may be, as factors; counted is its value, or its `lower`
    end.
    """
    value, low, high = _between(at, points, levels)
    counted = low if lower else value
    return low / counted, high / counted


def _people(share: Band) -> Expected:
    value, low, high = (float(one.sum()) for one in share)
    return Expected(value, value - low, high - value, float((share[0] * (1 - share[0])).sum()))


def _scaled(orders: Floats, factors: tuple[Floats, Floats]) -> Expected:
    value = float(orders.sum())
    low, high = (float((orders * factor).sum()) for factor in factors)
    return Expected(value, value - low, high - value, value)


def _willing(orders: Floats, carried: Band, ordered: Expected, reached: Expected) -> Expected:
    """Orders over the chance that a willing one orders; never more than are reached, nor fewer than order."""
    value = float((orders / carried[0]).sum())
    if not value:
        return NONE
    fewer, more = (float((orders / carried[k]).sum()) for k in (2, 1))
    off = value / ordered.value
    down = math.hypot(value - fewer, ordered.down * off)
    up = math.hypot(more - value, ordered.up * off)
    most = max(reached.value, ordered.value)
    value = min(value, most)
    return Expected(value, min(down, value), up, value)


def _part(of: Expected, share: tuple[float, float, float]) -> Expected:
    value, low, high = share
    down = math.hypot(of.down * value, of.value * (value - low))
    up = math.hypot(of.up * value, of.value * (high - value))
    return Expected(of.value * value, down, up, of.variance * value)
