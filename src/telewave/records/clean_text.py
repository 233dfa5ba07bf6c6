"""A delimited text file as clean UTF-8 blocks: decoded, with lines that cannot be parsed taken out and handed over.

Memory is bounded by the block and the longest line that is allowed, whatever the file holds.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from telewave.kernel import Malformed, Message
from telewave.records.spoilt_lines import SAMPLE, Spoilt

BLOCK = 4 << 20
LONGEST_LINE = 1_000_000
SPOILT = "\x1a"  # begins the line that stands in for one taken out
DELIMITERS = (",", ";", "\t", "|", "^", "\x01")
NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what archives and .xlsx begin with, and .xls


class WrongEncoding(Malformed):
    """{file} cannot be read as {encoding} (first at line {line}). {remedy}"""

    code = "wrong_encoding"


class EmptyFile(Malformed):
    """{file} is empty (0 bytes). Ask for the delivery again; nothing was changed."""

    code = "empty_file"


class WrongDelimiter(Malformed):
    """The first line of {file} has no {given!r} in it, so its columns cannot be told apart. It looks delimited by {found!r}: write that as `delimiter` under `file` in the mapping."""

    code = "wrong_delimiter"


class NoDelimiter(Malformed):
    """The first line of {file} shows no delimiter, so its columns cannot be told apart. Write the character as `delimiter` under `file` in the mapping (any, such as `comma`, where there is one column only), and check that the file is text."""

    code = "no_delimiter"


class NotText(Malformed):
    """{file} is a workbook or an archive (.xlsx, .xls, .zip), not text. Open it, save the sheet as CSV (UTF-8), and deliver that."""

    code = "not_text"


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found out about a text file. `header`: the column names, c1, c2 ... for a file without.

    `line_end`: what ends its lines: a line feed, after a carriage return or not, or a carriage return alone.
    """

    encoding: str
    delimiter: str
    line_end: str
    header: tuple[str, ...]
    byte_order_mark: bool


def find_encoding(path: Path, declared: str) -> tuple[str, bool]:
    """The encoding to read `path` with, and whether a byte order mark leads it.

    Raises `EmptyFile`, `NotText`, or `WrongEncoding` when the beginning cannot be read so.
    """
    head = _head(path)
    if not head:
        raise EmptyFile(file=path.name)
    if head.startswith(NOT_TEXT):
        raise NotText(file=path.name)
    marked = _marked(head)
    if declared == "auto":
        if marked:
            return marked, True
        for encoding in ("utf-8", "gb18030"):
            if _faulty_line(head, encoding) is None:
                return encoding, False
        return _mostly(head, path.name), False
    _confirm(head, declared, path.name)
    return (marked or declared), bool(marked)


