"""Which day is it: instants cut on the operator's wall, half days, 24:00, epochs and serials; formats that cannot say it are mistakes."""

import datetime as dt

import pyarrow.parquet as pq
import pytest

from telewave.platform.yaml_files import YamlMistake
from telewave.records.mapping_file import parse_mapping

HEADER = "subscriber,recorded_on,activated_on,payment,segment\n"
PEOPLE = "table: subscribers\ncolumns: {{recorded_on: {{from: recorded_on{keys}}}}}"
CALLS = """
table: usage
columns:
  started_at: {{from: at{keys}}}
  kind: {{constant: voice}}
  roaming: {{constant: none}}
  duration_s: {{constant: "60"}}
  volume_kb: {{constant: "0"}}
"""


def day_of(house, written, keys="", **options):
    content = f"{HEADER}13912345678,{written},2020-01-01,prepaid,public\n"
    options = {"today": dt.date(2026, 9, 1), **options}
    house.ingest(PEOPLE.format(keys=keys), house.file("people.csv", content), **options)
    rows = house.rows("subscribers")
    return rows[0]["recorded_on"] if rows else house.refused("subscribers")[0]["reason"]


def instant_of(town, written, keys="", **options):
    options = {"today": dt.date(2026, 9, 1), **options}
    content = f'subscriber,at\n13912345678,"{written}"\n'
    town.ingest(CALLS.format(keys=keys), town.file("calls.csv", content), **options)
    rows = town.rows("usage")
    return rows[0]["started_at"] if rows else town.refused("usage")[0]["reason"]


@pytest.mark.parametrize(
    ("written", "keys", "day"),
    [
        ("2026-07-31T16:30:00.000+0000", "", dt.date(2026, 8, 1)),
        ("2026-07-31T16:30:00Z", "", dt.date(2026, 8, 1)),
        ("2026-07-31 16:30:00+00", "", dt.date(2026, 8, 1)),
        ("2026-07-31T15:30:00+00:00", "", dt.date(2026, 7, 31)),
        ("2026-08-01T00:30:00.000+0800", "", dt.date(2026, 8, 1)),
        ("2026-07-31 16:30:00", "", dt.date(2026, 7, 31)),
        ("2026-07-31 16:30:00", ", timezone: UTC", dt.date(2026, 8, 1)),
        ("2026-07-31", ", timezone: America/New_York", dt.date(2026, 7, 31)),
        ("2026-07-31 24:00:00", "", dt.date(2026, 8, 1)),
        ("1785515400", ", formats: [epoch_s]", dt.date(2026, 8, 1)),
        ("1785515400000", ", formats: [epoch_ms]", dt.date(2026, 8, 1)),
        ("46235", ", formats: [excel_1900]", dt.date(2026, 8, 1)),
        ("46235.99", ", formats: [excel_1900]", dt.date(2026, 8, 1)),
        ("44773", ", formats: [excel_1904]", dt.date(2026, 8, 1)),
        ("2026111", "", "not_a_date"),
        ("20261", ", formats: ['%Y%m']", "not_a_date"),
        ("2026-02-29", "", "not_a_date"),
    ],
)
def test_a_day_is_the_operator_s_whatever_the_file_writes(house, written, keys, day):
    assert day_of(house, written, keys, timezone="Asia/Shanghai") == day


@pytest.mark.parametrize(
    ("serial", "born"),
    [("1", dt.date(1900, 1, 1)), ("59", dt.date(1900, 2, 28)), ("60", None), ("61", dt.date(1900, 3, 1))],
)
def test_serial_days_know_no_29_february_1900(house, serial, born):
    content = f"{HEADER.strip()},birth_date\n13912345678,2026-01-01,2020-01-01,prepaid,public,{serial}\n"
    mapping = "table: subscribers\ncolumns: {birth_date: {from: birth_date, formats: [excel_1900]}}"
    house.ingest(mapping, house.file("people.csv", content))
    if born is None:
        (line,) = house.refused("subscribers")
        assert (line["reason"], line["column"], line["value"]) == ("not_a_date", "birth_date", "60")
    else:
        assert house.rows("subscribers")[0]["birth_date"] == born


