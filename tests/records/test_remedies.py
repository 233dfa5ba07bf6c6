"""Every remedy, followed to the letter, leads to the right result: for each reason a row is refused, and each error of a file as a whole."""

import gzip

import pytest
from tests.records.conftest import SUBSCRIBERS, USAGE_HEADER, usage_row

from telewave.records.deliveries import SeveralSampleFiles
from telewave.records.reasons import Reason

USAGE, PEOPLE, BILLS = "table: usage", "table: subscribers", "table: bills"
OTHERS = SUBSCRIBERS.replace("139123456", "139999999")
MANY = SUBSCRIBERS.splitlines(keepends=True)[0] + "".join(
    f"139{n:08d},2026-01-01,2020-01-01,,,x,prepaid,public\n" for n in range(300)
)
BILL_HEADER = "subscriber,issued_on,month,amount_minor\n"


def usage(**changes):
    return USAGE_HEADER + usage_row(**changes)


def bill(issued="2026-02-03", month="2026-01-01", amount="100"):
    return f"{BILL_HEADER}13912345678,{issued},{month},{amount}\n"


def columns(table, **sources):
    lines = "".join(f"\n  {name}: {source}" for name, source in sources.items())
    return f"table: {table}\ncolumns:{lines}"


OUTCOME = "samples: s\noutcome: {from: y, positive: 'yes'%s}"
FLAGS = "subscriber,recorded_on,tag,held\n13912345678,2026-01-03,vip,%s\n"
SAMPLE_FLAGS = "y,own\nyes,true\nno,perhaps\n"
TWICE = USAGE_HEADER + usage_row() * 2

