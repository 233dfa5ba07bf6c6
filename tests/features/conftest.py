import math
import uuid
from itertools import groupby

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.features.records import day_of

from telewave.features.usecases import build_wide
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS


class Town:
    """A warehouse whose records the tests set day by day, and short ways to what was made of them."""

    def __init__(self, home, engine):
        self.warehouse = Warehouse(home, engine)

    def put(self, records, pieces=1):
        """Make `records` (rows by table) the whole of their days, each day in `pieces` files."""
        for table, rows in records.items():
            by_day = sorted(rows, key=lambda r: day_of(table, r))
            with self.warehouse.change(table) as change:
                for day, found in groupby(by_day, key=lambda r: day_of(table, r)):
                    of_day = list(found)
                    parts = [part for k in range(pieces) if (part := of_day[k::pieces])]
                    change.set(day, {self._file(change, table, day, part): "test" for part in parts})
        return self

    def _file(self, change, table, day, rows):
        target = change.new_file(day)
        pq.write_table(pa.Table.from_pylist(rows, CONTRACTS[table].schema), target)
        return target

    def wide(self, as_of):
        """The wide table as of a date, by subscriber; towns have records of few days."""
        made = build_wide(self.warehouse, as_of, Silent(), with_gaps=True)
        rows = self.warehouse.engine.fetch(made.relation).to_pylist()
        table = {row.pop("subscriber"): row for row in rows}
        assert len(table) == len(rows)
        return table

    def files(self, table):
        return {d: [f.path for f in files] for d, files in self.warehouse.manifest(table).partitions.items()}


def differences(found, expected):
    """Where two wide tables differ; whole numbers exactly, others to a billionth."""
    assert found.keys() == expected.keys()
    return [
        (subscriber, name, found[subscriber][name], value)
        for subscriber, row in expected.items()
        for name, value in row.items()
        if not same(found[subscriber][name], value)
    ]


def same(found, expected):
    if found is None or expected is None or isinstance(expected, str):
        return found == expected
    if float(expected).is_integer():
        return found == expected or math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


@pytest.fixture(scope="session")
def duckdb_engine():
    engine = DuckDBEngine(1, 2)
    yield engine
    engine.close()


@pytest.fixture
def new_town(tmp_path, duckdb_engine):
    """Makes empty towns, on DuckDB."""
    return lambda engine=duckdb_engine: Town(tmp_path / uuid.uuid4().hex, engine)


@pytest.fixture
def town(new_town):
    return new_town()