@pytest.mark.parametrize(
    ("written", "keys", "instant"),
    [
        ("2026/8/1 下午 3:15:07", "", dt.datetime(2026, 8, 1, 15, 15, 7)),
        ("2026/8/1 上午12:05:00", "", dt.datetime(2026, 8, 1, 0, 5)),
        ("2026/8/1 下午12:05:00", "", dt.datetime(2026, 8, 1, 12, 5)),
        ("08/01/2026 3:15PM", ", formats: ['%m/%d/%Y %I:%M %p']", dt.datetime(2026, 8, 1, 15, 15)),
        ("2026-07-31 24:00:00", "", dt.datetime(2026, 8, 1)),
        ("2026-07-31 24:00:00.000", "", dt.datetime(2026, 8, 1)),
        ("20260731240000", "", dt.datetime(2026, 8, 1)),
        ("2026-07-31 24:00:01", "", "not_an_instant"),
        ("2026-07-31 24:00:00", ", timezone: UTC", dt.datetime(2026, 8, 1, 8)),
        ("20260731 2400", ", formats: ['%Y%m%d %H%M']", dt.datetime(2026, 8, 1)),
        ("20260731 235", ", formats: ['%Y%m%d %H%M']", "not_an_instant"),
        ("1785515400", ", formats: [epoch_s]", dt.datetime(2026, 8, 1, 0, 30)),
        ("1785515400.25", ", formats: [epoch_s]", dt.datetime(2026, 8, 1, 0, 30, 0, 250_000)),
        ("1785515400250", ", formats: [epoch_ms]", dt.datetime(2026, 8, 1, 0, 30, 0, 250_000)),
        ("1785515400250", ", formats: [epoch_s]", "not_an_instant"),
        ("46234.52083", ", formats: [excel_1900]", dt.datetime(2026, 7, 31, 12, 30)),
        ("46234.520833333336", ", formats: [excel_1900]", dt.datetime(2026, 7, 31, 12, 30)),
        ("2026-07-31 12:30", ", formats: [excel_1900, '%Y-%m-%d %H:%M']", dt.datetime(2026, 7, 31, 12, 30)),
        ("2026080112345", "", "not_an_instant"),
        ("2026-08-01", "", "not_an_instant"),
    ],
)
def test_an_instant_is_read_as_the_file_writes_it(town, written, keys, instant):
    assert instant_of(town, written, keys, timezone="Asia/Shanghai") == instant


@pytest.mark.parametrize("number", ["1_000", "_1", "1_000.5"])
def test_a_number_with_underscores_is_refused_and_told(town, number):
    content = f"subscriber,issued_on,month,amount_minor\n13912345678,2026-02-01,2026-01-01,{number}\n"
    town.ingest("table: bills", town.file("bills.csv", content))
    (line,) = town.refused("bills")
    assert (line["reason"], line["value"]) == ("not_a_number", number)


def test_the_order_of_an_outside_table_and_its_dates_are_days_of_the_operator_s_wall(house):
    content = "y,at\nyes,2026-07-31T16:30:00Z\nno,2026-07-31T15:30:00Z\n"
    mapping = "samples: s\noutcome: {from: y, positive: 'yes'}\ncolumns: {at: {kind: date}}\norder: at"
    house.ingest(mapping, house.file("s.csv", content), timezone="Asia/Shanghai")
    rows = sorted(
        pq.read_table(house.warehouse.files("samples.s")).to_pylist(), key=lambda row: row["subscriber"]
    )
    assert [row["at"] for row in rows] == [dt.date(2026, 8, 1), dt.date(2026, 7, 31)]
    assert [row["sequence"] for row in rows] == [1, 0]


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        ("formats: ['%Y%m%d']", "no time of day"),
        ("formats: ['%Y-%m-%d %I:%M:%S']", "%p"),
        ("formats: ['%Y-%m-%d %H:%M %p']", "%I"),
        ("formats: ['%m-%d %H:%M']", "no year"),
        ("formats: ['%Y-%m-%d %H:%Q']", "cannot be read"),
        ("formats: ['%Y-%m-%d %H:%']", "cannot be read"),
        ("formats: ['YYYY-MM-DD HH:MM']", "no year"),
    ],
)
def test_a_format_that_cannot_say_the_instant_is_a_mistake_of_the_mapping(keys, hint):
    with pytest.raises(YamlMistake) as caught:
        parse_mapping(f"table: usage\ncolumns:\n  started_at:\n    from: at\n    {keys}")
    assert "line 5:" in str(caught.value)
    assert hint in str(caught.value)


def test_a_format_of_an_outside_table_is_looked_at_too():
    for text in ("columns: {d: {formats: ['%d %I']}}", "order: {from: d, formats: ['%H']}"):
        with pytest.raises(YamlMistake, match="no year"):
            parse_mapping(f"samples: s\n{text}")
