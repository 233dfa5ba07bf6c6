"""Signing in: who gets in, who does not, and what a stolen page, name or token is good for. On both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.console.visiting import PASSWORD, keys, signed_in, text, town, warehouse

from telewave.access.model import ABSOLUTE, IDLE, TRIES_OF_A_NAME, WINDOW
from telewave.access.roles import Role
from telewave.access.usecases import add_person, give_password, lock
from telewave.audit.store import found

__all__ = ["keys", "town", "warehouse"]
REFUSED = "Name and password do not belong together."


def test_nobody_sees_anything_without_signing_in_and_comes_back_to_what_he_asked_for(town):
    visitor = town.browser()
    answer = visitor.get("/audit?by=Li")
    assert answer.url.path == "/sign-in"
    assert "Sign in" in text(answer)
    assert dict(answer.url.params) == {"to": "/audit?by=Li"}
    once = add_person(town.database, "Zhou Qi", [Role.ADMINISTRATOR], "test", town.at)
    answer = visitor.post("/sign-in", data={"name": "Zhou Qi", "password": once, "to": "/audit?by=Li"})
    assert answer.url.path == "/password", "a password to use once is changed first, whatever was asked for"
    answer = visitor.post("/password", data={"old": once, "new": PASSWORD, "again": PASSWORD})
    visitor.post("/sign-out")
    answer = visitor.post("/sign-in", data={"name": " zhou  QI", "password": PASSWORD, "to": "/audit?by=Li"})
    assert (answer.status_code, str(answer.url)) == (200, "http://testserver/audit?by=Li")


@pytest.mark.parametrize(
    "to", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_by_an_address(town, to):
    town.visitor(Role.AGENT).post("/sign-out")
    visitor = town.browser()
    answer = visitor.post("/sign-in", data={"name": "Sun Yu", "password": PASSWORD, "to": to})
    assert str(answer.url) == "http://testserver/"
    answer = visitor.get("/language", params={"to": "zh", "back": to})
    assert str(answer.url) == "http://testserver/"


def test_a_password_made_by_somebody_else_is_good_for_choosing_one_s_own_only(town):
    once = add_person(town.database, "Zhou Qi", [Role.ADMINISTRATOR], "test", town.at)
    visitor = town.browser()
    signed_in(visitor, "Zhou Qi", once)
    assert visitor.get("/people").url.path == "/password"
    assert visitor.post("/people", data={"name": "Eve", "role": "administrator"}).url.path == "/password"
    for new, again, why in (
        ("short", "short", "has 5 characters"),
        (PASSWORD, PASSWORD + "!", "differ"),
        ("zzzzzzzzzzzzzz", "zzzzzzzzzzzzzz", "one character over and over"),
        (once, once, "the old password"),
    ):
        answer = visitor.post("/password", data={"old": once, "new": new, "again": again})
        assert answer.status_code == 422
        assert why in text(answer)
    assert REFUSED in text(visitor.post("/password", data={"old": "x", "new": PASSWORD, "again": PASSWORD}))


def test_who_guesses_waits_whether_or_not_the_name_is_known_and_the_right_password_waits_too(town):
    town.visitor(Role.AGENT).post("/sign-out")
    for name in ("Sun Yu", "Nobody", "", "a\x00b", "名" * 5000):
        visitor = town.browser()
        for _ in range(TRIES_OF_A_NAME):
            answer = signed_in(visitor, name, "wrong")
            assert (answer.status_code, REFUSED in text(answer)) == (403, True)
        answer = signed_in(visitor, name, "wrong")
        assert answer.status_code == 429
        assert "Wait 15 minutes" in text(answer)
    assert signed_in(visitor, "Sun Yu", PASSWORD).status_code == 429
    town.at += WINDOW
    assert signed_in(visitor, "Sun Yu", PASSWORD).status_code == 200


def test_an_administrator_s_new_password_opens_at_once_what_guessing_closed(town):
    town.visitor(Role.AGENT)
    visitor = town.browser()
    for _ in range(TRIES_OF_A_NAME + 1):
        signed_in(visitor, "Sun Yu", "wrong")
    once = give_password(town.database, "Sun Yu", "Zhou Qi", town.at)
    assert signed_in(visitor, "Sun Yu", once).url.path == "/password"


@pytest.mark.parametrize("step", [IDLE, ABSOLUTE], ids=["idle", "absolute"])
def test_a_session_ends_when_nothing_is_asked_for_long_and_at_the_latest_after_a_shift(town, step):
    visitor = town.visitor(Role.AGENT)
    end = town.at + step
    while step is ABSOLUTE and town.at + IDLE / 2 < end:
        town.at += IDLE / 2
        assert visitor.get("/").url.path == "/"
    town.at = end + timedelta(seconds=1)
    assert visitor.get("/").url.path == "/sign-in"


def test_who_is_locked_gets_a_new_password_or_signs_out_is_out_at_once_everywhere(town):
    visitor = town.visitor(Role.AGENT)
    lock(town.database, "Sun Yu", "Zhou Qi", town.at)
    assert visitor.get("/").url.path == "/sign-in"
    assert REFUSED in text(signed_in(visitor, "Sun Yu", PASSWORD))
    other = town.visitor(Role.LEAD)
    give_password(town.database, "Zhao Min", "Zhou Qi", town.at)
    assert other.get("/").url.path == "/sign-in"
    third = town.visitor(Role.ANALYST)
    token = third.cookies["telewave"]
    third.post("/sign-out")
    third.cookies.set("telewave", token)
    assert third.get("/").url.path == "/sign-in"


def test_a_session_s_token_is_made_anew_at_signing_in_and_kept_nowhere(town):
    visitor = town.visitor(Role.AGENT)
    visitor.post("/sign-out")
    visitor.cookies.set("telewave", "chosen-by-somebody-else")
    signed_in(visitor, "Sun Yu", PASSWORD)
    tokens = {one.value for one in visitor.cookies.jar if one.name == "telewave"}
    assert any(len(one) >= 43 for one in tokens)
    with town.database.transaction() as connection:
        kept = str(connection.execute(sa.text("SELECT * FROM sitting")).all())
        kept += str(connection.execute(sa.text("SELECT * FROM person")).all())
    assert not any(token in kept for token in tokens)
    assert PASSWORD not in kept
    assert "$argon2id$" in kept


def test_the_cookie_is_out_of_reach_of_scripts_and_of_connections_that_are_not_encrypted(town):
    once = add_person(town.database, "Sun Yu", [Role.AGENT], "test", town.at)
    for address, name, flags in (
        ("http://testserver", "telewave", {"httponly", "path=/", "samesite=lax"}),
        ("https://testserver", "__Host-telewave", {"httponly", "path=/", "samesite=lax", "secure"}),
    ):
        visitor = town.browser()
        visitor.base_url = address
        answer = visitor.post("/sign-in", data={"name": "Sun Yu", "password": once}, follow_redirects=False)
        given = answer.headers["set-cookie"]
        assert given.startswith(f"{name}=")
        assert {one.strip().lower() for one in given.split(";")[1:]} == flags
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_signing_in_and_being_refused_stand_in_the_audit_log_and_names_that_are_none_do_not(town):
    town.visitor(Role.AGENT)
    signed_in(town.browser(), "Sun Yu", "wrong")
    signed_in(town.browser(), "a password typed as a name", "x")
    told = [(one.person, one.action) for one in found(town.database)]
    assert told == [
        ("Sun Yu", "person:refused"),
        ("Sun Yu", "person:password changed"),
        ("Sun Yu", "person:signed in"),
        ("test", "person:added"),
    ]


def test_the_language_is_the_browser_s_until_one_is_chosen(town):
    assert "登录" in text(town.browser("zh-CN,zh;q=0.9,en;q=0.8").get("/sign-in"))
    visitor = town.browser("en-GB,en")
    assert "Sign in" in text(visitor.get("/sign-in"))
    visitor.get("/language?to=zh&back=/sign-in")
    assert "登录" in text(visitor.get("/sign-in"))
    assert visitor.get("/language?to=fr").status_code == 422
