"""A refit as JSON and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from telewave.funnel.steps import Step
from telewave.kernel import Estimate
from telewave.learning.model import Judged, Refit, StepScore, Verdict

FORM = 1


def to_json(refit: Refit) -> dict[str, Any]:
    """The whole document; days as year-month-day, steps and the verdict by their codes."""
    found: dict[str, Any] = asdict(refit)
    judged = found["judged"]
    days = {name: found[name].isoformat() for name in ("at", "since", "as_of")}
    within = {name: judged[name].isoformat() for name in ("first", "end")}
    return {"form": FORM, **found, **days, "judged": judged | within}


def from_json(raw: Mapping[str, Any]) -> Refit:
    """What `to_json` wrote. Raises `ValueError` for another form than `FORM`."""
    if raw["form"] != FORM:
        raise ValueError(raw["form"])
    told = {name: value for name, value in raw.items() if name != "form"}
    days = {name: date.fromisoformat(raw[name]) for name in ("since", "as_of")}
    at = datetime.fromisoformat(raw["at"])
    return Refit(**{**told, **days, "at": at, "judged": _judged(raw["judged"])})


def _judged(raw: Mapping[str, Any]) -> Judged:
    days = {name: date.fromisoformat(raw[name]) for name in ("first", "end")}
    steps = tuple(_step(one) for one in raw["steps"])
    verdict, gain = Verdict(raw["verdict"]), Estimate(**raw["gain"]) if raw["gain"] else None
    return Judged(**{**raw, **days, "verdict": verdict, "gain": gain, "steps": steps})


def _step(raw: Mapping[str, Any]) -> StepScore:
    return StepScore(**{**raw, "covers": tuple(Step(one) for one in raw["covers"])})
