"""Target groups as a list that people open in a spreadsheet: names instead of codes, in one language, the most valuable
first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pyarrow as pa

from telewave.kernel import Label
from telewave.kernel.figures import Cell
from telewave.platform.languages import Language, render
from telewave.platform.warehouse import Warehouse
from telewave.targeting.plan import Group, Plan
from telewave.targeting.usecases import groups

HEADERS = (
    Label("Place", "名次"),
    Label("Target group", "目标群"),
    Label("Channels", "渠道"),
    Label("Chance of taking", "办理概率"),
    Label("Expected profit", "预期收益"),
)
"""After the name of the row."""
DECIMALS = 6


def ranked_groups(warehouse: Warehouse, model: str, as_of: date | None) -> pa.Table:
    """The rows that `group` wrote for `model` as of a date (None: an outside table), with the columns of `GROUPS`, by
    rank.
    """
    return warehouse.engine.fetch(groups(warehouse, model, as_of).order_by("rank"))


def group_lines(
    rows: pa.Table, names: Sequence[str | int | None], plan: Plan, language: Language
) -> Iterator[tuple[Cell, ...]]:
    """A line a row that has a name, cells as the name and `HEADERS`; the expected
    profit in the plan's currency, major units.
    """
    separator = "、" if language == "zh" else ", "
    channels = {
        group: separator.join(render(channel, language) for channel in plan.treatment(group).channels)
        for group in Group
    }
    columns = ("rank", "group", "probability", "expected_value_minor")
    for name, place, group, probability, value in zip(
        names, *(rows[column].to_pylist() for column in columns), strict=True
    ):
        if name is not None:
            label = render(Group(group).label, language)
            yield name, place, label, channels[Group(group)], round(probability, DECIMALS), value / 100
