"""The report: what it says, in both languages, and that it needs nothing but itself."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telewave.features.model import WideTable
from telewave.kernel import Estimate, Label, Money
from telewave.kernel.intervals import wilson
from telewave.models.usecases import score
from telewave.platform import charts
from telewave.platform.progress import Silent
from telewave.targeting.page import report_page
from telewave.targeting.plan import DEFAULT_PLAN, Contacts
from telewave.targeting.report import LEARNT_FROM, BaseClassRow, Trust, measures, trust
from telewave.targeting.usecases import group, make_report

AS_OF = date(2026, 7, 1)
NOW = datetime(2026, 7, 2, 9, 30, tzinfo=UTC)
CLASSES = (BaseClassRow(Label("Mobile and broadband", "移动+宽带"), 5_000, 30, wilson(30, 5_000)),)

pytestmark = pytest.mark.skipif(
    not charts.LIBRARY.exists(), reason="the chart library is not installed: python3 scripts/web_assets.py"
)


@pytest.fixture(scope="module")
def city(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent())
    return make_report(warehouse, scored.card, wide, NOW, Silent(), simulated=True, base_classes=CLASSES)


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
    wide = WideTable(warehouse.read("samples.calls", rows.schema), "subscriber", variables, None)
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
        without_library = page.replace(charts.chart_library(), "")
        assert not re.search(r"https?://|@import|url\(|fetch\(|XMLHttpRequest", without_library)


def test_the_english_page_has_no_chinese(pages):
    for name in ("city", "outside"):
        page = pages[name, "en"]
        assert not re.search(r"[\u4e00-\u9fff]", Seen(page).words + chart_texts(page))


ALLOWED_IN_CHINESE = {
    "AUC", "SMS", "MMS", "MB", "App", "Brier", "Apache", "ECharts", "License", "handset", "calls", "prepaid", "postpaid",
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


def test_the_headline_says_how_many_people_and_how_many_expected_takers(city, pages):
    words = Seen(pages["city", "en"]).words
    core, everybody = city.core.profile, city.everybody
    assert f"Of {everybody.n:,} subscribers, {core.n:,} belong in the core group" in words
    assert f"About {core.expected_takers:,.0f} of them are expected to take the offer." in words
    assert f"That is {core.mean_probability / everybody.mean_probability:.1f} times as many" in words


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
    assert not outside.case_applies
    assert "Reference case" not in Seen(pages["outside", "en"]).words


def test_base_classes_are_shown_when_given(pages):
    assert "Mobile and broadband 5,000 30 0.60%" in Seen(pages["city", "en"]).words
    assert "Base classes" not in Seen(pages["outside", "en"]).words


def test_the_assumptions_of_the_plan_are_called_assumptions(pages):
    words = Seen(pages["city", "en"]).words
    assert "assumptions, not measurements: margin of a sale 1,000 yuan" in words
    assert "Core 3 yuan 5% of the base 1.0 0.56%" in words


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
    assert "<img" not in page.replace(charts.chart_library(), "")


def test_without_the_chart_library_the_remedy_is_named(monkeypatch, tmp_path):
    charts.chart_library.cache_clear()
    monkeypatch.setattr(charts, "LIBRARY", tmp_path / "echarts.min.js")
    with pytest.raises(charts.ChartLibraryMissing, match=r"web_assets\.py"):
        charts.chart_library()
