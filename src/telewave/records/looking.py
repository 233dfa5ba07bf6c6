"""From the rows of a sample to what is to be seen in them: kinds, ranges, bars, copies, what tells
the outcome. Pure, and bounded by the sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telewave.records.look import Block, ColumnLook, Counted, Doubt, End, Range, Sort, Takers, Value
from telewave.records.model import Kind

NEARLY_ALL = 0.95
"""So many values a row make an identifier, or nearly."""
FEWEST = 20
"""Rows below which nothing is concluded from how values are spread."""
FEW_VALUES = 50
"""A text of so few values is a category."""
BARS = 12
SHOWN = 6
"""Values that are named, and no more."""
COMMON = 0.01
"""A value of a longer list is named if so many rows share it; rarer ones may be personal."""
BLOCKS = 10
FILLERS_FAR = {Sort.DAY: 3_650.0, Sort.INSTANT: 3_650 * 86_400.0}
"""A day that stands for none lies ten years from the others: most rows of a first snapshot have its day."""
FILLERS = (-1.0, -9.0, -99.0, -999.0, -9999.0)
SORT_OF = {
    Kind.SUBSCRIBER: Sort.IDENTIFIER,
    Kind.PEER: Sort.IDENTIFIER,
    Kind.KEY: Sort.IDENTIFIER,
    Kind.INTEGER: Sort.NUMBER,
    Kind.MONEY: Sort.AMOUNT,
    Kind.CODE: Sort.CODE,
    Kind.DATE: Sort.DAY,
    Kind.INSTANT: Sort.INSTANT,
    Kind.FLAG: Sort.FLAG,
    Kind.NUMBER: Sort.NUMBER,
}
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnRows:
    """A column of the sample. `texts`: what its cells say, null for nothing; `values`: the same
    typed, null where unreadable, None for a text.
    """

    name: str
    feeds: str
    kind: Kind
    texts: Any
    values: Any = None
    unit: str = ""
    unknown: tuple[Counted, ...] = ()
    required: bool = False


def look_at(rows: ColumnRows) -> ColumnLook:
    """One column by itself."""
    texts: Any = rows.texts.combine_chunks() if isinstance(rows.texts, pa.ChunkedArray) else rows.texts
    filled = len(texts) - texts.null_count
    counts = pc.value_counts(texts.drop_null())
    distinct = len(counts)
    lengths: Any = pc.utf8_length(texts)
    shortest, longest = (pc.min(lengths).as_py() or 0, pc.max(lengths).as_py() or 0)
    unique = filled >= FEWEST and distinct >= NEARLY_ALL * filled
    sort = SORT_OF.get(rows.kind) or _sort_of_text(texts, distinct)
    numbers = _floats(rows.values) if rows.values is not None and sort in RANGED else None
    if unique and numbers is not None:
        unique = rows.kind is Kind.NUMBER and _counts_through(
            numbers
        )  # of a contract's column it is known what it counts
    else:
        unique = unique and sort in NAMING
    if unique:
        sort, numbers = Sort.IDENTIFIER, None
    return ColumnLook(
        name=rows.name,
        feeds=rows.feeds,
        sort=sort,
        unit=rows.unit,
        looked=len(texts),
        filled=filled,
        distinct=distinct,
        shape=(shortest, longest),
        commonest=() if sort is Sort.IDENTIFIER else tuple(_commonest(counts, filled)),
        unknown=rows.unknown,
        range=_range(rows, numbers, sort) if numbers is not None and len(numbers) else None,
        nearly_unique=unique,
        required=rows.required,
    )


RANGED = (Sort.DAY, Sort.INSTANT, Sort.AMOUNT, Sort.NUMBER)
NAMING = (Sort.IDENTIFIER, Sort.TEXT, Sort.CODE, Sort.CATEGORY)


def _sort_of_text(texts: Any, distinct: int) -> Sort:
    some = texts.drop_null()[:1000]
    if len(some) and pc.all(pc.match_substring_regex(some, "^[0-9]+$")).as_py():
        return Sort.CODE
    return Sort.CATEGORY if distinct <= FEW_VALUES else Sort.TEXT


def _commonest(counts: Any, filled: int) -> Iterator[Counted]:
    found = sorted(
        zip(counts.field("counts").to_pylist(), counts.field("values").to_pylist(), strict=True),
        key=lambda one: (-one[0], one[1]),
    )
    for rows, text in found[:SHOWN]:
        if len(found) <= FEW_VALUES or rows >= COMMON * filled:
            yield Counted(text=text, rows=rows)


def _floats(values: Any) -> Any:
    """As numbers, sorted: days since 1970, seconds since 1970, or as they are; those that are no numbers left out."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    whole = whole.drop_null()
    if pa.types.is_date(whole.type):
        whole = whole.cast(pa.int32())
    if pa.types.is_timestamp(whole.type):
        return np.sort(whole.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(zero_copy_only=False) / 1e6)
    numbers = whole.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.sort(numbers[np.isfinite(numbers)])


