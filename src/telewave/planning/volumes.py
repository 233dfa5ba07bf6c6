"""Takers expected in each phase, by contacts and organic, held against the phase's goal; and what stands in the way.
Pure.

Organic takers: the sum of organic probabilities of everybody the phase addresses, contacted or not, spread evenly over
the model's window. Takers by contact: what contacts add, from the day of the contact on by `response_delays`. The
interval holds chance and the uncertainty of the rate, not that of the assumed effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from telewave.forecasting.forecast import (
    Goal,
    GoalCheck,
    Organic,
    Period,
    PeriodForecast,
    RateError,
    chance_of_all,
    check_goal,
    forecast,
    months,
)
from telewave.kernel import Label, Message
from telewave.planning.limit_worth import is_telling
from telewave.planning.options import Floats
from telewave.planning.proposal import Proposal

MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A phase's forecast; `months`: that of the calendar months it lies in, where these are several; `check`: its goal,
    None where it has none; `hindrance`: what keeps it from more.
    """

    phase: Label
    forecast: PeriodForecast
    months: tuple[PeriodForecast, ...]
    check: GoalCheck | None
    hindrance: Message | None


def response_delays(window_days: int) -> Floats:
    """Share of those who respond by days since the contact: four fifths of a day's
    responses come on the day after. An assumption.
    """
    weight = 0.8 ** np.arange(window_days)
    return np.asarray(weight / weight.sum())


def volumes(made: Proposal, rate_error: float) -> tuple[Volume, ...]:
    """The forecast of each phase. `rate_error`: the model's
    `RateUncertainty.log_error`, drawn once for contacted and organic.
    """
    contacts = replace(made.contacts, probability=np.clip(made.gained, 0.0, 1.0))
    table, window = made.campaign.timetable, made.surroundings.window_days
    delays = np.tile(response_delays(window), (len(table.channels), 1))
    found = []
    for number, phase in enumerate(made.campaign.phases):
        period = Period(phase.days.first, phase.days.last)
        organic = Organic(made.organic[number] / window)
        parts = months(period.first, period.last)
        periods = [period, *(parts if len(parts) > 1 else ())]
        one, *by_month = forecast(
            contacts, made.dated.day, table, delays, RateError.around(rate_error), organic, periods
        )
        check = None
        if phase.goal is not None:
            length = period.days / MONTH_DAYS
            least, most = (round(bound * length) for bound in phase.goal)
            check = check_goal(one, Goal(least, most if most > least else None))
        hindrance = None
        if check is not None and check.gap < 0:
            hindrance = _hindrance(made, number, check, one.organic.value + _most_gained(made, number))
        found.append(
            Volume(
                phase=phase.days.name, forecast=one, months=tuple(by_month), check=check, hindrance=hindrance
            )
        )
    return tuple(found)


def chance_of_all_goals(found: Sequence[Volume]) -> float | None:
    """The chance that each phase with a goal reaches it; None where fewer than two have one."""
    some = [(volume.forecast, volume.check.goal) for volume in found if volume.check is not None]
    if len(some) < 2:
        return None
    return chance_of_all([made for made, _ in some], [goal for _, goal in some])


def _most_gained(made: Proposal, phase: int) -> float:
    """Takers gained if everybody in the phase got the option that moves him most,
    whatever it costs and however scarce it is.
    """
    best = np.zeros(len(made.base.subscriber))
    for j, option in enumerate(made.options.options):
        if option.phase == phase:
            gain = made.chance.gained(option)
            best = np.where(np.isfinite(made.problem.values[:, j]), np.maximum(best, gain), best)
    return float(best.sum())


def _hindrance(made: Proposal, phase: int, check: GoalCheck, reachable: float) -> Message:
    """Why a goal is missed: it is out of reach, or limits hold the plan back, or more contacts would not pay."""
    if reachable < check.goal.least:
        return Message(
            (
                "Out of reach: about {reachable} takers would come even if everybody were contacted in the way "
                "that moves him most. Not capacity is lacking but effect: other offers, a wider audience, or "
                "longer time."
            ),
            reachable=f"{reachable:,.0f}",
        )
    here = made.options.phase_codes == phase
    binding = [
        used.limit.name
        for used in sorted(made.limits, key=lambda u: -u.price)
        if is_telling(made, used) and not used.limit.least and np.any(used.limit.use[..., here] > 0)
    ]
    if not binding:
        return Message(
            "No capacity, budget or stock stands in the way: further contacts would cost more than they "
            "are expected to earn."
        )
    return Message(
        "What stands in the way: {limits}. See what one unit more of each would earn.", limits=binding
    )
