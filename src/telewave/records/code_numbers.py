"""Numbers that are names: postcodes, cell and area codes, tariff codes. Twice one of
them is nothing, so they are categories. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FEWEST_DIGITS = 5
ROWS_A_CODE = 10
ROUND = 0.2
CALLED_CODES = re.compile(
    r"(?:^|[_\s.-])(?:zip|postal|codes?|lac|sku|cell_?id)(?:$|[_\s.-])|code$|编码|代码|邮编|邮政|区号|编号",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeShape:
    """How the cells of a column of numbers are written: how many have a zero in front, are digits alone, are a month or
    day such as 202607, end in 0; the shortest and the longest; and about how many differ.
    """

    padded: int
    digits: int
    dated: int
    rounded: int
    shortest: int
    longest: int
    distinct: int


def code_shape(cell: str) -> str:
    """SQL for the fields of `CodeShape`, in their order, over rows of non-empty cells named `cell`."""
    return (
        f"count(*) FILTER (regexp_full_match({cell}, '0[0-9]+')), "
        f"count(*) FILTER (regexp_full_match({cell}, '[0-9]+')), "
        f"count(*) FILTER (regexp_full_match({cell}, '(19|20)[0-9]{{2}}(0[1-9]|1[0-2])([0-3][0-9])?')), "
        f"count(*) FILTER (ends_with({cell}, '0')), "
        f"coalesce(min(length({cell})), 0), coalesce(max(length({cell})), 0), approx_count_distinct({cell})"
    )


def numbers_are_codes(name: str, rows: int, shape: CodeShape) -> bool:
    """Whether a column called `name` of `rows` numbers holds codes.

    A zero in front says so. So does a name such as 邮编 or area_code; and five digits or more everywhere, each number
    ten times, that are neither days nor round amounts: one code in ten ends in 0 by chance, amounts far more often.
    """
    if shape.padded:
        return True
    if shape.digits < rows or shape.dated == rows:
        return False
    if CALLED_CODES.search(name):
        return True
    even = shape.shortest == shape.longest and shape.longest >= FEWEST_DIGITS
    return even and shape.distinct * ROWS_A_CODE <= rows and shape.rounded <= ROUND * rows
