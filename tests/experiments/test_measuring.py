"""What an experiment did: known effects come back, what was known before helps, and what spoils a comparison is told."""

import numpy as np
import pytest

from telewave.experiments.effects import Finding, Kind
from telewave.experiments.measuring import ClustersOfOtherSizes, ConstantOutcome, TooFewUnits, Trial, measured
from telewave.experiments.sample_ratio import ExpectedShares, SampleRatioMismatch, sample_ratio
from telewave.kernel import Inconclusive
from telewave.platform.languages import render

ARMS = ("none", "sms", "call")


def trial(n=6000, arms=ARMS, seed=1, before=True, effect=(0.0, 3.0, 0.0), rho=0.8, **more):
    draw = np.random.default_rng(seed)
    arm = draw.integers(0, len(arms), n)
    known = draw.normal(50, 10, n)
    noise = draw.normal(0, 10, n)
    outcome = rho * (known - 50) + np.sqrt(1 - rho**2) * noise + np.array(effect)[arm]
    given = {"before": known, "before_name": "bill before"} if before else {}
    return Trial(arms=arms, arm=arm, outcomes={"bill": outcome}, **(given | more))


def test_arms_that_do_something_are_told_from_those_that_do_not():
    made = measured(trial()).outcomes[0]
    assert made.kind is Kind.AMOUNT
    assert [one.finding for one in made.deciding] == [Finding.RAISES, Finding.NOTHING]
    assert made.deciding[0].together.low < 3 < made.deciding[0].together.high


def test_what_was_known_before_takes_away_the_variance_that_it_explains():
    adjusted = measured(trial(rho=0.8)).outcomes[0].adjusted
    assert adjusted.saved == pytest.approx(0.64, abs=0.03)
    assert adjusted.correlation == pytest.approx(0.8, abs=0.02)


def test_the_adjusted_difference_is_that_of_the_regression_on_arm_and_covariate():
    one = trial(arms=("none", "sms"), effect=(0.0, 2.0))
    made = measured(one).outcomes[0].adjusted.comparisons[0]
    x = np.column_stack([np.ones(len(one.arm)), one.arm, one.before])
    beta, *_ = np.linalg.lstsq(x, one.outcomes["bill"], rcond=None)
    assert made.difference.value == pytest.approx(beta[1], abs=1e-9)


def test_a_covariate_that_is_the_outcome_is_told_and_not_used():
    one = trial()
    spoilt = Trial(arms=ARMS, arm=one.arm, outcomes=one.outcomes, before=2 * one.outcomes["bill"] + 1, before_name="bill after")  # fmt: skip
    made = measured(spoilt).outcomes[0]
    assert "bill after says the outcome bill itself" in str(made.adjusted.reason)
    assert made.deciding == made.comparisons


def test_a_covariate_that_the_arms_changed_is_told_and_not_used():
    one = trial()
    moved = Trial(arms=ARMS, arm=one.arm, outcomes=one.outcomes, before=one.before + 2.0 * (one.arm == 1), before_name="x")  # fmt: skip
    assert "differs between sms and none" in str(measured(moved).outcomes[0].adjusted.reason)


def test_a_covariate_that_never_varies_is_told():
    one = trial()
    flat = Trial(arms=ARMS, arm=one.arm, outcomes=one.outcomes, before=np.full(len(one.arm), 3.0), before_name="x")  # fmt: skip
    assert "the same in all rows" in str(measured(flat).outcomes[0].adjusted.reason)


def test_unknown_covariates_count_with_the_mean_and_are_told():
    one = trial()
    holes = np.where(np.arange(len(one.arm)) % 10 == 0, np.nan, one.before)
    made = measured(Trial(arms=ARMS, arm=one.arm, outcomes=one.outcomes, before=holes, before_name="x"))
    assert "unknown in 10.0%" in str(made.outcomes[0].warnings[-1])
    assert made.outcomes[0].adjusted.saved > 0.4


def test_outcomes_that_are_missing_are_told_and_unequal_ones_warned_of():
    one = trial(before=False)
    holes = dict(one.outcomes)
    holes["bill"] = np.where(np.arange(len(one.arm)) % 20 == 0, np.nan, holes["bill"])
    told = measured(Trial(arms=ARMS, arm=one.arm, outcomes=holes)).outcomes[0]
    assert sum(told.missing) == 300
    assert "about equal shares" in str(told.warnings[0])
    holes["bill"] = np.where((one.arm == 1) & (np.arange(len(one.arm)) % 5 == 0), np.nan, holes["bill"])
    told = measured(Trial(arms=ARMS, arm=one.arm, outcomes=holes)).outcomes[0]
    assert "by more than chance makes it" in str(told.warnings[0])


def test_rows_without_an_arm_are_left_out_and_counted():
    one = trial(before=False)
    arm = one.arm.copy()
    arm[:50] = -1
    made = measured(Trial(arms=ARMS, arm=arm, outcomes=one.outcomes))
    assert (made.unassigned, sum(made.rows)) == (50, 5950)


