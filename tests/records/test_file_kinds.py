"""Files as they really come: packed, as workbooks, as web pages, with titles above, headers again, delimiters too many."""

import base64
import gzip
import io
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from tests.records.conftest import SUBSCRIBERS, USAGE_HEADER, usage_row

from telewave.platform.languages import render
from telewave.records.contents import delivery_of
from telewave.records.first_rows import first_rows, first_rows_of_each
from telewave.records.guess_text import guess_text
from telewave.records.guessing import guess
from telewave.records.mapping import FileFormat
from telewave.records.mapping_file import parse_mapping
from telewave.records.markup_tables import LONGEST_CELL
from telewave.records.workbooks import LARGEST_OLD, OLE, WhichSheet, text_of

TABLE = "table: subscribers"
ROWS = [line.split(",") for line in SUBSCRIBERS.splitlines()]
OLD_WORKBOOK = zlib.decompress(base64.b64decode(
    "eNrtWE9IFFEY/73ZWfdPq66mgQYiQmamoHaoi24J5SmxLkkEtrMzxKLubrNrZIeyzGMQdCq6CHboYnXpD3WoW4fAqEMQBGqnqEtQ"
    "0EGdvvftm821AhdMMOY3+775vu+993tv3p9v3s7ruar56Qf1C1iDHviw4oRQtsonKIVcIwrKdxypuvcgJcfDlkIoSBNZ5sfT8lcB"
    "OYdyvheg4b7+giSwSOkUMuhPp6zGTUQv9yEuZB+6SQrcJk8F6rhX1SwTLLezvMcln7E8yJ5rLLup7Lw4iblYf+sBtYoHtSbOq4Dk"
    "fcR13rOnE7V4KVfxpesiX9aPQ3YyPrLFMhr0CGZAE9pnpSxb2pW4gzAwTmgfHW03zXnU0GTP4LvTCHxzd/XzRs+/uX4B8v8o9gf+"
    "4g/SJK7139B0YALOad4kU4hgUJc5mmgZ228s4Sy2qbBN058dM7IJO2lYNjltK5G2TcscSqciQDyRS56L59ikhZOJj49aqRxpWeuM"
    "1Kh2V0dXR3tHJ/1kAdvKxJMmxYvMmDGSTFDwz6SzOekLywY5rkSL4ko577cISROVrFfxrovSgy3d/frmqDEQG2LPBL9L8m+cXfIB"
    "4eCyrEGVKzjHx9JPqZVr7GV5hVl3sl7PsobK0L15oFYpRya5zFXObaZ29jHexnav0ltIn/p87HHD1MfYHtJn+xYu1My+i02jiYbS"
    "pPrymkSbaBO3bko8ibl3oaLTB5Z1v0WqoBZVfXfUa7USy3JyCFUs85YcHVGwNDVWectHlq9g6WTpilmsYfbReAnFnDG+fAr1XtTC"
    "3PtqNMxpzCCY3a/4BLOXFSzJHlDs2h/YNcV+vsCuFbFrRewaswcLlsveo1XjoaSi6P0LYXjw4MGDBw8ePHjYWAg+W+bP07o6Ucuz"
    "X0B911mmtOJ9JvlvcRxpunL0p/IwUnS3MV7S+tkBv3C5xDrruN8LJU5Q6zaGYXA/hktev/RfS6x+nnVXjG7cFiq1/ZVS+vmP2/8J"
    "Laf5fA=="
))  # fmt: skip
"""An .xls of two subscribers, numbers as numbers and days as days; no library of ours writes such files."""


def xlsx(sheets):
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(place, column, datetime.combine(cell, time()), day)
                    else:
                        sheet.write(place, column, cell)
    return held.getvalue()


