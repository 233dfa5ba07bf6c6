"""Campaigns on SQLite and PostgreSQL: bytes kept, two at once, killed between statements."""

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from tests.dying import Mortals

from telewave.approvals import store
from telewave.approvals.approval import (
    Approve,
    Approved,
    Draft,
    InReview,
    NotWhatWasApproved,
    Pause,
    Stop,
    Stopped,
    digest_of,
)
from telewave.approvals.model import EmptyPlan, NoSuchCampaign, NoSuchVersion
from telewave.approvals.store import CampaignChangedMeanwhile
from telewave.approvals.tables import campaign_steps, campaign_versions
from telewave.approvals.usecases import (
    NotRunning,
    PlanFile,
    campaigns,
    find,
    launch,
    launched_plan,
    plan_of,
    save_plan,
    step,
    submit,
)

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PLAN = PlanFile("plan.docx", b"\x00\xff\r\nany bytes \xe6")
OTHER = PlanFile("plan.docx", b"other bytes")


def stands(database, name="handset"):
    return [type(standing) for standing in find(database, name).standings]


def approve(database, by="Wang Wei"):
    return step(database, "handset", Approve(by, "looks good"), NOW)


def test_what_is_approved_is_launched_byte_for_byte(database):
    submit(database, "handset", "Li Na", NOW, PLAN)
    approve(database)
    with pytest.raises(NotRunning, match="telewave campaign launch"):
        launched_plan(database, "handset")
    with pytest.raises(NotWhatWasApproved):
        launch(database, "handset", "Li Na", NOW, OTHER)
    assert stands(database) == [Approved]
    launch(database, "handset", "Li Na", NOW, PLAN)
    version, content = launched_plan(database, "handset")
    assert (version.number, content) == (1, PLAN.content)
    history = find(database, "handset").entries
    assert [(e.sequence, e.person, e.to_state.value, e.note) for e in history] == [
        (1, "Li Na", "draft", ""),
        (2, "Li Na", "in review", ""),
        (3, "Wang Wei", "approved", "looks good"),
        (4, "Li Na", "launched", ""),
    ]
    assert all(e.at == NOW for e in history)


def test_a_paused_campaign_does_not_run_until_it_is_launched_again(database):
    submit(database, "handset", "Li Na", NOW, PLAN)
    approve(database)
    launch(database, "handset", "Li Na", NOW)
    step(database, "handset", Pause("Zhao", "no stock"), NOW)
    with pytest.raises(NotRunning):
        launched_plan(database, "handset")
    launch(database, "handset", "Zhao", NOW)
    assert launched_plan(database, "handset")[1] == PLAN.content
    step(database, "handset", Stop("Zhao", "goal reached"), NOW)
    assert stands(database) == [Stopped]


def test_every_version_is_kept(database):
    save_plan(database, "handset", PLAN, "Li Na", NOW)
    save_plan(database, "handset", OTHER, "Li Na", NOW)
    save_plan(database, "handset", OTHER, "Li Na", NOW)
    assert stands(database) == [Stopped, Draft]
    assert plan_of(database, "handset", 1) == PLAN.content
    assert plan_of(database, "handset", 2) == OTHER.content
    with pytest.raises(NoSuchVersion):
        plan_of(database, "handset", 3)
    save_plan(database, "card", PLAN, "Zhao", NOW)
    assert [(name, type(s)) for name, s in campaigns(database)] == [("card", Draft), ("handset", Draft)]


def test_a_plan_that_may_not_follow_is_not_saved(database):
    def judge(before, after):
        assert (list(before), after) == ([PLAN.content], OTHER.content)
        raise EmptyPlan(file="refused")

    submit(database, "handset", "Li Na", NOW, PLAN)
    with pytest.raises(EmptyPlan, match="refused"):
        submit(database, "handset", "Li Na", NOW, OTHER, judge)
    assert stands(database) == [InReview]


def test_kept_bytes_that_somebody_changed_are_never_launched(database):
    submit(database, "handset", "Li Na", NOW, PLAN)
    approve(database)
    with database.transaction() as connection:
        connection.execute(sa.update(campaign_versions).values(content=b"more money"))
    with pytest.raises(NotWhatWasApproved):
        launch(database, "handset", "Li Na", NOW, PLAN)
    with pytest.raises(NotWhatWasApproved):
        launch(database, "handset", "Li Na", NOW)
    assert stands(database) == [Approved]


