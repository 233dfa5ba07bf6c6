"""What may be learnt from, and what is left out and told."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from telewave.experiments.covariates import MOST_LEVELS, NothingKnown, covariates

N = 4_000


@pytest.fixture
def drawn():
    draw = np.random.default_rng(1)
    return draw, draw.integers(0, 2, N), (draw.random(N) < 0.1).astype(float)


def of(drawn, rate=True, **columns):
    _, arm, outcome = drawn
    texts = {name: [str(value) for value in values] for name, values in columns.items()}
    return covariates(pa.table(texts), arm, outcome, "spring.csv", rate=rate)


def test_numbers_are_numbers_and_words_are_categories(drawn):
    draw = drawn[0]
    made = of(drawn, fee=draw.normal(50, 9, N).round(2), plan=draw.choice(["A", "B", ""], N))
    assert made.rows["fee"].dtype == np.float64
    assert isinstance(made.rows["plan"].dtype, pd.CategoricalDtype)
    assert made.rows["plan"].isna().any()
    assert made.left_out == ()


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_what_the_arms_differ_in_was_not_known_before(drawn, share):
    """A few amounts among zeros show it as well as many."""
    draw, arm, _ = drawn
    spend = np.where(draw.random(N) < share * (1 + 0.8 * arm), draw.gamma(2, 30, N), 0).round(2)
    made = of(drawn, spend=spend, fee=draw.normal(size=N))
    assert list(made.rows.columns) == ["fee"]
    assert "differs between the arms" in str(made.left_out[0])


def test_what_says_the_outcome_was_not_known_before(drawn):
    draw, _, outcome = drawn
    flag = (outcome == 1) & (draw.random(N) < 0.4)  # only takers have it, and not all of them
    made = of(
        drawn, flag=flag.astype(int), words=np.where(outcome == 1, "took", "-"), fee=draw.normal(size=N)
    )
    assert list(made.rows.columns) == ["fee"]
    assert all("says the outcome" in str(one) for one in made.left_out)


def test_an_amount_in_other_units_is_the_outcome(drawn):
    draw, arm, _ = drawn
    bill = draw.normal(60, 10, N)
    given = (draw, arm, bill)
    made = of(given, rate=False, fen=bill * 100, before=bill + draw.normal(0, 5, N))
    assert list(made.rows.columns) == ["before"]


def test_constants_and_names_are_left_out_and_nothing_left_is_refused(drawn):
    with pytest.raises(NothingKnown, match=r"spring.csv"):
        of(drawn, year=np.full(N, 2026), name=[f"N{k}" for k in range(N)])


def test_rare_categories_count_as_one(drawn):
    draw = drawn[0]
    halls = np.array([f"hall {k}" for k in draw.zipf(1.2, N) % 900])
    made = of(drawn, hall=halls)
    assert len(made.rows["hall"].cat.categories) == MOST_LEVELS + 1
    assert not made.rows["hall"].isna().any()
