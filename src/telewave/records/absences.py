"""Who is missing from a full snapshot has left: rows that say so are kept beside it, made anew whenever
what they follow from changes (docs/adr/0040).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telewave.kernel import Message
from telewave.platform.engine import exact
from telewave.records.checks import SQL_TYPES
from telewave.records.contracts import CONTRACTS, HOLDINGS, SUBSCRIBERS
from telewave.records.destination import Destination
from telewave.records.model import Contract
from telewave.records.snapshots import (
    MEANT,
    MOST_NAMED,
    Day,
    Naming,
    SnapshotCutShort,
    days_of,
    told_by_absence,
    too_many,
)
from telewave.records.sql_text import literal, quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a table says that something is over. `key`: what is over; `still`: SQL, whether a row says that it is not on
    the day `{day}`; `said`: the columns that say it, of somebody missing on `{day}`.
    """

    key: tuple[str, ...]
    still: str
    said: Mapping[str, str]


ENDINGS = {
    SUBSCRIBERS.name: Ending(
        key=("subscriber",),
        still="ended_on IS NULL",
        said={"ended_on": "greatest({day}, activated_on)", "end_reason": "'absent'"},
    ),
    HOLDINGS.name: Ending(
        key=("subscriber", "product"),
        still="(ends_on IS NULL OR ends_on >= {day})",
        said={"starts_on": "least({day}, starts_on)", "ends_on": "{day}", "contract_ends_on": "NULL"},
    ),
}


def naming_of(con: Any, read: int, spoilt: int) -> Naming:
    """What the relation `judged` of a full snapshot says by its refused rows. `spoilt`: lines that never became
    rows.
    """
    ((refused, unread),) = con.execute(
        "SELECT count(*), count(*) FILTER (WHERE split_part(fault, ':', 2) = 'subscriber' "
        "AND split_part(fault, ':', 1) <> 'unknown_subscriber') FROM judged "
        "WHERE fault IS NOT NULL AND fault NOT LIKE 'total_row:%' AND fault NOT LIKE 'duplicate%'"
    ).fetchall()
    refused_rows = (
        "(SELECT v_subscriber AS number FROM judged WHERE fault IS NOT NULL AND v_subscriber IS NOT NULL)"
    )
    named = con.execute(
        f"SELECT number FROM {refused_rows} UNION "  # noqa: S608 - ours
        f'SELECT of_line.number FROM {refused_rows} AS told JOIN of_line ON of_line."first" = told.number '
        f"ORDER BY 1 LIMIT {MOST_NAMED + 1}"
    ).fetchall()
    numbers = [number for (number,) in named]
    return Naming.of(numbers, unread=unread + spoilt, refused=refused + spoilt, read=read)


def settle(con: Any, target: Destination, *, meant: bool) -> list[Message]:
    """Bring what the full snapshots of the table say by absence up to its rows, from the first
    day that changed on; says whom they let go.

    `meant`: that many are really missing. Raises `SnapshotCutShort`.
    """
    if target.table not in ENDINGS:
        return []
    then, now = days_of(target.change.facts.get("deliveries", {})), days_of(target.deliveries)
    changed = _changed_days(target, then, now)
    if not (then or now) or not changed:
        return []
    said = set(target.change.facts.get(MEANT, ())) - (set() if meant else changed)
    notes: list[Message] = []
    for day in sorted(then.keys() | now.keys()):
        if day >= min(changed) and _whole(target, day, now):
            notes += _settle_day(con, target, day, now, said if not meant else None)
            said |= {day} if meant else set()
    target.change.facts[MEANT] = sorted(said & now.keys())
    return notes


def _changed_days(target: Destination, then: Mapping[str, Day], now: Mapping[str, Day]) -> set[str]:
    """Days whose own rows, or whose snapshot, are others than before; and those of
    which what was told by absence is damaged.
    """
    return {
        day
        for day in {*target.before, *target.change.partitions, *then, *now}
        if then.get(day) != now.get(day) or target.changed(day) or target.absences_damaged(day)
    }


def _before(day: str, now: Mapping[str, Day]) -> str:
    """The last day before `day` with a sound full snapshot; empty for none."""
    return max((other for other, of_day in now.items() if other < day and not of_day.doubts), default="")


def _whole(target: Destination, day: str, now: Mapping[str, Day]) -> bool:
    """Whether no part from the snapshot before to this one is damaged: else what was told stays until the part is
    healed.
    """
    since = _before(day, now)
    return all(target.whole(other) for other in target.change.partitions if since <= other <= day)


def _settle_day(
    con: Any, target: Destination, day: str, now: Mapping[str, Day], said: set[str] | None
) -> Iterator[Message]:
    """The rows of one snapshot's day. `said`: days of which it was said that so many are missing; None for all."""
    of_day = now.get(day)
    if of_day is None or of_day.doubts:
        target.tell_by_absence(day, None, "")
        if of_day is not None:
            yield Message(
                "Nobody is taken to have left by the full snapshot of {day} ({deliveries}): {rows} refused "
                "rows could be anybody's, or are too many. Mend them and ingest the file again.",
                day=day,
                deliveries=", ".join(of_day.deliveries),
                rows=f"{of_day.doubts:,}",
            )
        return
    contract, ending = CONTRACTS[target.table], ENDINGS[target.table]
    origins = _stood(con, target, contract, ending, day, _before(day, now), of_day)
    missing = con.execute("SELECT filename, count(*) FROM stood WHERE NOT named GROUP BY 1").fetchall()
    if said is not None and day not in said:
        _refuse_cut_short(day, of_day, origins, dict(missing))
    _write(con, target, contract, ending, day, of_day)
    if missing:
        yield _let_go(contract, day, sum(rows for _, rows in missing))


