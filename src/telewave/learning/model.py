"""A challenger beside the champion: what later records say of both, and what follows. Pure values.

*Champion*: the version in use. *Challenger*: the one that was learnt anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from telewave.funnel.steps import Step
from telewave.kernel import Estimate, Label, Malformed
from telewave.platform.answer import TableCell, Text


class Sort(StrEnum):
    """What is learnt from outcomes and used by plans."""

    FUNNEL = "funnel"
    CHOICE = "choice"
    RESPONSE = "response"

    @property
    def nouns(self) -> Nouns:
        """Its words."""
        return _NOUNS[self]

    @property
    def option(self) -> str:
        """What a command of `learning` says to mean it; nothing for the funnel."""
        return "" if self is Sort.FUNNEL else f" --kind {self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nouns:
    """`title` begins a sentence, `kind` stands in one; `records` judge it, `counted` behind their number, `one` of
    them.
    """

    title: Label
    kind: Label
    records: Label
    counted: Label
    one: Label


_NOUNS = {
    Sort.FUNNEL: Nouns(
        title=Label("Funnel", "漏斗"),
        kind=Label("funnel", "漏斗"),
        records=Label("contacts", "接触"),
        counted=Label("contacts", "次接触"),
        one=Label("a contact", "每次接触"),
    ),
    Sort.CHOICE: Nouns(
        title=Label("Choice model", "选择模型"),
        kind=Label("choice model", "选择模型"),
        records=Label("orders", "订单"),
        counted=Label("orders", "笔订单"),
        one=Label("an order", "每笔订单"),
    ),
    Sort.RESPONSE: Nouns(
        title=Label("Response model", "响应模型"),
        kind=Label("response model", "响应模型"),
        records=Label("outcomes", "办理结果"),
        counted=Label("subscribers' outcomes", "条办理结果"),
        one=Label("a subscriber", "每个用户"),
    ),
}


class UnknownSort(Malformed):
    """Nothing of the kind {kind!r} is learnt anew. Choose --kind {known}."""

    code = "unknown_sort"


def sort_named(text: str) -> Sort:
    """The sort called so. Raises `UnknownSort`."""
    try:
        return Sort(text)
    except ValueError as cause:
        raise UnknownSort(kind=text, known=", ".join(Sort)) from cause


class Verdict(StrEnum):
    """What later records say of a challenger."""

    BETTER = "better"
    NOT_BETTER = "not better"
    UNTOLD = "cannot be told yet"

    @property
    def label(self) -> Label:
        """For people."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.BETTER: Label("better", "更好"),
    Verdict.NOT_BETTER: Label("not better", "并未更好"),
    Verdict.UNTOLD: Label("cannot be told yet", "暂无定论"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScore:
    """A step of a channel in the later contacts: of `n` that could take it a share of `took` did; the mean chance that
    each version gave, and its Brier score. `gain`: log loss of the champion less that of the challenger, nats a record.
    """

    channel: str
    covers: tuple[Step, ...]
    n: int
    took: float
    champion: float
    challenger: float
    champion_brier: float
    challenger_brier: float
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the later records, `n` many: `took` of them did what is foreseen (None: it is no yes or no). The log
    loss of each version, nats a record; `champion_auc`, `challenger_auc`: how well each ranks (None: not told).
    """

    name: Label
    n: int
    took: int | None
    champion: float
    challenger: float
    champion_auc: float | None = None
    challenger_auc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What `records` of [first, end) said of both, `told` of which weigh (contacts, orders, takers). `gain`: by how
    much the challenger's log loss is less, nats a record, with an interval that holds however often one looks (None: no
    records); `loss`: the champion's. `fewest`: so many are `told` at least before anything is said. `days_more`: days
    of such records until it can be told at this pace (None: not in ten years, or it can be told). `steps`, `parts`: the
    same in parts, of a funnel and of what has none.
    """

    first: date
    end: date
    records: int
    told: int
    fewest: int
    households: int
    gain: Estimate | None
    loss: float
    verdict: Verdict
    days_more: int | None
    steps: tuple[StepScore, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """That `name` of its sort was learnt anew as version `challenger` from records of [since, as_of), and judged beside
    version `champion`. `number`: of the refit, None before it is kept. `campaign`: by whose draw it was asked
    to be learnt; empty: as the champion. `usable`: whether the challenger by itself may be used, whatever later records
    say of both.
    """

    sort: Sort
    name: str
    number: int | None
    by: str
    at: datetime
    champion: int
    challenger: int
    since: date
    as_of: date
    judged: Judged
    campaign: str = ""
    usable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version that is kept: learnt from `records` records of [since, before), where these are known."""

    number: int
    records: int
    since: date | None
    before: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table for people."""

    columns: Sequence[Text]
    rows: Sequence[Sequence[TableCell]]
