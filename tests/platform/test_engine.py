"""What the engine keeps beside the answers: views are dropped, and what must not be read on disk is encrypted there."""

import gc

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telewave.platform.engine import DuckDBEngine, registered

PEOPLE = pa.schema([("subscriber", pa.int32()), ("age", pa.int32())])


@pytest.fixture
def engine():
    made = DuckDBEngine(1, 1)
    yield made
    made.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"subscriber": [1, 2], "age": [30, 40]}, schema=PEOPLE), path)
    return path


def views(engine):
    return engine.connection.con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()


def test_a_relation_that_nobody_holds_leaves_no_view_behind(engine, file):
    for _ in range(5):
        old = engine.read([file], PEOPLE).filter(lambda t: t.age > 30)
        assert engine.fetch(old).num_rows == 1
    del old
    gc.collect()
    kept = engine.read([file], PEOPLE)
    assert len(views(engine)) == 1
    assert engine.fetch(kept.count()).num_rows == 1


def test_what_is_made_of_a_relation_keeps_its_view(engine, file):
    young = engine.read([file], PEOPLE).filter(lambda t: t.age < 35).select("subscriber")
    gc.collect()
    other = engine.read([file], PEOPLE)
    assert engine.fetch(young).to_pylist() == [{"subscriber": 1}]
    assert engine.fetch(young.union(other.select("subscriber"))).num_rows == 3


def test_empty_relations_of_one_schema_are_one(engine, tmp_path):
    for _ in range(3):
        engine.write(engine.read([], PEOPLE), tmp_path / "none.parquet")
    assert len(views(engine)) == 1


def fails(con):
    with registered(con, "page", pa.table({"a": [1]})):
        con.execute("SELECT error('no') FROM page").fetchall()


def test_rows_are_registered_as_long_as_the_block_even_if_it_fails(engine):
    with pytest.raises(duckdb.InvalidInputException):
        fails(engine.connection.con)
    assert views(engine) == []


@pytest.mark.parametrize("sealed", [False, True])
def test_a_sealed_engine_spills_nothing_that_can_be_read(tmp_path, sealed):
    spill = tmp_path / "spill"
    plain = DuckDBEngine(0.03, 1, spill)
    engine = plain.sealed() if sealed else plain
    engine.connection.con.execute(
        "CREATE TEMP TABLE people AS SELECT 'number139' || i::VARCHAR || 'of a person' AS text, hash(i) AS h FROM range(1500000) r(i)"
    )
    spilled = [path.read_bytes() for path in spill.iterdir()]
    assert sum(map(len, spilled)) > 1_000_000
    assert any(b"number139" in content for content in spilled) is not sealed
    ((rows, texts),) = engine.connection.con.execute(
        "SELECT count(*), count(DISTINCT h) FROM people"
    ).fetchall()
    assert rows == texts == 1_500_000
    plain.close()
    engine.close()
