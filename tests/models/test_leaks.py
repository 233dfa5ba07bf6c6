import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score
from tests.models.worlds import quick, sigmoid, table_of, world

from telewave.models.copies import without_repeats
from telewave.models.dataset import TrainingTable
from telewave.models.leaks import known_after, screened, too_good, within_auc
from telewave.models.model import LeakRule
from telewave.models.training import _together


def screen(table: TrainingTable):
    return screened(table, _together(quick()), seed=1)


def with_column(table, name, values):
    rows = table.rows.append_column(name, pa.array(values))
    return table_of(rows, table.label, known_after=table.known_after)


def excluded(found):
    return {f.variable: f.rule for f in found.findings if f.variable}


def test_honest_variables_are_left_alone_however_useful():
    found = screen(world().table)
    assert found.findings == ()
    assert [v.name for v in found.table.variables] == ["strong", "weak", "colour", "noise"]


@pytest.mark.parametrize("seed", range(5))
def test_a_strong_honest_variable_among_others_that_tell_the_same_story_stays(seed):
    rng = np.random.default_rng(seed)
    need = rng.standard_normal(6_000)
    seen = {f"usage_{k}": need + rng.standard_normal(6_000) * (0.3 + 0.2 * k) for k in range(4)}
    label = rng.random(6_000) < sigmoid(2.5 * need - 2)
    assert within_auc(label, seen["usage_0"], np.zeros(6_000, dtype=np.int64))[0] > 0.8
    assert screen(table_of(seen, label)).findings == ()


@pytest.mark.parametrize("seed", range(5))
def test_a_variable_that_is_too_good_is_found_and_left_out(seed):
    table = world(seed=seed).table
    rng = np.random.default_rng(100 + seed)
    written_later = 2.0 * table.label + rng.standard_normal(len(table)) * 0.8
    found = screen(with_column(table, "call_length", written_later))
    assert excluded(found) == {"call_length": LeakRule.TOO_GOOD}
    assert found.table.rows.column_names == ["strong", "weak", "colour", "noise"]


def test_a_category_that_is_too_good_is_found():
    table = world().table
    rng = np.random.default_rng(3)
    odd = rng.random(len(table)) < 0.06
    status = np.where(table.label != odd, "closed", "open")
    assert excluded(screen(with_column(table, "status", status))) == {"status": LeakRule.TOO_GOOD}


def test_two_leaks_do_not_hide_each_other():
    table = world().table
    rng = np.random.default_rng(4)
    for name in ("first", "second"):
        table = with_column(table, name, 2.0 * table.label + rng.standard_normal(len(table)) * 0.6)
    assert excluded(screen(table)) == {"first": LeakRule.TOO_GOOD, "second": LeakRule.TOO_GOOD}


@pytest.mark.parametrize(
    "twin",
    [lambda s: s / 60, lambda s: np.round(s, -1), lambda s: -s, lambda s: np.where(s < 8, np.nan, s)],
    ids=["in minutes", "rounded", "turned round", "with gaps"],
)
def test_a_leak_and_what_says_the_same_are_both_left_out(twin):
    table = world().table
    rng = np.random.default_rng(4)
    seconds = np.exp(4.0 + 2.0 * table.label + rng.standard_normal(len(table)) * 0.8)
    found = screen(with_column(with_column(table, "secs", seconds), "again", twin(seconds)))
    assert excluded(found) == {"secs": LeakRule.TOO_GOOD, "again": LeakRule.TOO_GOOD}
    assert {f.variable: f.evidence.values["twins"] for f in found.findings} == {
        "secs": "again",
        "again": "secs",
    }


def test_honest_variables_that_say_the_same_excuse_each_other_only_where_others_say_it_too():
    rng = np.random.default_rng(0)
    need = rng.standard_normal(6_000)
    seen = {f"usage_{k}": need + rng.standard_normal(6_000) * (0.3 + 0.2 * k) for k in range(4)}
    seen["usage_0_again"] = seen["usage_0"] * 60
    label = rng.random(6_000) < sigmoid(2.5 * need - 2)
    assert screen(table_of(seen, label)).findings == ()


def test_what_separates_the_times_and_not_the_takers_is_no_leak():
    rng = np.random.default_rng(5)
    period = np.repeat(np.arange(8), 500)
    label = rng.random(4_000) < np.where(period < 4, 0.05, 0.6)  # an early month brings few, a late one many
    rows = {"price_index": period.astype(float), "noise": rng.standard_normal(4_000)}
    table = table_of(rows, label, period=period * 31, dated=True, key=np.tile(np.arange(500), 8))
    assert roc_auc_score(label, period) > 0.7
    assert screen(table).findings == ()


