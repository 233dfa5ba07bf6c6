"""Every kind of bad input gets an error or a quarantine line that says what to do."""

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.records.conftest import SUBSCRIBERS, TODAY, USAGE_HEADER, usage_row

from telewave.kernel import TelewaveError
from telewave.platform.yaml_files import YamlMistake
from telewave.records.clean_text import BLOCK
from telewave.records.judging import ColumnsMissing
from telewave.records.mapping_file import parse_mapping


def problem(report):
    (file,) = report.files
    assert file.problem is not None
    return file.code, str(file.problem)


def only_refusal(town, rows, **options):
    town.usage(rows, **options)
    (line,) = town.refused("usage")
    return line


def test_lines_may_end_as_on_old_macintoshes_the_last_one_too(house):
    report = house.ingest("table: subscribers", house.file("s.csv", SUBSCRIBERS.replace("\n", "\r")))
    assert (report.read, report.accepted) == (3, 3)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
@pytest.mark.parametrize("over", [0, 1])
def test_line_ends_are_the_same_where_a_block_of_a_large_file_ends_at_one_or_within(house, end, over):
    header, row = (
        name + "," + "x" * (width - 5 - len(end)) + end for name, width in (("name", 32 + over), ("anna", 32))
    )
    rows = BLOCK // 32 + 1
    report = house.ingest("samples: people", house.file("people.csv", header + row * rows))
    assert (report.accepted, report.rows_refused, report.files[0].blank) == (rows, 0, 0)


def test_one_column_alone_is_read_where_the_mapping_says_that_it_is_so(house):
    phones = "13912345678\n13912345679\n"
    assert problem(house.ingest("samples: vip", house.file("a.csv", "phone\n" + phones)))[0] == "no_delimiter"
    delimited = "samples: vip\nfile: {delimiter: comma}\nkey: phone"
    assert house.ingest(delimited, house.file("b.csv", "phone\n" + phones)).accepted == 2
    headless = "samples: vip2\nfile: {header: no}\nkey: c1"
    assert house.ingest(headless, house.file("c.csv", phones)).accepted == 2


def test_two_columns_of_one_name_are_told_with_their_places(town):
    lines = (USAGE_HEADER + usage_row()).splitlines()
    content = f"{lines[0]},duration_s\n{lines[1]},99\n"
    code, text = problem(town.usage(content.encode()))
    assert code == "ambiguous_column"
    assert "places 8, 10" in text
    mapping = "table: usage\ncolumns: {duration_s: {from: 10}}"
    town.usage(content.encode(), mapping=mapping)
    assert town.rows("usage")[0]["duration_s"] == 99


def test_two_columns_of_one_name_are_told_in_an_outside_table_too(house):
    content = "name,age,age,x,x\na,1,2,3,4\n"
    assert problem(house.ingest("samples: people\nignore: [x]", house.file("p.csv", content)))[0] == (
        "ambiguous_column"
    )
    assert house.ingest("samples: people\nignore: [x, age]", house.file("p.csv", content)).accepted == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_of_a_file_is_found_by_itself(house, encoding):
    content = SUBSCRIBERS.replace("north", "东城区").encode(encoding)
    report = house.ingest("table: subscribers", house.file("s.csv", content))
    assert report.accepted == 3
    assert "东城区" in {row["district"] for row in house.rows("subscribers")}


def test_a_byte_order_mark_is_removed_and_reported(house):
    report = house.ingest("table: subscribers", house.file("s.csv", SUBSCRIBERS, "utf-8-sig"))
    assert report.files[0].repairs["byte_order_mark"] == 1


@pytest.mark.parametrize(("written", "declared"), [("gb18030", "utf-8"), ("utf-8", "gb18030")])
def test_a_wrong_declared_encoding_is_told_with_the_right_one(house, written, declared):
    path = house.file("s.csv", SUBSCRIBERS.replace("north", "东城区"), written)
    code, text = problem(house.ingest(f"table: subscribers\nfile: {{encoding: {declared}}}", path))
    assert code == "wrong_encoding"
    assert f"encoding: {written}" in text


def test_a_few_undecodable_bytes_cost_only_their_row(house):
    rows = "".join(f"139{n:08d},2026-01-01,2020-01-01,,,x,prepaid,public\n" for n in range(500))
    header = SUBSCRIBERS.splitlines(keepends=True)[0]
    content = (header + rows).encode().replace(b",x,", b",\xff\xfe\xff,", 1)
    report = house.ingest("table: subscribers\nfile: {encoding: utf-8}", house.file("s.csv", content))
    assert (report.accepted, dict(report.refused)) == (499, {("undecodable", "district"): 1})


def test_a_wrong_delimiter_is_told_with_the_likely_one(town):
    code, text = problem(town.usage(usage_row(), mapping="table: usage\nfile: {delimiter: ';'}"))
    assert code == "wrong_delimiter"
    assert "','" in text


def test_the_order_of_columns_does_not_matter(town):
    lines = [line.split(",") for line in (USAGE_HEADER + usage_row()).splitlines()]
    town.usage("\n".join(",".join(reversed(line)) for line in lines).encode())
    assert town.rows("usage")[0]["duration_s"] == 60


