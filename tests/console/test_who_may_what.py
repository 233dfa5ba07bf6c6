"""The matrix of pages and roles: every route is written down here with who may use it, and every cell is tried."""

import pytest
from tests.console.visiting import keys, text, town, warehouse

from telewave.access.roles import GRANTS, Permission, Role
from telewave.console.app import permissions_of

__all__ = ["keys", "town", "warehouse"]
EVERYBODY = tuple(Role)
TABLE = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/campaigns"): (Role.MANAGER, Role.ANALYST, Role.EXECUTIVE),
    ("GET", "/campaigns/{name}"): (Role.MANAGER, Role.ANALYST, Role.EXECUTIVE),
    ("POST", "/campaigns/{name}"): (Role.MANAGER, Role.ANALYST, Role.EXECUTIVE),
    ("GET", "/campaigns/{name}/results"): (Role.MANAGER, Role.ANALYST, Role.EXECUTIVE),
    ("GET", "/campaigns/{name}/calls"): (Role.MANAGER, Role.LEAD, Role.EXECUTIVE),
    ("GET", "/campaigns/{name}/agents"): (Role.MANAGER, Role.LEAD, Role.EXECUTIVE),
    ("GET", "/calls"): (Role.MANAGER, Role.LEAD, Role.AGENT, Role.EXECUTIVE),
    ("GET", "/calls/{name}"): (Role.LEAD, Role.AGENT),
    ("POST", "/calls/{name}/next"): (Role.LEAD, Role.AGENT),
    ("POST", "/calls/{name}/done"): (Role.LEAD, Role.AGENT),
    ("GET", "/people"): (Role.ADMINISTRATOR,),
    ("POST", "/people"): (Role.ADMINISTRATOR,),
    ("POST", "/people/change"): (Role.ADMINISTRATOR,),
    ("GET", "/audit"): (Role.ADMINISTRATOR,),
}
SIGNED_IN = {("POST", "/sign-out"), ("GET", "/password"), ("POST", "/password")}
OPEN = {("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/language"), ("GET", "/assets/{name}")}
STEPS = {
    "submit": (Role.MANAGER, Role.ANALYST),
    "approve": (Role.MANAGER, Role.EXECUTIVE),
    "reject": (Role.MANAGER, Role.EXECUTIVE),
    "launch": (Role.MANAGER,),
    "pause": (Role.MANAGER,),
    "stop": (Role.MANAGER,),
}


def test_every_route_is_in_the_table_with_the_roles_that_its_permissions_give(town):
    found, unasked, signed = {}, set(), set()
    for route, needed in permissions_of(town.app):
        for method in route.methods:
            key = (method, route.path)
            if needed is None:
                unasked.add(key)
            elif not needed and key in SIGNED_IN:
                signed.add(key)
            else:
                found[key] = tuple(role for role in Role if not needed or GRANTS[role] & set(needed))
    assert found == TABLE
    assert (unasked, signed) == (OPEN, SIGNED_IN)


@pytest.mark.parametrize("role", Role)
def test_every_cell_is_as_the_table_says(town, role):
    town.running()
    visitor = town.visitor(role)
    for (method, path), roles in TABLE.items():
        answer = visitor.request(method, path.replace("{name}", "spring"))
        told = text(answer)
        refused = answer.status_code == 403 and "may not do this" in told
        assert refused is (role not in roles), (method, path, answer.status_code, told[:200])


@pytest.mark.parametrize("role", Role)
def test_a_step_of_a_campaign_takes_its_own_permission(town, role):
    visitor = town.visitor(role)
    for what, roles in STEPS.items():
        answer = visitor.post("/campaigns/nowhere", data={"what": what, "number": 1, "note": "because"})
        assert (answer.status_code == 403) is (role not in roles), (what, text(answer))
        assert role not in roles or "There is no campaign nowhere" in text(answer)


@pytest.mark.parametrize(("method", "path"), [*TABLE, *SIGNED_IN], ids=str)
def test_who_is_not_signed_in_sees_nothing(town, method, path):
    answer = town.browser().request(method, path.replace("{name}", "spring"), follow_redirects=False)
    assert answer.status_code == (303 if method == "GET" else 401)
    if method == "GET":
        assert answer.headers["location"].startswith("/sign-in")


def test_nobody_is_given_all_that_there_is():
    assert {one for grants in GRANTS.values() for one in grants} == set(Permission)
    assert all(grants < set(Permission) for grants in GRANTS.values())
