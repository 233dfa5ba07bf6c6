"""The same records, written as different systems export them, come in as the same rows and make the same wide table."""

import csv
import datetime as dt
import gzip
import io
import zipfile
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.records.conftest import House

from telewave.features.usecases import build_wide, open_wide
from telewave.platform.database import Database
from telewave.platform.progress import Silent

WALL = ZoneInfo("Asia/Shanghai")
PEOPLE = ("13912345678", "13912345679", "13912345680")
WORDS = {"out": "主叫", "in": "被叫"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """How a system writes its files."""

    container: str
    encoding: str
    delimiter: str
    quoting: int
    instant: str
    zone: str
    duration: str
    thousands: bool
    decimal: str
    nothing: str
    words: bool
    split: bool
    titles: int
    ends: bool
    pieces: int
    blanks: str


def habits():
    return st.builds(
        Habit,
        container=st.sampled_from(["plain", "gz", "zip", "xlsx", "html"]),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
        delimiter=st.sampled_from([",", ";", "\t", "|"]),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        instant=st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y/%m/%d %p %I:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "epoch_s", "epoch_ms", "excel_1900", "excel_1904"]),
        zone=st.sampled_from(["Asia/Shanghai", "UTC", "America/Los_Angeles"]),
        duration=st.sampled_from(["seconds", "minutes", "clock", "units"]),
        thousands=st.booleans(),
        decimal=st.sampled_from([".", ","]),
        nothing=st.sampled_from(["", "NULL", "\\N", "None", "#N/A", "-"]),
        words=st.booleans(),
        split=st.booleans(),
        titles=st.integers(0, 2),
        ends=st.booleans(),
        pieces=st.integers(1, 3),
        blanks=st.sampled_from(["", " ", "\u3000", "\ufeff"]),
    )  # fmt: skip


instants = st.datetimes(dt.datetime(2026, 3, 1), dt.datetime(2026, 5, 30, 23, 59, 59)).map(
    lambda at: at.replace(microsecond=0)
)
records = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE), instants, st.sampled_from(["out", "in", None]), st.integers(0, 9_999), st.sampled_from(["13800000001", "13800000002"])
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (row[0], row[1]),
)  # fmt: skip


def written_instant(at, habit):
    aware = at.replace(tzinfo=WALL)
    if habit.instant in ("epoch_s", "epoch_ms"):
        return str(round(aware.timestamp() * (1000 if habit.instant == "epoch_ms" else 1)))
    there = aware.astimezone(ZoneInfo(habit.zone))
    if habit.instant.startswith("excel"):
        first = dt.datetime(1899, 12, 30) if habit.instant == "excel_1900" else dt.datetime(1904, 1, 1)
        days = (there.replace(tzinfo=None) - first) / dt.timedelta(days=1)
        return f"{days:.9f}"
    text = there.strftime(habit.instant.replace("%p", "@"))
    return text.replace("@", "上午" if there.hour < 12 else "下午")


def written_duration(seconds, habit):
    match habit.duration:
        case "minutes":
            return f"{seconds / 60:.4f}".replace(".", habit.decimal)
        case "clock":
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case "units":
            return f"{seconds // 3600}小时{seconds // 60 % 60}分{seconds % 60}秒"
    mark = "," if habit.decimal == "." else "."
    return f"{seconds:,}".replace(",", mark) if habit.thousands else str(seconds)


def cells_of(row, habit):
    person, at, direction, seconds, peer = row
    said = habit.nothing if direction is None else WORDS[direction] if habit.words else direction.upper()
    instant = written_instant(at, habit)
    parts = instant.split(" ", 1) if splits(habit) else [instant]
    return [person, *parts, said, written_duration(seconds, habit) + habit.blanks, peer]


def splits(habit):
    return habit.split and " " in habit.instant


def header_of(habit):
    return [
        "用户号码",
        *(["日期", "时间"] if splits(habit) else ["开始时间"]),
        "呼叫类型",
        "时长",
        "对端号码",
    ]


def mapping_of(habit):
    codes = ", codes: {主叫: out, 被叫: in}" if habit.words else ""
    zone = "" if "%z" in habit.instant or "epoch" in habit.instant else f", timezone: {habit.zone}"
    source = "[日期, 时间], combine: join" if splits(habit) else "开始时间"
    factor = ", factor: 60" if habit.duration == "minutes" else ""
    form = f"skip: {habit.titles}, decimal: '{habit.decimal}'"
    if habit.container not in ("xlsx", "html"):
        form += f", delimiter: {'tab' if habit.delimiter == chr(9) else repr(habit.delimiter)}"
    return (
        f"table: usage\nfile: {{{form}}}\ncolumns:\n  subscriber: 用户号码\n  peer: 对端号码\n"
        f"  started_at: {{from: {source}, formats: ['{habit.instant}']{zone}}}\n"
        f"  direction: {{from: 呼叫类型{codes}}}\n  duration_s: {{from: 时长{factor}}}\n"
        "  kind: {constant: voice}\n  roaming: {constant: none}\n"
    )


