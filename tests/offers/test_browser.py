"""The policies' page in a real browser, without a network: wide, narrow, on paper, and as it is heard."""

import pytest
from tests.pages_in_browser import look_at, printed

from telewave.offers.catalogue_file import reference_case
from telewave.offers.page import consistency_page
from telewave.offers.usecases import check_catalogue

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (700, "zh"), (390, "en")])
def test_the_page_opens_offline_with_its_charts_and_nothing_is_cut_off(browser, tmp_path, language, width):
    html = consistency_page(check_catalogue(reference_case()), language)
    assert html.count('data-chart="') == 2
    name = f"policies-uncounted.{language}"
    assert look_at(browser, html, tmp_path, name=name, width=width) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_off_on_paper(browser, tmp_path, language):
    html = consistency_page(check_catalogue(reference_case()), language)
    assert printed(browser, html, tmp_path, name=f"policies-uncounted.{language}") == []
