"""Parts of one long call, which networks cut into records, are one record again (docs/adr/0033)."""

from __future__ import annotations

from typing import Any

from telewave.records.check_plan import Plan, part

LONGEST_GAP_MINUTES = 10
"""A part that begins later after the end of those before it is no continuation: networks use their numbers again."""
SUMMED = ("duration_s", "volume_kb")


def join_continuations(con: Any, plan: Plan) -> int:
    """Of the good rows of `judged` that continue one another the earliest stays, with what all of them
    measured; returns how many others there were.

    Not joined are rows that differ in anything else but their time, that leave a gap, or that
    would measure more together than a record may.
    """
    if plan.continues is None:
        return 0
    columns = [c for c in plan.contract.columns if c.name not in (*SUMMED, plan.contract.dated_by)]
    same = ", ".join(["id", *(part("v", column) for column in columns)])
    start = part("v", plan.contract.column(plan.contract.dated_by))
    sums = ", ".join(f"sum({part('v', plan.contract.column(name))}) OVER whole AS {name}" for name in SUMMED)
    bounds = " AND ".join(f"{name} <= {plan.contract.column(name).high:.0f}" for name in SUMMED)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE joining AS
        WITH told AS (
            SELECT judged.*,
            nullif(trim(c{plan.continues + 1}), '') AS id FROM judged JOIN raw USING (line) WHERE fault IS NULL),
        begun AS (
            SELECT *, coalesce({start} > max({start} + to_seconds(v_duration_s)) OVER (
                PARTITION BY {same} ORDER BY {start}, line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) + INTERVAL {LONGEST_GAP_MINUTES} MINUTE, true) AS begins FROM told WHERE id IS NOT NULL),
        counted AS (
            SELECT *, sum(begins::INTEGER) OVER (
                PARTITION BY {same} ORDER BY {start}, line ROWS UNBOUNDED PRECEDING) AS nth_whole FROM begun),
        summed AS (
            SELECT line, row_number() OVER (whole ORDER BY {start}, line) AS place, count(*) OVER whole AS parts, {sums}
            FROM counted WINDOW whole AS (PARTITION BY {same}, nth_whole))
        SELECT * FROM summed WHERE parts > 1 AND {bounds}
    """)  # noqa: S608 - names of our own
    values = ", ".join(f"v_{name} = joining.{name}" for name in SUMMED)
    con.execute(f"UPDATE judged SET {values} FROM joining WHERE judged.line = joining.line AND place = 1")  # noqa: S608 - names of our own
    ((joined,),) = con.execute("SELECT count(*) FROM joining WHERE place > 1").fetchall()
    con.execute("DELETE FROM judged WHERE line IN (SELECT line FROM joining WHERE place > 1)")
    return int(joined)
