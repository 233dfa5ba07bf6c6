import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import parametrize_with_checks
from tests.models.worlds import sigmoid, world

from telewave.models.drawing import contents, drawn_into, each_apart
from telewave.models.estimator import (
    FOLDS_TO_STOP_BY,
    STEP_MEANT_FOR,
    TREES_UNTOLD,
    GradientBoostedResponse,
    NothingVaries,
    OneOutcomeOnly,
    OtherVariables,
    recency,
    step,
)
from telewave.models.matrix import as_table, matrix
from telewave.models.response import MANY_TAKERS, TrainOptions

NOT_FOR_TREES = {
    "check_sample_weight_equivalence_on_dense_data": "borders of bins are quantiles of rows, not of weights",
}


def small(**more):
    return GradientBoostedResponse(**({"iterations": 30, "depth": 3, "threads": 1} | more))


@parametrize_with_checks([small(iterations=10)], expected_failed_checks=lambda _: NOT_FOR_TREES)
def test_it_is_a_classifier_of_scikit_learn(estimator, check):
    check(estimator)


def test_it_ranks_nearly_as_well_as_the_truth():
    learnt, later = world(8_000, seed=1), world(8_000, seed=2)
    fitted = small(iterations=150).fit(learnt.table.rows, learnt.table.label)
    reached = roc_auc_score(later.table.label, fitted.decision_function(later.table.rows))
    assert reached > roc_auc_score(later.table.label, later.chance) - 0.02


def test_the_same_seed_gives_the_same_scores_on_one_thread_and_on_two():
    table = world(2_000).table
    one, two = (small(seed=3, threads=t).fit(table.rows, table.label) for t in (1, 2))
    np.testing.assert_array_equal(one.decision_function(table.rows), two.decision_function(table.rows))


def test_another_seed_gives_other_scores():
    table = world(2_000).table
    one, other = (small(seed=s).fit(table.rows, table.label) for s in (1, 2))
    assert not np.array_equal(one.decision_function(table.rows), other.decision_function(table.rows))


def test_the_order_of_columns_does_not_matter_when_scoring():
    table = world(1_000).table
    fitted = small().fit(table.rows, table.label)
    turned = table.rows.select(table.rows.column_names[::-1])
    np.testing.assert_array_equal(fitted.decision_function(table.rows), fitted.decision_function(turned))


def test_a_frame_of_pandas_and_a_table_of_arrow_score_alike():
    table = world(1_000).table
    fitted = small().fit(table.rows, table.label)
    frame = table.rows.to_pandas()
    np.testing.assert_array_equal(fitted.decision_function(table.rows), fitted.decision_function(frame))


def test_a_category_never_seen_before_and_an_unknown_one_are_scored():
    table = world(1_000).table
    fitted = small().fit(table.rows, table.label)
    rows = pa.table(
        {"strong": [0.0, 0.0], "weak": [0.0, 0.0], "colour": ["mauve", None], "noise": [0.0, 0.0]}
    )
    assert np.isfinite(fitted.decision_function(rows)).all()


def test_rows_that_know_no_value_of_a_category_or_a_number_are_scored():
    table = world(1_000).table
    fitted = small().fit(table.rows, table.label)
    unknown = pa.table({name: pa.nulls(2) for name in table.rows.column_names})
    assert np.isfinite(fitted.decision_function(unknown)).all()


def test_infinite_unknown_and_enormous_values_are_scored():
    table = world(1_000).table
    fitted = small().fit(table.rows, table.label)
    odd = [np.inf, -np.inf, np.nan, 1e300, -1e300]
    rows = pa.table({"strong": odd, "weak": odd, "colour": ["red"] * 5, "noise": odd})
    assert np.isfinite(fitted.decision_function(rows)).all()


def test_infinite_values_can_be_learnt_from():
    table = world(1_000).table
    strong = np.where(table.label, np.inf, table.rows["strong"].to_numpy())
    rows = table.rows.set_column(0, "strong", pa.array(strong))
    scores = small().fit(rows, table.label).decision_function(rows)
    assert roc_auc_score(table.label, scores) > 0.99


@pytest.mark.parametrize(
    "useless",
    [
        pa.array([7.0] * 1_000),
        pa.nulls(1_000, pa.float64()),
        pa.nulls(1_000),
        pa.nulls(1_000, pa.string()),
        pa.array(["all alike"] * 1_000),
        pa.array([True] * 1_000),
    ],
    ids=["constant", "unknown number", "unknown", "unknown text", "one category", "one flag"],
)
def test_a_variable_that_says_nothing_does_no_harm(useless):
    table = world(1_000).table
    rows = table.rows.append_column("useless", useless)
    fitted = small().fit(rows, table.label)
    assert roc_auc_score(table.label, fitted.decision_function(rows)) > 0.7
    assert np.abs(fitted.shap(rows)[:, -1]).max() == 0


def test_variables_none_of_which_varies_are_refused_with_a_remedy():
    with pytest.raises(NothingVaries, match=r"constant differs between the 40 rows.*Bring variables"):
        small().fit(pa.table({"constant": [1.0] * 40}), np.arange(40) % 4 == 0)


def test_one_outcome_only_is_refused_with_a_remedy():
    with pytest.raises(OneOutcomeOnly, match="Take a longer window"):
        small().fit(pa.table({"x": [1.0, 2.0]}), [True, True])


def test_rows_without_a_variable_of_the_model_are_refused():
    table = world(500).table
    fitted = small().fit(table.rows, table.label)
    with pytest.raises(OtherVariables, match="strong, weak, colour, noise"):
        fitted.predict(table.rows.drop_columns(["weak"]))


