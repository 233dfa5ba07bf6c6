"""The base counts who is there: a line that has ended is out from the day after its last."""

from datetime import date, timedelta

import pytest
from tests.records.conftest import USAGE_HEADER, house, usage_row

from telewave.customers.usecases import base_classes
from telewave.features.usecases import build_wide
from telewave.platform.progress import Silent

__all__ = ["house"]

HEADER = "subscriber,recorded_on,customer,activated_on,payment,segment,ended_on,end_reason\n"
A, B, C = "13900000001", "13900000002", "13900000003"
DAY = date(2026, 9, 15)


def row(number, day, customer, payment, ended="", why=""):
    return f"{number},{day},{customer},2020-01-01,{payment},public,{ended},{why}\n"


def subscribers(house, name, *rows, mapping="table: subscribers", **options):
    return house.ingest(mapping, house.file(name, HEADER + "".join(rows)), today=DAY, **options)


def base(house, as_of=DAY):
    used = "".join(usage_row(A, f"{as_of - timedelta(1)} 10:00:00") for _ in range(1))
    house.usage(USAGE_HEADER + used, name=f"usage-{as_of}.csv", today=DAY)
    build_wide(house.warehouse, as_of, Silent(), with_gaps=True)
    return base_classes(house.warehouse, as_of, "handset", date(2026, 8, 1))


@pytest.fixture
def city(house):
    subscribers(
        house,
        "august.csv",
        row(A, "2026-08-01", "a", "prepaid"),
        row(B, "2026-08-01", "b", "postpaid"),
        row(C, "2026-08-01", "c", "prepaid"),
    )
    orders = "subscriber,ordered_at,offer,kind,channel\n" + "".join(
        f"{n},2026-08-05 10:00:00,handset,device_only,hall\n" for n in (A, C)
    )
    house.ingest("table: orders", house.file("orders.csv", orders), today=DAY)
    return house


def test_who_has_left_is_in_no_count(city):
    """Snapshots of 1 August (A, B, C) and 1 September (A, B); the line of C ended on 15 August."""
    subscribers(city, "ends.csv", row(C, "2026-08-15", "c", "prepaid", "2026-08-15", "cancelled"))
    subscribers(
        city, "september.csv", row(A, "2026-09-01", "a", "prepaid"), row(B, "2026-09-01", "b", "postpaid")
    )
    found = base(city)
    assert found.total.size == 2
    assert sum(cell.size for key, cell in found.cells.items() if key.payment == "prepaid") == 1
    assert found.total.penetration.value == 0.5


def test_who_is_missing_from_a_full_snapshot_is_in_no_count(city):
    full = "table: subscribers\nsnapshot: full"
    rows = row(A, "2026-09-01", "a", "prepaid"), row(B, "2026-09-01", "b", "postpaid")
    subscribers(city, "september.csv", *rows, mapping=full)
    found = base(city)
    assert (found.total.size, found.total.penetration.value) == (2, 0.5)
    assert sum(cell.size for key, cell in found.cells.items() if key.payment == "prepaid") == 1
    assert base(city, date(2026, 8, 20)).total.size == 3


def test_the_last_day_of_a_line_is_one_of_it(city):
    subscribers(city, "ends.csv", row(C, "2026-08-15", "c", "prepaid", "2026-08-15", "died"))
    assert base(city, date(2026, 8, 15)).total.size == 3
    assert base(city, date(2026, 8, 16)).total.size == 2
