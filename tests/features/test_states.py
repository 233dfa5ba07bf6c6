"""States: the last recorded row as of any day, whatever came late, came again or was kept before."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.conftest import Town
from tests.features.records import by_seed, column_values, day_of
from tests.proving import examples

from telewave.features.logs import LOGS
from telewave.features.states import RANKED_AT_ONCE, state_as_of, update_states
from telewave.records.contracts import CONTRACTS

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(n) for n in (0, 1, 14, 30, 31, 32, 58, 59, 75, 89, 90, 119, 120)]
AS_OF = [*DAYS, FIRST + timedelta(45), FIRST + timedelta(200)]


def last_of(log, rows, as_of):
    """By hand: the row of the last day of each key, and on one day the greatest, where nothing is less than something."""

    def late(row):
        names = [column.name for column in CONTRACTS[log].columns]
        rest = [name for name in names if name not in (*LOGS[log].key, "recorded_on")]
        return row["recorded_on"], *((row[name] is not None, row[name] or 0) for name in rest)

    last = {}
    for row in rows:
        key = tuple(row[name] for name in LOGS[log].key)
        if row["recorded_on"] < as_of and (key not in last or late(row) > late(last[key])):
            last[key] = row
    return last


def found(town, log, as_of):
    rows = town.warehouse.engine.fetch(state_as_of(town.warehouse, log, as_of)).to_pylist()
    table = {tuple(row[name] for name in LOGS[log].key): row for row in rows}
    assert len(table) == len(rows)
    return table


@st.composite
def histories(draw, log):
    """Deliveries one after the other: the rows of some days, early or late, again or for the first time."""
    contract = CONTRACTS[log]
    row = st.fixed_dictionaries(
        {
            column.name: st.sampled_from(column_values(column, FIRST, 3, DAYS))
            for column in contract.columns
            if column.name != "recorded_on"
        }
    )
    day = st.lists(row, max_size=4)
    delivered = st.dictionaries(st.sampled_from(DAYS), day, min_size=1, max_size=4)
    step = st.tuples(delivered, st.none() | st.sampled_from(AS_OF))
    return [
        ({on: [{**r, "recorded_on": on} for r in rows] for on, rows in days.items()}, kept)
        for days, kept in draw(st.lists(step, min_size=1, max_size=4))
    ]


@pytest.mark.parametrize("log", LOGS)
@settings(max_examples=examples(15))
@given(data=st.data(), ranked_at_once=st.sampled_from([1, 3, RANKED_AT_ONCE]))
def test_the_last_rows_as_of_any_day_are_those_found_by_hand_whatever_was_delivered_late_or_again(
    tmp_path_factory, duckdb_engine, log, data, ranked_at_once
):
    town, present = Town(tmp_path_factory.mktemp("town"), duckdb_engine), {}
    for days, kept in data.draw(histories(log)):
        present |= days
        with town.warehouse.change(log) as change:
            for on, rows in days.items():
                files = {town._file(change, log, on.isoformat(), rows): "test"} if rows else {}
                change.set(on.isoformat(), files)
        if kept is not None:
            update_states(town.warehouse, kept, ranked_at_once=ranked_at_once)
        rows = [row for of_day in present.values() for row in of_day]
        for as_of in data.draw(st.lists(st.sampled_from(AS_OF), min_size=1, max_size=3)):
            assert found(town, log, as_of) == last_of(log, rows, as_of)


@pytest.fixture
def kept(town):
    """Four months of records, states kept as of April and, on the way, of every month."""
    offsets = [(day - FIRST).days for day in DAYS]
    town.records = by_seed(FIRST, people=30, a_person=4, offsets=offsets)
    town.put({log: town.records[log] for log in LOGS})
    town.made = update_states(town.warehouse, date(2026, 4, 20), ranked_at_once=1)
    return town


def states(town, log):
    return town.files(f"states.{log}")


def redelivered(town, log, day):
    """The rows of a day again, in another file."""
    town.put({log: [row for row in town.records[log] if day_of(log, row) == day.isoformat()]})


def test_states_are_kept_as_of_firsts_of_months(kept):
    assert list(states(kept, "holdings")) == ["2026-02-01", "2026-03-01", "2026-04-01"]
    assert kept.made == {log: len(states(kept, log)) for log in LOGS}


def test_a_damaged_state_does_not_hold_and_is_made_anew(kept):
    end = date.fromisoformat(max(states(kept, "subscribers")))
    before = found(kept, "subscribers", end)
    for part in (kept.warehouse.root / "states.subscribers" / "data").glob("*/*"):
        part.write_bytes(b"PAR1")
    assert found(kept, "subscribers", end) == before
    assert update_states(kept.warehouse, end)["subscribers"] > 0
    assert found(kept, "subscribers", end) == before


def test_made_again_nothing_is_made_and_no_file_touched(kept):
    before = {log: states(kept, log) for log in LOGS}
    assert set(update_states(kept.warehouse, date(2026, 4, 1)).values()) == {0}
    assert {log: states(kept, log) for log in LOGS} == before


def test_a_new_day_of_the_month_makes_no_state_and_is_seen(kept):
    day = date(2026, 4, 5)
    row = {**kept.records["tags"][0], "recorded_on": day, "tag": "new", "held": True}
    kept.put({"tags": [row]})
    assert set(update_states(kept.warehouse, date(2026, 4, 20)).values()) == {0}
    key = (row["subscriber"], "new")
    assert key in found(kept, "tags", day + timedelta(1))
    assert key not in found(kept, "tags", day)


def test_a_new_month_is_made_from_the_state_before_it_and_the_rows_since(kept):
    before = states(kept, "subscribers")
    for path in (kept.warehouse.root / "subscribers/data").glob("2026-0[123]-*/*"):
        path.write_bytes(b"not to be read")
    kept.put({"subscribers": [{**kept.records["subscribers"][0], "recorded_on": date(2026, 4, 5)}]})
    assert update_states(kept.warehouse, date(2026, 5, 9))["subscribers"] == 1
    after = states(kept, "subscribers")
    assert after.pop("2026-05-01")
    assert after == before


def test_a_day_delivered_again_takes_out_the_states_that_it_is_in_and_no_other(kept):
    before = states(kept, "devices")
    redelivered(kept, "devices", date(2026, 3, 1))
    update_states(kept.warehouse, date(2026, 4, 20))
    after = states(kept, "devices")
    assert {day for day in before if after.get(day) == before[day]} == {"2026-02-01", "2026-03-01"}
    assert "2026-04-01" in after


def test_a_state_that_no_longer_holds_is_not_read(kept):
    rng, day = random.Random(3), date(2026, 2, 1)
    rows = [row for row in kept.records["holdings"] if row["recorded_on"] == day]
    ended = [{**row, "ends_on": day} for row in rng.sample(rows, len(rows) // 2)]
    others = [row for row in kept.records["holdings"] if row["recorded_on"] != day]
    kept.put({"holdings": ended})
    for as_of in AS_OF:
        assert found(kept, "holdings", as_of) == last_of("holdings", [*others, *ended], as_of)


def test_a_state_as_of_an_earlier_month_leaves_the_later_ones(town):
    rows = by_seed(FIRST, people=10, a_person=3, offsets=(0, 31, 59))["devices"]
    town.put({"devices": rows})
    update_states(town.warehouse, date(2026, 4, 20))
    later = states(town, "devices")
    update_states(town.warehouse, date(2026, 2, 3))
    assert states(town, "devices") == {**later, "2026-02-01": states(town, "devices")["2026-02-01"]}
    assert found(town, "devices", date(2026, 2, 1)) == last_of("devices", rows, date(2026, 2, 1))
