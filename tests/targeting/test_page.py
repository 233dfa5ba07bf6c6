"""The report: what it says, in both languages, and that it needs nothing but itself."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from math import ceil, floor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telewave.features.model import WideTable
from telewave.kernel import Estimate, Inconclusive, Label, Message, Money
from telewave.kernel.intervals import wilson
from telewave.models.training_tables import content_of
from telewave.models.usecases import ScoredAnotherTable, ScoredBeforeIngest, score
from telewave.platform.pages import library
from telewave.platform.pages.library import library_is_there
from telewave.platform.progress import Silent
from telewave.targeting.case_file import reference_case
from telewave.targeting.judged import measures
from telewave.targeting.page import report_page
from telewave.targeting.plan import DEFAULT_PLAN, Contacts, Group
from telewave.targeting.report import (
    LEARNT_FROM,
    BaseClasses,
    BaseClassRow,
    Trust,
    ingested_again,
    trust,
)
from telewave.targeting.usecases import group, make_report

AS_OF = date(2026, 7, 1)
NOW = datetime(2026, 7, 2, 9, 30, tzinfo=UTC)
CLASSES = BaseClasses(
    date(2026, 6, 1),
    (
        BaseClassRow(
            name=Label("Mobile and broadband", "移动+宽带"),
            subscribers=5_000,
            holders=30,
            penetration=wilson(30, 5_000),
            takers=12,
        ),
        BaseClassRow(
            name=Label("Net new", "净新增"), subscribers=None, holders=None, penetration=None, takers=4
        ),
    ),
    BaseClassRow(
        name=Label("All together", "合计"),
        subscribers=5_000,
        holders=30,
        penetration=wilson(30, 5_000),
        takers=16,
    ),
)

pytestmark = pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")


@pytest.fixture(scope="module")
def city(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent())
    return make_report(
        warehouse,
        scored.card,
        wide,
        NOW,
        Silent(),
        simulated=True,
        base_classes=CLASSES,
        case=reference_case(),
    )


@pytest.fixture(scope="module")
def outside(warehouse, drifted):
    rng = np.random.default_rng(0)
    columns = {name: rng.normal(size=2_000) for name in ("index", "other", "duration")}
    rows = pa.table({"subscriber": pa.array(np.arange(2_000, dtype=np.int32))} | columns)
    with warehouse.change("samples.calls") as change:
        file = change.new_file("all")
        pq.write_table(rows, file)
        change.set("all", {file: "test"})
    variables = (
        *drifted.card.variables,
        replace(drifted.card.variables[0], name="duration", label=Label("Length", "时长")),
    )
    wide = WideTable(
        relation=warehouse.read("samples.calls", rows.schema),
        key="subscriber",
        variables=variables,
        as_of=None,
    )
    score(drifted, wide, warehouse, Silent())
    group(warehouse, "calls", None, DEFAULT_PLAN, Silent())
    return make_report(warehouse, drifted.card, wide, NOW, Silent())


class Seen(HTMLParser):
    """What a reader sees, and every address that the page names."""

    def __init__(self, page):
        super().__init__()
        self.text, self.addresses, self._hidden = [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in ("script", "style")
        self.addresses += [
            value for name, value in attrs if name in ("src", "href", "action", "data", "poster")
        ]
        self.text += [value for name, value in attrs if name in ("aria-label", "title")]

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._hidden:
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def pages(city, outside):
    return {
        (name, language): report_page(context, language)
        for name, context in (("city", city), ("outside", outside))
        for language in ("zh", "en")
    }


def chart_texts(page):
    return " ".join(re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL))


def test_the_page_names_no_address_outside_itself(pages):
    for page in pages.values():
        addresses = Seen(page).addresses
        assert addresses
        assert all(address.startswith("#") or address == "data:," for address in addresses)
        without_library = page.replace(library.chart_library(), "")
        assert not re.search(r"https?://|@import|url\(|fetch\(|XMLHttpRequest", without_library)


def test_the_english_page_has_no_chinese(pages):
    for name in ("city", "outside"):
        page = pages[name, "en"]
        assert not re.search(r"[\u4e00-\u9fff]", Seen(page).words + chart_texts(page))


ALLOWED_IN_CHINESE = {
    "AUC", "SMS", "MMS", "MB", "App", "Brier", "Apache", "ECharts", "License", "handset", "calls",
}  # fmt: skip


def test_the_chinese_page_has_no_english_but_names(pages):
    for name in ("city", "outside"):
        page = pages[name, "zh"]
        labels = re.findall(r'"(?:name|data|formatter)": ("[^"]*"|\[[^\]]*\])', chart_texts(page))
        words = set(re.findall(r"[A-Za-z]{2,}", Seen(page).words + " ".join(labels)))
        words -= {
            "value",
            "label",
            "show",
            "false",
            "null",
            "xAxis",
            "yAxis",
            "name",
        }  # keys inside the lists of data
        assert words <= ALLOWED_IN_CHINESE


def test_the_headline_says_how_many_of_the_expected_takers_come_because_of_the_contact(city, pages):
    words = Seen(pages["city", "en"]).words
    core, everybody = city.core.profile, city.everybody
    assert f"Of {everybody.n:,} subscribers, {core.n:,} belong in the core group" in words
    assert (
        f"{core.expected_takers:,.0f} would take the offer, {core.caused:,.0f} of them because of the contact"
        in words
    )
    assert f"these bring a profit of {everybody.profit.major:,.0f} yuan" in words
    told = city.expected(Group.CORE)
    assert (
        f"The real number of takers will most likely lie between {floor(told.low):,} and {ceil(told.high):,}."
        in words
    )


def test_the_headline_tells_the_lift_that_was_seen_on_later_periods_and_not_the_models_own_odds(city, pages):
    lift = city.lift_at_core.lift
    seen = f"the best 5.0% of the list held {lift.value:.1f} times as many takers as 5.0% picked at random"
    assert f"{seen} (95% interval {lift.low:.1f}–{lift.high:.1f})" in Seen(pages["city", "en"]).words
    flattered = replace(city, everybody=replace(city.everybody, mean_probability=1e-6))
    assert seen in Seen(report_page(flattered, "en")).words


def test_every_expected_number_carries_its_range_and_how_it_was_found(city, pages):
    words = Seen(pages["city", "en"]).words
    for one in (*Group, None):
        told, ends = city.expected(one), city.profit_range(one)
        assert f" {floor(told.low):,}–{ceil(told.high):,} " in words
        assert ends is None or f"{ends[0].major:,.0f} to {ends[1].major:,.0f} yuan" in words
    assert city.profit_range(Group.BASIC) is None  # nobody is contacted there
    assert city.profit_range(None) is not None
    assert "comparing predicted with actual takers on 8,000 rows of periods not seen (Wilson" in words


def test_where_too_few_took_it_later_no_range_is_made_up(city):
    few = replace(city, refreshed=replace(city.refreshed, takers=3))
    words = Seen(report_page(few, "en")).words
    assert "No range can be given: 3 takers on periods not seen are too few to judge by." in words
    assert "most likely lie" not in words
    assert "times as many takers as" not in words


def test_rows_that_were_learnt_from_get_no_range(outside, pages):
    words = Seen(pages["outside", "en"]).words
    assert "No range can be given: the model has learnt from rows that are grouped here." in words
    assert outside.profit_range(Group.CORE) is None


def test_a_list_that_is_not_to_be_used_is_called_worth_nothing_yet_and_what_to_do_comes_first(outside):
    page = report_page(replace(outside, trust=Trust.STOP), "en")
    words = Seen(page).words
    assert words.index("Do not run a campaign on these groups") < words.index("belong in the core group")
    headline = Seen(re.search('<p class="headline">.*?</p>', page, re.DOTALL)[0]).words
    assert (
        "contact nobody by this list yet. Training again on the same periods and newer ones does not lift"
        in headline
    )
    assert "worth" not in headline
    assert "expected" not in headline


def headline_of(context, language="en"):
    page = report_page(context, language)
    return Seen(re.search('<p class="headline">.*?</p>', page, re.DOTALL)[0]).words


def test_the_channel_of_the_headline_is_the_plans_own(city):
    letter = replace(DEFAULT_PLAN.core, channels=(Label("Personal letter", "个性化信函"),))
    other = replace(city, plan=replace(DEFAULT_PLAN, core=letter))
    assert "worth the contact that the plan has for them (Personal letter)" in headline_of(other)
    assert "（个性化信函）" in headline_of(other, "zh")
    assert "call" not in headline_of(other)
    assert "Outbound call, order taken during the call" in headline_of(city)


UNJUDGED = Inconclusive(Message("too few"))


@pytest.mark.parametrize(
    "known",
    [
        {"auc": UNJUDGED, "takers": 4},
        {"takers": 60},
        {"auc": Estimate(value=0.7, low=0.58, high=0.82, n=900, method="bootstrap")},
    ],
    ids=["could not be judged", "few takers", "a wide interval"],
)
def test_groups_of_a_ranking_of_which_little_is_known_are_called_worth_nothing_yet(city, known):
    thin = replace(city, refreshed=replace(city.refreshed, **known), trust=Trust.CAUTION)
    told = headline_of(thin)
    assert "try it on a small random part of them first" in told
    assert "are worth the contact" not in told
    assert "outbound call" not in told
    assert "小范围" in headline_of(thin, "zh")


def outside_rows(warehouse, name, model, seed):
    """500 rows as the outside table `name`."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.normal(size=500) for name in ("index", "other")}
    rows = pa.table({"subscriber": pa.array(np.arange(500, dtype=np.int32))} | columns)
    with warehouse.change(f"samples.{name}") as change:
        file = change.new_file("all")
        pq.write_table(rows, file)
        change.set("all", {file: "test"})
    relation = warehouse.read(f"samples.{name}", rows.schema)
    return WideTable(
        relation=relation, key="subscriber", variables=model.card.variables, as_of=None, samples=name
    )


