"""Who is this? However a telephone number is written, it is one person and one counterparty; what is no number stays as it is."""

import duckdb
import phonenumbers
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.proving import examples
from tests.records.conftest import SUBSCRIBERS, usage_row

from telewave.records import store
from telewave.records.contracts import CONTRACTS
from telewave.records.identities import identifier_of, number_of
from telewave.records.key_keeping import open_keys
from telewave.records.respelling import OtherCountry
from telewave.records.tables import numbering
from telewave.records.telephone import Identifying, UnknownCountry, normal_form, number_plan
from telewave.records.telephone_sql import IdentifierForm

CHINA = number_plan("CN")
ONE = [
    "13911112222", "+8613911112222", "8613911112222", "008613911112222", "139 1111 2222", "139-1111-2222", "'13911112222",
    '="13911112222"', "139\u200b11112222", "\u202d13911112222\u202c", "１３９１１１１２２２２", "+86 139-1111-2222", "(+86)139 1111 2222",
    "013911112222", "13911112222.0", "139\u00a01111\u00a02222", "139－1111－2222", "13911112222\t", "‘13911112222’", "0086-139-1111-2222", "+86 (0)139 1111 2222",
]  # fmt: skip
NO_NUMBERS = [
    "10086",
    "95588",
    "8888-01",
    "A-139",
    "u_13911112222",
    "1088888888",
    "861088888888",
    "10-88888888",
    "kd01088@gd",
    "12",
    "*139#",
    "0085291234567",
]


@pytest.mark.parametrize("written", ONE)
@pytest.mark.parametrize("kind", [Identifying.AUTO, Identifying.PHONE])
def test_every_spelling_of_a_mobile_number_has_one_form(written, kind):
    assert normal_form(written, CHINA, kind) == "13911112222"


@pytest.mark.parametrize("written", NO_NUMBERS)
def test_what_is_no_number_of_the_home_country_as_it_is_written_stays(written):
    assert normal_form(written, CHINA) == written


@pytest.mark.parametrize(
    "written", ["010-8888 8888", "01088888888", "+86 10 8888 8888", "0086-10-88888888", "(010)88888888"]
)
def test_a_fixed_line_keeps_its_area_code_as_dialled(written):
    assert normal_form(written, CHINA) == "01088888888"


def test_a_counterparty_is_a_number_of_any_country():
    assert {normal_form(one, CHINA, Identifying.PHONE) for one in ("+852 9123 4567", "0085291234567")} == {
        "+85291234567"
    }
    assert normal_form("861088888888", CHINA, Identifying.PHONE) == "01088888888"


def test_text_is_left_alone_but_for_what_cannot_be_seen():
    assert normal_form("\u200b+86 139-1111-2222 ", CHINA, Identifying.TEXT) == "+86 139-1111-2222"


@pytest.mark.parametrize("country", ["CN", "GB", "US", "HK", "DE", "IT", "JP", "BR"])
def test_numbers_of_other_home_countries_are_those_that_are_dialled_there(country):
    plan = number_plan(country)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        number = phonenumbers.example_number_for_type(country, kind)
        written = [phonenumbers.format_number(number, one) for one in (0, 1, 2)]
        assert len({normal_form(one, plan) for one in written}) == 1, written


def test_an_unknown_country_is_told():
    with pytest.raises(UnknownCountry):
        number_plan("XX")


digits = st.text("0123456789", max_size=9)
numbers = st.one_of(
    st.builds(
        lambda a, b: f"1{a}{b}", st.sampled_from("3456789"), st.text("0123456789", min_size=9, max_size=9)
    ),
    st.builds(
        lambda a, b: f"{a}{b}", st.sampled_from(["010", "021", "0755", "0571", "400", "10", "95"]), digits
    ),
    digits,
)
spelled = st.builds(
    lambda before, number, cuts, sign, after: before + "".join(c + (sign if i in cuts else "") for i, c in enumerate(number)) + after,
    st.sampled_from(["", "+86", "86", "0086", "+86 ", "(+86)", "0", "'", '="', "\u200b", "+852", "00852", "17951", "u"]),
    numbers,
    st.sets(st.integers(0, 11), max_size=3),
    st.sampled_from(["-", " ", "\u200b", "－", ".", "/", "\u3000"]),
    st.sampled_from(["", "", '"', "\u202c", ".0", "\t", "'"]),
)  # fmt: skip


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(spelled, min_size=1, max_size=60))
def test_the_rule_in_sql_is_the_rule_in_python(texts):
    con = duckdb.connect()
    con.execute("CREATE TABLE t (x VARCHAR)")
    con.executemany("INSERT INTO t VALUES (?)", [[text] for text in texts])
    for kind in Identifying:
        form = IdentifierForm(CHINA, kind)
        for text, made, asks in con.execute(
            f"SELECT x, {form.form('x')}, {form.asks('x')} FROM t"
        ).fetchall():
            assert (asks and kind is not Identifying.TEXT) or made == normal_form(text, CHINA, kind), (
                text,
                kind,
            )


