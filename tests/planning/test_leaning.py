"""A plan that tells people apart by what is on record of them: where a funnel says so, the same in blocks, and explained as planned."""

from dataclasses import replace

import numpy as np
import pytest
from tests.funnel.test_persons import contacts
from tests.planning.planned import AS_OF, made_plan, told_of
from tests.planning.test_appetite import FILE
from tests.planning.test_learnt_effects import OPEN, funnel, told

from telewave.briefs.campaign_file import parse_campaign
from telewave.briefs.model import ByPerson, OrdersCaused
from telewave.features.usecases import open_wide
from telewave.funnel.model import Speaker
from telewave.funnel.persons import learnt
from telewave.funnel.steps import Step
from telewave.funnel.willing import Foretold, Through, Willing
from telewave.kernel import Estimate
from telewave.planning.effect_words import effect_words
from telewave.planning.leaning import persons_of, place_of, told_apart
from telewave.planning.learnt_effects import with_learnt
from telewave.planning.next_rules import effects_written
from telewave.planning.options import chances, options_of
from telewave.planning.sensitivity import _with_effect
from telewave.platform.languages import render


def sure(value):
    return Estimate(value=value, low=value, high=value, n=900, method="")


def willing(better=True, channel="outbound_call"):
    heard, _ = contacts(1)
    traits = {"age": heard.traits["age"], "arpu": np.exp(heard.traits["noise"]) * 60}
    through = Through(
        channel=channel, covers=(Step.WILLING,), heard=sure(0.3), closes=sure(0.5), anyway=1.0, records=3_000,
        willing=150, levels=(0.02, 0.01, 0.001),
    )  # fmt: skip
    gain = Estimate(value=0.01, low=0.005 if better else -0.005, high=0.02, n=3_000, method="")
    judged = Foretold(gain=gain, loss=0.2, households=2_000, tenths=())
    other = replace(through, channel="sms")
    return Willing(
        weights=learnt(replace(heard, traits=traits), 2), channels=(through, other), foretold=judged
    )


GROUPS = (told("core", 0.02), told("normal", 0.004), told("basic", 0.001))


def test_persons_are_told_apart_where_later_contacts_bear_it_out_and_no_lot_decided():
    brief, known = parse_campaign(OPEN), funnel(*GROUPS)
    found = with_learnt(brief, replace(known, willing=willing()))
    effect = found.channels[0].effect
    assert found.willing is not None
    assert (effect.core, effect.basic) == (0.02, 0.001)
    assert "150 willing of 3,000 who heard" in render(effect_words("calls", effect), "en")
    assert effects_written(found)[brief.channels[0].id]["by_person"]["heard"] == 0.3
    assert found.digest != brief.digest
    by_lot = (told("core", 0.02, speaker=Speaker.RANDOMISED), *GROUPS[1:])
    for other in (
        replace(known, willing=willing(better=False)),
        funnel(*by_lot),
        replace(funnel(*by_lot), willing=willing()),
    ):
        assert with_learnt(brief, other).willing is None
    assert with_learnt(parse_campaign(FILE), replace(known, willing=willing())).willing is None, (
        "the file states it"
    )


@pytest.fixture
def apart(campaign):
    """The campaign with people told apart in its first channel that calls."""
    whole = willing()
    effect = OrdersCaused(core=0.02, normal=0.01, basic=0.001, by_person=ByPerson(through=whole.channels[0]))
    channels = tuple(
        replace(one, effect=effect) if one.id == "outbound_call" else one for one in campaign.channels
    )
    return replace(campaign, channels=channels, willing=whole)


def test_a_plan_counts_each_person_as_the_funnel_says_and_explains_him_so(warehouse, database, apart):
    made = made_plan(warehouse, database, apart).proposal
    base, number = made.base, [one.id for one in apart.channels].index("outbound_call")
    people = persons_of(warehouse, apart, open_wide(warehouse, AS_OF).relation, AS_OF, base)
    lower = told_apart(apart, people)
    assert np.isnan(np.delete(lower, number, axis=1)).all()
    assert np.array_equal(lower, base.willing, equal_nan=True)
    columns = people.columns(apart.willing, slice(None))
    mean, error = apart.willing.weights.log_odds(columns, 0)
    assert np.allclose(lower[:, number], mean - error, atol=1e-5)
    gained = 0.3 * 0.5 * np.maximum(0, 1 / (1 + np.exp(-(mean - error))) - made.chance.organic)
    assert np.allclose(made.chance.gain[:, number], gained, atol=1e-6)
    options = options_of(apart, made.options.offers)
    assert np.array_equal(chances(base, apart, options, block=97).gain, chances(base, apart, options).gain)
    row = int(np.flatnonzero(base.reachable[:, number])[0])
    said = told_of(warehouse, database, apart, int(base.subscriber[row]))
    named = {(str(made.options.offers[o.offer].id), apart.channels[o.channel].id, apart.phases[o.phase].id): j
             for j, o in enumerate(made.options.options)}  # fmt: skip
    for one in said.options:
        assert one.value == pytest.approx(float(made.problem.values[row, named[one.ids]]), rel=1e-4, abs=1e-5)
    first, terms = (render(one, "en") for one in said.leaning)
    assert f"{1 / (1 + np.exp(-float(mean[row]))):.2%} in the middle" in first
    assert "Age x" in terms


def test_of_whom_nothing_is_known_his_group_decides_and_an_assumption_is_tried_on_persons_too(
    campaign, apart, warehouse, database
):
    made = made_plan(warehouse, database, apart).proposal
    number = [one.id for one in apart.channels].index("outbound_call")
    options = options_of(apart, made.options.offers)
    blank = replace(made.base, willing=np.full_like(made.base.willing, np.nan))
    unknown = replace(made.base, willing=None)
    by_group = chances(unknown, apart, options).gain[:, number]
    assert np.array_equal(chances(blank, apart, options).gain[:, number], by_group)
    more = _with_effect(apart, number, 1.5)
    mine = chances(made.base, apart, options).gain[:, number]
    assert np.allclose(chances(made.base, more, options_of(more, options.offers)).gain[:, number], 1.5 * mine)
    assert place_of(apart, apart.willing, number) == 0
    assert place_of(campaign, apart.willing, number) is None
