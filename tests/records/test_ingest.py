"""Accepted, repaired, refused; delivered again; in contract form."""

import datetime as dt
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.records.conftest import SUBSCRIBERS, TODAY, USAGE_HEADER, usage_row

from telewave.platform.progress import Silent
from telewave.records import store
from telewave.records.contracts import CONTRACTS
from telewave.records.deliveries import NoFiles, NoRecordsFolder, NotATableFolder
from telewave.records.mapping import NATIVE
from telewave.records.numbering import NumbersMixed
from telewave.records.usecases import check_folder, ingest_folder

CHINESE = """
table: usage
file: {delimiter: "|", encoding: gb18030, missing: ["NULL"]}
columns:
  subscriber: 用户号码
  started_at: {from: 开始时间, formats: ["%Y%m%d%H%M%S"]}
  kind: {constant: voice}
  direction: {from: 呼叫类型, codes: {主叫: out, 被叫: in}}
  reach: {from: 长途类型, missing: ["999"]}
  roaming: {constant: none}
  peer: 对端号码
  duration_s: {from: 时长(分钟), factor: 60}
  volume_kb: {constant: 0}
"""


BILLS = """
table: bills
columns:
  subscriber: 手机号码
  month: {from: 账期, formats: ["%Y%m"]}
  issued_on: {from: 账期, formats: ["%Y%m"], days_after_month_end: 3}
  amount_minor: {from: 金额, factor: 100}
"""
ORDERS = """
table: orders
columns:
  subscriber: 手机号码
  ordered_at: 办理时间
  offer: {from: 业务, codes: {合约智能手机: contract_phone}}
  kind: {constant: device_only}
  channel: {constant: hall}
"""


def test_bills_that_come_out_so_many_days_after_their_month_are_known_from_that_day_on(town):
    content = "手机号码,账期,金额\n13912345678,202601,35.5\n13912345678,202602,36\n13912345678,202512,1\n"
    town.ingest(BILLS, town.file("bills.csv", content))
    issued = {row["month"]: row["issued_on"] for row in town.rows("bills")}
    assert issued == {
        dt.date(2025, 12, 1): dt.date(2026, 1, 3),
        dt.date(2026, 1, 1): dt.date(2026, 2, 3),
        dt.date(2026, 2, 1): dt.date(2026, 3, 3),
    }


def test_a_bill_that_has_not_come_out_yet_is_refused_as_of_a_later_day(town):
    content = "手机号码,账期,金额\n13912345678,202605,35\n13912345678,202604,35\n"
    report = town.ingest(BILLS, town.file("bills.csv", content))
    assert (report.accepted, dict(report.refused)) == (1, {("future_day", "issued_on"): 1})


def test_an_offer_s_words_become_its_code_and_others_stay_as_they_are(town):
    content = (
        "手机号码,办理时间,业务\n13912345678,2026-01-03 10:00:00,合约智能手机\n"
        "13912345679,2026-01-03 10:00:00,宽带\n"
    )
    report = town.ingest(ORDERS, town.file("orders.csv", content))
    assert {row["offer"] for row in town.rows("orders")} == {"contract_phone", "宽带"}
    assert dict(report.files[0].repairs) == {"code_translated": 1}


def test_a_mapped_chinese_file_becomes_rows_of_the_contract(town):
    content = (
        "用户号码|开始时间|呼叫类型|长途类型|对端号码|时长(分钟)\n"
        " 13912345678 |20260103100000|主叫|999|138 0000 0000|1.5\n"
        "１３９１２３４５６７９|20260103110000|被叫|LOCAL|NULL|1,000\n"
    )
    report = town.ingest(CHINESE, town.file("cdr.txt", content, "gb18030"))
    first, second = sorted(town.rows("usage"), key=lambda row: row["subscriber"])
    assert first["started_at"] == dt.datetime(2026, 1, 3, 10)
    assert (first["direction"], first["reach"], first["duration_s"]) == ("out", None, 90)
    assert (second["direction"], second["reach"], second["peer"], second["duration_s"]) == (
        "in",
        "local",
        None,
        60_000,
    )
    (file,) = report.files
    assert file.repaired == 2
    assert dict(file.repairs) == {
        "blanks_trimmed": 1,
        "full_width": 1,
        "thousands": 1,
        "code_case": 1,
        "code_translated": 2,
        "number_separators": 1,
    }