@settings(max_examples=examples(150), deadline=None)
@given(spelled)
def test_rule_and_library_agree_on_what_is_valid(text):
    form = normal_form(text, CHINA, Identifying.PHONE)
    assert normal_form(form, CHINA, Identifying.PHONE) == form
    try:
        number = phonenumbers.parse(text.strip("'=\"\u200b\u202c\t").removesuffix(".0"), "CN")
    except phonenumbers.NumberParseException:
        return
    if (
        phonenumbers.is_valid_number(number)
        and not number.extension
        and not set("./u=") & set(text)
        and number.country_code == 86
    ):
        assert phonenumbers.parse(form, "CN") == number


def test_all_spellings_are_one_person_and_one_counterparty(house):
    house.ingest(
        "table: subscribers", house.file("subs.csv", SUBSCRIBERS.replace("13912345678", "13911112222"))
    )
    written = [one for one in ONE if '"' not in one and "\t" not in one]
    rows = [
        usage_row(subscriber=one, at=f"2026-01-03 10:{minute:02d}:00", peer=one)
        for minute, one in enumerate(written)
    ]
    report = house.usage("".join(rows))
    assert (report.accepted, report.rows_refused) == (len(written), 0)
    found = house.rows("usage")
    assert len({row["subscriber"] for row in found}) == 1
    assert len({row["peer"] for row in found}) == 1
    told = report.files[0].repairs
    assert told["number_separators"] >= 5
    assert told["number_prefix"] >= 6
    assert told["invisible_characters"] == 2
    assert told["decimal_point"] == 1
    assert told["text_marks"] == 2
    assert told["full_width"] >= 1


def test_a_person_is_found_by_any_spelling(house):
    house.ingest(
        "table: subscribers", house.file("subs.csv", SUBSCRIBERS.replace("13912345678", "+86 139 1234 5678"))
    )
    keys = open_keys(house.home / "identity.key", house.database)
    assert {
        number_of(house.database, keys, text, lines={})
        for text in ("13912345678", "0086-139-1234-5678", "139 1234 5678")
    } == {0}
    assert identifier_of(house.database, keys, 0) == "13912345678"


def test_a_mapping_can_say_that_identifiers_are_no_telephone_numbers(house):
    mapping = "table: subscribers\ncolumns: {subscriber: {from: subscriber, kind: text}}"
    house.ingest(mapping, house.file("subs.csv", SUBSCRIBERS.replace("13912345679", "8613912345678")))
    assert len({row["subscriber"] for row in house.rows("subscribers")}) == 3


@pytest.mark.parametrize(
    "ruin",
    [
        "1.3800138E10",
        "1.38E+10",
        "1.38e+10",
        "1，38E+10",
        "########",
        "#N/A",
        "#n/a",
        "#REF!",
        "＃N/A",
        "1.38 E +10",
        "Err:502",
        "6228480012345678900.0",
    ],
)
@pytest.mark.parametrize("column", ["subscriber", "peer"])
def test_what_a_spreadsheet_ruined_is_refused_and_told(house, ruin, column):
    house.subscribers()
    ruin = ruin.replace("，", "．")
    report = house.usage(usage_row(**{column: ruin}))
    assert dict(report.refused) == {("spreadsheet_number", column): 1}


