"""Which repairs were done in a row: a bit for each, as an SQL expression over its columns. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from telewave.records import cells
from telewave.records.check_plan import Plan, form_of, part
from telewave.records.model import OUTSIDE, Column, Kind
from telewave.records.sql_text import literals

REPAIR_BITS = {
    "blanks_trimmed": 1,
    "full_width": 2,
    "thousands": 4,
    "code_case": 8,
    "code_translated": 16,
    "invisible_characters": 32,
    "text_marks": 64,
    "decimal_point": 128,
    "number_separators": 256,
    "number_prefix": 512,
    "word_for_nothing": 1024,
    "default": 2048,
}


def repairs_done(plan: Plan) -> str:
    """A bit set of the repairs done in a row."""
    done: dict[str, list[str]] = {name: [] for name in REPAIR_BITS}
    formed: list[str] = []
    for column in plan.contract.columns:
        if column.name not in plan.places or (plan.native and column.kind is not Kind.CODE):
            continue
        raw, trimmed, text = f"c{plan.places[column.name] + 1}", part("t", column), part("k", column)
        if column.name not in plan.more:
            done["blanks_trimmed"].append(f"{raw} <> {trimmed}")
        _of_nothing(plan, column, done)
        if column.kind in OUTSIDE:
            to_form = form_of(plan, column).repairs(trimmed, text)
            bits = _bits({name: [condition] for name, condition in to_form.items()})
            same = f"{part('u', column)} OR {trimmed} = {text} OR {text} IS NULL"
            few = form_of(plan, column).repairs_of_prefixed(trimmed)
            prefixed = _bits({name: [condition] for name, condition in few.items()})
            formed.append(f"CASE WHEN {same} THEN 0 WHEN {part('p', column)} THEN {prefixed} ELSE {bits} END")
        elif column.kind is not Kind.TEXT:
            done["full_width"].append(f"{trimmed} <> {text}")
        if column.kind in (Kind.INTEGER, Kind.MONEY, Kind.NUMBER):
            done["thousands"].append(f"contains({text}, '{',' if plan.file.decimal == '.' else '.'}')")
        if column.kind is Kind.CODE:
            done["code_case"].append(f"{text} <> lower({text}) AND lower({text}) = {part('v', column)}")
        if column.kind is Kind.CODE and plan.sources[column.name].codes:
            done["code_translated"].append(f"lower({text}) <> {part('v', column)}")
        elif translated := [written for written, _ in plan.sources[column.name].codes]:
            done["code_translated"].append(f"{text} IN ({literals(translated)})")
    return " | ".join(f"({bits})" for bits in (_bits(done), *formed))


def _bits(done: Mapping[str, Sequence[str]]) -> str:
    bits = [
        f"CASE WHEN {' OR '.join(f'({c})' for c in conditions)} THEN {REPAIR_BITS[name]} ELSE 0 END"
        for name, conditions in done.items()
        if conditions
    ]
    return " + ".join(bits) or "0"


def _of_nothing(plan: Plan, column: Column, done: dict[str, list[str]]) -> None:
    """Cells whose word stands for nothing though the mapping does not say so, and blank ones that count as the
    default.
    """
    source = plan.sources[column.name]
    trimmed, text, otherwise = part("t", column), part("k", column), source.otherwise
    if plan.native:
        return
    said = (*plan.file.missing, *source.missing)
    if otherwise is None:
        if not column.required or column.spared:  # else the row is refused, and its repairs are not told
            done["word_for_nothing"].append(f"{text} IS NULL AND {trimmed} NOT IN ({literals(('', *said))})")
        return
    words = cells.words_for_nothing(column, source, plan.file)
    if unsaid := [word for word in words if word not in said]:
        done["word_for_nothing"].append(f"{trimmed} IN ({literals(unsaid)})")
    done["default"].append(f"{trimmed} IN ({literals(('', *words))})")
