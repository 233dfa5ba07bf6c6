"""Base classes against a plain Python computation on the same records."""

import dataclasses
import io
from datetime import date, datetime, time, timedelta

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.proving import examples
from typer.testing import CliRunner

from telewave.customers import commands
from telewave.customers.base import BaseClass, Cell, base_class, base_class_expression
from telewave.customers.usecases import BaseRow, EmptyRange, NoSuchOffer, base_classes
from telewave.features.usecases import WIDE, NoWideTable
from telewave.features.wide import WIDE_SCHEMA
from telewave.kernel import Estimate, Inconclusive, TelewaveError
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS

AS_OF, SINCE, OFFER = date(2026, 7, 1), date(2026, 6, 1), "contract_phone"
FLAGS = st.sampled_from([True, False, None])
DAYS = st.integers(0, 90).map(lambda n: AS_OF - timedelta(n) + timedelta(5))


def write(warehouse, table, schema, rows, day_of):
    """Rows as partitions by day."""
    days = {}
    for row in rows:
        days.setdefault(day_of(row), []).append(row)
    with warehouse.change(table) as change:
        for key in list(change.partitions):
            change.set(key, {})
        for key, part in days.items():
            file = change.new_file(key)
            pq.write_table(pa.Table.from_pylist(part, schema=schema), file)
            change.set(key, {file: "test"})


def put(warehouse, wide, subscribers, orders):
    write(warehouse, WIDE, WIDE_SCHEMA, wide, lambda _: AS_OF.isoformat())
    schema = CONTRACTS["subscribers"].schema
    write(warehouse, "subscribers", schema, subscribers, lambda r: r["recorded_on"].isoformat())
    write(
        warehouse, "orders", CONTRACTS["orders"].schema, orders, lambda r: r["ordered_at"].date().isoformat()
    )


def person(
    number, mobile=True, broadband=False, payment="prepaid", segment="public", activated=date(2020, 1, 1)
):
    wide = {
        "subscriber": number,
        "has_mobile": mobile,
        "has_broadband": broadband,
        "payment": payment,
        "segment": segment,
    }
    record = {
        "subscriber": number, "recorded_on": activated, "customer": None, "activated_on": activated,
        "birth_date": None, "gender": None, "district": None, "payment": payment, "segment": segment,
    }  # fmt: skip
    return wide, record


def order(number, day, kind="device_only", offer=OFFER):
    at = datetime.combine(day, time(12))
    return {"subscriber": number, "ordered_at": at, "offer": offer, "kind": kind, "channel": "hall"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("warehouse"), DuckDBEngine(1, 1))
    yield made
    made.engine.close()


@pytest.mark.parametrize("mobile", [True, False, None])
@pytest.mark.parametrize("broadband", [True, False, None])
def test_the_class_of_one_row_is_the_class_of_the_expression(mobile, broadband):
    rows = ibis.memtable(
        pa.table(
            {"has_mobile": pa.array([mobile], pa.bool_()), "has_broadband": pa.array([broadband], pa.bool_())}
        )
    )
    engine = DuckDBEngine(1, 1)
    found = engine.fetch(rows.select(base=base_class_expression(rows)))["base"][0].as_py()
    engine.close()
    assert found == base_class(mobile, broadband).value


PEOPLE = st.lists(
    st.tuples(FLAGS, FLAGS, st.sampled_from(["prepaid", "postpaid"]), st.sampled_from(["public", "enterprise"]), DAYS),
    min_size=1, max_size=12,
)  # fmt: skip
ORDERS = st.lists(
    st.tuples(st.integers(0, 13), DAYS, st.sampled_from(["device_only", "new_number"]), st.sampled_from([OFFER, "other"])),
    max_size=15, unique_by=lambda o: (o[0], o[1], o[3]),
)  # fmt: skip


def counted_plainly(people, orders):
    """The same counts with loops over dictionaries."""
    cells = {}
    for number, (mobile, broadband, payment, segment, activated) in enumerate(people):
        cell = Cell(base_class(mobile, broadband), payment, segment)
        mine = [o for o in orders if o[0] == number and o[3] == OFFER and o[1] < AS_OF]
        late = [o for o in mine if o[1] >= SINCE]
        takers = {kind: int(any(o[2] == kind for o in late)) for kind in ("device_only", "new_number")}
        came = any(o[2] == "new_number" for o in late) and SINCE <= activated < AS_OF
        cells[cell] = cells.get(cell, BaseRow(0, 0, dict.fromkeys(takers, 0), 0)) + BaseRow(
            1, int(bool(mine)), takers, int(came)
        )
    return cells


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PEOPLE, ORDERS)
def test_sizes_holders_takers_and_net_new_are_those_of_a_plain_count(warehouse, people, orders):
    made = [person(n, m, b, p, s, day) for n, (m, b, p, s, day) in enumerate(people)]
    rows = [order(*parts) for parts in [*orders, (0, date(2026, 6, 30), "device_only", OFFER)]]
    put(warehouse, [w for w, _ in made], [r for _, r in made], rows)
    base = base_classes(warehouse, AS_OF, OFFER, SINCE)
    placed = [*orders, (0, date(2026, 6, 30), "device_only", OFFER)]
    assert base.cells == counted_plainly(people, placed)
    outside = {o[0] for o in placed if o[0] >= len(people) and o[3] == OFFER and SINCE <= o[1] < AS_OF}
    assert base.outside == len(outside)
    assert base.total.size == len(people)