def test_rows_of_another_table_than_the_model_learnt_from_get_their_expected_range(warehouse, drifted):
    wide = outside_rows(warehouse, "new_calls", drifted, seed=1)
    score(drifted, wide, warehouse, Silent())
    group(warehouse, "calls", None, DEFAULT_PLAN, Silent())
    made = make_report(warehouse, drifted.card, wide, NOW, Silent())
    assert drifted.card.samples == "calls"
    assert isinstance(made.expected(None), Estimate)
    assert LEARNT_FROM not in made.warnings
    as_calls = replace(wide, samples="calls")
    with pytest.raises(ScoredAnotherTable, match="scored the outside table new_calls, not calls"):
        make_report(warehouse, drifted.card, as_calls, NOW, Silent())
    with pytest.raises(ScoredAnotherTable, match="--samples calls first"):
        group(warehouse, "calls", None, DEFAULT_PLAN, Silent(), samples="calls")
    score(drifted, as_calls, warehouse, Silent())
    group(warehouse, "calls", None, DEFAULT_PLAN, Silent(), samples="calls")
    again = make_report(warehouse, drifted.card, as_calls, NOW, Silent())
    assert isinstance(again.expected(None), Inconclusive)
    assert LEARNT_FROM in again.warnings


def test_what_was_learnt_from_is_told_by_content_and_not_by_name_alone(warehouse, drifted):
    wide = outside_rows(warehouse, "spring", drifted, seed=2)
    card = replace(drifted.card, content=content_of(warehouse, "spring"))
    for name, seed, told in (
        ("autumn", 2, LEARNT_FROM),
        ("autumn", 3, None),
        ("calls", 3, ingested_again("calls")),
    ):
        wide = outside_rows(warehouse, name, drifted, seed)
        score(drifted, wide, warehouse, Silent())
        group(warehouse, "calls", None, DEFAULT_PLAN, Silent(), samples=name)
        made = make_report(warehouse, card, wide, NOW, Silent())
        said = [one for one in made.warnings if one not in card.validation.warnings]
        assert said == ([] if told is None else [told])
        assert isinstance(made.expected(None), Estimate if told is None else Inconclusive)


