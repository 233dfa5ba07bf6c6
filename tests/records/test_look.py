"""What a check shows of a file before anybody trusts it: each figure against a file whose answer is known, each remedy followed."""

import datetime as dt
import html
import json
import random
import re

import pytest
import yaml
from tests.records.conftest import SUBSCRIBERS, USAGE_HEADER, usage_row

from telewave.platform.languages import render
from telewave.records.look import Doubt, Sort
from telewave.records.look_news import news_of
from telewave.records.look_page import look_page
from telewave.records.look_report import as_json
from telewave.records.look_samples import MOST
from telewave.records.look_words import cells, decisions

MAPPING = "samples: s\noutcome: {from: y, positive: 是}\n"


def outside(rows=600):
    """People sorted by their outcome: one in ten takes it. 999 stands for nothing, and `result` is known only of takers."""
    draw = random.Random(1)
    lines = ["id,city,fee,plan,plan_code,again,result,one,pdays,asked,y"]
    for row in range(rows):
        takes = row >= rows * 9 // 10
        plan = "ABC"[row % 3]
        days = draw.choice([1, 2, 5, 999])
        asked = draw.choice(["yes", "no", "unknown", "NULL"])
        fee = f"{draw.gauss(80, 20):.2f}"
        lines.append(f"{500_000 + row},北京,{fee},{plan},{row % 3 + 1},{plan},{'done' if takes else ''},x,{days},{asked},{'是' if takes else '否'}")  # fmt: skip
    return "\n".join(lines) + "\n"


@pytest.fixture
def looked(house):
    """The look at the outside file, and its columns by name."""
    look = house.check(MAPPING, house.file("s.csv", outside())).look
    return look, {one.name: one for one in look.columns}


def said(look, language="en"):
    return [render(sentence, language) for sentence in decisions(look)]


def test_each_kind_of_column_is_called_by_its_name(looked):
    _, columns = looked
    sorts = {name: one.sort for name, one in columns.items()}
    assert sorts == {
        "id": Sort.IDENTIFIER,
        "city": Sort.CATEGORY,
        "fee": Sort.NUMBER,
        "plan": Sort.CATEGORY,
        "plan_code": Sort.CODE,
        "again": Sort.CATEGORY,
        "result": Sort.CATEGORY,
        "one": Sort.CATEGORY,
        "pdays": Sort.NUMBER,
        "asked": Sort.CATEGORY,
    }
    assert [name for name, one in columns.items() if one.constant] == ["city", "one"]


def test_copies_identifiers_and_what_tells_the_outcome_are_found(looked):
    look, columns = looked
    assert [name for name, one in columns.items() if one.nearly_unique] == ["id"]
    assert {name: (one.same_as, one.in_other_words) for name, one in columns.items() if one.same_as} == {
        "plan_code": ("plan", True),
        "again": ("plan", False),
    }
    assert [name for name, one in columns.items() if one.tells] == ["result"]
    end = columns["pdays"].range.end
    assert (end.doubt, end.value, end.inner) == (Doubt.FILLER, 999, 5)
    assert columns["fee"].range.end.doubt is None
    assert (look.takers.takers, look.takers.rows, look.takers.sorted_by_outcome) == (60, 600, True)
    assert [(word.text, word.rows) for word in columns["asked"].unknown] == [
        ("NULL", outside().count("NULL"))
    ]


def test_its_remedies_followed_leave_nothing_to_decide(house, looked):
    look, _ = looked
    remedy = yaml.safe_load(next(s for s in said(look) if "`ignore:" in s).split("`")[1])
    assert remedy == {"ignore": ["id", "city", "plan_code", "again", "result", "one"]}
    missing = re.findall(r"`([^`]*missing: [^`]*)`", " ".join(said(look)))
    columns = "".join(f"  {line}\n" for line in missing)
    better = f"{MAPPING}order: none\nignore: [{', '.join(remedy['ignore'])}]\ncolumns:\n{columns}"
    again = house.check(better, house.file("s.csv", outside())).look
    assert said(again) == []
    assert {one.name: one.filled for one in again.columns if one.used}["pdays"] < 600


