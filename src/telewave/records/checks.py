"""The declared checks of a contract, compiled into SQL expressions over a relation of text columns. Pure.

For a column `x` there are three expressions: `k_x` the cleaned text (null where missing), `v_x` the typed value,
and the column's part of the chain that names the first fault of a row as `reason:column`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from telewave.kernel import Label
from telewave.records import cells, durations
from telewave.records.cells import FULL_WIDTH, PLAIN, is_number_of_time, plain_number
from telewave.records.mapping import FileFormat, Source
from telewave.records.model import OUTSIDE, Column, Contract, Kind
from telewave.records.moments import calendar_date, instant
from telewave.records.reasons import Reason
from telewave.records.row_lines import BLANKS
from telewave.records.sql_text import literal, literals, quoted
from telewave.records.telephone import CHINA, Identifying, number_plan
from telewave.records.telephone_sql import IdentifierForm

EARLIEST_RECORD = date(1980, 1, 1)
EARLIEST_DATE = date(1890, 1, 1)
ROUNDED = "^[0-9]([.][0-9]+)?[eE][+][0-9]+$"  # how spreadsheets show long numbers: 1.39E+10
RUINED = (
    "(?i)^(?:[-+]?[0-9]+(?:[.,][0-9]+)? *e *[+] *[0-9]+|[-+]?[0-9]+[.,][0-9]+ *e *-?[0-9]+|[0-9]{16,}[.]0+|##+|"
    "#(?:n/a|null!|num!|ref!|div/0!|value!|name[?]|spill!|calc!|getting_data)|err:[0-9]+)$"
)
"""What a spreadsheet makes of identifiers: 1.39E+10 and 1.3800138E10 are rounded, ######## is a column too narrow, the rest are faults of formulas."""
TOTALS = (
    "(?i)^[^0-9A-Za-z]{0,4}(?:合 *计|总 *计|小 *计|共 *计|累 *计|汇 *总|总 *和|"
    "(?:grand|sub|page|report|overall)?[ _-]*totals?|sum)(?: *[:：(（].*)?$"
)
"""What the line at the end of a report calls itself."""
YES = ("true", "t", "yes", "y", "1", "是", "有")
NO = ("false", "f", "no", "n", "0", "否", "无")
HMAC = "sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode({text}))))"
RECORD = "_record"
"""Column beside the contract's of parts whose mapping names a `record_id`: the first 63 bits of its keyed digest."""
SQL_TYPES = {
    Kind.SUBSCRIBER: "INTEGER",
    Kind.PEER: "BIGINT",
    Kind.INTEGER: "BIGINT",
    Kind.MONEY: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.KEY: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.INSTANT: "TIMESTAMP",
    Kind.FLAG: "BOOLEAN",
    Kind.NUMBER: "DOUBLE",
}
ALL_IT_SAYS = Label(
    "all that they say; where both are records, write `record_id` or `repeats: records` in the mapping",
    "所有内容均相同；若两行都是有效记录，请在映射中写明 `record_id` 或 `repeats: records`",
)
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


