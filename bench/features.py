"""What partials and the wide table cost, against plain DuckDB SQL over the raw records, in one run.

    .venv/bin/python -m bench.features [--subscribers 200000] [--records 100000000] [--folder /tmp]

A simulated city of 61 days is registered in a warehouse; 60 days of it are the history, the last is the day that is
added. One record a source of two months before lets the windows count as known. Plain is one SQL statement that a careful analyst would write: every sum of usage that the catalogue asks for in each
window it asks for, and the exact numbers of counterparties by way of distinct pairs.

How it grows: `--subscribers 1000000 --records 400000000` is meant for 24 GiB of memory and 80 GB of disk under `--folder`; it asks for
neither by itself.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench.measuring import Measured, kept, measured
from telewave.features.folding import MONTHS
from telewave.features.measures import SOURCES
from telewave.features.usecases import build_wide, update_partials
from telewave.kernel.periods import month_window
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.simulation.city import simulate
from telewave.simulation.plan import CityPlan

LAUNCH, AS_OF = date(2026, 4, 1), date(2026, 5, 1)
LAST = AS_OF - timedelta(1)
HISTORY_DAYS, MEMORY_GB = 60, 4
BARS = {"history": 2.5, "day": 1 / 40, "wide": 0.5, "memory_gb": 6.0}

FLAGS = """
    SELECT subscriber, started_at, duration_s, volume_kb, peer, started_at >= DATE '{launch}' AS recent,
        kind = 'voice' AS voice, kind = 'sms' AS sms, kind = 'mms' AS mms, kind = 'mobile_data' AS data,
        kind = 'broadband_data' AS broadband, direction = 'out' AS sent, direction = 'in' AS received,
        roaming = 'none' AS home, roaming = 'international' AS abroad, reach = 'inter_provincial' AS inter_provincial,
        reach = 'hk_mo_tw' AS hk_mo_tw, reach = 'international' AS international, hour(started_at) AS hour,
        hour(started_at) >= 22 OR hour(started_at) < 6 AS night, isodow(started_at) >= 6 AS weekend
    FROM usage"""
COUNTS = {
    "calls": "voice",
    "calls_out": "voice AND sent",
    "calls_inter_provincial": "voice AND inter_provincial",
    "calls_hk_mo_tw": "voice AND hk_mo_tw",
    "calls_international": "voice AND international",
    "calls_roaming": "voice AND NOT home",
    "calls_night": "voice AND night",
    "calls_weekend": "voice AND weekend",
    "calls_office": "voice AND hour BETWEEN 9 AND 17",
    "calls_evening": "voice AND hour BETWEEN 18 AND 21",
    "calls_short": "voice AND duration_s < 10",
    "calls_long": "voice AND duration_s >= 300",
    "sms": "sms",
    "sms_out": "sms AND sent",
    "mms": "mms",
    "mms_out": "mms AND sent",
    "data_sessions": "data",
    "abroad_records": "abroad",
}
SUMS = {
    "called_home_s": ("duration_s", "voice AND received AND home"),
    "calling_home_s": ("duration_s", "voice AND sent AND home"),
    "calling_home_inter_provincial_s": ("duration_s", "voice AND sent AND home AND inter_provincial"),
    "call_s": ("duration_s", "voice"),
    "long_distance_abroad_s": ("duration_s", "voice AND (hk_mo_tw OR international)"),
    "roaming_s": ("duration_s", "voice AND NOT home"),
    "data_s": ("duration_s", "data"),
    "data_kb": ("volume_kb", "data"),
    "data_roaming_kb": ("volume_kb", "data AND NOT home"),
    "data_night_kb": ("volume_kb", "data AND night"),
    "data_weekend_kb": ("volume_kb", "data AND weekend"),
    "broadband_s": ("duration_s", "broadband"),
    "broadband_kb": ("volume_kb", "broadband"),
    "broadband_evening_kb": ("volume_kb", "broadband AND hour BETWEEN 18 AND 21"),
}


def main(subscribers: int = 200_000, records: int = 100_000_000, folder: str = "") -> bool:
    """Simulate, measure, print; whether all bars are kept."""
    with tempfile.TemporaryDirectory(dir=folder or None) as made:
        root = Path(made) / "warehouse"
        rows = measured(prepare, Path(made), subscribers, records / subscribers / HISTORY_DAYS).result
        print(f"features: {subscribers:,} subscribers, {rows:,} usage records in {HISTORY_DAYS} days")
        scan = _line("column scan", measured(column_scan, root))
        sums = _line("plain SQL, sums alone", measured(plain_sums, root))
        plain = _line("plain SQL", quickest(plain_sql, root), scan)
        history = _line("history into partials", measured(partials, root), plain)
        measured(add_last_day, Path(made))
        day = _line("one more day", measured(partials, root), history)
        wide = _line("wide table from partials", quickest(wide_table, root), plain)
        return _verdict(plain, sums, history, day, wide)


def quickest(work: Callable[[Path], None], root: Path) -> Measured:
    """The quicker of two runs: somebody else may use the machine."""
    return min((measured(work, root) for _ in range(2)), key=lambda found: found.wall_s)


def prepare(made: Path, subscribers: int, density: float) -> int:
    """Simulate the city and register all but usage's last day in the warehouse; usage records of the history."""
    plan = CityPlan(
        subscribers=subscribers,
        seed=1,
        launch=LAUNCH,
        months_before=1,
        months_after=1,
        records_per_day=density,
    )
    simulate(plan, made / "city", Silent())
    warehouse = Warehouse(made / "warehouse", DuckDBEngine(1))
    for table in sorted((made / "city" / "records").iterdir()):
        register(warehouse, table, lambda table, day: table != "usage" or day != LAST.isoformat())
    rows = warehouse.manifest("usage").rows
    for source in SOURCES:
        begin(warehouse, source.contract)
    return rows


