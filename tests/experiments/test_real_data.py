"""On a real campaign with random arms: e-mails to 64 000 customers, of whom a third got none (Hillstrom 2008)."""

import numpy as np
import pandas as pd
import pytest

from telewave.experiments import usecases
from telewave.experiments.assignment import Experiment, explore
from telewave.experiments.balance import balance, standardised_difference
from telewave.experiments.columns import Outcome
from telewave.experiments.design import Question, design
from telewave.experiments.holdout import UniversalControl, stratified, uniform
from telewave.experiments.power import sizes
from telewave.experiments.sample_ratio import SampleRatioMismatch
from telewave.experiments.sources import of_file
from telewave.experiments.uplift_study import UpliftQuestion, uplift_study
from telewave.experiments.uplift_words import verdict_words
from telewave.experiments.usecases import measure
from telewave.platform.progress import Silent

pytestmark = pytest.mark.data
NAMES = 400


@pytest.fixture(scope="module")
def mails(real_data):
    return pd.read_csv(real_data / "hillstrom" / "hillstrom.csv")


def seen(visits0, n0, visits1, n1):
    """Whether the two-sided comparison at 5 % shows a difference."""
    pooled = (visits0 + visits1) / (n0 + n1)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    return abs(visits1 / n1 - visits0 / n0) > 1.96 * spread


def test_the_campaigns_own_random_arms_are_in_balance(mails):
    none = (mails["segment"] == "No E-Mail").to_numpy()
    for column in ("history_segment", "zip_code", "channel", "newbie"):
        codes = pd.factorize(mails[column])[0]
        assert all(line.good for line in balance(codes, none))
    for column in ("recency", "history"):
        assert abs(standardised_difference(mails[column].to_numpy(float), none)) < 0.03


def test_buyers_picked_by_hand_are_found_out_of_balance(mails):
    picked = (mails["history"] > 500).to_numpy()
    assert not all(line.good for line in balance(pd.factorize(mails["history_segment"])[0], picked))


def test_a_holdout_by_stratum_is_balanced_in_what_it_does_not_know_too(mails):
    numbers, strata = np.arange(len(mails)), pd.factorize(mails["history_segment"])[0]
    held = stratified("handset 2026", numbers, strata, 0.1)
    assert held.sum() == 6_400
    assert max(abs(line.difference) for line in balance(strata, held)) < 0.002
    for column in ("visit", "recency", "mens"):
        assert abs(standardised_difference(mails[column].to_numpy(float), held)) < 0.05


def test_where_nothing_was_done_one_experiment_in_twenty_shows_an_effect(mails):
    # Customers without any mail, split by the names of so many experiments: whatever is seen is chance.
    visits = mails.loc[mails["segment"] == "No E-Mail", "visit"].to_numpy()
    numbers = np.arange(len(visits))
    alarms = 0
    for name in range(NAMES):
        held = uniform(f"experiment {name}", numbers) < 0.2
        alarms += seen(visits[held].sum(), held.sum(), visits[~held].sum(), (~held).sum())
    assert abs(alarms / NAMES - 0.05) < 0.035  # three standard errors


def test_a_holdout_of_the_designed_size_shows_the_real_effect_as_often_as_designed(mails):
    # The women's mail raised visits from 10.6 to 15.1 %. Samples of the designed sizes are drawn by name from the real arms.
    none, women = (
        mails.loc[mails["segment"] == arm, "visit"].to_numpy() for arm in ("No E-Mail", "Womens E-Mail")
    )
    p0, p1 = none.mean(), women.mean()
    assert (round(p0, 3), round(p1, 3)) == (0.106, 0.151)
    n0, n1 = sizes(p0, p1, 3)
    shown = 0
    for name in range(NAMES):
        first = np.argsort(uniform(f"held out {name}", np.arange(len(none))))[:n0]
        second = np.argsort(uniform(f"treated {name}", np.arange(len(women))))[:n1]
        shown += seen(none[first].sum(), n0, women[second].sum(), n1)
    assert abs(shown / NAMES - 0.8) < 0.06  # three standard errors


def test_the_design_of_this_campaign_would_have_held_out_a_few_hundred(mails):
    p0 = mails.loc[mails["segment"] == "No E-Mail", "visit"].mean()
    made = design(Question(len(mails), p0, 0.045))
    assert 400 < made.held_out < 500  # the real campaign held out 21 306
    assert made.forgone < 25


