"""The declared checks of a contract, compiled into SQL expressions over a relation of text columns. Pure.

For a column `x` there are three expressions: `k_x` the cleaned text (null where missing), `v_x` the typed value,
and the column's part of the chain that names the first fault of a row as `reason:column`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from telewave.records import cells, durations
from telewave.records.cells import FULL_WIDTH, PLAIN, is_number_of_time, plain_number
from telewave.records.check_plan import EARLIEST_DATE, EARLIEST_RECORD, Plan, form_of, part, source_of
from telewave.records.faults import first_fault
from telewave.records.mapping import Source
from telewave.records.model import OUTSIDE, Column, Contract, Kind
from telewave.records.moments import calendar_date, instant
from telewave.records.repairs_done import repairs_done
from telewave.records.row_lines import BLANKS
from telewave.records.sql_text import literal, literals, quoted
from telewave.records.telephone import Identifying

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
        SELECT {kept}, {digest} AS digest, {repairs_done(plan)} AS repairs, {first_fault(plan)} AS fault FROM typed
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
        joined += (
            f" LEFT JOIN {forms} AS {quoted(f'of_{name}')} ON c{plan.places[name] + 1} = "
            f"{quoted(f'of_{name}')}.written"
        )
    return joined


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


def _value(plan: Plan, column: Column) -> str:
    text = part("k", column)
    source = source_of(plan, column)
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
    """A whole number; a duration in the file's own way of writing it; 0 where nothing is measured for the row's
    kind.
    """
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
    return (
        f"CASE WHEN lower({text}) IN ({literals(YES)}) THEN true WHEN lower({text}) IN ({literals(NO)}) "
        "THEN false END"
    )


def _code(text: str, source: Source, column: Column) -> str:
    plain = f"CASE WHEN lower({text}) IN ({literals(column.codes)}) THEN lower({text}) END"
    return cells.translated(text, source.codes, plain, loosely=True)


def stored_columns(contract: Contract) -> str:
    """The typed columns under their stored names and exact types."""
    return ", ".join(
        f"CAST({part('v', c)} AS {SQL_TYPES[c.kind]}) AS {quoted(c.name)}" for c in contract.columns
    )
