from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.models.worlds import fit, sigmoid, table_of, variables_of, world

from telewave.features.model import Variable, VariableKind
from telewave.kernel import Label, Message
from telewave.models.contributions import contributions, grouped, saying_the_same, shared
from telewave.models.explanation import reasons
from telewave.models.model import Contribution
from telewave.models.validation import Forward

TWICE = Forward(10_000, 5_000)
AMOUNT = VariableKind.NUMBER


def named(*names):
    return tuple(Variable(name=name, label=Label(name, name), kind=AMOUNT) for name in names)


def shares(parts):
    return {part.variable.name: part.share for part in parts}


@given(
    st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=1, max_size=20).filter(
        lambda rows: np.ptp(rows, axis=0).sum() > 1e-3
    )
)
def test_shares_are_mean_absolute_deviations_that_sum_to_one_greatest_first(rows):
    shap = np.array(rows)
    found = contributions(named("a", "b", "c"), shap)
    away = np.abs(shap - shap.mean(0)).sum(0)
    direct = away / away.sum()
    assert shares(found) == pytest.approx(dict(zip("abc", direct, strict=True)))
    assert sum(part.share for part in found) == pytest.approx(1)
    assert [part.share for part in found] == sorted((part.share for part in found), reverse=True)


def test_variables_that_move_nothing_have_no_share():
    for shap in (np.zeros((5, 2)), np.zeros((0, 2))):
        assert shares(contributions(named("a", "b"), shap)) == {"a": 0, "b": 0}


def test_what_is_added_to_everybody_alike_has_no_share():
    found = contributions(named("all_alike", "apart"), np.array([[5.0, 1.0], [5.0, -1.0]]))
    assert shares(found) == {"all_alike": 0, "apart": 1}


@pytest.mark.parametrize("seed", range(3))
def test_planted_causes_rank_by_their_strength_and_before_noise(seed):
    table = world(6_000, seed=seed).table
    found = fit(table).card.contributions
    assert [part.variable.name for part in found][:2] == ["strong", "weak"]
    by_name = shares(found)
    assert by_name["noise"] < 0.1 < by_name["weak"] < by_name["strong"]
    assert sum(by_name.values()) == pytest.approx(1)
    assert set(by_name) == {v.name for v in table.variables}


def test_ten_planted_causes_come_before_ten_that_say_nothing():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((8_000, 20))
    label = rng.random(8_000) < sigmoid(-2 + 0.5 * x[:, :10].sum(1))
    rows = {f"{'cause' if k < 10 else 'noise'}_{k}": x[:, k] for k in range(20)}
    found = fit(table_of(rows, label), iterations=80, forward=Forward(4_000, 2_000)).card.contributions
    assert {part.variable.name for part in found[:10]} == {f"cause_{k}" for k in range(10)}


def test_months_of_one_measure_are_put_together():
    parts = (
        Contribution(named("calls_m0")[0], 0.3),
        Contribution(named("age")[0], 0.4),
        Contribution(named("calls_m1")[0], 0.3),
    )
    found = grouped(parts, lambda v: named(v.name.split("_")[0])[0])
    assert list(shares(found)) == ["calls", "age"]
    assert sum(part.share for part in found) == pytest.approx(1)


def test_every_variable_learnt_from_has_a_curve_of_all_rows(toy):
    made, fitted = toy
    curves = {curve.variable.name: curve for curve in fitted.card.curves}
    assert set(curves) == set(fitted.estimator.variables_)
    for curve in curves.values():
        assert sum(part.n for part in curve.bins) == len(made.table)
        assert sum(part.takers for part in curve.bins) == made.table.takers
    assert curves["strong"].shape.template == "rising"
    assert curves["noise"].high_bins == ()


