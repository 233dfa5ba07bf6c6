"""The model's ranking judged by the simulator's hidden truth, on a month it has not seen. Simulated data."""

import numpy as np
import pytest
from bench.ranking import causes_and_others, expected_auc, judge

from telewave.simulation.plan import CityPlan

FURTHEST = {8_000: 0.04, 32_000: 0.02}
"""How far from the truth's observable part: a city of 8 000 has some 500 takers to learn from, one of 32 000 some 2 000."""


@pytest.fixture(scope="module")
def judged(request, tmp_path_factory):
    """A city with thirty times the case's take-up, so that so few subscribers have takers to learn from."""
    return judge(CityPlan(subscribers=request.param, take_up=30), tmp_path_factory.mktemp("judged"))


@pytest.mark.prove
@pytest.mark.parametrize("judged", FURTHEST, indirect=True)
def test_the_ranking_is_near_the_truth_s_observable_part(judged, request):
    assert judged.observable - judged.model <= FURTHEST[request.node.callspec.params["judged"]]
    assert judged.model <= judged.whole  # nobody ranks better than the truth


@pytest.mark.prove
@pytest.mark.parametrize("judged", [32_000], indirect=True)
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