def test_money_comes_out_exact(town):
    rows = "13912345678,2026-02-01,2026-01-01,12.34\n13912345679,2026-02-01,2026-01-01,12.345\n"
    mapping = "table: bills\ncolumns: {amount_minor: {from: yuan, factor: 100}}"
    report = town.ingest(mapping, town.file("bills.csv", "subscriber,issued_on,month,yuan\n" + rows))
    assert [row["amount_minor"] for row in town.rows("bills")] == [1234]
    assert report.refused == {("not_whole", "amount_minor"): 1}


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("1.234.567,50", 123_456_750),
        ("12,5", 1250),
        ("1.250", 125_000),
        ("12.50", None),
        ("1.25", None),
        ("12.", None),
        (".50", None),
        ("1.2.3", None),
        ("1,234,5", None),
    ],
)
def test_with_a_decimal_comma_points_count_only_between_groups_of_thousands(town, written, minor):
    mapping = (
        "table: bills\nfile: {delimiter: ';', decimal: ','}\n"
        "columns: {amount_minor: {from: yuan, factor: 100}}"
    )
    rows = f"subscriber;issued_on;month;yuan\n13912345678;2026-02-01;2026-01-01;{written}\n"
    report = town.ingest(mapping, town.file("bills.csv", rows))
    assert [row["amount_minor"] for row in town.rows("bills")] == ([minor] if minor else [])
    assert report.refused == ({} if minor else {("not_a_number", "amount_minor"): 1})


@pytest.mark.parametrize(
    ("factor", "kilobytes"), [("1/1024", 2), ("0.0009765625", 2), ("1/1000", 2), ("1.5", 3072)]
)
def test_a_factor_may_be_a_fraction(town, factor, kilobytes):
    mapping = f"table: usage\ncolumns: {{volume_kb: {{from: volume_kb, factor: {factor}}}}}"
    town.usage(usage_row(volume=2048), mapping=mapping)
    assert town.rows("usage")[0]["volume_kb"] == kilobytes


@pytest.mark.parametrize(
    ("written", "mapped", "operator", "stored"),
    [
        ("2026-02-10 03:00:00", "timezone: Asia/Shanghai", "Asia/Shanghai", "2026-02-10 03:00:00"),
        ("2026-02-09 19:00:00", "timezone: UTC", "Asia/Shanghai", "2026-02-10 03:00:00"),
        ("2026-02-10 03:00:00", "timezone: Asia/Shanghai", "Europe/Berlin", "2026-02-09 20:00:00"),
        ("2026-02-10 03:00:00", "missing: []", "Europe/Berlin", "2026-02-10 03:00:00"),
        (
            "2026-02-09T21:00:00+02:00",
            'formats: ["%Y-%m-%dT%H:%M:%S%z"]',
            "Asia/Shanghai",
            "2026-02-10 03:00:00",
        ),
        (
            "2026-02-09T21:00:00+02:00",
            'timezone: UTC, formats: ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]',
            "Asia/Shanghai",
            "2026-02-10 03:00:00",
        ),
    ],
)
def test_instants_are_kept_in_the_operators_wall_time(town, written, mapped, operator, stored):
    mapping = f"table: usage\ncolumns: {{started_at: {{from: started_at, {mapped}}}}}"
    town.usage(usage_row(at=written), mapping=mapping, timezone=operator)
    assert str(town.rows("usage")[0]["started_at"]) == stored
    assert list(town.warehouse.manifest("usage").partitions) == [stored[:10]]


def test_a_file_without_header_is_mapped_by_place(town):
    mapping = (
        "table: complaints\nfile: {header: no}\n"
        "columns: {subscriber: {from: 2}, opened_at: {from: 1}, topic: {from: 3}}"
    )
    town.ingest(mapping, town.file("c.csv", "2026-01-05 08:00:00,13912345678,billing\n"))
    assert town.rows("complaints")[0]["topic"] == "billing"


