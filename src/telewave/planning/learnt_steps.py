"""The steps of a channel's contacts, out of a funnel that was learnt. Pure.

Cells of several offers are taken together by their records; ends likewise, which is wider than independent cells would
be. A step that was not recorded is part of the next one in the funnel, and stays as the table assumes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from telewave.briefs.channel_steps import REACHED, ChannelSteps, Levels, StepLevels, assumed_steps
from telewave.funnel.model import Cell, Effect, Funnel, Speaker, product
from telewave.funnel.steps import Step, steps_of
from telewave.kernel import Estimate
from telewave.targeting.plan import Group

METHOD = "cells by their records"


def learnt_steps(funnel: Funnel, code: str) -> ChannelSteps | None:
    """What `funnel` knows of contacts recorded as `code`; None where it has no records of core, normal and basic."""
    cells = [[c for c in funnel.cells if (c.channel, c.group) == (code, group.value)] for group in Group]
    if not all(cells) or not any(cell.attempts for found in cells for cell in found):
        return None
    assumed, before = assumed_steps(code), steps_of(code)[-2]
    met = REACHED[assumed.family]
    effects = {one.group: one for one in funnel.effects if one.channel == code}
    found = [effects.get(group.value) for group in Group]
    displaced = _levels([_displaced(one) for one in found])
    ordered = _levels([_together(group, lambda cell: cell.ordered) for group in cells])
    return replace(
        assumed,
        reached=_learnt(cells, lambda cell: _until(cell, met)) or assumed.reached,
        carried=_learnt(cells, lambda cell: _last(cell, before)) or assumed.carried,
        ordered=StepLevels(levels=ordered, contacts=sum(one.n for one in ordered)),
        displaced=displaced,
        funnel=(funnel.name, funnel.version or 0),
    )


def _displaced(effect: Effect | None) -> Estimate:
    """Orders through the steps beyond those that planning counts as caused."""
    value = 0.0
    if effect is not None:
        counted = effect.estimate.value
        if effect.speaker is not Speaker.RANDOMISED:
            counted = min(counted, effect.process.value)
        value = max(0.0, effect.process.value - max(0.0, counted))
    return Estimate(value=value, low=value, high=value, n=0, method="process less effect")


def _until(cell: Cell, step: Step) -> Estimate | None:
    """The chance of an attempt to come as far as `step`; None where that was not recorded."""
    steps = [one.step for one in cell.steps]
    if step not in steps:
        return None
    return product([one.estimate for one in cell.steps[: steps.index(step) + 1]], cell.attempts)


def _last(cell: Cell, before: Step) -> Estimate | None:
    """The chance of the order given `before`; None where that step was not recorded."""
    return cell.steps[-1].estimate if before in [one.step for one in cell.steps] else None


def _learnt(cells: Sequence[Sequence[Cell]], of: Callable[[Cell], Estimate | None]) -> StepLevels | None:
    """By group; None where the step was recorded in none of the cells, or no record tells of it."""
    groups = [[(cell, of(cell)) for cell in group] for group in cells]
    told = [[(cell, one) for cell, one in group if one is not None] for group in groups]
    contacts = sum(one.n for group in told for _, one in group)
    if not all(told) or not contacts:
        return None
    levels = _levels([_mean([cell.attempts for cell, _ in g], [one for _, one in g]) for g in told])
    return StepLevels(levels=levels, contacts=contacts)


def _together(cells: Sequence[Cell], of: Callable[[Cell], Estimate]) -> Estimate:
    return _mean([cell.attempts for cell in cells], [of(cell) for cell in cells])


def _mean(attempts: Sequence[int], of: Sequence[Estimate]) -> Estimate:
    weights = np.array(attempts, np.float64)
    weights = weights / weights.sum() if weights.sum() else np.full(len(of), 1 / len(of))
    value, low, high = (
        float(weights @ [getattr(one, end) for one in of]) for end in ("value", "low", "high")
    )
    return Estimate(value=value, low=low, high=high, n=sum(one.n for one in of), method=METHOD)


def _levels(of: Sequence[Estimate]) -> Levels:
    core, normal, basic = of
    return (core, normal, basic)