def test_kept_bytes_that_somebody_changed_together_with_their_hash_are_never_launched(database):
    submit(database, "handset", "Li Na", NOW, PLAN)
    approve(database)
    forged = b"more money"
    with database.transaction() as connection:
        connection.execute(sa.update(campaign_versions).values(content=forged, digest=digest_of(forged)))
    for given in (None, PLAN, PlanFile("plan.docx", forged)):
        with pytest.raises(NotWhatWasApproved):
            launch(database, "handset", "Li Na", NOW, given)
    assert stands(database) == [Approved]
    with pytest.raises(NotWhatWasApproved):
        plan_of(database, "handset", 1)


def test_an_unknown_campaign_is_missing(database):
    for ask in (
        lambda: find(database, "none"),
        lambda: submit(database, "none", "Li Na", NOW),
        lambda: launch(database, "none", "Li Na", NOW),
        lambda: step(database, "none", Approve("Zhao"), NOW),
    ):
        with pytest.raises(NoSuchCampaign, match="none"):
            ask()


def test_of_two_who_decide_on_the_same_history_one_wins_and_the_other_is_told(database):
    submit(database, "handset", "Li Na", NOW, PLAN)
    before = store.load(database, "handset")
    store.add(database, before, before.stepped(Approve("Wang Wei"), NOW))
    with pytest.raises(CampaignChangedMeanwhile, match="decide again"):
        store.add(database, before, before.stepped(Stop("Zhao", "no"), NOW))
    with pytest.raises(CampaignChangedMeanwhile):
        store.add(database, before, before.drafted("p", OTHER.content, "Zhao", NOW), OTHER.content)
    assert stands(database) == [Approved]
    assert [s.number for s in find(database, "handset").saved] == [1]


def test_of_many_approvers_at_once_exactly_one_approves(database):
    submit(database, "handset", "Li Na", NOW, PLAN)
    outcomes, gate = [], threading.Barrier(6)

    def try_it(person):
        before = store.load(database, "handset")
        gate.wait()
        try:
            store.add(database, before, before.stepped(Approve(person), NOW))
            outcomes.append(person)
        except CampaignChangedMeanwhile:
            outcomes.append(None)

    threads = [threading.Thread(target=try_it, args=(f"Approver {k}",)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [person for person in outcomes if person]
    assert len(outcomes) == 6
    assert [e.person for e in find(database, "handset").entries if e.to_state.value == "approved"] == winners
    assert len(winners) == 1


# Dies before a stated statement or commit of one use case: a new version submitted while the first is running.
SUBMIT = """
from datetime import UTC, datetime
from telewave.approvals.usecases import PlanFile, submit
from telewave.platform.database import Database
from tests.dying import serve

def work(folder, url):
    submit(Database(url), "handset", "Li Na", datetime(2026, 6, 2, tzinfo=UTC), PlanFile("plan.docx", b"second"))

serve(work)
"""


def test_a_process_killed_between_any_two_statements_leaves_the_old_state_or_the_new(database, tmp_path):
    submit(database, "handset", "Li Na", NOW, PLAN)
    url = database.engine.url.render_as_string(hide_password=False)
    old, new = [InReview], [Stopped, InReview]
    deaths = 0
    with Mortals(SUBMIT) as mortals:
        # No file of the database lies in the folder: its statements are the steps.
        while mortals.run(tmp_path / "none", last=deaths + 1, url=url) < 0:
            deaths += 1
            assert stands(database) == old
    assert deaths > 3
    assert stands(database) == new
    with database.transaction() as connection:
        versions = connection.execute(sa.select(sa.func.count()).select_from(campaign_versions)).scalar()
        steps = connection.execute(sa.select(sa.func.count()).select_from(campaign_steps)).scalar()
    assert (versions, steps) == (2, 5)


def test_a_draft_is_submitted_without_giving_the_file_again(database):
    save_plan(database, "handset", PLAN, "Li Na", NOW)
    submit(database, "handset", "Zhao", NOW)
    assert stands(database) == [InReview]
    step(database, "handset", Approve("Wang Wei"), NOW, 1)
    assert stands(database) == [Approved]
