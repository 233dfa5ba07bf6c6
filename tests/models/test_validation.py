import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.worlds import sigmoid, table_of
from tests.proving import examples

from telewave.models.calibration import log_odds
from telewave.models.dataset import day_number
from telewave.models.leaks import within_auc
from telewave.models.validation import (
    Forward,
    TooFewDates,
    TooShortToJudge,
    first_half,
    latest,
    splits,
    validated,
)
from telewave.platform.progress import Silent


def plain(period, *, dated, horizon=1, seed=0, share=0.3):
    period = np.asarray(period)
    label = np.random.default_rng(seed).random(len(period)) < share
    rows = {"x": np.arange(len(period), dtype=float)}
    return table_of(rows, label, period=period, dated=dated, horizon=horizon)


def constant(_):
    return lambda table: np.zeros(len(table))


@settings(max_examples=examples(150))
@given(
    days=st.lists(st.integers(0, 400), min_size=1, max_size=8, unique=True),
    horizon=st.integers(1, 120),
    window=st.integers(0, 4),
)
def test_no_model_learns_from_an_outcome_that_was_unknown_when_it_is_judged(days, horizon, window):
    table = plain(np.repeat(sorted(days), 30), dated=True, horizon=horizon)
    for split in splits(table, Forward(window=window)):
        judged_on = set(table.period[split.judge])
        assert len(judged_on) == 1
        assert table.period[split.train].max() + horizon <= min(judged_on)
        assert not window or len(set(table.period[split.train])) <= window


@settings(max_examples=examples(150))
@given(
    steps=st.lists(st.integers(0, 3), min_size=1, max_size=400),
    train_rows=st.integers(1, 200),
    step=st.integers(1, 80),
    window=st.integers(0, 150),
)
def test_in_an_outside_table_only_rows_before_the_judged_ones_are_learnt_from(
    steps, train_rows, step, window
):
    table = plain(np.cumsum(steps), dated=False)  # a step of 0: the same place in the sequence
    judged = []
    for split in splits(table, Forward(train_rows, step, window)):
        assert table.period[split.train].max() < table.period[split.judge].min()
        assert not window or len(split.train) <= window
        judged += split.judge.tolist()
    assert judged == sorted(set(judged))


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60), st.integers(1, 90), st.booleans())
def test_the_first_half_ends_before_the_second_is_judged(days, horizon, dated):
    table = plain(sorted(days), dated=dated, horizon=horizon)
    train, judge = first_half(table)
    assert not len(train) or table.period[train].max() + horizon <= table.period[judge].min()


def test_a_month_is_judged_by_the_months_whose_window_had_closed():
    months = [np.datetime64(f"2026-0{m}-01").astype(int) for m in range(1, 6)]
    table = plain(np.repeat(months, 50), dated=True, horizon=60)
    found = {s.period: set(table.period[s.train]) for s in splits(table, Forward())}
    assert (
        found
        == {  # sixty days from January end on 2 March, from February on 2 April, from March on 30 April
            "2026-04-01": {months[0]},
            "2026-05-01": set(months[:3]),
        }
    )


def test_the_rest_that_is_shorter_than_half_a_step_joins_the_last_one():
    table = plain(np.arange(1_040), dated=False)
    assert [len(s.judge) for s in splits(table, Forward(500, 100))] == [100, 100, 100, 100, 140]


def test_a_table_with_nothing_left_to_judge_is_refused_with_a_remedy():
    with pytest.raises(
        TooShortToJudge, match="300 rows cannot be judged forward in time after training on 500"
    ):
        validated(plain(np.arange(300), dated=False), constant, Forward(500), seed=0, progress=Silent())


def test_dates_nearer_than_the_window_are_refused_with_a_remedy():
    table = plain(np.repeat([20_600, 20_620], 50), dated=True, horizon=30)
    with pytest.raises(TooFewDates, match=r"2026-05-27, 2026-06-16.*at least 30 days apart"):
        validated(table, constant, Forward(), seed=0, progress=Silent())


@pytest.mark.parametrize(
    ("rows", "train_rows", "step"),
    [(41_176, 20_000, 1_000), (3_000, 1_500, 300), (1_000_000, 20_000, 24_500), (3, 1, 1)],
)
def test_what_was_left_open_is_chosen_by_the_size_of_the_table(rows, train_rows, step):
    assert Forward().fitting(rows) == Forward(train_rows, step, 0)