def _head(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(1 << 20)


def _marked(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return ""


def _faulty_line(head: bytes, encoding: str) -> int | None:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError as fault:
        return head[: fault.start].count(b"\n") + 1
    return None


def _spoilt_share(head: bytes, encoding: str) -> float:
    lines = codecs.getincrementaldecoder(encoding)("replace").decode(head).split("\n")
    return sum("\ufffd" in line for line in lines) / len(lines)


def _mostly(head: bytes, name: str) -> str:
    for encoding in ("utf-8", "gb18030"):
        if _spoilt_share(head, encoding) <= 0.01:
            return encoding
    line = _faulty_line(head, "utf-8") or 1
    remedy = Message("Ask for the file's encoding and write it as `encoding` under `file` in the mapping.")
    raise WrongEncoding(file=name, encoding="utf-8 / gb18030", line=line, remedy=remedy)


def _confirm(head: bytes, declared: str, name: str) -> None:
    line = _faulty_line(head, declared)
    mistaken = (
        declared.startswith(("gb", "big5")) and not head.isascii() and _faulty_line(head, "utf-8") is None
    )
    if not mistaken and (line is None or _spoilt_share(head, declared) <= 0.01):
        return
    for other in ("utf-8", "gb18030"):
        if other != declared and _faulty_line(head, other) is None:
            remedy = Message(
                "It reads as {other}: write `encoding: {other}` under `file` in the mapping.", other=other
            )
            raise WrongEncoding(file=name, encoding=declared, line=line or 1, remedy=remedy)
    remedy = Message("Ask for the file's encoding and write it as `encoding` under `file` in the mapping.")
    raise WrongEncoding(file=name, encoding=declared, line=line or 1, remedy=remedy)


def find_layout(path: Path, encoding: str, delimiter: str, quote: str, header: bool) -> Layout:
    """Encoding, delimiter, line ends and column names of a text file.

    One column alone is believed where a delimiter is given or there is no header.
    Raises `EmptyFile`, `NotText`, `WrongEncoding`, `WrongDelimiter` or `NoDelimiter`.
    """
    found, marked = find_encoding(path, encoding)
    text = codecs.getincrementaldecoder(found)("replace").decode(_head(path))
    line_end = "\r" if "\r" in text and "\n" not in text else "\n"
    first = text.split(line_end, 1)[0].rstrip("\r").replace("\x00", "")
    if not first.strip():
        raise EmptyFile(file=path.name)
    likely = max(DELIMITERS, key=first.count)
    if delimiter and delimiter not in first and likely in first:
        raise WrongDelimiter(file=path.name, given=delimiter, found=likely)
    if likely not in first and header and not delimiter:
        raise NoDelimiter(file=path.name)
    options = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    cells = next(csv.reader([first], delimiter=delimiter or likely, **options))
    names = cells if header else [f"c{place}" for place in range(1, len(cells) + 1)]
    return Layout(found, delimiter or likely, line_end, tuple(name.strip() for name in names), marked)


class CleanLines(io.RawIOBase):
    """A readable stream of UTF-8 lines. What it takes out goes to `refuse`; in its place stands a line with a column too many."""

    def __init__(
        self,
        path: Path,
        layout: Layout,
        quote: str,
        multiline: bool,
        refuse: Callable[[Spoilt], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._refuse = refuse
        self._stand_in = SPOILT + layout.delimiter * len(layout.header)
        self._file = path.open("rb")
        self._decoder = codecs.getincrementaldecoder(layout.encoding)("replace")
        self._line_end = layout.line_end
        self._quote = "" if multiline else quote
        self._ready = memoryview(b"")
        self._rest = ""
        self._skipping = False
        self._line = 1
        self._ended = False

    def readable(self) -> bool:
        """A stream to read from."""
        return True

    def close(self) -> None:
        """Close the file beneath."""
        self._file.close()
        super().close()

    def readinto(self, target: Any) -> int:
        """Fill `target` with the next bytes; 0 at the end."""
        while not self._ready and not self._ended:
            self._ready = memoryview(self._next_block())
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _next_block(self) -> bytes:
        raw = self._file.read(BLOCK)
        self._ended = not raw
        text = self._rest + self._decoder.decode(raw, final=self._ended)
        if "\r" in text:
            text = self._unix(text)
        cut = len(text) if self._ended else text.rfind("\n") + 1
        block, self._rest = text[:cut], text[cut:]
        if self._skipping:
            block = self._drop_rest_of_line(block)
        if len(self._rest) > LONGEST_LINE and not self._skipping:
            block = self._begin_skipping(block)
        if self._skipping:
            self._rest = ""
        return self._without_spoilt(block).encode("utf-8", "replace")

    def _unix(self, text: str) -> str:
        if self._line_end == "\r":  # lines of old Macintoshes
            return text.replace("\r", "\n")
        text = text.replace("\r\n", "\n")
        return text[:-1].replace("\r", " ") + text[-1:]  # the last may be half of an end that goes on

    def _drop_rest_of_line(self, block: str) -> str:
        end = block.find("\n")
        if end < 0:
            return self._stand_in if self._ended else ""
        self._skipping = False
        return self._stand_in + block[end:]

    def _begin_skipping(self, block: str) -> str:
        number = self._line + block.count("\n")
        self._refuse(Spoilt(number, "line_too_long", "", self._rest[:SAMPLE]))
        self._skipping = True
        return block

    def _without_spoilt(self, block: str) -> str:
        lines = block.count("\n")
        quotes = bool(self._quote) and self._quote in block
        if quotes or (block and len(block) > LONGEST_LINE):
            block = self._replaced(block, quotes)
        self._line += lines
        return block

    def _replaced(self, block: str, quotes: bool) -> str:
        data = np.frombuffer(block.encode("utf-8", "replace"), dtype=np.uint8)
        ends = np.flatnonzero(data == 10)
        ends = ends if len(data) and data[-1] == 10 else np.append(ends, len(data))
        length = np.diff(ends, prepend=-1)
        bad = length > LONGEST_LINE
        if quotes:
            counted = np.cumsum(data == ord(self._quote))
            bad |= np.diff(counted[np.minimum(ends, len(data) - 1)], prepend=0) % 2 == 1
        if not bad.any():
            return block
        lines = block.split("\n")
        for index in np.flatnonzero(bad):
            reason = "line_too_long" if length[index] > LONGEST_LINE else "unbalanced_quotes"
            self._refuse(Spoilt(self._line + int(index), reason, "", lines[index][:SAMPLE]))
            lines[index] = self._stand_in
        return "\n".join(lines)