def test_a_parquet_file_is_mapped_like_a_text_file(town, tmp_path):
    table = pa.table(
        {
            "subscriber": pa.array([13912345678, 13912345679]),
            "started_at": pa.array([dt.datetime(2026, 1, 3, 10), dt.datetime(2026, 1, 3, 11)]),
            "kind": ["voice", "voice"], "roaming": ["none", "none"],
            "duration_s": pa.array([60.0, -1.0]), "volume_kb": pa.array([0, 0], pa.int16()),
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "u.parquet")
    report = town.ingest("table: usage", tmp_path / "u.parquet")
    assert (report.accepted, report.refused) == (1, {("negative", "duration_s"): 1})


def test_multiline_values_are_read_where_the_mapping_says_so(house):
    content = SUBSCRIBERS.replace("north", '"no\nrth"')
    report = house.ingest("table: subscribers\nfile: {multiline: yes}", house.file("s.csv", content))
    assert report.accepted == 3


def written(folder):
    """Every file but those that SQLite keeps beside a database while it is open."""
    return sorted(path for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm")))


def test_a_check_says_what_ingest_does_and_writes_nothing(house, tmp_path):
    path = house.file("s.csv", SUBSCRIBERS + "13912345678,2026-01-01,2020-01-01,,,,prepaid,public\n")
    before = written(tmp_path)
    checked = house.check("table: subscribers", path)
    assert written(tmp_path) == before
    ingested = house.ingest("table: subscribers", path)
    assert checked.files == ingested.files
    assert (checked.dry, ingested.dry) == (True, False)
    assert ingested.refused == {("duplicate_in_file", ""): 1}


def test_a_check_of_several_files_sees_keys_across_them(town):
    first = town.file("a.csv", USAGE_HEADER + usage_row())
    second = town.file("b.csv", USAGE_HEADER + usage_row())
    assert town.check("table: usage", first, second).refused == {("duplicate_of_delivery", ""): 1}


def test_the_same_delivery_again_changes_nothing(town):
    town.usage(usage_row())
    before = (town.warehouse.root / "usage" / "manifest.json").read_bytes()
    report = town.usage(usage_row())
    assert report.files[0].unchanged
    assert (town.warehouse.root / "usage" / "manifest.json").read_bytes() == before


def test_a_corrected_delivery_replaces_its_own_rows_and_quarantine_lines_alone(town):
    town.usage(usage_row(at="2026-01-03 09:00:00") + usage_row(kind="x"), name="other.csv")
    town.usage(usage_row() + usage_row(duration=-1, at="2026-01-04 10:00:00"), name="mine.csv")
    assert [line["delivery"] for line in town.refused("usage")] == ["mine", "other"]
    town.usage(usage_row() + usage_row(duration=1, at="2026-01-04 10:00:00"), name="mine.csv")
    assert [line["delivery"] for line in town.refused("usage")] == ["other"]
    assert sorted(str(row["started_at"])[8:13] for row in town.rows("usage")) == ["03 09", "03 10", "04 10"]


def test_rows_of_unknown_subscribers_are_taken_once_the_subscribers_have_come(house):
    house.subscribers()
    late = usage_row(subscriber=13700000000)
    assert house.usage(late).rows_refused == 1
    more = "13700000000,2026-01-03,2020-01-01,,,,prepaid,public\n"
    house.ingest("table: subscribers", house.file("more.csv", SUBSCRIBERS.splitlines()[0] + "\n" + more))
    assert house.usage(late).accepted == 1
    assert house.refused("usage") == []


def test_a_corrected_mapping_of_the_same_file_is_judged_again(town):
    path = town.file("usage.csv", USAGE_HEADER + usage_row())
    town.ingest("table: usage", path)
    town.ingest("table: usage\ncolumns: {duration_s: {from: duration_s, factor: 60}}", path)
    assert [row["duration_s"] for row in town.rows("usage")] == [3600]


def test_a_delivery_that_can_no_longer_be_read_leaves_its_rows(town):
    town.usage(usage_row())
    town.usage(b"")
    assert len(town.rows("usage")) == 1


def test_one_file_with_several_days_goes_to_each_of_them(town):
    rows = "".join(usage_row(at=f"2026-01-{day:02d} 10:00:00") for day in range(1, 29))
    report = town.usage(rows)
    assert len(report.days) == 28
    assert len(town.warehouse.manifest("usage").partitions) == 28


def native(house, folder, table, name, rows):
    path = folder / "records" / table / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=CONTRACTS[table].schema), path)
    return path


def subscriber(number, day=1):
    return {
        "subscriber": number, "recorded_on": dt.date(2026, 1, day), "customer": str(number),
        "activated_on": dt.date(2020, 1, 1), "payment": "prepaid", "segment": "public",
    }  # fmt: skip


def call(number, day=3, hour=10, **other):
    row = {
        "subscriber": number, "started_at": dt.datetime(2026, 1, day, hour), "kind": "voice", "direction": "out",
        "roaming": "none", "peer": 7, "duration_s": 60, "volume_kb": 0,
    }  # fmt: skip
    return row | other


