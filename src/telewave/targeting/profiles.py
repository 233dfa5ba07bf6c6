"""Profiles of the target groups: how large each is, what it is expected to bring, and how its variables lie. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from telewave.features.model import Variable
from telewave.kernel import Label, Money
from telewave.targeting.bands import Band
from telewave.targeting.plan import Group


@dataclass(frozen=True, slots=True)
class BandShare:
    """Subscribers of a group in one band, and their share of those whose value is known. `band` is None for the
    unknown.
    """

    band: Band | None
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class Moments:
    """How a variable lies in a group: known values, their median, and mean and standard deviation of log(1 + value).

    Logarithms, because usage is so skewed that a few heavy users would decide a comparison of plain means.
    """

    n: int
    median: float | None
    log_mean: float
    log_sd: float


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupProfile:
    """One group: size, probabilities, expected takers (probability x response factor), those of them caused by the
    contact, the profit that these bring, and how its variables lie.

    `group` is None for everybody together. `bands` maps a variable's name to its distribution, `moments` to its middle.
    """

    group: Group | None
    n: int
    mean_probability: float
    expected_takers: float
    caused: float
    profit: Money
    cost: Money
    bands: Mapping[str, tuple[BandShare, ...]]
    moments: Mapping[str, Moments]


@dataclass(frozen=True, slots=True)
class Profiles:
    """All groups and everybody. `variables`: those with moments, in the order to be shown."""

    groups: Mapping[Group, GroupProfile]
    everybody: GroupProfile
    variables: tuple[Variable, ...]


def name_of(group: Group | None) -> Label:
    """The group's name for people; everybody where there is none."""
    return Label("All scored", "全部评分用户") if group is None else group.label
