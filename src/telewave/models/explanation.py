"""Why one subscriber has this score: the variables that moved it most, as sentences. Pure but for the model it is
given.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from telewave.features.model import Variable
from telewave.kernel import Label, Message
from telewave.models.response import FittedResponse
from telewave.models.wording import YES_OR_NO, category, with_unit


def reasons(fitted: FittedResponse, row: pa.Table, most: int = 3) -> tuple[Message, ...]:
    """The up to `most` variables that raise or lower the log-odds of the one `row` most, strongest first."""
    moved = fitted.estimator.shap(row.slice(0, 1).select(fitted.estimator.variables_))[0]
    named = {variable.name: variable for variable in fitted.variables}
    order = np.argsort(-np.abs(moved), kind="stable")[:most]
    return tuple(
        _reason(named[name], row.column(name)[0].as_py(), float(moved[k]))
        for k, name in ((k, fitted.estimator.variables_[k]) for k in order)
        if moved[k] != 0
    )


def _reason(variable: Variable, value: Any, moved: float) -> Message:
    shown = Message("unknown") if value is None else _shown(variable, value)
    if moved > 0:
        return Message("{variable} is {value}: raises the chance", variable=variable.label, value=shown)
    return Message("{variable} is {value}: lowers the chance", variable=variable.label, value=shown)


def _shown(variable: Variable, value: Any) -> Label:
    if isinstance(value, bool):
        return YES_OR_NO[str(value).lower()]
    if isinstance(value, int | float):
        return with_unit(variable, value)
    return category(variable, str(value))