def test_arms_of_other_sizes_than_drawn_are_refused_with_the_remedy():
    arm = np.repeat([0, 1], [9463, 7681])
    one = Trial(arms=("none", "sms"), arm=arm, outcomes={"y": (np.arange(17144) % 7 == 0).astype(float)})
    with pytest.raises(SampleRatioMismatch) as refused:
        measured(one)
    said = render(refused.value, "en")
    assert "none 9,463, sms 7,681; expected: none 50.0%, sms 50.0%" in said
    assert "--expect 'none=0.552' --expect 'sms=0.448'" in said
    assert measured(one, {"none": 0.552, "sms": 0.448}).ratio.chance > 0.5


@pytest.mark.parametrize("expected", [{"none": 1.0}, {"none": 1, "sms": 0}, {"none": 1, "call": 1}])
def test_expected_shares_must_fit_the_arms(expected):
    with pytest.raises(ExpectedShares, match=r"--expect 'none=0.5' --expect 'sms=0.5'"):
        sample_ratio(("none", "sms"), (10, 12), expected)


def test_households_are_drawn_whole_and_checked_whole():
    house = np.repeat(np.arange(2000), 3)
    arm = (np.arange(2000) % 2)[house]
    outcomes = {"y": (house % 5 == 0).astype(float)}
    made = measured(
        Trial(arms=("none", "sms"), arm=arm, outcomes=outcomes, cluster=house, cluster_name="house")
    )
    assert (made.clusters, made.shared, made.ratio.counts) == (2000, 0, (1000, 1000))


def test_households_that_lost_members_are_refused_though_all_households_are_there():
    house = np.repeat(np.arange(2000), 3)
    arm = (np.arange(2000) % 2)[house]
    took = (np.arange(6000) % 5 == 0).astype(float)
    lost = (arm == 1) & (took == 0) & (np.arange(6000) % 3 == 0)
    one = Trial(arms=("none", "sms"), arm=arm[~lost], outcomes={"y": took[~lost]}, cluster=house[~lost], cluster_name="house")  # fmt: skip
    assert len(np.unique(one.cluster)) == 2000
    with pytest.raises(ClustersOfOtherSizes, match=r"those of none 3\.000"):
        measured(one)


def test_households_with_members_in_several_arms_are_told_and_share_their_weather():
    draw = np.random.default_rng(4)
    house = np.repeat(np.arange(1000), 2)
    arm = np.tile([0, 1], 1000)
    values = 5 * draw.normal(size=1000)[house] + draw.normal(size=2000)
    made = measured(Trial(arms=("none", "sms"), arm=arm, outcomes={"y": values}, cluster=house, cluster_name="house"))  # fmt: skip
    assert made.shared == 1000
    assert "rows in several arms" in str(made.warnings[0])
    pairs = values[arm == 1] - values[arm == 0]  # each household is its own control
    reach = 1.96 * pairs.std(ddof=1) / np.sqrt(1000)
    one = made.outcomes[0].comparisons[0].difference
    assert (one.high - one.low) / 2 == pytest.approx(reach, rel=0.01)


def test_a_constant_outcome_and_an_arm_of_one_row_are_refused():
    arm = np.array([0, 0, 1, 1])
    with pytest.raises(ConstantOutcome, match="is 1 in every row"):
        measured(Trial(arms=("a", "b"), arm=arm, outcomes={"y": np.ones(4)}))
    with pytest.raises(TooFewUnits, match="The arm b has 1 rows"):
        measured(Trial(arms=("a", "b"), arm=arm[:3], outcomes={"y": np.array([0.0, 1.0, 1.0])}))


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_says_nothing(seed):
    one = trial(600)
    mixed = np.random.default_rng(seed).permutation(600)
    other = Trial(arms=ARMS, arm=one.arm[mixed], outcomes={"bill": one.outcomes["bill"][mixed]}, before=one.before[mixed], before_name="bill before")  # fmt: skip
    first, second = measured(one).outcomes[0].deciding[0], measured(other).outcomes[0].deciding[0]
    assert first.together.low == pytest.approx(second.together.low, abs=1e-9)


def drawn_as_it_is(one):
    """The experiment with the sizes of its arms expected: one draw in a thousand would be refused for them."""
    return measured(one, dict(zip(one.arms, np.bincount(one.arm), strict=True)))


def coverage(runs, seed, **settings):
    truth = 1.0
    made = [
        drawn_as_it_is(trial(300, ("none", "sms"), seed + k, effect=(0.0, truth), **settings)).outcomes[0]
        for k in range(runs)
    ]
    # One draw in a thousand is so uneven that the covariate is not believed.
    assert np.mean([isinstance(one.adjusted, Inconclusive) for one in made]) <= max(0.004, 1 / runs)
    return np.mean(
        [one.deciding[0].difference.low <= truth <= one.deciding[0].difference.high for one in made]
    )


def test_adjusted_intervals_hold_the_truth_about_as_often_as_they_say():
    assert abs(coverage(200, 10_000) - 0.95) < 0.046


@pytest.mark.prove
def test_over_many_experiments_adjusted_intervals_hold_the_truth_as_often_as_they_say():
    assert abs(coverage(4_000, 50_000) - 0.95) < 0.012
