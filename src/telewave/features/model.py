"""What a wide table is to everything above it: named, labelled variables of one row a subscriber."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import ibis.expr.types as ir

from telewave.kernel import Label


class VariableKind(StrEnum):
    """How a variable may be compared and modelled."""

    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column of a wide table. `unit` is empty for categories and plain numbers."""

    name: str
    label: Label
    kind: VariableKind
    unit: str = ""
    meaning: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WideTable:
    """One row a subscriber: the key column `key`, and the columns of `variables`.

    `as_of`: nothing of that day or later is in it; None for an outside table that brings no dates. `samples`: name of
    the outside table, empty for the operator's own.
    """

    relation: ir.Table
    key: str
    variables: tuple[Variable, ...]
    as_of: date | None
    samples: str = ""
