"""Learning from a warehouse: what was drawn is found again, documents are kept, refusals are clear."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.funnel import city
from tests.funnel.city import AS_OF, SINCE, contact_row, drawn, order_row, town_with
from tests.pages_in_browser import look_at

from telewave.funnel.document import from_json, to_json
from telewave.funnel.model import Question, Source, Speaker
from telewave.funnel.page import funnel_page
from telewave.funnel.steps import Step
from telewave.funnel.store import FUNNELS, DamagedFunnel, NoSuchFunnel, UnusableFunnelName
from telewave.funnel.usecases import (
    DrawnTooLate,
    LearntTooEarly,
    NoContacts,
    NoDraw,
    NoEarlierGroups,
    NothingTold,
    OfferUnknown,
    learn,
)
from telewave.funnel.wording import decisions, overlap_words
from telewave.platform.clock import Clock
from telewave.platform.engine import DuckDBEngine

ASKED = Question(since=SINCE, as_of=AS_OF, days=14, model="m")
PLAIN = replace(ASKED, model="")


@pytest.fixture(scope="module")
def engine():
    opened = DuckDBEngine(1, 1)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory, engine):
    records, score, group, _, _ = drawn(5)
    made = town_with(tmp_path_factory.mktemp("town"), engine, records, score, group)
    city.put_draw(made, [0, 1], [True, False], 0.5, "late", SINCE + timedelta(days=1))
    return made


@pytest.fixture(scope="module")
def funnel(warehouse):
    return learn(warehouse, ASKED, "one")


def cell_of(funnel, channel, group):
    return next(cell for cell in funnel.cells if (cell.channel, cell.group) == (channel, group))


def test_the_steps_drawn_are_found_again(funnel):
    for group in city.GROUP_NAMES:
        cell = cell_of(funnel, "outbound_call", group)
        truth = (city.REACHED, city.LISTENS, city.WILLING[group])
        assert [one.step for one in cell.steps] == [Step.REACHED, Step.LISTENS, Step.WILLING, Step.ORDERED]
        for step, chance in zip(cell.steps, truth, strict=False):
            reach = 1.6 * (step.estimate.high - step.estimate.low) / 2
            assert abs(step.estimate.value - chance) < reach, (group, step)
            assert step.source is Source.RECORDS
    assert cell_of(funnel, "outbound_call", "core").attempts > 100


def test_channels_without_records_are_the_belief_and_say_so(funnel):
    cell = cell_of(funnel, "sms", "core")
    assert cell.source is Source.BELIEF
    assert all(one.estimate == one.belief and one.estimate.n == 0 for one in cell.steps)


def test_calls_are_compared_with_people_left_alone_and_messages_are_assumed(funnel):
    said = {(one.channel, one.group): one.speaker for one in funnel.effects}
    assert said["outbound_call", "normal"] is Speaker.ADJUSTED
    assert said["sms", "normal"] is Speaker.ASSUMED


def test_a_campaign_s_lot_decides_where_it_was_drawn(tmp_path, engine):
    records, score, group, called, _ = drawn(6, aimed=0.0, people=2000)
    warehouse = town_with(tmp_path, engine, records, score, group)
    held = ~called & (
        np.random.default_rng(1).random(len(called)) < 0.8
    )  # four in ten, of whom nobody is called
    city.put_draw(warehouse, np.arange(len(called)), held, 0.4)
    everybody = np.ones(len(called), bool)  # a later draw, which says nothing of the contacts before it
    city.put_draw(warehouse, np.arange(len(called)), everybody, 0.9, as_of=SINCE + timedelta(days=1))
    made = learn(warehouse, replace(ASKED, campaign="c"), "lot")
    found = {(one.channel, one.group): one for one in made.effects}
    assert {found["outbound_call", group].speaker for group in city.GROUP_NAMES} == {Speaker.RANDOMISED}
    assert found["sms", "core"].speaker is Speaker.ASSUMED
    one = found["outbound_call", "core"].estimate
    assert one.low < city.REACHED * city.LISTENS * city.WILLING["core"] * city.ORDERED < one.high


def test_people_contacted_through_two_channels_are_told_as_both_together(tmp_path, engine):
    records, score, group, called, _ = drawn(8, people=1500)
    taken = {one["subscriber"] for one in records["orders"]}
    sent = [one for one in np.flatnonzero(called).tolist() if one not in taken]
    records["contacts"] += [
        contact_row(one, SINCE + timedelta(days=72 if one % 2 else 0), "delivered", channel="sms")
        for one in sent
    ]
    made = learn(town_with(tmp_path, engine, records, score, group), ASKED, "both")
    assert {one.channels for one in made.combined} == {("outbound_call", "sms")}
    both = next(one for one in made.combined if one.group == "normal")
    assert 30 < both.contacted <= sum(group[sent] == 1)
    assert both.estimate.low <= 0 <= both.estimate.high + 0.02
    assert from_json(json.loads(json.dumps(to_json(made)))) == made
    for language, words in (("en", "Contacted through several channels"), ("zh", "多渠道接触")):
        assert words in funnel_page(made, language)


def test_the_best_hour_and_agents_beyond_their_lists_are_told(tmp_path, engine):
    records, score, group, _, _ = drawn(7, people=1500)
    lot = np.random.default_rng(1)
    for one in records["contacts"]:
        hour, agent = int(lot.integers(9, 13)), f"a{lot.integers(0, 4)}"
        one |= {"contacted_at": one["contacted_at"].replace(hour=hour), "agent": agent, "script": "plain"}
        if hour == 12:
            one["disposition"] = "no_answer" if lot.random() < 0.6 else "hung_up"
    made = learn(town_with(tmp_path, engine, records, score, group), ASKED, "hours")
    found = {(one.factor.value, one.covers[-1]): one for one in made.conditions}
    assert set(found) == {("hour", Step.REACHED), ("agent", Step.LISTENS), ("agent", Step.WILLING)}
    hours = found["hour", Step.REACHED]
    assert min(hours.levels, key=lambda level: level.estimate.value).name == "12"
    assert sum(level.estimate.n for level in hours.levels) == len(records["contacts"])
    best = max(hours.levels, key=lambda level: level.estimate.low)
    told = [str(one) for one in decisions(made)]
    assert any("best hour" in one for one in told) is (best.estimate.low > hours.usual)
    assert from_json(json.loads(json.dumps(to_json(made)))) == made
    for language, words in (("en", "By hour, agent and script"), ("zh", "按时段、坐席和话术")):
        assert words in funnel_page(made, language)


def test_without_a_model_everybody_is_one_group(warehouse):
    made = learn(warehouse, PLAIN, "two")
    assert {cell.group for cell in made.cells} == {"any"}
    assert {one.speaker for one in made.effects} == {Speaker.ASSUMED}


def test_an_order_belongs_to_the_contact_it_names_else_to_the_last_one_in_time(tmp_path, engine):
    day = SINCE
    records = {
        "contacts": [
            contact_row(1, day, "willing"),
            contact_row(1, day + timedelta(days=3), "willing"),
            contact_row(2, day, "willing", "ref"),
            contact_row(2, day + timedelta(days=3), "willing"),
            contact_row(3, day, "willing"),
            contact_row(4, AS_OF - timedelta(days=3), "willing"),
            contact_row(5, day, "no_answer"),
        ],
        "orders": [
            order_row(1, day + timedelta(days=5)),
            order_row(2, day + timedelta(days=5), "ref"),
            order_row(3, day + timedelta(days=40)),
            order_row(5, day + timedelta(days=1)),
        ],
    }
    made = learn(town_with(tmp_path, engine, records), PLAIN, "three")
    ordered = cell_of(made, "outbound_call", "any").steps[-1]
    assert (
        ordered.estimate.n == 5
    )  # one of six willing still has days to go, and nobody was reached by the last
    from telewave.funnel.counting import alike

    known = {}
    for one in alike(town_with(tmp_path, engine, records), PLAIN):
        known[one.outcome.order.value] = known.get(one.outcome.order.value, 0) + one.n
    assert known == {"referred": 1, "followed": 2, "none": 3, "open": 1}


def test_a_document_is_read_back_as_it_was(funnel):
    assert from_json(json.loads(json.dumps(to_json(funnel)))) == funnel


def test_versions_are_kept_side_by_side(tmp_path, funnel):
    clock = Clock("Asia/Shanghai")
    first, second = (FUNNELS.save(tmp_path, "one", funnel, clock) for _ in range(2))
    assert (first.version, second.version, FUNNELS.numbers(tmp_path, "one")) == (1, 2, [1, 2])
    assert FUNNELS.load(tmp_path, "one") == second
    assert FUNNELS.load(tmp_path, "one", 1) == first
    with pytest.raises(NoSuchFunnel):
        FUNNELS.load(tmp_path, "other")
    with pytest.raises(UnusableFunnelName):
        FUNNELS.load(tmp_path, "../one")
    (tmp_path / "funnels" / "one" / "3.json").write_text("{}")
    with pytest.raises(DamagedFunnel):
        FUNNELS.load(tmp_path, "one")
    assert len(list(FUNNELS.damaged(tmp_path))) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_what_to_decide_and_how_many_records_stand_behind_it(funnel, language):
    page = funnel_page(funnel, language)
    assert {"en": "What to decide", "zh": "怎么决定"}[language] in page
    cell = cell_of(funnel, "outbound_call", "core")
    assert f"{cell.steps[0].estimate.n:,}" in page
    assert {"en": "adjusted", "zh": "校正比较"}[language] in page
    assert {"en": "Who is compared", "zh": "比较对象"}[language] in page


def test_who_is_compared_is_kept_by_tenth_and_what_lies_beyond_is_told(funnel):
    one = next(one for one in funnel.effects if (one.channel, one.group) == ("outbound_call", "core"))
    contacted, alone = one.overlap
    assert sum(contacted) == one.contacted
    assert sum(alone) >= one.alone
    said = " ".join(map(str, overlap_words(one)))
    assert f"{one.contacted:,} people contacted" in said
    assert f"{one.beyond:.2%} of the contacted lie beyond comparison" in said
    everybody = " ".join(map(str, overlap_words(replace(one, beyond=0.0))))
    assert "Nobody of the contacted lies beyond" in everybody


def test_a_document_of_before_the_overlap_was_kept_is_still_read(funnel):
    raw = to_json(funnel)
    for one in raw["effects"]:
        del one["overlap"]
    old = from_json(raw)
    assert {one.overlap for one in old.effects} == {None}
    assert "Who is compared" not in funnel_page(old, "en")


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_the_page_can_be_read_wide_and_narrow(funnel, browser, tmp_path, language, width):
    assert look_at(browser, funnel_page(funnel, language), tmp_path, name="funnel", width=width) == []


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (replace(ASKED, as_of=SINCE + timedelta(days=5)), LearntTooEarly),
        (replace(ASKED, offer="nothing"), OfferUnknown),
        (replace(PLAIN, since=date(2020, 1, 1), as_of=date(2020, 6, 1)), NoContacts),
        (replace(ASKED, campaign="none"), NoDraw),
        (replace(ASKED, campaign="late"), DrawnTooLate),
        (replace(ASKED, since=SINCE - timedelta(days=1)), NoEarlierGroups),
    ],
)
def test_what_cannot_be_learnt_is_refused_with_what_to_do(warehouse, question, error):
    with pytest.raises(error):
        learn(warehouse, question, "one")


def test_outcomes_that_say_nothing_are_refused(tmp_path, engine):
    records = {"contacts": [contact_row(1, SINCE, "bounced", offer=None)]}
    made = town_with(tmp_path, engine, records)
    with pytest.raises(NothingTold):
        learn(made, replace(PLAIN, as_of=SINCE + timedelta(days=14), days=14), "one")
