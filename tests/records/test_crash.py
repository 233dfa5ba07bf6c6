"""kill -9 at any moment leaves the old version of a table or the new one, and the next run heals."""

import subprocess
import sys

from tests.records.conftest import USAGE_HEADER, usage_row

from telewave.records import store

# Imports once, then forks a process for each order read: "<seconds> <file>"; kills it after so many seconds.
SERVER = """
import datetime, os, signal, sys, time
from pathlib import Path
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest

home = Path(sys.argv[1])
for line in sys.stdin:
    seconds, file = line.split()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        warehouse = Warehouse(home / "warehouse", DuckDBEngine(1, 2))
        database = Database(f"sqlite:///{home / 'operations.sqlite'}")
        today = datetime.date(2026, 6, 1)
        ingest(warehouse, database, parse_mapping("table: usage"), [Path(file)], Silent(), today, replace=True)
        os._exit(0)
    if float(seconds):
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(status, time.monotonic() - started, flush=True)
"""


def seen(town):
    """What a reader sees: duration of the rows by day, and the refused rows."""
    rows = sorted((row["started_at"].day, row["duration_s"]) for row in town.rows("usage"))
    return tuple(rows), tuple(line["value"] for line in town.refused("usage"))


def delivery(version):
    days = range(1, 12) if version == 1 else range(5, 20)
    rows = "".join(usage_row(at=f"2026-01-{day:02d} 10:00:00", duration=version) for day in days)
    return USAGE_HEADER + rows + "".join(usage_row(kind=f"bad{version}") for _ in range(version))


def test_a_process_killed_at_any_moment_leaves_the_old_version_or_the_new(town, tmp_path):
    files = {version: town.file(f"{version}/usage.csv", delivery(version)) for version in (1, 2)}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:

        def run(seconds, version):
            server.stdin.write(f"{seconds} {files[version]}\n")
            server.stdin.flush()
            status, took = server.stdout.readline().split()
            return int(status), float(took)

        states, length = {}, 0.0
        for version in (2, 1):
            status, length = run(0, version)
            assert status == 0
            states[version] = seen(town)
        assert states[1] != states[2]
        current, kept, switched = 1, 0, 0
        for trial in range(30):
            wanted = 3 - current
            status, _ = run(max(0.005, length * 1.2 * trial / 30), wanted)
            now = seen(town)
            assert now in states.values(), f"neither the old nor the new version after {trial}"
            kept, switched = kept + (now == states[current]), switched + (now == states[wanted])
            current = wanted if now == states[wanted] else current
        assert kept
        assert run(0, 3 - current)[0] == 0
        assert seen(town) == states[3 - current]
        server.stdin.close()
    facts = town.warehouse.manifest("usage").facts["deliveries"]["usage"]
    logged = store.latest_deliveries(town.database, "usage")[0]
    assert (logged.accepted, sum(logged.refused.values())) == (facts["accepted"], facts["refused"][0][2])
