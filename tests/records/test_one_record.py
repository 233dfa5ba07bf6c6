"""Is it the same record? Two rows are one only if all that they say is equal, or a mapped number says so (docs/adr/0033)."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.records.conftest import USAGE_HEADER, usage_row
from tests.records.test_guess_forms import proposed

from telewave.platform.yaml_files import YamlMistake
from telewave.records.contracts import CONTRACTS
from telewave.records.mapping import NATIVE
from telewave.records.mapping_file import parse_mapping


def with_more(rows, name):
    """Usage rows with one more column, which no mapping speaks of."""
    lines = [USAGE_HEADER.strip() + f",{name}", *(f"{row.strip()},{value}" for row, value in rows)]
    return ("\n".join(lines) + "\n").encode()


def sms(at="2026-01-03 10:00:00"):
    return usage_row(kind="sms", duration=0, at=at)


def accepted(report):
    return report.accepted, dict(report.refused)


def test_three_parts_of_one_sms_are_three_where_any_column_tells_them_apart(town):
    content = with_more([(sms(), part) for part in (1, 2, 3)], "part_no")
    assert accepted(town.usage(content)) == (3, {})


def test_equal_rows_that_nothing_tells_apart_are_told_with_what_decides(town):
    assert accepted(town.usage(sms() * 3)) == (1, {("duplicate_in_file", ""): 2})
    assert "`repeats: records`" in town.refused("usage")[0]["what_to_do"]
    assert "`repeats: records`" in town.refused("usage")[0]["what_to_do_zh"]
    assert accepted(town.usage(sms() * 3, mapping="table: usage\nrepeats: records")) == (3, {})


def test_a_mapped_number_of_the_record_decides_whatever_else_the_rows_say(town):
    rows = [(sms(), "a1"), (sms(), "a2"), (sms(), "a1"), (sms("2026-01-03 10:00:01"), "a2")]
    report = town.usage(with_more(rows, "serial"), mapping="table: usage\nrecord_id: serial")
    assert accepted(report) == (2, {("duplicate_in_file", ""): 2})


def test_rows_without_a_number_of_their_own_are_one_record_if_they_say_the_same(town):
    rows = [(sms(), ""), (sms(), ""), (sms("2026-01-03 10:00:01"), "")]
    report = town.usage(with_more(rows, "serial"), mapping="table: usage\nrecord_id: serial")
    assert accepted(report) == (2, {("duplicate_in_file", ""): 1})


def test_the_number_of_a_record_is_known_to_the_next_delivery(town):
    mapping = "table: usage\nrecord_id: serial"
    town.usage(with_more([(sms(), "a1"), (sms(), "")], "serial"), name="first.csv", mapping=mapping)
    later = [(sms(), "a2"), (sms("2026-01-03 10:00:09"), "a1"), (sms(), ""), (sms(), "")]
    report = town.usage(with_more(later, "serial"), name="later.csv", mapping=mapping)
    assert accepted(report) == (1, {("duplicate_of_delivery", ""): 2, ("duplicate_in_file", ""): 1})
    assert accepted(town.usage(sms() * 2, name="plain.csv", mapping="table: usage\nrepeats: records")) == (
        0,
        {("duplicate_of_delivery", ""): 2},
    )
    assert len(town.rows("usage")) == 3


def test_recharges_with_numbers_are_one_only_by_their_numbers(town):
    header = "subscriber,paid_on,due_on,amount_minor,no\n"
    rows = "".join(f"13912345678,2026-01-05,2026-01-20,5000,{no}\n" for no in ("a", "b", "a"))
    report = town.ingest("table: payments\nrecord_id: no", town.file("p.csv", header + rows))
    assert accepted(report) == (2, {("duplicate_in_file", ""): 1})


def test_two_calls_to_one_peer_in_a_minute_are_two(town):
    calls = usage_row(at="2026-01-03 10:00", duration=20) + usage_row(at="2026-01-03 10:00", duration=25)
    assert accepted(town.usage(calls)) == (2, {})


def test_two_rating_groups_of_one_session_are_both_kept(town):
    groups = "".join(usage_row(kind="mobile_data", duration=60, volume=kb, peer="") for kb in (100, 250))
    town.usage(groups)
    assert sum(row["volume_kb"] for row in town.rows("usage")) == 350


def test_two_recharges_of_fifty_on_a_day_are_two_and_the_same_export_again_adds_none(town):
    header, row = "subscriber,paid_on,due_on,amount_minor\n", "13912345678,2026-01-05,2026-01-20,5000\n"
    first = town.ingest("table: payments", town.file("first.csv", header + row * 2))
    assert accepted(first) == (2, {})
    again = town.ingest("table: payments", town.file("again.csv", header + row * 3))
    assert accepted(again) == (1, {("duplicate_of_delivery", ""): 2})
    once = town.ingest(
        "table: payments\nrepeats: once", town.file("once.csv", header + row.replace("01-05", "01-06") * 2)
    )
    assert accepted(once) == (1, {("duplicate_in_file", ""): 1})


def test_the_hour_that_comes_twice_in_autumn_loses_nothing(town):
    mapping = "table: usage\ncolumns:\n  started_at: {from: started_at, formats: ['%Y-%m-%dT%H:%M:%S%z']}"
    twice = "".join(usage_row(at=f"2025-10-26T02:30:00{offset}") for offset in ("+0200", "+0100"))
    assert accepted(town.usage(twice, mapping=mapping, timezone="Europe/Berlin")) == (2, {})


def test_one_file_taken_in_for_each_party_keeps_both(town):
    header = "caller,callee,started_at,kind,roaming,duration_s,volume_kb\n"
    row = "13912345678,13912345679,2026-01-03 10:00:00,voice,none,60,0\n"
    file = town.file("cdr.csv", header + row)
    out = "table: usage\ncolumns: {subscriber: caller, peer: callee, direction: {constant: out}}"
    into = "table: usage\ncolumns: {subscriber: callee, peer: caller, direction: {constant: in}}"
    assert accepted(town.ingest(out, file)) == (1, {})
    assert accepted(town.ingest(into, file)) == (1, {})
    assert sorted(row["direction"] for row in town.rows("usage")) == ["in", "out"]
    assert all(town.ingest(mapping, file).files[0].unchanged for mapping in (out, into))
    longer = town.file("cdr.csv", header + row.replace(",60,", ",61,"))
    town.ingest(into, longer)
    assert sorted((row["direction"], row["duration_s"]) for row in town.rows("usage")) == [
        ("in", 61),
        ("out", 60),
    ]


def test_a_credit_note_stands_beside_the_bill_of_its_month(town):
    header = "subscriber,issued_on,month,amount_minor\n"
    rows = "13912345678,2026-02-03,2026-01-01,10000\n13912345678,2026-02-20,2026-01-01,-9000\n"
    assert accepted(town.ingest("table: bills", town.file("b.csv", header + rows))) == (2, {})


def test_parts_of_a_session_without_durations_are_joined_by_their_starts(town):
    header = "subscriber,started_at,kind,roaming,volume_kb,session\n"
    at = ("10:00:00", "10:09:00", "10:18:00", "11:00:00")
    rows = "".join(f"13912345678,2026-01-03 {one},mobile_data,none,100,s1\n" for one in at)
    mapping = "table: usage\ncontinues: session\ncolumns: {duration_s: {constant: 0}}"
    report = town.ingest(mapping, town.file("data.csv", header + rows))
    assert (report.accepted, report.files[0].joined) == (2, 2)
    assert sorted(row["volume_kb"] for row in town.rows("usage")) == [100, 300]


def test_corrections_are_told_from_bills_by_the_words_of_the_file(town):
    header = "手机号码,出账日期,账期,金额（元）,账单类型\n"
    words = {
        "正常": "bill",
        "更正": "correction",
        "冲正": "correction",
        "补出账": "correction",
        "贷记": "credit_note",
    }
    rows = "".join(f"13912345678,20260203,202601,{10 + k}.5,{word}\n" for k, word in enumerate(words))
    file = town.file("账单.csv", header + rows)
    mapping = proposed(file, "bills")[1]
    assert '"?"' not in mapping.split("\n", 2)[2]
    assert accepted(town.ingest(mapping, file)) == (5, {})
    found = {row["amount_minor"]: row["kind"] for row in town.rows("bills")}
    assert found == {1050 + 100 * k: code for k, code in enumerate(words.values())}


def test_bills_of_before_there_were_kinds_are_known_again(town, tmp_path):
    old = pa.schema([field for field in CONTRACTS["bills"].schema if field.name != "kind"])
    day, months = dt.date(2026, 2, 3), [dt.date(2026, 1, 1)]
    bill = {"subscriber": [0], "issued_on": [day], "month": months, "amount_minor": [100]}
    with town.warehouse.change("bills") as change:
        part = change.new_file(str(day))
        pq.write_table(pa.table(bill, old), part)
        change.add(str(day), part, "of an earlier release")
    header, row = "subscriber,issued_on,month,amount_minor,kind\n", "13912345678,2026-02-03,2026-01-01,100,"
    report = town.ingest("table: bills", town.file("b.csv", f"{header}{row}\n{row}correction\n"))
    assert accepted(report) == (1, {("duplicate_of_delivery", ""): 1})
    assert {row["kind"] for row in town.rows("bills")} == {None, "correction"}
    native = tmp_path / "records/bills/2026-02-03.parquet"
    native.parent.mkdir(parents=True)
    pq.write_table(pa.table({**bill, "kind": [None]}, CONTRACTS["bills"].schema), native)
    assert accepted(town.ingest(NATIVE, native)) == (0, {("duplicate_of_delivery", ""): 1})


@pytest.mark.parametrize("key", ["record_id: a", "repeats: records"])
def test_tables_of_states_know_no_repeated_records(key):
    with pytest.raises(YamlMistake, match=r"does not suit `devices`"):
        parse_mapping(f"table: devices\n{key}")


def part(at, seconds, peer="13800000000", kind="voice"):
    return usage_row(at=f"2026-01-03 {at}", duration=seconds, peer=peer, kind=kind)


def test_parts_of_one_long_call_are_one_call(town):
    rows = [
        (part("11:00:00", 900), "c1"),
        (part("10:00:00", 3600), "c1"),
        (part("10:30:00", 20), ""),
        (part("10:30:10", 20), ""),
    ]
    report = town.usage(with_more(rows, "call"), mapping="table: usage\ncontinues: call")
    assert (report.accepted, report.files[0].joined) == (3, 1)
    assert sorted((str(row["started_at"])[11:], row["duration_s"]) for row in town.rows("usage")) == [
        ("10:00:00", 4500),
        ("10:30:00", 20),
        ("10:30:10", 20),
    ]
    again = town.usage(with_more(rows, "call"), name="again.csv", mapping="table: usage\ncontinues: call")
    assert accepted(again) == (0, {("duplicate_of_delivery", ""): 3})


def test_what_is_no_continuation_is_not_joined(town):
    rows = [
        (part("10:00:00", 60), "c1"),
        (part("10:01:00", 60, peer="13800000001"), "c1"),  # somebody else
        (part("10:12:00", 60), "c1"),  # eleven minutes later: the number was used again
        (part("10:13:00", 7 * 86_400), "c1"),  # longer than a record may be
    ]
    report = town.usage(with_more(rows, "call"), mapping="table: usage\ncontinues: call")
    assert (accepted(report), report.files[0].joined) == ((4, {}), 0)
    with pytest.raises(YamlMistake, match="does not suit `bills`"):
        parse_mapping("table: bills\ncontinues: call")


def test_payments_are_taken_back_only_where_the_mapping_says_so(town):
    header = "subscriber,paid_on,due_on,amount_minor\n"
    rows = "".join(f"13912345678,2026-01-05,2026-01-20,{fen}\n" for fen in (5000, -5000))
    file = town.file("p.csv", header + rows)
    assert accepted(town.ingest("table: payments", file)) == (1, {("negative", "amount_minor"): 1})
    assert accepted(town.ingest("table: payments\nreversals: yes", file)) == (2, {})
    with pytest.raises(YamlMistake, match="does not suit `bills`"):
        parse_mapping("table: bills\nreversals: yes")
