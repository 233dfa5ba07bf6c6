"""What the benchmarks judge by: bars, and causes against what is none. Not how fast anything is."""

import pytest
from bench.measuring import kept
from bench.ranking import CASE, CAUSES_BESIDE, SHOW_CAUSES, exceeding, stem

from telewave.features.catalogue import FEATURES


@pytest.mark.parametrize(("found", "verdict"), [(0.5, "kept"), (1.0, "kept"), (1.001, "MISSED")])
def test_a_bar_is_kept_up_to_itself_and_a_miss_is_printed_and_told(found, verdict, capsys):
    assert kept("wide table / plain", found, 1.0) is (verdict == "kept")
    assert verdict in capsys.readouterr().out


def test_a_cause_that_is_not_above_every_measure_that_is_none_is_named_with_those_above_it():
    assert exceeding({"age": 0.2, "calls": 0.1}, {"gender": 0.1, "district": 0.3}) == {
        "age": ["district"], "calls": ["gender", "district"],
    }  # fmt: skip
    assert exceeding({"age": 0.2}, {"gender": 0.1}) == {}


def test_the_measures_that_are_set_apart_are_measures_of_the_catalogue():
    known = {stem(feature.name) for feature in FEATURES}
    assert {*CASE} | CAUSES_BESIDE | SHOW_CAUSES <= known
    assert not {*CASE} & (CAUSES_BESIDE | SHOW_CAUSES)
