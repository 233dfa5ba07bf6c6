"""People and their roles, and the audit log, in the console."""

import re

from tests.console.visiting import keys, signed_in, text, town, warehouse

from telewave.access.roles import Role
from telewave.access.usecases import everybody
from telewave.audit.store import found

__all__ = ["keys", "town", "warehouse"]


def change(visitor, name, what, **more):
    return visitor.post("/people/change", data={"name": name, "what": what} | more)


def test_somebody_is_added_signs_in_changes_roles_and_is_locked(town):
    visitor = town.visitor(Role.ADMINISTRATOR)
    page = visitor.post("/people", data={"name": "孙 宇", "role": ["agent", "lead"]})
    once = re.search(r"<code>([a-z0-9-]{23})</code>", page.text)[1]
    assert signed_in(town.browser(), "孙 宇", once).url.path == "/password"
    assert once not in visitor.get("/people").text, "shown once"
    assert "The roles are changed" in text(change(visitor, "孙 宇", "roles", role="agent"))
    assert "cannot sign in any more" in text(change(visitor, "孙 宇", "lock"))
    assert "can sign in again" in text(change(visitor, "孙 宇", "unlock"))
    given = re.search(r"<code>([a-z0-9-]{23})</code>", change(visitor, "孙 宇", "password").text)[1]
    assert given != once
    page = text(visitor.get("/audit?about=孙 宇"))
    for did in (
        "added a person",
        "changed somebody&#39;s roles",
        "locked a person",
        "unlocked a person",
        "gave somebody a new password",
    ):
        assert did in page
    assert {one.person for one in found(town.database, about="孙 宇")} == {"Zhou Qi", "孙 宇"}


def test_the_last_administrator_stays_one(town):
    visitor = town.visitor(Role.ADMINISTRATOR)
    for what, more in (("lock", {}), ("roles", {"role": "agent"})):
        answer = change(visitor, "Zhou Qi", what, **more)
        assert answer.status_code == 409
        assert "the last administrator" in text(answer)
    visitor.post("/people", data={"name": "Second", "role": "administrator"})
    assert change(visitor, "Zhou Qi", "lock").url.path == "/sign-in", "signed out with all others"
    assert [one.name for one in everybody(town.database) if one.locked_at] == ["Zhou Qi"]


def test_names_that_are_taken_empty_or_unseen_and_people_without_roles_are_refused(town):
    visitor = town.visitor(Role.ADMINISTRATOR)
    for name, role, why in (
        ("ZHOU  qi", "agent", "already"),
        ("\u200b", "agent", "cannot be called"),
        ("x" * 201, "agent", "cannot be called"),
        ("New", None, "at least one role"),
        ("New", "king", "cannot be read"),
    ):
        answer = visitor.post("/people", data={"name": name} | ({} if role is None else {"role": role}))
        assert answer.status_code in (409, 422), name
        assert why in text(answer)
    assert len(everybody(town.database)) == 1


def test_the_audit_log_is_searched_by_person_action_and_day(town):
    visitor = town.visitor(Role.ADMINISTRATOR)
    town.in_review()
    assert "handed a plan in" in text(visitor.get("/audit?action=plan:in review"))
    assert "Nothing of the kind" in text(visitor.get("/audit?by=Nobody"))
    assert "Nothing of the kind" in text(visitor.get("/audit?since=2027-01-01"))
    assert visitor.get("/audit?since=yesterday").status_code == 422
