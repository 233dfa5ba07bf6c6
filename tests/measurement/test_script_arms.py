"""Scripts as arms: what is told of them, and how often that is wrong where all are equal, whatever day one looks."""

from dataclasses import replace
from datetime import UTC

import numpy as np
import pytest
from tests.measurement.launched import called, put_events
from tests.measurement.test_measuring import END, started
from tests.proving import some_of

from telewave.halls.hall_records import HallCounts
from telewave.kernel.intervals import wilson
from telewave.measurement.page import measured_page
from telewave.measurement.report import object_of
from telewave.measurement.script_arms import ArmCalls, ArmVerdict, compared_arms
from telewave.measurement.split_words import FEW, hall_rows, script_rows, script_words
from telewave.measurement.usecases import measure
from telewave.platform.languages import LANGUAGES, render

NAMES = ("plain", "saving", "device")


def calls(draw, chances, n=3_000, days=20):
    """Calls with the scripts drawn by lot; `chances`: of being willing, by script. Days and groups have levels of their
    own, which a comparison that forgets them would take for the scripts'.
    """
    arm, day, group = draw.integers(0, len(chances), n), draw.integers(0, days, n), draw.integers(0, 3, n)
    level = (0.5 + day / days) * (0.5 + group / 2)
    willing = draw.random(n) < np.minimum(np.array(chances)[arm] * level, 1)
    return ArmCalls(arm=arm, day=day, group=group, willing=willing)


def test_a_script_that_makes_twice_as_many_willing_is_found_and_told_in_words():
    found = compared_arms(calls(np.random.default_rng(1), (0.05, 0.05, 0.12)), NAMES)
    assert (found[0].name, found[0].verdict) == ("device", ArmVerdict.BETTER)
    assert found[0].chance < 0.05
    assert sum(one.willing for one in found) == pytest.approx(sum(one.expected for one in found))
    assert found[0].share == wilson(found[0].willing, found[0].reached)


def test_whose_script_a_good_day_or_group_had_is_not_its_merit():
    """One script has the best group alone, in which it does as well as another: nothing is to be told."""
    draw = np.random.default_rng(2)
    n = 2_000
    arm = draw.integers(0, 2, n)
    group = np.where(arm == 1, 1, draw.integers(0, 2, n))
    willing = draw.random(n) < np.where(group == 1, 0.2, 0.04)
    found = compared_arms(ArmCalls(arm=arm, day=np.zeros(n, int), group=group, willing=willing), NAMES[:2])
    assert found[0].share.low > found[1].share.high  # a raw comparison would be sure
    assert {one.verdict for one in found} == {ArmVerdict.OPEN}


def test_with_too_few_calls_nothing_is_told():
    few = compared_arms(calls(np.random.default_rng(3), (0.05, 0.05, 0.05), n=60), NAMES)
    assert {(one.verdict, one.chance) for one in few} == {(ArmVerdict.TOO_FEW, None)}
    alone = compared_arms(calls(np.random.default_rng(3), (0.3,), n=600), NAMES[:1])
    assert [one.verdict for one in alone] == [ArmVerdict.TOO_FEW]
    nothing = np.zeros(0, int)
    assert compared_arms(ArmCalls(arm=nothing, day=nothing, group=nothing, willing=nothing), NAMES) == ()


@pytest.mark.parametrize("block", some_of(range(20), 1))
def test_equal_scripts_are_told_apart_in_at_most_five_of_a_hundred_campaigns(block):
    """100 campaigns with six equal scripts each; the test takes three standard errors of 100 beyond 5 %."""
    draw = np.random.default_rng([7, block])
    names = tuple("abcdef")
    wrong = 0
    for _ in range(100):
        found = compared_arms(calls(draw, (0.08,) * 6, n=1_500), names)
        wrong += any(one.verdict in (ArmVerdict.BETTER, ArmVerdict.WORSE) for one in found)
    assert wrong <= 100 * 0.05 + 3 * np.sqrt(100 * 0.05 * 0.95)


def test_more_arms_ask_for_more_evidence():
    """The same difference among two scripts and among two and eight idle ones of the same level."""
    draw = np.random.default_rng(5)
    pair = calls(draw, (0.05, 0.08), n=2_400)
    others = calls(draw, (0.065,) * 8, n=9_600)
    many = ArmCalls(
        arm=np.concatenate([pair.arm, others.arm + 2]),
        day=np.concatenate([pair.day, others.day]),
        group=np.concatenate([pair.group, others.group]),
        willing=np.concatenate([pair.willing, others.willing]),
    )
    two = {one.name: one.chance for one in compared_arms(pair, ("a", "b"))}
    ten = {one.name: one.chance for one in compared_arms(many, tuple("abcdefghij"))}
    assert two["b"] < ten["b"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_scripts_and_halls_stand_on_the_page_and_in_the_object(warehouse, database):
    _, _, free = started(warehouse, database)
    script = {0: "plain", 2: "saving", 1: "device"}
    even = [int(n) for n in free if n % 2 == 0]
    willing = {n for n in even if (script[n % 3] == "saving" and n % 4 == 0) or n % 50 == 0}
    made = [
        called(n, n % 7, disposition="willing" if n in willing else "refused", script=script[n % 3])
        for n in even
    ]
    put_events(warehouse, "contacts", made, "contacted_at")
    found = measure(warehouse, database, "spring", END, zone=UTC)
    saving = next(one for one in found.scripts if one.name == "saving")
    assert (saving.reached, saving.willing) == (
        len([n for n in even if n % 3 == 2]), len([n for n in willing if n % 3 == 2]),
    )  # fmt: skip
    assert saving.verdict is ArmVerdict.BETTER
    found = replace(found, halls=(HallCounts("North", 40, 18, 15), HallCounts("South", 4, 2, 1)))
    told = object_of(found)
    assert told["scripts"]["saving"]["verdict"] == "better"
    assert told["halls"]["South"] == {"reservations": 4, "came": 2, "ordered": 1}
    assert hall_rows(found)[1][-1].shown == FEW
    assert len(script_rows(found)) == 3
    for language in LANGUAGES:
        page = measured_page(found, language)
        for sentence in (*script_words(found), FEW):
            assert render(sentence, language) in page
        assert "North" in page
