from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.models.town import SCHEMA, VARIABLES
from tests.models.worlds import NOW, quick

from telewave.features.usecases import open_samples
from telewave.models.dataset import day_number
from telewave.models.target import EmptyWindow, OutcomeNotYetKnown, Target
from telewave.models.training import train
from telewave.models.training_tables import (
    NoAsOfDates,
    NoOrders,
    OutcomesMissing,
    samples_table,
    training_table,
)
from telewave.models.usecases import NobodyToScore, Scored, VariablesMissing, score, scores
from telewave.platform.progress import Silent
from telewave.records.contracts import ORDERS
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import group, groups

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
END = date(2026, 12, 31)
PHONE = Target("phone", 30)


def learn_from(town, *dates, target=PHONE, **more):
    return training_table(town.warehouse, target, dates or (JUNE,), town.open, Silent(), **more)


def by_subscriber(table):
    return dict(zip(table.key.tolist(), table.label.tolist(), strict=True))


def test_takers_are_those_who_order_from_the_as_of_date_to_the_end_of_the_window(town):
    town.wide(JUNE, range(1, 7)).orders(
        (1, datetime(2026, 6, 1, 0, 0), "phone"),  # the first instant of the window
        (2, datetime(2026, 6, 30, 23, 59), "phone"),  # the last minute
        (3, datetime(2026, 7, 1, 0, 0), "phone"),  # a moment too late
        (4, date(2026, 6, 10), "broadband"),  # another offer
        (5, date(2026, 6, 10), "phone"),
        (5, date(2026, 6, 20), "phone"),  # twice
        (6, END, "other"),
    )
    assert by_subscriber(learn_from(town)) == {1: True, 2: True, 3: False, 4: False, 5: True, 6: False}


def test_who_had_the_offer_before_is_left_out_and_counts_as_no_non_taker(town):
    town.wide(JUNE, range(1, 5)).orders(
        (1, datetime(2026, 5, 31, 23, 59), "phone"),
        (2, date(2025, 1, 1), "phone"),
        (2, date(2026, 6, 5), "phone"),  # again, within the window
        (3, date(2026, 5, 1), "broadband"),
        (4, END, "other"),
    )
    assert by_subscriber(learn_from(town)) == {3: False, 4: False}


def test_a_taker_of_june_is_left_out_of_july(town):
    town.wide(JUNE, [1, 2]).wide(JULY, [1, 2]).orders((1, date(2026, 6, 5), "phone"), (2, END, "other"))
    table = learn_from(town, JULY, JUNE)
    assert table.period.tolist() == [day_number(JUNE)] * 2 + [day_number(JULY)]
    assert list(zip(table.key.tolist(), table.label.tolist(), strict=True)) == [
        (1, True),
        (2, False),
        (2, False),
    ]
    assert (table.horizon, table.dated, table.other_weight) == (30, True, 1)


def test_buyers_outside_the_wide_table_are_not_invented(town):
    town.wide(JUNE, [1]).orders((99, date(2026, 6, 5), "phone"), (1, END, "other"))
    assert by_subscriber(learn_from(town)) == {1: False}


orders = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 60)), max_size=20)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=orders, later=orders)
def test_later_orders_change_nothing_as_of_earlier_dates(tmp_path_factory, engine, known, later):
    from tests.models.town import Town

    town = Town(tmp_path_factory.mktemp("town"), engine).wide(JUNE, range(1, 9))
    town.orders(
        *[(s, JUNE - timedelta(30) + timedelta(d), "phone") for s, d in known if d < 60], (1, END, "other")
    )
    before = learn_from(town)
    town.orders(*[(s, JULY + timedelta(d), "phone") for s, d in later])  # the first day after June's window
    after = learn_from(town)
    assert after.rows.equals(before.rows)
    assert by_subscriber(after) == by_subscriber(before)


def test_a_window_whose_end_is_not_on_record_is_refused_and_the_latest_date_named(town):
    town.wide(JULY, [1]).orders((1, date(2026, 7, 15), "phone"))
    with pytest.raises(
        OutcomeNotYetKnown, match=r"until 2026-07-30 are in; the last day on record is 2026-07-15.*2026-06-16"
    ):
        learn_from(town, JULY)


def test_the_last_day_of_the_window_suffices(town):
    town.wide(JULY, [1, 2]).orders((1, date(2026, 7, 30), "phone"))
    assert by_subscriber(learn_from(town, JULY)) == {1: True, 2: False}


