from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.models.worlds import fit, sigmoid, table_of, variables_of, world

from telewave.kernel import Inconclusive
from telewave.models.contributions import contributions, grouped
from telewave.models.dataset import RaggedTable
from telewave.models.estimator import NothingVaries
from telewave.models.explanation import reasons
from telewave.models.model import LeakRule
from telewave.models.training import EverybodyTook, NobodyTook, NoSuchVariable, NothingToLearnFrom
from telewave.models.validation import Forward, TooShortToJudge


def test_contributions_sum_to_one_and_rank_the_causes_by_their_strength(toy):
    parts = toy[1].card.contributions
    assert sum(part.share for part in parts) == pytest.approx(1)
    assert [part.variable.name for part in parts][:2] == ["strong", "weak"]
    assert {part.variable.name: part.share for part in parts}["noise"] < 0.1


@pytest.mark.parametrize("seed", range(2))
def test_true_causes_rank_before_every_variable_that_is_none(seed):
    rng = np.random.default_rng(seed)
    columns = {f"cause_{k}": rng.standard_normal(8_000) for k in range(4)}
    odds = sum(columns[f"cause_{k}"] * 0.5 for k in range(4)) - 2
    columns |= {f"idle_{k}": rng.standard_normal(8_000) for k in range(8)}
    parts = fit(table_of(columns, rng.random(8_000) < sigmoid(odds)), seed=seed).card.contributions
    assert {part.variable.name for part in parts[:4]} == {f"cause_{k}" for k in range(4)}


def test_contributions_of_a_model_that_uses_nothing_are_zero():
    variables = variables_of(pa.table({"a": [1.0], "b": [1.0]}))
    assert [part.share for part in contributions(variables, np.zeros((3, 2)))] == [0, 0]


def test_months_of_one_measure_are_grouped_under_it():
    variables = variables_of(pa.table({"calls_1m": [1.0], "calls_3m": [1.0], "age": [1.0]}))
    parts = contributions(variables, np.array([[0.2, 0.2, 0.3], [-0.2, -0.2, -0.3]]))
    together = grouped(parts, lambda v: variables[0] if v.name.startswith("calls") else v)
    assert [(p.variable.name, pytest.approx(p.share)) for p in together] == [
        ("calls_1m", 4 / 7),
        ("age", 3 / 7),
    ]


def test_reasons_name_what_moved_one_score_most_and_which_way(toy):
    _, fitted = toy
    row = pa.table({"strong": [3.0], "weak": [-2.0], "colour": [None], "noise": [0.0]})
    first, second = reasons(fitted, row, most=2)
    assert first.template.endswith("raises the chance")
    assert first.values["variable"].en == "strong"
    assert second.template.endswith("lowers the chance")
    assert second.values["value"].en == "-2"


def test_the_same_seed_gives_the_same_card_and_scores():
    table = world(3_000).table
    one, two = fit(table, seed=5), fit(table, seed=5)
    assert one.card == two.card
    np.testing.assert_array_equal(one.probabilities(table.rows), two.probabilities(table.rows))


def test_rows_in_another_order_are_put_back_in_order_and_give_the_same_model():
    table = world(3_000).table
    shuffled = table.take(np.random.default_rng(0).permutation(3_000))
    assert fit(shuffled).card == fit(table).card


def test_probabilities_are_those_of_the_truth():
    learnt, later = world(12_000, seed=1), world(12_000, seed=2)
    fitted = fit(learnt.table, iterations=150, forward=Forward(4_000, 2_000))
    said = fitted.probabilities(later.table.rows)
    assert said.mean() == pytest.approx(later.chance.mean(), abs=0.01)
    assert np.abs(said - later.chance).mean() < 0.04


def test_probabilities_learnt_from_sampled_non_takers_are_those_of_the_population():
    made = world(40_000, base=-3.5)
    kept = made.table.label | (np.random.default_rng(0).random(40_000) < 0.2)
    table = replace(made.table.take(kept), other_weight=5.0)
    fitted = fit(table, iterations=100, forward=Forward(5_000, 4_000))
    assert fitted.probabilities(made.table.rows).mean() == pytest.approx(made.chance.mean(), rel=0.1)
    assert fitted.card.base_rate == pytest.approx(made.table.base_rate, rel=0.03)
    by_row = {part.observed.value for part in fitted.card.validation.refreshed.calibration}
    assert max(by_row) < 0.5


def test_the_population_rate_puts_the_level_right():
    made = world(8_000)
    fitted = fit(made.table, population_rate=0.02, forward=Forward(3_000, 2_500))
    assert 0.01 < fitted.probabilities(made.table.rows).mean() < 0.03


def test_nobody_and_everybody_are_refused_with_a_remedy():
    rows = {"x": np.arange(100.0)}
    with pytest.raises(NobodyTook, match=r"None of the 100 rows.*Check the offer's name"):
        fit(table_of(rows, np.zeros(100)))
    with pytest.raises(EverybodyTook, match="Include subscribers who did not"):
        fit(table_of(rows, np.ones(100)))


def test_a_table_too_short_to_judge_is_refused_before_any_work():
    with pytest.raises(TooShortToJudge, match="on fewer"):
        fit(world(1_000).table, forward=Forward(2_000))


