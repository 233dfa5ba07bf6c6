"""A damaged delivery is told, and bringing the same file again heals it; what else is there stays as it was."""

import pytest
from tests.records.conftest import SUBSCRIBERS, usage_row

from telewave.platform.warehouse import PartDamaged, Warehouse
from telewave.upkeep.remedies import remedy_of


def parts(town, table):
    return sorted((town.warehouse.root / table / "data").glob("*/*.parquet"))


def reopened(town):
    """As a new process sees the warehouse."""
    town.warehouse = Warehouse(town.warehouse.root, town.engine, remedy=remedy_of)
    return town


def all_rows(town, table):
    """In an order of their own: files are read side by side."""
    return sorted(town.rows(table), key=str)


def cut(part):
    part.write_bytes(part.read_bytes()[:-7])


def rotten(part):
    raw = bytearray(part.read_bytes())
    raw[10] ^= 1
    part.write_bytes(raw)


@pytest.mark.parametrize("damage", [cut, rotten, lambda part: part.unlink()])
def test_the_same_file_again_heals_its_delivery(town, damage):
    town.usage(usage_row())
    before = all_rows(town, "usage")
    damage(parts(town, "usage")[0])
    with pytest.raises(PartDamaged, match="Give the delivery usage to telewave ingest again"):
        reopened(town).rows("usage")
    assert not town.usage(usage_row()).files[0].unchanged
    assert all_rows(town, "usage") == before
    assert town.usage(usage_row()).files[0].unchanged


def test_a_check_says_that_the_file_would_come_in_and_heals_nothing(town):
    town.usage(usage_row())
    cut(parts(town, "usage")[0])
    report = reopened(town).check("table: usage", town.home / "incoming" / "usage.csv")
    assert report.files[0].accepted == 1
    with pytest.raises(PartDamaged):
        town.rows("usage")


def test_of_two_damaged_deliveries_of_one_day_each_heals_by_itself(town):
    town.usage(usage_row(), name="one.csv")
    town.usage(usage_row(at="2026-01-03 11:00:00"), name="two.csv")
    before = all_rows(town, "usage")
    for part in parts(town, "usage"):
        cut(part)
    reopened(town).usage(usage_row(), name="one.csv")
    with pytest.raises(PartDamaged, match="two"):
        town.rows("usage")
    town.usage(usage_row(at="2026-01-03 11:00:00"), name="two.csv")
    assert all_rows(town, "usage") == before


def test_subscribers_heal_with_the_numbers_they_had(town):
    before = all_rows(town, "subscribers")
    for part in parts(town, "subscribers"):
        cut(part)
    with pytest.raises(PartDamaged, match="Give the delivery subs to telewave ingest again"):
        reopened(town).usage(usage_row())
    town.ingest("table: subscribers", town.file("subs.csv", SUBSCRIBERS))
    assert all_rows(town, "subscribers") == before


def test_refused_rows_heal_with_their_delivery(town):
    rows = usage_row() + usage_row(kind="smoke")
    town.usage(rows)
    before = town.refused("usage")
    cut(parts(town, "quarantine.usage")[0])
    with pytest.raises(PartDamaged, match="Give the delivery usage to telewave ingest again"):
        reopened(town).refused("usage")
    town.usage(rows)
    assert town.refused("usage") == before