def test_days_on_record_without_an_order_mean_that_nobody_ordered(town):
    town.wide(JULY, [1, 2]).orders((1, date(2026, 7, 2), "phone"))
    with town.warehouse.change("bills") as change:
        file = change.new_file("2026-08-01")
        pa.parquet.write_table(pa.table({"x": [1]}), file)
        change.set("2026-08-01", {file: "test"})
    assert by_subscriber(learn_from(town, JULY)) == {1: True, 2: False}


def test_nothing_to_learn_from_is_refused_with_a_remedy(town):
    with pytest.raises(NoAsOfDates, match="Give at least two"):
        training_table(town.warehouse, PHONE, (), town.open, Silent())
    with pytest.raises(NoOrders, match="Ingest the orders first"):
        learn_from(town)
    with pytest.raises(EmptyWindow, match="at least one day"):
        Target("phone", 0)


def test_an_audience_restricts_whom_is_learnt_from(town):
    town.wide(JUNE, range(1, 11)).orders((3, date(2026, 6, 5), "phone"), (1, END, "other"))
    table = learn_from(town, audience=lambda wide: wide.relation.minutes <= 4)
    assert by_subscriber(table) == {1: False, 2: False, 3: True, 4: False}


def test_above_the_most_rows_non_takers_are_sampled_and_stand_for_the_others(town):
    town.grow([JUNE, JULY]).orders((0, END, "other"))
    whole = learn_from(town, JUNE, JULY)
    sampled = learn_from(town, JUNE, JULY, most_rows=1_000)
    assert sampled.takers == whole.takers
    assert sampled.other_weight == 3
    assert len(sampled) < 0.5 * len(whole)
    assert sampled.base_rate == pytest.approx(whole.base_rate, rel=0.1)
    kept = [
        set(sampled.key[(sampled.period == p) & ~sampled.label].tolist()) for p in np.unique(sampled.period)
    ]
    assert not {k for k in kept[1] if k not in kept[0]} & set(
        whole.key[whole.period == whole.period[0]].tolist()
    ) - set(sampled.key[sampled.label].tolist())


@pytest.fixture(scope="module")
def grown(tmp_path_factory, engine):
    from tests.models.town import Town

    dates = [date(2026, m, 1) for m in (3, 4, 5, 6, 7)]
    town = Town(tmp_path_factory.mktemp("grown"), engine).grow(dates)
    town.orders((0, END, "other"))
    table = learn_from(town, *dates[:4])
    return town, train(table, name="phone", seed=1, now=NOW, options=quick())


def test_a_model_of_orders_finds_what_makes_takers_and_says_from_when(grown):
    _, fitted = grown
    assert fitted.card.contributions[0].variable.name == "minutes"
    assert [fold.period for fold in fitted.card.validation.folds] == [
        "2026-04-01",
        "2026-05-01",
        "2026-06-01",
    ]
    assert fitted.card.data_window.values == {"first": "2026-03-01", "last": "2026-06-01", "days": 30}
    assert fitted.card.validation.refreshed.auc.value > 0.6


def test_scores_appear_at_once_and_whole(grown):
    town, fitted = grown
    fitted = replace(fitted, name="watched", card=replace(fitted.card, name="watched"))
    wide = town.open(town.warehouse, JULY)
    seen = []

    class Watching(Silent):
        def step(self, title, total=None):
            seen.append("2026-07-01" in town.warehouse.manifest("scores.watched").partitions)
            return super().step(title, total)

    scored = score(fitted, wide, town.warehouse, Watching(), batch_rows=400)
    assert not any(seen)
    left = sorted(set(range(1_500)) - takers_before(town, JULY))
    assert scored == Scored(len(left), 1_500 - len(left))
    written = town.warehouse.engine.fetch(scores(town.warehouse, "watched", JULY).order_by("subscriber"))
    assert written["subscriber"].to_pylist() == left
    rows = town.warehouse.engine.fetch(wide.relation.order_by("subscriber")).take(left)
    np.testing.assert_allclose(written["probability"].to_numpy(), fitted.probabilities(rows), rtol=1e-9)


