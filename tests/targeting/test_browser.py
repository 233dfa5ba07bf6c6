"""The report in a real browser, without a network: charts drawn, nothing on the console, nothing too wide."""

from datetime import UTC, date, datetime

import pytest

from telewave.platform.progress import Silent
from telewave.targeting.page import report_page
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import group, make_report

AS_OF = date(2026, 7, 1)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def context(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, DEFAULT_PLAN, Silent())
    now = datetime(2026, 7, 2, tzinfo=UTC)
    return make_report(warehouse, scored.card, wide, now, Silent(), simulated=True)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 700, 390])
def test_the_report_opens_offline_with_all_charts_and_fits_the_window(
    browser, context, tmp_path, language, width
):
    file = tmp_path / "report.html"
    file.write_text(report_page(context, language), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.context.set_offline(True)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    places = page.locator("[data-chart]").count()
    drawn = page.locator("[data-chart] svg").count()
    paths = page.evaluate(
        "[...document.querySelectorAll('[data-chart] svg')].map(s => s.querySelectorAll('path').length)"
    )
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    narrowest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.scroll td')].filter(c => c.offsetWidth).map(c => c.offsetWidth))"
    )
    page.close()
    assert said == []
    assert narrowest > 40  # no column of single characters
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert places == drawn == len(context.curves) + 7
    assert min(paths) > 5
    assert too_wide <= 0


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
