"""A single value that holds a fifth of all takers is named, with what the ranking is worth without it."""

import numpy as np
import pyarrow as pa
import pytest
from tests.models.worlds import sigmoid, table_of

from telewave.kernel import Label
from telewave.models.segments import segments
from telewave.models.wording import segment_words


def repeaters(n=6_000, seed=0):
    """Rows of whom four in a hundred took part before, half of whom do again; the others are ranked a little by `need`."""
    rng = np.random.default_rng(seed)
    before = np.where(rng.random(n) < 0.04, "success", np.where(rng.random(n) < 0.1, "failure", None))
    need = rng.standard_normal(n)
    chance = np.where(before == "success", 0.5, sigmoid(-3.0 + 0.3 * need))
    rows = pa.table({"before": pa.array(before.tolist()), "need": need})
    label = rng.random(n) < chance
    return table_of(rows, label), np.where(before == "success", 0.5, 0.05 + 0.005 * need)


def test_a_value_that_holds_a_fifth_of_all_takers_is_named_with_the_auc_of_the_others():
    table, probability = repeaters()
    (found,) = segments(table, table, probability)
    assert (found.variable.name, found.value) == ("before", "success")
    assert found.rows == pytest.approx(0.04, abs=0.01)
    assert found.takers > 0.25
    assert 0.5 < found.auc_without < 0.65
    said = str(segment_words(found, 0.75))
    assert said.startswith("A segment of its own: before is success. It holds")
    assert f"AUC without it: {found.auc_without:.2f}, with it: 0.75." in said


def test_a_number_and_the_unknown_can_be_such_a_value():
    rng = np.random.default_rng(1)
    mine = rng.random(4_000) < 0.05
    label = rng.random(4_000) < np.where(mine, 0.5, 0.05)
    never = np.where(mine, 0.0, rng.uniform(1, 30, 4_000))
    unknown = pa.array(np.where(mine, np.nan, rng.uniform(1, 30, 4_000)), from_pandas=True)
    table = table_of({"never": never, "unknown": unknown}, label)
    (found,) = segments(table, table, np.zeros(4_000))  # both mark the same rows: told once
    assert found.value == 0.0
    (found,) = segments(table.without(["never"]), table, np.zeros(4_000))
    assert found.value is None
    assert "unknown is unknown" in str(segment_words(found, None))
    assert "AUC" not in str(segment_words(found, None))


def test_what_most_rows_have_and_what_takes_no_more_than_others_is_no_segment():
    rng = np.random.default_rng(2)
    rows = {"usual": rng.choice(["a", "b"], 4_000, p=[0.9, 0.1]), "x": rng.standard_normal(4_000)}
    table = table_of(rows, rng.random(4_000) < 0.1)
    assert segments(table, table, np.zeros(4_000)) == ()


def test_a_label_of_the_value_is_used_where_there_is_one():
    table, probability = repeaters()
    (found,) = segments(table, table, probability)
    assert found.variable.label == Label("before", "before")


@pytest.mark.parametrize("ranked", [True, False], ids=["ranked by it", "ranked without it"])
def test_an_ordinary_value_is_named_only_where_the_ranking_lives_by_it(ranked):
    rng = np.random.default_rng(3)
    smart = rng.random(6_000) < 0.3
    need = rng.standard_normal(6_000)
    chance = np.where(smart, 0.22, 0.05)
    table = table_of({"device": np.where(smart, "smart", "plain")}, rng.random(6_000) < chance)
    assert [s.variable.name for s in segments(table, table, chance if ranked else need)] == ["device"][
        :ranked
    ]
