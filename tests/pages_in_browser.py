"""What every page is asked in a real browser: nothing from a network, nothing on the console, readable narrow, printed and aloud."""

import json
import os
from pathlib import Path

from telewave.platform.pages.library import BESIDE

AXE = BESIDE.parents[2] / "axe-core" / "axe.min.js"
A4 = 688
"""Width of the paper between its margins, in CSS pixels (210 mm - 2 x 14 mm at 96 to the inch)."""

NARROW_CELLS = """() => [...document.querySelectorAll('main td, main th')].filter((cell) => {
  const seen = cell.offsetWidth && getComputedStyle(cell).clipPath === 'none' && !cell.closest('thead');
  return seen && cell.textContent.trim() && cell.clientWidth < 5 * parseFloat(getComputedStyle(cell).fontSize);
}).map((cell) => [cell.clientWidth, cell.textContent.trim()])"""

CUT_OFF = """() => [...document.querySelectorAll('main table, main table *, main .card, main .card *, main p, main li')].filter((one) => {
  const box = one.getBoundingClientRect();
  const unseen = !box.width || one.closest('.unseen') || one.closest('.drawing') || one.closest('thead');
  return !unseen && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
}).map((one) => one.tagName + ': ' + one.textContent.trim().slice(0, 60))"""

EMPTY_CHARTS = """() => [...document.querySelectorAll('[data-chart]')].filter((chart) =>
  chart.querySelector('svg') && chart.querySelectorAll('svg path').length < 6).map((chart) => chart.dataset.chart)"""
"""Axes alone are a few paths."""

BARE_TABLES = """() => [...document.querySelectorAll('table')].filter((table) =>
  !table.caption || !table.caption.textContent.trim() || [...table.querySelectorAll('th')].some((head) => !head.scope))
  .map((table) => table.textContent.trim().slice(0, 60))"""


def look_at(browser, html, folder, *, name, width):
    """Open the page offline at this width; what speaks against it, as a list of sentences."""
    file = Path(folder) / f"{name}.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.context.set_offline(True)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    troubles = [f"said on the console: {text}" for text in said]
    troubles += [f"asked for {url}" for url in asked if not url.startswith(("file:", "data:"))]
    charts, drawn = (page.locator(one).count() for one in ("[data-chart]", "[data-chart] svg"))
    troubles += [f"{charts - drawn} charts are not drawn"] * (charts != drawn)
    troubles += [f"an empty chart: {name}" for name in page.evaluate(EMPTY_CHARTS)]
    dead = """() => [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href')).filter((to) => !document.querySelector(to))"""
    troubles += [f"leads nowhere: {to}" for to in page.evaluate(dead)]
    picture(page, f"{name}-{width}")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    troubles += [f"without caption or scope: {text}" for text in page.evaluate(BARE_TABLES)]
    troubles += (
        [f"reaches beyond the window: {text}" for text in page.evaluate(CUT_OFF)] if width < 820 else []
    )
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    troubles += [f"the page is {too_wide} pixels too wide"] * (too_wide > 0)
    if width < 820:
        troubles += [f"a column of {wide} pixels: {text}" for wide, text in page.evaluate(NARROW_CELLS)]
    else:
        troubles += heard(page)
    page.close()
    return troubles


def read(browser, html, folder, *, name):
    """What speaks against the page on a desk, on a telephone and on paper."""
    troubles = [
        trouble for width in (1280, 390) for trouble in look_at(browser, html, folder, name=name, width=width)
    ]
    return troubles + printed(browser, html, folder, name=name)


def heard(page):
    """What axe finds that is serious or critical: contrast, names, roles, order."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [
        f"axe, {one['impact']}: {one['help']} ({len(one['nodes'])}): {json.dumps(one['nodes'][0]['target'])} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def printed(browser, html, folder, *, name):
    """What speaks against the page on A4: anything beyond the paper's edges."""
    file = Path(folder) / f"{name}.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": A4, "height": 970})
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.evaluate("window.dispatchEvent(new Event('resize'))")
    troubles = [f"cut off on paper: {text}" for text in page.evaluate(CUT_OFF)]
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    troubles += [f"{too_wide} pixels beyond the paper"] * (too_wide > 0)
    if folder_of_pictures():
        page.pdf(path=str(folder_of_pictures() / f"{name}.pdf"), format="A4", prefer_css_page_size=True)
    page.close()
    return troubles


def folder_of_pictures():
    """Where screenshots are kept as artefacts (TELEWAVE_SCREENSHOTS); None: nowhere."""
    named = os.environ.get("TELEWAVE_SCREENSHOTS")
    if not named:
        return None
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def picture(page, name):
    if folder := folder_of_pictures():
        page.screenshot(path=str(folder / f"{name}.png"), full_page=True)
