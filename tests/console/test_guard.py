"""What stands before every page: other sites, long bodies, headers; and that no page holds a script."""

import re

import pytest
from tests.console.visiting import PASSWORD, keys, text, town, warehouse

from telewave.access.roles import Role
from telewave.console.guard import LONGEST_FORM

__all__ = ["keys", "town", "warehouse"]


@pytest.mark.parametrize(
    "told",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {},
    ],
    ids=str,
)
def test_a_form_of_another_site_does_nothing(town, told):
    town.in_review()
    visitor = town.visitor(Role.EXECUTIVE)
    del visitor.headers["sec-fetch-site"]
    answer = visitor.post("/campaigns/summer", data={"what": "approve", "number": 1}, headers=told)
    assert answer.status_code == 403
    assert "was not sent by a page of this console" in text(answer)
    assert "in review" in text(visitor.get("/campaigns/summer"))


def test_a_browser_too_old_for_fetch_metadata_is_known_by_its_origin(town):
    town.in_review()
    visitor = town.visitor(Role.EXECUTIVE)
    del visitor.headers["sec-fetch-site"]
    data = {"what": "approve", "number": 1}
    answer = visitor.post("/campaigns/summer", data=data, headers={"origin": "http://testserver"})
    assert "The plan is approved" in text(answer)


def test_a_body_that_is_too_long_is_refused_whether_or_not_it_says_so(town):
    visitor = town.visitor(Role.AGENT)
    long = b"name=" + b"x" * LONGEST_FORM
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert visitor.post("/sign-in", content=long, headers=form).status_code == 413
    pieces = (long[place : place + 1000] for place in range(0, len(long), 1000))
    assert visitor.post("/sign-in", content=pieces, headers=form).status_code == 413
    assert visitor.post("/sign-in", content=long, headers=form | {"content-length": "-1"}).status_code == 413


def test_every_answer_tells_browsers_what_it_may_do_and_no_page_holds_a_script(town):
    town.running()
    visitor = town.visitor(Role.MANAGER, Role.ADMINISTRATOR, Role.LEAD, name="Li Na")
    addresses = [
        "/",
        "/campaigns",
        "/campaigns/spring",
        "/calls",
        "/calls/spring",
        "/people",
        "/audit",
        "/password",
        "/nowhere",
        "/assets/page.css",
        "/assets/nothing",
    ]
    for address in [*addresses, "/campaigns/spring/calls"]:
        answer = visitor.get(address)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        if not address.startswith("/assets/page"):
            assert answer.headers["cache-control"] == "no-store"
        scripts = re.findall(r"<script(.*?)>(.*?)</script>", answer.text, re.DOTALL)
        assert all(
            'src="/assets/' in told and not held for told, held in scripts if "application/json" not in told
        )
        assert not re.search(r'\son[a-z]+="', answer.text)


def test_what_was_not_foreseen_is_told_without_its_details_which_are_kept(town, monkeypatch):
    visitor = town.visitor(Role.ADMINISTRATOR)
    town.database.engine.dispose()
    object.__setattr__(town.workplace, "kinds", None)
    town.in_review()
    visitor = town.visitor(Role.MANAGER)
    answer = visitor.get("/campaigns/summer")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "The details are in error-" in text(answer)
    assert list(town.home.settings.home.glob("error-*.log"))


def test_what_people_write_is_shown_as_they_wrote_it(town):
    visitor = town.visitor(Role.ADMINISTRATOR)
    evil = "<script>alert(1)</script>"
    answer = visitor.post("/people", data={"name": evil, "role": "agent"})
    assert evil not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert visitor.get("/audit", params={"by": evil}).text.count(evil) == 0
    assert evil not in visitor.get(f"/campaigns/{evil}").text
    assert PASSWORD not in answer.text