def test_the_learner_is_given_nothing_of_what_it_is_judged_on():
    table = plain(np.arange(900), dated=False)
    seen = []

    def learn(train):
        seen.append(train.rows["x"].to_pylist())
        return lambda judged: np.full(len(judged), float(min(judged.rows["x"].to_pylist()) > max(seen[-1])))

    _, judged = validated(table, learn, Forward(300, 200, 250), seed=0, progress=Silent())
    assert judged.odds.min() == 1
    assert [len(s) for s in seen] == [250, 250, 250, 450]  # three steps, then once on the first half


def test_nothing_is_learnt_twice_from_the_same_rows():
    """Of three dates the first alone is learnt from to judge the second, and once for what comes of a model that is never refreshed."""
    learnt_from = []

    def learn(table):
        learnt_from.append(set(table.period))
        return lambda rows: rows.rows.column("x").to_numpy() * len(learnt_from[-1])

    table = plain(np.repeat([0, 30, 60], 200), dated=True, horizon=30)
    found, judged = validated(table, learn, Forward(), seed=0, progress=Silent())
    assert learnt_from == [{0}, {0, 30}]
    assert found.trained_once is not None
    assert len(judged.rows) == 400


def test_rows_out_of_order_are_put_in_order_first():
    period = np.random.default_rng(0).permutation(600)
    validation, judged = validated(
        plain(period, dated=False), constant, Forward(300, 100), seed=0, progress=Silent()
    )
    assert [fold.period for fold in validation.folds] == ["300–399", "400–499", "500–599"]
    assert len(judged.rows) == 300


def drifting(shares, rows=1_000, seed=0):
    """One block of rows a share of takers; `x` orders the takers the same way throughout."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(rows * len(shares))
    level = np.repeat([np.log(s / (1 - s)) for s in shares], rows)
    return table_of({"x": x}, rng.random(len(x)) < sigmoid(level + x))


def ordered_by_x(table):
    level = float(log_odds(np.array([table.base_rate]))[0])
    return lambda judged: judged.rows["x"].to_numpy() + level


def test_probabilities_that_are_off_in_every_step_are_calibrated_by_the_steps_before():
    table = drifting([0.1] * 10)
    off = lambda _: lambda judged: 3 * judged.rows["x"].to_numpy() + 1  # noqa: E731
    validation, judged = validated(table, off, Forward(1_000, 1_000), seed=0, progress=Silent())
    assert judged.gains[0] == 0
    assert (judged.gains[1:] > 0).all()
    late = validation.folds[-1].quality
    plain_brier = np.mean((table.label[-1_000:] - sigmoid(judged.odds[-1_000:])) ** 2)
    assert late.brier.value < plain_brier - 0.05


def test_probabilities_are_left_alone_where_the_past_corrects_the_wrong_way():
    table = drifting([0.05, 0.3, 0.05, 0.3, 0.05, 0.3, 0.05, 0.3])
    _, judged = validated(table, ordered_by_x, Forward(1_000, 1_000), seed=0, progress=Silent())
    np.testing.assert_allclose(judged.probability, sigmoid(judged.odds))


def test_a_moving_share_of_takers_is_warned_of():
    validation, _ = validated(
        drifting([0.05, 0.05, 0.05, 0.2, 0.2, 0.2]),
        ordered_by_x,
        Forward(2_000, 1_000),
        seed=0,
        progress=Silent(),
    )
    (warning,) = [w for w in validation.warnings if "share of takers moved" in w.template]
    assert warning.values["after"] > 2 * warning.values["before"]


def test_steady_times_are_not_warned_of():
    truth = lambda _: lambda judged: judged.rows["x"].to_numpy() + np.log(0.1 / 0.9)  # noqa: E731
    validation, _ = validated(drifting([0.1] * 6), truth, Forward(2_000, 1_000), seed=0, progress=Silent())
    assert validation.warnings == ()


def test_probabilities_that_are_off_are_warned_of():
    high = lambda _: lambda judged: judged.rows["x"].to_numpy() - 1  # noqa: E731
    validation, _ = validated(drifting([0.1] * 3), high, Forward(1_000, 1_000), seed=0, progress=Silent())
    (warning,) = [w for w in validation.warnings if w.template.startswith("The probabilities are off")]
    assert warning.values["predicted"] > 1.25 * warning.values["observed"]


def test_an_effect_that_turns_round_makes_trained_once_worse_than_chance_and_says_so():
    rng = np.random.default_rng(0)
    x, sign = rng.standard_normal(6_000), np.where(np.arange(6_000) < 3_000, 1, -1)
    table = table_of({"x": x}, rng.random(6_000) < sigmoid(1.5 * sign * x - 1))

    def learn(train):
        slope = np.corrcoef(train.rows["x"].to_numpy()[-800:], train.label[-800:])[0, 1]
        return lambda judged: slope * judged.rows["x"].to_numpy()

    validation, _ = validated(table, learn, Forward(2_000, 1_000), seed=0, progress=Silent())
    assert validation.trained_once.auc.high < 0.5
    assert any("ranks the second half no better than chance" in w.template for w in validation.warnings)


def test_a_ranking_by_time_alone_is_told_from_one_by_person():
    table = drifting([0.05, 0.05, 0.05, 0.4, 0.05, 0.4])
    levels = lambda _: lambda judged: np.full(len(judged), judged.base_rate)  # noqa: E731 - knows when, not who
    validation, _ = validated(table, levels, Forward(2_000, 1_000), seed=0, progress=Silent())
    assert any("a matter of when, not who" in w.template for w in validation.warnings)


def test_one_later_period_is_said_to_be_few():
    days = [day_number(np.datetime64(d).astype(object)) for d in ("2026-05-01", "2026-06-01")]
    validation, _ = validated(
        plain(np.repeat(days, 200), dated=True, horizon=30), constant, Forward(), seed=0, progress=Silent()
    )
    assert any(w.template.startswith("Only one later period") for w in validation.warnings)


def test_the_final_model_learns_from_the_same_window_as_each_step():
    rows = plain(np.arange(500), dated=False)
    assert latest(rows, Forward(100, 50, 120)).period.tolist() == list(range(380, 500))
    assert latest(rows, Forward(100, 50, 0)) is rows
    dated = plain(np.repeat([0, 31, 59], 10), dated=True)
    assert set(latest(dated, Forward(window=2)).period) == {31, 59}
    assert len(latest(dated, Forward(window=9))) == 30


def months(count, people=400, seed=0):
    """A dated table: the same people at every month's first day, takers by `x`."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(people * count)
    return table_of(
        {"x": x},
        rng.random(len(x)) < sigmoid(x - 1),
        period=np.repeat(31 * np.arange(count), people),
        key=np.tile(np.arange(people), count),
        dated=True,
        horizon=30,
    )


