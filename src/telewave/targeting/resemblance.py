"""Does a group look as the reference case describes it? Each statement of the case is checked against the data. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telewave.kernel import Label, Message
from telewave.models.wording import plain
from telewave.targeting.case import ACTIVITY, AGE, DATA, TENURE, Band
from telewave.targeting.plan import Group
from telewave.targeting.profiles import GroupProfile, Moments, Profiles
from telewave.targeting.sentences import percent

CHANCE = 1.96
FEWEST = 30

DESCRIPTIONS = {
    Group.CORE: Label(
        "aged 24–36, long tenure, active, steady data use", "24–36 岁、在网时间长、活跃、流量使用稳定"
    ),
    Group.NORMAL: Label(
        "aged 18–23 or 37–45, shorter tenure, middling activity and data",
        "18–23 岁或 37–45 岁、在网时间较短、活跃度和流量居中",
    ),
    Group.BASIC: Label(
        "middle-aged and old, short tenure, low activity and data", "中老年、在网时间短、活跃度和流量低"
    ),
}
AGES = {Group.CORE: ((24, 37),), Group.NORMAL: ((18, 24), (37, 46)), Group.BASIC: ((46, math.inf),)}
AGE_LABELS = {
    Group.CORE: Label("aged 24–36", "24–36 岁"),
    Group.NORMAL: Label("aged 18–23 or 37–45", "18–23 岁或 37–45 岁"),
    Group.BASIC: Label("aged 46 and over", "46 岁及以上"),
}
TENURE_LABELS = {
    Group.CORE: Label("long tenure", "在网时间长"),
    Group.NORMAL: Label("tenure shorter than core's", "在网时间短于核心目标群"),
    Group.BASIC: Label("short tenure", "在网时间短"),
}
LEVELS = {
    Group.CORE: Label("high", "较高"),
    Group.NORMAL: Label("between core and basic", "介于核心与基础目标群之间"),
    Group.BASIC: Label("low", "较低"),
}
USAGE_LABELS = {
    ACTIVITY: Label("calls in three months", "近三个月通话次数"),
    DATA: Label("mobile data in three months (MB)", "近三个月手机流量（MB）"),
}


class Agreement(StrEnum):
    """Whether the data agrees with a statement of the case."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Point:
    """One statement of the case about a group, what the data shows, and whether they agree."""

    statement: Label | Message
    agreement: Agreement
    evidence: Message


def points_of(profiles: Profiles, group: Group) -> tuple[Point, ...]:
    """Each statement that the wide table allows to check; empty for an empty group or an outside table."""
    mine = profiles.groups[group]
    if not mine.n:
        return ()
    return tuple(_points(profiles, mine, group))


def summary(found: Sequence[Point]) -> Message:
    """One sentence: in how many points the group looks as the case says."""
    if not found:
        return Message(
            "The case's description cannot be checked here: age, tenure and usage are not in this table."
        )
    agreeing = sum(v.agreement is Agreement.AGREES for v in found)
    differing = sum(v.agreement is Agreement.DIFFERS for v in found)
    if agreeing == len(found):
        return Message("Looks as the case describes it, in all {points} points checked.", points=len(found))
    if not agreeing and differing:
        return Message(
            "Does not look as the case describes it: no point of {points} agrees.", points=len(found)
        )
    return Message(
        "Agrees with the case in {agreeing} of {points} points; {differing} differ, {unclear} cannot be told from chance.",
        agreeing=agreeing,
        points=len(found),
        differing=differing,
        unclear=len(found) - agreeing - differing,
    )


def _points(profiles: Profiles, mine: GroupProfile, group: Group) -> Iterator[Point]:
    if AGE in mine.bands:
        yield _age(profiles, mine, group)
    if TENURE in mine.moments:
        if group is Group.NORMAL:
            yield _shorter_than_core(profiles, mine)
        else:
            yield _against_rest(profiles, mine, TENURE, group is Group.CORE, TENURE_LABELS[group], "months")
    for name in (ACTIVITY, DATA):
        if name not in mine.moments:
            continue
        statement = Message("{variable}: {level}", variable=USAGE_LABELS[name], level=LEVELS[group])
        if group is Group.NORMAL:
            yield _between(profiles, mine, name, statement)
        else:
            yield _against_rest(profiles, mine, name, group is Group.CORE, statement, "")


