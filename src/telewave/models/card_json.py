"""Cards and other frozen values as JSON and back: every dataclass says its name, so that unions can be told apart.
Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from telewave.features.model import Variable, VariableKind
from telewave.kernel import Estimate, Inconclusive, Label, Malformed, Message
from telewave.models import model
from telewave.models.calibration import Calibration
from telewave.models.rate import rate_uncertainty
from telewave.models.target import Target

_TYPES: Mapping[str, Any] = {
    kind.__name__: kind
    for kind in (
        Calibration,
        Estimate,
        Inconclusive,
        Label,
        Target,
        Variable,
        model.CalibrationBin,
        model.Contribution,
        model.Fold,
        model.LeakFinding,
        model.ModelCard,
        model.RankingQuality,
        model.RateUncertainty,
        model.ResponseBin,
        model.ResponseCurve,
        model.Segment,
        model.Validation,
    )
}
_ENUMS: Mapping[str, type[Enum]] = {"VariableKind": VariableKind, "LeakRule": model.LeakRule}


class NewerCard(Malformed):
    """The stored model's card has form {form}, and this version of Telewave knows forms up to {known}. Use the version
    that wrote it or a newer one, or train the model again.
    """

    code = "newer_card"


class UnreadableCard(Malformed):
    """The stored model contains {kind}, which this version does not know. Train the
    model again, or use the version that wrote it.
    """

    code = "unreadable_card"


def card_to_json(card: model.ModelCard) -> dict[str, Any]:
    """The card with the form it is written in. Its version is the registry's to say."""
    return {"form": FORM, "card": to_json(replace(card, version=None))}


def card_from_json(parts: Mapping[str, Any]) -> model.ModelCard:
    """What `card_to_json` gave, or a card of an older form brought up to this one. Raises `UnreadableCard`,
    `NewerCard`.
    """
    form, raw = int(parts.get("form", 1)), parts["card"]
    if form > FORM:
        raise NewerCard(form=form, known=FORM)
    for upgrade in _UPGRADES[form - 1 :]:
        raw = upgrade(raw)
    card = from_json(raw)
    if not isinstance(card, model.ModelCard):
        raise UnreadableCard(kind=type(card).__name__)
    return card


def _with_rate(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Form 2: how far the true rate may lie from the model's, from the validation that the card holds already."""
    validation = from_json(raw["validation"])
    rate = rate_uncertainty(validation.refreshed, [fold.quality for fold in validation.folds])
    return {**raw, "rate": to_json(rate)}


_UPGRADES = (_with_rate,)
"""What brings a card from form k + 1 to form k + 2, in order."""
FORM = len(_UPGRADES) + 1


def to_json(value: Any) -> Any:
    """`value` in terms of JSON."""
    match value:
        case Enum():
            return {"is": type(value).__name__, "value": value.value}
        case Message():
            return {"is": "Message", "template": value.template, "values": to_json(value.values)}
        case datetime():
            return {"is": "datetime", "value": value.isoformat()}
        case dict():
            return {str(k): to_json(v) for k, v in value.items()}
        case list() | tuple():
            return [to_json(v) for v in value]
        case float() if not math.isfinite(value):
            return {"is": "float", "value": str(value)}
        case _ if is_dataclass(value):
            return {"is": type(value).__name__} | {
                f.name: to_json(getattr(value, f.name)) for f in fields(value)
            }
        case _:
            return value


def from_json(raw: Any) -> Any:
    """What `to_json` was given; lists come back as tuples. Raises `UnreadableCard` for values of another version."""
    if isinstance(raw, list):
        return tuple(from_json(v) for v in raw)
    if not isinstance(raw, dict):
        return raw
    rest = {k: from_json(v) for k, v in raw.items() if k != "is"}
    kind = raw.get("is")
    match kind:
        case None:
            return rest
        case "Message":
            return Message(rest["template"], **rest["values"])
        case "datetime":
            return datetime.fromisoformat(rest["value"])
        case "float":
            return float(rest["value"])
        case str() if kind in _ENUMS:
            return _ENUMS[kind](rest["value"])
        case str() if kind in _TYPES:
            return _built(kind, rest)
        case _:
            raise UnreadableCard(kind=kind)


def _built(kind: str, values: dict[str, Any]) -> Any:
    try:
        return _TYPES[kind](**values)
    except TypeError as cause:
        raise UnreadableCard(kind=kind) from cause
