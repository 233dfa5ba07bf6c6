"""A learnt funnel as JSON and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from telewave.funnel.model import (
    Cell,
    Combined,
    Condition,
    Effect,
    Factor,
    Funnel,
    Level,
    Question,
    Source,
    Speaker,
    StepChance,
)
from telewave.funnel.steps import Step
from telewave.kernel import Estimate

FORM = 1


def to_json(funnel: Funnel) -> dict[str, Any]:
    """The whole document; days as year-month-day, steps and sources by their codes."""
    found: dict[str, Any] = asdict(funnel)
    question = found["question"]
    for name in ("since", "as_of", "groups_as_of"):
        question[name] = question[name] and question[name].isoformat()
    return {"form": FORM, **found}


def from_json(raw: Mapping[str, Any]) -> Funnel:
    """What `to_json` wrote. Raises `ValueError` for another form than `FORM`."""
    if raw["form"] != FORM:
        raise ValueError(raw["form"])
    return Funnel(
        name=raw["name"],
        version=raw["version"],
        question=_question(raw["question"]),
        contacts=raw["contacts"],
        cells=tuple(_cell(one) for one in raw["cells"]),
        effects=tuple(_effect(one) for one in raw["effects"]),
        combined=tuple(_combined(one) for one in raw.get("combined", ())),
        conditions=tuple(_condition(one) for one in raw.get("conditions", ())),
    )


def _question(raw: Mapping[str, Any]) -> Question:
    days = {
        name: date.fromisoformat(raw[name]) if raw[name] else None
        for name in ("since", "as_of", "groups_as_of")
    }
    return Question(**{**raw, **days})


def _cell(raw: Mapping[str, Any]) -> Cell:
    return Cell(**{**raw, "steps": tuple(_step(one) for one in raw["steps"])})


def _step(raw: Mapping[str, Any]) -> StepChance:
    return StepChance(
        covers=tuple(Step(one) for one in raw["covers"]),
        estimate=Estimate(**raw["estimate"]),
        belief=Estimate(**raw["belief"]),
        source=Source(raw["source"]),
    )


def _combined(raw: Mapping[str, Any]) -> Combined:
    one, other = raw["channels"]
    apart = Estimate(**raw["apart"]) if raw["apart"] else None
    estimate = Estimate(**raw["estimate"])
    return Combined(**{**raw, "channels": (one, other), "estimate": estimate, "apart": apart})


def _condition(raw: Mapping[str, Any]) -> Condition:
    levels = (Level(name=one["name"], estimate=Estimate(**one["estimate"])) for one in raw["levels"])
    return Condition(
        channel=raw["channel"],
        covers=tuple(Step(one) for one in raw["covers"]),
        factor=Factor(raw["factor"]),
        usual=raw["usual"],
        spread=Estimate(**raw["spread"]),
        levels=tuple(levels),
    )


def _effect(raw: Mapping[str, Any]) -> Effect:
    organic, overlap = raw["organic"], raw.get("overlap")
    return Effect(
        **{
            **raw,
            "speaker": Speaker(raw["speaker"]),
            "estimate": Estimate(**raw["estimate"]),
            "process": Estimate(**raw["process"]),
            "organic": Estimate(**organic) if organic else None,
            "overlap": (tuple(overlap[0]), tuple(overlap[1])) if overlap else None,
        }
    )
