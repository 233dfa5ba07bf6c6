"""The documentation as a site: every page in both languages, no dead link, a search that finds Chinese words, nothing from a network."""

import http.server
import re
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r'(?:href|src)="?([^"\s>]+)')


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documentation") / "site"
    command = [sys.executable, str(ROOT / "scripts" / "documentation_site.py"), str(folder)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    return folder


def pages(site):
    return sorted(site.rglob("*.html"))


def test_every_page_of_the_documentation_is_on_the_site(site):
    for language, folder in (("", ROOT / "docs"), ("zh", ROOT / "docs" / "zh")):
        for file in folder.rglob("*.md"):
            inside = file.relative_to(folder)
            if inside.parts[0] != "zh":
                assert (site / language / inside.with_suffix("") / "index.html").is_file(), file
    assert (site / "index.html").is_file()
    assert (site / "zh" / "index.html").is_file()


def test_every_link_leads_somewhere_on_the_site(site):
    dead = []
    for page in pages(site):
        if page.name == "404.html":
            continue  # shown at any address
        for link in LINK.findall(page.read_text("utf-8")):
            target = unquote(link.partition("#")[0])
            if not target or ":" in target:
                continue
            found = (page.parent / target).resolve()
            if not (found.is_file() or (found / "index.html").is_file()):
                dead.append((str(page.relative_to(site)), link))
    assert dead == []


def test_every_page_that_has_a_twin_leads_to_it(site):
    twins = list((site / "zh" / "reference").rglob("index.html"))
    assert len(twins) > 10
    for page in twins:
        english = site / page.relative_to(site / "zh")
        depth = "../" * len(page.parent.relative_to(site / "zh").parts)
        place = page.parent.relative_to(site / "zh")
        assert f"{depth}../{place}/" in page.read_text("utf-8"), page
        assert f"{depth}zh/{place}/" in english.read_text("utf-8"), english


def test_no_page_takes_anything_from_a_network(site):
    for page in pages(site):
        assert (
            re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="?https?:[^>]*', page.read_text("utf-8")) == []
        )


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(site):
    """The site behind a server of its own, which takes a port that is free."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "word", "page"), [("", "holdout", "Experiments"), ("zh/", "均衡", "均衡检查")]
)
def test_the_search_finds_words_of_the_language(address, browser, language, word, page):
    window = browser.new_page()
    window.set_default_timeout(600_000)
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    window.goto(address + language)
    window.locator(".md-search__button").click()
    window.locator("input:visible").press_sequentially(word)
    window.locator("mark").filter(has_text=word).first.wait_for()
    window.locator("a:visible").filter(has_text=page).first.wait_for()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    window.close()