def zipped(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_csv", ".csv"), content)
    return held.getvalue()


def page(rows, opening="<html><body><table>"):
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"{opening}\n{lines}</table></body></html>"


def xml_sheet(rows):
    lines = "".join(
        "<Row>" + "".join(f"<Cell><Data ss:Type='String'>{cell}</Data></Cell>" for cell in row) + "</Row>"
        for row in rows
    )
    return (
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet>'
        f"<Table>{lines}</Table></Worksheet></Workbook>"
    )


def problem(report):
    (file,) = report.files
    assert file.problem is not None
    return file.code


FORMS = {
    "plain.csv": SUBSCRIBERS,
    "packed.csv.gz": gzip.compress(SUBSCRIBERS.encode()),
    "packed.zip": zipped(people_csv=SUBSCRIBERS, __MACOSX=""),
    "workbook.xlsx": xlsx({"people": ROWS}),
    "workbook.xlsx.gz": gzip.compress(xlsx({"people": ROWS})),
    "workbook_in.zip": zipped(book=xlsx({"people": ROWS})),
    "numbers.xlsx": xlsx({"people": [ROWS[0], *([int(r[0]), date.fromisoformat(r[1]), *r[2:]] for r in ROWS[1:])]}),
    "page.xls": page(ROWS),
    "page_gbk.xls": page(ROWS).replace("north", "东城区").encode("gb18030"),
    "page16.xls": page(ROWS).encode("utf-16"),
    "sheet.xls": xml_sheet(ROWS),
    "marked_twice.csv": "\ufeff\ufeff" + SUBSCRIBERS,
    "says.csv": "sep=;\n" + SUBSCRIBERS.replace(",", ";"),
    "ends.csv": SUBSCRIBERS.replace("\n", ",\n"),
    "ends_below.csv": SUBSCRIBERS.replace("\n", ",\n").replace("segment,", "segment"),
    "ends_above.csv": SUBSCRIBERS.replace("segment\n", "segment,\n"),
    "tabs.csv": SUBSCRIBERS.replace(",", "\t,").replace("\n", "\t\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_the_same_people_come_out_of_every_kind_of_file(house, name):
    report = house.ingest(TABLE, house.file(name, FORMS[name]))
    assert report.files[0].problem is None
    assert (report.read, report.accepted) == (3, 3)
    people = sorted(house.rows("subscribers"), key=lambda row: row["subscriber"])
    assert [str(row["recorded_on"]) for row in people] == ["2026-01-01", "2026-01-01", "2026-01-02"]
    assert [row["gender"] for row in people] == ["female", "male", None]
    assert people[0]["district"] in ("north", "东城区")


def test_an_old_workbook_is_read(house):
    report = house.ingest(TABLE, house.file("old.xls", OLD_WORKBOOK))
    assert report.accepted == 2
    assert {row["payment"] for row in house.rows("subscribers")} == {"prepaid", "postpaid"}


def test_a_delivery_s_name_is_without_the_packing_s_suffix(house):
    assert delivery_of(Path("a/calls.2026.csv.gz")) == delivery_of(Path("calls.2026.csv")) == "calls.2026"
    house.ingest(TABLE, house.file("people.csv", SUBSCRIBERS))
    report = house.ingest(TABLE, house.file("people.csv.gz", gzip.compress((SUBSCRIBERS + "\n").encode())))
    assert report.files[0].replaced == {"2026-01-01": 2, "2026-01-02": 1}


def test_titles_above_the_header_are_skipped_and_rows_keep_their_numbers(house):
    bad = "13912345681,yesterday,2020-01-01,,,,prepaid,public\n"
    content = "用户资料,,\n导出时间：2026-06-01\n" + SUBSCRIBERS + bad
    report = house.ingest(TABLE + "\nfile: {skip: 2}", house.file("people.csv", content))
    assert report.accepted == 3
    (line,) = house.refused("subscribers")
    assert line["row"] == 7
    rows = [["用户资料"], [], *ROWS, bad.strip().split(",")]
    house.ingest(TABLE + "\nfile: {skip: 2}", house.file("people2.xlsx", xlsx({"s": rows})))
    assert house.refused("subscribers")[-1]["row"] == 7


def test_line_breaks_in_a_header_do_not_count(house):
    content = SUBSCRIBERS.replace("subscriber", '"手机\r\n号码"', 1).replace("district", '"home\ntown"', 1)
    mapping = TABLE + "\ncolumns: {subscriber: 手机号码, district: home town}"
    bad = "13912345681,yesterday,2020-01-01,,,,prepaid,public\n"
    assert house.ingest(mapping, house.file("people.csv", content + bad)).accepted == 3
    assert house.refused("subscribers")[0]["row"] == 7  # a line of the file, as an editor counts
    rows = [["手机\n号码", *ROWS[0][1:5], "home\ntown", *ROWS[0][6:]], *ROWS[1:]]
    assert house.ingest(mapping, house.file("people2.xlsx", xlsx({"s": rows}))).read == 3


def test_headers_of_joined_exports_are_passed_over_and_counted(house):
    header, *rows = SUBSCRIBERS.splitlines(keepends=True)
    content = header + rows[0] + "\ufeff" + header + rows[1] + header + rows[2]
    report = house.ingest(TABLE, house.file("people.csv", content))
    assert (report.read, report.accepted, report.files[0].headers) == (3, 3, 2)


def test_values_that_end_in_a_tab_are_trimmed_and_a_last_empty_column_stays(town):
    rows = usage_row().replace("\n", "\t\n") + usage_row(at="2026-01-03 11:00:00")
    assert town.usage(rows.replace("60,0", '"60\t",0')).accepted == 2
    header = "y,x,remark\n"
    report = town.ingest(
        "samples: s\noutcome: {from: y, positive: a}", town.file("s.csv", header + "a,1,\nb,2,\n")
    )
    assert report.accepted == 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("several.zip", zipped(a_csv="a,b\n", b_csv="a,b\n"), "several_members"),
        ("empty.zip", zipped(), "several_members"),
        ("cut.csv.gz", gzip.compress(SUBSCRIBERS.encode() * 99)[:-20], "broken_archive"),
        ("cut.zip", b"PK\x03\x04" + b"\0" * 50, "broken_archive"),
        ("cut.xlsx", FORMS["workbook.xlsx"][:-40], "broken_archive"),
        ("cut.xls", OLD_WORKBOOK[:600], "broken_workbook"),
        ("sheets.xlsx", xlsx({"a": ROWS, "b": ROWS}), "which_sheet"),
        ("page.html", "<html><body>no table</body></html>", "no_table_inside"),
        ("nothing.csv.gz", gzip.compress(b""), "empty_file"),
        ("cell.xls", page([["x" * (LONGEST_CELL + 70_000), "y"]]), "no_table_inside"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_what_to_do(house, name, content, code):
    assert problem(house.ingest(TABLE, house.file(name, content))) == code


@pytest.mark.parametrize("sheet", ["b", "2"])
def test_the_sheet_is_named_or_numbered(house, sheet):
    book = house.file("sheets.xlsx", xlsx({"a": [["nothing"]], "b": ROWS, "c": [["x"]]}))
    assert house.ingest(f"{TABLE}\nfile: {{sheet: {sheet}}}", book).accepted == 3
    assert problem(house.ingest(f"{TABLE}\nfile: {{sheet: d}}", book)) == "no_such_sheet"
    pages = house.file("pages.xls", page([["title"]]) + page(ROWS))
    assert house.ingest(f"{TABLE}\nfile: {{sheet: 2}}", pages).read == 3


def test_cells_over_columns_and_gaps_keep_their_places(house):
    rows = page(ROWS).replace("<td>female</td><td>north</td>", '<td colspan="2">female</td>')
    house.ingest(TABLE, house.file("page.xls", rows))
    assert {row["district"] for row in house.rows("subscribers")} == {None, "south"}


def test_cells_are_written_as_a_text_file_would_write_them():
    cells = [
        "x",
        1.0,
        1.5,
        3,
        True,
        date(2026, 8, 1),
        datetime(2026, 8, 1, 9),
        time(0, 3, 25),
        timedelta(hours=30),
    ]
    written = ["x", "1", "1.5", "3", "true", "2026-08-01", "2026-08-01 09:00:00", "00:03:25", "30:00:00"]
    assert [text_of(cell) for cell in cells] == written


def test_a_workbook_s_first_rows_are_looked_at_too(house):
    found = first_rows(house.file("people.xlsx", FORMS["workbook.xlsx"]))
    assert (found.names[0], len(found.rows), found.encoding) == ("subscriber", 3, "")


def test_one_title_above_one_row(house):
    content = USAGE_HEADER + usage_row()
    report = house.ingest("table: usage\nfile: {skip: 1}", house.file("usage.csv", "x\n" + content))
    assert report.read == 1


def test_a_workbook_of_several_sheets_shows_them_and_a_mapping_is_proposed_for_the_one_that_is_named(
    tmp_path,
):
    path = tmp_path / "book.xlsx"
    bills = [["2026年账单"], ["手机号码", "账期", "金额（元）"], ["13912345678", "202601", "88.50"]]
    path.write_bytes(
        xlsx({"用户资料": [["手机号码", "入网时间"], ["13912345678", date(2020, 1, 1)]], "账单 1": bills})
    )
    with pytest.raises(WhichSheet) as several:
        first_rows(path)
    said = str(several.value)
    assert "用户资料 (2: 手机号码, 入网时间)" in said
    assert "账单 1 (3: 手机号码, 账期, 金额（元）)" in said
    assert "`telewave map guess book.xlsx`" in said
    assert [guess(one).table for one in first_rows_of_each(path)] == ["subscribers", "bills"]
    proposal = guess_text(guess(first_rows(path, "账单 1")), lambda text: render(text, "en"))
    assert parse_mapping(proposal.replace('"?"', "3")).file == FileFormat(skip=1, sheet="账单 1")


def test_delimiters_too_many_at_the_end_of_some_lines_are_left_out_and_counted(house):
    lines = SUBSCRIBERS.splitlines()
    ragged = "\n".join([*lines[:2], lines[2] + ",", lines[3] + ",, "]) + "\n"
    (file,) = house.ingest("table: subscribers", house.file("s.csv", ragged)).files
    assert (file.accepted, file.surplus, file.refused) == (3, 2, {})
    (file,) = house.ingest("table: subscribers", house.file("t.csv", ragged.replace(",, ", ",,x"))).files
    assert (file.surplus, file.refused) == (
        1,
        {("duplicate_of_delivery", ""): 2, ("wrong_column_count", ""): 1},
    )


def test_of_many_lines_with_a_delimiter_too_many_each_keeps_its_place(house):
    rows = "".join(f"{n},x{',' if n >= 30 else ''}\n" for n in range(60_000))
    (file,) = house.ingest("samples: many", house.file("many.csv", "a,b\n" + rows)).files
    assert (file.accepted, file.surplus) == (60_000, 59_970)
    (stored,) = (house.warehouse.root / "samples.many").rglob("*.parquet")
    table = pq.read_table(stored).sort_by("sequence")
    assert table["a"].to_pylist() == list(range(60_000))


def test_a_parquet_file_is_known_by_how_it_begins_and_a_packed_one_is_unpacked_first(house):
    held = io.BytesIO()
    pq.write_table(pa.table({"y": ["a", "b"]}), held)
    (file,) = house.ingest("samples: s", house.file("s.parquet.gz", gzip.compress(held.getvalue()))).files
    assert file.code == "packed_parquet"
    assert house.ingest("samples: s", house.file("s.parquet", held.getvalue())).accepted == 2
    assert house.ingest("samples: t", house.file("t.dat", held.getvalue())).accepted == 2


def test_of_an_archive_with_several_files_each_is_taken_once_it_is_unpacked(house):
    packed = house.file("both.zip", zipped(a_csv=SUBSCRIBERS, b_csv=SUBSCRIBERS.replace("139123", "139124")))
    (file,) = house.ingest("table: subscribers", packed).files
    assert file.code == "several_members"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(packed.parent)
    report = house.ingest("table: subscribers", packed.parent / "a.csv", packed.parent / "b.csv")
    assert (report.accepted, report.problems) == (6, ())


def test_a_workbook_too_large_for_memory_is_taken_as_text(house):
    large = house.file("large.xls", OLE)
    with large.open("r+b") as out:
        out.truncate(LARGEST_OLD + 1)  # nothing but a hole
    (file,) = house.ingest("table: subscribers", large).files
    assert file.code == "large_workbook"
    assert house.ingest("table: subscribers", house.file("large.csv", SUBSCRIBERS)).accepted == 3