def test_a_contract_shows_its_units_and_names_the_unused_column_that_reads_like_one_of_its_own(house):
    house.subscribers()
    rows = USAGE_HEADER.replace("peer", "对方号码") + "".join(usage_row(duration=n, peer=f"1380000{n:04d}") for n in range(60))  # fmt: skip
    look = house.check("table: usage", house.file("u.csv", rows)).look
    columns = {one.name: one for one in look.columns}
    assert (columns["duration_s"].range.high, columns["duration_s"].unit) == (59, "s")
    assert columns["started_at"].range.low == dt.datetime(2026, 1, 3, 10)
    assert (columns["对方号码"].feeds, columns["对方号码"].could_feed) == ("", "peer")
    remedy = said(look)[-1].split("`")[5]
    again = house.check(f"table: usage\ncolumns:\n  {remedy}", house.file("u.csv", rows))
    assert all(one.used for one in again.look.columns)


def test_identifiers_are_never_shown(house):
    people = SUBSCRIBERS.splitlines()[0] + "\n" + "".join(f"1390000{n:04d},2026-01-01,2020-01-01,,,{n},prepaid,public\n" for n in range(1000, 1100))  # fmt: skip
    look = house.check("table: subscribers", house.file("p.csv", people)).look
    shown = json.dumps(as_json(look)) + str([[str(cell) for cell in cells(one)] for one in look.columns])
    assert "1390000" not in shown


def test_of_a_large_file_rows_spread_over_all_of_it_are_looked_at_and_words_counted_in_all(house):
    rows = "a,b\n" + "".join(f"{'N/A' if n == 7 else n % 10},{n // 1000}\n" for n in range(2 * MOST))
    look = house.check("samples: big", house.file("big.csv", rows)).look
    assert look.rows == 2 * MOST
    assert abs(look.looked - MOST) < 0.02 * MOST
    first, second = look.columns
    assert [(word.text, word.rows) for word in first.unknown] == [("N/A", 1)]
    assert (second.range.high, second.distinct) == (2 * MOST // 1000 - 1, 2 * MOST // 1000)


def test_nothing_is_looked_at_where_files_are_ingested(house):
    assert house.ingest(MAPPING, house.file("s.csv", outside(60))).look is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_tells_what_the_terminal_tells(looked, language):
    look, _ = looked
    page = look_page(look, language)
    assert "<script src=" not in page
    read = html.unescape(re.sub("</?code>", "`", page))
    assert [sentence for sentence in said(look, language) if sentence not in read] == []


def test_of_further_files_what_the_first_does_not_show_is_told_and_no_more(house):
    header, row = "手机号码,账期,出账日期,金额,备注\n", "1390000000{n},202601,2026020{n},{n}5.5,{n}\n"
    same = "".join(row.format(n=n) for n in range(1, 9))
    odd = "".join(row.format(n=n).replace(f",{n}\n", ",未知\n") for n in range(1, 9))
    mapping = "table: bills\ncolumns: {subscriber: 手机号码, month: {from: 账期, formats: ['%Y%m']}, issued_on: 出账日期, "
    mapping += "amount_minor: {from: 金额, factor: 100}}"
    files = [
        house.file(f"{name}.csv", header + rows) for name, rows in (("a", same), ("b", same), ("c", odd))
    ]
    files.append(house.file("d.csv", header.replace("备注", "说明") + same))
    first, *others = house.check(mapping, *files).looks
    assert [one.file for one in others] == ["b.csv", "c.csv", "d.csv"]
    told = [[render(one, "en") for one in news_of(first, other)] for other in others]
    assert told[0] == []
    assert told[1][0] == "Column 备注 holds: category; in a.csv: number."
    assert told[2][:2] == ["Column 说明 is in this file only.", "Column 备注 is not in this file."]
    page = html.unescape(look_page(first, "en", others=others))
    assert "b.csv (8 of its 8 rows looked at) shows nothing that a.csv does not." in page
    assert told[1][0] in page