def _let_go(contract: Contract, day: str, count: int) -> Message:
    if contract is SUBSCRIBERS:
        return Message(
            "{count} who are missing from the full snapshot of {day} are taken to have left on that day.",
            count=f"{count:,}",
            day=day,
        )
    return Message(
        "{count} products that are missing from the full snapshot of {day} are taken to have ended on that day.",
        count=f"{count:,}",
        day=day,
    )


def _stood(
    con: Any, target: Destination, contract: Contract, ending: Ending, day: str, since: str, of_day: Day
) -> dict[str, tuple[str, int]]:
    """The relation `stood`: the last rows, from the snapshot before on, of what was not over and has no row on `day`;
    returns the files that were asked, with the delivery that brought each and its rows.
    """
    present = [other for other in target.change.partitions if since <= other < day]
    files = {
        str(path): (origin, rows) for other in present for path, origin, rows in target.everything(other)
    }
    today = [str(path) for path, _ in target.others(day)]
    con.execute("CREATE OR REPLACE TEMP TABLE named (number INTEGER)")
    if of_day.named:
        con.execute("INSERT INTO named SELECT unnest(?::INTEGER[])", [list(of_day.named)])
    key = ", ".join(ending.key)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE stood AS SELECT * EXCLUDE (nth), subscriber IN (FROM named) AS named "  # noqa: S608 - ours
        "FROM ("
        f"SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY recorded_on DESC, {_over(contract)} "
        "DESC NULLS LAST) AS nth "
        f"FROM ({_rows(contract, list(files))}) ANTI JOIN ({_rows(contract, today)}) USING ({key})"
        f") WHERE nth = 1 AND {ending.still.format(day=_date(day))}"
    )
    return files


def _over(contract: Contract) -> str:
    return "ended_on" if contract is SUBSCRIBERS else "ends_on"


def _rows(contract: Contract, files: list[str]) -> str:
    """SELECT of all rows of the files, in the contract's columns of today, and which file they are of."""
    blank = ", ".join(f"NULL::{SQL_TYPES[c.kind]} AS {quoted(c.name)}" for c in contract.columns)
    none = f"SELECT {blank}, NULL::VARCHAR AS filename WHERE false"
    if not files:
        return none
    named = ", ".join(literal(exact(Path(file))) for file in files)
    return (
        f"{none} UNION ALL BY NAME FROM read_parquet([{named}], hive_partitioning = false, union_by_name = true, "
        "filename = true)"
    )


def _date(day: str) -> str:
    return f"DATE {literal(day)}"


def _refuse_cut_short(
    day: str, of_day: Day, files: Mapping[str, tuple[str, int]], missing: Mapping[str, int]
) -> None:
    """Raises `SnapshotCutShort` where too many of what a delivery had, or of all, are missing."""
    known: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for file, (origin, rows) in files.items():
        known[origin] += rows
        gone[origin] += missing.get(file, 0)
    every = (", ".join(sorted(known)), known.total(), gone.total())
    for before, entries, lost in (*((name, known[name], gone[name]) for name in sorted(known)), every):
        if too_many(lost, entries):
            raise SnapshotCutShort(
                known=f"{entries:,}",
                before=before,
                missing=f"{lost:,}",
                day=day,
                snapshot=", ".join(of_day.deliveries),
            )


def _write(con: Any, target: Destination, contract: Contract, ending: Ending, day: str, of_day: Day) -> None:
    """What is missing is over since `day`; what is named by a refused row is so on `day` as
    before. A part that says so already is kept.
    """
    columns = ", ".join(
        f"CAST({_told(ending, column.name, day)} AS {SQL_TYPES[column.kind]}) AS {quoted(column.name)}"
        for column in contract.columns
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE left_out AS SELECT {columns} FROM stood")  # noqa: S608 - ours
    names = ", ".join(quoted(column.name) for column in contract.columns)
    told = [str(path) for path in target.absences(day, of_day.deliveries)]
    present = f"SELECT {names} FROM ({_rows(contract, told)})"  # noqa: S608 - ours
    ((other,),) = con.execute(
        f"SELECT count(*) FROM ((FROM left_out EXCEPT {present}) UNION ALL ({present} EXCEPT FROM left_out))"  # noqa: S608 - ours
    ).fetchall()
    ((count,),) = con.execute("SELECT count(*) FROM left_out").fetchall()
    if bool(told) == bool(count) and not other:
        return
    file = target.change.new_file(day) if count else None
    if file is not None:
        con.execute(
            f"COPY (FROM left_out ORDER BY ALL) TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
    target.tell_by_absence(day, file, told_by_absence(of_day.deliveries[-1]))


def _told(ending: Ending, column: str, day: str) -> str:
    if column == "recorded_on":
        return _date(day)
    said = ending.said.get(column)
    return column if said is None else f"CASE WHEN named THEN {column} ELSE {said.format(day=_date(day))} END"