def test_a_failure_half_way_leaves_the_old_scores(grown):
    town, fitted = grown
    wide = town.open(town.warehouse, JULY)
    score(fitted, wide, town.warehouse, Silent())
    before = town.warehouse.manifest("scores.phone")

    class Failing(Silent):
        def step(self, title, total=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(fitted, wide, town.warehouse, Failing())
    assert town.warehouse.manifest("scores.phone") == before


def test_scoring_again_replaces_the_scores_of_that_day_only(grown):
    town, fitted = grown
    for as_of in (JUNE, JULY, JULY):
        score(fitted, town.open(town.warehouse, as_of), town.warehouse, Silent())
    manifest = town.warehouse.manifest("scores.phone")
    assert {key: sum(f.rows for f in files) for key, files in manifest.partitions.items()} == {
        "2026-06-01": 1_500 - len(takers_before(town, JUNE)),
        "2026-07-01": 1_500 - len(takers_before(town, JULY)),
    }


def takers_before(town, day):
    orders = town.warehouse.engine.fetch(town.warehouse.read("orders", ORDERS.schema)).to_pylist()
    return {o["subscriber"] for o in orders if o["offer"] == "phone" and o["ordered_at"].date() < day}


def test_nobody_who_took_the_offer_before_is_scored_or_in_a_group_and_their_number_is_told(grown):
    town, fitted = grown
    scored = score(fitted, town.open(town.warehouse, JUNE), town.warehouse, Silent())
    group(town.warehouse, "phone", JUNE, DEFAULT_PLAN, Silent())
    before = takers_before(town, JUNE)
    assert scored.holders == len(before) > 100
    for relation in (scores(town.warehouse, "phone", JUNE), groups(town.warehouse, "phone", JUNE)):
        found = set(town.warehouse.engine.fetch(relation)["subscriber"].to_pylist())
        assert found == set(range(1_500)) - before  # who takes it only later is still there


def test_the_card_keeps_what_was_offered_to_whom_and_how_the_model_was_made(town):
    dates = [date(2026, m, 1) for m in (3, 4, 5)]
    town.grow(dates, people=600).orders((0, END, "other"))
    table = learn_from(town, *dates, audience=lambda wide: wide.relation.minutes > 0, whom="minutes > 0")
    card = train(table, name="phone", seed=7, now=NOW, options=quick()).card
    assert (card.offered, card.audience, card.seed) == (PHONE, "minutes > 0", 7)
    assert (card.options["depth"], card.options["train_rows"], card.options["half_lives"]) == (
        3,
        2_000,
        (0.0,),
    )


def test_orders_that_end_before_the_window_are_warned_of_and_a_silent_last_day_is_not(town):
    town.wide(JUNE, range(1, 5)).orders(*[(k, JUNE + timedelta(k), "phone") for k in range(0, 24, 2)])
    with town.warehouse.change("bills") as change:
        file = change.new_file("2026-07-31")
        pa.parquet.write_table(pa.table({"x": [1]}), file)
        change.set("2026-07-31", {file: "test"})
    (warning,) = learn_from(town).warnings
    assert warning.values == {"last": "2026-06-23", "needed": "2026-06-30"}
    town.orders((1, date(2026, 6, 29), "other"))
    assert learn_from(town).warnings == ()


def test_a_table_without_a_variable_of_the_model_is_refused(grown):
    town, fitted = grown
    wide = replace(town.open(town.warehouse, JULY), variables=VARIABLES[1:])
    with pytest.raises(VariablesMissing, match="model phone was trained on: minutes"):
        score(fitted, wide, town.warehouse, Silent())


def test_a_table_without_rows_is_refused(grown):
    town, fitted = grown
    with pytest.raises(NobodyToScore, match="Build the wide table for that day"):
        score(fitted, town.open(town.warehouse, date(2030, 1, 1)), town.warehouse, Silent())


def outside(n=3_000, outcomes=True, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    columns = {
        "subscriber": pa.array(np.arange(n, dtype=np.int32)),
        "sequence": pa.array(np.arange(n)[::-1]),
        "outcome": pa.array(
            [bool(o) if outcomes and k % 10 else None for k, o in enumerate(rng.random(n) < 0.3)]
        ),
        "x": pa.array(x),
        "after": pa.array(rng.random(n)),
    }
    return pa.table(columns), [("x", "number", {}), ("after", "number", {"known_after": True})]


def test_an_outside_table_is_learnt_from_in_its_order_without_the_rows_whose_outcome_is_unknown(town):
    rows, columns = outside()
    town.samples("calls", rows, columns)
    table = samples_table(town.warehouse, "calls", open_samples(town.warehouse, "calls"))
    assert len(table) == 2_700
    assert (np.diff(table.period) > 0).all()
    assert (table.dated, table.known_after) == (False, {"after"})
    place = dict(zip(rows["subscriber"].to_pylist(), rows["x"].to_pylist(), strict=True))
    assert [place[k] for k in table.key.tolist()] == table.rows["x"].to_pylist()


def test_an_outside_table_without_outcomes_is_refused_with_a_remedy(town):
    town.samples("calls", *outside(outcomes=False))
    with pytest.raises(OutcomesMissing, match="Name its outcome column in the mapping"):
        samples_table(town.warehouse, "calls", open_samples(town.warehouse, "calls"))


def test_schema_of_the_test_wide_table_has_all_variables():
    assert [v.name for v in VARIABLES] == SCHEMA.names[1:]
