"""A choice model as a JSON document and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import numpy as np

from telewave.choice.judging import Rule, Variances
from telewave.choice.model import ChoiceModel, ClassWeights, Lead, LeftOut, PolicyShare, Verdict
from telewave.choice.terms import Term
from telewave.customers.base import BaseClass, Cell
from telewave.kernel import Estimate, Label, Malformed

FORM = 1


class NewerChoiceModel(Malformed):
    """The stored choice model has form {form}, and this version of Telewave knows forms up to {known}. Use the version
    that wrote it or a newer one, or learn the model again.
    """

    code = "newer_choice_model"


def to_document(model: ChoiceModel) -> dict[str, Any]:
    """The model in terms of JSON, with the form it is written in."""
    verdict = model.verdict
    return {
        "form": FORM,
        "name": model.name,
        "version": model.version,
        "learnt_at": model.learnt_at.isoformat(),
        "catalogue": asdict(model.catalogue),
        "currency": model.currency,
        "first": model.first.isoformat(),
        "last": model.last.isoformat(),
        "orders": model.orders,
        "terms": [asdict(term) for term in model.terms],
        "weights": [asdict(one) for one in model.weights],
        "classes": [
            {
                "cell": asdict(one.cell),
                "n": one.n,
                "weights": one.weights.tolist(),
                "covariance": one.covariance.tolist(),
                "lead": asdict(one.lead),
            }
            for one in model.classes
        ],
        "policies": [asdict(one) for one in model.policies],
        "verdict": {
            "used": verdict.used,
            "learnt": verdict.learnt,
            "judged": verdict.judged,
            "cut": verdict.cut.isoformat(),
            "bits": {rule.value: asdict(one) for rule, one in verdict.bits.items()},
            "gains": {rule.value: asdict(one) for rule, one in verdict.gains.items()},
            "variances": asdict(verdict.variances),
            "error_rate": verdict.error_rate,
        },
        "follow": [[asdict(term), [asdict(one) for one in on]] for term, on in model.follow],
        "separated": [asdict(term) for term in model.separated],
        "left_out": {reason.value: count for reason, count in model.left_out.items()},
        "unknown_policies": list(model.unknown_policies),
    }


def from_document(raw: Mapping[str, Any]) -> ChoiceModel:
    """What `to_document` gave. Raises `NewerChoiceModel`."""
    if raw["form"] > FORM:
        raise NewerChoiceModel(form=raw["form"], known=FORM)
    return ChoiceModel(
        name=raw["name"],
        version=raw["version"],
        learnt_at=datetime.fromisoformat(raw["learnt_at"]),
        catalogue=Label(**raw["catalogue"]),
        currency=raw["currency"],
        first=date.fromisoformat(raw["first"]),
        last=date.fromisoformat(raw["last"]),
        terms=tuple(map(_term, raw["terms"])),
        weights=tuple(Estimate(**one) for one in raw["weights"]),
        classes=tuple(map(_class, raw["classes"])),
        policies=tuple(map(_policy, raw["policies"])),
        verdict=_verdict(raw["verdict"]),
        follow=tuple((_term(term), tuple(map(_term, on))) for term, on in raw["follow"]),
        separated=tuple(map(_term, raw["separated"])),
        left_out={LeftOut(reason): count for reason, count in raw["left_out"].items()},
        unknown_policies=tuple(raw["unknown_policies"]),
    )


def _term(raw: Mapping[str, Any]) -> Term:
    return Term(raw["id"], Label(**raw["name"]), Label(**raw["unit"]), raw["money"])


def _class(raw: Mapping[str, Any]) -> ClassWeights:
    cell, lead = raw["cell"], raw["lead"]
    return ClassWeights(
        cell=Cell(BaseClass(cell["base"]), cell["payment"], cell["segment"]),
        n=raw["n"],
        weights=np.array(raw["weights"]),
        covariance=np.array(raw["covariance"]),
        lead=Lead(
            policy=lead["policy"],
            share=lead["share"],
            terms=tuple((int(term), float(odds)) for term, odds in lead["terms"]),
        ),
    )


def _policy(raw: Mapping[str, Any]) -> PolicyShare:
    names = {"name": Label(**raw["name"]), "points": tuple(Label(**one) for one in raw["points"])}
    return PolicyShare(**{**raw, **names})


def _verdict(raw: Mapping[str, Any]) -> Verdict:
    return Verdict(
        learnt=raw["learnt"],
        judged=raw["judged"],
        cut=date.fromisoformat(raw["cut"]),
        bits={Rule(rule): Estimate(**one) for rule, one in raw["bits"].items()},
        gains={Rule(rule): Estimate(**one) for rule, one in raw["gains"].items()},
        variances=Variances(**raw["variances"]),
        error_rate=raw["error_rate"],
    )