def test_variables_none_of_which_varies_are_refused():
    label = np.arange(3_000) % 4 == 0
    place = {"x": np.ones(3_000), "y": np.zeros(3_000)}
    key = np.arange(3_000)
    with pytest.raises(NothingVaries, match="x, y differs between"):
        fit(table_of(place, label, period=np.repeat([0, 31, 62], 1_000), key=key, dated=True))


def test_a_table_whose_only_variable_leaks_is_refused_unless_it_is_vouched_for():
    label = np.random.default_rng(0).random(4_000) < 0.3
    table = table_of({"only": label * 3.0 + np.random.default_rng(1).standard_normal(4_000)}, label)
    with pytest.raises(NothingToLearnFrom, match=r"left no variable of only.*--keep"):
        fit(table)
    card = fit(table, keep=frozenset({"only"})).card
    assert card.validation.warnings[0].template.startswith("Kept as you asked")
    assert [(f.variable, f.rule, f.excluded) for f in card.leaks] == [("only", LeakRule.TOO_GOOD, False)]


def test_a_variable_to_keep_that_is_not_there_is_refused():
    with pytest.raises(NoSuchVariable, match=r"durations are not in the table. Choose from: strong, weak"):
        fit(world().table, keep=frozenset({"durations"}))


def test_useless_variables_beside_useful_ones_do_no_harm():
    made = world().table
    rows = made.rows.append_column("constant", pa.array([1.0] * 4_000)).append_column(
        "unknown", pa.nulls(4_000, pa.string())
    )
    card = fit(table_of(rows, made.label)).card
    assert {p.variable.name: p.share for p in card.contributions}["constant"] == 0
    assert [c.shape.template for c in card.curves if c.variable.name in {"constant", "unknown"}] == [
        "flat",
        "flat",
    ]


def test_very_few_takers_are_said_to_be_too_few_to_judge_by():
    label = np.zeros(3_000, dtype=bool)
    label[[10, 500, 900, 2_100, 2_700]] = True
    x = np.random.default_rng(0).standard_normal(3_000)
    judged = fit(table_of({"x": x}, label)).card.validation.refreshed
    assert isinstance(judged.auc, Inconclusive)
    assert judged.auc.reason.values["takers"] == 2


def test_a_table_with_fewer_outcomes_than_rows_is_refused():
    with pytest.raises(RaggedTable, match="2 rows of variables but 1 values of label"):
        table_of({"x": [1.0, 2.0]}, [True], period=[0, 1], key=[0, 1])


def resampled(shares, rows=1_500, seed=0):
    """Rows of which `shares` took the offer, one stretch of time each; `x` tells who."""
    rng = np.random.default_rng(seed)
    label = np.concatenate([rng.random(rows) < share for share in shares])
    return table_of({"x": rng.standard_normal(len(label)) + 0.7 * label}, label)


def at_population(rate, rows=40_000, seed=9):
    rng = np.random.default_rng(seed)
    label = rng.random(rows) < rate
    return pa.table({"x": rng.standard_normal(rows) + 0.7 * label})


@pytest.mark.parametrize("window", [0, 3_000])
def test_the_population_rate_is_met_where_the_share_among_the_rows_moves(window):
    table = resampled([0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    fitted = fit(table, population_rate=0.02, forward=Forward(3_000, 1_000, window))
    assert fitted.probabilities(at_population(0.02)).mean() == pytest.approx(0.02, rel=0.15)


def test_quality_and_response_are_those_of_the_population_and_the_card_holds_both_rates():
    table = resampled([0.5] * 4)
    sample = fit(table, forward=Forward(3_000, 1_000)).card
    card = fit(table, population_rate=0.02, forward=Forward(3_000, 1_000)).card
    assert (card.base_rate, card.population_rate) == (sample.base_rate, 0.02)
    assert card.curves[0].base_rate == pytest.approx(0.02, rel=0.05)
    judged = card.validation.refreshed
    assert judged.auc.value == pytest.approx(sample.validation.refreshed.auc.value, abs=0.01)
    assert sample.validation.refreshed.lift_best_tenth.value < 2 < judged.lift_best_tenth.value
    assert judged.brier.value < 0.02
    assert [w.template for w in card.validation.warnings] == []


def test_two_dates_deliver_what_was_judged_the_learner_s_own_probabilities():
    made = world(3_000)
    dated = table_of(
        made.table.rows,
        made.table.label,
        period=np.repeat([0, 31], 1_500),
        key=np.tile(np.arange(1_500), 2),
        dated=True,
        horizon=30,
    )
    fitted = fit(dated)
    assert fitted.calibration.method == "none"
    assert (fitted.calibration.slope, fitted.calibration.shift) == (1, 0)


def test_the_newest_customers_are_not_what_the_end_of_a_date_is_made_of():
    table = table_of(
        {"x": np.arange(2_000.0)},
        np.arange(2_000) % 9 == 0,
        period=np.repeat([0, 31], 1_000),
        key=np.tile(np.arange(1_000), 2),
        dated=True,
    ).in_order()
    assert (np.diff(table.period) >= 0).all()
    assert 350 < table.key[-100:].mean() < 650  # of 0 to 999
    again = table.take(np.random.default_rng(0).permutation(2_000)).in_order()
    assert again.key.tolist() == table.key.tolist()
