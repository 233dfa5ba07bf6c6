"""The reference case: a handset campaign in one city. Its own contributions, bands and descriptions of the groups. Pure.

Fitted by the branch's consultants on mobile + broadband customers; shown beside what the data at hand says, never mixed with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from telewave.features.model import Variable
from telewave.kernel import Label
from telewave.models.contributions import grouped
from telewave.models.model import Contribution

AGE, TENURE, ACTIVITY, DATA = "age", "tenure_months", "calls_3m", "data_mb_3m"


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch [low, high) of a variable with a name."""

    label: Label
    low: float
    high: float


AGE_BANDS = (
    Band(Label("under 18", "不满 18 岁"), -math.inf, 18),
    Band(Label("18–23", "18–23 岁"), 18, 24),
    Band(Label("24–36", "24–36 岁"), 24, 37),
    Band(Label("37–45", "37–45 岁"), 37, 46),
    Band(Label("46 and over", "46 岁及以上"), 46, math.inf),
)
TENURE_BANDS = (
    Band(Label("under 1 year", "不到 1 年"), -math.inf, 12),
    Band(Label("1–2 years", "1–2 年"), 12, 24),
    Band(Label("2–5 years", "2–5 年"), 24, 60),
    Band(Label("5–10 years", "5–10 年"), 60, 120),
    Band(Label("10 years and over", "10 年及以上"), 120, math.inf),
)


def bands_of(name: str) -> tuple[Band, ...]:
    """The bands in which the variable `name` is shown."""
    return {AGE: AGE_BANDS, TENURE: TENURE_BANDS}[name]


@dataclass(frozen=True, slots=True)
class CaseContribution:
    """One line of the case's table: the measure, its share, and the response that the case read from it."""

    measure: str
    label: Label
    share: float
    shape: Label


CASE_CONTRIBUTIONS = (
    CaseContribution(
        "called_home_min",
        Label("Called minutes, not roaming", "非漫游被叫分钟数"),
        0.235366,
        Label("the more the higher", "越多越高"),
    ),
    CaseContribution(
        "data_min",
        Label("Mobile internet minutes", "手机上网时长"),
        0.154363,
        Label("the more the higher", "越长越高"),
    ),
    CaseContribution(
        "tenure_months", Label("Tenure", "在网时长"), 0.115743, Label("the longer the higher", "越长越高")
    ),
    CaseContribution("age", Label("Age", "年龄"), 0.060263, Label("high at 24–36", "24–36 岁较高")),
    CaseContribution(
        "calling_home_inter_provincial_min",
        Label("Calling minutes inter-provincial, not roaming", "非漫游省际长途主叫分钟数"),
        0.056605,
        Label("not stated", "未说明"),
    ),
    CaseContribution("calls", Label("Calls", "通话次数"), 0.038245, Label("not stated", "未说明")),
    CaseContribution(
        "mms_out", Label("MMS sent", "彩信发送条数"), 0.035292, Label("senders higher", "发送者较高")
    ),
    CaseContribution(
        "data_mb",
        Label("Mobile data", "手机上网流量"),
        0.019421,
        Label("heavy users higher", "重度用户较高"),
    ),
)

_WINDOW = re.compile(r"_(?:1m|3m|change)$")


def measure(name: str) -> str:
    """The measure behind a variable's name, without its window.

    >>> measure("called_home_min_3m"), measure("age")
    ('called_home_min', 'age')
    """
    return _WINDOW.sub("", name)


def by_measure(parts: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """Contributions with the windows of one measure summed, as the case counts them; the greatest part lends its name."""
    heads: dict[str, Variable] = {}
    for part in sorted(parts, key=lambda p: -p.share):
        heads.setdefault(measure(part.variable.name), part.variable)
    return grouped(parts, lambda variable: heads[measure(variable.name)])


def case_of(name: str) -> CaseContribution | None:
    """The case's line for the measure behind the variable `name`, or None where the case has none."""
    return next((line for line in CASE_CONTRIBUTIONS if line.measure == measure(name)), None)
