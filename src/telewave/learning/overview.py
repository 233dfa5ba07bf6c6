"""All that is learnt, at a glance: what is in use since when and by whom, what was learnt anew, what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telewave.kernel import Label, Message
from telewave.kernel.history import Use
from telewave.learning.model import Refit, Sort, Verdict, Version
from telewave.learning.words import MINUTE, next_words, reason_words
from telewave.platform.answer import TableCell, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All versions kept under a name, the refits that made or judged them, and which were put to use, the oldest first.
    `used`: the one in use.
    """

    sort: Sort
    name: str
    versions: tuple[Version, ...]
    refits: tuple[Refit, ...]
    uses: tuple[Use, ...]
    used: int

    @property
    def last(self) -> Refit | None:
        """The newest comparison; None: there was none."""
        return self.refits[-1] if self.refits else None

    @property
    def waits(self) -> bool:
        """Whether a version that was shown better beside the one in use waits for a second person."""
        last = self.last
        return last is not None and last.judged.verdict is Verdict.BETTER and last.champion == self.used


OVERVIEW_COLUMNS: tuple[Text, ...] = (
    Message("What"),
    Message("Name"),
    Message("Version in use"),
    Message("In use since"),
    Message("Put to use by"),
    Message("Reason"),
    Message("Learnt anew last"),
    Message("Judged"),
    Message("What next"),
)


def overview_rows(histories: Sequence[History]) -> list[list[TableCell]]:
    """A row a kind and name."""
    return [_row(one) for one in histories]


def _row(one: History) -> list[TableCell]:
    use, last = (one.uses[-1] if one.uses else None), one.last
    return [
        one.sort.nouns.title,
        one.name,
        one.used,
        f"{use.at:{MINUTE}}" if use else "",
        use.by if use else "",
        reason_words(use) if use else _NEWEST,
        last.challenger if last else None,
        last.judged.verdict.label if last else "",
        what_next(one),
    ]


_NEWEST = Label("the newest; none was compared yet", "最新版本；尚未比较过")


def what_next(one: History) -> Message:
    """What to do about it."""
    last = one.last
    if last is None:
        return Message(
            "Learn it anew when later records are there: telewave learning refit {name}{option} --by YOU",
            name=one.name,
            option=one.sort.option,
        )
    if last.challenger == one.used:
        return Message(
            "The version learnt anew last is in use. Learn again when later records are there: telewave learning refit "
            "{name}{option} --by YOU",
            name=one.name,
            option=one.sort.option,
        )
    if last.champion != one.used:
        return Message(
            "It was judged beside version {champion}, which is no longer in use. Judge anew: telewave learning refit "
            "{name}{option} --by YOU",
            champion=last.champion,
            name=one.name,
            option=one.sort.option,
        )
    return next_words(last)


def overview_headline(histories: Sequence[History]) -> Message:
    """What waits for somebody, in a sentence."""
    if not histories:
        return Message(
            "Nothing has been learnt yet. Begin with telewave train, telewave funnel learn or telewave choice learn."
        )
    waiting = [one for one in histories if one.waits]
    if waiting:
        return Message(
            "Of {n} that plans rest on, {waiting} were learnt anew, shown better, and wait for a second person.",
            n=len(histories),
            waiting=len(waiting),
        )
    return Message("Of {n} that plans rest on, none waits for anybody.", n=len(histories))
