"""Which rows are one record: in a file, and between the deliveries of a day (docs/adr/0033)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from telewave.platform.engine import exact
from telewave.records.check_plan import Plan
from telewave.records.checks import HMAC, RECORD, SQL_TYPES
from telewave.records.continuations import join_continuations
from telewave.records.destination import Destination
from telewave.records.model import Contract
from telewave.records.reading import parquet_schema, read_raw
from telewave.records.sql_text import literal, quoted


def refuse_repetitions(con: Any, plan: Plan, path: Path, target: Destination) -> int:
    """Of the rows of `judged` that are one record the first stays; the others, and those that
    another delivery of the day has, are at fault.

    Rows that say the same in every stored column and are records of their own are counted through (`nth`), so that
    another delivery of the same records repeats each of them and no more. Where the mapping names a `record_id`, it
    decides, also between deliveries that both have one. Returns how many rows continue another and were joined with it.
    """
    if plan.record_id is not None:
        _number_records(con, plan)
    key = ", ".join(f"v_{name}" for name in plan.contract.key)
    alike = _some_alike(con, plan, key)
    if alike and not plan.repeats:
        _refuse_in_file(con, plan, path, target, key)
    joined = join_continuations(con, plan)
    if alike and _some_alike(con, plan, key):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE judged AS SELECT * EXCLUDE (nth), "
            f"row_number() OVER (PARTITION BY fault IS NULL, {key} ORDER BY line) AS "
            f"nth{_nth_of_unnumbered(plan, key)} FROM judged"
        )
    for day, (file, origin) in _rivals(con, plan, target):
        _refuse_those_of(con, plan, day, file, origin)
    return joined


def _number_records(con: Any, plan: Plan) -> None:
    """A column of `judged`: the keyed digest of what the file calls the record, null where it calls it nothing."""
    digest = f"(('0x' || substr({HMAC.format(text='told')}, 1, 16))::UBIGINT >> 1)::BIGINT"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE judged AS SELECT judged.*, CASE WHEN told IS NOT NULL THEN {digest} "
        f"END AS {RECORD} "
        f"FROM judged JOIN (SELECT line, nullif(trim(c{plan.record_id + 1}), '') AS told FROM raw) "  # type: ignore[operator]
        "USING (line)"
    )


def _nth_of_unnumbered(plan: Plan, key: str) -> str:
    """Records without a number are counted through by themselves, for rivals that have numbers too."""
    if plan.record_id is None:
        return ""
    return f", row_number() OVER (PARTITION BY fault IS NULL, {RECORD} IS NULL, {key} ORDER BY line) AS nth_alone"


def _some_alike(con: Any, plan: Plan, key: str) -> bool:
    """Whether two good rows may be one record, before anything else that they say is asked."""
    if plan.record_id is not None:
        return True
    ((rows, keys),) = con.execute(
        f"SELECT count(*), count(DISTINCT hash({key})) FROM judged WHERE fault IS NULL"
    ).fetchall()
    return bool(rows != keys)


def _refuse_in_file(con: Any, plan: Plan, path: Path, target: Destination, key: str) -> None:
    same, rows = key, "judged"
    if plan.record_id is not None:
        same = f"v_subscriber, {RECORD}, CASE WHEN {RECORD} IS NULL THEN hash({key}) END"
    elif plan.contract.events:
        _read_whole(con, plan, path, target)
        rows = "(FROM judged JOIN whole USING (line))"
        same = f"{key}, said"
    con.execute(
        "UPDATE judged SET fault = 'duplicate_in_file:', other = first::VARCHAR FROM "
        f"(SELECT line AS again, min(line) OVER (PARTITION BY {same}) AS first FROM {rows} WHERE fault IS NULL) "
        "WHERE line = again AND again <> first"
    )


def _read_whole(con: Any, plan: Plan, path: Path, target: Destination) -> None:
    """The relation `whole`: of each line all that it says, columns that the mapping does not use
    included. Read only where rows are alike.
    """
    con.execute("ALTER TABLE raw RENAME TO asked_for")
    width = range(plan.width)
    read_raw(con, path, plan.file, width, target.folder())
    every = ", ".join(f"c{place + 1}" for place in width)
    con.execute(f"CREATE OR REPLACE TEMP TABLE whole AS SELECT line, hash({every}) AS said FROM raw")
    con.execute("DROP TABLE raw")
    con.execute("ALTER TABLE asked_for RENAME TO raw")


def _rivals(con: Any, plan: Plan, target: Destination) -> list[tuple[str, tuple[Path, str]]]:
    days = con.execute(
        f"SELECT DISTINCT CAST(v_{plan.contract.dated_by} AS DATE)::VARCHAR FROM judged WHERE fault IS NULL"
    ).fetchall()
    return [(day, rival) for (day,) in days for rival in target.others(day)]


def _refuse_those_of(con: Any, plan: Plan, day: str, file: Path, origin: str) -> None:
    held = parquet_schema(file).names
    stored = ", ".join(key_column(plan.contract, name, held) for name in plan.contract.key)
    numbered = plan.record_id is not None and RECORD in held  # brought by a mapping with `record_id`
    names = ", ".join(quoted(name) for name in plan.contract.key)
    told, alone = (f", {RECORD}", f", {RECORD} IS NULL") if numbered else ("", "")
    rival = (
        f"(SELECT *, row_number() OVER (PARTITION BY {names}{alone}) AS nth FROM (SELECT {stored}{told} "
        f"FROM read_parquet({literal(exact(file))}, hive_partitioning = false)))"
        if plan.contract.events
        else f"(SELECT *, 1 AS nth FROM read_parquet({literal(exact(file))}, hive_partitioning = false))"
    )
    same = " AND ".join(f'v_{name} IS NOT DISTINCT FROM rival."{name}"' for name in plan.contract.key)
    refuse = (
        f"UPDATE judged SET fault = 'duplicate_of_delivery:', other = {literal(origin)} FROM {rival} AS rival "
        f"WHERE fault IS NULL AND CAST(v_{plan.contract.dated_by} AS DATE) = DATE '{day}' "
    )
    if numbered:
        con.execute(f'{refuse} AND v_subscriber = rival."subscriber" AND judged.{RECORD} = rival.{RECORD}')
        same += f" AND judged.{RECORD} IS NULL AND rival.{RECORD} IS NULL"
    con.execute(f"{refuse} AND judged.{'nth_alone' if numbered else 'nth'} = rival.nth AND {same}")


def key_column(contract: Contract, name: str, held: Sequence[str]) -> str:
    """A column of the key as it stands in a part that has the columns `held`: unknown where it is
    lacking, as in parts written before the contract had it.
    """
    kind = SQL_TYPES[contract.column(name).kind]
    return quoted(name) if name in held else f"NULL::{kind} AS {quoted(name)}"
