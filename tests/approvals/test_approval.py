"""The way from draft to launch: never without a second person, never with anything but what was approved."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.approvals.approval import (
    Approve,
    Approved,
    Draft,
    InReview,
    Launch,
    Launched,
    NoPerson,
    NoReason,
    NotPossibleNow,
    NotWhatWasApproved,
    OwnPlan,
    Pause,
    Paused,
    Reject,
    State,
    Stop,
    Stopped,
    Submit,
    digest_of,
    same_person,
)
from telewave.approvals.model import (
    Dossier,
    EmptyPlan,
    LongPersonName,
    NoSuchCampaign,
    NoSuchVersion,
    UnusableCampaignName,
)
from telewave.kernel import TelewaveError

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PLAN, OTHER = b"waves: 3\n", b"waves: 4\n"


def draft(plan=PLAN, by="Li Na"):
    return Dossier("handset").drafted("plan.yaml", plan, by, NOW)


def walked(campaign, *steps):
    for step in steps:
        campaign = campaign.stepped(step, NOW)
    return campaign


def approved(plan=PLAN):
    return walked(draft(plan), Submit("Li Na"), Approve("Wang Wei"))


def launch(plan=PLAN, by="Li Na"):
    return Launch(by, digest_of(plan))


def test_a_plan_goes_from_draft_over_review_and_approval_to_launch_pause_and_stop():
    made = draft()
    kinds = [type(made.standings[0])]
    for step in (
        Submit("Li Na"),
        Approve("Wang Wei"),
        launch(),
        Pause("Zhao", "stock is out"),
        launch(),
        Stop("Zhao", "goal reached"),
    ):
        made = made.stepped(step, NOW)
        kinds.append(type(made.standings[0]))
    assert kinds == [Draft, InReview, Approved, Launched, Paused, Launched, Stopped]
    assert [(e.person, e.note) for e in made.entries][-1] == ("Zhao", "goal reached")
    assert {e.digest for e in made.entries} == {digest_of(PLAN)}


def test_a_rejected_plan_is_a_draft_again_with_the_reason():
    made = walked(draft(), Submit("Li Na"), Reject("Wang Wei", "no budget for gifts"))
    assert isinstance(made.standings[0], Draft)
    assert made.entries[-1].note == "no budget for gifts"


@pytest.mark.parametrize("approver", ["Li Na", "li na", "  LI  NA ", "Ｌｉ Na", "Li\u200b Na", "\u2060Li Na"])
def test_the_author_cannot_approve_however_the_name_is_written(approver):
    with pytest.raises(OwnPlan, match="second person"):
        walked(draft(), Submit("Wang Wei"), Approve(approver))


def test_who_submitted_it_cannot_approve_it():
    with pytest.raises(OwnPlan):
        walked(draft(), Submit("Wang Wei"), Approve("Wang Wei"))


def test_who_submitted_it_once_cannot_approve_it_after_it_was_rejected_and_submitted_by_another():
    made = walked(draft(by="Wang Wei"), Submit("Li Na"), Reject("Zhao", "too dear"), Submit("Wang Wei"))
    with pytest.raises(OwnPlan, match="Li Na"):
        walked(made, Approve("Li Na"))
    again = made.drafted("b.yaml", OTHER, "Wang Wei", NOW).drafted("c.yaml", PLAN, "Wang Wei", NOW)
    with pytest.raises(OwnPlan, match="Li Na"):
        walked(again, Submit("Wang Wei"), Approve("Li Na"))


def test_saving_ones_own_bytes_under_another_name_does_not_make_one_a_second_person():
    made = draft().drafted("b.yaml", OTHER, "Wang Wei", NOW).drafted("c.yaml", PLAN, "Wang Wei", NOW)
    assert len(made.saved) == 3
    for person in ("Li Na", "Wang Wei"):
        with pytest.raises(OwnPlan):
            walked(made, Submit("Wang Wei"), Approve(person))
    assert isinstance(walked(made, Submit("Wang Wei"), Approve("Zhao")).standings[-1], Approved)


def test_anything_but_what_was_approved_is_not_launched_and_both_hashes_are_named():
    with pytest.raises(NotWhatWasApproved) as refused:
        walked(approved(), launch(OTHER))
    assert digest_of(PLAN)[:12] in str(refused.value)
    assert digest_of(OTHER)[:12] in str(refused.value)
    assert "save the plan as a new version" in str(refused.value)


def test_an_edit_after_approval_is_a_new_draft_and_what_was_approved_stays_approved():
    made = approved().drafted("plan.yaml", OTHER, "Li Na", NOW)
    assert [type(s) for s in made.standings] == [Approved, Draft]
    made = walked(made, launch())
    assert [type(s) for s in made.standings] == [Launched, Draft]


def test_launching_a_new_version_ends_the_one_that_ran():
    made = walked(approved(), launch()).drafted("plan.yaml", OTHER, "Li Na", NOW)
    made = walked(made, Submit("Li Na"), Approve("Wang Wei"), launch(OTHER))
    assert [type(s) for s in made.standings] == [Stopped, Launched]
    replaced = next(e for e in made.entries if e.replaced_by)
    assert (replaced.number, replaced.replaced_by) == (1, 2)


def test_a_new_draft_takes_the_place_of_one_in_review():
    made = walked(draft(), Submit("Li Na")).drafted("plan.yaml", OTHER, "Li Na", NOW)
    assert [type(s) for s in made.standings] == [Stopped, Draft]


def test_saving_the_same_plan_again_changes_nothing():
    made = approved()
    assert made.drafted("renamed.yaml", PLAN, "Zhao", NOW) is made
    ended = walked(made, Stop("Zhao", "no stock"))
    assert [type(s) for s in ended.drafted("plan.yaml", PLAN, "Li Na", NOW).standings] == [Stopped, Draft]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: walked(draft(), Approve("Wang Wei")), NotPossibleNow, "Submit it for review first"),
        (lambda: walked(draft(), launch()), NotPossibleNow, "draft"),
        (lambda: walked(draft(), Submit("A"), launch()), NotPossibleNow, "second person"),
        (lambda: walked(approved(), Submit("A")), NotPossibleNow, "launched or stopped"),
        (lambda: walked(approved(), launch(), Approve("B")), NotPossibleNow, "paused or stopped"),
        (lambda: walked(approved(), Stop("A", "x"), launch()), NotPossibleNow, "final"),
        (lambda: walked(approved(), Stop("A", "x"), Stop("A", "x")), NotPossibleNow, "final"),
        (lambda: walked(approved(), launch(), Pause("A", " ")), NoReason, "--reason"),
        (lambda: walked(draft(), Submit("A"), Reject("B", "")), NoReason, "Say why"),
        (lambda: walked(draft(), Submit(" ")), NoPerson, "--by"),
        (lambda: walked(draft(), Submit("x" * 201)), LongPersonName, "201"),
        (lambda: draft(b" \n"), EmptyPlan, "plan.yaml"),
        (lambda: draft(by=""), NoPerson, "--by"),
        (lambda: Dossier("a b"), UnusableCampaignName, "a b"),
        (lambda: walked(Dossier("x"), Submit("A")), NoSuchCampaign, "x"),
        (lambda: draft().stepped(Submit("A"), NOW, 7), NoSuchVersion, "version 7"),
    ],
)
def test_what_is_not_possible_is_refused_with_the_remedy(call, error, said):
    with pytest.raises(error, match=said):
        call()


people = st.sampled_from(["Li Na", "li na ", "Wang Wei", "Zhao"])
plans = st.sampled_from([PLAN, OTHER, b"waves: 5\n"])
moves = st.one_of(
    st.builds(lambda by, plan: ("save", by, plan), people, plans),
    st.builds(Submit, people),
    st.builds(Approve, people),
    st.builds(Reject, people, st.just("no")),
    st.builds(lambda by, plan: Launch(by, digest_of(plan)), people, plans),
    st.builds(Pause, people, st.just("wait")),
    st.builds(Stop, people, st.just("over")),
)
likely = st.lists(moves, max_size=25)


@given(likely, st.integers(0, 2))
@settings(max_examples=400)
def test_no_sequence_of_steps_reaches_launch_without_two_people_and_the_approved_bytes(steps, head_start):
    made = (draft(), walked(draft(), Submit("Li Na")), approved())[head_start]
    for step in steps:
        before = made
        try:
            made = (
                made.drafted("p.yaml", step[2], step[1], NOW)
                if isinstance(step, tuple)
                else made.stepped(step, NOW)
            )
        except TelewaveError:
            assert made is before
            continue
        assert made.entries[: len(before.entries)] == before.entries  # nothing is ever taken away
        standings = made.standings
        assert sum(isinstance(s, Launched | Paused) for s in standings) <= 1
        assert sum(isinstance(s, Draft | InReview) for s in standings) <= 1
        assert sum(isinstance(s, Approved) for s in standings) <= 1
        for standing in standings:
            if isinstance(standing, Approved | Launched | Paused):
                authors = standing.version.authors
                assert authors
                assert not any(same_person(standing.approved_by, author) for author in authors)
                number = standing.version.number
                submitters = {
                    e.person for e in made.entries if e.number == number and e.to_state is State.IN_REVIEW
                }
                assert not any(same_person(standing.approved_by, one) for one in submitters)
                assert {e.digest for e in made.entries if e.number == number} == {standing.version.digest}