def test_extra_columns_are_passed_over_and_reported(town):
    lines = (USAGE_HEADER + usage_row()).splitlines()
    report = town.usage(f"{lines[0]},cell_tower\n{lines[1]},77\n".encode())
    assert report.accepted == 1
    assert report.files[0].ignored_columns == ("cell_tower",)


def test_a_missing_column_is_named_with_what_the_file_has(town):
    code, text = problem(town.usage(b"subscriber,started_at,kind\n1,2,3\n"))
    assert code == ColumnsMissing.code
    assert "roaming, duration_s, volume_kb" in text


def test_a_mapping_that_names_an_absent_source_column_gets_the_nearest(town):
    mapping = "table: usage\ncolumns: {duration_s: duratoin_s}"
    code, text = problem(town.usage(usage_row(), mapping=mapping))
    assert code == "column_not_in_file"
    assert "'duration_s'" in text


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (usage_row(duration="many"), "not_a_number", "duration_s"),
        (usage_row(duration="1.5"), "not_whole", "duration_s"),
        (usage_row(duration="-5"), "negative", "duration_s"),
        (usage_row(duration="9999999"), "too_large", "duration_s"),
        (usage_row(duration="1e300"), "too_large", "duration_s"),
        (usage_row(duration="nan"), "not_a_number", "duration_s"),
        (usage_row(duration=""), "missing_value", "duration_s"),
        (usage_row(at="yesterday"), "not_an_instant", "started_at"),
        (usage_row(at="2026-02-30 10:00:00"), "not_an_instant", "started_at"),
        (usage_row(at="2026-01-01T10:00:00+8 hours"), "not_an_instant", "started_at"),
        (usage_row(at="1899-01-01 10:00:00"), "out_of_calendar", "started_at"),
        (usage_row(at="2026-06-02 10:00:00"), "future_day", "started_at"),
        (usage_row(kind="telegram"), "unknown_code", "kind"),
        (usage_row(subscriber=13999999999), "unknown_subscriber", "subscriber"),
        (usage_row(kind="vo\0ice"), "nul_byte", "kind"),
        ("13912345678,2026-01-01\n", "wrong_column_count", ""),
        (usage_row().strip() + ",7,8\n", "wrong_column_count", ""),
        ('"13912345678,2026-01-01\n', "unbalanced_quotes", ""),
    ],
)
def test_a_bad_row_waits_in_quarantine_with_its_number_reason_and_remedy(town, row, reason, column):
    line = only_refusal(town, usage_row(at="2026-01-02 00:00:00") + row)
    assert (line["row"], line["reason"], line["column"]) == (3, reason, column)
    assert line["what_to_do"].endswith(".")
    assert line["what_to_do_zh"].endswith("。")
    assert len(town.rows("usage")) == 1


def test_an_unknown_code_lists_the_allowed_ones(town):
    line = only_refusal(town, usage_row(kind="telegram"))
    assert "voice, sms, mms" in line["what_to_do"]
    assert "'telegram'" in line["what_to_do"]


def test_identifiers_are_masked_in_quarantine(town):
    rows = usage_row(subscriber=13999999999) + usage_row(kind="telegram") + '"13912345678,x\n'
    town.usage(rows)
    text = str(town.refused("usage"))
    assert "13912345678" not in text
    assert "13999999999" not in text
    assert "13800000000" not in text
    assert "****5678" in text


def test_no_identifier_is_in_the_warehouse_the_database_or_the_key_folder_in_clear(town, tmp_path):
    town.usage(usage_row() + usage_row(kind="telegram"))
    for path in tmp_path.rglob("*"):
        if path.is_file() and "incoming" not in path.parts:
            assert b"13912345678" not in path.read_bytes()
            assert b"13800000000" not in path.read_bytes()


def test_the_first_of_two_equal_rows_stays_and_the_later_one_names_it(town):
    line = only_refusal(town, usage_row() + usage_row())
    assert (line["row"], line["reason"], line["value"]) == (3, "duplicate_in_file", "2")
    assert len(town.rows("usage")) == 1


def test_a_key_that_another_delivery_of_the_day_has_is_refused_with_its_name(town):
    town.usage(usage_row(), name="first.csv")
    town.usage(usage_row() + usage_row(at="2026-01-03 11:00:00"), name="second.csv")
    (line,) = town.refused("usage")
    assert (line["delivery"], line["reason"], line["value"]) == ("second", "duplicate_of_delivery", "first")
    assert len(town.rows("usage")) == 2


def test_keys_that_differ_only_in_a_missing_value_are_the_same_key(town):
    rows = usage_row(peer="") + usage_row(peer="")
    assert only_refusal(town, rows)["reason"] == "duplicate_in_file"


def test_an_empty_file_is_refused_as_a_whole(town):
    assert problem(town.usage(b""))[0] == "empty_file"
    assert problem(town.usage(b"\n"))[0] == "empty_file"


