"""DuckDB and Spark give the same partials and the same wide table."""

import pytest
from tests.features.conftest import differences
from tests.features.records import AS_OF, by_seed

from telewave.features.logs import LOGS
from telewave.features.measures import SOURCES
from telewave.features.partials import PEERS, PEERS_SCHEMA, partials_schema, partials_table
from telewave.features.states import state_as_of, update_states

TABLES = {partials_table(source): partials_schema(source) for source in SOURCES} | {PEERS: PEERS_SCHEMA}
TABLES |= {log.table: log.contract.schema for log in LOGS.values()}


def rows(town, table):
    found = town.warehouse.engine.fetch(town.warehouse.read(table, TABLES[table])).to_pylist()
    return ordered(found)


def ordered(found):
    return sorted(found, key=lambda row: tuple((value is None, value or 0) for value in row.values()))


@pytest.mark.spark
def test_spark_and_duckdb_give_the_same_partials_and_the_same_wide_table(new_town, spark_engine):
    as_of = AS_OF[1]
    records = by_seed(as_of, people=400, a_person=3, offsets=(-62, -3))
    duckdb, spark = new_town().put(records), new_town(spark_engine).put(records)
    expected, found = duckdb.wide(as_of), spark.wide(as_of)
    assert len(found) == 400
    assert differences(found, expected) == []
    for table in TABLES:
        assert rows(spark, table) == rows(duckdb, table), table
    # A file that one engine wrote is a file of the other's.
    spark.warehouse.engine, other = duckdb.warehouse.engine, spark.warehouse.engine
    assert rows(spark, PEERS) == rows(duckdb, PEERS)
    spark.warehouse.engine = other


@pytest.mark.prove
@pytest.mark.spark
def test_spark_and_duckdb_fold_days_around_every_edge_of_the_windows_to_the_same_wide_table(
    town, spark_engine
):
    as_of = AS_OF[1]
    expected = town.put(by_seed(as_of, people=60, a_person=4)).wide(as_of)
    town.warehouse.engine = spark_engine  # the partials are there; the fold is Spark's
    found = town.wide(as_of)
    assert differences(found, expected) == []
    assert None not in {row["calls_change"] for row in found.values()}


@pytest.mark.spark
def test_spark_and_duckdb_find_the_same_last_rows_whichever_of_them_made_the_states(new_town, spark_engine):
    """Several rows a day, of which only the columns beside the key decide: absent values, texts and flags among them."""
    records = by_seed(AS_OF[0], people=40, a_person=12, offsets=(-75, -40, -10, -2))
    tied = {
        log: [*records[log], *(row | {"recorded_on": records[log][0]["recorded_on"]} for row in records[log])]
        for log in LOGS
    }
    engines = [new_town().warehouse.engine, spark_engine]
    answers = []
    for maker in engines:
        town = new_town(maker).put(tied)
        update_states(town.warehouse, AS_OF[0], ranked_at_once=1)
        for reader in engines:
            town.warehouse.engine = reader
            answers.append(
                {
                    log: ordered(reader.fetch(state_as_of(town.warehouse, log, AS_OF[0])).to_pylist())
                    for log in LOGS
                }
            )
    assert len(answers[0]["holdings"]) > 100
    assert answers[1:] == answers[:1] * 3
