"""A day's bulletin in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telewave.kernel import Estimate, Figure, Label, Message
from telewave.outbound.agent_words import CONNECTED
from telewave.outbound.agent_words import headline as of_agents
from telewave.outbound.bulletin import Bulletin, Counts

COUNT_COLUMNS = (Message("Calls"), CONNECTED, Message("Willing"), Message("Orders"))
SHARES = (Message("Of the calls reached (95 %)"), Message("Of the reached willing (95 %)"))
DAY_COLUMNS = (Message("Time"), *COUNT_COLUMNS, *SHARES)
AGENT_COLUMNS = (Message("Agent"), *COUNT_COLUMNS, SHARES[1], Message("Verdict"))
NEWS = Message("News")
HOUR_COLUMNS = (Message("Hour"), *COUNT_COLUMNS, SHARES[0])
Row = tuple[Any, ...]


def in_short(found: Bulletin) -> Message:
    """The day in one sentence."""
    today = found.today
    if not today.calls:
        return Message("No calls of {day} are told or on record.", day=found.day)
    return Message(
        "{calls:,} calls reached {reached:,} customers; {willing:,} were willing, {orders:,} ordered.",
        calls=today.calls,
        reached=today.reached,
        willing=today.willing,
        orders=today.orders,
    )


def tomorrow(found: Bulletin) -> list[Message]:
    """What to do."""
    told = [
        Message(
            "Tomorrow: {planned:,} calls of the plan; {tries:,} tries and {back:,} call-backs are due, and {waiting:,} "
            "contacts let go wait for their first call.",
            planned=found.planned,
            tries=found.coming.tries,
            back=found.coming.call_backs,
            waiting=found.coming.first_time,
        )
    ]
    fell = _fewer(found)
    if fell is not None:
        told.append(fell)
    told.append(_hour(found))
    if found.judged is None:
        told.append(Message("Agents cannot be compared yet: it takes two who reached somebody on the list."))
    else:
        told += of_agents(found.judged)
    if found.unnamed:
        told.append(
            Message(
                "{count:,} calls that reached somebody do not say who made them: have the column `agent` filled in "
                "files of results and records.",
                count=found.unnamed,
            )
        )
    return told


def _fewer(found: Bulletin) -> Message | None:
    """Whether fewer answered than on the days before, beyond chance."""
    today, before = found.today.reached_share, found.before.reached_share
    if (
        today is None
        or before is None
        or today.high is None
        or before.low is None
        or today.high >= before.low
    ):
        return None
    return Message(
        "Fewer answered ({today:.1%}) than on the days before ({before:.1%}), beyond chance: look at the hours called "
        "and at the quality of the numbers.",
        today=today.value,
        before=before.value,
    )


def _hour(found: Bulletin) -> Message:
    best = found.learnt.best
    if not isinstance(best, int):
        return best.reason
    one = next(one for one in found.learnt.hours if one.hour == best)
    return Message(
        "Call between {hour}:00 and {next}:00: {share:.1%} answer ({low:.1%} to {high:.1%}, {calls:,} calls), more "
        "than on the whole. Later tries are put there.",
        hour=best,
        next=best + 1,
        share=one.share.value,
        low=one.share.low,
        high=one.share.high,
        calls=one.calls,
    )


def _interval(one: Estimate | None) -> Figure:
    return Figure(one, "–" if one is None else f"{one.value:.1%} ({one.low:.1%}–{one.high:.1%})")


def _counts(one: Counts) -> Sequence[Figure]:
    return [Figure.of(value, ",") for value in (one.calls, one.reached, one.willing, one.orders)]


def day_rows(found: Bulletin) -> list[Row]:
    """The day beside the days before it."""
    pairs = ((Message("The day"), found.today), (Message("The days before"), found.before))
    return [
        (name, *_counts(one), _interval(one.reached_share), _interval(one.willing_share))
        for name, one in pairs
    ]


def agent_columns(found: Bulletin) -> tuple[Message | Label, ...]:
    """With news only on a day that brings some."""
    return (*AGENT_COLUMNS, NEWS) if _news(found) else AGENT_COLUMNS


def _news(found: Bulletin) -> bool:
    return any(one.alarm for one in found.agents)


def agent_rows(found: Bulletin) -> list[Row]:
    """One row an agent."""
    news = _news(found)
    return [
        (
            one.name,
            *_counts(one.counts),
            _interval(one.counts.willing_share),
            Figure(None, "–") if one.verdict is None else Figure(one.verdict.value, one.verdict.label),
            *((Message("known since today") if one.alarm else "",) if news else ()),
        )
        for one in found.agents
    ]


def hour_rows(found: Bulletin) -> list[Row]:
    """One row an hour of the day."""
    return [
        (Figure(hour, f"{hour:02d}:00"), *_counts(one), _interval(one.reached_share))
        for hour, one in found.hours.items()
    ]


def how(found: Bulletin) -> list[Message]:
    """What counts."""
    told = [
        Message(
            "Calls on record count as in `campaign measure`; what agents and files of results told counts where the "
            "records of that customer's day are not there yet. Each try is a call."
        ),
        Message("An order counts once a customer and day: told in the call, or on record that day."),
    ]
    if found.untimed:
        told.append(Message("Of {count:,} calls the hour is not known.", count=found.untimed))
    return told
