"""What a mapping can say: several columns as one, defaults, durations, words for nothing, codes and outcomes however written."""

import datetime as dt

import pyarrow.parquet as pq
import pytest
from tests.records.conftest import SUBSCRIBERS, USAGE_HEADER, usage_row

from telewave.platform.yaml_files import YamlMistake
from telewave.records.mapping_file import parse_mapping

CALLS = """
table: usage
columns:
  started_at: {started}
  kind: {kind}
  roaming: {{constant: none}}
  duration_s: {duration}
  volume_kb: {volume}
"""


def calls(
    town, header, rows, started="at", kind="{constant: voice}", duration="d", volume="{constant: 0}", file=""
):
    mapping = CALLS.format(started=started, kind=kind, duration=duration, volume=volume) + file
    content = f"subscriber,{header}\n" + "".join(f"13912345678,{row}\n" for row in rows)
    report = town.ingest(mapping, town.file("calls.csv", content))
    assert report.files[0].problem is None
    return sorted(town.rows("usage"), key=lambda row: row["started_at"]), town.refused("usage"), report


def test_a_date_and_a_time_are_one_instant(town):
    started = "{from: [date, time], combine: join, formats: ['%Y%m%d %H:%M:%S']}"
    rows, refused, _ = calls(
        town, "date,time,d", ["20260103,10:00:00,5", "20260103,,5", "20260103,24:00:00,5"], started
    )
    assert [row["started_at"] for row in rows] == [dt.datetime(2026, 1, 3, 10), dt.datetime(2026, 1, 4)]
    assert [(line["reason"], line["value"]) for line in refused] == [("not_an_instant", "20260103 ")]


def test_up_and_down_are_added_and_a_blank_counts_as_nothing(town):
    volume = "{from: [up, down], combine: sum, factor: 1/1024}"
    given = ["10240,2048", ",1024", '"1,024",1024', "x,1024", ",", "NULL,2048"]
    lines = [f"2026-01-03 1{n}:00:00,0,{row}" for n, row in enumerate(given)]
    rows, refused, _ = calls(town, "at,d,up,down", lines, kind="{constant: mobile_data}", volume=volume)
    assert [row["volume_kb"] for row in rows] == [12, 1, 2, 2]
    assert [(line["reason"], line["value"]) for line in refused] == [
        ("not_a_number", "x 1024"),
        ("missing_value", " "),
    ]


def test_a_sum_keeps_the_file_s_decimal_mark(town):
    volume = "{from: [up, down], combine: sum, factor: 1024}"
    mapping_end = "file: {delimiter: ';', decimal: ','}\n"
    content = "subscriber;at;up;down\n13912345678;2026-01-03 10:00:00;0,5;1,25\n"
    mapping = CALLS.format(
        started="at", kind="{constant: mobile_data}", duration="{constant: 0}", volume=volume
    )
    town.ingest(mapping + mapping_end, town.file("calls.csv", content))
    assert town.rows("usage")[0]["volume_kb"] == 1792


def test_the_first_that_is_not_blank_counts(house):
    content = (
        SUBSCRIBERS.replace("district", "district,town")
        .replace("north,", "-,centre,")
        .replace("south,", "south,,")
    )
    content = content.replace(",,,,postpaid", ",,,,,postpaid")
    mapping = "table: subscribers\ncolumns: {district: {from: [district, town], combine: first}}"
    assert house.ingest(mapping, house.file("s.csv", content)).accepted == 3
    assert {row["district"] for row in house.rows("subscribers")} == {"centre", "south", None}


def test_a_default_counts_for_blanks_only_and_is_told(house):
    content = SUBSCRIBERS.replace("north,prepaid", "north,").replace("2021-01-01", "")
    columns = "{payment: {from: payment, otherwise: postpaid}, activated_on: {from: activated_on, formats: ['%Y-%m-%d'], otherwise: 2000-01-01}}"
    report = house.ingest(f"table: subscribers\ncolumns: {columns}", house.file("s.csv", content))
    people = sorted(house.rows("subscribers"), key=lambda row: row["subscriber"])
    assert [row["payment"] for row in people] == ["postpaid"] * 3
    assert [row["activated_on"].year for row in people] == [2020, 2000, 2022]
    assert report.files[0].repairs["default"] == 2


