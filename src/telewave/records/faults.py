"""Which condition in SQL makes a row faulty, for which reason, and what would have been allowed. Pure.

The first fault of a row is named as `reason:column`.
"""

from __future__ import annotations

from collections.abc import Iterator

from telewave.kernel import Label
from telewave.records import durations
from telewave.records.cells import is_number_of_time, plain_number
from telewave.records.check_plan import EARLIEST_DATE, EARLIEST_RECORD, Plan, part, source_of
from telewave.records.model import Column, Kind
from telewave.records.reasons import Reason
from telewave.records.sql_text import literal

ROUNDED = "^[0-9]([.][0-9]+)?[eE][+][0-9]+$"  # how spreadsheets show long numbers: 1.39E+10
RUINED = (
    "(?i)^(?:[-+]?[0-9]+(?:[.,][0-9]+)? *e *[+] *[0-9]+|[-+]?[0-9]+[.,][0-9]+ *e *-?[0-9]+|[0-9]{16,}[.]0+|##+|"
    "#(?:n/a|null!|num!|ref!|div/0!|value!|name[?]|spill!|calc!|getting_data)|err:[0-9]+)$"
)
"""What a spreadsheet makes of identifiers: 1.39E+10 and 1.3800138E10 are rounded, ######## is a
column too narrow, the rest are faults of formulas.
"""
TOTALS = (
    "(?i)^[^0-9A-Za-z]{0,4}(?:合 *计|总 *计|小 *计|共 *计|累 *计|汇 *总|总 *和|"
    "(?:grand|sub|page|report|overall)?[ _-]*totals?|sum)(?: *[:：(（].*)?$"
)
"""What the line at the end of a report calls itself."""
ALL_IT_SAYS = Label(
    "all that they say; where both are records, write `record_id` or `repeats: records` in the mapping",
    "所有内容均相同；若两行都是有效记录，请在映射中写明 `record_id` 或 `repeats: records`",
)


def first_fault(plan: Plan) -> str:
    """The first fault of a row as `reason:column`; null where it has none."""
    whens = [
        f"WHEN {condition} THEN {literal(f'{Reason.TOTAL_ROW}:{name}')}" for name, condition in _totals(plan)
    ]
    for column in plan.contract.columns:
        whens += [
            f"WHEN {condition} THEN {literal(f'{reason}:{column.name}')}"
            for reason, condition in _faults(plan, column)
        ]
    return f"CASE {' '.join(whens)} END"


def _faults(plan: Plan, column: Column) -> Iterator[tuple[Reason, str]]:
    text, value = part("k", column), part("v", column)
    if column.name in plan.places:
        yield Reason.UNDECODABLE, f"contains({text}, '\ufffd')"
        yield Reason.NUL_BYTE, f"contains({text}, chr(0))"
    if column.required:
        yield Reason.MISSING_VALUE, f"{value if column.spared else text} IS NULL AND {text} IS NULL"
    match column.kind:
        case Kind.INTEGER | Kind.MONEY:
            yield from _number_faults(plan, column)
        case Kind.SUBSCRIBER | Kind.PEER if plan.native:
            yield Reason.NOT_A_NUMBER, f"{text} IS NOT NULL AND {value} IS NULL"
            yield Reason.NEGATIVE, f"{value} < 0"
        case Kind.SUBSCRIBER | Kind.PEER | Kind.KEY if not plan.native:
            yield (
                Reason.SPREADSHEET_NUMBER,
                (
                    f"CASE WHEN {part('u', column)} OR {part('p', column)} THEN false ELSE "
                    f"regexp_matches({text}, {literal(RUINED)}) END"
                ),
            )
        case Kind.DATE | Kind.INSTANT:
            yield from _time_faults(plan, column)
        case Kind.NUMBER:
            yield Reason.NOT_A_NUMBER, f"{text} IS NOT NULL AND {value} IS NULL"
        case Kind.FLAG:
            yield Reason.NOT_A_FLAG, f"{text} IS NOT NULL AND {value} IS NULL"
        case Kind.CODE:
            yield Reason.UNKNOWN_CODE, f"{text} IS NOT NULL AND {value} IS NULL"
        case _:
            return