def _counts_through(numbers: Any) -> bool:
    """Whether whole numbers name rows: counted through, or all long and of one length."""
    if not len(numbers) or np.any(numbers != np.round(numbers)) or numbers[0] < 0:
        return False
    span = numbers[-1] - numbers[0] + 1
    return bool(span <= 1.5 * len(numbers) or (numbers[0] >= 1e5 and numbers[-1] < 10 * numbers[0]))


def _value(number: float, sort: Sort) -> Value:
    match sort:
        case Sort.DAY:
            return EPOCH + timedelta(days=float(number))
        case Sort.INSTANT:
            return datetime.fromtimestamp(round(float(number)), UTC).replace(tzinfo=None)
        case _:
            return float(number)


def _range(column: ColumnRows, numbers: Any, sort: Sort) -> Range:
    levels, rows = np.unique(numbers, return_counts=True)
    low, quarter, middle, three_quarters, high = np.quantile(numbers, (0, 0.25, 0.5, 0.75, 1), method="lower")
    end = _end(numbers, levels, rows, (quarter, three_quarters), sort)
    return Range(
        low=_value(low, sort),
        quarter=_value(quarter, sort),
        middle=_value(middle, sort),
        three_quarters=_value(three_quarters, sort),
        high=_value(high, sort),
        bars=_bars(levels, rows, end),
        end=None if end is None else _named(end, column, sort),
    )


def _named(end: End, column: ColumnRows, sort: Sort) -> End:
    """The end in the column's own kind of values, and as the file writes it."""
    value, inner = (_value(float(one), sort) for one in (end.value, end.inner))  # type: ignore[arg-type]
    where = pc.equal(column.values, pa.scalar(value).cast(column.values.type))
    written = pc.drop_null(pc.filter(column.texts, where))
    return replace(end, value=value, inner=inner, written=str(written[0]) if len(written) else str(value))


def _end(numbers: Any, levels: Any, rows: Any, half: tuple[float, float], sort: Sort) -> End | None:
    """The more suspicious end: one that is doubtful, else that which stands further from the middle half."""
    if len(levels) < 2:
        return None
    least = FILLERS_FAR.get(sort, 0.0)
    high = _one_end(numbers, levels, rows, least, high=True)
    low = _one_end(numbers, levels, rows, least, high=False)
    if (high.doubt is None) != (low.doubt is None):
        return high if high.doubt else low
    return high if levels[-1] - half[1] >= half[0] - levels[0] else low


def _one_end(numbers: Any, levels: Any, rows: Any, least: float, *, high: bool) -> End:
    end, inner, far = (-1, -2, 0) if high else (0, 1, -1)
    value, beside, here = float(levels[end]), float(levels[inner]), int(rows[end])
    gap, others = abs(value - beside), abs(beside - float(levels[far]))
    doubt = None
    if len(numbers) >= FEWEST and len(levels) > 2:
        many = here >= max(3, 0.005 * len(numbers))
        nines = set(str(abs(value)).removesuffix(".0")) == {"9"}
        if many and gap > max(others if nines else 5 * others, least):
            doubt = Doubt.FILLER
        elif not high and value in FILLERS and beside >= 0 and many:
            doubt = Doubt.NEGATIVE
        elif gap > max(10 * others, least) or _beyond(numbers, high=high):
            doubt = Doubt.FAR
    return End(high=high, value=value, written="", rows=here, inner=beside, doubt=doubt)


def _beyond(numbers: Any, *, high: bool) -> bool:
    """Whether the end lies more than a hundred times further from the middle than 999 of 1000 values do."""
    if len(numbers) < 1000:
        return False
    middle, most = np.quantile(numbers, (0.5, 0.999 if high else 0.001))
    end = numbers[-1] if high else numbers[0]
    return bool(most != middle and abs(end - middle) > 100 * abs(most - middle))


def _bars(levels: Any, rows: Any, end: End | None) -> tuple[int, ...]:
    if end is not None and end.doubt is not None:
        levels, rows = (levels[:-1], rows[:-1]) if end.high else (levels[1:], rows[1:])
    if len(levels) <= BARS:
        return tuple(int(one) for one in rows)
    top = max(float(np.quantile(np.repeat(levels, rows), 0.99)), float(levels[1]))
    places = np.minimum(((levels - levels[0]) / (top - levels[0]) * BARS).astype(int), BARS - 1)
    return tuple(int(one) for one in np.bincount(places, weights=rows, minlength=BARS))