def written(rows, habit):
    titles = [["通话详单"], ["导出"]][: habit.titles]
    lines = [*titles, header_of(habit), *(cells_of(row, habit) for row in rows)]
    if habit.container == "xlsx":
        held = io.BytesIO()
        with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            for place, line in enumerate(lines):
                for column, cell in enumerate(line):
                    sheet.write_string(place, column, cell)
        return held.getvalue(), ".xlsx"
    if habit.container == "html":
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
        return f"<table>{body}</table>".encode(habit.encoding), ".xls"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=habit.delimiter, quoting=habit.quoting, lineterminator="\r\n")
    writer.writerows(titles)
    for line in lines[len(titles) :]:
        writer.writerow([*line, ""] if habit.ends else line)
    raw = text.getvalue().encode(habit.encoding)
    if habit.container == "gz":
        return gzip.compress(raw), ".csv.gz"
    if habit.container == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("详单.csv", raw)
        return held.getvalue(), ".zip"
    return raw, ".csv"


class Homes:
    """A new home for every export, subscribers known."""

    def __init__(self, folder, wide):
        self.folder = folder
        self.wide = wide
        self.number = 0
        first = Database(f"sqlite:///{folder / 'empty.sqlite'}")
        first.migrate()
        first.close()

    def after(self, rows, habit):
        """Rows and wide table of a home that took the records in as the habit writes them."""
        self.number += 1
        home = self.folder / str(self.number)
        home.mkdir()
        (home / "operations.sqlite").write_bytes((self.folder / "empty.sqlite").read_bytes())
        database = Database(f"sqlite:///{home / 'operations.sqlite'}")
        house = House(home, database)
        house.subscribers()
        pieces = [rows[n :: habit.pieces] for n in range(habit.pieces)]
        files = []
        for number, piece in enumerate(filter(None, pieces)):
            content, suffix = written(piece, habit)
            files.append(house.file(f"calls{number}{suffix}", content))
        report = house.ingest(mapping_of(habit), *files, timezone="Asia/Shanghai")
        assert [str(file.problem) for file in report.problems] == []
        assert house.refused("usage") == []
        found = sorted(house.rows("usage"), key=lambda row: (row["subscriber"], row["started_at"]))
        without = [{name: value for name, value in row.items() if name != "peer"} for row in found]
        as_of = max(row["started_at"] for row in found).date() + dt.timedelta(days=1)
        wide = []
        if self.wide:
            build_wide(house.warehouse, as_of, Silent(), with_gaps=True)
            table = open_wide(house.warehouse, as_of)
            wide = sorted(house.engine.fetch(table.relation).to_pylist(), key=lambda row: row["subscriber"])
        house.engine.close()
        database.close()
        return without, wide


PLAIN = Habit(
    container="plain", encoding="utf-8", delimiter=",", quoting=csv.QUOTE_MINIMAL, instant="%Y-%m-%d %H:%M:%S", zone="Asia/Shanghai",
    duration="seconds", thousands=False, decimal=".", nothing="", words=False, split=False, titles=0, ends=False, pieces=1, blanks="",
)  # fmt: skip
SOME = [
    ("13912345678", dt.datetime(2026, 3, 31, 23, 59, 59), "out", 1_234, "13800000001"),
    ("13912345678", dt.datetime(2026, 4, 1), None, 0, "13800000002"),
    ("13912345679", dt.datetime(2026, 5, 30, 12, 0, 1), "in", 59, "13800000001"),
]


def same_as_plainly(homes, rows, habit):
    assert homes.after(rows, habit) == homes.after(rows, PLAIN)


def quietly(examples):
    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow)


def test_two_habits_that_have_nothing_in_common_make_the_same_wide_table(tmp_path):
    habit = Habit(
        container="gz", encoding="gb18030", delimiter="|", quoting=csv.QUOTE_ALL, instant="%Y/%m/%d %p %I:%M:%S", zone="UTC", duration="units",
        thousands=True, decimal=",", nothing="\\N", words=True, split=True, titles=2, ends=True, pieces=2, blanks=" ",
    )  # fmt: skip
    same_as_plainly(Homes(tmp_path, wide=True), SOME, habit)


@quietly(4)
@given(rows=records, habit=habits())
def test_however_a_system_exports_them_the_same_records_come_in(tmp_path_factory, rows, habit):
    same_as_plainly(Homes(tmp_path_factory.mktemp("homes"), wide=False), rows, habit)


@pytest.mark.prove
@quietly(60)
@given(rows=records, habit=habits())
def test_however_a_system_exports_them_the_same_wide_table_comes_out(tmp_path_factory, rows, habit):
    same_as_plainly(Homes(tmp_path_factory.mktemp("homes"), wide=True), rows, habit)
