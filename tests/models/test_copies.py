"""Copies of rows, under new numbers too, are told from people who are alike."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.models.test_row_order import learnt
from tests.models.worlds import table_of

from telewave.models.copies import identifiers, without_repeats
from telewave.models.drawing import drawn_into
from telewave.models.validation import Forward, first_half, splits


def noise_with_copies(n=1_000, ordered=False, seed=0, variables=6):
    """`n` rows of noise, and each once more under a new number, all in any order."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(2 * n)
    rows = {f"v{k}": np.tile(np.round(rng.standard_normal(n), 2), 2)[order] for k in range(variables)}
    rows["customer"] = np.array([f"A{k:05}" for k in range(2 * n)])
    return table_of(rows, np.tile(rng.random(n) < 0.3, 2)[order], ordered=ordered)


@pytest.mark.parametrize("ordered", [False, True])
def test_noise_copied_under_new_numbers_is_reported_and_ranks_no_better_than_chance(ordered):
    card = learnt(noise_with_copies(ordered=ordered)).card
    (finding,) = [f for f in card.leaks if not f.variable]
    assert finding.evidence.values["rows"] == 1_000
    auc = card.validation.refreshed.auc
    assert auc.value == pytest.approx(0.5, abs=0.07)
    assert auc.low <= 0.5


def test_columns_that_could_number_the_rows_are_set_aside_before_rows_are_compared():
    rng = np.random.default_rng(0)
    table = table_of(
        {
            "text": [f"no {k}" for k in range(200)],
            "number": rng.permutation(200) * 7.0,
            "amount": rng.random(200),
            "count": rng.integers(0, 30, 200).astype(float),
            "name": pa.array([None] * 150 + [f"x{k}" for k in range(50)]),
        },
        rng.random(200) < 0.5,
    )
    assert identifiers(table) == ["text", "number"]


def coarse(n, copies, ordered=False, seed=0):
    """Rows of some few people who are alike by chance, and `copies` of rows of theirs."""
    rng = np.random.default_rng(seed)
    rows = {f"c{k}": rng.integers(0, 9, n).astype(float) for k in range(5)}
    label = rng.random(n) < 0.3
    again = rng.choice(n, copies, replace=False)
    rows = {name: np.r_[values, values[again]] for name, values in rows.items()}
    return table_of(rows, np.r_[label, label[again]], ordered=ordered)


def test_far_more_equal_rows_than_by_chance_are_told_and_stay_in_one_fold():
    table = coarse(1_000, 450)
    kept, (finding,) = without_repeats(table)
    assert len(kept) == len(table)
    assert finding.evidence.values["chance"] < 20 < 450 <= finding.evidence.values["found"]
    part = drawn_into(kept.drawing(), 5)
    told = {}
    for k, row in enumerate(zip(*(kept.rows[n].to_pylist() for n in kept.rows.column_names), strict=True)):
        assert told.setdefault(row, part[k]) == part[k]


def test_about_as_many_equal_rows_as_by_chance_are_people():
    kept, findings = without_repeats(coarse(1_000, 3))
    assert (len(kept), findings) == (1_003, [])


def test_in_a_table_in_order_no_step_learns_from_the_equal_of_a_row_that_it_judges():
    kept, (finding,) = without_repeats(coarse(1_000, 450, ordered=True))
    assert "none is judged by a model that learnt from its equal" in finding.evidence.template
    assert len(kept) == 1_450
    said = [tuple(row.values()) for row in kept.rows.to_pylist()]
    steps = [(step.train, step.judge) for step in splits(kept, Forward())]
    for train, judge in (*steps, first_half(kept)):
        judged = {said[k] for k in judge}
        assert not any(said[k] in judged for k in train)
        assert train.max() < judge.min()
    assert sum(len(judge) for _, judge in steps) > 600


def test_rows_alike_by_chance_and_subscribers_who_recur_are_learnt_from():
    kept, _ = without_repeats(coarse(1_000, 3, ordered=True))
    assert len(splits(kept, Forward())[0].train) == 501


def test_copies_whose_outcome_differs_are_no_repeats_but_share_a_fold():
    table = noise_with_copies()
    flipped = replace(table, label=np.random.default_rng(5).random(2_000) < 0.3).without(["customer"])
    kept, _ = without_repeats(flipped)
    assert len(kept) > 1_300
    assert len(np.unique(kept.drawing())) == 1_000
