"""Learn a funnel anew, judge it on the contacts that came later, and put it to use once a second person agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.approvals.approval import NoPerson, plain_name
from telewave.funnel.assumptions import UNGROUPED
from telewave.funnel.model import Funnel, Question
from telewave.funnel.steps import Order, Outcome
from telewave.funnel.usecases import (
    NoContacts,
    kept,
    kept_versions,
    last_day,
    later_contacts,
    learn,
    put_to_use,
    saved,
    uses,
)
from telewave.kernel import Conflict, Message
from telewave.kernel.history import Use, not_before
from telewave.learning.deciding import checked
from telewave.learning.judging import Kind, Later, judged
from telewave.learning.model import Refit
from telewave.learning.store import REFITS
from telewave.learning.words import FIRST_USE
from telewave.planning.gathering import customers_of
from telewave.platform.files import FileIsThere
from telewave.platform.home import Home
from telewave.platform.warehouse import Warehouse

Numbers = NDArray[np.int64]

JUDGING_DAYS = 28
"""Days of contacts that are left to judge by, where no date is given, and the days in which their orders may follow."""


class NothingToJudgeBy(Conflict):
    """The version of the funnel {name} in use was learnt from contacts before {learnt}, and the newest record is of
    {last}: a new version needs later contacts to learn from, and as many again to judge it. Come back when the records
    reach {wanted}, or name the day before which to learn: --as-of {learnt}
    """

    code = "nothing_to_judge_by"


class DecidedMeanwhile(Conflict):
    """Another version of the funnel {name} was put to use meanwhile. Look at it: telewave learning history {name}"""

    code = "decided_meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A refit with both versions that it compares."""

    refit: Refit
    champion: Funnel
    challenger: Funnel


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All versions of a funnel, the refits that made or judged them, and which were put to use, the oldest first.
    `used`: the one in use.
    """

    name: str
    versions: tuple[Funnel, ...]
    refits: tuple[Refit, ...]
    uses: tuple[Use, ...]
    used: int


def refit(home: Home, name: str, by: str, as_of: date | None = None, since: date | None = None) -> Compared:
    """Learn the funnel anew from what was known before `as_of`, judge it beside the one in use on the contacts after
    both, and keep both the version and the comparison. Nothing that is used changes.

    `as_of`: if not given, the day that leaves `JUDGING_DAYS` of contacts whose orders are known; `since`: first day of
    its contacts, the champion's if not given. Raises `NoSuchFunnel`, `NoContacts`, `NoPerson`, `NothingToJudgeBy`, and
    as `learn` does.
    """
    if not plain_name(by):
        raise NoPerson
    folder, warehouse = home.settings.home, home.warehouse
    champion = kept(folder, name)
    asked = champion.question
    last = last_day(warehouse)
    if last is None:
        raise NoContacts(since=asked.since.isoformat(), as_of=asked.as_of.isoformat(), of_offer="")
    end = last + timedelta(days=1)
    left = timedelta(days=JUDGING_DAYS + asked.days)
    if as_of is None and end - left <= asked.as_of:
        raise NothingToJudgeBy(
            name=name,
            learnt=asked.as_of.isoformat(),
            last=last.isoformat(),
            wanted=(asked.as_of + left).isoformat(),
        )
    before = as_of or end - left
    question = replace(asked, since=since or asked.since, as_of=before, groups_as_of=None)
    with_home = learn(warehouse, question, name)
    now = home.clock.now()
    if not (known := uses(folder, name)):
        first = Use(version=champion.version or 0, by=by, at=now, reason=FIRST_USE)
        put_to_use(folder, name, first, len(known))
    challenger = saved(home, with_home)
    start = max(before, asked.as_of)
    later = _later(warehouse, replace(asked, since=start, as_of=max(start, end), groups_as_of=None))
    made = Refit(
        name=name,
        number=None,
        by=by,
        at=now,
        champion=champion.version or 0,
        challenger=challenger.version or 0,
        since=question.since,
        as_of=before,
        judged=judged(champion, challenger, later),
    )
    return Compared(
        refit=REFITS.save(folder, name, made, home.clock), champion=champion, challenger=challenger
    )


def last_compared(home: Path, name: str) -> Compared:
    """The newest refit of the funnel. Raises `NoRefit`, `DamagedRefit`, `NoSuchFunnel`, `DamagedFunnel`."""
    found = REFITS.load(home, name)
    return Compared(
        refit=found,
        champion=kept(home, name, found.champion),
        challenger=kept(home, name, found.challenger),
    )


def approve(home: Home, name: str, by: str, reason: str, version: int | None = None) -> Use:
    """Put the newest challenger, or the `version` given, to use: plans made from now on know what it knows.

    Raises what `checked` raises, `NoRefit`, `NoSuchFunnel`, `ClockBehind`, `DecidedMeanwhile`.
    """
    folder = home.settings.home
    refits = [REFITS.load(folder, name, number) for number in REFITS.numbers(folder, name)]
    wanted = version if version is not None else REFITS.load(folder, name).challenger
    kept(folder, name, wanted)
    known = uses(folder, name)
    used = kept(folder, name).version or 0
    checked(name, wanted, used, by, reason, refits, known)
    last = known[-1].at if known else None
    at = not_before(last, home.clock.now(), Message("The funnel {name}", name=name))
    use = Use(version=wanted, by=by, at=at, reason=reason.strip())
    try:
        put_to_use(folder, name, use, len(known))
    except FileIsThere as cause:
        raise DecidedMeanwhile(name=name) from cause
    return use


def history(home: Path, name: str) -> History:
    """Everything that was kept of the funnel. Raises `NoSuchFunnel`, `DamagedFunnel`, `DamagedRefit`."""
    return History(
        name=name,
        versions=tuple(kept_versions(home, name)),
        refits=tuple(REFITS.load(home, name, number) for number in REFITS.numbers(home, name)),
        uses=tuple(uses(home, name)),
        used=kept(home, name).version or 0,
    )


def damaged_refits(home: Path) -> Iterator[Message]:
    """What is to be said of each comparison in the folder `home` that cannot be read."""
    return REFITS.damaged(home)


def _later(warehouse: Warehouse, question: Question) -> Later:
    """The contacts of the question as arrays, lines of one customer as one household."""
    rows = later_contacts(warehouse, question) if question.since < question.as_of else _NOTHING.empty_table()
    keys = ["channel", "disposition", "reached", "order", "group", "offer"]
    alike = rows.select(keys).append_column("place", pa.array(np.arange(len(rows)), pa.int64()))
    counted = alike.group_by(keys, use_threads=False).aggregate([("place", "list")])
    kind = np.zeros(len(rows), np.int64)
    for k, places in enumerate(counted["place_list"]):
        kind[places.values.to_numpy()] = k
    subscriber = rows["subscriber"].to_numpy().astype(np.int64)
    return Later(
        first=question.since,
        end=question.as_of,
        kinds=[_kind(one) for one in counted.select(keys).to_pylist()],
        kind=kind,
        household=_households(warehouse, question.as_of, subscriber),
    )


_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("subscriber", pa.int64()),
    ("channel", pa.string()),
    ("disposition", pa.string()),
    ("reached", pa.bool_()),
    ("order", pa.string()),
    ("group", pa.string()),
    ("offer", pa.string()),
]
_NOTHING = pa.schema(_COLUMNS)


def _kind(row: Mapping[str, Any]) -> Kind:
    return Kind(
        outcome=Outcome(
            channel=str(row["channel"]),
            disposition=str(row["disposition"]),
            reached=None if row["reached"] is None else bool(row["reached"]),
            order=Order(row["order"]),
        ),
        group=str(row["group"] or UNGROUPED),
        offer=str(row["offer"] or ""),
    )


def _households(warehouse: Warehouse, day: date, subscriber: Numbers) -> Numbers:
    """A number for each line's customer; lines of whom none is known count by themselves."""
    found = customers_of(warehouse, day, subscriber) if len(subscriber) else None
    if found is None:
        return subscriber
    return np.where(found >= 0, found, -2 - subscriber)
