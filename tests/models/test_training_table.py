"""Training tables over wide tables that are made of records: nothing that comes later can be learnt from."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from tests.features.conftest import Town
from tests.features.records import by_seed, day_of

from telewave.features.usecases import build_wide
from telewave.models.target import Target
from telewave.models.training_tables import training_table
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent

PEOPLE = 40
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
LAST = date(2026, 9, 30)
PHONE = Target("phone", 30)
DAYS = (-62, -45, -31, -10, -1, 0, 12, 29, 30, 45)  # from the first of July, around the edges of both windows


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(1, 2)
    yield made
    made.close()


def order(subscriber, day, offer="phone"):
    at = datetime(day.year, day.month, day.day, 12)
    return {
        "subscriber": subscriber, "ordered_at": at, "offer": offer, "kind": "device_only", "channel": "hall",
    }  # fmt: skip


@pytest.fixture(scope="module")
def records():
    """All tables around July, with orders of phones in both windows."""
    made = by_seed(JULY, PEOPLE, a_person=3, offsets=DAYS, seed=5)
    made["orders"] = [
        *[order(s, JUNE + timedelta(s % 4 * 7)) for s in range(0, 12, 2)],
        *[order(s, JULY + timedelta(s % 2 * 29)) for s in range(12, 30, 3)],
        order(0, LAST, "other"),
    ]
    return made


def learnt(town, *dates):
    """The row of variables and the outcome of each as-of date and subscriber."""
    table = training_table(
        town.warehouse, PHONE, dates, lambda w, d: build_wide(w, d, Silent(), with_gaps=True), Silent()
    )
    table = table.take(table.period.argsort(kind="stable"))
    names = [v.name for v in table.variables]
    rows = table.rows.select(names).to_pylist()
    keyed = zip(table.period.tolist(), table.key.tolist(), rows, table.label.tolist(), strict=True)
    return {(period, key): (row, label) for period, key, row, label in keyed}


def until(records, day):
    """The records known before `day`, and one order long after, so that the windows are over."""
    kept = {t: [r for r in rows if day_of(t, r) < day.isoformat()] for t, rows in records.items()}
    return kept | {"orders": [*kept["orders"], order(0, LAST, "other")]}


@pytest.fixture(scope="module")
def town(tmp_path_factory, engine, records):
    return Town(tmp_path_factory.mktemp("town"), engine).put(records)


@pytest.fixture(scope="module")
def whole(town):
    return learnt(town, JUNE, JULY)


def test_each_date_has_its_takers_and_nobody_who_took_before(whole):
    june, july = (
        {key for (period, key), (_, label) in whole.items() if period == day and label}
        for day in sorted({period for period, _ in whole})
    )
    assert june == set(range(0, 12, 2))
    assert july == set(range(12, 30, 3))
    asked = Counter(period for period, _ in whole)
    assert sorted(asked.values()) == [PEOPLE - len(june), PEOPLE]


def test_records_after_the_window_change_neither_variables_nor_outcomes(tmp_path, engine, records, whole):
    earlier = learnt(Town(tmp_path, engine).put(until(records, JULY + timedelta(30))), JUNE, JULY)
    assert earlier == whole


def test_records_within_the_window_change_outcomes_but_no_variable(tmp_path, engine, records, whole):
    """Without the records of July nobody takes the phone in July, but what was known of each is the same."""
    earlier = learnt(Town(tmp_path, engine).put(until(records, JULY)), JUNE, JULY)
    assert {k: row for k, (row, _) in earlier.items()} == {k: row for k, (row, _) in whole.items()}
    latest = max(period for period, _ in whole)
    assert not any(label for (period, _), (_, label) in earlier.items() if period == latest)


def test_the_variables_learnt_from_are_those_of_the_wide_table_as_of_each_date(town, whole):
    wide = town.wide(JULY)
    latest = max(period for period, _ in whole)
    found = {key: row for (period, key), (row, _) in whole.items() if period == latest}
    assert found
    for key, row in found.items():
        for name, value in row.items():
            told = wide[key][name]
            assert value == (pytest.approx(told, rel=1e-6) if isinstance(told, float) else told)


def test_what_is_unknown_to_all_as_of_one_date_only_is_not_learnt_from(tmp_path, engine, records):
    """Contacts that begin between the dates would tell June from July."""
    contacts = [row for row in records["contacts"] if day_of("contacts", row) >= JUNE.isoformat()]
    town = Town(tmp_path, engine).put({**records, "contacts": contacts})
    assert {row["contacts_1m"] for row in town.wide(JUNE).values()} == {None}
    assert None not in {row["contacts_1m"] for row in town.wide(JULY).values()}
    row, _ = next(iter(learnt(town, JUNE, JULY).values()))
    assert "contacts_1m" not in row
    row, _ = next(iter(learnt(town, JULY).values()))
    assert "contacts_1m" in row
