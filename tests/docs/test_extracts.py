"""The SQL of the page on extracts runs on a small BSS, and what it gives is taken in through the example's mappings without a refusal."""

import csv
import datetime as dt
import re

import duckdb
import pytest
from tests.docs.conftest import ROOT, blocks_of
from tests.records.conftest import House

from telewave.platform.database import Database
from telewave.simulation.exports import STYLES, mapping_text

PAGES = (ROOT / "docs/extracts.md", ROOT / "docs/zh/extracts.md")
TODAY = dt.date(2026, 7, 5)
NUMBER = "13912345678"
LINE = {"acc_nbr": NUMBER, "stat_date": "20260131"}
POLICY = {"policy_id": "shop_deep", "order_no": "D20260210001", "act_date": "20260211"}
STEPS = {"connected": "是", "staff_id": "8021", "script_id": "A1", "list_no": "17", "order_no": ""}
BSS = {
    "dw.user_month": [
        LINE | {"cust_id": "7", "open_date": "20200101", "birthday": "19900501", "sex": "女", "county": "城东",
                "pay_type": "后付费", "cust_type": "公众"},
        LINE | {"stat_date": "20251231", "cust_id": "7", "open_date": "20200101", "birthday": "19900501", "sex": "女",
                "county": "城东", "pay_type": "预付费", "cust_type": "公众"},
    ],
    "dw.user_product_month": [
        LINE | {"prod_name": "mobile_plan", "prod_type": "移动", "eff_date": "20200101", "exp_date": "20991231", "contract_end": "20991231"},
    ],
    "dw.device_month": [
        LINE | {"first_used": "20250723", "brand": "samsung", "dev_type": "智能机", "network": "3G", "price": "1460.00"},
    ],
    "crm.orders": [
        {"acc_nbr": NUMBER, "order_time": "20260210091500", "offer_name": "合约智能手机", "order_type": "购机", "channel": "代理店", "state": "done", **POLICY},
        {"acc_nbr": NUMBER, "order_time": "20260211091500", "offer_name": "合约智能手机", "order_type": "购机", "channel": "代理店", "state": "cancelled", **POLICY},
    ],
    "crm.complaint": [{"acc_nbr": NUMBER, "accept_time": "20260301143738", "topic": "网络覆盖"}],
    "billing.bill": [
        {"acc_nbr": NUMBER, "bill_month": "202601", "amount": "91.61"},
        {"acc_nbr": NUMBER, "bill_month": "202511", "amount": "80.00"},
    ],
    "billing.payment": [{"acc_nbr": NUMBER, "pay_date": "20260210", "due_date": "20260220", "amount_fen": "9161"}],
    "cdr.detail": [
        {"acc_nbr": NUMBER, "start_time": "20260101101500", "biz_type": "语音", "call_type": "主叫", "toll_type": "本地",
         "roam_type": "非漫游", "opp_nbr": "13800000000", "duration": "60", "bytes": "0"},
    ],
    "mkt.contact_log": [
        {"acc_nbr": NUMBER, "contact_time": "20260101090414", "channel": "短信", "offer_name": "合约智能手机", "result": "退订", **STEPS},
    ],
}  # fmt: skip
"""What a BSS has, as texts; of some tables a row more that the extract leaves out."""
TABLES = {
    "dw.user_month": "subscribers", "dw.user_product_month": "holdings", "dw.device_month": "devices", "crm.orders": "orders",
    "crm.complaint": "complaints", "billing.bill": "bills", "billing.payment": "payments", "cdr.detail": "usage",
    "mkt.contact_log": "contacts",
}  # fmt: skip


def statements(page):
    """The page's statements by the table that they read."""
    text = re.sub(r"--.*", "", "".join(blocks_of(page, "sql")))
    found = [one.strip() for one in text.split(";") if one.strip()]
    return {re.search(r"FROM (\S+)", one)[1]: one for one in found}


@pytest.fixture
def bss():
    """A database with the operator's tables."""
    with duckdb.connect() as made:
        for name, rows in BSS.items():
            made.execute(f"CREATE SCHEMA IF NOT EXISTS {name.split('.')[0]}")
            made.execute(f"CREATE TABLE {name} ({', '.join(f'{column} VARCHAR' for column in rows[0])})")
            for row in rows:
                made.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", list(row.values()))
        yield made


@pytest.fixture
def house(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    database.migrate()
    made = House(tmp_path, database)
    yield made
    made.engine.close()
    database.close()


def mapping_of(table):
    """The example's mapping; this BSS writes every day and instant in digits."""
    style = STYLES[table]
    text = mapping_text(table).replace(style.instant, "%Y%m%d%H%M%S").replace(style.day, "%Y%m%d")
    return text.replace('"|"', '","').replace('";"', '","')


def test_both_languages_show_the_same_statements_one_for_each_table():
    english, chinese = map(statements, PAGES)
    assert english == chinese
    assert {TABLES[source] for source in english} == set(STYLES)


def test_what_the_statements_give_is_taken_in(bss, house, tmp_path):
    asked = {TABLES[source]: statement for source, statement in statements(PAGES[0]).items()}
    for table in STYLES:
        answer = bss.execute(asked[table])
        file = tmp_path / f"{table}.csv"
        with file.open("w", encoding="gb18030", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([column[0] for column in answer.description])
            writer.writerows(answer.fetchall())
        (report,) = house.ingest(mapping_of(table), file, today=TODAY).files
        assert (report.accepted, report.rows_refused) == (1, 0), (table, house.refused(table))
    assert house.rows("bills")[0]["amount_minor"] == house.rows("payments")[0]["amount_minor"]
    assert house.rows("subscribers")[0]["payment"] == "postpaid"
    assert house.rows("contacts")[0]["disposition"] == "opted_out"
