"""A dialler that takes its batch as a file and gives results as one: CSV, or .xlsx to take."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from telewave.contacts.results_file import LONGEST_AGENT, ResultsUnreadable, text_of
from telewave.kernel import Label, Malformed
from telewave.outbound.dispositions import CallResult, UnknownDisposition, parse_result
from telewave.outbound.model import Outcome
from telewave.outbound.ports import Batch, Dialled
from telewave.outbound.timing import UnreadableTime, parse_time
from telewave.platform.files import shown_name
from telewave.platform.languages import Language
from telewave.platform.lists import write_list

HEADERS = (
    Label("Contact", "接触编号"),
    Label("Number", "号码"),
    Label("Offer", "业务"),
    Label("What to say", "话术"),
    Label("Until", "保留至"),
)
COLUMNS = {
    "contact": ("contact", "接触编号"),
    "outcome": ("outcome", "disposition", "结果", "呼叫结果"),
    "agent": ("agent", "坐席"),
    "call_back": ("call_back", "回拨时间"),
    "offer": ("offer", "order", "业务"),
    "reference": ("reference", "订单号"),
}
"""The columns that are read, by what they may be headed; any others are passed over."""


class CallResultUnreadable(Malformed):
    """{file}, line {line}: {what} cannot be read. Nothing was taken over. Give the contact's number, a disposition that
    `telewave outbound dispositions` lists, an agent's name of at most 120 characters, and times as "2026-07-09 15:30".
    """

    code = "call_result_unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDialler:
    """`out`: where batches are written; `back`: where results are read; `now`: the local day of times without one."""

    out: Path | None
    back: Path | None
    language: Language
    now: datetime
    local: Callable[[datetime], datetime]

    def take(self, batch: Batch) -> None:
        """Write the batch. Raises `FileNotWritten`."""
        if self.out is not None:
            rows = (
                (
                    one.contact,
                    one.number,
                    getattr(one.offer, self.language),
                    " ".join(getattr(line, self.language) for line in one.script),
                    f"{self.local(batch.until):%Y-%m-%d %H:%M}",
                )
                for one in batch.lines
            )
            write_list(self.out, [getattr(head, self.language) for head in HEADERS], rows)

    def results(self) -> Sequence[Dialled]:
        """The results in their order. Raises `ResultsUnreadable`, `CallResultUnreadable`, `WorkbookGiven`,
        `FileUnusable`.
        """
        if self.back is None:
            return ()
        return tuple(_read(text_of(self.back), shown_name(self.back), self.now))


def _read(text: str, file: str, now: datetime) -> Iterator[Dialled]:
    lines = csv.reader(StringIO(text, newline=""))
    heads = [head.strip().casefold() for head in next(lines, [])]
    places = {name: heads.index(word) for name, words in COLUMNS.items() for word in words if word in heads}
    if lacking := [name for name in ("contact", "outcome") if name not in places]:
        raise ResultsUnreadable(file=file, lacking=", ".join(lacking))
    for line in lines:
        cells = {name: line[place].strip() for name, place in places.items() if place < len(line)}
        if any(cells.values()):
            yield _dialled(cells, file, lines.line_num, now)


def _dialled(cells: dict[str, str], file: str, line: int, now: datetime) -> Dialled:
    contact, agent = cells.get("contact", ""), cells.get("agent", "")
    if not (contact.isascii() and contact.isdigit() and len(contact) <= 18):
        raise CallResultUnreadable(file=file, line=line, what=repr(contact))
    if len(agent) > LONGEST_AGENT:
        raise CallResultUnreadable(file=file, line=line, what=repr(agent[:20]))
    try:
        result = parse_result(cells.get("outcome", ""))
        back = parse_time(cells["call_back"], now) if cells.get("call_back") else None
    except (UnknownDisposition, UnreadableTime) as cause:
        raise CallResultUnreadable(file=file, line=line, what=repr(cause.message.values["value"])) from cause
    offer = cells.get("offer") or None
    return Dialled(
        line=line,
        contact=int(contact),
        agent=agent,
        outcome=Outcome(
            result=result,
            call_back=back,
            offer=offer if result is CallResult.ORDERED else None,
            reference=(cells.get("reference") or None) if result is CallResult.ORDERED else None,
        ),
    )