def test_a_table_that_was_ingested_again_is_to_be_scored_again(warehouse, drifted):
    wide = outside_rows(warehouse, "winter", drifted, seed=4)
    score(drifted, wide, warehouse, Silent())
    outside_rows(warehouse, "winter", drifted, seed=5)
    with pytest.raises(ScoredBeforeIngest, match="Run telewave score"):
        group(warehouse, "calls", None, DEFAULT_PLAN, Silent(), samples="winter")
    score(drifted, wide, warehouse, Silent())
    group(warehouse, "calls", None, DEFAULT_PLAN, Silent(), samples="winter")


def test_rows_of_an_outside_table_are_called_rows_and_not_subscribers(pages):
    for language, rows, subscribers in (("en", "rows", "subscribers"), ("zh", "条", "户")):
        page = pages["outside", language]
        shown = Seen(page[page.index('class="headline"') : page.index('id="who"')]).words
        assert rows in shown
        assert subscribers not in shown.replace("用户", "").replace("客户", "")


def test_a_report_is_titled_by_the_offers_name_or_else_by_its_quoted_identifier(city, pages):
    assert "目标群 该找谁：“handset”目标群" in Seen(pages["city", "zh"]).words
    named = replace(city, offer=Label("the contract smartphone", "合约智能手机"))
    assert "该找谁：合约智能手机目标群" in Seen(report_page(named, "zh")).words


