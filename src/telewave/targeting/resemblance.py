"""Does a group look as a case describes it? Each statement of the case is checked against the data. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from telewave.kernel import Label, Message
from telewave.models.wording import plain
from telewave.targeting.bands import AGE, TENURE, Band
from telewave.targeting.case import Ages, Case, Level, Statement
from telewave.targeting.plan import Group
from telewave.targeting.profiles import GroupProfile, Moments, Profiles
from telewave.targeting.sentences import percent

CHANCE = 1.96
FEWEST = 30


class Agreement(StrEnum):
    """Whether the data agrees with a statement of the case."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Point:
    """One statement of the case about a group, what the data shows, and whether they agree."""

    statement: Label
    agreement: Agreement
    evidence: Message


def points_of(case: Case | None, profiles: Profiles, group: Group) -> tuple[Point, ...]:
    """Each statement that the wide table allows to check; empty without a case, for an empty group or an outside
    table.
    """
    mine = profiles.groups[group]
    if case is None or group not in case.groups or not mine.n:
        return ()
    said = case.groups[group]
    points = [_age(profiles, mine, said.ages)] if said.ages and AGE in mine.bands else []
    known = [one for one in said.statements if one.variable in mine.moments]
    return (*points, *(_point(profiles, mine, one) for one in known))


def summary(found: Sequence[Point]) -> Message:
    """One sentence: in how many points the group looks as the case says."""
    if not found:
        return Message(
            "The case's description cannot be checked here: what it speaks of is not in this table."
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
        (
            "Agrees with the case in {agreeing} of {points} points; {differing} differ, {unclear} cannot be "
            "told from chance."
        ),
        agreeing=agreeing,
        points=len(found),
        differing=differing,
        unclear=len(found) - agreeing - differing,
    )


def _point(profiles: Profiles, mine: GroupProfile, said: Statement) -> Point:
    match said.level:
        case Level.HIGH | Level.LOW:
            return _against_rest(profiles, mine, said)
        case Level.BELOW_CORE:
            return _below_core(profiles, mine, said)
        case Level.BETWEEN:
            return _between(profiles, mine, said)
    assert_never(said.level)


def _age(profiles: Profiles, mine: GroupProfile, said: Ages) -> Point:
    hits, known = _in_bands(mine, said)
    all_hits, all_known = _in_bands(profiles.everybody, said)
    rest_hits, rest_known = all_hits - hits, all_known - known
    here, there = hits / max(known, 1), rest_hits / max(rest_known, 1)
    pooled = all_hits / max(all_known, 1)
    error = math.sqrt(pooled * (1 - pooled) * (1 / max(known, 1) + 1 / max(rest_known, 1)))
    evidence = Message("{here} of the group, {there} of all others", here=percent(here), there=percent(there))
    return Point(said.words, _told(here - there, error, min(known, rest_known)), evidence)


def _in_bands(profile: GroupProfile, said: Ages) -> tuple[int, int]:
    """Subscribers in the bands that lie inside the ages `said`, and subscribers of known age."""
    known = [share for share in profile.bands[AGE] if share.band is not None]

    def inside(band: Band) -> bool:
        return any(low <= band.low and band.high <= (high or math.inf) for low, high in said.stretches)

    return sum(s.n for s in known if s.band and inside(s.band)), sum(s.n for s in known)


def _against_rest(profiles: Profiles, mine: GroupProfile, said: Statement) -> Point:
    here, everybody = mine.moments[said.variable], profiles.everybody.moments[said.variable]
    rest = _without(everybody, here)
    difference = here.log_mean - rest.log_mean
    as_said = difference if said.level is Level.HIGH else -difference
    told = _told(as_said, _error(here, rest), min(here.n, rest.n))
    return Point(said.words, told, _medians(here, everybody, said.variable))


def _below_core(profiles: Profiles, mine: GroupProfile, said: Statement) -> Point:
    here, core = mine.moments[said.variable], profiles.groups[Group.CORE].moments[said.variable]
    told = _told(core.log_mean - here.log_mean, _error(here, core), min(here.n, core.n))
    values = {"here": plain(here.median), "core": plain(core.median)}
    if said.variable == TENURE:
        return Point(said.words, told, Message("median {here} months, core {core}", **values))
    return Point(said.words, told, Message("median {here}, core {core}", **values))


def _between(profiles: Profiles, mine: GroupProfile, said: Statement) -> Point:
    here = mine.moments[said.variable]
    core, basic = (profiles.groups[g].moments[said.variable] for g in (Group.CORE, Group.BASIC))
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
    return Point(said.words, agreement, evidence)


def _medians(here: Moments, everybody: Moments, variable: str) -> Message:
    values = {"here": plain(here.median), "there": plain(everybody.median)}
    if variable == TENURE:
        return Message("median {here} months, everybody {there}", **values)
    return Message("median {here}, everybody {there}", **values)


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
