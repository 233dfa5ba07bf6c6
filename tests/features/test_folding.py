"""Folding: daily partials in any order and grouping say what one pass over all their records says."""

import random
from itertools import groupby

import ibis
import pyarrow as pa
import pytest
from tests.features.records import AS_OF, by_seed, day_of

from telewave.features.folding import folded
from telewave.features.measures import SOURCES, seen
from telewave.features.partials import day_partial, partials_schema
from telewave.records.contracts import CONTRACTS


def by_subscriber(engine, relation):
    return {row.pop("subscriber"): row for row in engine.fetch(relation).to_pylist()}


def in_one_pass(engine, source, rows):
    """Each measure over all `rows` at once; days with records are counted apart, as no pass over records adds them up."""
    table = ibis.memtable(pa.Table.from_pylist(rows, CONTRACTS[source.contract].schema))
    found = by_subscriber(engine, day_partial(source, table))
    for measure in source.measures:
        if (measure.combine, measure.fold) == (seen("").combine, seen("").fold):
            for subscriber, row in found.items():
                mine = {day_of(source.contract, r) for r in rows if r["subscriber"] == subscriber}
                row[measure.name] = len(mine)
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.contract)
def test_partials_in_any_order_and_grouping_fold_to_what_one_pass_over_the_records_gives(
    duckdb_engine, source
):
    def day(row):
        return day_of(source.contract, row)

    offsets = (-92, -61, -60, -31, -30, -8, -7, -1)
    rows = sorted(by_seed(AS_OF[1], people=6, a_person=8, offsets=offsets)[source.contract], key=day)
    schema = partials_schema(source)
    made = {}
    for key, records in groupby(rows, key=day):
        table = ibis.memtable(pa.Table.from_pylist(list(records), CONTRACTS[source.contract].schema))
        made[key] = duckdb_engine.fetch(day_partial(source, table)).select(schema.names).cast(schema)
    whole, rng = in_one_pass(duckdb_engine, source, rows), random.Random(3)
    for cut in (0, 1, 4, len(made)):
        order = rng.sample(list(made), len(made))
        recent, rest = (
            ibis.memtable(pa.concat_tables([schema.empty_table(), *(made[key] for key in keys)]))
            for keys in (order[:cut], order[cut:])
        )
        found = by_subscriber(duckdb_engine, folded(source, recent, rest))
        some = in_one_pass(duckdb_engine, source, [row for row in rows if day(row) in order[:cut]])
        assert found.keys() == whole.keys()
        for subscriber, row in found.items():
            for m in source.measures:
                none = 0 if m.fold == "sum" else None
                assert row[f"{m.name}_3m"] == whole[subscriber][m.name]
                assert row[f"{m.name}_1m"] == some.get(subscriber, {}).get(m.name, none)
