"""The console in a real browser: a whole call without the mouse, every page readable wide, narrow and aloud, in both languages."""

import threading
from contextlib import contextmanager

import pytest
import uvicorn
from tests.console.visiting import NAMES, PASSWORD, Town
from tests.contacts.test_handing_out import keys, warehouse
from tests.pages_in_browser import CUT_OFF, heard, picture

from telewave.access.roles import Role
from telewave.access.usecases import add_person
from telewave.serve_command import listening_at

__all__ = ["keys", "warehouse"]
EVERYTHING = (Role.MANAGER, Role.LEAD, Role.ADMINISTRATOR)
PAGES = ("/", "/campaigns", "/campaigns/spring", "/campaigns/summer", "/campaigns/spring/calls", "/calls", "/calls/spring", "/people", "/audit", "/password", "/nowhere")  # fmt: skip


@pytest.fixture
def address(warehouse, keys, database, tmp_path):
    """Of a console that is served, with a campaign that runs and one in review."""
    if database.engine.dialect.name != "sqlite":
        pytest.skip("pages are the same on both databases")
    town = Town(warehouse, database, tmp_path / "home", simulated=True)
    town.running()
    town.in_review(by="Chen Jie")
    town.once = add_person(database, NAMES[Role.MANAGER], EVERYTHING, "test", town.at)
    listening = listening_at("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(town.app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", town
    server.should_exit = True
    thread.join(60)


@contextmanager
def opened(browser, address, language, width=1280):
    """A page in which somebody with many roles is signed in, by his own doing; what the browser says must be nothing."""
    context = browser.new_context(
        locale={"zh": "zh-CN", "en": "en-GB"}[language], viewport={"width": width, "height": 900}
    )
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    page.goto(address)
    yield page
    # A page that is not there and a form that is refused are told by the browser too.
    assert [one for one in said if "status of 404" not in one] == []
    context.close()


def sign_in(page, town, first=True):
    page.keyboard.type(NAMES[Role.MANAGER])
    page.keyboard.press("Tab")
    page.keyboard.type(town.once if first else PASSWORD)
    page.keyboard.press("Enter")
    if first:
        page.wait_for_url("**/password")
        for word in (town.once, PASSWORD, PASSWORD):
            page.keyboard.type(word)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    page.locator(".waiting").wait_for()


def test_a_whole_call_goes_without_the_mouse(browser, address):
    where, town = address
    with opened(browser, where, "zh") as page:
        sign_in(page, town)
        page.goto(f"{where}/calls/spring")
        for key, result in (("n", None), ("3", "no_answer")):
            page.keyboard.press(key)
            page.wait_for_load_state("load")
            if result is None:
                page.locator("h1 a[href^='tel:']").wait_for()
                picture(page, "console-call-zh")
                assert heard(page) == []
        page.locator(".fine").wait_for()
        assert "无人接听" in page.locator(".fine").inner_text()
        page.keyboard.press("n")
        page.locator("select[name=order]").wait_for()
        page.keyboard.press("0")
        page.keyboard.press("Tab")
        page.keyboard.type("A-7")
        page.keyboard.press("Enter")
        page.locator(".fine").wait_for()
        assert "已办理" in page.locator(".fine").inner_text()
    assert [one["result"] for one in town.campaign.calls()] == ["no_answer", "ordered"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_reads_well_wide_narrow_and_aloud(browser, address, language):
    where, town = address
    with opened(browser, where, language) as page:
        assert heard(page) == []
        picture(page, f"console-sign-in-{language}")
        sign_in(page, town)
        troubles = []
        for path in PAGES:
            page.goto(where + path)
            name = path.strip("/").replace("/", "-") or "today"
            page.set_viewport_size({"width": 1280, "height": 900})
            picture(page, f"console-{name}-{language}-1280")
            page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
            troubles += [f"{path}: {one}" for one in heard(page)]
            page.set_viewport_size({"width": 390, "height": 900})
            picture(page, f"console-{name}-{language}-390")
            troubles += [
                f"{path}, narrow, reaches beyond the window: {one}" for one in page.evaluate(CUT_OFF)
            ]
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            troubles += [f"{path}, narrow: {wide} pixels too wide"] * (wide > 0)
            assert page.locator("h1").count() == 1
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 1280, "height": 900})
        for path in PAGES:
            page.goto(where + path)
            troubles += [f"{path}, dark: {one}" for one in heard(page)]
        picture(page, f"console-dark-{language}")
        assert troubles == []
