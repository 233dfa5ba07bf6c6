"""Base classes: what a subscriber holds, how it pays, who it is. The same rule as an expression and on one row.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.features.code_labels import CODE_LABELS
from telewave.kernel import Label


class BaseClass(StrEnum):
    """What a subscriber holds on the eve of the as-of date."""

    MOBILE_AND_BROADBAND = "mobile_and_broadband"
    MOBILE = "mobile"
    BROADBAND = "broadband"
    NONE = "none"


CLASS_LABELS: dict[BaseClass, Label] = {
    BaseClass.MOBILE_AND_BROADBAND: Label("Mobile and broadband", "移动+宽带"),
    BaseClass.MOBILE: Label("Mobile only", "单移动"),
    BaseClass.BROADBAND: Label("Broadband only", "单宽带"),
    BaseClass.NONE: Label("Neither", "均未持有"),
}
NET_NEW = Label("Net new", "净新增")
"""The fourth class of the reference case: who came with the offer. Each of them is in one of the others as well."""
PAYMENT_LABELS = dict(CODE_LABELS["payment"])
SEGMENT_LABELS = dict(CODE_LABELS["segment"])


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One cell of the base: class x payment x segment. `payment` and `segment` are codes of the subscribers
    contract.
    """

    base: BaseClass
    payment: str
    segment: str


CELLS = tuple(
    Cell(base, payment, segment)
    for base in BaseClass
    for payment in PAYMENT_LABELS
    for segment in SEGMENT_LABELS
)
"""Every cell; a subscriber's is told by its place among them."""
NO_CELL = -1
"""The place of who is in none: payment or segment is not known."""


def cell_places(rows: pa.Table) -> NDArray[np.int64]:
    """The place among `CELLS` of each row with columns `base`, `payment` and `segment`, `NO_CELL` where one is not
    known; shape (rows,).
    """
    known = pa.array([f"{one.base.value} {one.payment} {one.segment}" for one in CELLS])
    parts: list[Any] = [rows[name].cast(pa.string()) for name in ("base", "payment", "segment")]
    told: Any = pc.binary_join_element_wise(*parts, " ")
    found = pc.fill_null(pc.index_in(told, known), NO_CELL)
    return np.asarray(found.to_numpy(), np.int64)


def base_class(has_mobile: bool | None, has_broadband: bool | None) -> BaseClass:
    """The class of one subscriber; what is unknown is not held.

    >>> base_class(True, None)
    <BaseClass.MOBILE: 'mobile'>
    """
    match bool(has_mobile), bool(has_broadband):
        case True, True:
            return BaseClass.MOBILE_AND_BROADBAND
        case True, False:
            return BaseClass.MOBILE
        case False, True:
            return BaseClass.BROADBAND
        case _:
            return BaseClass.NONE


def base_class_expression(wide: ir.Table) -> ir.StringValue:
    """`base_class` of every row of a wide table, as its value."""
    mobile, broadband = (wide[name].fill_null(False) for name in ("has_mobile", "has_broadband"))
    expression: ir.StringValue = ibis.cases(
        (mobile & broadband, BaseClass.MOBILE_AND_BROADBAND.value),
        (mobile, BaseClass.MOBILE.value),
        (broadband, BaseClass.BROADBAND.value),
        else_=BaseClass.NONE.value,
    )
    return expression
