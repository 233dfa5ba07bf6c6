"""The consistency report in a real browser, without a network: charts drawn, nothing on the console, nothing too wide."""

import pytest

from telewave.offers.catalogue_file import reference_case
from telewave.offers.page import consistency_page
from telewave.offers.usecases import check_catalogue

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 700])
def test_the_report_opens_offline_with_its_charts_and_fits_the_window(browser, tmp_path, language, width):
    file = tmp_path / "report.html"
    file.write_text(consistency_page(check_catalogue(reference_case()), language), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.context.set_offline(True)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    drawn = page.locator("[data-chart] svg").count()
    targets = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.getAttribute('href'))).length"
    )
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert drawn == 2
    assert targets == 0
    assert too_wide <= 0
