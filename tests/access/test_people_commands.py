"""`telewave people`: added, given other roles, a new password, locked and unlocked; each step in the audit log."""

import json
import os

import pytest
from tests.started import started

from telewave.access.roles import Permission, Role, granted


@pytest.fixture
def telewave(tmp_path):
    def run(*words, language="en", code=0):
        env = os.environ | {"TELEWAVE_HOME": str(tmp_path / "home"), "TELEWAVE_LANG": language}
        done = started(["people", *words], env=env, text=True)
        assert done.returncode == code, done.stderr
        return " ".join((done.stdout + done.stderr).split())

    return run


def test_somebody_s_way_through_the_commands(telewave):
    assert "telewave people add NAME --roles administrator --by NAME" in telewave("list")
    told = json.loads(telewave("add", "李娜", "--roles", "营销经理，外呼班长", "--by", "王伟", "--json"))
    assert len(told["password"]) == 23
    assert told["password"] in told["sentences"][0]
    assert "李娜 营销经理、外呼班长 尚未首次登录" in " ".join(
        telewave("list", language="zh").replace("│", " ").split()
    )
    assert "李娜: outbound agent." in telewave("roles", "李娜", "--roles", "agent", "--by", "王伟")
    assert "signed out" in telewave("lock", "李娜", "--by", "王伟")
    assert "locked" in telewave("list")
    assert "can sign in again" in telewave("unlock", "李娜", "--by", "王伟")
    assert told["password"] not in telewave("password", "李娜", "--by", "王伟")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "Li Na", "--roles", "king", "--by", "Wang Wei"], "no_such_role"),
        (["add", " ", "--roles", "agent", "--by", "Wang Wei"], "unusable_person_name"),
        (["add", "Li Na", "--roles", "agent", "--by", " "], "unusable_person_name"),
        (["lock", "Nobody", "--by", "Wang Wei"], "no_such_person"),
        (["password", "Nobody", "--by", "Wang Wei"], "no_such_person"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_a_sentence(telewave, words, code):
    assert f"[{code}]" in telewave(*words, code=1)


def test_the_last_administrator_and_a_name_that_is_taken_are_refused(telewave):
    telewave("add", "Li Na", "--roles", "administrator", "--by", "Li Na")
    assert "[name_taken]" in telewave("add", "li  NA", "--roles", "agent", "--by", "Li Na", code=1)
    assert "[last_administrator]" in telewave("lock", "Li Na", "--by", "Li Na", code=1)
    assert "[last_administrator]" in telewave("roles", "Li Na", "--roles", "agent", "--by", "Li Na", code=1)


def test_every_permission_and_role_is_named_in_both_languages():
    for one in [*Permission, *Role]:
        assert one.label.en
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.label.zh)
    assert granted([]) == frozenset()
