"""A delimited text file as clean UTF-8 blocks: decoded, with lines that cannot be parsed taken out and handed over.

Memory is bounded by the block and the longest line that is allowed, whatever the file holds.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from telewave.kernel import Malformed, Message
from telewave.records.contents import Contents, told
from telewave.records.row_lines import header_name
from telewave.records.spoilt_lines import SAMPLE, Spoilt

BLOCK = 4 << 20
LONGEST_LINE = 1_000_000
SPOILT = "\x1a"  # begins the line that stands in for one taken out
DELIMITERS = (",", ";", "\t", "|", "^", "\x01")
HEAD = 1 << 20
LONGEST_HEADER = 100
"""Lines that a header with line breaks may take."""
LOOKED_AT = 20
"""Lines by which it is told whether lines end in a delimiter too many."""
SAYS_DELIMITER = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)
TAB_AFTER_VALUE = re.compile(r'\t+(?="?[,;|^]|"?$)')


class WrongEncoding(Malformed):
    """{file} cannot be read as {encoding} (first at line {line}). {remedy}"""

    code = "wrong_encoding"


class EmptyFile(Malformed):
    """{file} is empty (0 bytes). Ask for the delivery again; nothing was changed."""

    code = "empty_file"


class WrongDelimiter(Malformed):
    """The first line of {file} has no {given!r} in it, so its columns cannot be told apart. It looks delimited by
    {found!r}: write that as `delimiter` under `file` in the mapping.
    """

    code = "wrong_delimiter"


class NoDelimiter(Malformed):
    """The first line of {file} shows no delimiter, so its columns cannot be told apart. Write the
    character as `delimiter` under `file` in the mapping (any, such as `comma`, where there is one
    column only), and check that the file is text.
    """

    code = "no_delimiter"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What was found out about a text file. `header`: the column names, c1, c2 ... for a file without.

    `line_end`: what ends its lines: a line feed, after a carriage return or not, or a carriage return alone.
    `first_line`: the number of the first line below the header.
    """

    encoding: str
    delimiter: str
    line_end: str
    header: tuple[str, ...]
    byte_order_mark: bool
    first_line: int


def find_encoding(head: bytes, declared: str, name: str) -> tuple[str, bool]:
    """The encoding to read a text with that begins with `head`, and whether a byte order mark leads it.

    Raises `EmptyFile`, or `WrongEncoding` when the beginning cannot be read so.
    """
    if not head:
        raise EmptyFile(file=name)
    marked = _marked(head)
    if declared == "auto":
        if marked:
            return marked, True
        for encoding in ("utf-8", "gb18030"):
            if _faulty_line(head, encoding) is None:
                return encoding, False
        return _mostly(head, name), False
    _confirm(head, declared, name)
    return (marked or declared), bool(marked)


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


def find_layout(contents: Contents) -> Layout:
    """Encoding, delimiter, line ends and column names of a text.

    One column alone is believed where a delimiter is given or there is no header.
    Raises `EmptyFile`, `WrongEncoding`, `WrongDelimiter`, `NoDelimiter` or `BrokenArchive`.
    """
    file, name = contents.file, contents.name
    with told(name), contents.open() as source:
        head = source.read(HEAD)
    found, marked = find_encoding(head, file.encoding, name)
    text = codecs.getincrementaldecoder(found)("replace").decode(head).lstrip("\ufeff")
    line_end = "\r" if "\r" in text and "\n" not in text else "\n"
    lines = [line.rstrip("\r").replace("\x00", "") for line in text.split(line_end)]
    lines = lines[:-1] if len(head) == HEAD and len(lines) > 1 else lines  # the last one is cut off
    said = SAYS_DELIMITER.match(lines[0])
    above = file.skip + (said is not None)
    header = _header_lines(lines[above:], file.quote if file.header else "")
    if not "".join(header).strip():
        raise EmptyFile(file=name)
    first = "\n".join(header)
    delimiter = file.delimiter or (said[1] if said else "")
    delimiter = delimiter if contents.table else _delimiter(contents, first, delimiter)
    below = above + len(header) if file.header else above
    names = _names(first, lines[below : below + LOOKED_AT], delimiter, contents)
    return Layout(
        encoding=found,
        delimiter=delimiter,
        line_end=line_end,
        header=names,
        byte_order_mark=marked,
        first_line=below + 1,
    )


