"""The report in a real browser, without a network: charts drawn, nothing on the console, nothing too wide."""

from datetime import UTC, date, datetime

import pytest
from tests.pages_in_browser import look_at, printed

from telewave.platform.progress import Silent
from telewave.targeting.case_file import reference_case
from telewave.targeting.page import report_page
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import group, make_report

AS_OF = date(2026, 7, 1)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def context(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent())
    now = datetime(2026, 7, 2, tzinfo=UTC)
    return make_report(warehouse, scored.card, wide, now, Silent(), simulated=True, case=reference_case())


@pytest.mark.parametrize(("width", "language"), [(1280, "zh"), (700, "en"), (390, "zh")])
def test_the_report_opens_offline_with_all_charts_and_fits_the_window(
    browser, context, tmp_path, language, width
):
    html = report_page(context, language)
    assert html.count('data-chart="') == len(context.curves) + 7
    assert look_at(browser, html, tmp_path, name=f"report.{language}", width=width) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_the_report_is_cut_off_on_paper(browser, context, tmp_path, language):
    assert printed(browser, report_page(context, language), tmp_path, name=f"report.{language}") == []


def test_a_tooltip_tells_the_interval_by_its_ends(browser, context, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(report_page(context, "en"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    place = page.locator("[data-chart='options-calibration']")
    place.scroll_into_view_if_needed()
    place.hover()
    text = page.get_by_text("95% interval:").first.inner_text()
    page.close()
    assert "Took the offer:" in text
    assert "Predicted:" in text
    assert " – " in text
