"""Takers expected in each phase, by contacts and organic, held against the phase's goal; and what stands in the way. Pure.

Organic takers: the sum of organic probabilities of everybody the phase addresses, contacted or not, spread evenly over the model's
window. Takers by contact: what contacts add, from the day of the contact on by `RESPONSE`. The interval holds chance and
the uncertainty of the rate, not that of the assumed effects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from telewave.kernel import Label, Message
from telewave.planning.forecast import (
    Calibration,
    Goal,
    GoalCheck,
    Organic,
    Period,
    PeriodForecast,
    check_goal,
    forecast,
)
from telewave.planning.proposal import Proposal

WINDOW_DAYS = 30
MONTH_DAYS = 365.25 / 12
RESPONSE = 0.8 ** np.arange(WINDOW_DAYS) / np.sum(0.8 ** np.arange(WINDOW_DAYS))
"""Share of those who respond by days since the contact: four fifths of a day's responses come on the day after. An assumption."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A phase's forecast; `check`: its goal, None where it has none; `hindrance`: what keeps it from more."""

    phase: Label
    forecast: PeriodForecast
    check: GoalCheck | None
    hindrance: Message | None


def volumes(made: Proposal, rate_error: float) -> tuple[Volume, ...]:
    """The forecast of each phase. `rate_error`: standard error of the log odds of the model's rate, common to all."""
    channel, offer = (codes[made.option] for codes in (made.options.channel_codes, made.options.offer_codes))
    gained = made.chance.gain[made.row, channel] * made.chance.taste[made.row, offer]
    contacts = replace(made.contacts, probability=np.clip(gained, 0.0, 1.0))
    table = made.campaign.timetable
    delays = np.tile(RESPONSE, (len(table.channels), 1))
    found = []
    for number, phase in enumerate(made.campaign.phases):
        period = Period(phase.days.first, phase.days.last)
        organic = Organic(made.organic[number] / WINDOW_DAYS, rate_error)
        one = forecast(contacts, made.dated.day, table, delays, Calibration(rate_error), organic, [period])[0]
        check = None
        if phase.goal is not None:
            months = period.days / MONTH_DAYS
            least, most = (round(bound * months) for bound in phase.goal)
            check = check_goal(one, Goal(least, most if most > least else None))
        hindrance = None
        if check is not None and check.gap < 0:
            hindrance = _hindrance(made, check, one.organic.value + _most_gained(made, number))
        found.append(Volume(phase.days.name, one, check, hindrance))
    return tuple(found)


def _most_gained(made: Proposal, phase: int) -> float:
    """Takers gained if everybody in the phase got the option that moves him most, whatever it costs and however scarce it is."""
    best = np.zeros(len(made.base.subscriber))
    for j, option in enumerate(made.options.options):
        if option.phase == phase:
            gain = made.chance.gain[:, option.channel] * made.chance.taste[:, option.offer]
            best = np.where(np.isfinite(made.values[:, j]), np.maximum(best, gain), best)
    return float(best.sum())


def _hindrance(made: Proposal, check: GoalCheck, reachable: float) -> Message:
    """Why a goal is missed: it is out of reach, or limits hold the plan back, or more contacts would not pay."""
    if reachable < check.goal.least:
        return Message(
            "Out of reach: about {reachable} takers would come even if everybody were contacted in the way that moves him most. Not capacity is lacking but effect: other offers, a wider audience, or longer time.",
            reachable=f"{reachable:,.0f}",
        )
    binding = [
        used.limit.name for used in sorted(made.allocation.limits, key=lambda u: -u.price) if used.price > 0
    ]
    if not binding:
        return Message(
            "No capacity, budget or stock stands in the way: further contacts would cost more than they are expected to earn."
        )
    return Message(
        "What stands in the way: {limits}. See what one unit more of each would earn.", limits=binding
    )
