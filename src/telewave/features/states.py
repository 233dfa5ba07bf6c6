"""States: the last recorded row of each subscriber, device, product or tag, kept as of the first of a month.

Some tables are logs of recorded rows: what is so as of a date is the last row before it. A state is the outcome as
of the first of a month, made from the state before it and the rows since. As of any day there are then a month's
rows to rank at most, however long the log is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis.expr.types as ir

from telewave.features.logs import LOGS, Log, last_rows, state_definition
from telewave.features.partials import digest
from telewave.platform.warehouse import Change, DataFile, Manifest, Warehouse

RANKED_AT_ONCE = 10_000_000
"""Rows after which a long stretch of a log is cut at the next first of a month, so that ranking it costs bounded
memory.
"""

BEGINNING = ""
"""Before every day: the state there is that nothing is on record."""


def state_as_of(
    warehouse: Warehouse, contract: str, as_of: date, records: Manifest | None = None
) -> ir.Table:
    """The last row of each key recorded before `as_of`, columns as the contract's; nothing is written.

    From the latest state that still holds and the rows since; where there is none, from all rows. `records`: the
    version of the table to speak of; None for the present one.
    """
    log = LOGS[contract]
    records = records or warehouse.manifest(contract)
    states = warehouse.manifest(log.table)
    start = _latest(_holding(warehouse, log, records, states), as_of)
    return _from(warehouse, log, records, states.partitions, start, as_of.isoformat())


def update_states(
    warehouse: Warehouse, as_of: date, *, ranked_at_once: int = RANKED_AT_ONCE
) -> Mapping[str, int]:
    """Make the states as of the first of the month of `as_of`; returns how many were made, by contract.

    A state remembers the record files of all days before it and its own definition. Those that differ from the present
    are taken out; the new one is made from the latest that still holds. A long stretch is done in steps of about
    `ranked_at_once` rows, each of which leaves a state.
    """
    return {name: _update(warehouse, log, as_of.replace(day=1), ranked_at_once) for name, log in LOGS.items()}


def _update(warehouse: Warehouse, log: Log, end: date, ranked_at_once: int) -> int:
    records, states = warehouse.manifest(log.contract.name), warehouse.manifest(log.table)
    if not _steps(records, _latest(_holding(warehouse, log, records, states), end), end, ranked_at_once):
        return 0
    with warehouse.change(log.table) as change:
        holding = _holding(warehouse, log, records, change.result())
        for gone in set(change.partitions) - set(holding):
            change.set(gone, {})
        start = _latest(holding, end)
        steps = _steps(records, start, end, ranked_at_once)
        for step in steps:
            _make(warehouse, log, records, change, start, step)
            holding[step] = _made_of(log, records, step)
            start = step
        change.facts["made_of"] = holding
    return len(steps)


def _make(warehouse: Warehouse, log: Log, records: Manifest, change: Change, start: str, end: str) -> None:
    target = change.new_file(end)
    warehouse.engine.write(_from(warehouse, log, records, change.partitions, start, end), target)
    change.set(end, {target: end})


def _from(
    warehouse: Warehouse,
    log: Log,
    records: Manifest,
    states: Mapping[str, tuple[DataFile, ...]],
    start: str,
    end: str,
) -> ir.Table:
    """The state as of `end`, from the one as of `start`."""
    name, schema = log.contract.name, log.contract.schema
    days = _between(records, start, end)
    rows = warehouse.engine.read(warehouse.paths(name, days), schema)
    if start == BEGINNING:
        return last_rows(log, rows)
    state = warehouse.engine.read(warehouse.paths(log.table, {start: states[start]}), schema)
    return last_rows(log, rows, state) if days else state


def _steps(records: Manifest, start: str, end: date, ranked_at_once: int) -> list[str]:
    """The firsts of months at which to leave a state on the way from `start` to `end`; none where no rows have come."""
    steps: list[str] = []
    waiting, month = 0, ""
    for day, files in _between(records, start, end.isoformat()).items():
        if day[:7] != month and waiting >= ranked_at_once:
            steps.append(f"{day[:7]}-01")
            waiting = 0
        month = day[:7]
        waiting += sum(file.rows for file in files)
    return [*steps, end.isoformat()] if waiting else steps


def _between(records: Manifest, start: str, end: str) -> dict[str, tuple[DataFile, ...]]:
    return {day: files for day, files in sorted(records.partitions.items()) if start <= day < end}


def _latest(holding: Mapping[str, str], as_of: date) -> str:
    return max((day for day in holding if day <= as_of.isoformat()), default=BEGINNING)


def _holding(warehouse: Warehouse, log: Log, records: Manifest, states: Manifest) -> dict[str, str]:
    """The states that would be the same if they were made now, and what they are made of. Damaged ones do not hold."""
    made_of = states.facts.get("made_of", {})
    return {
        day: made_of[day]
        for day, parts in states.partitions.items()
        if day in made_of
        and made_of[day] == _made_of(log, records, day)
        and not any(warehouse.fault(log.table, part) for part in parts)
    }


def _made_of(log: Log, records: Manifest, end: str) -> str:
    days = _between(records, BEGINNING, end)
    return digest([state_definition(log), {day: [f.path for f in files] for day, files in days.items()}])
