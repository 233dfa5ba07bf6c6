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
from telewave.funnel.persons import Trait, Weights
from telewave.funnel.steps import Step
from telewave.funnel.willing import Foretold, Tenth, Through, Willing
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
        willing=_willing(raw["willing"]) if raw.get("willing") else None,
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


def _willing(raw: Mapping[str, Any]) -> Willing:
    weights, judged = raw["weights"], raw["foretold"]
    traits = (
        Trait(
            name=one["name"],
            logged=one["logged"],
            bends=tuple(one["bends"]),
            centre=tuple(one["centre"]),
            scale=tuple(one["scale"]),
        )
        for one in weights["traits"]
    )
    return Willing(
        weights=Weights(
            centre=weights["centre"],
            scale=weights["scale"],
            traits=tuple(traits),
            values=tuple(weights["values"]),
            covariance=tuple(tuple(row) for row in weights["covariance"]),
            tau=weights["tau"],
        ),
        channels=tuple(_through(one) for one in raw["channels"]),
        foretold=Foretold(
            gain=Estimate(**judged["gain"]),
            loss=judged["loss"],
            households=judged["households"],
            tenths=tuple(
                Tenth(foretold=one["foretold"], seen=Estimate(**one["seen"])) for one in judged["tenths"]
            ),
        ),
    )


def _through(raw: Mapping[str, Any]) -> Through:
    core, normal, basic = raw["levels"]
    return Through(
        **{
            **raw,
            "covers": tuple(Step(one) for one in raw["covers"]),
            "heard": Estimate(**raw["heard"]),
            "closes": Estimate(**raw["closes"]),
            "levels": (core, normal, basic),
        }
    )
