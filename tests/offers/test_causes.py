"""Findings merged by their cause: every finding once, three decisions first, the page short enough to be read."""

from collections import Counter

import pytest
from tests.offers.test_consistency import CASE, OF_THE_CASE, WEB, catalogue, counted, offer
from tests.page_text import words_of

from telewave.kernel import Inconclusive
from telewave.offers.bench import bench
from telewave.offers.causes import CauseKind, causes
from telewave.offers.classes import Market
from telewave.offers.consistency import judged
from telewave.offers.page import consistency_page
from telewave.offers.usecases import check_catalogue
from telewave.platform.languages import render
from telewave.platform.pages.library import library_is_there


def of(small, market=None):
    ground = bench(small, market or Market())
    return causes(ground, judged(ground))


def test_every_finding_of_the_case_is_in_one_cause():
    found = of(CASE)
    assert sum(cause.number for cause in found) == len(OF_THE_CASE) == 23
    kinds = Counter(cause.kind for cause in found)
    assert kinds == {CauseKind.RIVALS: 6, CauseKind.IDLE: 1, CauseKind.UNSERVED: 1}


def test_the_first_three_are_three_different_decisions_and_the_others_follow_by_what_is_at_stake():
    found = of(CASE, counted())
    assert len({cause.kind for cause in found[:3]}) == 3
    assert [c.urgency for c in found[:3]] == sorted((c.urgency for c in found[:3]), reverse=True)
    assert [c.urgency for c in found[3:]] == sorted((c.urgency for c in found[3:]), reverse=True)


def test_two_channels_at_odds_are_one_cause_with_the_widest_difference_each_way():
    found = of(catalogue(offer("a", 100), offer("b", 130, WEB), offer("c", 120, WEB)))
    (rivals,) = [cause for cause in found if cause.kind is CauseKind.RIVALS]
    (line,) = rivals.evidence
    assert render(line, "en").startswith("“a” is up to 20 yuan cheaper than “c”")


def test_policies_that_nobody_needs_are_one_cause_and_each_is_named_once_to_be_withdrawn():
    (idle,) = of(catalogue(offer("a", 100), offer("b", 130), offer("c", 130), offer("d", 160)))
    assert idle.kind is CauseKind.IDLE
    said = render(idle.suggestion, "en")
    assert [said.split(".")[0].count(f"“{name}”") for name in "abcd"] == [0, 1, 1, 1]
    assert render(idle.title, "en").endswith("(3)")


def test_a_cause_counts_nobody_twice():
    found = of(CASE, counted())
    everybody = 1_050
    known = [c.stake.affected for c in found if not isinstance(c.stake.affected, Inconclusive)]
    assert known
    assert all(affected <= everybody for affected in known)


def test_a_policy_that_nobody_may_have_is_a_cause():
    found = of(catalogue(offer("a", 100), offer("b", 90, rule="has_mobile = true and has_mobile = false")))
    assert [c.kind for c in found] == [CauseKind.UNSOLD]


def test_without_findings_there_is_no_cause():
    assert of(catalogue(offer("a", 100))) == ()


@pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_page_is_within_four_thousand_words(language):
    for market in (None, counted()):
        page = consistency_page(check_catalogue(CASE, market), language)
        assert words_of(page) <= 4_000