@dataclass(frozen=True, slots=True)
class Plan:
    """The compiled checks of one file: where each column stands in `raw`, and how outside identifiers are meant.

    `timezone`: the operator's, in whose wall time instants are stored (a table without instants needs none).
    `more`: the places of further source columns, of columns put together from several. `native`: subscriber and peer are stored values already, not outside identifiers.
    `country`: where telephone numbers are at home; `spelled`: the columns with telephone numbers that the relation `spelling` knows.
    `width`: columns of the file; `record_id`: place of the one that tells records apart; `repeats`: rows that say the same are records of their own;
    `full`: who is missing from the file has left; `continues`: place of the column that parts of one long record have in common;
    `reversals`: money may be below zero.
    """

    contract: Contract
    sources: Mapping[str, Source]
    places: Mapping[str, int]
    file: FileFormat
    today: date
    timezone: str = "UTC"
    native: bool = False
    more: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    country: str = CHINA
    spelled: frozenset[str] = frozenset()
    width: int = 0
    record_id: int | None = None
    repeats: bool = False
    full: bool = False
    continues: int | None = None
    reversals: bool = False

    def wanted(self) -> list[int]:
        """The places in the file that are read, from 0."""
        further = {place for more in self.more.values() for place in more}
        told_by = [place for place in (self.record_id, self.continues) if place is not None]
        return sorted({*self.places.values(), *further, *told_by})

    def all_places(self, column: str) -> tuple[int, ...]:
        """The places of the columns that feed `column`, from 0."""
        return (self.places[column], *self.more.get(column, ()))

    def written(self, column: str) -> str:
        """SQL: what the file writes for `column`, as it stands there."""
        texts = [f"c{place + 1}" for place in self.all_places(column)]
        return texts[0] if len(texts) == 1 else f"concat_ws(' ', {', '.join(texts)})"


def part(stage: str, column: Column) -> str:
    """The column at a stage of its checks: t trimmed, u whether an identifier is in its form already, p whether it is a mobile number that differs by its prefix only, k cleaned, v typed."""
    return quoted(f"{stage}_{column.name}")


def typed_query(plan: Plan) -> str:
    """SELECT over `raw`: line, `k_x`, `v_x` of every contract column, `digest`, `repairs`, `fault`."""
    columns = plan.contract.columns
    trimmed = [f"{_trimmed(plan, c)} AS {part('t', c)}" for c in columns]
    usual = [
        f"{form_of(plan, c).usual(part('t', c))} AS {part('u', c)}"
        for c in columns
        if c.kind in OUTSIDE and not plan.native
    ]
    prefixed = [
        f"{form_of(plan, c).prefixed(part('t', c), part('u', c))} AS {part('p', c)}"
        for c in columns
        if c.kind in OUTSIDE and not plan.native
    ]
    cleaned = [f"{_cleaned(plan, c)} AS {part('k', c)}" for c in columns]
    values = [f"{_value(plan, c)} AS {part('v', c)}" for c in columns]
    kept = ", ".join(["line", *(part("k", c) for c in columns), *(part("v", c) for c in columns)])
    identified = any(column.kind is Kind.SUBSCRIBER for column in columns) and not plan.native
    digest = HMAC.format(text='"k_subscriber"') if identified else "NULL::VARCHAR"
    return f"""
        WITH trimmed AS (SELECT *, {", ".join(trimmed)} FROM {_spelled(plan)}),
        told AS (SELECT *, {", ".join(usual) or "true"} FROM trimmed),
        seen AS (SELECT *, {", ".join(prefixed) or "true"} FROM told),
        cleaned AS (SELECT *, {", ".join(cleaned)} FROM seen),
        typed AS (SELECT *, {", ".join(values)} FROM cleaned)
        SELECT {kept}, {digest} AS digest, {_repairs(plan)} AS repairs, {_fault(plan)} AS fault FROM typed
    """


def row_ok(contract: Contract, today: date) -> str:
    """A condition that every good row of a file in contract form meets, over its own typed columns."""
    parts = [part for column in contract.columns for part in _typed_conditions(column, today)]
    for start, end in contract.spans:
        ahead = contract.days_ahead(end)
        parts.append(f'coalesce("{end}" >= "{start}"{f" - {ahead}" if ahead else ""}, true)')
    day = f'CAST("{contract.dated_by}" AS DATE)'
    parts.append(f"{day} BETWEEN DATE '{EARLIEST_RECORD}' AND DATE '{today}'")
    return " AND ".join(f"({part})" for part in parts)


