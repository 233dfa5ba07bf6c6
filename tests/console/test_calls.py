"""An agent's calls in the console: whom, why, what to say; what became of it, once and for good."""

from datetime import timedelta

from tests.console.visiting import keys, text, town, warehouse

from telewave.access.roles import Role
from telewave.records.revealing import seen_by

__all__ = ["keys", "town", "warehouse"]


def following(visitor):
    return text(visitor.post("/calls/spring/next"))


def done(visitor, town, subscriber, result, **more):
    contact = town.campaign.number(subscriber)
    return visitor.post("/calls/spring/done", data={"contact": contact, "result": result} | more)


def test_a_day_s_calls_from_the_first_to_the_last(town):
    town.running(numbers=(0, 1, 2))
    visitor = town.visitor(Role.AGENT)
    assert "customers wait for your call" in text(visitor.get("/"))
    page = following(visitor)
    assert "13900000000" in page
    assert "=Hello" in page
    assert "Core: 3.3 % are expected to take the offer Handset" in page.replace("3.3%", "3.3 %")
    assert "no answer, taken down" in text(done(visitor, town, 0, "no_answer"))
    assert "13900000001" in following(visitor)
    assert "You hold this contact already" in following(visitor), "asked again, the same customer"
    later = (town.at + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    assert "It is called again at" in text(done(visitor, town, 1, "call_back", call_back=later))
    assert "13900000002" in following(visitor)
    assert "ordered, taken down" in text(done(visitor, town, 2, "ordered", order="handset", reference="A-1"))
    assert "There is nobody for you to call now" in following(visitor)
    told = [(one["agent"], one["result"], one["reference"]) for one in town.campaign.calls()]
    assert told == [
        ("Sun Yu", "no_answer", None),
        ("Sun Yu", "call_back", None),
        ("Sun Yu", "ordered", "A-1"),
    ]


def test_that_the_number_was_shown_is_on_record_with_the_agent_and_the_call(town):
    town.running(numbers=(0,))
    following(town.visitor(Role.AGENT))
    (seen,) = seen_by(town.database, 0)
    assert seen.person == "Sun Yu"
    assert "campaign spring" in seen.purpose
    assert f"call of contact {town.campaign.number(0)}" in seen.purpose


def test_what_cannot_be_taken_down_so_comes_back_with_the_same_customer_and_the_reason(town):
    town.running(numbers=(0,))
    visitor = town.visitor(Role.AGENT)
    following(visitor)
    for result, more, why in (
        ("call_back", {}, "call back"),
        ("call_back", {"call_back": "soon"}, "soon"),
        ("call_back", {"call_back": "2026-07-08T03:00"}, "03:00"),
        ("ordered", {"order": "nothing"}, "nothing"),
    ):
        answer = done(visitor, town, 0, result, **more)
        assert answer.status_code in (409, 422)
        assert why in text(answer)
        assert "13900000000" in text(answer)
    assert [one["result"] for one in town.campaign.calls()] == [None]


def test_another_s_customer_cannot_be_told_of(town):
    town.running(numbers=(0, 1))
    first, second = town.visitor(Role.AGENT), town.visitor(Role.LEAD)
    following(first)
    answer = done(second, town, 0, "refused")
    assert answer.status_code in (403, 409)
    assert {one["result"] for one in town.campaign.calls()} == {None}


def test_a_form_sent_twice_is_taken_down_once(town):
    town.running(numbers=(0, 1))
    visitor = town.visitor(Role.AGENT)
    following(visitor)
    assert done(visitor, town, 0, "refused").status_code == 200
    again = done(visitor, town, 0, "refused")
    assert again.status_code in (200, 409)
    assert [one["result"] for one in town.campaign.calls() if one["result"]] == ["refused"]


def test_the_lead_reads_the_bulletin_of_the_calls_that_were_told_of(town):
    town.running(numbers=(0, 1))
    visitor = town.visitor(Role.LEAD)
    following(visitor)
    done(visitor, town, 0, "willing")
    page = text(visitor.get("/campaigns/spring/calls"))
    assert "Calls of 2026-07-08" in page
    assert "Zhao Min" in page
    answer = visitor.get("/campaigns/spring/calls?day=2027-01-01")
    assert answer.status_code in (404, 409, 422)
    assert "2026-07-31" in text(answer)
    assert visitor.get("/campaigns/spring/calls?day=tomorrow").status_code == 422
