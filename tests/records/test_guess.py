"""`telewave map guess`: what a file's columns probably are; what is not known is a gap that no command accepts."""

import string
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.kernel import Label
from telewave.platform.languages import render
from telewave.platform.progress import Silent
from telewave.platform.yaml_files import YamlMistake
from telewave.records.contracts import CONTRACTS
from telewave.records.first_rows import FirstRows, NothingToGuessFrom, first_rows
from telewave.records.guess_text import guess_text
from telewave.records.guessing import guess, plain, words_of
from telewave.records.mapping import GAP
from telewave.records.mapping_file import load_mapping, parse_mapping
from telewave.records.vocabulary import CODES, HEADERS, HEADERS_OF_TABLE
from telewave.simulation.example import EXPORTED, write_example
from telewave.simulation.plan import CityPlan

PLAN = CityPlan(
    subscribers=1_000, seed=3, months_before=1, months_after=1, records_per_day=2.0, take_up=20, workers=1
)


def text_of(found, language="en"):
    return guess_text(found, lambda text: render(text, language))


def rows(names, *values, file="file.csv", header=True):
    return FirstRows(
        file=file,
        encoding="utf-8",
        delimiter=",",
        header=header,
        names=tuple(names),
        rows=tuple(tuple(row) for row in values),
        all_read=True,
    )


def column(found, name):
    return next(one for one in found.columns if one.column.name == name)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example") / "new"
    write_example(PLAN, folder, Silent())
    return folder


@pytest.mark.parametrize("table", EXPORTED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_guess_of_what_init_writes_is_init_s_mapping(example, table, language):
    """But for the day of issue, which the file does not tell, an offer's own name, and codes that the file has no row of."""
    text = text_of(guess(first_rows(example / f"{table}.csv")), language)
    text = text.replace(f'days_after_month_end: "{GAP}"', "days_after_month_end: 3")
    guessed, meant = parse_mapping(text), load_mapping(example / f"{table}.yaml")
    assert (guessed.table, guessed.file) == (meant.table, meant.file)
    right = {one.column: one for one in meant.sources}
    assert {one.column for one in guessed.sources} == set(right)
    for one in guessed.sources:
        assert replace(one, codes=()) == replace(right[one.column], codes=())
        assert set(one.codes) <= set(right[one.column].codes)


def test_every_word_that_init_writes_for_a_code_is_known(example):
    for table in EXPORTED:
        assert "what do these mean" not in text_of(guess(first_rows(example / f"{table}.csv")))


def test_a_gap_is_refused_with_its_line_until_it_is_filled(example):
    text = text_of(guess(first_rows(example / "bills.csv")))
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "days_after_month_end" in row)
    with pytest.raises(YamlMistake) as mistake:
        parse_mapping(text)
    said = render(mistake.value, "en")
    assert f"line {line}" in said
    assert '"?"' in said


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_headers_that_nobody_knows_are_mapped_to_nothing(data):
    table = data.draw(st.sampled_from(list(CONTRACTS)))
    strange = st.text(string.ascii_lowercase, min_size=8, max_size=12).map(lambda word: f"x{word}q")
    names = data.draw(st.lists(strange, min_size=2, max_size=6, unique=True))
    values = [[data.draw(st.integers(0, 999).map(str)) for _ in names] for _ in range(3)]
    found = guess(rows(names, *values), table)
    assert all(one.source in (None, GAP) for one in found.columns)
    assert found.unused == tuple(names)
    with pytest.raises(YamlMistake):
        parse_mapping(text_of(found))


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_whatever_known_words_head_a_table_the_table_and_its_columns_are_found(data):
    contract = CONTRACTS[data.draw(st.sampled_from(list(CONTRACTS)))]
    own = {
        c.name: HEADERS_OF_TABLE.get((contract.name, c.name), HEADERS.get(c.name, (c.name,)))
        for c in contract.columns
    }
    names = [data.draw(st.sampled_from(sorted(own[c.name]))) for c in contract.columns]
    values = [value_of(data, c) for c in contract.columns]
    found = guess(rows(names, values), contract.name)
    assert [one.source for one in found.columns] == names
    assert all(
        word not in text_of(found) for word in ("which of these", "cannot be read", "how are these dates")
    )


def value_of(data, column):
    day = date(2026, 1, 15) + timedelta(data.draw(st.integers(0, 300)))
    match column.kind.value:
        case "subscriber" | "peer":
            return "13912345678"
        case "date":
            return day.strftime("%Y%m" if column.first_of_month else "%Y-%m-%d")
        case "instant":
            return datetime.combine(day, datetime.min.time()).strftime("%Y%m%d%H%M%S")
        case "code":
            code = data.draw(st.sampled_from(column.codes))
            return data.draw(st.sampled_from([code, *CODES.get(column.name, {}).get(code, ())]))
        case "flag":
            return "是"
        case _:
            return "12"