def _typed_conditions(column: Column, today: date) -> Iterator[str]:
    name = f'"{column.name}"'
    checks = []
    if column.codes:
        checks.append(f"{name} IN ({literals(column.codes)})")
    if column.low is not None:
        checks.append(f"{name} >= {column.low:.0f}")
    if column.high is not None:
        checks.append(f"{name} <= {column.high:.0f}")
    if column.kind in (Kind.DATE, Kind.INSTANT):
        checks += _day_conditions(name, column, today)
    if column.kind in (Kind.TEXT, Kind.KEY):
        checks.append(f"{name} <> '' AND trim({name}, {literal(BLANKS)}) = {name}")
    if column.kind is Kind.PEER:
        checks.append(f"{name} >= 0")
    if column.required:
        yield " AND ".join([f"{name} IS NOT NULL", *checks])
    elif checks:
        yield f"coalesce({' AND '.join(checks)}, {name} IS NULL)"


def _day_conditions(name: str, column: Column, today: date) -> Iterator[str]:
    yield f"{name} >= DATE '{EARLIEST_DATE}'"
    if column.past:
        yield f"{name} <= DATE '{today}'"
    if column.first_of_month:
        yield f"day({name}) = 1"


def _trimmed(plan: Plan, column: Column) -> str:
    source = plan.sources.get(column.name)
    if source is None:
        return "NULL::VARCHAR"
    if source.constant is not None:
        return literal(source.constant)
    words = cells.words_for_nothing(column, source, plan.file)
    return cells.cell(plan.all_places(column.name), source, words, plan.file.decimal)


def _spelled(plan: Plan) -> str:
    """The relation of the file's rows, with the forms of telephone numbers that had to be looked up."""
    joined = "raw"
    for name in sorted(plan.spelled):
        forms = (
            f'(SELECT written, form AS {quoted(f"s_{name}")} FROM spelling WHERE "column" = {literal(name)})'
        )
        joined += f" LEFT JOIN {forms} AS {quoted(f'of_{name}')} ON c{plan.places[name] + 1} = {quoted(f'of_{name}')}.written"
    return joined


def form_of(plan: Plan, column: Column) -> IdentifierForm:
    """How the column's outside identifiers are brought to one form."""
    source = plan.sources.get(column.name)
    said = source.identifying if source else None
    default = {Kind.PEER: Identifying.PHONE, Kind.SUBSCRIBER: Identifying.AUTO}
    return IdentifierForm(number_plan(plan.country), said or default.get(column.kind, Identifying.TEXT))


def _cleaned(plan: Plan, column: Column) -> str:
    text = trimmed = part("t", column)
    if column.kind in OUTSIDE and not plan.native:
        looked_up = quoted(f"s_{column.name}") if column.name in plan.spelled else "NULL"
        text = (
            f"nullif({form_of(plan, column).form(text, looked_up, part('u', column), part('p', column))}, '')"
        )
    elif column.kind not in (Kind.TEXT, Kind.KEY):
        plain = f"translate({text}, {literal(FULL_WIDTH)}, {literal(PLAIN)})"
        text = f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {plain} END"  # bytes, characters
    source = plan.sources.get(column.name)
    if source is None or source.constant is not None or plan.native:
        return f"CASE WHEN {trimmed} <> '' THEN {text} END"
    words = cells.words_for_nothing(column, source, plan.file)
    return cells.kept(text, trimmed, words, source.otherwise)


def _source(plan: Plan, column: Column) -> Source:
    """What the mapping says of the column; nothing where no column feeds it."""
    return plan.sources.get(column.name) or Source(column.name)


def _value(plan: Plan, column: Column) -> str:
    text = part("k", column)
    source = _source(plan, column)
    match column.kind:
        case Kind.SUBSCRIBER:
            return f"TRY_CAST({text} AS INTEGER)" if plan.native else "NULL::INTEGER"
        case Kind.PEER:
            return f"TRY_CAST({text} AS BIGINT)" if plan.native else _peer_digest(plan, column)
        case Kind.INTEGER | Kind.MONEY:
            return _whole(plan, column, source)
        case Kind.DATE:
            return calendar_date(text, source, plan.timezone)
        case Kind.INSTANT:
            return instant(text, source, plan.timezone)
        case Kind.CODE:
            return _code(text, source, column)
        case Kind.NUMBER:
            return real_number(text, source, plan.file.decimal)
        case Kind.FLAG:
            return flag(text)
        case _:
            return cells.translated(text, source.codes, text, loosely=False)