def test_a_variable_declared_to_be_known_afterwards_is_left_out_without_being_looked_at():
    table = world(known_after=frozenset({"noise"})).table
    assert excluded(screen(table)) == {"noise": LeakRule.KNOWN_AFTER}


@pytest.mark.parametrize(
    "written",
    [
        lambda label, rng: np.where(label, rng.random(len(label)), None),
        lambda label, rng: np.where(label, rng.random(len(label)), 0.0),
        lambda label, rng: np.where(label, 0.0, 1 + rng.random(len(label))),
        lambda label, rng: np.where(label, None, "on file"),
        lambda label, rng: np.where(label & (rng.random(len(label)) < 0.5), 1.0, None),
    ],
    ids=["present", "not zero", "zero", "absent", "present for half of the takers"],
)
def test_a_variable_written_only_for_takers_is_known_after(written):
    table = world().table
    values = written(table.label, np.random.default_rng(0)).tolist()
    (finding,) = known_after(with_column(table, "contract_number", values))
    assert (finding.variable, finding.rule, finding.excluded) == (
        "contract_number",
        LeakRule.KNOWN_AFTER,
        True,
    )
    assert finding.evidence.values["share"] == 1


def test_a_variable_that_is_unknown_for_some_of_both_is_not_known_after():
    assert known_after(world().table) == []


def test_repeated_rows_are_left_out_but_for_the_first():
    table = world(1_000).table
    again = table.take(np.r_[np.arange(1_000), np.arange(50)])
    again = table_of(again.rows, again.label)
    kept, (finding,) = without_repeats(again)
    assert (len(kept), finding.rule, finding.evidence.values["rows"]) == (1_000, LeakRule.DUPLICATE_ROWS, 50)
    assert kept.rows.equals(table.rows)


def test_rows_that_differ_in_the_outcome_alone_are_no_repeats():
    rows = {"x": pa.array([1.0, 1.0, None, None]), "c": ["a", "a", None, None]}
    kept, findings = without_repeats(table_of(rows, [True, False, True, True]))
    assert len(kept) == 3
    assert len(findings) == 1


def test_equal_rows_of_a_coarse_outside_table_are_people_and_all_of_them_count():
    rng = np.random.default_rng(0)
    rows = {f"coarse_{k}": rng.choice(list("abcde")[: 3 + k % 3], 20_000) for k in range(4)}
    table = table_of(rows, rng.random(20_000) < 0.05)
    kept, findings = without_repeats(table)
    assert (len(kept), kept.base_rate, findings) == (20_000, table.base_rate, [])


def test_equal_rows_of_variables_that_go_together_are_no_repeats_either():
    rng = np.random.default_rng(0)
    need = rng.random(2_000) < 0.5
    rows = {f"item_{k}": ((rng.random(2_000) < 0.9) == need).astype(float) for k in range(10)}
    assert len(without_repeats(table_of(rows, need))[0]) == 2_000


def test_equal_rows_of_two_subscribers_or_two_days_are_no_repeats():
    rows = {"x": [1.0] * 4}
    table = table_of(rows, [True] * 4, period=[0, 0, 31, 31], key=[1, 2, 1, 1], dated=True)
    assert len(without_repeats(table)[0]) == 3


def test_no_repeated_row_is_learnt_from_and_judged():
    table = world(1_000).table
    again = table.take(np.r_[np.arange(1_000), np.arange(1_000)])
    found = screen(table_of(again.rows, again.label))
    assert len(found.table) == 1_000


def test_auc_within_periods_is_the_average_over_their_pairs():
    rng = np.random.default_rng(0)
    period = rng.integers(0, 5, 600)
    label = rng.random(600) < 0.3
    score = np.round(rng.standard_normal(600) + label, 1)  # with ties
    won = pairs = 0.0
    for one in range(5):
        mine = period == one
        weight = label[mine].sum() * (~label[mine]).sum()
        won += roc_auc_score(label[mine], score[mine]) * weight
        pairs += weight
    assert within_auc(label, score, period)[0] == pytest.approx(won / pairs)


def test_auc_where_no_period_holds_a_pair_is_unknown():
    assert within_auc(np.array([True, False]), np.array([1.0, 0.0]), np.array([0, 1])) == (0.5, 0.0)


def test_the_only_variable_is_found_when_it_leaks():
    label = np.arange(2_000) % 5 == 0
    noise = np.random.default_rng(0).standard_normal(2_000)
    assert excluded(screen(table_of({"only": label * 3 + noise}, label))) == {"only": LeakRule.TOO_GOOD}


