"""How the worked example's tables are written: as a Chinese BSS exports them, and the mapping that reads them back.
Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from telewave.records.contracts import CONTRACTS
from telewave.records.model import Column, Contract, Kind
from telewave.simulation.export_words import INTERNATIONAL, WORDS
from telewave.simulation.facts import OFFERS

FIRST_NUMBER = 13_900_000_000
"""The outside number of subscriber 0."""
FOREVER = "20991231"
"""What the export writes as the end of what has none."""
BILLED_AFTER = 3
"""Days after its month's end on which a bill comes out; the export does not say."""
NO_END = ("ends_on", "contract_ends_on")

HEADERS = {
    "subscriber": "手机号码",
    "customer": "客户编号",
    "activated_on": "入网时间",
    "district": "归属区县",
    "payment": "付费类型",
    "segment": "客户类型",
    "amount_minor": "金额（元）",
    "price_minor": "标价（元）",
    "duration_s": "时长（秒）",
    "volume_kb": "流量（字节）",
}
"""Headers that are not simply the contract's own name for the column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one table is written: delimiter, formats of days and instants, headers of
    its own, columns that the export has not.
    """

    delimiter: str = ","
    day: str = "%Y%m%d"
    instant: str = "%Y%m%d%H%M%S"
    headers: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


STYLES: dict[str, Style] = {
    "subscribers": Style(left_out=("ended_on", "end_reason")),
    "devices": Style(day="%Y-%m-%d"),
    "holdings": Style(delimiter=";"),
    "bills": Style(left_out=("issued_on", "kind")),
    "payments": Style(headers={"amount_minor": "实缴金额（分）"}),
    "usage": Style(delimiter="|", headers={"kind": "业务类型", "direction": "呼叫类型", "peer": "对方号码"}),
    "contacts": Style(delimiter=";", instant="%Y-%m-%d %H:%M:%S"),
    "complaints": Style(instant="%Y/%m/%d %H:%M:%S"),
    "orders": Style(instant="%Y-%m-%d %H:%M:%S", headers={"activated_on": "激活日期"}),
}
"""The tables of the example, in the order in which they are ingested. Different systems, different habits."""
FACTORS = {"（元）": "100", "（字节）": "1/1024"}
"""What turns the unit that a header names into the contract's."""


def word(column: Column, code: str) -> str:
    """What the export writes for `code`."""
    return INTERNATIONAL[column.name] if code == "international" else WORDS[code]


def header(table: str, column: Column) -> str:
    """What the export calls the column."""
    return STYLES[table].headers.get(column.name) or HEADERS.get(column.name, column.label.zh)


def export_query(contract: Contract) -> str:
    """SQL that turns the contract's rows, a relation `records`, into the export's texts.

    The export knows no parts of a second: of records that agree in the key but for these, the first stays.
    """
    table = contract.name
    kept = [c for c in contract.columns if c.name not in STYLES[table].left_out]
    columns = ", ".join(f'{_written(table, c)} AS "{header(table, c)}"' for c in kept)
    keys = ", ".join(
        f"date_trunc('second', {name})" if contract.column(name).kind == Kind.INSTANT else name
        for name in contract.key
    )
    others = ", ".join(c.name for c in contract.columns)
    return (
        f"SELECT {columns} FROM records "  # noqa: S608 - names of our own
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {others}) = 1 "
        f"ORDER BY {contract.dated_by}, {others}"
    )


def _written(table: str, column: Column) -> str:
    name = column.name
    match column.kind:
        case Kind.SUBSCRIBER:
            return f"({FIRST_NUMBER} + {name})::VARCHAR"
        case Kind.DATE:
            written = f"strftime({name}, '{_day(table, column)}')"
            return f"coalesce({written}, '{FOREVER}')" if name in NO_END else written
        case Kind.FLAG:
            return f"CASE WHEN {name} THEN '是' WHEN NOT {name} THEN '否' END"
        case Kind.INSTANT:
            return f"strftime({name}, '{STYLES[table].instant}')"
        case Kind.MONEY | Kind.INTEGER:
            return _amount(header(table, column), name)
        case Kind.CODE | Kind.TEXT if codes := _codes(column):
            cases = " ".join(f"WHEN '{code}' THEN '{word(column, code)}'" for code in codes)
            return f"CASE {name} {cases} END"
        case _:
            return f"{name}::VARCHAR"


def _amount(named: str, name: str) -> str:
    if named.endswith("（元）"):
        return f"({name} / 100)::DECIMAL(14, 2)::VARCHAR"
    return f"({name} * 1024)::VARCHAR" if named.endswith("（字节）") else f"{name}::VARCHAR"


def _codes(column: Column) -> tuple[str, ...]:
    """The codes that the export writes in words; none: it writes what is stored."""
    return OFFERS if column.name == "offer" else column.codes


def _day(table: str, column: Column) -> str:
    return "%Y%m" if column.first_of_month else STYLES[table].day


def _mapped(contract: Contract) -> list[Column]:
    """The columns that the export has, or that its mapping finds otherwise."""
    left_out = STYLES[contract.name].left_out
    return [column for column in contract.columns if column.required or column.name not in left_out]


def mapping_text(name: str) -> str:
    """The mapping file of the table `name`, as a person would write it."""
    contract = CONTRACTS[name]
    lines = [
        f"# {contract.label.zh}: how {name}.csv feeds the table `{name}`.",
        f"table: {name}",
        f'file: {{encoding: gb18030, delimiter: "{STYLES[name].delimiter}"}}',
        "columns:",
        *(f"  {column.name}: {_source(name, column)}" for column in _mapped(contract)),
    ]
    return "\n".join(lines) + "\n"


def _source(table: str, column: Column) -> str:
    named = header(table, column)
    match column.kind:
        case Kind.MONEY | Kind.INTEGER:
            factor = next((f for unit, f in FACTORS.items() if named.endswith(unit)), None)
            return f"{{from: {named}, factor: {factor}}}" if factor else named
        case Kind.DATE if column.name in STYLES[table].left_out:
            month = header(table, CONTRACTS[table].column("month"))
            return f'{{from: {month}, formats: ["%Y%m"], days_after_month_end: {BILLED_AFTER}}}'
        case Kind.DATE:
            never = f', missing: ["{FOREVER}"]' if column.name in NO_END else ""
            return f'{{from: {named}, formats: ["{_day(table, column)}"]{never}}}'
        case Kind.INSTANT:
            return f'{{from: {named}, formats: ["{STYLES[table].instant}"]}}'
        case Kind.CODE | Kind.TEXT if known := _codes(column):
            codes = ", ".join(f'{word(column, code)}: "{code}"' for code in known)
            return f"{{from: {named}, codes: {{{codes}}}}}"
        case _:
            return named