@pytest.mark.parametrize("seed", range(3))
def test_the_age_that_responds_most_is_marked_on_the_card(seed):
    rng = np.random.default_rng(seed)
    age = rng.integers(16, 75, 20_000).astype(float)
    label = rng.random(20_000) < np.where((age >= 24) & (age < 36), 0.12, 0.05)
    card = fit(table_of({"age": age, "other": rng.random(20_000)}, label), forward=TWICE).card
    curve = next(c for c in card.curves if c.variable.name == "age")
    inside = [curve.bins[k] for k in curve.high_bins]
    assert inside[0].low == pytest.approx(24, abs=2)
    assert inside[-1].high == pytest.approx(36, abs=2)
    for part in curve.bins[:-1]:
        mine = (age >= part.low) & (age < part.high)
        assert (part.n, part.takers) == (mine.sum(), label[mine].sum())
        assert part.rate.value == pytest.approx(label[mine].mean())
        assert part.rate.low <= part.rate.value <= part.rate.high


def one_row(strong, weak, colour="green", noise=0.0):
    rows = {"strong": [strong], "weak": pa.array([weak], pa.float64()), "colour": [colour], "noise": [noise]}
    return pa.table(rows)


def test_a_score_is_explained_by_what_moved_it_most_and_which_way(toy):
    _, fitted = toy
    high, low = reasons(fitted, one_row(2.5, 0.1)), reasons(fitted, one_row(-2.5, 0.1))
    assert str(high[0]) == "strong is 2.5: raises the chance"
    assert str(low[0]) == "strong is -2.5: lowers the chance"


def test_reasons_are_as_many_as_asked_strongest_first(toy):
    made, fitted = toy
    row = made.table.rows.slice(17, 1)
    moved = np.abs(fitted.estimator.shap(row)[0])
    order = [fitted.estimator.variables_[k] for k in np.argsort(-moved)]
    for most in (1, 2, 3):
        told = [reason.values["variable"].en for reason in reasons(fitted, row, most)]
        assert told == order[:most]


def test_an_unknown_value_is_called_unknown(toy):
    told = reasons(toy[1], one_row(0.0, None), most=4)
    (weak,) = [reason for reason in told if reason.values["variable"].en == "weak"]
    assert weak.values["value"] == Message("unknown")


def test_a_variable_that_never_moves_a_score_is_no_reason():
    made = world(3_000).table
    rows = made.rows.append_column("constant", pa.array([1.0] * len(made)))
    fitted = fit(replace(made, rows=rows, variables=variables_of(rows)))
    told = [reason.values["variable"].en for reason in reasons(fitted, rows.slice(0, 1), most=9)]
    assert "constant" not in told
    assert len(told) <= 4


def test_variables_that_say_the_same_share_equally_and_it_is_said():
    rng = np.random.default_rng(0)
    seconds, other = rng.gamma(2, 100, 500), rng.standard_normal(500)
    word = np.where(other > 0, "yes", "no")
    rows = pa.table(
        {
            "seconds": seconds,
            "minutes": seconds / 60,
            "less": 1_000 - seconds,
            "other": other,
            "word": word,
            "code": (other > 0).astype(float),
            "constant": np.ones(500),
            "constant_too": np.ones(500),
        }
    )
    alike = saying_the_same(rows)
    assert alike == [[0, 1, 2], [4, 5]]
    shap = rng.standard_normal((500, 8)) * [3, 0, 1, 1, 0.5, 0, 0, 0]
    parts = {p.variable.name: p for p in contributions(named(*rows.column_names), shap, alike)}
    assert parts["seconds"].share == pytest.approx(parts["minutes"].share)
    assert parts["seconds"].share == pytest.approx(parts["less"].share)
    assert sum(p.share for p in parts.values()) == pytest.approx(1)
    assert parts["other"].same_as == ()
    told = [str(sentence) for sentence in shared(list(parts.values()))]
    assert len(told) == 2
    assert all("each is given an equal share" in sentence for sentence in told)


def test_a_pair_of_identical_variables_contributes_equally_whichever_the_trees_took():
    table = world(2_500).table
    twice = table_of(table.rows.append_column("strong_again", table.rows["strong"]), table.label)
    card = fit(twice).card
    shares = {part.variable.name: part.share for part in card.contributions}
    assert shares["strong"] == shares["strong_again"] > 0.2
    (part,) = [p for p in card.contributions if p.variable.name == "strong"]
    assert [v.name for v in part.same_as] == ["strong_again"]