def _totals(plan: Plan) -> Iterator[tuple[str, str]]:
    """Lines that sum others up: they say so where the identifier should be, or anywhere else if there is none."""
    identified = [column for column in plan.contract.columns if column.kind is Kind.SUBSCRIBER]
    if plan.native or not identified or "subscriber" not in plan.places:
        return
    text = part("k", identified[0])
    others = [part("t", c) for c in plan.contract.columns if c.name in plan.places and c is not identified[0]]
    said = " OR ".join(f"regexp_matches({other}, {literal(TOTALS)})" for other in others) or "false"
    total = f"regexp_matches({text}, {literal(TOTALS)})"
    number = f"{text} >= '0' AND {text} < ':'"  # what begins with a digit, as most do, is asked no more
    yield "subscriber", f"CASE WHEN {text} IS NULL THEN ({said}) WHEN {number} THEN false ELSE {total} END"


def _number_faults(plan: Plan, column: Column) -> Iterator[tuple[Reason, str]]:
    text, value = part("k", column), part("v", column)
    number = f"TRY_CAST({plain_number(text, plan.file.decimal)} AS DOUBLE)"
    if is_number_of_time(column):
        number = (
            f"coalesce({number}, CAST({durations.seconds(text, source_of(plan, column).formats)} AS DOUBLE))"
        )
    yield Reason.SPREADSHEET_NUMBER, f"regexp_matches({text}, '{ROUNDED}')"
    yield Reason.NOT_A_NUMBER, f"{text} IS NOT NULL AND ({number} IS NULL OR NOT isfinite({number}))"
    if column.low == 0 and plan.reversals and column.kind is Kind.MONEY:
        yield Reason.TOO_SMALL, f"{value} < -{column.high:.0f}"
    elif column.low == 0:
        yield Reason.NEGATIVE, f"{number} < 0"
    elif column.low is not None:
        yield Reason.TOO_SMALL, f"{value} < {column.low:.0f}"
    top = f"{column.high:.0f}" if column.high is not None else "9e15"
    yield Reason.TOO_LARGE, f"{value} > {top} OR ({value} IS NULL AND abs({number}) > {top})"
    yield Reason.NOT_WHOLE, f"{text} IS NOT NULL AND {value} IS NULL"


def _time_faults(plan: Plan, column: Column) -> Iterator[tuple[Reason, str]]:
    text, value = part("k", column), part("v", column)
    unread = Reason.NOT_A_DATE if column.kind is Kind.DATE else Reason.NOT_AN_INSTANT
    yield unread, f"{text} IS NOT NULL AND {value} IS NULL"
    dated = column.name == plan.contract.dated_by
    yield Reason.OUT_OF_CALENDAR, f"{value} < DATE '{EARLIEST_RECORD if dated else EARLIEST_DATE}'"
    if dated or column.past:
        yield Reason.FUTURE_DAY, f"CAST({value} AS DATE) > DATE '{plan.today}'"
    if column.first_of_month:
        yield Reason.NOT_FIRST_OF_MONTH, f"day({value}) <> 1"
    for start in plan.contract.starts(column.name):
        ahead = plan.contract.days_ahead(column.name)
        yield (
            Reason.END_BEFORE_START,
            f"{value} < {part('v', plan.contract.column(start))}{f' - {ahead}' if ahead else ''}",
        )


def limit_of(plan: Plan, reason: str, column: Column) -> Label | str:
    """What was allowed where the row went wrong, for the sentence."""
    match Reason(reason):
        case Reason.UNKNOWN_CODE:
            return ", ".join(column.codes)
        case Reason.FUTURE_DAY:
            return str(plan.today)
        case Reason.OUT_OF_CALENDAR:
            dated = column.name == plan.contract.dated_by
            return f"{EARLIEST_RECORD if dated else EARLIEST_DATE} .. {plan.today if dated else '9999-12-31'}"
        case Reason.END_BEFORE_START:
            starts = [plan.contract.column(start).label for start in plan.contract.starts(column.name)]
            return Label(", ".join(label.en for label in starts), "、".join(label.zh for label in starts))
        case Reason.TOO_SMALL:
            least = -(column.high or 0) if plan.reversals else column.low
            return f"{least:,.0f} {column.unit}".strip()
        case Reason.TOO_LARGE:
            return f"{column.high if column.high is not None else 9e15:,.0f} {column.unit}".strip()
        case Reason.NOT_WHOLE:
            return column.unit or column.label
        case _:
            return ALL_IT_SAYS if plan.contract.events else ", ".join(plan.contract.key)
