"""What the model explains its scores by: each variable's share, in the reference case's form. Pure.

A variable's share is the mean absolute deviation of its SHAP values (Lundberg and others 2020, "From local explanations to global
understanding with explainable AI for trees", Nature Machine Intelligence 2) over the sum of all variables'. Deviation from the
variable's mean: what it adds to everybody's score alike ranks nobody before another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from telewave.features.model import Variable
from telewave.models.dataset import Floats
from telewave.models.model import Contribution


def contributions(variables: Sequence[Variable], shap: Floats) -> tuple[Contribution, ...]:
    """Shares of `variables` from their SHAP values of shape (n, variables), greatest first; they sum to 1 unless all are 0."""
    weight = np.abs(shap - shap.mean(0)).mean(0) if len(shap) else np.zeros(len(variables))
    shares = weight / weight.sum() if weight.sum() else weight
    order = np.argsort(-shares, kind="stable")
    return tuple(Contribution(variables[k], float(shares[k])) for k in order)


def grouped(parts: Sequence[Contribution], group: Callable[[Variable], Variable]) -> tuple[Contribution, ...]:
    """Shares of groups of variables (say the months of one measure), where `group` names the variable that stands for its group."""
    sums: dict[str, Contribution] = {}
    for part in parts:
        head = group(part.variable)
        before = sums[head.name].share if head.name in sums else 0.0
        sums[head.name] = Contribution(head, before + part.share)
    return tuple(sorted(sums.values(), key=lambda part: -part.share))