def test_a_file_with_a_header_only_has_no_rows_and_is_fine(town):
    report = town.usage("")
    assert (report.read, report.problems) == (0, ())


def test_a_truncated_parquet_file_is_refused_and_the_earlier_delivery_stays(town, tmp_path):
    path = tmp_path / "usage.parquet"
    columns = dict(zip(USAGE_HEADER.strip().split(","), usage_row().strip().split(","), strict=True))
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}), path)
    assert town.ingest("table: usage", path).accepted == 1
    before = town.warehouse.manifest("usage")
    path.write_bytes(path.read_bytes()[:-20])
    code, text = problem(town.ingest("table: usage", path))
    assert code == "truncated_parquet"
    assert "delivered again" in text
    after = town.warehouse.manifest("usage")
    assert (after.partitions, after.facts) == (before.partitions, before.facts)
    assert len(town.rows("usage")) == 1


MEASURED = """
import datetime, sys
from pathlib import Path
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest

home = Path(sys.argv[1])
warehouse = Warehouse(home / "warehouse", DuckDBEngine(1, 2))
database = Database(f"sqlite:///{home / 'operations.sqlite'}")
for file in sys.argv[2:]:
    report = ingest(warehouse, database, parse_mapping("table: usage"), [Path(file)], Silent(), datetime.date(2026, 6, 1))
    assert report.accepted == 2
    status = dict(line.split(":") for line in open("/proc/self/status"))
    print(int(status["VmHWM"].split()[0]) * 1024)  # getrusage would also tell of the process that started this one
"""


def test_a_hundred_megabyte_line_is_refused_in_bounded_memory(town, tmp_path):
    first, last = (usage_row(at=f"2026-01-0{day} 10:00:00").encode() for day in (3, 4))
    small = town.file("small.csv", USAGE_HEADER.encode() + first + last)
    first, last = (usage_row(at=f"2026-01-0{day} 12:00:00").encode() for day in (3, 4))
    large = town.file("large.csv", USAGE_HEADER.encode() + first + b"x" * 100_000_000 + b"\n" + last)
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path), str(small), str(large)],
        check=True,
        capture_output=True,
        text=True,
    )
    before, peak = map(int, measured.stdout.split())
    assert peak - before < 80_000_000  # of the whole process, Arrow and DuckDB included
    (line,) = town.refused("usage")
    assert (line["row"], line["reason"]) == (3, "line_too_long")


def test_a_folder_or_an_absent_path_instead_of_a_file_is_told(town, tmp_path):
    assert problem(town.ingest("table: usage", tmp_path))[0] == "not_a_file"
    assert problem(town.ingest("table: usage", tmp_path / "no.csv"))[0] == "no_such_file"


def test_one_broken_file_does_not_keep_the_others_out(town):
    good, bad = town.file("good.csv", USAGE_HEADER + usage_row()), town.file("bad.csv", b"")
    report = town.ingest("table: usage", good, bad)
    assert report.accepted == 1
    assert [file.file for file in report.problems] == ["bad.csv"]


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("table: usge", 1, "usage"),
        ("table: usage\ncolumns:\n  duratoin_s: x", 3, "duration_s"),
        ("table: usage\nfile:\n  delimeter: ;", 3, "delimiter"),
        ("table: usage\nfile:\n  encoding: utf8", 3, "utf-8"),
        ("table: usage\ncolumns:\n  kind:\n    from: a\n    codes: {x: voise}", 5, "voice"),
        ("table: usage\ncolumns:\n  kind: {from: a, factor: 60}", 3, "factor"),
        ("table: usage\ncolumns:\n  duration_s: {from: a, factor: x}", 3, "factor"),
        (
            "table: bills\ncolumns:\n  issued_on: {from: a, days_after_month_end: -1}",
            3,
            "days_after_month_end",
        ),
        (
            "table: bills\ncolumns:\n  amount_minor: {from: a, days_after_month_end: 1}",
            3,
            "days_after_month_end",
        ),
        ("table: usage\ncolumns:\n  duration_s: {codes: {}}", 3, "constant"),
        ("columns: {}", 1, "table"),
        ("table: usage\ntable: bills", 2, "twice"),
        ("table: [usage", 1, "YAML"),
        ("- a", 1, "key: value"),
        ("", 1, "key: value"),
        ("samples: b\noutcome: {from: y}", 2, "positive"),
        ("samples: a/b", 1, "letters"),
    ],
)
def test_a_mistake_in_a_mapping_is_told_with_its_line_and_the_nearest_word(text, line, hint):
    with pytest.raises(YamlMistake) as caught:
        parse_mapping(text)
    assert f"line {line}:" in str(caught.value)
    assert hint in str(caught.value)


def test_two_files_of_one_name_are_refused(town):
    first, second = town.file("a/usage.csv", USAGE_HEADER), town.file("b/usage.csv", USAGE_HEADER)
    with pytest.raises(TelewaveError, match="both called usage"):
        town.ingest("table: usage", first, second)


def test_today_itself_is_not_the_future(town):
    assert town.usage(usage_row(at=f"{TODAY} 10:00:00")).accepted == 1