REFUSED = [
    # reason, the mapping and file that bring it, and the mapping and file after the remedy; None: as before.
    (Reason.LINE_TOO_LONG, USAGE, usage() + "x" * 1_100_000 + "\n", None, usage()),
    (Reason.UNBALANCED_QUOTES, USAGE, usage(peer='"138'), None, usage(peer="138")),
    (Reason.UNBALANCED_QUOTES, USAGE, usage(peer='138"'), f"{USAGE}\nfile: {{quote: none}}", None),
    (Reason.UNBALANCED_QUOTES, PEOPLE, OTHERS.replace("north", '"no\nrth"'), f"{PEOPLE}\nfile: {{multiline: yes}}", None),
    (Reason.WRONG_COLUMN_COUNT, PEOPLE, OTHERS.replace("north", "north,east"), None, OTHERS.replace("north", '"north,east"')),
    (Reason.UNDECODABLE, PEOPLE, MANY.encode().replace(b",x,", b",\xff\xfe,", 1), None, MANY),
    (Reason.NUL_BYTE, USAGE, usage(kind="vo\0ice"), None, usage()),
    (Reason.MISSING_VALUE, USAGE, usage(duration=""), None, usage(duration=5)),
    (Reason.MISSING_VALUE, USAGE, usage(duration=""), columns("usage", duration_s="{from: duration_s, otherwise: '0'}"), None),
    (Reason.SPREADSHEET_NUMBER, USAGE, usage(duration="1E+05"), None, usage(duration="100000")),
    (Reason.NOT_A_NUMBER, USAGE, usage(duration="many"), None, usage(duration="5")),
    (Reason.NOT_A_NUMBER, USAGE.replace("usage", "usage\nfile: {delimiter: ';'}"), usage().replace(",", ";").replace(";60;", ";60,0;"), f"{USAGE}\nfile: {{delimiter: ';', decimal: ','}}", None),
    (Reason.NOT_A_NUMBER, BILLS, bill(amount="n.b."), columns("bills", amount_minor="{from: amount_minor, missing: n.b., otherwise: '0'}"), None),
    (Reason.NOT_WHOLE, USAGE, usage(duration="1.5"), None, usage(duration="2")),
    (Reason.NOT_WHOLE, BILLS, bill(amount="1.25"), columns("bills", amount_minor="{from: amount_minor, factor: 100}"), None),
    (Reason.NEGATIVE, USAGE, usage(duration="-5"), None, usage(duration="5")),
    (Reason.TOO_LARGE, USAGE, usage(duration="9999999"), None, usage(duration="99999")),
    (Reason.TOO_LARGE, USAGE, usage(duration="9999999"), columns("usage", duration_s="{from: duration_s, factor: 0.001}"), None),
    (Reason.NOT_A_DATE, BILLS, bill(issued="03/02/2026"), columns("bills", issued_on="{from: issued_on, formats: ['%d/%m/%Y']}"), None),
    (Reason.NOT_A_DATE, BILLS, bill(issued="2026111"), None, bill(issued="20260111", month="20260101")),
    (Reason.NOT_AN_INSTANT, USAGE, usage(at="03.01.2026 10:00"), columns("usage", started_at="{from: started_at, formats: ['%d.%m.%Y %H:%M']}"), None),
    (Reason.NOT_A_FLAG, "table: tags", FLAGS % "未知", None, FLAGS % "是"),
    (Reason.NOT_A_FLAG, "samples: s\ncolumns: {own: {kind: flag}}", SAMPLE_FLAGS, "samples: s\ncolumns: {own: {kind: category}}", None),
    (Reason.OUT_OF_CALENDAR, USAGE, usage(at="1899-01-01 10:00:00"), None, usage(at="2026-01-01 10:00:00")),
    (Reason.FUTURE_DAY, USAGE, usage(at="2036-01-01 10:00:00"), None, usage(at="2026-01-01 10:00:00")),
    (Reason.NOT_FIRST_OF_MONTH, BILLS, bill(month="2026-01-15"), None, bill(month="2026-01-01")),
    (Reason.NOT_FIRST_OF_MONTH, BILLS, bill(month="2026-01-15"), None, bill(month="2026-01-01")),
    (Reason.END_BEFORE_START, BILLS, bill(issued="2026-01-01", month="2026-06-01"), None, bill(issued="2026-02-01", month="2026-01-01")),
    (Reason.UNKNOWN_CODE, USAGE, usage(kind="telegram"), None, usage(kind="sms")),
    (Reason.UNKNOWN_CODE, USAGE, usage(kind="telegram"), columns("usage", kind="{from: kind, codes: {telegram: sms}}"), None),
    (Reason.UNKNOWN_OUTCOME, OUTCOME % "", "y\nyes\nno\n未知\n", OUTCOME % ", negative: ['no', 未知]", None),
    (Reason.UNKNOWN_OUTCOME, OUTCOME % "", "y\nyes\nno\n未知\n", OUTCOME % ", missing: 未知", None),
    (Reason.UNKNOWN_OUTCOME, OUTCOME % "", "y\nyes\nno\n同意\n", "samples: s\noutcome: {from: y, positive: ['yes', 同意]}", None),
    (Reason.TOTAL_ROW, USAGE, usage() + usage_row(subscriber="合计", at="", duration=60), None, usage()),
    (Reason.DUPLICATE_IN_FILE, USAGE, TWICE, None, USAGE_HEADER + usage_row()),
    (Reason.DUPLICATE_IN_FILE, USAGE, TWICE, "table: usage\nrepeats: records", None),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "mapping", "content", "mended_mapping", "mended"), REFUSED)
def test_the_remedy_of_a_refused_row_followed_brings_all_rows_in(
    town, reason, mapping, content, mended_mapping, mended
):
    mapping = mapping.replace("samples: s", "samples: s\nfile: {delimiter: comma}")
    mended_mapping = (mended_mapping or mapping).replace(
        "samples: s\no", "samples: s\nfile: {delimiter: comma}\no"
    )
    file = town.file("file.csv", content)
    report = town.ingest(mapping, file)
    assert {found for found, _ in report.refused} == {reason}
    report = town.ingest(
        mended_mapping, town.file("file.csv", content if mended is None else mended), replace=True
    )
    assert (dict(report.refused), report.accepted > 0) == ({}, True)
    assert [file.problem for file in report.files] == [None]


def test_the_remedy_of_an_unknown_subscriber_followed_brings_the_row_in(town):
    file = town.file("calls.csv", usage(subscriber="13999999999"))
    assert {reason for reason, _ in town.ingest(USAGE, file).refused} == {Reason.UNKNOWN_SUBSCRIBER}
    town.ingest(
        PEOPLE,
        town.file(
            "more.csv",
            SUBSCRIBERS.splitlines()[0] + "\n13999999999,2026-01-01,2020-01-01,,,,prepaid,public\n",
        ),
    )
    assert (town.ingest(USAGE, file).accepted, town.refused("usage")) == (1, [])