def _header_lines(lines: list[str], quote: str) -> list[str]:
    """The first line, and those after it as long as a quote is open."""
    taken = lines[:1]
    for line in lines[1:LONGEST_HEADER] if quote else ():
        if "\n".join(taken).count(quote) % 2 == 0:
            return taken
        taken.append(line)
    return taken if quote and "\n".join(taken).count(quote) % 2 == 0 else lines[:1]


def _delimiter(contents: Contents, first: str, given: str) -> str:
    """The one that is given, else the likely one. Raises `WrongDelimiter` or `NoDelimiter`."""
    bare = re.sub(r'"[^"]*"', '""', first) if contents.file.quote == '"' else first
    bare = TAB_AFTER_VALUE.sub("", bare)
    likely = max(DELIMITERS, key=bare.count)
    if given and given not in first and likely in bare:
        raise WrongDelimiter(file=contents.name, given=given, found=likely)
    if likely not in bare and contents.file.header and not given:
        raise NoDelimiter(file=contents.name)
    return given or likely


def _names(first: str, rows: list[str], delimiter: str, contents: Contents) -> tuple[str, ...]:
    """The column names; one more or fewer at the end where the lines below have a delimiter more or fewer there."""
    quote = contents.file.quote
    options: Any = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    cells = next(csv.reader(io.StringIO(first), delimiter=delimiter, **options), [""])
    cells = [header_name("\n".join(cell.splitlines())) for cell in cells]
    if not contents.file.header:
        return tuple(f"c{place}" for place in range(1, len(cells) + 1))
    short = [row for row in rows if row and len(row) < csv.field_size_limit()]
    below = [row for row in csv.reader(short, delimiter=delimiter, **options) if row]
    if below and all(len(row) == len(cells) + 1 and not row[-1].strip() for row in below):
        return (*cells, "")
    if len(cells) > 1 and not cells[-1] and below and all(len(row) == len(cells) - 1 for row in below):
        return tuple(cells[:-1])
    return tuple(cells)


class CleanLines(io.RawIOBase):
    """A readable stream of UTF-8 lines. What it takes out goes to `refuse`; in its
    place stands a line with a column too many.
    """

    def __init__(
        self,
        contents: Contents,
        layout: Layout,
        refuse: Callable[[Spoilt], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._refuse = refuse
        self._stand_in = SPOILT + layout.delimiter * len(layout.header)
        self._file = contents.open()
        self._name = contents.name
        self._decoder = codecs.getincrementaldecoder(layout.encoding)("replace")
        self._line_end = layout.line_end
        self._quote = "" if contents.file.multiline else contents.file.quote
        self._above = layout.first_line - 1
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
        with told(self._name):
            raw = self._file.read(BLOCK)
        self._ended = not raw
        text = self._rest + self._decoder.decode(raw, final=self._ended)
        if self._line == 1:
            text = text.lstrip("\ufeff")  # some exports are marked twice
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
        if self._above >= self._line:
            block = self._below_header(block)
        return self._without_spoilt(block).encode("utf-8", "replace")

    def _unix(self, text: str) -> str:
        if self._line_end == "\r":  # lines of old Macintoshes
            return text.replace("\r", "\n")
        text = text.replace("\r\n", "\n")
        return text[:-1].replace("\r", " ") + text[-1:]  # the last may be half of an end that goes on

    def _below_header(self, block: str) -> str:
        """The block without the lines down to the header, which has been read already."""
        start = 0
        while self._line <= self._above and start < len(block):
            start = (block.find("\n", start) + 1) or len(block)
            self._line += 1
        return block[start:]

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
