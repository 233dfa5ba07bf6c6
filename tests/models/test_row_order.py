"""How the rows of a file lie says nothing: permuted they give the same report, and no rhythm of theirs gets into the folds."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.models.worlds import NOW, sigmoid, table_of, world

from telewave.features.usecases import open_samples
from telewave.models.drawing import contents, drawn_into, each_apart, some_of
from telewave.models.drift import WITHOUT_ORDER
from telewave.models.order import order_matters, sorted_by_outcome
from telewave.models.response import TrainOptions
from telewave.models.training import train
from telewave.models.training_tables import OrderNotSaid, SortedByOutcome, samples_table
from telewave.models.validation import PARTS, Forward

STOPPING = {"iterations": 150, "depth": 3, "threads": 2, "early_stopping": 10}


def learnt(table, seed=1, **more):
    return train(table, name="toy", seed=seed, now=NOW, options=TrainOptions(**(STOPPING | more)))


def permuted(table, seed=0):
    order = np.random.default_rng(seed).permutation(len(table))
    mixed = table.take(order)
    return replace(mixed, period=np.arange(len(mixed)), key=np.arange(len(mixed)))


def other_group_every_fifth(n=3_000, base=-3.0, ordered=False):
    """Rows every fifth of which comes from another group, in which the variables mean the opposite."""
    rng = np.random.default_rng(2)
    place = np.arange(n)
    group = place % 5 == 0
    parts = rng.standard_normal((4, n))
    need = parts.sum(0) * 0.9
    chance = sigmoid(base + np.where(group, -need, need) + np.where(group, 1.0, 0.0))
    rows = {f"part_{k}": part for k, part in enumerate(parts)} | {"group": np.where(group, "b", "a")}
    return table_of(rows, rng.random(n) < chance, ordered=ordered)


def test_permuting_the_rows_of_a_table_without_order_changes_nothing_on_the_card():
    table = world(1_500, ordered=False).table
    rows = table.rows.append_column("coarse", pa.array(np.arange(1_500) % 3 * 1.0))
    table = table_of(rows, table.label, ordered=False)
    first, second = learnt(table), learnt(permuted(table))
    assert first.card == second.card
    np.testing.assert_array_equal(first.probabilities(table.rows), second.probabilities(table.rows))


def test_rows_every_fifth_of_which_comes_from_another_group_score_as_their_shuffled_copy():
    table = other_group_every_fifth()
    plain, mixed = learnt(table).card.validation.refreshed, learnt(permuted(table)).card.validation.refreshed
    assert plain.auc == mixed.auc
    assert plain.auc.value > 0.7


def test_so_do_rows_that_are_said_to_be_in_order_of_time():
    """Few takers: five folds choose the number of trees. Drawn by place one of them would be the other group alone."""
    table = other_group_every_fifth(base=-4.0, ordered=True)
    options = {"forward": Forward(train_rows=1_500, step=500), "stop_by": 1_000}
    plain, mixed = (learnt(one, **options).card.validation.refreshed for one in (table, permuted(table)))
    assert plain.auc.value == pytest.approx(mixed.auc.value, abs=0.05)


def test_rows_of_one_place_in_an_order_may_lie_in_any_order_in_the_file():
    table = world(1_500).table
    day = np.arange(1_500) // 100
    first = replace(table, period=day)
    order = np.random.default_rng(3).permutation(1_500)
    second = replace(table.take(order), period=day[order], key=np.arange(1_500))
    forward = {"forward": Forward(train_rows=700, step=200)}
    assert learnt(first, **forward).card == learnt(second, **forward).card


def test_a_table_without_order_is_judged_on_all_its_rows_in_five_parts_and_nothing_is_said_of_drift():
    validation = learnt(world(1_500, ordered=False).table).card.validation
    assert [fold.period for fold in validation.folds] == [f"{k}/{PARTS}" for k in range(1, PARTS + 1)]
    assert validation.refreshed.n == 1_500
    assert validation.trained_once is None
    assert WITHOUT_ORDER in validation.warnings
    assert not any(w.template.startswith("Drift") for w in validation.warnings)


def test_hashes_of_rows_do_not_depend_on_the_rows_around_them():
    rows = pa.table({"x": [1.0, 0.0, None, 2.0], "c": ["b", "a", None, "b"], "n": [1, 2, 3, None]})
    order = [3, 1, 0, 2]
    assert contents(rows.take(order)).tolist() == contents(rows)[order].tolist()
    coded = rows.set_column(1, "c", rows["c"].dictionary_encode())
    assert contents(coded).tolist() == contents(rows).tolist()
    signed = pa.table({"x": [-0.0]})
    assert contents(signed) == contents(pa.table({"x": [0.0]}))


def test_equal_rows_are_told_apart_and_still_the_same_set_in_any_order():
    mixed = np.array([5, 7, 5, 5, 9], dtype=np.uint64)
    apart = each_apart(mixed)
    assert len(set(apart.tolist())) == 5
    assert sorted(each_apart(mixed[::-1])) == sorted(apart)


def test_folds_and_samples_are_of_about_equal_size_and_follow_the_hash():
    drawn_by = contents(pa.table({"x": np.arange(5_000.0)}))
    parts = drawn_into(drawn_by, 5)
    assert np.bincount(parts).min() > 900
    order = np.random.default_rng(0).permutation(5_000)
    assert (drawn_into(drawn_by[order], 5) == parts[order]).all()
    some = some_of(drawn_by, 300)
    assert (len(some), bool((np.diff(some) > 0).all())) == (300, True)
    assert set(order[some_of(drawn_by[order], 300)]) == set(some)


def sorted_takers(n=1_000, takers=300):
    return np.arange(n) < takers


def in_file(label, seed=0):
    n = len(label)
    rows = pa.table(
        {
            "subscriber": pa.array(np.arange(n, dtype=np.int32)),
            "sequence": pa.array(np.arange(n)),
            "outcome": pa.array(label.tolist()),
            "x": pa.array(np.random.default_rng(seed).standard_normal(n) + label),
        }
    )
    return rows, [("x", "number", {})]


def read(town):
    return samples_table(town.warehouse, "calls", open_samples(town.warehouse, "calls"))


def test_a_file_sorted_by_its_outcome_stops_with_the_question_for_its_order(town):
    town.samples("calls", *in_file(sorted_takers()))
    with pytest.raises(OrderNotSaid, match=r"first half of the rows 60\.0% have.*second 0\.0%.*order: none"):
        read(town)


def test_and_it_is_no_order_of_time_though_the_mapping_says_so(town):
    town.samples("calls", *in_file(sorted_takers()), order="rows")
    with pytest.raises(SortedByOutcome, match=r"sorted by their outcome.*Write `order: none`"):
        read(town)


def test_with_the_word_none_it_is_learnt_from_as_its_shuffled_copy(town):
    rows, columns = in_file(sorted_takers())
    town.samples("calls", rows, columns, order="none")
    table = read(town)
    assert not table.ordered
    order = np.random.default_rng(1).permutation(1_000)
    town.samples("calls", rows.take(order).set_column(1, "sequence", rows["sequence"]), columns, order="none")
    assert learnt(table).card == learnt(read(town)).card


def test_where_the_order_does_not_matter_nobody_is_asked_for_it(town):
    town.samples("calls", *in_file(np.random.default_rng(0).random(1_000) < 0.3))
    assert not read(town).ordered
    town.samples("calls", *in_file(np.random.default_rng(0).random(1_000) < 0.3), order="rows")
    assert read(town).ordered


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5])
def test_the_order_of_rows_drawn_at_random_hardly_ever_seems_to_matter(rate):
    asked = [order_matters(np.random.default_rng(seed).random(4_000) < rate) for seed in range(300)]
    assert sum(asked) <= 2


def test_an_order_matters_where_the_share_of_takers_moves():
    rng = np.random.default_rng(0)
    assert order_matters(rng.random(4_000) < np.linspace(0.05, 0.2, 4_000))
    assert order_matters(sorted_takers(60, 20))
    assert not order_matters(np.ones(100, dtype=bool))
    assert not sorted_by_outcome(np.arange(1_000) % 2 == 0)
    assert not sorted_by_outcome(np.arange(1_000) < 5)