def begin(warehouse: Warehouse, table: str) -> None:
    """One record on the first day of the windows; without it three months would be unknown, and not computed."""
    first, files = month_window(AS_OF, MONTHS - 1)[0], warehouse.files(table)
    if not files:
        return
    row = pq.read_table(files[0]).slice(0, 1)
    column = CONTRACTS[table].dated_by
    dated = pa.array([first]).cast(row.schema.field(column).type)
    with warehouse.change(table) as change:
        target = change.new_file(first.isoformat())
        pq.write_table(row.set_column(row.schema.get_field_index(column), column, dated), target)
        change.set(first.isoformat(), {target: "bench"})


def add_last_day(made: Path) -> None:
    """Register the day that was held back."""
    register(
        Warehouse(made / "warehouse", DuckDBEngine(1)),
        made / "city" / "records" / "usage",
        lambda _, day: day == LAST.isoformat(),
    )


def register(warehouse: Warehouse, folder: Path, wanted: Callable[[str, str], bool]) -> None:
    """Move a table's files into the warehouse, as ingest does with files that meet their contract."""
    with warehouse.change(folder.name) as change:
        by_day: dict[str, dict[Path, str]] = {}
        for file in sorted(folder.glob("*.parquet")):
            day = file.name.split(".")[0]
            if wanted(folder.name, day):
                target = change.new_file(day)
                shutil.move(file, target)
                by_day.setdefault(day, {})[target] = file.name
        for day, files in by_day.items():
            change.set(day, files)


def column_scan(root: Path) -> None:
    """Read every column of every record."""
    _execute(root, "SELECT " + ", ".join(f"max({c})" for c in ("subscriber", *_COLUMNS)) + " FROM usage")


_COLUMNS = ("started_at", "kind", "direction", "reach", "roaming", "peer", "duration_s", "volume_kb")


def plain_sums(root: Path) -> None:
    """The sums without the counterparties."""
    _execute(root, f"CREATE TABLE made AS {_sums()}")


def plain_sql(root: Path) -> None:
    """The sums and the counterparties."""
    pairs = (
        "SELECT subscriber, count(*) AS peers_3m, sum(recent) AS peers_1m FROM (SELECT subscriber, peer, "
        f"max((started_at >= DATE '{LAUNCH}')::INT) AS recent FROM usage WHERE peer IS NOT NULL "
        "GROUP BY ALL) GROUP BY ALL"
    )
    _execute(root, f"CREATE TABLE made AS SELECT * FROM ({_sums()}) LEFT JOIN ({pairs}) USING (subscriber)")