def _age(profiles: Profiles, mine: GroupProfile, group: Group) -> Point:
    wanted = AGES[group]
    hits, known = _in_bands(mine, wanted)
    all_hits, all_known = _in_bands(profiles.everybody, wanted)
    rest_hits, rest_known = all_hits - hits, all_known - known
    here, there = hits / max(known, 1), rest_hits / max(rest_known, 1)
    pooled = all_hits / max(all_known, 1)
    error = math.sqrt(pooled * (1 - pooled) * (1 / max(known, 1) + 1 / max(rest_known, 1)))
    evidence = Message("{here} of the group, {there} of all others", here=percent(here), there=percent(there))
    return Point(AGE_LABELS[group], _told(here - there, error, min(known, rest_known)), evidence)


def _in_bands(profile: GroupProfile, wanted: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """Subscribers in the bands that lie inside `wanted`, and subscribers of known age."""
    known = [share for share in profile.bands[AGE] if share.band is not None]

    def inside(band: Band) -> bool:
        return any(low <= band.low and band.high <= high for low, high in wanted)

    return sum(s.n for s in known if s.band and inside(s.band)), sum(s.n for s in known)


def _against_rest(
    profiles: Profiles, mine: GroupProfile, name: str, higher: bool, statement: Label | Message, unit: str
) -> Point:
    here, everybody = mine.moments[name], profiles.everybody.moments[name]
    rest = _without(everybody, here)
    difference = here.log_mean - rest.log_mean
    error = _error(here, rest)
    told = _told(difference if higher else -difference, error, min(here.n, rest.n))
    return Point(statement, told, _medians(here, everybody, unit))


def _shorter_than_core(profiles: Profiles, mine: GroupProfile) -> Point:
    here, core = mine.moments[TENURE], profiles.groups[Group.CORE].moments[TENURE]
    told = _told(core.log_mean - here.log_mean, _error(here, core), min(here.n, core.n))
    evidence = Message("median {here} months, core {core}", here=plain(here.median), core=plain(core.median))
    return Point(TENURE_LABELS[Group.NORMAL], told, evidence)


def _between(profiles: Profiles, mine: GroupProfile, name: str, statement: Message) -> Point:
    here = mine.moments[name]
    core, basic = (profiles.groups[g].moments[name] for g in (Group.CORE, Group.BASIC))
    below = _told(core.log_mean - here.log_mean, _error(here, core), min(here.n, core.n))
    above = _told(here.log_mean - basic.log_mean, _error(here, basic), min(here.n, basic.n))
    both = {below, above}
    if both == {Agreement.AGREES}:
        agreement = Agreement.AGREES
    else:
        agreement = Agreement.DIFFERS if Agreement.DIFFERS in both else Agreement.UNCLEAR
    evidence = Message(
        "median {here}; core {core}, basic {basic}",
        here=plain(here.median),
        core=plain(core.median),
        basic=plain(basic.median),
    )
    return Point(statement, agreement, evidence)


def _medians(here: Moments, everybody: Moments, unit: str) -> Message:
    if unit == "months":
        return Message(
            "median {here} months, everybody {there}",
            here=plain(here.median),
            there=plain(everybody.median),
        )
    return Message("median {here}, everybody {there}", here=plain(here.median), there=plain(everybody.median))


def _without(everybody: Moments, part: Moments) -> Moments:
    """The moments of everybody who is not in `part`, from sums that add up."""
    n = everybody.n - part.n
    if n <= 0:
        return Moments(0, None, 0.0, 0.0)
    mean = (everybody.n * everybody.log_mean - part.n * part.log_mean) / n
    squares = everybody.n * (everybody.log_sd**2 + everybody.log_mean**2)
    squares -= part.n * (part.log_sd**2 + part.log_mean**2)
    return Moments(n, None, mean, math.sqrt(max(0.0, squares / n - mean**2)))


def _error(a: Moments, b: Moments) -> float:
    return math.sqrt(a.log_sd**2 / max(a.n, 1) + b.log_sd**2 / max(b.n, 1))


def _told(difference: float, error: float, fewest: int) -> Agreement:
    """`difference` is positive where the data is as stated."""
    if fewest < FEWEST or abs(difference) <= CHANCE * error:
        return Agreement.UNCLEAR
    return Agreement.AGREES if difference > 0 else Agreement.DIFFERS
