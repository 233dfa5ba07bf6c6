"""What `map guess` proposes for the less usual ways of writing: counted days, half days, two columns, durations, titles, workbooks."""

import io

import pytest
import xlsxwriter

from telewave.platform.languages import render
from telewave.records.first_rows import first_rows
from telewave.records.guess_text import guess_text
from telewave.records.guessing import guess
from telewave.records.mapping_file import parse_mapping

HEADER = "用户号码,开始时间,对端号码,时长（秒）"


def proposed(path, table="usage"):
    found = guess(first_rows(path), table)
    text = guess_text(found, lambda message: render(message, "en"))
    return found, text


def line_of(text, column):
    return next(line for line in text.splitlines() if line.strip().startswith(f"{column}:"))


def calls(house, *instants, name="usage.csv", header=HEADER, duration="60"):
    rows = "".join(f"13912345678,{at},13800000001,{duration}\n" for at in instants)
    return house.file(name, f"{header}\n{rows}")


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("1785515400", "epoch_s"),
        ("1785515400250", "epoch_ms"),
        ("46234.52083", "excel_1900"),
        ("2026/8/1 下午 3:15:00", "%Y/%m/%d %p %I:%M:%S"),
        ("2026-07-31T16:30:00.000+0000", "%Y-%m-%dT%H:%M:%S.%f%z"),
    ],
)
def test_counted_days_half_days_and_offsets_are_proposed(house, written, form):
    _, text = proposed(calls(house, written))
    assert f'formats: ["{form}"]' in line_of(text, "started_at")


def test_a_day_without_a_time_is_asked_for_where_no_column_holds_it(house):
    _, text = proposed(calls(house, "2026-08-01"))
    assert 'formats: ["?"]' in line_of(text, "started_at")
    assert "which column holds it" in text


def test_a_day_and_a_time_in_two_columns_are_joined(house):
    path = house.file(
        "usage.csv", "用户号码,开始时间,时刻,对端号码\n13912345678,20260801,10:00:00,13800000001\n"
    )
    found, text = proposed(path)
    line = line_of(text, "started_at")
    assert 'from: ["开始时间", "时刻"], combine: join, formats: ["%Y%m%d %H:%M:%S"]' in line
    assert "时刻" not in found.unused


@pytest.mark.parametrize(("written", "asked"), [("00:03:25", False), ("3分25秒", False), ("03:25", True)])
def test_a_duration_that_names_its_units_needs_none(house, written, asked):
    _, text = proposed(
        calls(house, "2026-08-01 10:00:00", header=HEADER.replace("（秒）", ""), duration=written)
    )
    line = line_of(text, "duration_s")
    assert "factor" not in line
    assert ('"?"' in line) == asked


def test_titles_above_the_header_are_skipped(house):
    path = house.file(
        "usage.csv", f"通话详单\n导出：2026-08-02\n{HEADER}\n13912345678,2026-08-01 10:00:00,13800000001,60\n"
    )
    _, text = proposed(path)
    assert "skip: 2" in text
    assert line_of(text, "peer").strip().startswith("peer: 对端号码")


def test_a_workbook_s_proposal_can_be_read(house):
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["手机号码", "账期", "出账日期", "金额（元）"])
        sheet.write_row(1, 0, [13912345678, "202607", "20260803", 35.5])
    _, text = proposed(house.file("bills.xlsx", held.getvalue()), "bills")
    assert "file:" not in text
    assert parse_mapping(text).table == "bills"
