"""What a reader is warned of before trusting a model, and what nobody is warned of needlessly."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.models.worlds import NOW, quick, sigmoid, table_of

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.models.drift import drift_warnings
from telewave.models.model import CalibrationBin, Fold, RankingQuality, Trust, Validation
from telewave.models.training import train
from telewave.models.validation import Forward, validated
from telewave.models.verdict import TRAIN_ON_LATER, verdict_of
from telewave.platform.progress import Silent

UNKNOWN = Inconclusive(Message("too few"))


def auc(value, wide=0.02):
    return Estimate(value=value, low=value - wide, high=value + wide, n=1_000, method="bootstrap")


def judged(area, n=1_000, takers=100, predicted=0.1):
    """A ranking of AUC `area` whose probabilities are `predicted` on average."""
    observed = Estimate(value=takers / n, low=0.0, high=1.0, n=n, method="Wilson")
    some = UNKNOWN
    return RankingQuality(
        n=n,
        takers=takers,
        auc=area,
        average_precision=some,
        lift_best_tenth=some,
        gain_best_half=some,
        brier=some,
        gain=(),
        lift_by_tenth=(),
        calibration=(CalibrationBin(predicted, observed, n),),
    )


def folds(*areas):
    return tuple(Fold(str(k), 1_000, judged(area)) for k, area in enumerate(areas))


def steady(rows=2_000, early=0.1, late=0.1, weight=1.0):
    """Rows whose share of takers is `early` in the first half of the time and `late` in the second."""
    half = rows // 2
    place = np.arange(half)
    label = np.concatenate([place < early * half, place < late * half])
    return table_of({"x": pa.nulls(rows, pa.float64())}, label, other_weight=weight)


def told(table=None, parts=None, refreshed=None, stale=None):
    refreshed = refreshed or judged(auc(0.75))
    parts = parts or folds(auc(0.75), auc(0.74))
    return [w.template for w in drift_warnings(table or steady(), parts, refreshed, stale)]


def test_nothing_is_said_of_a_steady_good_model():
    assert told(stale=judged(auc(0.74))) == []
    assert told() == []


def test_a_model_that_is_no_better_than_chance_when_trained_once_is_not_to_be_used_without_refresh():
    (warning,) = told(stale=judged(auc(0.51)))
    assert warning.startswith("Drift: a model trained once on the first half")
    assert "Do not use it without refreshing it." in warning


def test_a_model_that_falls_clearly_behind_is_to_be_refreshed():
    (warning,) = told(stale=judged(auc(0.70)))
    assert warning.endswith("Refresh it regularly.")


@pytest.mark.parametrize(
    "stale",
    [auc(0.74, wide=0.001), auc(0.70, wide=0.06), auc(0.77), UNKNOWN],
    ids=["behind by little", "behind by chance", "ahead by little", "unknown"],
)
def test_a_model_trained_once_that_is_not_clearly_worse_is_not_warned_of(stale):
    refreshed = judged(auc(0.75, wide=0.005))
    assert told(refreshed=refreshed, stale=judged(stale)) == []


def test_a_refreshed_model_that_ranks_clearly_worse_than_one_trained_once_is_warned_of():
    (warning,) = told(refreshed=judged(auc(0.75)), stale=judged(auc(0.82)))
    assert warning.startswith("Refreshing made the ranking worse")


def test_a_model_trained_once_that_is_hardly_better_than_chance_is_not_to_be_used_without_refresh():
    (warning,) = told(stale=judged(auc(0.53)))
    assert "hardly better than chance" in warning
    assert "Do not use it without refreshing it." in warning


def test_a_model_hardly_better_than_chance_even_when_refreshed_is_not_to_be_used():
    (warning,) = told(refreshed=judged(auc(0.53)), parts=folds(auc(0.53), auc(0.53)))
    assert warning.endswith("hardly better than chance (AUC {auc:.2f}). Do not use it.")


@pytest.mark.parametrize(("takers", "wide"), [(37, 0.02), (400, 0.06)], ids=["few takers", "a wide interval"])
def test_thin_evidence_is_said_to_be_thin(takers, wide):
    (warning,) = told(refreshed=judged(auc(0.75, wide), takers=takers, predicted=takers / 1_000))
    assert warning.startswith("The evidence is thin: only {takers} takers")


@pytest.mark.parametrize(
    ("refreshed", "stale", "warnings", "trust"),
    [
        (auc(0.75), auc(0.74), (), Trust.NONE_AGAINST),
        (auc(0.75), None, (Message("something"),), Trust.CAUTION),
        (UNKNOWN, None, (), Trust.CAUTION),
        (auc(0.75), auc(0.53), (), Trust.STOP),
        (auc(0.51), auc(0.74), (), Trust.STOP),
    ],
    ids=[
        "nothing against it",
        "warned of",
        "not judged",
        "trained once near chance",
        "no better than chance",
    ],
)
def test_how_far_a_model_may_be_used_follows_from_its_ranking_and_its_warnings(
    toy, refreshed, stale, warnings, trust
):
    validation = Validation(
        folds=folds(auc(0.75)),
        refreshed=judged(refreshed),
        trained_once=judged(stale) if stale else None,
        warnings=warnings,
    )
    assert replace(toy[1].card, validation=validation).trust is trust


def test_where_rows_were_resampled_predicted_and_observed_are_shares_of_everybody():
    """Half of the rows took the offer, each other stands for 49; what is predicted is right for everybody."""
    observed = Estimate(value=0.02, low=0.0, high=1.0, n=1_000, method="Wilson")
    bins = (CalibrationBin(0.02, observed, 1_000),)
    quality = replace(judged(auc(0.75), takers=500), calibration=bins)
    assert told(steady(weight=49.0), refreshed=quality) == []


def test_a_model_that_is_no_better_than_chance_even_when_refreshed_is_not_to_be_used():
    (warning,) = told(refreshed=judged(auc(0.51)), parts=folds(auc(0.51), auc(0.5)))
    assert warning.endswith("Do not use it.")


@pytest.mark.parametrize(("early", "late"), [(0.05, 0.2), (0.2, 0.05)])
def test_a_share_of_takers_that_moves_is_warned_of_both_ways(early, late):
    (warning,) = drift_warnings(
        steady(early=early, late=late), folds(auc(0.7), auc(0.7)), judged(auc(0.7)), None
    )
    assert warning.values == {"before": pytest.approx(early), "after": pytest.approx(late)}


@pytest.mark.parametrize(
    ("rows", "early", "late"), [(200, 0.1, 0.15), (200_000, 0.1, 0.11)], ids=["by chance", "by little"]
)
def test_a_share_of_takers_that_moves_by_chance_or_by_little_is_not_warned_of(rows, early, late):
    assert told(steady(rows, early, late)) == []


def test_the_share_of_takers_is_that_of_the_population_where_others_were_sampled():
    (warning,) = drift_warnings(
        steady(early=0.05, late=0.3, weight=10.0), folds(auc(0.7), auc(0.7)), judged(auc(0.7)), None
    )
    assert warning.values["before"] == pytest.approx(0.05 / (0.05 + 0.95 * 10))
    assert warning.values["after"] == pytest.approx(0.3 / (0.3 + 0.7 * 10))


@pytest.mark.parametrize("predicted", [0.05, 0.2])
def test_probabilities_too_low_or_too_high_are_warned_of(predicted):
    (warning,) = told(refreshed=judged(auc(0.75), predicted=predicted))
    assert warning.startswith("The probabilities are off")


@pytest.mark.parametrize(
    ("takers", "predicted"), [(4, 0.006), (100, 0.12)], ids=["few takers", "a fifth too high"]
)
def test_probabilities_off_by_chance_or_by_little_are_not_warned_of(takers, predicted):
    said = told(refreshed=judged(auc(0.75), takers=takers, predicted=predicted))
    assert [w for w in said if not w.startswith("The evidence is thin")] == []


def test_a_ranking_that_knows_when_and_not_who_is_warned_of():
    (warning,) = told(parts=folds(auc(0.6), auc(0.62)))
    assert "a matter of when, not who" in warning


def test_steps_whose_ranking_is_unknown_say_nothing_of_when_and_who():
    assert told(parts=folds(UNKNOWN, UNKNOWN)) == []
    assert told(parts=folds(auc(0.6), UNKNOWN)) == []


def test_a_single_step_is_said_to_be_one():
    (warning,) = told(parts=folds(auc(0.75)))
    assert warning.startswith("Only one later period")


def test_a_model_of_an_effect_that_fades_into_another_is_better_refreshed_and_the_reader_is_told():
    """What matters moves slowly from `old` to `new`: trained once the model looks at the wrong one."""
    rng = np.random.default_rng(0)
    n = 12_000
    old, new, share = rng.standard_normal(n), rng.standard_normal(n), np.linspace(0, 1, n)
    label = rng.random(n) < sigmoid(-1.5 + 1.5 * ((1 - share) * old + share * new))
    forward = Forward(train_rows=3_000, step=1_500, window=3_000)
    table = table_of({"old": old, "new": new}, label)
    validation = train(table, name="m", seed=1, now=NOW, options=quick(forward=forward)).card.validation
    assert validation.refreshed.auc.low > validation.trained_once.auc.high
    assert any(w.template.endswith("Refresh it regularly.") for w in validation.warnings)


def test_a_table_that_does_not_drift_brings_no_warning_at_all():
    rng = np.random.default_rng(2)
    x = rng.standard_normal(9_000)
    table = table_of({"x": x}, rng.random(9_000) < sigmoid(x - 2))
    knows = lambda _: lambda rows: rows.rows["x"].to_numpy() - 2  # noqa: E731
    validation, _ = validated(table, knows, Forward(3_000, 1_500), seed=0, progress=Silent())
    assert validation.warnings == ()


def test_the_remedy_that_a_stop_names_lifts_it():
    """Trained on what came after the change only, a model that turned round in the middle holds."""
    n, rng = 6_000, np.random.default_rng(3)
    x = rng.normal(size=n)
    label = rng.random(n) < sigmoid(-1.5 + np.where(np.arange(n) < n // 2, 1.5, -1.5) * x)
    options = quick(forward=Forward(step=500, window=1_000), keep=frozenset({"x"}))

    def verdict(rows):
        table = table_of({"x": x[rows]}, label[rows])
        return verdict_of(train(table, name="turned", seed=1, now=NOW, options=options).card)

    stopped = verdict(slice(None))
    assert stopped.stops
    assert stopped.remedies == (TRAIN_ON_LATER,)
    assert not verdict(slice(n // 2, None)).stops