@pytest.fixture
def city(house, tmp_path):
    """A folder in contract form with three subscribers, ingested."""
    folder = tmp_path / "city"
    native(house, folder, "subscribers", "2026-01-01", [subscriber(n) for n in range(3)])
    ingest_folder(house.warehouse, house.database, folder, Silent(), TODAY)
    return folder


def test_files_in_contract_form_are_kept_as_they_are(house, city):
    path = native(house, city, "usage", "2026-01-03", [call(n) for n in range(3)])
    _, usage = ingest_folder(house.warehouse, house.database, city, Silent(), TODAY)
    (stored,) = house.warehouse.files("usage")
    assert usage.accepted == 3
    assert stored.read_bytes() == path.read_bytes()
    assert not stored.samefile(path)


def test_parts_of_one_day_in_contract_form_are_all_kept_as_they_are(house, city):
    paths = [native(house, city, "usage", f"2026-01-03.{n}", [call(n)]) for n in range(3)]
    house.ingest(NATIVE, *paths)
    stored = {file.read_bytes() for file in house.warehouse.files("usage")}
    assert stored == {path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (call(99), "unknown_subscriber"),
        (call(1, duration_s=-1), "negative"),
        (call(1, kind="telegram"), "unknown_code"),
        (call(1, roaming=None), "missing_value"),
        (call(0), "duplicate_in_file"),
        (call(1) | {"started_at": dt.datetime(2027, 1, 1)}, "future_day"),
    ],
)
def test_a_bad_row_in_contract_form_is_refused_and_the_others_are_taken(house, city, bad, reason):
    path = native(house, city, "usage", "2026-01-03", [call(0), bad])
    for run in (house.check, house.ingest):
        report = run(NATIVE, path)
        assert (report.accepted, {code for code, _ in report.refused}) == (1, {reason})
    assert [line["row"] for line in house.refused("usage")] == [2]
    assert [row["subscriber"] for row in house.rows("usage")] == [0]


def test_a_key_in_another_part_of_the_day_is_refused_in_contract_form_too(house, city):
    first = native(house, city, "usage", "2026-01-03.0", [call(0)])
    second = native(house, city, "usage", "2026-01-03.1", [call(0), call(1)])
    report = house.ingest(NATIVE, first, second)
    assert (report.accepted, report.refused) == (2, {("duplicate_of_delivery", ""): 1})


def test_a_folder_can_be_checked_before(house, city):
    native(house, city, "usage", "2026-01-03", [call(0)])
    reports = check_folder(house.warehouse, house.database, city, Silent(), TODAY)
    assert [report.table for report in reports] == ["subscribers", "usage"]
    assert reports[1].accepted == 1
    assert house.warehouse.tables() == ["subscribers"]


def test_subscribers_are_numbered_in_one_way_only(town, tmp_path):
    path = native(town, tmp_path, "subscribers", "2026-01-01", [subscriber(0)])
    with pytest.raises(NumbersMixed):
        town.ingest(NATIVE, path)


def test_files_in_contract_form_must_lie_in_a_folder_of_a_table(house, tmp_path):
    with pytest.raises(NotATableFolder):
        house.ingest(NATIVE, tmp_path / "x.parquet")
    with pytest.raises(NoFiles):
        house.ingest(NATIVE)
    with pytest.raises(NoRecordsFolder):
        ingest_folder(house.warehouse, house.database, tmp_path, Silent(), TODAY)


def test_the_log_is_brought_up_to_the_manifest_after_a_crash_between_the_two(town):
    town.usage(usage_row())
    with town.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM deliveries WHERE table_name = 'usage'")
    assert store.latest_deliveries(town.database, "usage") == []
    town.usage(usage_row())
    (entry,) = store.latest_deliveries(town.database, "usage")
    assert (entry.name, entry.accepted, entry.first_day) == ("usage", 1, "2026-01-03")


def test_the_manifest_says_which_delivery_brought_each_file(town):
    town.usage(usage_row(), name="calls of 3 January.csv")
    manifest = json.loads((town.warehouse.root / "usage" / "manifest.json").read_text())
    assert manifest["partitions"]["2026-01-03"][0]["origin"] == "calls of 3 January"
    assert manifest["facts"]["deliveries"]["calls of 3 January"]["accepted"] == 1
