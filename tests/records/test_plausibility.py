"""Values that can be read and still cannot be: days to come, ends before starts, identifiers spoilt by a spreadsheet."""

import datetime as dt

import pytest
from tests.records.conftest import SUBSCRIBERS, USAGE_HEADER, usage_row
from tests.records.test_ingest import native, subscriber

from telewave.records.contracts import CONTRACTS
from telewave.records.mapping import NATIVE
from telewave.records.reasons import LABELS, Reason

HEADERS = {
    "subscribers": SUBSCRIBERS.splitlines()[0],
    "usage": USAGE_HEADER.strip(),
    "holdings": "subscriber,recorded_on,product,kind,starts_on,ends_on,contract_ends_on",
    "bills": "subscriber,issued_on,month,amount_minor",
    "devices": "subscriber,recorded_on,used_from,kind,generation,price_minor",
}
SUBSCRIBER = "13912345678,2026-01-03,{activated},{born},,,prepaid,public"
HOLDING = "13912345678,2026-01-03,basic,mobile,2026-01-01,{end},{contract_end}"
BILL = "13912345678,{issued},{month},{amount}"


@pytest.mark.parametrize(
    ("table", "row", "reason", "column"),
    [
        ("subscribers", SUBSCRIBER.format(activated="2020-01-01", born="2090-05-01"), "future_day", "birth_date"),
        ("subscribers", SUBSCRIBER.format(activated="2030-01-01", born=""), "future_day", "activated_on"),
        ("devices", "13912345678,2026-01-03,2026-06-02,modem,4g,", "future_day", "used_from"),
        ("devices", "13912345678,2026-01-03,2026-01-02,modem,4g,100000001", "too_large", "price_minor"),
        ("holdings", HOLDING.format(end="2025-12-31", contract_end=""), "end_before_start", "ends_on"),
        ("holdings", HOLDING.format(end="", contract_end="2025-12-31"), "end_before_start", "contract_ends_on"),
        ("bills", BILL.format(issued="2026-02-03", month="2026-01-15", amount=1), "not_first_of_month", "month"),
        ("bills", BILL.format(issued="2025-10-31", month="2026-02-01", amount=1), "end_before_start", "issued_on"),
        ("bills", BILL.format(issued="2026-02-03", month="2026-01-01", amount=10**11), "too_large", "amount_minor"),
        ("usage", usage_row(subscriber="1.39E+10"), "spreadsheet_number", "subscriber"),
        ("usage", usage_row(peer="1.38e+10"), "spreadsheet_number", "peer"),
        ("usage", usage_row(duration="1E+05"), "spreadsheet_number", "duration_s"),
    ],
)  # fmt: skip
def test_what_can_be_read_and_cannot_be_is_refused_with_a_remedy(town, table, row, reason, column):
    report = town.ingest(f"table: {table}", town.file("rows.csv", f"{HEADERS[table]}\n{row}\n"))
    assert report.refused == {(reason, column): 1}
    (line,) = [line for line in town.refused(table) if line["delivery"] == "rows"]
    assert CONTRACTS[table].column(column).label.en in line["what_to_do"]
    assert CONTRACTS[table].column(column).label.zh in line["what_to_do_zh"]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("subscribers", SUBSCRIBER.format(activated="2026-06-01", born="2026-06-01")),
        ("holdings", HOLDING.format(end="2026-01-01", contract_end="2099-12-31")),
        ("bills", BILL.format(issued="2026-02-01", month="2026-02-01", amount=0)),
        ("usage", usage_row(duration="60.0")),
    ],
)
def test_what_just_can_be_is_accepted(town, table, row):
    assert town.ingest(f"table: {table}", town.file("rows.csv", f"{HEADERS[table]}\n{row}\n")).accepted == 1


def test_what_cannot_be_is_refused_in_contract_form_too(house, tmp_path):
    rows = [subscriber(0), subscriber(1) | {"activated_on": dt.date(2026, 6, 2)}]
    path = native(house, tmp_path, "subscribers", "2026-01-01", rows)
    assert house.ingest(NATIVE, path).refused == {("future_day", "activated_on"): 1}
    holding = {
        "subscriber": 0, "recorded_on": dt.date(2026, 1, 3), "product": "basic", "kind": "mobile",
        "starts_on": dt.date(2026, 1, 2),
    }  # fmt: skip
    ended = holding | {"product": "old", "ends_on": dt.date(2026, 1, 1)}
    path = native(house, tmp_path, "holdings", "2026-01-03", [holding, ended])
    assert house.ingest(NATIVE, path).refused == {("end_before_start", "ends_on"): 1}
    bill = {
        "subscriber": 0,
        "issued_on": dt.date(2026, 2, 3),
        "month": dt.date(2026, 1, 1),
        "amount_minor": 1,
    }
    path = native(house, tmp_path, "bills", "2026-02-03", [bill, bill | {"month": dt.date(2026, 1, 2)}])
    assert house.ingest(NATIVE, path).refused == {("not_first_of_month", "month"): 1}


def test_a_line_whose_columns_cannot_be_told_apart_shows_nobodys_name_or_address(town):
    town.usage("13912345678,2026-01-02,voice,Li Lei,张三,66 Long Lane,li.lei@mail.cn,350102199001011234\n")
    (line,) = town.refused("usage")
    assert line["reason"] == "wrong_column_count"
    assert line["raw"].count(",") == 7
    for personal in ("Li", "Lei", "张", "Lane", "66", "mail", "3912345", "199001"):
        assert personal not in line["raw"]


def test_every_reason_has_a_name_for_tables_in_both_languages():
    assert list(LABELS) == list(Reason)