def test_what_was_exchanged_shows_what_the_other_mail_does(mails):
    """Of like people some get each version; what those who exchanged visited, by inverse probabilities, is each version's real rate."""
    arms = ["No E-Mail", "Mens E-Mail", "Womens E-Mail"]
    rates = [mails.loc[mails["segment"] == arm, "visit"].mean() for arm in arms]
    numbers, chance = np.arange(400_000), np.random.default_rng(7)
    chosen = (numbers % 3).astype(int)
    made = explore("mails", numbers, numbers % 10, chosen, lambda one, _: np.ones(len(one), bool), 0.3)
    visits = chance.random(len(numbers)) < np.array(rates)[made.option]
    for option, rate in enumerate(rates):
        mine = made.by_chance & (made.option == option)
        error = np.sqrt(rate * (1 - rate) / mine.sum())
        assert abs(visits[mine].mean() - rate) < 4 * error
        kept = made.possible & (chosen == option)
        terms = np.where(made.option[kept] == option, visits[kept] / made.propensity[kept], 0.0)
        assert abs(terms.mean() - rate) < 4 * terms.std() / np.sqrt(len(terms))


def test_the_real_customers_are_split_into_control_holdout_and_contacted(mails):
    day = pd.Timestamp("2026-07-01").date()
    experiment = Experiment(name="mails", start=day, end=day, holdout=0.1, universal=UniversalControl(0.02))
    codes = experiment.assign(np.arange(len(mails)), pd.factorize(mails["history_segment"])[0])
    counts = pd.Series(codes).value_counts()
    assert abs(counts[-2] / len(mails) - 0.02) < 0.002
    assert counts[-1] == round((len(mails) - counts[-2]) * 0.1)


def test_the_mails_raised_visits_as_much_as_is_known(real_data):
    """Men's mail +7.66 +- 0.66 points, women's +4.52 +- 0.63, each by itself at 95 %."""
    question = usecases.Question(arm="segment", control="No E-Mail", outcomes=(Outcome("visit"),))
    made = measure(of_file(real_data / "hillstrom" / "hillstrom.csv"), question)
    men, women = (one.difference for one in made.outcomes[0].comparisons)
    for one, value, half in ((men, 7.66, 0.66), (women, 4.52, 0.63)):
        assert round(one.value * 100, 2) == value
        assert round((one.high - one.low) * 50, 2) == half


def test_an_arm_that_lost_rows_is_refused(real_data, mails, tmp_path):
    """Where those who did not visit are lost from one arm, the comparison would be very wrong; the sizes betray it."""
    lost = (mails["segment"] == "Mens E-Mail") & (mails["visit"] == 0) & (mails.index % 4 == 0)
    mails[~lost].to_csv(tmp_path / "lost.csv", index=False)
    question = usecases.Question(arm="segment", control="No E-Mail", outcomes=(Outcome("visit"),))
    with pytest.raises(SampleRatioMismatch):
        measure(of_file(tmp_path / "lost.csv"), question)


@pytest.fixture(scope="module")
def studies(real_data):
    """Whom each mail moves, learnt from all that was known before."""
    source = of_file(real_data / "hillstrom" / "hillstrom.csv")
    question = usecases.Question(arm="segment", control="No E-Mail", outcomes=(Outcome("visit"),))
    return {
        arm: uplift_study(source, UpliftQuestion(question=question, treated=arm), Silent())
        for arm in ("Womens E-Mail", "Mens E-Mail")
    }


@pytest.mark.prove
def test_whom_the_womens_mail_moves_is_found_better_than_by_response(studies):
    study = studies["Womens E-Mail"]
    found = {one.name: one.relative.value for one in study.judged.rankings}
    assert found["s"] >= 0.29
    assert study.chosen.relative.low > 0.15
    assert found["response"] == pytest.approx(0.19, abs=0.04)
    assert study.justified
    assert [str(one).split()[0] for one in study.left_out] == ["conversion", "spend"]


@pytest.mark.prove
def test_no_ranking_by_effect_beats_sending_the_mens_mail_to_all(studies):
    study = studies["Mens E-Mail"]
    assert not study.justified
    for one in study.judged.rankings[:3]:
        assert one.relative.low < -0.01  # not by a hair
    assert study.judged.ahead["response"].value < 0
    assert not study.some_put_off
    assert "No ranking by effect beats contacting all" in str(verdict_words(study))