def test_a_leak_is_found_though_all_other_variables_say_nothing():
    label = np.arange(2_000) % 5 == 0
    noise = np.random.default_rng(0).standard_normal(2_000)
    rows = {"leak": label * 3 + noise, "constant": np.ones(2_000)}
    assert excluded(screen(table_of(rows, label))) == {"leak": LeakRule.TOO_GOOD}


def test_a_variable_that_somebody_vouches_for_stays_and_the_finding_says_so():
    table = world().table
    leaking = with_column(
        table, "visit", 2.0 * table.label + np.random.default_rng(1).standard_normal(len(table)) * 0.8
    )
    found = screened(leaking, _together(quick()), 1, keep=frozenset({"visit"}))
    (finding,) = found.findings
    assert (finding.variable, finding.excluded) == ("visit", False)
    assert "visit" in found.table.rows.column_names


def test_where_many_variables_are_good_none_is_suspected_at_the_price_of_a_model_each():
    draw = np.random.default_rng(4)
    strength = draw.standard_normal(4_000)
    label = draw.random(4_000) < 1 / (1 + np.exp(-(2 * strength - 1)))
    rows = {f"v{k}": strength + 0.5 * draw.standard_normal(4_000) for k in range(30)}
    fitted = []

    def together(table, fold):
        fitted.append(table.variables)
        return np.mean([table.rows.column(v.name).to_numpy() for v in table.variables], axis=0)

    assert too_good(table_of(rows, label), together, 1) == []
    assert len(fitted) <= 2


@pytest.mark.parametrize("seed", range(3))
def test_a_leak_is_found_in_a_file_that_brings_takers_and_others_block_by_block(seed):
    table = world(seed=seed).table
    block = np.arange(4_000) // 100
    takers, others = np.flatnonzero(table.label), np.flatnonzero(~table.label)
    order = np.concatenate(
        [np.r_[a, b] for a, b in zip(np.array_split(takers, 8), np.array_split(others, 8), strict=True)]
    )
    assert len(block) == len(order)
    mixed = table_of(table.rows.take(order), table.label[order])
    leak = 2.0 * mixed.label + np.random.default_rng(seed).standard_normal(4_000) * 0.7
    assert excluded(screen(with_column(mixed, "call_length", leak))) == {"call_length": LeakRule.TOO_GOOD}


RARE = {
    "number": lambda mine: mine.astype(float),
    "flag": lambda mine: mine,
    "word": lambda mine: np.where(mine, "priority", "normal"),
    "known only there": lambda mine: [1.0 if one else None for one in mine],
    "one of many codes": lambda mine: np.where(mine, 77.0, np.arange(len(mine)) % 9),
}


@pytest.mark.parametrize("kind", RARE)
@pytest.mark.parametrize("base", [-1.5, 0.0])
def test_a_rare_mark_that_only_takers_bear_is_left_out(kind, base):
    """Six in a hundred takers bear it, and whoever bears it takes: it ranks so few that its AUC alone tells nothing."""
    table = world(base=base).table
    takers = np.flatnonzero(table.label)
    mine = np.zeros(len(table), dtype=bool)
    mine[takers[: round(0.06 * len(takers))]] = True
    found = screen(with_column(table, "mark", RARE[kind](mine)))
    assert excluded(found) == {"mark": LeakRule.KNOWN_AFTER}


def test_a_mark_that_some_non_takers_bear_too_is_honest():
    table = world().table
    rng = np.random.default_rng(0)
    mark = np.where(table.label, rng.random(len(table)) < 0.06, rng.random(len(table)) < 0.004)
    assert 0.7 < table.label[mark].mean() < 0.93
    assert screen(with_column(table, "mark", mark)).findings == ()


def test_values_that_few_rows_have_are_no_marks_however_they_turned_out():
    table = world(base=0.0).table
    rng = np.random.default_rng(0)
    assert screen(with_column(table, "shop", rng.integers(0, 400, len(table)).astype(str))).findings == ()


@pytest.mark.parametrize("words", [("signed", "declined"), ("成功", "失败")])
def test_columns_that_say_the_outcome_in_other_words_are_left_out_together(words):
    table = world().table
    rng = np.random.default_rng(1)
    result = np.where(table.label, words[0], words[1])
    score = np.where(table.label, 0.7, 0.3) + rng.standard_normal(len(table)) * 0.1
    found = screen(with_column(with_column(table, "result", result), "score_afterwards", score))
    assert set(excluded(found)) == {"result", "score_afterwards"}
