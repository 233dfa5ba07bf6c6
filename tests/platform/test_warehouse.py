"""The warehouse's promise: a change shows at once and whole, outlasts a power cut, and leaves no rubbish for ever."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from tempfile import TemporaryFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telewave.platform.engine import DuckDBEngine
from telewave.platform.locks import HeldByAnother
from telewave.platform.warehouse import ManifestSpoilt, Warehouse, WarehouseUnwritable

SCHEMA = pa.schema([pa.field("n", pa.int64())])
DAY = "2026-01-03"

DYING = """
import os, sys
from pathlib import Path
from tests.platform.test_warehouse import put
from telewave.platform.warehouse import Warehouse

with Warehouse(Path(sys.argv[1]), None).change("calls") as change:
    put(change, 2)
    os._exit(9)
"""


@pytest.fixture
def engine():
    made = DuckDBEngine(1, 1)
    yield made
    made.close()


@pytest.fixture
def warehouse(tmp_path, engine):
    return Warehouse(tmp_path / "warehouse", engine)


def put(change, number, partition=DAY):
    file = change.new_file(partition)
    pq.write_table(pa.table({"n": [number]}, schema=SCHEMA), file)
    change.set(partition, {file: f"delivery {number}"})
    return file


def stored(warehouse, number, partition=DAY):
    with warehouse.change("calls") as change:
        return put(change, number, partition)


def numbers(warehouse):
    relation = warehouse.read("calls", SCHEMA)
    return sorted(warehouse.engine.fetch(relation).column("n").to_pylist())


def aged(path, days):
    """As if it had been written `days` ago, by the disk's own clock, which need not be this process's."""
    with TemporaryFile(dir=path.parent) as just_now:
        then = os.fstat(just_now.fileno()).st_mtime_ns - days * 86_400 * 10**9
    os.utime(path, ns=(then, then))


def test_a_change_shows_whole_at_its_end_and_not_before(warehouse):
    with warehouse.change("calls") as change:
        put(change, 1)
        put(change, 2, "2026-01-04")
        assert warehouse.manifest("calls").version == 0
    assert numbers(warehouse) == [1, 2]
    assert warehouse.tables() == ["calls"]


def test_a_change_that_fails_shows_nothing(warehouse):
    stored(warehouse, 1)
    with suppress(RuntimeError), warehouse.change("calls") as change:
        put(change, 2)
        raise RuntimeError
    assert numbers(warehouse) == [1]


def test_a_process_that_dies_between_writing_and_switching_leaves_the_old_version(warehouse):
    stored(warehouse, 1)
    died = subprocess.run([sys.executable, "-c", DYING, str(warehouse.root)], check=False)
    assert died.returncode == 9
    assert numbers(warehouse) == [1]
    assert len(list(warehouse.root.glob("calls/data/*/*"))) == 2
    stored(warehouse, 3)
    assert numbers(warehouse) == [3]


def test_of_two_writers_at_once_neither_loses_what_the_other_wrote(tmp_path):
    def write(number):
        own = Warehouse(tmp_path, None)
        for turn in range(5):
            with own.change("calls") as change:
                put(change, number, f"{number}.{turn}")

    with ThreadPoolExecutor(2) as writers:
        list(writers.map(write, range(2)))
    manifest = Warehouse(tmp_path, None).manifest("calls")
    assert manifest.version == 10
    assert len(manifest.partitions) == 10


def test_writing_keeps_nobody_waiting_and_what_another_changed_meanwhile_stays(warehouse):
    stored(warehouse, 1, "a")
    other = Warehouse(warehouse.root, warehouse.engine, longest_wait_s=0)
    with warehouse.change("calls") as change:
        put(change, 2, "b")
        change.facts["made_by"] = {"b": 2}
        with other.change("calls") as second:
            put(second, 3, "c")
            second.set("a", {})
            second.facts["made_by"] = {"c": 3}
        assert numbers(warehouse) == [3]
    assert numbers(warehouse) == [2, 3]
    assert warehouse.manifest("calls").facts == {"made_by": {"b": 2, "c": 3}}
    assert warehouse.manifest("calls").version == 3


def test_of_two_who_replace_a_partition_at_once_the_later_one_counts(warehouse):
    stored(warehouse, 1)
    with warehouse.change("calls") as change:
        put(change, 2)
        stored(warehouse, 3)
    assert numbers(warehouse) == [2]


def test_who_takes_a_table_in_turn_keeps_those_in_turn_waiting_and_nobody_else(warehouse):
    other = Warehouse(warehouse.root, warehouse.engine, longest_wait_s=0)
    with warehouse.turn("calls"):
        stored(other, 1)
        with pytest.raises(HeldByAnother, match="The table calls"), other.turn("calls"):
            pass
    with other.turn("calls"):
        assert numbers(other) == [1]


def test_what_is_in_the_warehouse_is_readable_by_its_owner_only(warehouse):
    stored(warehouse, 1)
    for path in (warehouse.root, *warehouse.root.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_files_and_their_folders_are_on_disk_before_the_manifest_names_them(tmp_path):
    forced = []

    def force(path):
        manifest = tmp_path / "calls" / "manifest.json"
        forced.append((path, manifest.exists() and ".parquet" in manifest.read_text()))

    file = stored(Warehouse(tmp_path, None, force), 1)
    before = [path for path, named in forced if not named]
    assert {file, *file.parents[:4]} <= set(before)
    assert before[-1].name.endswith(".tmp")
    assert forced[-1] == (tmp_path / "calls", True)


def test_what_a_newer_version_replaced_is_kept_for_a_day_and_then_removed(warehouse):
    old = stored(warehouse, 1)
    aged(old, days=30)
    new = stored(warehouse, 2)
    assert old.exists()  # a reader may have begun with it just now
    assert warehouse.vacuum("calls") == 0
    aged(old, days=2)
    aged(new, days=30)
    other = stored(warehouse, 3, "2026-01-04")
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


def test_what_a_killed_process_left_is_removed_when_a_day_old(warehouse):
    stored(warehouse, 1)
    leftovers = [warehouse.root / "calls" / name for name in ("data/x/a.parquet", "manifest.77.tmp")]
    for path in leftovers:
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    stored(warehouse, 2)
    assert all(path.exists() for path in leftovers)
    for path in leftovers:
        aged(path, days=2)
    stored(warehouse, 3)
    assert not any(path.exists() for path in leftovers)


@pytest.mark.parametrize(
    "spoilt", ["", '{"version": 1', "[]", '{"version": 1}', '{"partitions": {"a": [{"x": 1}]}}']
)
def test_a_spoilt_manifest_is_told_with_its_file(warehouse, spoilt):
    stored(warehouse, 1)
    (warehouse.root / "calls" / "manifest.json").write_text(spoilt)
    with pytest.raises(ManifestSpoilt, match=r"calls/manifest\.json"):
        warehouse.manifest("calls")


def test_a_table_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "calls").write_text("a file in the place of the folder")
    with pytest.raises(WarehouseUnwritable, match="calls"):
        stored(Warehouse(tmp_path, None), 1)