def compared(looks: Sequence[ColumnLook], rows: Sequence[ColumnRows]) -> tuple[ColumnLook, ...]:
    """The same, with what repeats an earlier column in the same words or in others."""
    codes: dict[bytes, int] = {}
    found = list(looks)
    for place, (look, column) in enumerate(zip(looks, rows, strict=True)):
        if look.looked < FEWEST or look.distinct < 2:
            continue
        coded = _coded(column.texts)
        code = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32).tobytes()
        first = codes.setdefault(code, place)
        if first == place:
            continue
        same = coded.dictionary.equals(_coded(rows[first].texts).dictionary)
        if same or not any(one.nearly_unique or one.sort is Sort.IDENTIFIER for one in (look, looks[first])):
            found[place] = replace(look, same_as=looks[first].name, in_other_words=not same)
    return tuple(found)


def _coded(texts: Any) -> Any:
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return whole.dictionary_encode()


NEARLY_SURE, FEWER_MISTAKES = 0.98, 0.1


def telling(look: ColumnLook, rows: ColumnRows, outcomes: Any) -> ColumnLook:
    """The same, with how well the column alone says the outcome, where it says nearly all: 98 % rightly, with a tenth
    of the mistakes of saying always the more frequent.
    """
    known = ~np.isnan(outcomes)
    yes = outcomes[known] > 0
    if look.nearly_unique or len(yes) < FEWEST or yes.all() or not yes.any():
        return look
    numeric = look.sort in RANGED and look.distinct > FEW_VALUES
    if not numeric and look.distinct > FEW_VALUES:
        return look
    right = (
        _right_by_threshold(rows.values, known, yes) if numeric else _right_by_value(rows.texts, known, yes)
    )
    mistakes, usual = len(yes) - right, min(yes.sum(), len(yes) - yes.sum())
    sure = right >= NEARLY_SURE * len(yes) and mistakes <= FEWER_MISTAKES * usual
    return replace(look, tells=right / len(yes)) if sure else look


def _right_by_value(texts: Any, known: Any, yes: Any) -> int:
    codes = _coded(texts).indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(int)[known] + 1
    takers, every = np.bincount(codes, weights=yes), np.bincount(codes)
    return int(np.maximum(takers, every - takers).sum())


def _right_by_threshold(values: Any, known: Any, yes: Any) -> int:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_date(whole.type):
        whole = whole.cast(pa.int32())
    if pa.types.is_timestamp(whole.type):
        whole = whole.cast(pa.int64())
    numbers = whole.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)[known]
    empty = np.isnan(numbers)
    right = max(int(yes[empty].sum()), int((~yes[empty]).sum())) if empty.any() else 0
    kept, takes = numbers[~empty], yes[~empty]
    if not len(kept):
        return right
    order = np.argsort(kept, kind="stable")
    kept, takes = kept[order], takes[order]
    cuts = np.flatnonzero(np.append(np.diff(kept) > 0, True))
    below = np.cumsum(takes)[cuts]
    below_no = cuts + 1 - below
    above, above_no = takes.sum() - below, len(takes) - takes.sum() - below_no
    return right + int(max((below_no + above).max(), (below + above_no).max()))


def takers_of(column: str, outcomes: Any, lines: Any, order: Any = None, by: str = "") -> Takers:
    """Takers in all and by block, in the order of `order` (an array of values), else
    as the rows lie, whose numbers are `lines`.
    """
    known = np.flatnonzero(~np.isnan(outcomes))
    places = known
    if order is not None:
        ranks = pc.sort_indices(order).to_numpy(zero_copy_only=False)
        placed = np.empty(len(ranks), dtype=np.int64)
        placed[ranks] = np.arange(len(ranks))
        places = known[np.argsort(placed[known], kind="stable")]
    yes = outcomes[places] > 0
    named = lines if order is None else order
    blocks = tuple(_block(places, yes, part, named) for part in _parts(places, order))
    return Takers(column=column, rows=len(yes), takers=int(yes.sum()), by=by, blocks=blocks)


def _parts(places: Any, order: Any) -> list[Any]:
    """Rows of equal order stay together where there are few orders; else parts of equal size."""
    if order is not None:
        codes = _coded(order.take(pa.array(places))).indices.fill_null(-1).to_numpy(zero_copy_only=False)
        cuts = np.flatnonzero(np.diff(codes)) + 1
        if len(cuts) < 2 * BLOCKS:
            return [part for part in np.split(np.arange(len(places)), cuts) if len(part)]
    return [part for part in np.array_split(np.arange(len(places)), BLOCKS) if len(part)]


def _block(places: Any, yes: Any, part: Any, named: Any) -> Block:
    first, last = (named[int(places[part[end]])].as_py() for end in (0, -1))
    return Block(first=str(first), last=str(last), rows=len(part), takers=int(yes[part].sum()))
