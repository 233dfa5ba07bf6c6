"""Partials: a day is a function of its records alone, and only days whose records changed are computed."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.features.records import AS_OF, by_seed, day_of

from telewave.features.catalogue import FEATURES
from telewave.features.folding import peers_counted, range_cuts
from telewave.features.measures import SOURCES
from telewave.features.partials import PEERS, PEERS_SCHEMA, jobs, partials_table
from telewave.features.usecases import (
    ROWS_TOGETHER,
    NoRecords,
    NoSuchSamples,
    NoWideTable,
    RecordsTooShort,
    batches,
    build_wide,
    latest_as_of,
    open_samples,
    open_wide,
    update_partials,
    wide_dates,
)
from telewave.platform.progress import Silent
from telewave.platform.warehouse import DataFile, PartDamaged
from telewave.records.contracts import CONTRACTS

AS_OF_DAY = AS_OF[0]
EVE = AS_OF_DAY - timedelta(1)
USAGE_PARTIALS = ("partials.usage", PEERS)


@pytest.fixture
def settled(town):
    """A town of four days of usage whose partials are up to date."""
    town.put(by_seed(AS_OF_DAY, people=20, a_person=4, offsets=(-4, -3, -2, -1)))
    town.report = update_partials(town.warehouse, Silent())
    return town


def usage_of(day, durations):
    return [
        {
            "subscriber": n, "started_at": datetime.combine(day, time(10, n)), "kind": "voice",
            "direction": "out", "reach": "local", "roaming": "none", "peer": 5, "duration_s": s, "volume_kb": 0,
        }
        for n, s in enumerate(durations)
    ]  # fmt: skip


def test_every_day_of_every_source_is_computed_once(settled):
    assert {partials_table(source) for source in SOURCES} | {PEERS} == set(settled.report.computed)
    assert settled.report.computed["partials.usage"] == settled.report.computed[PEERS] == 4
    again = update_partials(settled.warehouse, Silent())
    assert set(again.computed.values()) == set(again.removed.values()) == {0}


def test_adding_a_day_computes_exactly_that_day_and_touches_no_other_file(settled):
    before = {table: settled.files(table) for table in USAGE_PARTIALS}
    settled.put({"usage": usage_of(AS_OF_DAY, [60])})
    report = update_partials(settled.warehouse, Silent())
    assert {table: n for table, n in report.computed.items() if n} == dict.fromkeys(USAGE_PARTIALS, 1)
    for table in USAGE_PARTIALS:
        after = settled.files(table)
        assert len(after.pop(AS_OF_DAY.isoformat())) == 1
        assert after == before[table]


def test_adding_a_day_reads_only_that_day(settled):
    for path in settled.warehouse.root.glob("usage/data/*/*"):
        path.write_bytes(b"not to be read")
    settled.put({"usage": usage_of(AS_OF_DAY, [60])})
    assert update_partials(settled.warehouse, Silent()).computed["partials.usage"] == 1


def test_a_day_delivered_again_replaces_that_day_alone(settled):
    before = settled.files("partials.usage")
    settled.put({"usage": usage_of(EVE, [60, 120])})
    assert update_partials(settled.warehouse, Silent()).computed["partials.usage"] == 1
    after = settled.files("partials.usage")
    assert {day for day in after if after[day] != before[day]} == {EVE.isoformat()}
    wide = settled.wide(AS_OF_DAY)
    fresh = {n: row for n, row in wide.items() if row["days_since_use"] == 0}
    assert set(fresh) == {0, 1}


def test_a_changed_measure_has_its_partials_made_anew_and_no_others(settled):
    def doubled(source):
        first, *rest = source.measures
        return replace(source, measures=(replace(first, value=lambda t: first.value(t) * 2), *rest))

    changed = tuple(doubled(source) if source.contract == "bills" else source for source in SOURCES)
    days = len(settled.files("bills"))
    assert update_partials(settled.warehouse, Silent(), changed).computed["partials.bills"] == days
    again = update_partials(settled.warehouse, Silent(), changed)
    assert set(again.computed.values()) == {0}
    back = update_partials(settled.warehouse, Silent())
    assert {table: n for table, n in back.computed.items() if n} == {"partials.bills": days}


@pytest.mark.parametrize("damage", [lambda part: part.unlink(), lambda part: part.write_bytes(b"PAR1")])
def test_damaged_partials_are_computed_again_and_no_others(settled, damage):
    wide = settled.wide(AS_OF_DAY)
    (part,) = (settled.warehouse.root / "partials.usage" / "data" / EVE.isoformat()).glob("*")
    damage(part)
    report = update_partials(settled.warehouse, Silent())
    assert {table: n for table, n in report.computed.items() if n} == {"partials.usage": 1}
    assert settled.wide(AS_OF_DAY) == wide


def test_damaged_records_are_told_before_anything_is_summed_up(settled):
    (part,) = (settled.warehouse.root / "usage" / "data" / EVE.isoformat()).glob("*")
    part.write_bytes(b"PAR1")
    settled.put({"usage": usage_of(AS_OF_DAY, [60])})
    assert update_partials(settled.warehouse, Silent()).computed["partials.usage"] == 1
    (partials,) = (settled.warehouse.root / "partials.usage" / "data" / EVE.isoformat()).glob("*")
    partials.unlink()
    with pytest.raises(PartDamaged, match="usage"):
        update_partials(settled.warehouse, Silent())


def test_a_day_taken_out_is_taken_out_of_the_partials(settled):
    with settled.warehouse.change("usage") as change:
        change.set(EVE.isoformat(), {})
    assert update_partials(settled.warehouse, Silent()).removed["partials.usage"] == 1
    assert EVE.isoformat() not in settled.files("partials.usage")
    assert latest_as_of(settled.warehouse) == EVE


def test_a_wide_table_beyond_the_last_day_of_usage_is_refused_with_the_latest_date_possible(settled):
    with pytest.raises(RecordsTooShort, match=f"choose {AS_OF_DAY} or earlier"):
        build_wide(settled.warehouse, AS_OF_DAY + timedelta(1), Silent())
    assert wide_dates(settled.warehouse) == ()


def test_a_wide_table_before_anybody_was_known_or_of_an_empty_warehouse_is_refused(settled, new_town):
    with pytest.raises(NoRecords, match="no records of subscribers before 2001-01-01"):
        build_wide(settled.warehouse, date(2001, 1, 1), Silent())
    with pytest.raises(NoRecords):
        build_wide(new_town().warehouse, AS_OF_DAY, Silent())


def test_a_town_without_any_usage_has_no_latest_date_and_no_wide_table(town):
    town.put({"subscribers": by_seed(AS_OF_DAY, 3, 1)["subscribers"]})
    assert latest_as_of(town.warehouse) is None
    with pytest.raises(NoRecords, match="usage"):
        build_wide(town.warehouse, AS_OF_DAY, Silent())


def test_a_wide_table_that_was_not_built_names_the_command_that_builds_it(settled):
    with pytest.raises(NoWideTable, match="telewave features build --as-of 2026-07-15"):
        open_wide(settled.warehouse, AS_OF_DAY)
    settled.wide(AS_OF_DAY)
    assert wide_dates(settled.warehouse) == (AS_OF_DAY,)
    assert open_wide(settled.warehouse, AS_OF_DAY).as_of == AS_OF_DAY


def test_an_unknown_outside_table_is_refused_with_the_known_ones(town):
    with pytest.raises(NoSuchSamples, match=r"called bank.*there are: -"):
        open_samples(town.warehouse, "bank")


def test_counterparties_counted_in_ranges_of_subscribers_are_the_same(settled):
    pairs = settled.warehouse.read(PEERS, PEERS_SCHEMA)

    def counted(cuts):
        rows = settled.warehouse.engine.fetch(peers_counted(pairs, pairs, cuts)).to_pylist()
        return sorted(rows, key=lambda row: row["subscriber"])

    assert len(counted([])) == 20
    assert counted([]) == counted([3]) == counted([1, 7, 8, 19, 20, 400])


@pytest.mark.parametrize("highest", [0, 1, 24_999, 25_000, 199_999, 3_500_000])
def test_the_ranges_are_few_increasing_and_of_even_width(highest):
    cuts = range_cuts(highest)
    assert len(cuts) < 16
    widths = [b - a for a, b in pairwise([0, *cuts, highest + 1])]
    assert max(widths) - min(widths) < 16 <= max(widths) + 16
    assert min(widths) > 0


def test_every_measure_is_used_by_a_feature_so_that_none_is_summed_in_vain():
    folded = {f"{m.name}_{w}m": "int64" for source in SOURCES for m in source.measures for w in (1, 3)}
    row = ibis.table(folded | dict.fromkeys(("as_of_day", "peers_1m", "peers_3m"), "int64"), name="row")
    used = {
        field.name.removesuffix("_1m").removesuffix("_3m")
        for feature in FEATURES
        if feature.window
        for field in feature.formula(row).op().find(ops.Field)
    }
    assert {m.name for source in SOURCES for m in source.measures} <= used


def test_days_with_the_same_columns_share_one_statement_and_each_is_made_of_its_own_records(town, tmp_path):
    days = [AS_OF_DAY - timedelta(k) for k in (3, 2, 1)]
    town.put({"usage": [row for k, day in enumerate(days) for row in usage_of(day, [10 + k])]})
    engine, made = town.warehouse.engine, []

    def counted(records):
        made.append(records)
        return records.group_by("subscriber").aggregate(total=records.duration_s.sum())

    write = engine.writing(counted)
    for number, day in enumerate(days):
        files = {day.isoformat(): town.warehouse.manifest("usage").partitions[day.isoformat()]}
        schema = CONTRACTS["usage"].schema
        records = engine.read(town.warehouse.paths("usage", files), schema)
        assert write(records, tmp_path / f"{number}.parquet") == 1
        assert pq.read_table(tmp_path / f"{number}.parquet")["total"].to_pylist() == [10 + number]
    assert len(made) == 1


def test_days_made_together_are_those_made_one_by_one_to_the_type(settled, new_town):
    alone, records = new_town(), by_seed(AS_OF_DAY, people=20, a_person=4, offsets=(-4, -3, -2, -1))
    days = sorted({day_of(table, row) for table, rows in records.items() for row in rows})
    for day in days:
        alone.put({t: [row for row in rows if day_of(t, row) == day] for t, rows in records.items()})
        update_partials(alone.warehouse, Silent())
    for table in [job.table for job in jobs()]:
        assert list(settled.files(table)) == list(alone.files(table))
        for day, files in settled.files(table).items():
            together, one = (
                pq.read_table([town.warehouse.root / table / file for file in found])
                for town, found in ((settled, files), (alone, alone.files(table)[day]))
            )
            assert together.schema.types == one.schema.types
            assert ordered(together) == ordered(one)
            numbers = together["subscriber"].to_pylist()
            assert table != PEERS or numbers == sorted(numbers)


def ordered(rows):
    return sorted(rows.to_pylist(), key=lambda row: tuple(row.values())[:2])


def test_a_day_in_which_nobody_has_a_counterparty_has_a_file_of_none(town):
    silent = [row | {"peer": None} for row in usage_of(EVE, [60])]
    town.put({"usage": [*silent, *usage_of(EVE - timedelta(1), [60])]})
    update_partials(town.warehouse, Silent())
    (file,) = town.files(PEERS)[EVE.isoformat()]
    assert pq.read_table(town.warehouse.root / PEERS / file).num_rows == 0


def test_records_under_another_day_than_they_name_stay_with_the_day_of_their_file(town):
    town.put({"usage": usage_of(EVE - timedelta(1), [60])})
    with town.warehouse.change("usage") as change:
        target = change.new_file(EVE.isoformat())
        strayed = pa.Table.from_pylist(usage_of(AS_OF_DAY, [70, 80]), CONTRACTS["usage"].schema)
        pq.write_table(strayed, target)
        change.set(EVE.isoformat(), {target: "test"})
    update_partials(town.warehouse, Silent())
    found = town.files("partials.usage")
    assert list(found) == [(EVE - timedelta(1)).isoformat(), EVE.isoformat()]
    (file,) = found[EVE.isoformat()]
    assert pq.read_table(town.warehouse.root / "partials.usage" / file)["calls"].to_pylist() == [1, 1]


def test_days_are_put_together_as_long_as_their_records_are_few():
    def day(number, *rows):
        return f"2026-07-{number:02}", tuple(
            DataFile(path=f"{number}/{k}", rows=n) for k, n in enumerate(rows)
        )

    few, many = ROWS_TOGETHER // 4, ROWS_TOGETHER + 1
    days = [day(1, few, few), day(2, few), day(3, few), day(4, few), day(5, many), day(6, few)]
    assert [[one for one, _ in batch] for batch in batches(days)] == [
        ["2026-07-01", "2026-07-02", "2026-07-03"], ["2026-07-04"], ["2026-07-05"], ["2026-07-06"],
    ]  # fmt: skip
    assert list(batches([])) == []
