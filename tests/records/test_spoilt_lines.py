"""Lines that cannot become rows: each is told with its number, and memory does not grow with how many there are."""

import tracemalloc

import duckdb
import pytest

from telewave.records.mapping import FileFormat
from telewave.records.reading import LineNumbers, read_raw
from telewave.records.spoilt_lines import BATCH, Spoilt, SpoiltLines

MB = 1 << 20


def written(folder, row, rows, header="a,b\n"):
    path = folder / "file.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(header)
        file.writelines(row(place) for place in range(rows))
    return path


def read(folder, path, wanted=(0, 1)):
    con = duckdb.connect()
    raw = read_raw(con, path, FileFormat(), wanted, folder)
    rows = con.execute("SELECT line FROM raw ORDER BY line").fetchall()
    aside = con.read_parquet(str(raw.spoilt_lines)).order("line").fetchall() if raw.spoilt_lines else []
    return raw, [line for (line,) in rows], aside


def peak(work):
    """The most memory in use while working, and what the work gave."""
    tracemalloc.start()
    try:
        result = work()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


def three_columns(place):
    return f"1391234{place:04d},x,y\n"


def open_quote(place):
    return f'1391234{place:04d},"y\n'


def every_second(place):
    return "1,2\n" if place % 2 else "1\n"


@pytest.mark.parametrize("row", [three_columns, open_quote, every_second])
def test_every_spoilt_line_of_many_is_put_aside_with_its_number(tmp_path, row):
    many = 3 * BATCH // 2
    raw, rows, aside = read(tmp_path, written(tmp_path, row, many))
    assert raw.rows == many
    assert sorted([*rows, *(line for line, *_ in aside)]) == list(range(2, many + 2))
    assert raw.spoilt == {aside[0][1]: len(aside)}
    assert "1391234" not in aside[0][3]


def test_good_rows_behind_a_block_of_nothing_but_spoilt_lines_are_read(tmp_path):
    long = "x" * 900_000 + ",1,2\n"  # ten of them are more than the parser takes at once
    raw, rows, aside = read(tmp_path, written(tmp_path, lambda place: long if place < 10 else "1,2\n", 12))
    assert (rows, [line for line, *_ in aside], raw.rows) == ([12, 13], list(range(2, 12)), 12)


def test_a_spoilt_line_of_a_file_of_one_column_is_no_row(tmp_path):
    path = written(tmp_path, lambda place: '"1\n' if place else "1\n", 2, "phone\n")
    con = duckdb.connect()
    file = FileFormat(delimiter=",")
    raw = read_raw(con, path, file, (0,), tmp_path)
    assert (con.execute("FROM raw").fetchall(), dict(raw.spoilt)) == ([(2, "1")], {"unbalanced_quotes": 1})


@pytest.mark.prove
@pytest.mark.parametrize("row", [three_columns, open_quote, every_second])
def test_a_file_of_spoilt_lines_alone_costs_no_more_memory_when_it_is_four_times_as_long(tmp_path, row):
    costs = []
    for many in (400_000, 1_600_000):
        path = written(tmp_path, row, many)
        cost, raw = peak(lambda path=path: read_raw(duckdb.connect(), path, FileFormat(), (0, 1), tmp_path))
        assert raw.rows == many
        costs.append(cost)
    assert costs[1] < 128 * MB
    assert costs[1] < 1.25 * costs[0]


def test_lines_put_aside_wait_in_memory_by_the_batch_only(tmp_path):
    def many(batches):
        spoilt = SpoiltLines(tmp_path)
        for line in range(batches * BATCH):
            spoilt.add(Spoilt(line, "wrong_column_count", "3", "1,2,3"))
        return spoilt.close()

    costs = [peak(lambda batches=batches: many(batches))[0] for batches in (1, 3)]
    assert costs[1] < 1.25 * costs[0]


def test_the_numbers_of_left_out_lines_are_held_as_runs_until_rows_have_passed_them():
    def passed():
        numbers = LineNumbers(1)
        for line in range(20_000):
            numbers.leave_out(line + 1)
        for first in range(20_001, 30_001, 2):
            numbers.leave_out(first)
            numbers.following(1)
        return numbers.following(1).to_pylist()

    cost, last = peak(passed)
    assert (last, cost < MB // 4) == ([30_001], True)