def _sums() -> str:
    """Each stretch summed once, the two then put together: the quickest of six ways of writing it that were tried."""
    once = [
        "subscriber",
        "recent",
        "max(started_at)::DATE AS last_used",
        # Sixty days fit into the bits of one number: quicker than a distinct count.
        "bit_or(1::UBIGINT << date_diff('day', DATE '2026-03-01', started_at::DATE)) AS days",
        *(f"count_if({when}) AS {name}" for name, when in COUNTS.items()),
        *(f"sum(CASE WHEN {when} THEN {value} ELSE 0 END) AS {name}" for name, (value, when) in SUMS.items()),
    ]
    both = ["subscriber", "max(last_used) AS last_used", "bit_count(bit_or(days)) AS active_days_3m"]
    both.append("bit_count(bit_or(days) FILTER (recent)) AS active_days_1m")
    for name in (*COUNTS, *SUMS):
        both += [f"sum({name}) AS {name}_3m", f"sum({name}) FILTER (recent) AS {name}_1m"]
    stretches = f"SELECT {', '.join(once)} FROM ({FLAGS.format(launch=LAUNCH)}) GROUP BY subscriber, recent"
    return f"SELECT {', '.join(both)} FROM ({stretches}) GROUP BY subscriber"


def _execute(root: Path, statement: str) -> None:
    """Run on a fresh DuckDB with the same memory, records as the view `usage`."""
    con = duckdb.connect()
    con.execute(
        f"SET memory_limit = '{MEMORY_GB}GB'; SET preserve_insertion_order = false; SET enable_progress_bar = false"
    )
    con.execute(f"SET temp_directory = '{root.parent / 'spill'}'")
    con.execute(f"CREATE VIEW usage AS FROM read_parquet('{root}/usage/data/2026-0[345]-*/*.parquet')")
    con.execute(statement).fetchall()


def partials(root: Path) -> dict[str, int]:
    """Bring the partials up to date."""
    return dict(update_partials(_warehouse(root), Silent()).computed)


def wide_table(root: Path) -> None:
    """Build the wide table; the partials are up to date."""
    build_wide(_warehouse(root), AS_OF, Silent())


def _warehouse(root: Path) -> Warehouse:
    return Warehouse(root, DuckDBEngine(MEMORY_GB, spill=root.parent / "spill"))


def _line(what: str, found: Measured, of: Measured | None = None) -> Measured:
    ratio = (
        f"  {found.wall_s / of.wall_s:6.3f} of it by wall, {found.cpu_s / of.cpu_s:6.3f} by processor"
        if of
        else ""
    )
    print(
        f"{what:28} {found.wall_s:8.1f} s  {found.cpu_s:8.1f} s processor  {found.peak_gb:5.2f} GB{ratio}",
        flush=True,
    )
    return found


def _verdict(plain: Measured, sums: Measured, history: Measured, day: Measured, wide: Measured) -> bool:
    """The bars are on wall time; the ratio by processor time beside it does not depend on who else uses the machine."""
    ratios = [
        ("history / plain", history, plain, BARS["history"]),
        ("one more day / history", day, history, BARS["day"]),
        ("wide table / plain", wide, plain, BARS["wide"]),
    ]
    verdicts = [
        kept(what, a.wall_s / b.wall_s, bar, f"by processor time {a.cpu_s / b.cpu_s:.3f}")
        for what, a, b, bar in ratios
    ]
    verdicts.append(kept("peak memory, GB", max(m.peak_gb for m in (history, day, wide)), BARS["memory_gb"]))
    alone = (history.wall_s / sums.wall_s, wide.wall_s / sums.wall_s)
    print(f"(against the sums alone, without counterparties: history {alone[0]:.2f}, wide {alone[1]:.2f})")
    return all(verdicts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=200_000)
    parser.add_argument("--records", type=int, default=100_000_000)
    parser.add_argument("--folder", default="")
    options: Any = parser.parse_args()
    sys.exit(not main(options.subscribers, options.records, options.folder))