@pytest.mark.parametrize("table", CONTRACTS)
def test_no_header_means_two_columns_of_a_table(table):
    contract = CONTRACTS[table]
    words = [word for c in contract.columns for word in words_of(contract, c)]
    assert len(words) == len(set(words))


def test_no_word_means_two_codes_of_one_column():
    for contract in CONTRACTS.values():
        for c in contract.columns:
            words = [word for code in c.codes for word in CODES.get(c.name, {}).get(code, ())]
            assert len(words) == len(set(words))


def test_money_without_a_unit_is_yuan_where_it_has_decimals_and_a_gap_where_it_has_none():
    with_decimals = guess(rows(["手机号", "账期", "账单金额"], ["13912345678", "202601", "35.50"]))
    without = guess(rows(["手机号", "账期", "账单金额"], ["13912345678", "202601", "35"]))
    assert column(with_decimals, "amount_minor").reading.keys == {"factor": "100"}
    assert column(without, "amount_minor").reading.keys == {"factor": GAP}


def test_days_that_can_be_read_in_two_ways_are_a_gap_that_names_both():
    found = guess(
        rows(["手机号", "缴费日期", "应缴日期", "金额(元)"], ["13912345678", "03/04/2026", "2026-04-20", "1"])
    )
    asked = column(found, "paid_on").reading
    assert asked.keys == {"formats": [GAP]}
    assert "%d/%m/%Y" in render(asked.remarks[-1], "en")
    assert column(found, "due_on").reading.keys == {"formats": ["%Y-%m-%d"]}


def test_a_code_that_no_word_is_known_for_is_a_gap_of_its_own():
    found = guess(
        rows(
            ["用户号码", "办理时间", "业务", "办理类型", "渠道"],
            ["13912345678", "20260103100000", "a", "购机", "营业厅"],
            ["13912345679", "20260103100000", "a", "9", "营业厅"],
        )
    )
    assert column(found, "kind").reading.keys == {"codes": {"9": GAP, "购机": "device_only"}}
    assert found.gaps == 1


def test_two_columns_that_could_be_it_are_asked_for_and_none_is_taken():
    found = guess(
        rows(["手机号码", "用户编号", "账期", "金额(元)"], ["13912345678", "77", "202601", "1"]), "bills"
    )
    assert column(found, "subscriber").source == GAP
    assert "手机号码, 用户编号" in text_of(found)


def test_a_file_without_a_header_is_known_by_what_stands_in_it(tmp_path):
    path = tmp_path / "cdr.txt"
    path.write_text(
        "13912345678|20260103100000|主叫|60\n13912345679|20260103110000|被叫|70\n", encoding="gb18030"
    )
    found = guess(first_rows(path))
    assert (found.table, found.rows.header, found.rows.delimiter) == ("usage", False, "|")
    assert column(found, "started_at").source == 2
    assert column(found, "direction").source == 3
    assert column(found, "duration_s").source == GAP


def test_a_file_that_fits_no_table_is_said_to_fit_none():
    found = guess(rows(["a", "b"], ["1", "2"]))
    assert found.table is None
    with pytest.raises(YamlMistake):
        parse_mapping(text_of(found))


def test_names_that_yaml_would_read_otherwise_come_back_as_they_are():
    names = ["手机号码", "yes", "账期: [a]", "金额, {元}(元)", "类型 #1"]
    found = guess(rows(names, ["13912345678", "1", "202601", "1", "x"]), "bills")
    lines = text_of(
        replace(found, columns=tuple(replace(c, source=n) for c, n in zip(found.columns, names, strict=True)))
    )
    lines = lines.replace(f'"{GAP}"', "1")
    assert [one.source for one in parse_mapping(lines).sources] == names


def test_an_empty_file_is_nothing_to_guess_from(tmp_path):
    path = tmp_path / "bills.csv"
    path.write_text("手机号码,账期\n", encoding="utf-8")
    with pytest.raises(NothingToGuessFrom):
        first_rows(path)


def test_a_header_is_made_plain_without_unit_width_and_blanks():
    assert plain("通话时长（秒）") == plain(" 通话 时长 ") == "通话时长"


def test_labels_of_both_languages_stand_in_the_remarks(example):
    found = guess(first_rows(example / "subscribers.csv"))
    assert CONTRACTS["subscribers"].label == Label("Subscribers", "用户资料")
    assert "用户资料" in text_of(found, "zh")
    assert "Subscribers" in text_of(found, "en")
