"""What a funnel says of contacts becomes the campaign's effects, and nothing that the file states is touched."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.test_appetite import FILE
from tests.planning.test_proposal import OFFERS

from telewave.briefs.campaign_file import parse_campaign
from telewave.briefs.model import BELIEVED
from telewave.choice.terms import NEW_NUMBER, TRUE_COST
from telewave.customers.base import CELLS
from telewave.funnel.assumptions import belief
from telewave.funnel.model import Cell, Effect, Funnel, Question, Source, Speaker, StepChance
from telewave.funnel.steps import Step
from telewave.funnel.store import FUNNELS
from telewave.kernel import Estimate
from telewave.planning.caveats import _choice_rests_on
from telewave.planning.effect_words import effect_words
from telewave.planning.learnt_effects import falling, with_learnt, with_learnt_choice
from telewave.planning.taste import by_terms
from telewave.planning.usecases import FunnelWithoutGroups, learnt
from telewave.platform.clock import Clock
from telewave.platform.languages import render
from telewave.platform.yaml_files import YamlMistake

STATED = "effect: {orders_caused: {core: 1.5 %, normal: 0.5 %, basic: 0.1 %}}"
OPEN = FILE.replace(STATED, "records: outbound_call").replace("choice:", "funnel: spring\nchoice:")


def told(group, value, *, n=900, speaker=Speaker.ADJUSTED, channel="outbound_call"):
    figure = Estimate(value=value, low=value, high=value, n=n, method="")
    return Effect(
        channel=channel, group=group, speaker=speaker, estimate=figure, process=figure, organic=None,
        contacted=n, alone=n, beyond=None,
    )  # fmt: skip


def funnel(*effects):
    asked = Question(since=date(2026, 1, 1), as_of=date(2026, 3, 1), days=30)
    return Funnel(name="spring", version=2, question=asked, contacts=2_700, cells=(), effects=effects)


def test_an_effect_that_is_not_stated_is_believed_until_a_funnel_tells_it():
    brief = parse_campaign(OPEN)
    believed = brief.channels[0].effect
    assert (believed.core, believed.basic) == (pytest.approx(0.015), pytest.approx(0.001, rel=0.01))
    assert believed.rests_on == BELIEVED
    assert "funnel learn" in render(effect_words("calls", believed), "en")
    learnt = with_learnt(brief, funnel(told("core", 0.02), told("normal", 0.004), told("basic", -0.001)))
    effect = learnt.channels[0].effect
    assert (effect.core, effect.normal, effect.basic) == (0.02, 0.004, 0.0)
    said = render(effect_words("calls", effect), "en")
    assert "2,700 contacts of your own (adjusted; funnel spring, version 2)" in said
    assert learnt.digest != brief.digest


@pytest.mark.parametrize(("speaker", "added"), [(Speaker.ADJUSTED, 0.02), (Speaker.RANDOMISED, 0.3)])
def test_without_a_lot_a_contact_adds_no_more_than_went_through_its_steps(speaker, added):
    lucky = replace(told("core", 0.02, speaker=speaker), estimate=told("core", 0.3).estimate)
    found = with_learnt(parse_campaign(OPEN), funnel(lucky, told("normal", 0.004), told("basic", 0.001)))
    effect = found.channels[0].effect
    assert effect.core == added
    assert effect.rests_on.speaker == Speaker.ADJUSTED.label, "the least sure speaks for the channel"


def between(value, reach, n=900):
    return Estimate(value=value, low=value - reach, high=value + reach, n=n, method="")


def test_a_comparison_that_knows_less_than_the_steps_counts_less():
    loose = replace(told("core", 0.02), estimate=between(0.0, 0.03), process=between(0.02, 0.01))
    sure = replace(told("normal", 0.01), estimate=between(0.004, 0.00001), process=between(0.01, 0.001))
    found = with_learnt(parse_campaign(OPEN), funnel(loose, sure, told("basic", 0.001)))
    effect = found.channels[0].effect
    assert effect.core == pytest.approx(0.02 * 9 / 10 / 2), (
        "weights 1 / 9 and 1, and half of it is the lower end"
    )
    assert effect.normal == pytest.approx(0.004 * 0.9, rel=0.01)


@pytest.mark.parametrize("lucky", [1.0, 1.5])
def test_the_fewer_the_records_the_less_is_counted_of_what_a_comparison_shows(lucky):
    few, many = between(0.02, 0.015), between(0.02, 0.002)
    counted = []
    for process in (few, many):
        core = replace(told("core", 0.02), estimate=between(0.02 * lucky, 0.01), process=process)
        effect = (
            with_learnt(parse_campaign(OPEN), funnel(core, told("normal", 0.001), told("basic", 0.0)))
            .channels[0]
            .effect
        )
        counted.append(effect.core)
    assert counted == pytest.approx([0.005, 0.018])
    assert effect.rests_on.lower
    assert "lower end" in render(effect_words("calls", effect), "en")
    for speaker in (Speaker.RANDOMISED, Speaker.ASSUMED):
        loose = between(0.01, 0.008)
        known = tuple(
            replace(told(group, 0.01, speaker=speaker), estimate=loose, process=loose)
            for group in ("core", "normal", "basic")
        )
        stands = with_learnt(parse_campaign(OPEN), funnel(*known)).channels[0].effect
        assert (stands.core, stands.rests_on.lower) == (pytest.approx(0.01), False)


@pytest.mark.parametrize(
    ("last", "carried"),
    [
        ((((Step.WILLING,), 0.2), ((Step.ORDERED,), 0.4)), 0.4),
        ((((Step.WILLING, Step.ORDERED), 0.1),), belief("outbound_call", "core", Step.ORDERED).chance),
    ],
)
def test_who_would_have_ordered_anyway_and_did_so_through_the_contact_is_not_won(last, carried):
    heard = ((Step.REACHED,), 0.5), ((Step.LISTENS,), 0.6), *last
    steps = tuple(
        StepChance(
            covers=covers, estimate=between(value, 0.01), belief=between(value, 0.1), source=Source.RECORDS
        )
        for covers, value in heard
    )
    cell = Cell(channel="outbound_call", group="core", offer="", attempts=900, steps=steps)
    core = replace(told("core", 0.03), organic=between(0.02, 0.001))
    late = replace(told("normal", 0.001), organic=between(0.5, 0.001))
    known = replace(funnel(core, late, told("basic", 0.0)), cells=(cell,))
    effect = with_learnt(parse_campaign(OPEN), known).channels[0].effect
    assert effect.core == pytest.approx(0.03 - 0.5 * 0.6 * carried * 0.02)
    assert effect.normal == 0.0, "never below nothing"


@pytest.mark.parametrize("came_all", [True, False])
def test_where_only_visitors_are_on_record_an_invitation_wins_as_often_only_if_its_guest_comes(came_all):
    at_hall = OPEN.replace("records: outbound_call", "records: hall")
    chain = (
        [(Step.VISITED, Step.WILLING, Step.ORDERED)]
        if came_all
        else [(Step.VISITED,), (Step.WILLING, Step.ORDERED)]
    )
    steps = tuple(
        StepChance(
            covers=covers, estimate=between(0.1, 0.05), belief=between(0.1, 0.05), source=Source.RECORDS
        )
        for covers in chain
    )
    cell = Cell(channel="hall", group="core", offer="", attempts=900, steps=steps)
    effects = [
        told(group, value, channel="hall")
        for group, value in (("core", 0.1), ("normal", 0.05), ("basic", 0.01))
    ]
    found = with_learnt(parse_campaign(at_hall), replace(funnel(*effects), cells=(cell,))).channels[0].effect
    come = belief("hall", "", Step.VISITED).low if came_all else 1.0
    assert (found.core, found.basic) == (pytest.approx(0.1 * come), pytest.approx(0.01 * come))
    assert ("people who came" in render(effect_words("halls", found), "en")) == came_all


@pytest.mark.parametrize(
    "effects",
    [
        (),
        (told("core", 0.02), told("normal", 0.01)),
        tuple(told(group, 0.01, channel="sms") for group in ("core", "normal", "basic")),
        tuple(told(group, 0.01, n=0, speaker=Speaker.ASSUMED) for group in ("core", "normal", "basic")),
    ],
)
def test_what_the_funnel_does_not_tell_of_a_channel_stays_believed(effects):
    brief = parse_campaign(OPEN)
    assert with_learnt(brief, funnel(*effects)) == brief


def test_what_the_file_states_stands_whatever_was_learnt():
    brief = parse_campaign(FILE)
    assert with_learnt(brief, funnel(*(told(group, 0.3) for group in ("core", "normal", "basic")))) == brief


@given(st.lists(st.tuples(st.floats(-0.1, 0.9), st.floats(0.1, 50)), min_size=1, max_size=6))
def test_pooled_values_fall_and_keep_their_weighted_mean(pairs):
    values, weights = zip(*pairs, strict=True)
    values = [max(0.0, value) for value in values]
    found = falling(values, weights)
    assert all(a >= b - 1e-12 for a, b in pairwise(found))
    mean = sum(v * w for v, w in zip(values, weights, strict=True))
    assert sum(v * w for v, w in zip(found, weights, strict=True)) == pytest.approx(mean)


def test_a_channel_with_neither_effect_nor_records_is_told_with_its_line():
    with pytest.raises(YamlMistake, match=r"line 9: .*neither `effect` nor `records`"):
        parse_campaign(FILE.replace(", " + STATED, ""))


def choice_model(used):
    """As much of a choice model as a campaign takes."""
    figure = Estimate(value=-0.2, low=-0.3, high=-0.1, n=500, method="")
    return SimpleNamespace(
        name="spring",
        version=3,
        orders=500,
        verdict=SimpleNamespace(used=used),
        terms=(TRUE_COST, NEW_NUMBER),
        weights=(figure, replace(figure, value=0.1, high=0.3)),
        separated=(),
        policies=(SimpleNamespace(id=str(OFFERS[0].id), appeal=0.7), SimpleNamespace(id="x", appeal=0.0)),
        classes=(
            SimpleNamespace(
                cell=CELLS[2], weights=np.array([-0.5, 0.3]), covariance=np.diag([0.3, 0.1]) ** 2
            ),
        ),
    )


def test_a_choice_model_replaces_the_assumption_only_where_it_is_used():
    text = FILE.replace("price_elasticity: 2,", "price_elasticity: 2, learnt: spring,")
    brief = parse_campaign(text)
    assert brief.choice.learnt == "spring"
    kept = with_learnt_choice(brief, choice_model(used=False)).choice
    assert (kept.price_elasticity, kept.weights) == (2, None)
    assert "is not used" in str(_choice_rests_on(kept)[0])
    taken = with_learnt_choice(brief, choice_model(used=True)).choice
    assert taken.price_elasticity is None
    assert taken.weights == {"true_cost": 0.2, "new_number": -0.1, f"offer:{OFFERS[0].id}": -0.7}
    assert taken.by_class == {CELLS[2]: {"true_cost": 0.5, "new_number": -0.3, f"offer:{OFFERS[0].id}": -0.7}}
    assert taken.doubtful == {"new_number"}
    assert taken.doubtful_by_class == {CELLS[2]: {"true_cost"}}
    assert "500 orders of your own" in str(_choice_rests_on(taken)[0])


def test_what_draws_people_to_an_offer_beyond_its_terms_counts_too():
    fee, may = np.array([50_00]), np.ones((1, len(OFFERS)), bool)
    weights = [{"true_cost": 0.1}, {"true_cost": 0.1, f"offer:{OFFERS[1].id}": -0.7}]
    day = date(2026, 7, 1)
    plain, drawn = (by_terms(fee, may, OFFERS, weights, day, np.array([which]))[0] for which in (0, 1))
    assert (drawn[1] / drawn[0]) / (plain[1] / plain[0]) == pytest.approx(np.exp(0.7))


def test_a_funnel_without_groups_is_refused_with_the_command_that_learns_them(tmp_path):
    FUNNELS.save(tmp_path, "spring", funnel(), Clock("Asia/Shanghai"))
    with pytest.raises(FunnelWithoutGroups) as refused:
        learnt(tmp_path, parse_campaign(OPEN))
    said = render(refused.value.message, "en")
    asked = "--name spring --as-of 2026-03-01 --since 2026-01-01 --days 30 --model "
    assert f"telewave funnel learn {asked}{parse_campaign(OPEN).model}" in said
    with_groups = funnel(told("core", 0.02), told("normal", 0.004), told("basic", 0.001))
    grouped = replace(with_groups, question=replace(with_groups.question, model="m"))
    FUNNELS.save(tmp_path, "spring", grouped, Clock("Asia/Shanghai"))
    assert learnt(tmp_path, parse_campaign(OPEN)).channels[0].effect.core == 0.02
    stated = replace(parse_campaign(FILE), funnel="spring")
    assert learnt(tmp_path, stated) == stated


def test_the_campaign_s_digest_does_not_hang_on_the_order_of_a_set():
    class Turned(frozenset):
        def __repr__(self):
            return f"Turned({sorted(self, reverse=True)})"

    brief = with_learnt_choice(parse_campaign(OPEN), choice_model(used=True))
    doubtful = frozenset({"down", "months"})
    one, other = (
        replace(brief, choice=replace(brief.choice, doubtful=kind(doubtful), doubtful_by_class={CELLS[2]: kind(doubtful)}))
        for kind in (frozenset, Turned)
    )  # fmt: skip
    assert one.digest == other.digest
    assert one.digest != brief.digest
