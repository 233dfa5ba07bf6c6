"""A case to compare with: what a campaign of the past says of its variables and of its groups. Pure.

Shown beside what the data at hand says, never mixed with it. `case_file` reads cases; the reference case, a handset
campaign in one city, is `reference_case.yaml` beside this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telewave.features.model import Variable
from telewave.kernel import Label
from telewave.models.contributions import grouped
from telewave.models.model import Contribution
from telewave.targeting.bands import ACTIVITY, AGE, DATA, TENURE, USUAL_BANDS, Bands, age_bands
from telewave.targeting.plan import Group

USUAL_VARIABLES = (AGE, TENURE, ACTIVITY, DATA)
"""Variables that a profile begins with where no case speaks of others."""


@dataclass(frozen=True, slots=True)
class CaseContribution:
    """One line of the case's table: the measure, its share, and the response that the case read from it."""

    measure: str
    label: Label
    share: float
    shape: Label


class Level(StrEnum):
    """How a variable of a group lies: above or below that of all others, between core and basic, or below core."""

    HIGH = "high"
    LOW = "low"
    BETWEEN = "between"
    BELOW_CORE = "below_core"


@dataclass(frozen=True, slots=True)
class Ages:
    """Whose ages a group is made of more than everybody else: stretches [from, to) in years, `to` None where open."""

    stretches: tuple[tuple[int, int | None], ...]
    words: Label


@dataclass(frozen=True, slots=True)
class Statement:
    """How `variable` lies in a group, and what the case calls that."""

    variable: str
    level: Level
    words: Label


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """What the case says of a group: in its own words, and as statements that data can agree or disagree with."""

    words: Label
    ages: Ages | None = None
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A case file, checked. `about`: one sentence on where it comes from."""

    name: Label
    about: Label | None = None
    contributions: tuple[CaseContribution, ...] = ()
    groups: Mapping[Group, CaseGroup]

    def line_of(self, name: str) -> CaseContribution | None:
        """The case's line for the measure behind the variable `name`, or None where the case has none."""
        return next((line for line in self.contributions if line.measure == measure(name)), None)

    @property
    def age_starts(self) -> tuple[int, ...]:
        """Every age at which a group begins or ends, rising."""
        stretches = [s for group in self.groups.values() if group.ages for s in group.ages.stretches]
        return tuple(sorted({age for stretch in stretches for age in stretch if age}))


def bands_of(case: Case | None) -> Bands:
    """The bands to show, in which the case's ages begin and end."""
    starts = case.age_starts if case else ()
    return {**USUAL_BANDS, AGE: age_bands(starts)} if starts else USUAL_BANDS


def spoken_of(case: Case | None) -> tuple[str, ...]:
    """The variables that a profile begins with: age, and what the case speaks of."""
    said = [one.variable for group in (case.groups.values() if case else ()) for one in group.statements]
    return tuple(dict.fromkeys((AGE, *said))) if said else USUAL_VARIABLES


_WINDOW = re.compile(r"_(?:1m|3m|change)$")


def measure(name: str) -> str:
    """The measure behind a variable's name, without its window.

    >>> measure("called_home_min_3m"), measure("age")
    ('called_home_min', 'age')
    """
    return _WINDOW.sub("", name)


def by_measure(parts: Sequence[Contribution]) -> tuple[Contribution, ...]:
    """Contributions with the windows of one measure summed, as a case counts them; the greatest part lends its name."""
    heads: dict[str, Variable] = {}
    for part in sorted(parts, key=lambda p: -p.share):
        heads.setdefault(measure(part.variable.name), part.variable)
    return grouped(parts, lambda variable: heads[measure(variable.name)])
