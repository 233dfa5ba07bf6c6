"""A campaign's way through the console: reviewed beside what runs, approved by a second person, launched, paused, stopped."""

import pytest
from tests.console.visiting import keys, text, town, warehouse

from telewave.access.roles import Role
from telewave.approvals.usecases import find
from telewave.audit.store import found

__all__ = ["keys", "town", "warehouse"]


def state(town, name="summer"):
    return type(find(town.database, name).standings[-1]).__name__


def step(visitor, what, note="because of the stock", name="summer", **more):
    return visitor.post(f"/campaigns/{name}", data={"what": what, "number": 1, "note": note} | more)


def test_the_day_s_work_leads_each_to_his_step_and_the_campaign_runs(town):
    town.in_review(by="Li Na")
    author, second = town.visitor(Role.MANAGER), town.visitor(Role.EXECUTIVE)
    assert "waits for a second person" in text(author.get("/"))
    assert "waits for your approval" in text(second.get("/"))
    assert "Approve" not in text(author.get("/campaigns/summer")).split("Who did what")[0]
    assert "The plan is approved and frozen" in text(step(second, "approve"))
    assert "is approved, and not launched yet" in text(author.get("/"))
    assert "The campaign is launched" in text(step(author, "launch", ""))
    assert "Spring handsets runs." in text(second.get("/"))
    assert "The campaign is paused" in text(step(author, "pause"))
    assert "Spring handsets is paused" in text(author.get("/"))
    assert "The campaign is launched" in text(step(author, "launch", ""))
    assert "The campaign is stopped for good" in text(step(author, "stop"))
    page = text(author.get("/campaigns/summer"))
    assert "What you can decide now" not in page
    assert "because of the stock" in page
    people = {one.action: one.person for one in found(town.database, about="summer")}
    assert people["plan:approved"] == "Wang Wei"
    assert people["plan:launched"] == people["plan:stopped"] == "Li Na"


def test_nobody_approves_what_he_wrote_even_if_he_sends_the_form_himself(town):
    town.in_review(by="Li Na")
    answer = step(town.visitor(Role.MANAGER), "approve")
    assert answer.status_code == 403
    assert "cannot approve it" in text(answer)
    assert state(town) == "InReview"


@pytest.mark.parametrize(
    ("what", "note", "status", "why"),
    [("reject", "", 422, "Say why"), ("launch", "", 409, "cannot be launched"), ("fly", "x", 422, "what")],
)
def test_what_cannot_be_done_is_told_in_a_sentence_and_nothing_is_done(town, what, note, status, why):
    town.in_review()
    answer = step(town.visitor(Role.MANAGER, name="Wang Fang"), what, note)
    assert answer.status_code == status
    assert why in text(answer)
    assert state(town) == "InReview"


def test_a_version_in_review_stands_beside_the_one_that_runs(town):
    from tests.console.visiting import FIGURES
    from tests.contacts.test_handing_out import NOW, kept
    from tests.outbound.calling import CHANNELS, call

    from telewave.approvals.usecases import PlanFile, submit
    from telewave.contacts.plan_kind import ContactPlanKind

    town.running()
    more = FIGURES | {"expected_profit": 120.25}
    made = kept(town.campaign.warehouse, town.database, [call(7)], channels=CHANNELS, figures=more)
    submit(
        town.database, "spring", "Chen Jie", NOW, PlanFile("plan.json", made.document, ContactPlanKind.name)
    )
    page = text(town.visitor(Role.MANAGER).get("/campaigns/spring"))
    assert "Version 1, launched Version 2, in review" in page
    assert "Expected profit 88.50 yuan 120 yuan" in page
    assert "Contacts 4 1" in page
    assert "Agents, phase 1 4 4 1.25 yuan" in page


def test_a_campaign_is_shown_in_the_reader_s_language(town):
    town.running()
    page = text(town.visitor(Role.MANAGER, language="zh").get("/campaigns/spring"))
    assert "春季合约机" in page
    assert "方案指标" in page
    assert "Spring" not in page


def test_the_list_of_campaigns_says_how_each_stands(town):
    visitor = town.visitor(Role.ANALYST)
    assert "There are no campaigns yet" in text(visitor.get("/campaigns"))
    town.running()
    town.in_review()
    page = text(visitor.get("/campaigns"))
    assert "Spring handsets launched" in page
    assert "of 2 expected takers 1 come because of them" in page


def test_who_is_not_there_is_said_so(town):
    answer = town.visitor(Role.MANAGER).get("/campaigns/nowhere")
    assert answer.status_code == 404
    assert "There is no campaign nowhere" in text(answer)