@pytest.fixture
def small(warehouse):
    """Ten mobile subscribers, two of them holders; one broadband subscriber who came new."""
    made = [person(n) for n in range(10)]
    made.append(person(10, False, True, "postpaid", "enterprise", activated=date(2026, 6, 10)))
    orders = [
        order(0, date(2026, 3, 1)), order(1, date(2026, 6, 5)), order(10, date(2026, 6, 10), "new_number"),
        order(2, AS_OF), order(3, date(2026, 6, 6), offer="other"), order(4, date(2026, 6, 7), "new_number", "other"),
    ]  # fmt: skip
    put(warehouse, [w for w, _ in made], [r for _, r in made], orders)
    return warehouse


def test_penetration_is_holders_over_subscribers_with_an_interval(small):
    base = base_classes(small, AS_OF, OFFER, SINCE)
    share = base.of_class(BaseClass.MOBILE).penetration
    assert isinstance(share, Estimate)
    assert (share.value, share.n, share.method) == (0.2, 10, "Wilson")
    assert share.low < 0.2 < share.high


def test_a_class_without_subscribers_has_no_penetration_rather_than_zero(small):
    assert isinstance(
        base_classes(small, AS_OF, OFFER, SINCE).of_class(BaseClass.NONE).penetration, Inconclusive
    )


def test_an_order_on_the_as_of_date_itself_is_not_yet_known(small):
    assert base_classes(small, AS_OF, OFFER, SINCE).total.holders == 3


def test_net_new_came_with_a_new_number_in_the_range(small):
    base = base_classes(small, AS_OF, OFFER, SINCE)
    assert base.of_class(BaseClass.BROADBAND).net_new == 1
    assert base.of_class(BaseClass.MOBILE).net_new == 0
    assert base_classes(small, AS_OF, OFFER, date(2026, 6, 20)).total.net_new == 0


def test_net_new_is_a_class_of_its_own_without_a_penetration(small):
    new = base_classes(small, AS_OF, OFFER, SINCE).newcomers
    assert new == BaseRow(1, 1, {"device_only": 0, "new_number": 1}, 1)
    assert str(new.penetration.reason) == "Everybody in it came with the offer."
    nobody = base_classes(small, AS_OF, OFFER, date(2026, 6, 20)).newcomers
    assert nobody.size == 0
    assert isinstance(nobody.penetration, Inconclusive)


def test_an_offer_that_nobody_took_is_refused_with_the_offers_there_are(small):
    with pytest.raises(NoSuchOffer, match="contract_phone, other"):
        base_classes(small, AS_OF, "contract_fone", SINCE)


def test_a_range_without_days_is_refused(small):
    with pytest.raises(EmptyRange):
        base_classes(small, AS_OF, OFFER, AS_OF)


def test_a_date_without_a_wide_table_is_refused(small):
    with pytest.raises(NoWideTable):
        base_classes(small, date(2026, 6, 1), OFFER, date(2026, 5, 1))


def shown(warehouse, language, *arguments):
    """What the command prints."""
    app = typer.Typer()
    app.callback()(lambda: None)
    commands.register(app)
    console = Console(record=True, width=200, file=io.StringIO())
    settings = load_settings({})
    session = Session(
        language=language,
        settings=settings,
        open_home=lambda: Home.of(settings, warehouse, None),
        console=console,
    )
    done = CliRunner().invoke(app, ["base", *arguments], obj=session)
    return done, console.export_text()


def test_the_command_shows_classes_and_cells_in_both_languages(small):
    done, text = shown(small, "en", "--as-of", "2026-07-01", "--offer", OFFER)
    assert done.exception is None
    assert "20.000%" in text
    assert "Net new: 1 took the offer" in text
    done, text = shown(small, "zh", "--as-of", "2026-07-01", "--offer", OFFER, "--since", "2026-06-01")
    assert done.exception is None
    assert "单移动" in text
    assert "净新增：1 户" in text


def test_the_command_refuses_a_date_that_is_none(small):
    done, _ = shown(small, "en", "--as-of", "July", "--offer", OFFER)
    assert isinstance(done.exception, TelewaveError)
    assert "year-month-day" in str(done.exception)


def test_the_base_is_immutable(small):
    base = base_classes(small, AS_OF, OFFER, SINCE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        base.offer = "other"


@pytest.mark.spark
def test_spark_counts_the_same_base(spark_engine, small):
    province = Warehouse(small.root, spark_engine)
    assert base_classes(province, AS_OF, OFFER, SINCE) == base_classes(small, AS_OF, OFFER, SINCE)