def test_the_remedy_of_a_row_in_another_delivery_followed_leaves_one(town):
    town.ingest(USAGE, town.file("first.csv", usage()))
    second = usage() + usage_row(at="2026-01-03 11:00:00")
    assert {reason for reason, _ in town.ingest(USAGE, town.file("second.csv", second)).refused} == {
        Reason.DUPLICATE_OF_DELIVERY
    }
    mended = USAGE_HEADER + usage_row(at="2026-01-03 11:00:00")
    assert town.ingest(USAGE, town.file("second.csv", mended)).accepted == 1
    assert (len(town.rows("usage")), town.refused("usage")) == (2, [])


def test_every_reason_is_followed_here():
    followed = {reason for reason, *_ in REFUSED} | {Reason.UNKNOWN_SUBSCRIBER, Reason.DUPLICATE_OF_DELIVERY}
    elsewhere = {Reason.TOO_SMALL}  # no contract has a least value other than nought
    assert set(Reason) - followed == elsewhere


ODD = SUBSCRIBERS.replace(",", "#")
FILES = [
    ("no_delimiter", PEOPLE, ODD, f"{PEOPLE}\nfile: {{delimiter: '#'}}", None),
    ("wrong_delimiter", f"{PEOPLE}\nfile: {{delimiter: ';'}}", SUBSCRIBERS, f"{PEOPLE}\nfile: {{delimiter: ','}}", None),
    ("wrong_encoding", f"{PEOPLE}\nfile: {{encoding: utf-8}}", SUBSCRIBERS.replace("north", "东城区").encode("gb18030"), f"{PEOPLE}\nfile: {{encoding: gb18030}}", None),
    ("broken_archive", PEOPLE, gzip.compress(SUBSCRIBERS.encode())[:-9], PEOPLE, SUBSCRIBERS),
    ("columns_missing", PEOPLE, SUBSCRIBERS.replace("payment", "paid"), columns("subscribers", payment="paid"), None),
    ("columns_missing", PEOPLE, SUBSCRIBERS.replace("payment", "paid"), columns("subscribers", payment="{constant: prepaid}"), None),
    ("column_not_in_file", columns("subscribers", payment="paymnet"), SUBSCRIBERS, columns("subscribers", payment="payment"), None),
    ("ambiguous_column", PEOPLE, SUBSCRIBERS.replace("district", "payment"), columns("subscribers", payment="{from: 7}"), None),
    ("outcome_never_positive", OUTCOME % "", "y,x\n办理,1\n未办理,2\n", "samples: s\noutcome: {from: y, positive: 办理}", None),
    ("order_unreadable", "samples: s\norder: y", "y,x\na,1\nb,2\n", "samples: s\norder: rows", None),
    ("reserved_name", "samples: s", "outcome,x\na,1\nb,2\n", "samples: s\ncolumns: {result: {from: outcome}}", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "mapping", "content", "mended_mapping", "mended"), FILES)
def test_the_remedy_of_a_refused_file_followed_brings_it_in(
    house, code, mapping, content, mended_mapping, mended
):
    (file,) = house.ingest(mapping, house.file("file.csv", content)).files
    assert file.code == code
    report = house.ingest(mended_mapping, house.file("file.csv", content if mended is None else mended))
    assert (report.problems, dict(report.refused), report.accepted > 0) == ((), {}, True)


def test_days_lost_by_a_delivery_of_the_same_name_are_kept_by_another_name_or_replaced(town):
    town.ingest(USAGE, town.file("calls.csv", usage()))
    later = usage(at="2026-01-04 10:00:00")
    (file,) = town.ingest(USAGE, town.file("calls.csv", later)).files
    assert file.code == "earlier_days_lost"
    assert town.ingest(USAGE, town.file("calls_2.csv", later)).accepted == 1
    assert len(town.rows("usage")) == 2


def test_several_files_for_an_outside_table_are_taken_one_by_one(house):
    files = [house.file(f"{name}.csv", "y,x\na,1\n") for name in ("one", "two")]
    with pytest.raises(SeveralSampleFiles):
        house.ingest("samples: s", *files)
    for name, file in zip(("one", "two"), files, strict=True):
        assert house.ingest(f"samples: {name}", file).accepted == 1
