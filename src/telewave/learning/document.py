"""A refit as JSON and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from telewave.funnel.steps import Step
from telewave.kernel import Estimate, Label
from telewave.learning.model import Judged, Part, Refit, Sort, StepScore, Verdict

FORM = 2
_FEWEST_OF_OLD = 200


def to_json(refit: Refit) -> dict[str, Any]:
    """The whole document; days as year-month-day, steps and the verdict by their codes."""
    found: dict[str, Any] = asdict(refit)
    judged = found["judged"]
    days = {name: found[name].isoformat() for name in ("at", "since", "as_of")}
    within = {name: judged[name].isoformat() for name in ("first", "end")}
    return {"form": FORM, **found, **days, "judged": judged | within}


def from_json(raw: Mapping[str, Any]) -> Refit:
    """What `to_json` wrote, now or in an earlier form. Raises `ValueError` for a newer form than `FORM`."""
    if raw["form"] > FORM:
        raise ValueError(raw["form"])
    told = {name: value for name, value in raw.items() if name != "form"}
    days = {name: date.fromisoformat(raw[name]) for name in ("since", "as_of")}
    at, sort = datetime.fromisoformat(raw["at"]), Sort(raw.get("sort", Sort.FUNNEL))
    return Refit(**{**told, **days, "at": at, "sort": sort, "judged": _judged(_second(raw["judged"]))})


def _second(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """A judgement in the second form: the first was of contacts alone."""
    if "records" in raw:
        return raw
    others = {name: value for name, value in raw.items() if name != "contacts"}
    return others | {"records": raw["contacts"], "told": raw["contacts"], "fewest": _FEWEST_OF_OLD}


def _judged(raw: Mapping[str, Any]) -> Judged:
    days = {name: date.fromisoformat(raw[name]) for name in ("first", "end")}
    steps = tuple(_step(one) for one in raw["steps"])
    parts = tuple(Part(**{**one, "name": Label(**one["name"])}) for one in raw.get("parts", ()))
    verdict, gain = Verdict(raw["verdict"]), Estimate(**raw["gain"]) if raw["gain"] else None
    return Judged(**{**raw, **days, "verdict": verdict, "gain": gain, "steps": steps, "parts": parts})


def _step(raw: Mapping[str, Any]) -> StepScore:
    return StepScore(**{**raw, "covers": tuple(Step(one) for one in raw["covers"])})
