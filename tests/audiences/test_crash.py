"""kill -9 while a membership is frozen: it is frozen whole or not at all, and the next attempt freezes it."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.dying import Mortals, spread

from telewave.audiences.language import parse_rule
from telewave.audiences.usecases import AlreadyFrozen, NotFrozen, define, members, snapshot
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.locks import HeldByAnother
from telewave.platform.warehouse import Warehouse

AS_OF, NOW = date(2026, 7, 1), datetime(2026, 7, 2, 8, tzinfo=UTC)
FREEZE = """
import datetime
from pathlib import Path
from telewave.audiences.usecases import snapshot
from telewave.features.usecases import open_wide
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse
from tests.dying import serve

def work(folder, name, version):
    home = Path(folder)
    warehouse = Warehouse(home / "warehouse", DuckDBEngine(1, 1))
    database = Database(f"sqlite:///{home / 'operations.sqlite'}")
    wide = open_wide(warehouse, datetime.date(2026, 7, 1))
    snapshot(warehouse, database, name, wide, datetime.datetime(2026, 7, 2, 8, tzinfo=datetime.UTC), int(version))

serve(work)
"""


@pytest.fixture
def warehouse(tmp_path):
    """Ten subscribers aged 20 to 29."""
    made = Warehouse(tmp_path / "warehouse", DuckDBEngine(1, 1), longest_wait_s=0)
    rows = [{"subscriber": number, "age": 20.0 + number} for number in range(10)]
    with made.change(WIDE) as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(pa.Table.from_pylist(rows, schema=WIDE_SCHEMA), file)
        change.set(AS_OF.isoformat(), {file: "test"})
    yield made
    made.engine.close()


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    made.migrate()
    yield made
    made.close()


def two_versions(database, name):
    define(database, name, parse_rule("age < 23"), NOW)
    define(database, name, parse_rule("age < 27"), NOW)


def frozen(warehouse, database, name):
    """How many are frozen; None where nothing is."""
    try:
        return warehouse.engine.fetch(members(warehouse, database, name, AS_OF)).num_rows
    except NotFrozen:
        return None


@pytest.mark.parametrize("kills", [6, pytest.param(1_000, marks=pytest.mark.prove)])
def test_a_membership_is_frozen_whole_or_not_at_all_and_the_next_attempt_may_be_another_version(
    warehouse, database, tmp_path, kills
):
    with Mortals(FREEZE) as mortals:
        two_versions(database, "all-the-way")
        steps = mortals.run(tmp_path, name="all-the-way", version=1)
        assert frozen(warehouse, database, "all-the-way") == 3
        told = set()
        for last in spread(steps, kills):
            name = f"until-{last}"
            two_versions(database, name)
            assert mortals.run(tmp_path, last, name=name, version=1) == -1
            told.add(frozen(warehouse, database, name))
            if frozen(warehouse, database, name) is None:
                assert mortals.run(tmp_path, name=name, version=2) > 0
                assert frozen(warehouse, database, name) == 7
    assert None in told
    assert told <= {None, 3}


def test_who_freezes_while_another_freezes_the_same_waits_and_writes_nothing_before(warehouse, database):
    two_versions(database, "young")
    wide = open_wide(warehouse, AS_OF)
    with warehouse.turn("audience.young"), pytest.raises(HeldByAnother):
        snapshot(warehouse, database, "young", wide, NOW, version=2)
    assert not warehouse.manifest("audience.young").partitions
    snapshot(warehouse, database, "young", wide, NOW, version=1)
    with pytest.raises(AlreadyFrozen):
        snapshot(warehouse, database, "young", wide, NOW, version=2)
    assert frozen(warehouse, database, "young") == 3
