"""The verdict on a model goes with its version, and only a reason overrules it."""

from dataclasses import replace

import pytest

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.models.model import Trust
from telewave.models.verdict import (
    LEARN_ELSE,
    TRAIN_ON_LATER,
    Despite,
    ModelNotToBeUsed,
    NoReasonGiven,
    refuse_unless_despite,
    verdict_of,
)


def auc(value, low):
    return Estimate(value=value, low=low, high=1.0, n=1_000, method="test")


def judged(card, refreshed, stale):
    """The card with these AUCs, refreshed and trained once; None: not judged so."""
    validation = card.validation
    old = validation.trained_once or validation.refreshed
    return replace(
        card,
        version=3,
        validation=replace(
            validation,
            refreshed=replace(validation.refreshed, auc=refreshed),
            trained_once=None if stale is None else replace(old, auc=stale),
            warnings=(),
        ),
    )


GOOD, WEAK, CHANCE = auc(0.8, 0.75), auc(0.53, 0.51), auc(0.6, 0.45)


@pytest.mark.parametrize("stale", [WEAK, CHANCE])
def test_a_model_that_fails_when_trained_once_is_told_to_leave_the_foreign_past_out(toy, stale):
    verdict = verdict_of(judged(toy[1].card, GOOD, stale))
    assert verdict.stops
    assert verdict.remedies == (TRAIN_ON_LATER,)
    assert (verdict.name, verdict.version) == ("toy", 3)


@pytest.mark.parametrize("refreshed", [WEAK, CHANCE])
def test_a_model_that_fails_even_when_refreshed_is_told_to_learn_something_else(toy, refreshed):
    verdict = verdict_of(judged(toy[1].card, refreshed, WEAK))
    assert verdict.remedies == (LEARN_ELSE,)
    assert len(verdict.why) == 2


def test_a_model_that_holds_has_nothing_against_it(toy):
    verdict = verdict_of(judged(toy[1].card, GOOD, None))
    assert (verdict.trust, verdict.why, verdict.remedies) == (Trust.NONE_AGAINST, (), ())
    assert refuse_unless_despite(verdict, None) is None
    assert refuse_unless_despite(verdict, "it is needed") is None


def test_what_could_not_be_judged_calls_for_caution(toy):
    card = judged(toy[1].card, Inconclusive(Message("too few")), None)
    assert verdict_of(card).trust is Trust.CAUTION


def test_a_model_not_to_be_used_is_refused_by_name_and_version_with_the_way_out(toy):
    verdict = verdict_of(judged(toy[1].card, WEAK, None))
    with pytest.raises(ModelNotToBeUsed, match=r"toy, version 3.*AUC 0\.53.*--despite-verdict"):
        refuse_unless_despite(verdict, None)


def test_a_reason_is_kept_with_what_it_overrules(toy):
    verdict = verdict_of(judged(toy[1].card, WEAK, None))
    decided = refuse_unless_despite(verdict, "  a pilot of 200 calls ")
    assert decided == Despite("toy", 3, verdict.why, "a pilot of 200 calls")


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_reason_is_none(toy, blank):
    with pytest.raises(NoReasonGiven):
        refuse_unless_despite(verdict_of(judged(toy[1].card, WEAK, None)), blank)
