"""Reading a file of results: a CSV with a line a result, as a call centre, a hall or a gateway gives it back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from telewave.contacts.ledger import DISPOSITIONS, Answer, Attempt, Deliver, Disposition, Event, Withdraw
from telewave.contacts.reasons import FallsOut
from telewave.contacts.stop_words import asks_to_stop
from telewave.kernel import Malformed
from telewave.platform.files import read_whole, shown_name

COLUMNS = {
    "contact": ("contact", "接触编号"),
    "outcome": ("outcome", "结果"),
    "number": ("number", "号码"),
    "channel": ("channel", "渠道"),
    "text": ("text", "内容"),
    "reference": ("reference", "订单号"),
    "agent": ("agent", "坐席"),
}
"""The columns that are read, by what they may be headed; any others are passed over."""
PLAIN: dict[str, Event] = {
    "attempted": Attempt(),
    "delivered": Deliver(),
    "not_made": Withdraw(FallsOut.GIVEN_BACK.value),
}
"""Outcomes that are no dispositions."""
REPLY = "reply"
"""The outcome of a message that came back, whose text says what it means."""
SPOKEN = {word: one.value for one, label in DISPOSITIONS.items() for word in (label.en, label.zh)} | {
    "已尝试接触": "attempted",
    "已送达": "delivered",
    "未执行": "not_made",
    "回复": REPLY,
}
LONGEST_REFERENCE = 200
LONGEST_AGENT = 120
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .ods begin, and .xls."""


class ResultsUnreadable(Malformed):
    """The file {file} holds no results: it has no columns {lacking}. Head its columns
    contact (or number and channel) and outcome.
    """

    code = "results_unreadable"


class WorkbookGiven(Malformed):
    """The file {file} is a workbook, and this command reads text. Nothing was taken over. Open it in the spreadsheet,
    save it as CSV, and give that file.
    """

    code = "workbook_given"


class UnknownOutcome(Malformed):
    """{file}, line {line}: {outcome!r} is no outcome. Nothing was taken over. Write one of: {known}."""

    code = "unknown_outcome"


class NobodyNamed(Malformed):
    """{file}, line {line}: it says neither which contact (a whole number, as in the list that was handed out) nor the
    number and the channel of an objection. Nothing was taken over. Fill one of them in.
    """

    code = "nobody_named"


class ReferenceTooLong(Malformed):
    """{file}, line {line}: the reference has more than 200 characters. Nothing was taken over. Shorten it."""

    code = "reference_too_long"


class AgentTooLong(Malformed):
    """{file}, line {line}: the name of the agent has more than 120 characters. Nothing was taken over. Shorten it."""

    code = "agent_too_long"


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One line. `contact`: its number in the ledger; where there is none, `number` and `channel` name the objector.
    `agent`: who made the contact, where that is told.
    """

    line: int
    event: Event
    contact: int | None = None
    number: str = ""
    channel: str = ""
    reference: str | None = None
    agent: str | None = None


def read_results(path: Path) -> tuple[Result, ...]:
    """The results in their order. Raises `ResultsUnreadable`, `UnknownOutcome`, `NobodyNamed`, `ReferenceTooLong`,
    `AgentTooLong`, `WorkbookGiven`, `FileUnusable`.
    """
    return tuple(results_of(text_of(path), shown_name(path)))


def text_of(path: Path) -> str:
    """The text of a list, in UTF-8 or GB18030. Raises `WorkbookGiven`, `FileUnusable`."""
    raw = read_whole(path)
    if raw.startswith(WORKBOOKS):
        raise WorkbookGiven(file=shown_name(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def results_of(text: str, file: str) -> Iterator[Result]:
    """The results in a CSV's text. Raises as `read_results`."""
    lines = csv.reader(StringIO(text, newline=""))
    heads = [head.strip().casefold() for head in next(lines, [])]
    places = {name: heads.index(word) for name, words in COLUMNS.items() for word in words if word in heads}
    lacking = [name for name in ("outcome",) if name not in places]
    if "contact" not in places and not {"number", "channel"} <= places.keys():
        lacking.append("contact")
    if lacking:
        raise ResultsUnreadable(file=file, lacking=", ".join(lacking))
    for line in lines:
        cells = {name: line[place].strip() for name, place in places.items() if place < len(line)}
        if any(cells.values()):
            yield _result(cells, file, lines.line_num)


def _result(cells: dict[str, str], file: str, line: int) -> Result:
    event = _event(cells, file, line)
    contact, number, channel = (cells.get(name, "") for name in ("contact", "number", "channel"))
    reference = cells.get("reference") or None
    if reference and len(reference) > LONGEST_REFERENCE:
        raise ReferenceTooLong(file=file, line=line)
    agent = cells.get("agent") or None
    if agent and len(agent) > LONGEST_AGENT:
        raise AgentTooLong(file=file, line=line)
    if contact.isascii() and contact.isdigit() and len(contact) <= 18:
        return Result(line=line, event=event, contact=int(contact), reference=reference, agent=agent)
    if contact or not (number and channel):
        raise NobodyNamed(file=file, line=line)
    return Result(line=line, event=event, number=number, channel=channel, reference=reference)


def _event(cells: dict[str, str], file: str, line: int) -> Event:
    said = cells.get("outcome", "")
    outcome = SPOKEN.get(said, said.casefold())
    if outcome in PLAIN:
        return PLAIN[outcome]
    if outcome == REPLY:
        stops = asks_to_stop(cells.get("text", ""))
        return Answer(Disposition.OPTED_OUT if stops else Disposition.REPLIED)
    if outcome in set(Disposition):
        return Answer(Disposition(outcome))
    known = ", ".join([*PLAIN, REPLY, *Disposition])
    raise UnknownOutcome(file=file, line=line, outcome=said, known=known)
