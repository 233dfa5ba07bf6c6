"""Telephone numbers whose form only the library knows: each distinct one of a file is looked up once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from telewave.platform.arrow import texts_of
from telewave.records.cells import trimmed
from telewave.records.check_plan import Plan, form_of
from telewave.records.model import Kind
from telewave.records.row_lines import BLANKS
from telewave.records.telephone import Identifying, normal_form

PAGE = 10_000
NUMBERED = (Kind.SUBSCRIBER, Kind.PEER)


def spell(con: Any, plan: Plan) -> Plan:
    """The relation `spelling` (column, written, form) for the rows of `raw`, and the plan that makes use of it."""
    con.execute('CREATE OR REPLACE TEMP TABLE spelling ("column" VARCHAR, written VARCHAR, form VARCHAR)')
    columns = [
        c.name
        for c in plan.contract.columns
        if c.kind in NUMBERED and c.name in plan.places and c.name not in plan.more
    ]
    return replace(
        plan, spelled=frozenset(name for name in columns if not plan.native and _spelled(con, plan, name))
    )


def _spelled(con: Any, plan: Plan, name: str) -> bool:
    form = form_of(plan, plan.contract.column(name))
    if form.identifying is Identifying.TEXT:
        return False
    cell = f"c{plan.places[name] + 1}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE asked_for AS SELECT DISTINCT {cell} FROM "  # noqa: S608 - a place and our own rule
        f"(SELECT {cell}, {trimmed(cell)} AS text FROM raw) "
        f"WHERE NOT {form.usual(cell)} AND {form.asks('text')}"
    )
    ((count,),) = con.execute("SELECT count(*) FROM asked_for").fetchall()
    for start in range(0, count, PAGE):
        texts = [
            text
            for (text,) in con.execute(
                "SELECT * FROM asked_for WHERE rowid >= ? AND rowid < ?", [start, start + PAGE]
            ).fetchall()
        ]
        forms = [normal_form(text.strip(BLANKS), form.plan, form.identifying) for text in texts]
        page = pa.Table.from_arrays([texts_of(texts), texts_of(forms)], ["written", "form"])
        con.register("page", page)
        con.execute("INSERT INTO spelling SELECT ?, written, form FROM page", [name])
        con.unregister("page")
    con.execute("DROP TABLE asked_for")
    return count > 0