def test_categories_and_yes_and_no_are_called_by_their_names(city, pages):
    assert "Postpaid" in chart_texts(pages["city", "en"]) + Seen(pages["city", "en"]).words
    assert "postpaid" not in pages["city", "en"].replace(library.chart_library(), "")
    assert "后付费" in pages["city", "zh"]


def test_a_curve_that_is_shown_for_a_measure_says_which_of_its_windows_it_is(city, pages):
    windowed = [r for r in city.reasons if r.curve and r.curve.variable.label != r.label]
    assert windowed
    for reason in windowed:
        assert f"{reason.curve.variable.label.zh} ：" in Seen(pages["city", "zh"]).words.replace(
            "：", " ："
        ).replace("  ", " ")


def test_net_new_takers_are_a_class_of_their_own_with_their_part_of_all(pages):
    words = Seen(pages["city", "en"]).words
    assert "Net new – – – 4 25.0%" in words
    assert "All together 5,000 30 0.60% (0.42%–0.86%) 16 100.0%" in words


def test_simulated_data_is_called_so_and_real_data_is_not(pages):
    assert "Simulated data." in Seen(pages["city", "en"]).words
    assert "模拟数据。" in Seen(pages["city", "zh"]).words
    assert "Simulated data." not in Seen(pages["outside", "en"]).words


def test_drift_is_warned_of_before_anything_else_is_said(outside, pages):
    assert outside.trust is Trust.STOP
    words = Seen(pages["outside", "en"]).words
    warning = words.index("Do not run a campaign on these groups")
    assert warning < words.index("belong in the core group")
    assert str(outside.warnings[0]) in words[warning : warning + 600]
    assert "times as many as among" not in words
    assert "Nothing was found that speaks against" not in words


def test_groups_of_rows_that_were_learnt_from_are_said_to_flatter(outside, city):
    assert LEARNT_FROM in outside.warnings
    assert LEARNT_FROM not in city.warnings


def test_a_warning_of_less_weight_asks_to_be_read_first(city):
    card_warned = replace(city, trust=Trust.CAUTION, warnings=outside_warnings())
    assert "Read this first. Much has changed." in Seen(report_page(card_warned, "en")).words


def outside_warnings():
    from telewave.kernel import Message

    return (Message("Much has changed."),)


def test_a_model_that_held_on_later_periods_may_be_used(fitted):
    assert trust(fitted.card) is Trust.NONE_AGAINST


def test_a_leaking_variable_is_named_with_its_evidence(outside, pages):
    (leak,) = outside.leaks
    words = Seen(pages["outside", "en"]).words
    assert f"Length : {leak.evidence}" in words


def test_the_cases_contributions_stand_beside_the_models_own(city, pages):
    words = Seen(pages["city", "en"]).words
    first = city.reasons[0]
    assert f"{first.part.share:.6f} {first.case.share:.6f}" in words
    # The model here has no inter-provincial minutes; the case's line is shown all the same.
    assert "not in the model 0.056605" in words
    assert city.reasons[-1].part is None


def test_the_case_is_not_shown_beside_an_outside_table(outside, pages):
    assert not outside.own_records
    assert outside.case is None
    assert "Reference case" not in Seen(pages["outside", "en"]).words


def test_the_case_is_shown_only_where_it_is_named(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent())
    made = make_report(warehouse, scored.card, wide, NOW, Silent())
    assert made.own_records
    words = Seen(report_page(made, "en")).words
    assert "eference case" not in words
    assert all(reason.case is None and reason.part is not None for reason in made.reasons)


def test_base_classes_are_shown_when_given(pages):
    assert "Mobile and broadband 5,000 30 0.60%" in Seen(pages["city", "en"]).words
    assert "Base classes" not in Seen(pages["outside", "en"]).words


def test_the_assumptions_of_the_plan_are_called_assumptions(pages):
    words = Seen(pages["city", "en"]).words
    assert "assumptions, not measurements: margin of a sale 1,000 yuan" in words
    assert "Core 3.10 yuan 5% of the base 1.36 0.94%" in words


