"""A measured campaign on the terminal."""

from __future__ import annotations

import math
from typing import Any

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.measurement.attribution import Rule
from telewave.measurement.effect import Effect
from telewave.measurement.in_short import SHORT_COLUMNS, short_rows
from telewave.measurement.model import Along, Measured
from telewave.measurement.next_steps import next_words
from telewave.measurement.split_words import (
    ARM_TITLE,
    HALL_COLUMNS,
    HALL_TITLE,
    SCRIPT_COLUMNS,
    hall_rows,
    script_rows,
    script_words,
)
from telewave.measurement.words import (
    ARM_COLUMNS,
    DAY_COLUMNS,
    PART_COLUMNS,
    RETURN_COLUMNS,
    arm_rows,
    causal_words,
    day_rows,
    draw_words,
    headline,
    move_words,
    part_rows,
    return_rows,
    stage_columns,
    stage_rows,
    warnings,
)
from telewave.platform.terminal import Session

DAYS_SHOWN = 7


def show_measured(session: Session, found: Measured) -> None:
    """What it earned, warnings, arms, the last days, groups, funnel, return; in JSON the figures too."""
    for sentence in headline(found):
        session.say(sentence, style="bold")
    if short := short_rows(found):
        session.table(Message("In short"), SHORT_COLUMNS, short)
    for warning in warnings(found):
        session.say(warning, style="yellow")
    for sentence in draw_words(found):
        session.say(sentence)
    session.table(Message("The two arms as drawn"), ARM_COLUMNS, arm_rows(found))
    session.table(Message("The effect day by day"), DAY_COLUMNS, day_rows(found)[:DAYS_SHOWN])
    if found.parts:
        session.table(Message("The effect by target group"), PART_COLUMNS, part_rows(found))
    for along in Along:
        if found.funnel[along]:
            title = Message("Funnel by: {split}", split=along.label)
            session.table(title, stage_columns(along), stage_rows(found, along))
    _show_halls_and_scripts(session, found)
    if found.channels:
        title = Message("Return by channel, shared out by: {rule}", rule=Rule.SHAPLEY.label)
        session.table(title, RETURN_COLUMNS, return_rows(found, Rule.SHAPLEY))
        session.say(causal_words())
    session.say(move_words(found))
    for sentence in next_words(found):
        session.say(sentence, style="bold")
    session.attach("measured", object_of(found))


def _show_halls_and_scripts(session: Session, found: Measured) -> None:
    if found.halls:
        session.table(HALL_TITLE, HALL_COLUMNS, hall_rows(found))
    if found.scripts:
        session.table(ARM_TITLE, SCRIPT_COLUMNS, script_rows(found))
    for sentence in script_words(found):
        session.say(sentence)


def object_of(found: Measured) -> dict[str, Any]:
    """What a script is told."""
    draw = found.draw
    return {
        "campaign": found.campaign,
        "plan": found.plan,
        "first": found.first.isoformat(),
        "before": found.as_of.isoformat(),
        "currency": found.currency,
        "assigned": draw.assigned,
        "held_out": draw.held_out,
        "compared": draw.of.value,
        "drawn_and_not_compared": draw.aside,
        "contaminated": draw.contaminated,
        "took": {"assigned": found.took[0], "held_out": found.took[1]},
        "orders": _effect(found.orders),
        "margin": _effect(found.margin),
        "cost": round(found.cost, 2),
        "cost_to_acquire": _number(found.cost_to_acquire),
        "halls": {
            one.hall: {"reservations": one.made, "came": one.came, "ordered": one.ordered}
            for one in found.halls
        },
        "scripts": {
            one.name: {
                "reached": one.reached,
                "willing": one.willing,
                "expected": one.expected,
                "chance": one.chance,
                "verdict": one.verdict.value,
            }
            for one in found.scripts
        },
        "channels": {
            one.channel: {
                "contacts": one.contacts,
                "cost": round(one.cost, 2),
                "orders": {rule.value: _number(part) for rule, part in one.orders.items()},
                "margin": {rule.value: _number(part) for rule, part in one.margin.items()},
            }
            for one in found.channels
        },
    }


def _effect(effect: Effect | Inconclusive) -> Any:
    if isinstance(effect, Inconclusive):
        return None
    n = effect.assigned + effect.held_out
    return {
        "total": _number(effect.total),
        "seen": effect.seen,
        "chance": effect.chance,
        "days": [{"days": one.days, **_number(one.estimate(n))} for one in effect.looks],
    }


def _number(found: Estimate | Inconclusive) -> Any:
    if isinstance(found, Inconclusive):
        return None
    high = found.high if math.isfinite(found.high) else None
    return {"value": found.value, "low": found.low, "high": high}
