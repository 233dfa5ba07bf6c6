"""The funnel as a kind of what is learnt: what a contact does, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from telewave.funnel.assumptions import UNGROUPED
from telewave.funnel.model import Funnel, Question
from telewave.funnel.steps import Order, Outcome
from telewave.funnel.usecases import (
    NoContacts,
    funnel_names,
    kept,
    kept_versions,
    last_day,
    later_contacts,
    learn,
    put_to_use,
    saved,
    uses,
)
from telewave.kernel.history import Use
from telewave.learning.deciding import NothingToJudgeBy
from telewave.learning.funnel_judging import Kind, Later, judged
from telewave.learning.funnel_words import CHANGE_COLUMNS, change_rows
from telewave.learning.households import households
from telewave.learning.model import Judged, Sort, Table, Version
from telewave.learning.port import Anew, Ask
from telewave.platform.home import Home
from telewave.platform.warehouse import Warehouse

JUDGING_DAYS = 28
"""Days of contacts that are left to judge by, where no date is given, and the days in which their orders may follow."""


class Funnels:
    """Funnels of a home."""

    sort = Sort.FUNNEL

    def names(self, home: Home) -> list[str]:
        """All names under which a funnel is kept."""
        return funnel_names(home.settings.home)

    def versions(self, home: Home, name: str) -> list[Version]:
        """All versions, the oldest first."""
        return [
            Version(
                number=one.version or 0,
                records=one.contacts,
                since=one.question.since,
                before=one.question.as_of,
            )
            for one in kept_versions(home.settings.home, name)
        ]

    def used(self, home: Home, name: str) -> int:
        """The version that plans use now."""
        return self.load(home, name).version or 0

    def uses(self, home: Home, name: str) -> list[Use]:
        """Every time that one was put to use on purpose."""
        return uses(home.settings.home, name)

    def put_to_use(self, home: Home, name: str, use: Use, after: int) -> None:
        """Use it from now on."""
        put_to_use(home.settings.home, name, use, after)

    def learnt_anew(self, home: Home, name: str, ask: Ask) -> Anew:
        """As `funnel learn` learns. Raises `NoContacts`, `NothingToJudgeBy`, and as `learn` does."""
        warehouse, champion = home.warehouse, self.load(home, name)
        asked = champion.question
        last = last_day(warehouse)
        if last is None:
            raise NoContacts(since=asked.since.isoformat(), as_of=asked.as_of.isoformat(), of_offer="")
        end = last + timedelta(days=1)
        left = timedelta(days=JUDGING_DAYS + asked.days)
        if ask.as_of is None and end - left <= asked.as_of:
            raise NothingToJudgeBy.of(self.sort, name, learnt=asked.as_of, last=last, left=left)
        before = ask.as_of or end - left
        question = replace(
            asked,
            since=ask.since or asked.since,
            as_of=before,
            groups_as_of=None,
            campaign=ask.campaign or asked.campaign,
        )
        return _Anew(
            home=home,
            one=champion,
            other=learn(warehouse, question, name),
            asked=asked,
            as_of=before,
            end=end,
        )

    def load(self, home: Home, name: str, version: int | None = None) -> Funnel:
        """The version, the one in use if none is given."""
        return kept(home.settings.home, name, version)

    def changes(self, champion: Any, challenger: Any) -> Table:
        """The chance of each step, before and now."""
        return Table(columns=CHANGE_COLUMNS, rows=change_rows(champion, challenger))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Anew:
    """`one`: the champion, `other`: the challenger; contacts on record end before `end`."""

    home: Home
    one: Funnel
    other: Funnel
    asked: Question
    as_of: date
    end: date

    @property
    def champion(self) -> int:
        return self.one.version or 0

    @property
    def since(self) -> date:
        return self.other.question.since

    @property
    def usable(self) -> bool:
        return True

    def keep(self) -> int:
        return saved(self.home, self.other).version or 0

    def judge(self) -> Judged:
        start = max(self.as_of, self.asked.as_of)
        later = replace(self.asked, since=start, as_of=max(start, self.end), groups_as_of=None)
        return judged(self.one, self.other, _later(self.home.warehouse, later))


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
        household=households(warehouse, question.as_of, subscriber),
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