def _whole(plan: Plan, column: Column, source: Source) -> str:
    """A whole number; a duration in the file's own way of writing it; 0 where nothing is measured for the row's kind."""
    text = part("k", column)
    value = whole_number(text, source, plan.file.decimal, exact=column.kind is Kind.MONEY)
    if is_number_of_time(column):
        value = f"coalesce({value}, {durations.seconds(text, source.formats)})"
    if column.spared:
        kind = part("v", plan.contract.column("kind"))
        value = f"CASE WHEN {text} IS NULL AND {kind} IN ({literals(column.spared)}) THEN 0 ELSE {value} END"
    return value


def _peer_digest(plan: Plan, column: Column) -> str:
    """Somebody else's number as a keyed digest: the first 63 bits of the HMAC of its digits."""
    text = part("k", column)
    plain = f"regexp_replace({text}, '[^0-9A-Za-z*#@.]', '', 'g')"
    if form_of(plan, column).identifying is Identifying.PHONE:  # what is in the form has nothing to leave out
        plain = f"CASE WHEN {part('u', column)} OR {part('p', column)} THEN {text} ELSE {plain} END"
    return f"(('0x' || substr({HMAC.format(text=plain)}, 1, 16))::UBIGINT >> 1)::BIGINT"


def _decimal(text: str, source: Source, decimal: str) -> str:
    number = f"TRY_CAST({plain_number(text, decimal)} AS DECIMAL(27, 6))"
    if source.factor is None:
        return number
    # DECIMAL(27, 6) times either stays within the 38 digits of an exact product.
    exact = "DECIMAL(10, 4)" if source.factor == round(source.factor, 4) else "DECIMAL(11, 10)"
    return f"({number} * CAST({source.factor:f} AS {exact}))"


def whole_number(text: str, source: Source, decimal: str, *, exact: bool) -> str:
    """A whole number of the column's unit. Money must come out exact; other numbers round after a factor."""
    number = _decimal(text, source, decimal)
    if source.factor and not exact:
        return f"TRY_CAST(round({number}) AS BIGINT)"
    return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"


def real_number(text: str, source: Source, decimal: str) -> str:
    """A number for statistics; infinities and not-a-numbers are no values."""
    number = f"TRY_CAST({plain_number(text, decimal)} AS DOUBLE)"
    number = f"{number} * {source.factor:f}" if source.factor else number
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def flag(text: str) -> str:
    """Yes or no, as files write it."""
    return f"CASE WHEN lower({text}) IN ({literals(YES)}) THEN true WHEN lower({text}) IN ({literals(NO)}) THEN false END"


def _code(text: str, source: Source, column: Column) -> str:
    plain = f"CASE WHEN lower({text}) IN ({literals(column.codes)}) THEN lower({text}) END"
    return cells.translated(text, source.codes, plain, loosely=True)


def _fault(plan: Plan) -> str:
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
                f"CASE WHEN {part('u', column)} OR {part('p', column)} THEN false ELSE regexp_matches({text}, {literal(RUINED)}) END",
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
            f"coalesce({number}, CAST({durations.seconds(text, _source(plan, column).formats)} AS DOUBLE))"
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


def _repairs(plan: Plan) -> str:
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
    """Cells whose word stands for nothing though the mapping does not say so, and blank ones that count as the default."""
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


def stored_columns(contract: Contract) -> str:
    """The typed columns under their stored names and exact types."""
    return ", ".join(
        f"CAST({part('v', c)} AS {SQL_TYPES[c.kind]}) AS {quoted(c.name)}" for c in contract.columns
    )