def test_what_the_report_does_not_say_is_said(pages):
    assert "leaving out a random part of the group" in Seen(pages["city", "en"]).words


def leaves(value):
    """Every number inside a value made of dataclasses, mappings and sequences."""
    if is_dataclass(value):
        return set().union(*(leaves(getattr(value, f.name)) for f in fields(value)), set())
    if isinstance(value, dict):
        return set().union(*map(leaves, value.values()), set())
    if isinstance(value, tuple | list):
        return set().union(*map(leaves, value), set())
    return {float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else set()


def test_every_number_of_the_context_comes_from_its_inputs(city, scored):
    card = scored.card
    known = leaves(card) | leaves(DEFAULT_PLAN) | leaves(city.profiles) | leaves(CLASSES)
    known |= {line.case.share for line in city.reasons if line.case}
    known |= leaves([section.cutoff for section in city.groups])
    summed = {r.part.share for r in city.reasons if r.part}  # windows of one measure, summed
    assert leaves(city) - known - summed == set()
    assert sum(summed) == pytest.approx(1)
    assert city.refreshed is card.validation.refreshed
    assert [m.refreshed for m in city.quality] == [m.refreshed for m in measures(card)]


def numbers_in(text):
    return {float(found.replace(",", "")) for found in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)}


def test_quality_on_the_page_is_the_cards_own(city, pages):
    seen = numbers_in(Seen(pages["city", "zh"]).words)
    for measure in (city.refreshed.auc, city.refreshed.lift_best_tenth, city.refreshed.brier):
        assert isinstance(measure, Estimate)
        assert {round(measure.value, 3), round(measure.low, 3), round(measure.high, 3)} <= seen


def test_charts_draw_the_cards_numbers(city):
    from telewave.targeting.charts import gain_chart, lift_chart, response_chart

    assert lift_chart(city, str).option["series"][0]["data"] == pytest.approx(
        city.refreshed.lift_by_tenth, abs=1e-3
    )
    drawn = gain_chart(city, str).option["series"][0]["data"]
    assert np.array(drawn) / 100 == pytest.approx(np.array(city.refreshed.gain), abs=1e-4)
    curve = city.curves[0]
    dots = response_chart(curve, str).option["series"][2]["data"]
    assert dots == pytest.approx([b.rate.value * 100 for b in curve.bins], abs=1e-3)


def test_a_plan_without_room_in_core_is_told_plainly(warehouse, wide, scored):
    none = replace(
        DEFAULT_PLAN, core=replace(DEFAULT_PLAN.core, capacity=Contacts(0)), margin=Money(1_000_00)
    )
    group(warehouse, "handset", AS_OF, none, Silent())
    page = report_page(make_report(warehouse, scored.card, wide, NOW, Silent()), "en")
    words = Seen(page).words
    assert "none is worth the treatment of the core group" in words
    assert "Empty, because the plan gives it no capacity." in words


def test_names_from_data_cannot_break_out_of_the_page(city):
    evil = '</script><img src="x" onerror="alert(1)">'
    curve = city.curves[0]
    named = replace(curve.variable, label=Label(evil, evil))
    turned = replace(curve, variable=named, bins=tuple(replace(b, category=evil) for b in curve.bins))
    page = report_page(replace(city, curves=(turned,), model=evil), "en")
    assert "<img" not in page.replace(library.chart_library(), "")


def test_a_model_not_to_be_used_is_named_with_its_version_where_the_report_stops(outside):
    numbered = replace(outside, verdict=replace(outside.verdict, version=2))
    words = Seen(report_page(numbered, "en")).words
    assert "Verdict on the model calls, version 2: do not use it." in words
    assert "Model calls, version 2, trained on" in words


def test_a_table_without_order_is_not_said_to_be_judged_on_later_periods(city):
    context = replace(city, ordered=False, trained_once=None)
    words = Seen(report_page(context, "en")).words
    assert "How good the ranking is on rows it has not seen" in words
    assert "were judged in parts drawn at random, each part by a model of the others" in words
    assert "On rows that the model had not seen, the best" in words
    for said in ("Judged forward in time", "On periods that the model had not seen", "Period judged"):
        assert said not in words
    assert "随机分成几份来评估" in Seen(report_page(context, "zh")).words


def test_segments_and_variables_that_say_the_same_are_told(city):
    context = replace(city, alike=(Message("The one and the other."),), segments=(Message("A segment."),))
    assert "A segment. The one and the other." in Seen(report_page(context, "en")).words
