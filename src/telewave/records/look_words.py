"""A look at a file in words: the cells of its tables, and what to decide before the file is trusted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from telewave.kernel import Label, Message
from telewave.kernel.figures import Figure
from telewave.platform.answer import TableCell, Text
from telewave.records.look import SORTS, ColumnLook, Doubt, End, Look, Sort, Value

LEVELS = "▁▂▃▄▅▆▇█"
NOTHINGS = ("unknown", "unk", "undefined", "missing", "nan", "na", "?", "未知", "不详", "无数据", "空")
"""Words that may stand for nothing, and count as values unless the mapping says otherwise."""
BAR = 20
NAMED = 4
LONGEST = 14


def picture(rows: Sequence[int]) -> str:
    """Counts as a row of bars; no bar for none.

    >>> picture([1, 0, 8, 4])
    '▁ █▄'
    """
    most = max(rows, default=0)
    return "".join(LEVELS[max(0, round(one / most * len(LEVELS)) - 1)] if one else " " for one in rows)


def bar(share: float) -> str:
    """A share as a bar of twenty, to half a place.

    >>> bar(0.5), bar(0.026)
    ('██████████', '▌')
    """
    halves = round(share * BAR * 2)
    return "█" * (halves // 2) + "▌" * (halves % 2)


def written(value: Value) -> str:
    """A value of a range: days and instants as such, numbers with no more than four digits that count.

    >>> written(4918.0), written(0.03256)
    ('4,918', '0.03256')
    """
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else value.isoformat()


def share(part: int, whole: int) -> str:
    """Per cent, with a place behind the point below ten.

    >>> share(1, 30), share(1, 3), share(1, 1_000_000), share(0, 5)
    ('3.3%', '33%', '<0.1%', '0%')
    """
    per_cent = 100 * part / whole if whole else 0.0
    if 0 < per_cent < 0.1:
        return "<0.1%"
    return f"{per_cent:.1f}%" if 0 < per_cent < 10 or 99 < per_cent < 100 else f"{per_cent:.0f}%"


def heads() -> list[Text]:
    """Headings of the table of columns."""
    return [
        Message("Column"),
        Message("Kind"),
        Message("Empty"),
        Message("Values"),
        Message("What stands in it"),
    ]


def cells(look: ColumnLook) -> list[TableCell]:
    """One column as a row of that table."""
    empty = look.looked - look.filled
    return [
        name_of(look),
        SORTS[look.sort],
        Figure(look.filled and round(empty / look.looked, 6), share(empty, look.looked)) if empty else "",
        look.distinct,
        _contents(look),
    ]


def name_of(look: ColumnLook) -> str:
    """The column as the file calls it, and what it feeds where that is called otherwise."""
    return f"{look.name} → {look.feeds}" if look.feeds not in ("", look.name) else look.name


def _contents(look: ColumnLook) -> Text:
    if look.filled == 0:
        return Message("nothing")
    if look.range is not None:
        found, unit = look.range, f" {look.unit}" if look.unit else ""
        ends = {"low": written(found.low), "high": written(found.high) + unit}
        if found.low == found.high:
            return Message("{value} in every row", value=ends["high"])
        half = {"quarter": written(found.quarter), "three_quarters": written(found.three_quarters)}
        said = Message("{low} – {high}, half of them {quarter} – {three_quarters}", **ends, **half)
        if found.quarter == found.three_quarters:
            said = Message("{low} – {high}, more than half {middle}", **ends, middle=half["quarter"])
        if found.end is not None and found.end.doubt is not None:
            said = Message("{said}; {end}", said=said, end=_end_words(found.end))
        return Message("{picture} {said}", picture=picture(found.bars), said=said)
    if look.commonest:
        return _values(look)
    shortest, longest = look.shape
    length = str(shortest) if shortest == longest else f"{shortest} – {longest}"
    return Message("{length} characters long", length=length)


def _end_words(end: End) -> Message:
    values = {"value": written(end.value), "rows": f"{end.rows:,}", "inner": written(end.inner)}
    if end.high:
        return Message("highest {value} ({rows} rows), next {inner}", **values)
    return Message("lowest {value} ({rows} rows), next {inner}", **values)


def _values(look: ColumnLook) -> Text:
    """Values by share, each with its bar."""
    few = look.commonest[:NAMED]
    named = [f"{_short(one.text)} {share(one.rows, look.filled)}" for one in few]
    more = look.distinct - len(named)
    drawn = picture([one.rows for one in look.commonest])
    said = f"{drawn} {' · '.join(named)}"
    return Message("{values} · {more} more", values=said, more=f"{more:,}") if more > 0 else said


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def block_heads(look: Look) -> list[Text]:
    """Headings of the table of takers by block."""
    by = look.takers.by if look.takers else ""
    first: Text = by or Message("Rows from – to")
    return [first, Message("Rows"), Message("Takers"), Message("Share"), ""]


def block_rows(look: Look) -> list[list[TableCell]]:
    """Takers by block, each with a bar on the scale of the highest."""
    assert look.takers is not None  # noqa: S101 - asked only where there is an outcome
    most = max((block.share for block in look.takers.blocks), default=0.0) or 1.0
    return [
        [
            block.first if block.first == block.last else f"{block.first} – {block.last}",
            block.rows,
            block.takers,
            Figure(round(block.share, 6), share(block.takers, block.rows)),
            bar(block.share / most),
        ]
        for block in look.takers.blocks
    ]


def unknown_rows(look: Look) -> list[list[TableCell]]:
    """Column, word and rows of all that becomes unknown."""
    return [
        [one.name, word.text or Message("(blank)"), word.rows]
        for one in look.columns
        if one.used
        for word in one.unknown
    ]


def summary(look: Look) -> Iterator[Message]:
    """How much was looked at, and what holds of the file as a whole."""
    if not look.whole:
        yield Message(
            "{looked} of {rows} rows were looked at, spread over the whole file; blanks, words and "
            "repeated rows are counted in all.",
            looked=f"{look.looked:,}",
            rows=f"{look.rows:,}",
        )
    if look.unused_looked:
        names = [one.name for one in look.columns if not one.used]
        yield Message(
            "Not used by the mapping, and known by the first {rows} rows only: {names}.",
            names=", ".join(names),
            rows=f"{look.unused_looked:,}",
        )
    if look.takers is not None:
        known = look.takers
        yield Message(
            "{takers} of {rows} rows with an outcome are takers: {share}.",
            takers=f"{known.takers:,}",
            rows=f"{known.rows:,}",
            share=share(known.takers, known.rows),
        )
    if look.repeated:
        yield Message(
            "{repeated} rows repeat an earlier one in all {columns} columns that are no identifiers.",
            repeated=f"{look.repeated:,}",
            columns=look.asked,
        )


def decisions(look: Look) -> list[Message]:
    """What to decide before the file is trusted, each with its remedy; at last the one
    line that leaves out what should be left out.
    """
    found = [*_of_outcome(look), *_of_columns(look), *_of_words(look)]
    if look.outside:
        found += _left_out(look)
    if look.outside and look.repeated and not look.keyed:
        found.append(
            Message(
                "Rows that repeat others count as people of their own, and the same person may be learnt "
                "from and judged by. If the export was joined to itself, deliver it without them; or write "
                "the column that says who a row is as `key` in the mapping."
            )
        )
    return found


def _of_outcome(look: Look) -> Iterator[Message]:
    if look.takers is not None and look.takers.sorted_by_outcome and not look.order_said:
        yield Message(
            "The file lies sorted by its outcome, so the order of its rows is no order in time. Write "
            "`order: none` in the mapping, or the column that tells the time as `order`."
        )


def _of_columns(look: Look) -> Iterator[Message]:
    for one in look.columns:
        if one.used and one.range is not None and one.range.end is not None:
            yield from _of_end(one, one.range.end)
        if one.could_feed:
            yield Message(
                "`{name}` is not used, and reads like `{column}`. If it is that, add `{column}: {value}` "
                "under `columns` in the mapping.",
                name=one.name,
                column=one.could_feed,
                value=as_yaml(one.name),
            )


def _of_end(look: ColumnLook, end: End) -> Iterator[Message]:
    if end.doubt is None:
        return
    values = {"name": look.name, "rows": f"{end.rows:,}", "value": end.written, "inner": written(end.inner)}
    if look.required:
        yield Message(
            "`{name}`: {rows} rows are {value}, far from all others (the next is {inner}). Look at them at "
            "the source: if it stands for nothing, it must not come as a number.",
            **values,
        )
    elif end.doubt is Doubt.FAR:
        yield Message(
            "`{name}`: {rows} rows are {value}, far beyond all others (the next is {inner}). Look at them "
            "at the source; if it stands for nothing, write `{remedy}` under `columns` in the mapping.",
            **values,
            remedy=_missing(look, end.written),
        )
    else:
        yield Message(
            "`{name}`: {rows} rows are {value}, unlike all others (the next is {inner}). If it stands for "
            "nothing, write `{remedy}` under `columns` in the mapping.",
            **values,
            remedy=_missing(look, end.written),
        )


def _of_words(look: Look) -> Iterator[Message]:
    """Words that probably mean nothing, and count as values: each with the columns that hold it."""
    held: dict[str, list[tuple[ColumnLook, int]]] = {}
    for one in look.columns if look.outside else ():
        for value in one.commonest if one.used and one.sort is Sort.CATEGORY else ():
            if value.text.casefold() in NOTHINGS:
                held.setdefault(value.text, []).append((one, value.rows))
    for word, columns in held.items():
        yield Message(
            "`{word}` counts as a value of its own in {columns}. Where it is to be unknown, write under "
            "`columns` in the mapping: {remedies}.",
            word=word,
            columns=", ".join(f"{one.name} ({rows:,})" for one, rows in columns),
            remedies=", ".join(f"`{_missing(one, word)}`" for one, _ in columns),
        )


def _missing(look: ColumnLook, word: str) -> str:
    source = "" if look.feeds == look.name else f"from: {as_yaml(look.name)}, "
    return f"{as_yaml(look.feeds)}: {{{source}missing: [{as_yaml(word, text=True)}]}}"


def _left_out(look: Look) -> Iterator[Message]:
    """Columns that should not be learnt from, by reason, and the line that leaves them out."""
    used = [one for one in look.columns if one.used and one.feeds != "subscriber"]
    unique = [one.name for one in used if one.nearly_unique]
    told = [one.name for one in used if one.tells is not None]
    constant = [one.name for one in used if one.constant]
    if unique:
        yield Message(
            "Like identifiers, with a value of its own in nearly every row: {names}. Nothing can be learnt "
            "from them; leave them out, or write the one that says who a row is as `key`.",
            names=", ".join(unique),
        )
    if told:
        yield Message(
            "Like the outcome said in other words, or known only after it: {names}. Leave them out, unless "
            "they are known before anybody is contacted.",
            names=", ".join(told),
        )
    if constant:
        yield Message(
            "The same in every row: {names}. Nothing can be learnt from them.", names=", ".join(constant)
        )
    for one in used:
        if one.same_as and one.name not in (*unique, *told):
            yield _same(one)
    same = [one.name for one in used if one.same_as]
    out = [one.name for one in used if one.name in (*unique, *told, *constant, *same)]
    if out:
        names = ", ".join(as_yaml(name) for name in (*look.ignored, *out))
        if set(out) & set(look.described):
            yield Message(
                "To leave out what was named, write `ignore: [{names}]` in the mapping, and take their "
                "lines out of `columns`.",
                names=names,
            )
        else:
            yield Message(
                "To leave out what was named, write `ignore: [{names}]` in the mapping.", names=names
            )


def _same(one: ColumnLook) -> Message:
    if one.in_other_words:
        return Message(
            "`{name}` says in other words what `{other}` says: one of the two is enough.",
            name=one.name,
            other=one.same_as,
        )
    return Message(
        "`{name}` repeats `{other}` in every row: one of the two is enough.", name=one.name, other=one.same_as
    )


def as_yaml(word: str, *, text: bool = False) -> str:
    """A word as a mapping writes it; `text`: in quotes, so that it stays one.

    >>> as_yaml("套餐"), as_yaml("a: b"), as_yaml("999", text=True)
    ('套餐', "'a: b'", "'999'")
    """
    if not text and re.fullmatch(r"[^\W\d][\w.\-]*", word):
        return word
    return "'" + word.replace("'", "''") + "'"


def title(look: Look) -> Label | Message:
    """What the look is at."""
    return Message("What stands in {file}", file=look.file)
