"""Which rows are one record: in a file, and between the deliveries of a day (docs/adr/0033)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from telewave.platform.engine import exact
from telewave.records.checks import Plan
from telewave.records.destination import Destination
from telewave.records.reading import read_raw
from telewave.records.sql_text import literal


def refuse_repetitions(con: Any, plan: Plan, path: Path, target: Destination) -> None:
    """Of the rows of `judged` that are one record the first stays; the others, and those that another delivery of the day has, are at fault.

    Rows that say the same in every stored column and are records of their own are counted through (`nth`), so that another delivery of the
    same records repeats each of them and no more.
    """
    key = ", ".join(f"v_{name}" for name in plan.contract.key)
    alike = _some_alike(con, plan, key)
    if alike and not plan.repeats:
        _refuse_in_file(con, plan, path, target, key)
        alike = _some_alike(con, plan, key)
    if alike:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE judged AS SELECT * EXCLUDE (nth), "
            f"row_number() OVER (PARTITION BY fault IS NULL, {key} ORDER BY line) AS nth FROM judged"
        )
    for day, (file, origin) in _rivals(con, plan, target):
        _refuse_those_of(con, plan, day, file, origin)


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
        number = f"nullif(trim(c{plan.record_id + 1}), '')"
        rows = f"(SELECT judged.*, {number} AS told FROM judged JOIN raw USING (line))"
        same = f"v_subscriber, told, CASE WHEN told IS NULL THEN hash({key}) END"
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
    """The relation `whole`: of each line all that it says, columns that the mapping does not use included. Read only where rows are alike."""
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
    stored = ", ".join(f'"{name}"' for name in plan.contract.key)
    rival = (
        f"(SELECT {stored}, row_number() OVER (PARTITION BY {stored}) AS nth "
        f"FROM read_parquet({literal(exact(file))}, hive_partitioning = false))"
        if plan.contract.events
        else f"(SELECT *, 1 AS nth FROM read_parquet({literal(exact(file))}, hive_partitioning = false))"
    )
    same = " AND ".join(f'v_{name} IS NOT DISTINCT FROM rival."{name}"' for name in plan.contract.key)
    con.execute(
        f"UPDATE judged SET fault = 'duplicate_of_delivery:', other = {literal(origin)} FROM {rival} AS rival "
        f"WHERE fault IS NULL AND CAST(v_{plan.contract.dated_by} AS DATE) = DATE '{day}' "
        f"AND judged.nth = rival.nth AND {same}"
    )
