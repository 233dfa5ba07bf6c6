"""Outside tables with columns of their own, as `samples.<name>`: for models and audiences on files that fit no
contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from telewave.kernel import Label, Malformed
from telewave.platform.settings import COUNTRY
from telewave.records.cells import cell, words_for_nothing
from telewave.records.check_plan import Plan, part
from telewave.records.checks import real_number, stored_columns, typed_query
from telewave.records.code_numbers import CodeShape, code_shape, numbers_are_codes
from telewave.records.destination import Destination
from telewave.records.judging import Judged, Numbering, copy_to, not_in_file, place_of, report_of
from telewave.records.look_samples import look_at_outside_file
from telewave.records.mapping import SampleMapping, Source, VariableSource
from telewave.records.model import Column, Contract, Kind
from telewave.records.moments import calendar_date
from telewave.records.outcomes import judge_outcomes
from telewave.records.quarantine import write_refused
from telewave.records.reading import header_of, read_raw
from telewave.records.spelling import spell
from telewave.records.sql_text import literals

PARTITION = "all"
NAMES = {Kind.NUMBER: "number", Kind.TEXT: "category", Kind.FLAG: "flag", Kind.DATE: "date"}
OUTCOME = Column("outcome", Kind.TEXT, Label("Outcome", "结果"), required=False)
ORDER = Column("sequence", Kind.TEXT, Label("Order", "顺序"))
KEY = Column("subscriber", Kind.SUBSCRIBER, Label("Subscriber", "用户"))
RESERVED = ("subscriber", "sequence", "outcome")


class OrderUnreadable(Malformed):
    """The column {column} of {file}, which orders the rows, holds values that are neither numbers nor
    dates, for example {value!r}. Give its `formats`, name another column, or write `order: rows` (they lie
    in order of time) or `order: none` (in no order).
    """

    code = "order_unreadable"


class ReservedName(Malformed):
    """The column {column} of {file} has a name that Telewave uses itself. Rename it in the mapping under
    `columns`: another name with `from: {column}`.
    """

    code = "reserved_name"


def judge_sample(
    con: Any,
    mapping: SampleMapping,
    path: Path,
    delivery: str,
    target: Destination,
    today: date,
    timezone: str,
    numbering: Numbering,
    country: str = COUNTRY,
    *,
    look: int = 0,
) -> Judged:
    """Judge an outside file and make its good rows the partition "all" of the table, in place of what
    was there. `look`: of how many rows to say what
    stands in them.

    Raises `ColumnNotInFile`, `AmbiguousColumn`, `OutcomeNeverPositive`,
    `OrderUnreadable`, `ReservedName` or a reading error.
    """
    header = header_of(path, mapping.file)
    variables = _variables(mapping, header, path.name)
    plan = replace(_plan(mapping, variables, header, path.name, today), timezone=timezone)
    raw = read_raw(con, path, mapping.file, plan.wanted(), target.folder())
    variables = tuple(_with_kind(con, v, plan) for v in variables)
    plan = replace(_plan(mapping, variables, header, path.name, today), timezone=timezone, country=country)
    con.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {typed_query(spell(con, plan))}")
    if mapping.key:
        numbering.look_up()
        numbering.give_numbers()
    _judged(con, mapping)
    outcome = judge_outcomes(con, mapping, path.name).value() if mapping.outcome else "NULL::BOOLEAN"
    rows = _write(con, plan, _order(con, mapping, plan, path.name), outcome, delivery, target)
    target.change.facts["title"] = asdict(mapping.title)
    target.change.facts["key"] = mapping.key
    target.change.facts["order"] = mapping.said_of_order.value
    target.change.facts["outcome"] = mapping.outcome
    target.change.facts["columns"] = [_described(variable) for variable in variables]
    quarantine = write_refused(con, plan, raw, delivery, target)
    report = report_of(con, plan, path, delivery, raw, {PARTITION: rows} if rows else {})
    if look:
        report = replace(report, look=look_at_outside_file(con, plan, path, mapping, outcome, most=look))
    return Judged(report, quarantine)


def _variables(mapping: SampleMapping, header: Sequence[str], file: str) -> tuple[VariableSource, ...]:
    """What the mapping says, and every other column under its own name, in the order of the file."""
    said = {variable.source.source: variable for variable in mapping.variables}
    for name in (*said, *mapping.ignored):
        if name not in header:
            raise not_in_file(name or "", str(name), tuple(header), file)
    taken = {other for variable in mapping.variables for other in variable.source.also}
    left_out = {mapping.outcome, mapping.key, *mapping.ignored, *taken} - said.keys()
    found = [said.get(name) or VariableSource(Source(name, name)) for name in header if name not in left_out]
    for variable in found:
        if variable.source.column in RESERVED:
            raise ReservedName(column=variable.source.column, file=file)
    return tuple(found)


def _plan(
    mapping: SampleMapping, variables: Sequence[VariableSource], header: Sequence[str], file: str, today: date
) -> Plan:
    columns = [Column(v.source.column, v.kind or Kind.TEXT, _label(v), required=False) for v in variables]
    sources = {v.source.column: v.source for v in variables}
    for column, source in ((OUTCOME, mapping.outcome), (ORDER, _column_of(mapping)), (KEY, mapping.key)):
        if source:
            columns.append(column)
            given = source if isinstance(source, Source) else Source(column.name, source)
            sources[column.name] = given
    if mapping.outcome:
        meant = (*mapping.positive, *mapping.negative)
        sources[OUTCOME.name] = replace(sources[OUTCOME.name], known=meant, missing=mapping.unknown_outcomes)
    places = {name: place_of(s.source or "", name, tuple(header), file) for name, s in sources.items()}
    contract = Contract(
        mapping.table, mapping.title, tuple(columns), key=("subscriber",), dated_by="", refers=False
    )
    more = {
        name: tuple(place_of(other, name, tuple(header), file) for other in s.also)
        for name, s in sources.items()
        if s.also
    }
    return Plan(
        contract=contract,
        sources=sources,
        places=places,
        file=mapping.file,
        today=today,
        more=more,
        width=len(header),
    )


def _column_of(mapping: SampleMapping) -> Source | None:
    """The column that orders the rows, if one does."""
    return mapping.order if isinstance(mapping.order, Source) else None


def _label(variable: VariableSource) -> Label:
    return variable.label or Label(variable.source.column, variable.source.column)


def _with_kind(con: Any, variable: VariableSource, plan: Plan) -> VariableSource:
    """The variable with the kind its values show: numbers, dates, true/false, else categories."""
    if variable.kind is not None:
        return variable
    source, file = variable.source, plan.file
    words = words_for_nothing(Column(source.column, Kind.TEXT, _label(variable)), source, file)
    text = cell(plan.all_places(source.column), source, words, file.decimal)
    cells = f"(SELECT {text} AS cell FROM raw) WHERE cell NOT IN ({literals(('', *words))})"
    ((rows, numbers, flags, *shape),) = con.execute(
        f"SELECT count(*), count({real_number('cell', source, file.decimal)}), "
        f"count(*) FILTER (lower(cell) IN ('true', 'false')), {code_shape('cell')} FROM {cells}"
    ).fetchall()
    if rows and rows == flags:
        return replace(variable, kind=Kind.FLAG)
    if rows and rows == numbers and not source.formats:
        written = CodeShape(**dict(zip(CodeShape.__slots__, shape, strict=True)))
        coded = source.factor is None and numbers_are_codes(str(source.source), rows, written)
        return replace(variable, kind=Kind.TEXT if coded else Kind.NUMBER)
    return replace(
        variable, kind=Kind.DATE if rows and _all_dates(con, source, plan.timezone, cells) else Kind.TEXT
    )


def _all_dates(con: Any, source: Source, timezone: str, cells: str) -> bool:
    """Whether every cell is a date; a few are tried first, since words that are no dates are slow to refuse."""
    odd = f"count(*) FILTER ({calendar_date('cell', source, timezone)} IS NULL)"
    for some in (f"(SELECT cell FROM {cells} LIMIT 50)", f"(SELECT cell FROM {cells})"):
        if con.execute(f"SELECT {odd} FROM {some}").fetchall()[0][0]:
            return False
    return True


def _judged(con: Any, mapping: SampleMapping) -> None:
    present = '(SELECT arg_max(number, since) FROM of_line WHERE "first" = identity.number)'
    several = con.execute("SELECT count(*) FROM of_line").fetchall()[0][0]
    known = f"coalesce({present}, identity.number)" if several else "identity.number"
    known = known if mapping.key else "NULL::INTEGER"
    keyed = f"typed.* REPLACE ({known} AS v_subscriber)" if mapping.key else "typed.*"
    join = "LEFT JOIN identity USING (digest)" if mapping.key else ""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE judged AS SELECT {keyed}, NULL::VARCHAR AS other FROM typed {join}"
    )
    con.execute("DROP TABLE typed")
    if mapping.key:
        con.execute(
            "UPDATE judged SET fault = 'duplicate_in_file:', other = first::VARCHAR FROM (SELECT line AS again, "
            "min(line) OVER (PARTITION BY v_subscriber) AS first FROM judged WHERE fault IS NULL) "
            "WHERE line = again AND again <> first"
        )


def _order(con: Any, mapping: SampleMapping, plan: Plan, file: str) -> str:
    """The place of a row in the declared order, from 0; rows of equal order share it."""
    if not isinstance(mapping.order, Source):
        return "row_number() OVER (ORDER BY line) - 1"
    text = part("v", ORDER)
    readings = (
        real_number(text, mapping.order, mapping.file.decimal),
        calendar_date(text, mapping.order, plan.timezone),
        f"TRY_CAST({text} AS TIMESTAMP)",
    )
    wanted = readings if not mapping.order.formats else readings[1:]
    for reading in wanted:
        odd = con.execute(
            f"SELECT {text} FROM judged WHERE fault IS NULL AND ({reading}) IS NULL LIMIT 1"
        ).fetchall()
        if not odd:
            return f"dense_rank() OVER (ORDER BY {reading}) - 1"
    raise OrderUnreadable(column=mapping.order.source, file=file, value=odd[0][0])


def _write(con: Any, plan: Plan, order: str, outcome: str, delivery: str, target: Destination) -> int:
    keyed = KEY.name in plan.places
    number = "v_subscriber" if keyed else "(row_number() OVER (ORDER BY line) - 1)::INTEGER"
    names = tuple(c for c in plan.contract.columns if c.name not in RESERVED)
    variables = stored_columns(replace(plan.contract, columns=names))
    file = target.change.new_file(PARTITION)
    copy_to(
        con,
        f"SELECT {number} AS subscriber, ({order})::BIGINT AS sequence, {outcome} AS outcome, {variables} "
        "FROM judged WHERE fault IS NULL ORDER BY sequence, line",
        file,
    )
    target.change.set(PARTITION, {file: delivery})
    for other in [name for name in target.deliveries if name != delivery]:
        del target.deliveries[other]
    return sum(stored.rows for stored in target.change.partitions[PARTITION])


def _described(variable: VariableSource) -> dict[str, Any]:
    label = _label(variable)
    meaning = variable.meaning or label
    return {
        "name": variable.source.column,
        "kind": NAMES[variable.kind or Kind.TEXT],
        "unit": variable.unit,
        "label": asdict(label),
        "meaning": asdict(meaning),
    }