@pytest.mark.parametrize(
    ("written", "keys", "seconds"),
    [
        ("00:03:25", "", 205),
        ("3分25秒", "", 205),
        ("1小时3分25秒", "", 3805),
        ("1小时", "", 3600),
        ("205秒", "", 205),
        ("1h3m", "", 3780),
        ("30:03:00", "", 108_180),
        ("00:03:25", ", factor: 60", 205),
        ("3.5", ", factor: 60", 210),
        ("03:25", ", formats: ['%M:%S']", 205),
        ("03:25", ", formats: ['%H:%M']", 12_300),
        ("03:25", "", "not_a_number"),
        ("00:03:85", "", "not_a_number"),
        ("3分25秒钟左右", "", "not_a_number"),
        ("200:00:00", "", "too_large"),
    ],
)
def test_a_duration_is_read_as_people_write_it(town, written, keys, seconds):
    rows, refused, _ = calls(
        town, "at,d", [f"2026-01-03 10:00:00,{written}"], duration="{from: d" + keys + "}"
    )
    assert (rows[0]["duration_s"] if rows else refused[0]["reason"]) == seconds


def test_messages_need_no_duration_and_no_volume_and_other_kinds_do(town):
    header = USAGE_HEADER
    rows = [
        usage_row(kind=kind, duration="", volume="", at=f"2026-01-03 1{n}:00:00")
        for n, kind in enumerate(("sms", "mms", "voice"))
    ]
    rows += [
        usage_row(at="2026-01-03 14:00:00", volume=""),
        usage_row(at="2026-01-03 15:00:00", kind="mobile_data", volume=""),
    ]
    town.usage((header + "".join(rows)).encode())
    assert {(row["kind"], row["duration_s"], row["volume_kb"]) for row in town.rows("usage")} == {
        ("sms", 0, 0), ("mms", 0, 0), ("voice", 60, 0),
    }  # fmt: skip
    assert [(line["reason"], line["column"]) for line in town.refused("usage")] == [
        ("missing_value", "duration_s"), ("missing_value", "volume_kb"),
    ]  # fmt: skip


def test_a_file_of_messages_has_no_columns_for_what_they_do_not_have(town):
    mapping = "table: usage\ncolumns: {kind: {constant: sms}, roaming: {constant: none}}"
    content = "subscriber,started_at\n13912345678,2026-01-03 10:00:00\n"
    assert town.ingest(mapping, town.file("sms.csv", content)).accepted == 1


def test_bills_may_come_out_before_their_month_but_not_long_before(town):
    rows = "13912345678,2026-01-28,2026-02-01,100\n13912345679,2025-10-01,2026-02-01,100\n"
    town.ingest("table: bills", town.file("bills.csv", "subscriber,issued_on,month,amount_minor\n" + rows))
    assert [row["issued_on"] for row in town.rows("bills")] == [dt.date(2026, 1, 28)]
    assert town.refused("bills")[0]["reason"] == "end_before_start"
    known = "table: bills\ncolumns: {month: month, issued_on: {from: month, days_before_month: 5}}"
    town.ingest(known, town.file("more.csv", "subscriber,month,amount_minor\n13912345678,2026-03-01,100\n"))
    assert dt.date(2026, 2, 24) in {row["issued_on"] for row in town.rows("bills")}


@pytest.mark.parametrize("word", ["\\N", "NULL", "None", "#N/A", "-"])
def test_words_for_nothing_are_blank_and_told_how_often(house, word):
    content = SUBSCRIBERS.replace("north", word).replace(",,male", f",{word},male")
    report = house.ingest("table: subscribers", house.file("s.csv", content))
    assert report.accepted == 3
    assert {row["district"] for row in house.rows("subscribers")} == {None, "south"}
    assert report.files[0].repairs["word_for_nothing"] == 2


@pytest.mark.parametrize(
    "place", ["file: {known: ['-']}", "columns: {district: {from: district, known: ['-']}}"]
)
def test_the_mapping_may_call_such_a_word_known(house, place):
    report = house.ingest(
        f"table: subscribers\n{place}", house.file("s.csv", SUBSCRIBERS.replace("north", "-"))
    )
    assert "-" in {row["district"] for row in house.rows("subscribers")}
    assert "word_for_nothing" not in report.files[0].repairs


def test_words_that_the_mapping_lists_are_what_it_says_and_no_repair(house):
    report = house.ingest(
        "table: subscribers\ncolumns: {district: {from: district, missing: ['NULL', north]}}",
        house.file("s.csv", SUBSCRIBERS.replace("south", "NULL")),
    )
    assert {row["district"] for row in house.rows("subscribers")} == {None}
    assert "word_for_nothing" not in report.files[0].repairs


def test_a_word_that_is_a_code_is_no_word_for_nothing(town):
    rows = (
        USAGE_HEADER
        + usage_row().replace("none", "None")
        + usage_row(at="2026-01-03 11:00:00").replace("local", "-")
    )
    mapping = "table: usage\ncolumns: {reach: {from: reach, codes: {'-': local}}}"
    town.usage(rows.encode(), mapping=mapping)
    assert [(row["roaming"], row["reach"]) for row in town.rows("usage")] == [("none", "local")] * 2