@pytest.mark.parametrize(
    "word",
    [
        "合计",
        "总计",
        "小计",
        "合 计",
        "合计：",
        "本页合计",
        "Total",
        "TOTAL:",
        "Grand Total",
        "Subtotal",
        "sum",
        "总计（3条）",
        "合计(元)",
    ],
)
def test_rows_of_totals_are_refused_and_told(house, word):
    house.subscribers()
    report = house.usage(usage_row() + f"{word},,,,,,,3600,0\n" + f",{word},,,,,,3600,0\n")
    assert dict(report.refused) == {("total_row", "subscriber"): 2}
    assert report.accepted == 1
    assert "sums others up" in house.refused("usage")[0]["what_to_do"]


def test_keys_of_a_float_column_are_whole_again(house):
    rows = SUBSCRIBERS.replace("recorded_on", "recorded_on,customer", 1).replace(",2026-01-0", ",2026-01-0")
    lines = [line.split(",") for line in rows.splitlines()]
    text = "\n".join(
        ",".join(line if n == 0 else [f"{n}.0", line[1], f"{n}.0", *line[2:]]) for n, line in enumerate(lines)
    )
    report = house.ingest("table: subscribers", house.file("subs.csv", text + "\n"))
    assert report.accepted == 3
    assert report.files[0].repairs == {"decimal_point": 3}
    assert sorted(row["customer"] for row in house.rows("subscribers")) == ["1", "2", "3"]


def test_customers_are_text_and_old_parts_with_numbers_are_read_as_such(house):
    first, *lines = SUBSCRIBERS.splitlines()
    text = "\n".join([f"{first},customer", *(f"{line},C-007" for line in lines)])
    house.ingest("table: subscribers", house.file("subs.csv", text + "\n"))
    schema = CONTRACTS["subscribers"].schema
    with house.warehouse.change("subscribers") as change:
        old = change.new_file("2025-12-01")
        numbers = pa.schema([f.with_type(pa.int64()) if f.name == "customer" else f for f in schema])
        pq.write_table(pa.Table.from_pylist([house.rows("subscribers")[0] | {"customer": 7}], numbers), old)
        change.set("2025-12-01", {old: "old"})
    assert sorted(row["customer"] for row in house.rows("subscribers")) == ["7", "C-007", "C-007", "C-007"]


def earlier(house, *texts):
    """A home whose identities were digested as the files wrote them, by a release that knew no form."""
    keys = open_keys(house.home / "identity.key", house.database)
    store.add_identities(
        house.database, [[(n, keys.digest_of(text), keys.sealed(n, text)) for n, text in enumerate(texts)]]
    )
    return keys


def test_identities_of_an_earlier_release_are_known_by_the_one_form(house):
    keys = earlier(house, "+8613912345678", "13912345679")
    dry = house.check("table: subscribers", house.file("subs.csv", SUBSCRIBERS))
    assert len(dry.notes) == 1
    report = house.ingest("table: subscribers", house.file("subs.csv", SUBSCRIBERS))
    assert len(report.notes) == 1
    assert sorted(row["subscriber"] for row in house.rows("subscribers")) == [0, 1, 2]
    assert identifier_of(house.database, keys, 0) == "13912345678"
    assert not house.usage(usage_row()).notes


def test_who_was_numbered_twice_is_one_again_once_the_files_have_come_again(house):
    """The remedy, followed as it stands. Both spellings are of one person, activated on one day."""
    twice = SUBSCRIBERS.replace("13912345680", "+86 13912345678").replace("2022-01-01", "2020-01-01")
    subscribers = house.file("subs.csv", twice)
    mapping = "table: subscribers\ncolumns: {subscriber: {from: subscriber, kind: text}}"
    house.ingest(mapping, subscribers)
    with house.database.writing() as connection:
        connection.execute(numbering.update().values(number_form=None))
    report = house.ingest(
        "table: subscribers", house.file("more.csv", SUBSCRIBERS.replace("2026-01-0", "2026-02-0"))
    )
    assert len(report.notes) == 1
    house.ingest("table: subscribers", subscribers)
    assert len({row["subscriber"] for row in house.rows("subscribers")}) == 3


def test_a_home_keeps_its_country(house):
    house.subscribers()
    with pytest.raises(OtherCountry) as found:
        house.usage(usage_row(), country="GB")
    assert found.value.code == "other_country"
    assert house.usage(usage_row(), country="CN").accepted == 1
