"""How far contacts of a channel come: who is reached, and of the willing who orders, by appetite for the offer. Pure.

What a plan needs of a funnel, or of the table of assumptions where none was learnt. The orders themselves are no part
of it: these come from the channel's effect, so that there is one truth about them.
"""

from __future__ import annotations

from dataclasses import dataclass

from telewave.funnel.assumptions import chain_belief, whole_belief
from telewave.funnel.steps import CHANNELS, Family, Step, steps_of
from telewave.kernel import Estimate
from telewave.targeting.plan import Group

Levels = tuple[Estimate, Estimate, Estimate]
"""Of people like core, normal and basic."""
NOBODY = Estimate(value=0.0, low=0.0, high=0.0, n=0, method="none")
REACHED = {Family.CALL: Step.REACHED, Family.VISIT: Step.VISITED, Family.MESSAGE: Step.SEEN}
"""The step after which a contact has met its person: answered, come, or looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLevels:
    """A chance by appetite, given the step before. `contacts`: records behind it; 0: assumed."""

    levels: Levels
    contacts: int = 0

    @property
    def likeliest(self) -> float:
        """The chance of those for whom it is greatest."""
        return max(one.value for one in self.levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSteps:
    """Of one channel. `reached`: of all attempts; `carried`: orders of the willing; `ordered`: through all steps, of
    all attempts, for how sure that is; `displaced`: orders an attempt that would have come anyway, beyond those of
    people who had the intention. `funnel`: name and version behind it; None: the table of assumptions.
    """

    family: Family
    reached: StepLevels
    carried: StepLevels
    ordered: StepLevels
    displaced: Levels = (NOBODY, NOBODY, NOBODY)
    funnel: tuple[str, int] | None = None


def assumed_steps(code: str) -> ChannelSteps:
    """What is believed of the channel that contacts are recorded under as `code`.

    >>> [one.value for one in assumed_steps("outbound_call").reached.levels]
    [0.5, 0.5, 0.5]
    """
    steps, family = steps_of(code), CHANNELS[code]
    met = steps[: steps.index(REACHED[family]) + 1]
    return ChannelSteps(
        family=family,
        reached=_believed(code, met),
        carried=_believed(code, steps[-1:]),
        ordered=StepLevels(levels=_levels([whole_belief(code, group.value).estimate for group in Group])),
    )


def _believed(code: str, steps: tuple[Step, ...]) -> StepLevels:
    return StepLevels(levels=_levels([chain_belief(code, group.value, steps).estimate for group in Group]))


def _levels(of: list[Estimate]) -> Levels:
    core, normal, basic = of
    return (core, normal, basic)
