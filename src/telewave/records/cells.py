"""One text from the source columns of a column: joined, added up or the first that is not
blank; words for nothing; defaults. SQL, pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from telewave.records.mapping import Combine, FileFormat, Source
from telewave.records.model import IDENTIFIERS, Column, Kind
from telewave.records.row_lines import BLANKS
from telewave.records.sql_text import literal, literals

UNKNOWN = ("\\N", "NULL", "null", "Null", "None", "N/A", "#N/A", "-", "--")
"""Words that exports write where there is nothing; they count as blank unless the mapping says otherwise."""
RUIN = "#N/A"
"""In the place of an identifier a spreadsheet's fault, and told as such."""
FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
PLAIN = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))
WITH_ZEROS = re.compile(r"([-+]?\d+)\.0+")


def words_for_nothing(column: Column, source: Source, file: FileFormat) -> tuple[str, ...]:
    """What counts as blank in the column, beside the empty cell: what the mapping lists, and what
    exports write, but for what it calls known.
    """
    known = {*file.known, *source.known, *(written for written, _ in source.codes)}
    usual = [word for word in UNKNOWN if word not in known and word.lower() not in column.codes]
    if column.kind in IDENTIFIERS:
        usual = [word for word in usual if word != RUIN]
    return tuple(dict.fromkeys((*usual, *file.missing, *source.missing)))


def trimmed(text: str) -> str:
    """SQL: the text without blanks around. Most begin and end with a visible ASCII character, and are not gone through
    letter by letter.
    """
    seen = f"{text} >= '!' AND {text} < '\x7f' AND {text}[-1] BETWEEN '!' AND '~'"
    return f"CASE WHEN {seen} THEN {text} ELSE trim({text}, {literal(BLANKS)}) END"


def cell(places: Sequence[int], source: Source, words: Sequence[str], decimal: str) -> str:
    """The text of the column, without blanks around. `places`: of its source columns, from 0."""
    texts = [trimmed(f"c{place + 1}") for place in places]
    if len(texts) == 1:
        return texts[0]
    kept = [f"CASE WHEN {text} NOT IN ({literals(('', *words))}) THEN {text} END" for text in texts]
    match source.combine:
        case Combine.FIRST:
            return f"coalesce({', '.join(kept)}, '')"
        case Combine.SUM:
            return _sum(kept, decimal)
        case _:
            return f"concat_ws(' ', {', '.join(kept)})"


def _sum(parts: Sequence[str], decimal: str) -> str:
    """The sum as the file would write it; blank where all are blank; what cannot be added is shown, and is no
    number.
    """
    plain = [f"translate({part}, {literal(FULL_WIDTH)}, {literal(PLAIN)})" for part in parts]
    numbers = [f"TRY_CAST({plain_number(part, decimal)} AS DECIMAL(27, 6))" for part in plain]
    odd = " OR ".join(
        f"({part} IS NOT NULL AND {number} IS NULL)" for part, number in zip(parts, numbers, strict=True)
    )
    total = "CAST(" + " + ".join(f"coalesce({number}, 0)" for number in numbers) + " AS VARCHAR)"
    total = f"replace({total}, '.', ',')" if decimal == "," else total
    blank = " AND ".join(f"{part} IS NULL" for part in parts)
    return f"CASE WHEN {blank} THEN '' WHEN {odd} THEN concat_ws(' + ', {', '.join(parts)}) ELSE {total} END"


def plain_number(text: str, decimal: str) -> str:
    """`text` with thousands separators taken out and a point as the decimal mark."""
    separator = "." if decimal == "," else ","
    grouped = f"^[-+]?[0-9]{{1,3}}([{separator}][0-9]{{3}})+([{decimal}][0-9]+)?$"
    # The engine would read 1_000 as 1000; no file means that.
    plain = (
        f"CASE WHEN contains({text}, '_') THEN NULL WHEN contains({text}, '{separator}') AND "
        f"regexp_matches({text}, '{grouped}') "
        f"THEN replace({text}, '{separator}', '') ELSE {text} END"
    )
    if decimal == ".":
        return plain
    # A point that is left is no thousands separator, and must not pass for a decimal mark.
    return f"translate({plain}, '.,', '?.')"


def kept(text: str, trimmed: str, words: Sequence[str], otherwise: str | None) -> str:
    """`text`, null where `trimmed` is blank or a word for nothing; the default in its place if there is one."""
    longest = max((len(word.encode()) for word in words), default=0)
    # Most texts are longer than every such word or begin with a digit, and need not be compared with each. One by one,
    # since the engine makes a join of a longer list.
    number = [] if any(word[:1].isdigit() for word in words) else [f"({trimmed} >= '0' AND {trimmed} < ':')"]
    each = " AND ".join(f"{trimmed} <> {literal(word)}" for word in ("", *words))
    some = " OR ".join([f"strlen({trimmed}) > {longest}", *number, f"({each})"])
    found = f"CASE WHEN {some} THEN {text} END"
    return found if otherwise is None else f"coalesce({found}, {literal(otherwise)})"


def same_code(text: str) -> str:
    """SQL: what two ways of writing one code have in common: `TRUE` and `True`, `1` and `1.0`."""
    return f"regexp_replace(lower({text}), '^([-+]?[0-9]+)[.]0+$', '\\1')"


def same_word(word: str) -> str:
    """The same of a word of the mapping.

    >>> same_word("1.0"), same_word("TRUE"), same_word("1.50")
    ('1', 'true', '1.50')
    """
    whole = WITH_ZEROS.fullmatch(word)
    return (whole[1] if whole else word).lower()


def translated(text: str, codes: Iterable[tuple[str, str]], other: str, *, loosely: bool) -> str:
    """What the mapping's `codes` make of the text; `other` where they do not name
    it. `loosely`: however a code is written.
    """
    codes = tuple(codes)
    if not codes:
        return other
    if loosely:
        meant: dict[str, set[str]] = {}
        for written, code in codes:
            meant.setdefault(same_word(written), set()).add(code)
        clear = [(word, min(found)) for word, found in meant.items() if len(found) == 1]
        other = f"CASE {same_code(text)}{_whens(clear)} ELSE {other} END" if clear else other
    return f"CASE {text}{_whens(codes)} ELSE {other} END"


def _whens(codes: Iterable[tuple[str, str]]) -> str:
    return "".join(f" WHEN {literal(written)} THEN {literal(code)}" for written, code in codes)


def is_number_of_time(column: Column) -> bool:
    """Whether the column holds seconds, which files also write as 00:03:25 or 3分25秒."""
    return column.kind is Kind.INTEGER and column.unit == "s"
