"""What `map guess` proposes for the less usual ways of writing: counted days, half days, two columns, durations, titles, workbooks."""

import io
from types import SimpleNamespace

import pytest
import xlsxwriter
from tests.campaign_desk import Desk

from telewave.platform.languages import render
from telewave.platform.yaml_files import YamlMistake
from telewave.records.first_rows import first_rows
from telewave.records.guess_text import guess_text
from telewave.records.guessing import guess
from telewave.records.map_commands import guess_command
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


def test_a_record_s_number_and_the_number_of_a_long_call_are_proposed_with_the_reason(town):
    header = "手机号码,开始时间,业务类型,漫游类型,对端号码,时长（秒）,流量（KB）,话单流水号,会话标识\n"
    rows = "".join(
        f"13912345678,{at},语音,非漫游,13800000001,60,0,{no},{session}\n"
        for at, no, session in (
            ("2026-01-03 10:00:00", "a1", "s1"),
            ("2026-01-03 10:01:00", "a2", "s1"),
            ("2026-01-03 12:00:00", "a3", "s2"),
            ("2026-01-03 12:00:00", "a4", ""),
        )
    )
    file = town.file("详单.csv", header + rows)
    found, text = proposed(file, None)
    assert line_of(text, "record_id").startswith("record_id: 话单流水号  # by its name; 4 of 4 values differ")
    assert line_of(text, "continues").startswith("continues: 会话标识  # by its name; 1 rows")
    assert (found.gaps, found.unused) == (0, ())
    report = town.ingest(text, file)
    assert (report.accepted, report.files[0].joined) == (3, 1)
    assert sorted(row["duration_s"] for row in town.rows("usage")) == [60, 60, 120]


def test_numbers_that_do_not_tell_records_apart_are_not_proposed(town):
    header = "手机号码,缴费日期,应缴日期,金额（元）,订单号\n"
    rows = "".join(f"13912345678,2026010{n},20260120,50.5,o{n % 2}\n" for n in range(1, 7))
    found, _ = proposed(town.file("缴费.csv", header + rows), None)
    assert (found.keys, found.unused) == ((), ("订单号",))


def test_payments_below_zero_are_proposed_as_taken_back(town):
    header = "手机号码,缴费日期,应缴日期,金额（元）\n"
    file = town.file(
        "缴费.csv", header + "".join(f"13912345678,20260105,20260120,{a}\n" for a in ("50.5", "-50.5"))
    )
    _, text = proposed(file, None)
    assert line_of(text, "reversals").startswith("reversals: yes  # 1 amounts are below zero")
    assert town.ingest(text, file).accepted == 2


@pytest.mark.parametrize(
    ("name", "line"),
    [("用户资料_全量.csv", "full"), ("用户资料快照.csv", '"?"'), ("fuller_用户资料.csv", None)],
)
def test_a_full_snapshot_is_proposed_where_the_file_says_so_and_asked_where_it_says_snapshot(
    house, name, line
):
    header = "手机号码,数据日期,入网日期,付费类型,客户类型\n"
    people = "".join(f"1390000000{n},{{day}},20200101,预付费,公众\n" for n in range(3))
    file = house.file(f"a/{name}", header + people.replace("{day}", "20260401"))
    found, text = proposed(file, None)
    assert found.gaps == (line == '"?"')
    assert [one.value for one in found.keys] == ([line.strip('"')] if line else [])
    if line == '"?"':
        with pytest.raises(YamlMistake, match=r"\?"):
            parse_mapping(text)
    text = text.replace('"?"', "full")
    house.ingest(text, file)
    fewer = people.splitlines(keepends=True)[:2]
    later = house.file(f"b/later-{name}", header + "".join(fewer).replace("{day}", "20260501"))
    house.ingest(text, later)
    ended = [row for row in house.rows("subscribers") if row["ended_on"]]
    assert len(ended) == bool(line)


def test_each_sheet_of_a_workbook_is_proposed_for_in_a_file_of_its_own_and_brings_its_rows_in(house):
    held = io.BytesIO()
    sheets = {
        "用户 资料": [["手机号码", "数据日期", "入网日期", "付费类型", "客户类型"],
                  ["13912345678", "20260101", "20200101", "预付费", "公众"]],
        "账单": [["手机号码", "账期", "出账日期", "金额（元）"], ["13912345678", "202601", "20260203", "35.5"]],
        "说明": [["以上数据仅供内部使用"]],
    }  # fmt: skip
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(cells):
                sheet.write_row(place, 0, row)
    file = house.file("book.xlsx", held.getvalue())
    terminal = Desk(house.home / "home").session
    guess_command(SimpleNamespace(obj=terminal), file, to=house.home / "map.yaml")
    for name, table in (("用户_资料", "subscribers"), ("账单", "bills")):
        assert house.ingest((house.home / f"map-{name}.yaml").read_text(), file).accepted == 1
        assert len(house.rows(table)) == 1
    assert not (house.home / "map-说明.yaml").exists()
