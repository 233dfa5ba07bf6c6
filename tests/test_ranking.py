"""The model's ranking judged by the simulator's hidden truth, on a month it has not seen. Simulated data."""

import numpy as np
import pytest
from bench.ranking import causes_and_others, expected_auc, judge

from telewave.simulation.plan import CityPlan


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A city with thirty times the case's take-up, so that so few subscribers have some 2 000 takers to learn from."""
    return judge(CityPlan(32_000, take_up=30), tmp_path_factory.mktemp("judged"))


def test_the_ranking_is_within_two_hundredths_of_the_truth_s_observable_part(judged):
    assert judged.observable - judged.model <= 0.02
    assert judged.model <= judged.whole  # nobody ranks better than the truth


def test_the_case_s_eight_variables_rank_among_the_causes(judged):
    causes, others = causes_and_others(judged.card)
    assert len(others) >= 20
    bound = np.quantile(list(others.values()), 0.9)
    assert {name: share for name, share in causes.items() if share <= bound} == {}


def test_the_expected_auc_is_the_plain_one_where_chances_are_certain():
    from sklearn.metrics import roc_auc_score

    draw = np.random.default_rng(0)
    ranking, took = draw.integers(0, 30, 500).astype(float), draw.random(500) < 0.3
    assert expected_auc(ranking, took.astype(float)) == pytest.approx(roc_auc_score(took, ranking))
