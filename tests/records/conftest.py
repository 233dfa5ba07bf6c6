import datetime as dt

import pytest

from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.records.mapping_file import parse_mapping
from telewave.records.quarantine import refused_rows
from telewave.records.usecases import check, ingest

TODAY = dt.date(2026, 6, 1)
SUBSCRIBERS = (
    "subscriber,recorded_on,activated_on,birth_date,gender,district,payment,segment\n"
    "13912345678,2026-01-01,2020-01-01,1990-05-01,female,north,prepaid,public\n"
    "13912345679,2026-01-01,2021-01-01,,male,south,postpaid,public\n"
    "13912345680,2026-01-02,2022-01-01,,,,postpaid,enterprise\n"
)
USAGE_HEADER = "subscriber,started_at,kind,direction,reach,roaming,peer,duration_s,volume_kb\n"


def usage_row(
    subscriber=13912345678, at="2026-01-03 10:00:00", kind="voice", duration=60, volume=0, peer="13800000000"
):
    return f"{subscriber},{at},{kind},out,local,none,{peer},{duration},{volume}\n"


class House:
    """A warehouse and a database with short ways to put files in and to look at what came of them."""

    def __init__(self, home, database):
        self.home = home
        self.database = database
        self.engine = DuckDBEngine(1, 2, home / "spill")
        self.warehouse = Warehouse(home / "warehouse", self.engine)

    def file(self, name, content, encoding="utf-8"):
        path = self.home / "incoming" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    def mapping(self, text):
        return parse_mapping(text)

    def ingest(self, mapping, *files, today=TODAY, **options):
        mapping = parse_mapping(mapping) if isinstance(mapping, str) else mapping
        report = ingest(self.warehouse, self.database, mapping, files, Silent(), today, **options)
        for file in report.files:
            assert file.accepted + file.rows_refused + file.joined == file.read
        return report

    def check(self, mapping, *files, today=TODAY, **options):
        mapping = parse_mapping(mapping) if isinstance(mapping, str) else mapping
        return check(self.warehouse, self.database, mapping, files, Silent(), today, **options)

    def subscribers(self):
        return self.ingest("table: subscribers", self.file("subs.csv", SUBSCRIBERS))

    def usage(self, rows, name="usage.csv", mapping="table: usage", **options):
        content = USAGE_HEADER + rows if isinstance(rows, str) else rows
        return self.ingest(mapping, self.file(name, content), **options)

    def rows(self, table):
        return self.engine.fetch(self.warehouse.read(table, CONTRACTS[table].schema)).to_pylist()

    def refused(self, table):
        rows = self.engine.fetch(refused_rows(self.warehouse, table)).to_pylist()
        return sorted(rows, key=lambda row: (row["delivery"], row["row"]))


@pytest.fixture
def house(tmp_path):
    """On SQLite; what depends on the database is tested on both kinds, in test_store.py."""
    database = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    database.migrate()
    made = House(tmp_path, database)
    yield made
    made.engine.close()
    database.close()


@pytest.fixture
def town(house):
    """A house whose three subscribers are known."""
    house.subscribers()
    return house
