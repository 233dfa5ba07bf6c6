"""Learn anew what plans rest on, judge it on the records that came later, and put it to use once a second person
agrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from telewave.approvals.approval import NoPerson, plain_name
from telewave.audit.model import Action
from telewave.audit.store import write_down
from telewave.kernel import Conflict, Message
from telewave.kernel.history import Use, not_before
from telewave.learning.deciding import Standing, checked
from telewave.learning.kinds import KINDS
from telewave.learning.model import Refit, Sort, Table
from telewave.learning.overview import History
from telewave.learning.port import Ask, Learnt
from telewave.learning.store import REFITS
from telewave.learning.words import FIRST_USE
from telewave.platform.files import FileIsThere
from telewave.platform.home import Home


class DecidedMeanwhile(Conflict):
    """Another version of the {kind} {name} was put to use meanwhile. Look at it: telewave learning history
    {name}{option}
    """

    code = "decided_meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A refit with both versions that it compares, and what differs between them."""

    refit: Refit
    champion: Any
    challenger: Any
    changes: Table


def refit(
    home: Home,
    name: str,
    by: str,
    as_of: date | None = None,
    since: date | None = None,
    *,
    sort: Sort = Sort.FUNNEL,
    ask: Ask | None = None,
) -> Compared:
    """Learn it anew from what was known before `as_of`, judge it beside the version in use on the records after both,
    and keep both the version and the comparison. Nothing that is used changes.

    `ask`: what else to say of the learning. Raises `NoPerson`, `NothingToJudgeBy`, and as the kind's learning does.
    """
    if not plain_name(by):
        raise NoPerson
    kind = KINDS[sort]
    asked = replace(ask or Ask(), as_of=as_of, since=since)
    return _refit(home, kind, name, by, asked)


def _refit(home: Home, kind: Learnt, name: str, by: str, ask: Ask) -> Compared:
    anew = kind.learnt_anew(home, name, ask)
    judged, now = anew.judge(), home.clock.now()
    if not (known := kind.uses(home, name)):
        # Before the challenger is kept: until something is in use on purpose, the newest version is used.
        first = Use(version=anew.champion, by=by, at=now, reason=FIRST_USE)
        kind.put_to_use(home, name, first, len(known))
    made = Refit(
        sort=kind.sort,
        name=name,
        number=None,
        by=by,
        at=now,
        champion=anew.champion,
        challenger=anew.keep(),
        since=anew.since,
        as_of=anew.as_of,
        judged=judged,
        campaign=ask.campaign,
        usable=anew.usable,
    )
    return _compared(home, kind, REFITS[kind.sort].save(home.settings.home, name, made, home.clock))


def _compared(home: Home, kind: Learnt, found: Refit) -> Compared:
    champion, challenger = (kind.load(home, found.name, one) for one in (found.champion, found.challenger))
    return Compared(
        refit=found,
        champion=champion,
        challenger=challenger,
        changes=kind.changes(champion, challenger),
    )


def last_compared(home: Home, name: str, sort: Sort = Sort.FUNNEL) -> Compared:
    """The newest comparison under the name. Raises `NoRefit`, `DamagedRefit`, and what loading a version raises."""
    return _compared(home, KINDS[sort], REFITS[sort].load(home.settings.home, name))


def approve(
    home: Home, name: str, by: str, reason: str, version: int | None = None, *, sort: Sort = Sort.FUNNEL
) -> Use:
    """Put the newest challenger, or the `version` given, to use: plans made from now on know what it knows.

    Raises what `checked` raises, `NoRefit`, `ClockBehind`, `DecidedMeanwhile`, and what loading a version raises.
    """
    kind, folder, kept = KINDS[sort], home.settings.home, REFITS[sort]
    refits = _refits(home, sort, name)
    wanted = version if version is not None else kept.load(folder, name).challenger
    kind.load(home, name, wanted)
    known = kind.uses(home, name)
    standing = Standing(sort=sort, name=name, used=kind.used(home, name), refits=refits, uses=known)
    checked(standing, wanted, by, reason)
    last, what = (
        known[-1].at if known else None,
        Message("The {kind} {name}", kind=sort.nouns.kind, name=name),
    )
    use = Use(version=wanted, by=by, at=not_before(last, home.clock.now(), what), reason=reason.strip())
    try:
        with home.database.transaction() as connection:
            write_down(
                connection, at=use.at, person=by, action=Action.VERSION_USED, about=name,
                facts={"kind": sort.value, "version": wanted, "reason": use.reason},
            )  # fmt: skip
            kind.put_to_use(home, name, use, len(known))
    except FileIsThere as cause:
        raise DecidedMeanwhile(kind=sort.nouns.kind, name=name, option=sort.option) from cause
    return use


def history(home: Home, name: str, sort: Sort = Sort.FUNNEL) -> History:
    """Everything that was kept under the name. Raises `DamagedRefit`, and what loading a version raises."""
    kind = KINDS[sort]
    used = kind.used(home, name)
    return History(
        sort=sort,
        name=name,
        versions=tuple(kind.versions(home, name)),
        refits=tuple(_refits(home, sort, name)),
        uses=tuple(kind.uses(home, name)),
        used=used,
    )


def histories(home: Home) -> list[History]:
    """Of all kinds and names, in their order."""
    return [history(home, name, sort) for sort, kind in KINDS.items() for name in kind.names(home)]


def damaged_refits(home: Path) -> Iterator[Message]:
    """What is to be said of each comparison in the folder `home` that cannot be read."""
    for kept in REFITS.values():
        yield from kept.damaged(home)


def _refits(home: Home, sort: Sort, name: str) -> list[Refit]:
    kept, folder = REFITS[sort], home.settings.home
    return [kept.load(folder, name, number) for number in kept.numbers(folder, name)]