@pytest.mark.parametrize(("written", "codes"), [("1.0", "{1: male}"), ("1", "{'1.0': male}"), ("TRUE", "{'True': male}"), ("１", "{1: male}")])  # fmt: skip
def test_a_code_is_the_same_however_the_file_writes_it(house, written, codes):
    mapping = f"table: subscribers\ncolumns: {{gender: {{from: gender, codes: {codes}}}}}"
    assert house.ingest(mapping, house.file("s.csv", SUBSCRIBERS.replace("female", written))).accepted == 3
    assert [row["gender"] for row in house.rows("subscribers")].count("male") == 2


def test_codes_that_differ_only_in_how_they_are_written_stay_apart_where_the_mapping_lists_both(house):
    mapping = "table: subscribers\ncolumns: {gender: {from: gender, codes: {f: female, F: male}}}"
    house.ingest(mapping, house.file("s.csv", SUBSCRIBERS.replace("female", "F").replace(",male", ",f")))
    people = sorted(house.rows("subscribers"), key=lambda row: row["subscriber"])
    assert [row["gender"] for row in people] == ["male", "female", None]


def outcomes(house, words, keys="positive: 'yes'"):
    content = "id,y\n" + "".join(f"{n},{word}\n" for n, word in enumerate(words))
    report = house.ingest(f"samples: s\noutcome: {{from: y, {keys}}}", house.file("s.csv", content))
    assert report.files[0].problem is None
    rows = pq.read_table(house.warehouse.files("samples.s")).to_pylist()
    return [row["outcome"] for row in rows], [line["value"] for line in house.refused("samples.s")]


@pytest.mark.parametrize(
    ("words", "keys", "found", "refused"),
    [
        (["yes", "no", "未知"], "positive: 'yes'", [True, False], ["未知"]),
        (["yes", "YES", "No", "", "NULL"], "positive: 'yes'", [True, True, False, None, None], []),
        (["1.0", "0.0", "2"], "positive: '1'", [True, False], ["2"]),
        (["TRUE", "False"], "positive: 'true'", [True, False], []),
        (["办理", "未办理", "其他"], "positive: 办理", [True, False], ["其他"]),
        (["left", "here"], "positive: left", [True, False], []),
        (["left", "here", "there"], "positive: left", [True], ["here", "there"]),
        (["left", "here", "there"], "positive: left, negative: [here, there]", [True, False, False], []),
        (["yes", "no", "未知"], "positive: 'yes', missing: 未知", [True, False, None], []),
        (["yes", "未知"], "positive: 'yes'", [True], ["未知"]),
        (["None", "yes"], "positive: 'yes', negative: None", [False, True], []),
    ],
)
def test_an_outcome_that_is_neither_yes_nor_no_is_refused_and_never_a_no(house, words, keys, found, refused):
    assert outcomes(house, words, keys) == (found, refused)


def test_columns_of_an_outside_table_are_put_together_too(house):
    content = "y,up,down,day,clock\nyes,1,2,2026-01-03,10:00:00\nno,,5,2026-01-04,11:00:00\nno,,,-,\n"
    mapping = (
        "samples: s\noutcome: {from: y, positive: 'yes'}\ncolumns:\n  both: {from: [up, down], combine: sum, otherwise: '0'}\n"
        "  at: {from: [day, clock], combine: join, kind: date}\n"
    )
    house.ingest(mapping, house.file("s.csv", content))
    rows = pq.read_table(house.warehouse.files("samples.s")).to_pylist()
    assert [(row["both"], row["at"]) for row in rows] == [
        (3.0, dt.date(2026, 1, 3)), (5.0, dt.date(2026, 1, 4)), (0.0, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("{from: [a, b]}", "combine"),
        ("{from: a, combine: join}", "List them"),
        ("{from: [a, b], combine: add}", "join"),
        ("{constant: 2026-01-01 10:00:00, otherwise: 2026-01-01 10:00:00}", "leaves no blanks"),
        ("{from: a, otherwise: tomorrow}", "2026-07-01 10:00:00"),
        ("{from: a, days_before_month: 3}", "does not suit"),
    ],
)
def test_what_a_mapping_cannot_mean_is_told(source, hint):
    with pytest.raises(YamlMistake) as caught:
        parse_mapping(f"table: usage\ncolumns:\n  started_at: {source}")
    assert "line 3:" in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize(("column", "source"), [("duration_s", "{from: a, formats: ['%Y']}"), ("kind", "{from: a, otherwise: telegram}")])  # fmt: skip
def test_a_default_or_a_format_of_another_column_is_told(column, source):
    with pytest.raises(YamlMistake, match=r"Write one of|did you mean|Did you mean"):
        parse_mapping(f"table: usage\ncolumns: {{{column}: {source}}}")