def test_each_date_s_list_is_judged_by_itself_though_the_models_of_the_dates_are_on_different_scales():
    table = months(5)

    def learn(train):
        level = 4.0 * (-1) ** len(np.unique(train.period))  # now far too high, now far too low
        return lambda judged: judged.rows["x"].to_numpy() + level

    validation, judged = validated(table, learn, Forward(), seed=0, progress=Silent())
    rows = table.in_order().take(judged.rows)
    expected = within_auc(rows.label, judged.odds, rows.period)[0]
    assert validation.refreshed.auc.value == pytest.approx(expected)
    assert (
        validation.refreshed.auc.value > within_auc(rows.label, judged.odds, np.zeros(1_600, int))[0] + 0.05
    )
    lifts = [fold.quality.lift_best_tenth.value * fold.quality.takers for fold in validation.folds]
    takers = sum(fold.quality.takers for fold in validation.folds)
    assert validation.refreshed.lift_best_tenth.value == pytest.approx(sum(lifts) / takers)


def test_what_comes_next_is_calibrated_as_it_would_have_been_when_it_was_judged():
    """However many months are known: what they say of the next is what the next was judged by, once it was known too."""
    off = lambda _: lambda judged: 3 * judged.rows["x"].to_numpy() + 1  # noqa: E731
    whole = validated(months(9), off, Forward(), seed=0, progress=Silent())[1].calibrations
    assert len({c.method for c in whole}) == 2  # at first nothing is known of it, then it helps
    for known in range(2, 9):
        table = months(9)
        part = table.take(table.period < 31 * known)
        assert (
            validated(part, off, Forward(), seed=0, progress=Silent())[1].calibrations[-1] == whole[known - 1]
        )