def test_contributions_to_one_score_add_up_to_the_log_odds_but_for_a_constant():
    table = world(1_000).table
    fitted = small(half_lives=(0.0, 0.5)).fit(table.rows, table.label)
    rest = fitted.decision_function(table.rows) - fitted.shap(table.rows).sum(1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-6)


def test_a_member_that_forgets_follows_the_latest_rows():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(4_000)
    turned = np.where(np.arange(4_000) < 2_500, -1.5, 1.5)  # the effect turns round at five eighths
    label = rng.random(4_000) < sigmoid(turned * x)
    rows = pa.table({"x": x})
    now = pa.table({"x": [-2.0, 2.0]})
    for half_lives, turns in (((0.0,), False), ((0.1,), True)):
        low, high = small(half_lives=half_lives).fit(rows, label).decision_function(now)
        assert (high > low) == turns


def test_early_stopping_needs_few_trees_for_noise_and_more_for_a_signal():
    made = world(4_000).table
    stopping = small(iterations=300, early_stopping=20)
    signal = stopping.trees_wanted(made.rows, made.label)
    noise = stopping.trees_wanted(made.rows, np.random.default_rng(5).permutation(made.label))
    assert noise < signal < 300


def test_saved_members_score_as_before(tmp_path):
    table = world(1_000).table
    fitted = small(half_lives=(0.0, 0.3)).fit(table.rows, table.label)
    fitted.save_members(tmp_path)
    again = small(half_lives=(0.0, 0.3)).load_members(tmp_path)
    np.testing.assert_array_equal(fitted.decision_function(table.rows), again.decision_function(table.rows))


@given(st.integers(1, 500), st.floats(0.01, 2.0))
def test_a_row_one_half_life_older_counts_half(rows, half_life):
    weights = recency(rows, half_life)
    assert weights[-1] == 1
    assert np.all(np.diff(weights) > 0) or rows == 1
    np.testing.assert_allclose(weights[0], 0.5 ** ((rows - 1) / (half_life * rows)))


def test_larger_tables_take_larger_steps_and_small_ones_the_given_one():
    assert step(100) == step(STEP_MEANT_FOR) == 1
    assert step(16 * STEP_MEANT_FOR) == pytest.approx(2)


def test_the_matrix_keeps_what_the_table_says():
    rows = pa.table(
        {
            "number": pa.array([1, None, 3], pa.int64()),
            "flag": pa.array([True, None, False]),
            "day": pa.array([0, 1, None], pa.date32()),
            "text": ["a", None, "b"],
            "coded": pa.array(["x", "y", None]).dictionary_encode(),
        }
    )
    frame = matrix(rows)
    expected = {"number": [1, np.nan, 3], "flag": [1, np.nan, 0], "day": [0, 1, np.nan]}
    for name, values in expected.items():
        np.testing.assert_array_equal(frame[name].to_numpy(), np.array(values, dtype=np.float32))
    assert frame["text"].tolist() == ["a", "", "b"]
    assert frame["coded"].tolist() == ["x", "y", ""]
    assert all(isinstance(frame[name].dtype, pd.CategoricalDtype) for name in ("text", "coded"))


def test_few_trees_of_rare_takers_predict_as_many_as_there_are():
    made = world(6_000, base=-4.5).table
    predicted = small(iterations=20).fit(made.rows, made.label).predict_proba(made.rows)[:, 1]
    assert predicted.mean() == pytest.approx(made.label.mean(), rel=0.1)


def test_where_there_are_too_few_takers_to_find_the_number_of_trees_by_it_is_the_stated_one():
    made = world(2_000, base=-5.5).table
    assert 0 < made.takers < 50
    assert small(iterations=300, early_stopping=20).trees_wanted(made.rows, made.label) == TREES_UNTOLD
    assert small(iterations=30, early_stopping=20).trees_wanted(made.rows, made.label) == 30


def test_few_takers_of_an_operator_s_latest_rows_do_not_find_the_number_of_trees_alone():
    made = world(4_000, base=-2.0).table
    dated, ordered = TrainOptions().resolved(True, 500), TrainOptions().resolved(False, 500)
    assert (dated.stop_by, ordered.stop_by) == (MANY_TAKERS, 50)
    assert (len(dated.half_lives), len(TrainOptions().resolved(True, 10_000).half_lives)) == (2, 1)
    for options in (dated, ordered):
        assert options.estimator(1).stop_by == options.stop_by
    place = drawn_into(each_apart(contents(as_table(matrix(made.rows)))), FOLDS_TO_STOP_BY)
    stopping = small(iterations=300, early_stopping=20, stop_by=made.takers)
    frame, alike = matrix(made.rows), np.ones(len(made))
    folds = [stopping._wanted(frame, made.label, alike, 0, place == k) for k in range(FOLDS_TO_STOP_BY)]
    assert stopping.trees_wanted(made.rows, made.label) == max(20, round(np.mean(folds) / 0.8))


def test_where_the_latest_rows_hold_too_few_takers_all_rows_are_asked():
    """Two orders of the same rows whose latest tenths hold few takers, other ones: the answer hangs on neither."""
    made = world(4_000, base=-3.0).table
    stopping = small(iterations=300, early_stopping=20)
    wanted = set()
    for seed in (0, 1):
        order = np.random.default_rng(seed).permutation(4_000)
        table = made.take(
            order[np.argsort(~made.label[order], kind="stable")]
        )  # the takers first, none later
        wanted.add(stopping.trees_wanted(table.rows, table.label))
    assert max(wanted) < 300
    assert max(wanted) < 2 * min(wanted)
