"""What was written is what is read: a part that is cut, lost, replaced or moved out of its table is told, never used."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telewave.platform.engine import DuckDBEngine
from telewave.platform.parts import SMALL
from telewave.platform.warehouse import ManifestLost, ManifestSpoilt, PartDamaged, Warehouse

SCHEMA = pa.schema([pa.field("n", pa.int64())])
DAY = "2026-01-03"


@pytest.fixture
def engine():
    made = DuckDBEngine(1, 1)
    yield made
    made.close()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "warehouse"


@pytest.fixture
def part(root):
    """The one part of a table of ten rows."""
    return stored(root, range(10))


def stored(root, numbers):
    with Warehouse(root, None).change("calls") as change:
        file = change.new_file(DAY)
        write(file, numbers)
        change.set(DAY, {file: "delivery"})
    return file


def write(file, numbers):
    pq.write_table(
        pa.table({"n": list(numbers)}, schema=SCHEMA), file, compression="none", use_dictionary=False
    )


def opened(root, engine=None):
    return Warehouse(root, engine).files("calls")


def cut(part):
    part.write_bytes(part.read_bytes()[:-7])


def halved(part):
    write(part, range(5))


def changed_in_one_bit(part):
    raw = bytearray(part.read_bytes())
    raw[len(raw) // 3] ^= 1
    part.write_bytes(raw)


def made_a_folder(part):
    part.unlink()
    part.mkdir()


def linked_out(part):
    outside = part.parents[4] / "elsewhere.parquet"
    part.rename(outside)
    part.symlink_to(outside)


@pytest.mark.parametrize(
    "damage", [cut, halved, changed_in_one_bit, made_a_folder, linked_out, lambda p: p.unlink()]
)
def test_a_part_that_is_not_what_was_written_is_refused(root, part, damage):
    assert opened(root) == [part]
    damage(part)
    with pytest.raises(PartDamaged, match=r"calls.*\.parquet.*Restore the file from the backup"):
        opened(root)


def test_a_part_that_is_lost_after_it_was_looked_at_is_told_at_the_next_opening(root, part):
    warehouse = Warehouse(root, None)
    assert warehouse.files("calls") == [part]
    cut(part)
    with pytest.raises(PartDamaged):
        warehouse.files("calls")


def test_a_restored_part_opens_again_whatever_its_time(root, part):
    kept = part.read_bytes()
    part.unlink()
    part.write_bytes(kept)
    assert opened(root) == [part]


def test_a_bit_that_flipped_in_a_large_part_shows_when_every_byte_is_read(root):
    part = stored(root, range(SMALL // 8 * 2))
    changed_in_one_bit(part)
    warehouse = Warehouse(root, None)
    assert warehouse.files("calls") == [part]
    (known,) = warehouse.manifest("calls").partitions[DAY]
    assert warehouse.fault("calls", known, whole=True) is not None


@pytest.mark.parametrize("path", ["../other/x.parquet", "/etc/passwd", "data/../../x", "", "data/\0.parquet"])
def test_a_manifest_that_names_a_file_outside_its_table_is_spoilt(root, part, path):
    edit(root, lambda entry: entry.update(path=path))
    with pytest.raises(ManifestSpoilt):
        opened(root)


@pytest.mark.parametrize("entry", [{"rows": "10"}, {"path": 7}, {"size": None}, {"digest": 1}])
def test_a_manifest_with_values_of_other_kinds_is_spoilt(root, part, entry):
    edit(root, lambda found: found.update(entry))
    with pytest.raises(ManifestSpoilt):
        opened(root)


def test_a_manifest_nested_without_end_is_spoilt(root, part):
    (root / "calls" / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(ManifestSpoilt):
        opened(root)


def test_a_manifest_that_is_gone_is_a_loss_and_not_an_empty_table(root, part):
    (root / "calls" / "manifest.json").unlink()
    with pytest.raises(ManifestLost, match=r"manifest\.json"):
        opened(root)


def test_a_table_of_an_earlier_release_opens_by_its_rows_and_its_next_change_adds_the_rest(root, part):
    edit(root, lambda entry: (entry.pop("size"), entry.pop("digest")))
    assert opened(root) == [part]
    with Warehouse(root, None).change("calls") as change:
        change.facts["looked"] = True
    (known,) = Warehouse(root, None).manifest("calls").partitions[DAY]
    assert (known.rows, known.size, len(known.digest)) == (10, part.stat().st_size, 64)


def test_a_damaged_part_of_an_earlier_release_is_refused_and_never_vouched_for(root, part):
    edit(root, lambda entry: (entry.pop("size"), entry.pop("digest")))
    halved(part)
    with pytest.raises(PartDamaged):
        opened(root)
    with Warehouse(root, None).change("calls") as change:
        change.facts["looked"] = True
    assert Warehouse(root, None).manifest("calls").partitions[DAY][0].digest == ""


@pytest.mark.parametrize(
    "name", ["it's", "a\\b", "a\nb", "50%20", "what?", "[1]", "a*b", "n=7", "中文", 'a"b']
)
def test_a_warehouse_works_wherever_it_lies(tmp_path, engine, name):
    for place in (tmp_path / name, tmp_path / "whatx", tmp_path / "1", tmp_path / "axb"):
        stored(place, range(3))
    warehouse = Warehouse(tmp_path / name, engine)
    relation = warehouse.read("calls", SCHEMA)
    assert warehouse.engine.fetch(relation).num_rows == 3
    with warehouse.change("copy") as change:
        target = change.new_file(DAY)
        assert engine.write(relation, target) == 3
        change.set(DAY, {target: "copy"})
    assert warehouse.tables() == ["calls", "copy"]


def edit(root, change):
    path = root / "calls" / "manifest.json"
    raw = json.loads(path.read_text())
    change(raw["partitions"][DAY][0])
    path.write_text(json.dumps(raw))
