"""What an agent is told of a call, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from telewave.kernel import Figure, Label, Message
from telewave.outbound.dispositions import TABLE, CallResult, row_of
from telewave.outbound.model import Given, NobodyNow, Recorded
from telewave.targeting.plan import Group

Local = Callable[[datetime], datetime]
"""An instant as local time."""
TABLE_COLUMNS = (
    Message("Disposition"),
    Message("Name"),
    Message("Meaning"),
    Message("The contact"),
    Message("Told to the ledger"),
)
BEFORE_COLUMNS = (Message("Called at"), Message("Agent"), Message("Disposition"))


def moment(at: datetime, local: Local) -> str:
    """A local time with its day."""
    return f"{local(at):%Y-%m-%d %H:%M}"


def who(found: Given, number: str | None, local: Local) -> Message:
    """Whom to call, and how long he is held."""
    row = found.row
    until = local(row.held_until) if row.held_until else None
    values = {
        "subscriber": row.subscriber,
        "contact": row.contact,
        "until": f"{until:%H:%M}" if until else "-",
    }
    if number is None:
        return Message("Call subscriber {subscriber} (contact {contact}), yours until {until}.", **values)
    return Message(
        "Call {number}: subscriber {subscriber} (contact {contact}), yours until {until}.",
        number=number,
        **values,
    )


def why(found: Given, local: Local) -> list[Message]:
    """Why this one, and why now."""
    row, last = found.row, found.before[-1] if found.before else None
    told = []
    if found.again:
        told.append(Message("You hold this contact already; tell what became of it before you get another."))
    if row.due_for is not None and row.due_for == row.holder and row.due_at is not None:
        told.append(Message("You promised to call back at {at}.", at=moment(row.due_at, local)))
    elif row.due_for is not None and row.due_at is not None:
        told.append(
            Message(
                "{agent} promised to call back at {at}, and has not called.",
                agent=row.due_for,
                at=moment(row.due_at, local),
            )
        )
    elif last is not None:
        told.append(Message("Try number {number}: the last one ended with {result}.", number=row.attempts + 1,
                            result=CallResult(last.result or "").label))  # fmt: skip
    told.append(
        Message(
            "{group}: {chance:.1%} are expected to take the offer {offer}; of those who may be called now this contact "
            "is worth most ({value:,.2f}).",
            group=Group(row.target_group).label if row.target_group else Message("No target group"),
            chance=row.chance,
            offer=Label(**found.document["offers"][row.offer]["name"]),
            value=row.value,
        )
        if row.due_for is None
        else Message("Offer: {offer}.", offer=Label(**found.document["offers"][row.offer]["name"]))
    )
    return told


def script(found: Given) -> list[Label]:
    """What to say, the strongest points first."""
    lines = found.document["offers"][found.row.offer]["script"].get(found.row.target_group, ())
    return [Label(**line) for line in lines]


def before_rows(found: Given, local: Local) -> list[tuple[Any, ...]]:
    """What was tried before."""
    rows = []
    for one in found.before:
        at = one.ended_at and local(one.ended_at)
        shown = f"{at:%Y-%m-%d %H:%M}" if at else ""
        rows.append((Figure(at, shown), one.agent, Figure(one.result, CallResult(one.result or "").label)))
    return rows


def given_object(found: Given, number: str | None, local: Local) -> dict[str, Any]:
    """What a script is told."""
    row = found.row
    return {
        "contact": row.contact,
        "subscriber": row.subscriber,
        "number": number,
        "campaign": row.campaign,
        "channel": row.channel,
        "offer": row.offer,
        "group": row.target_group or None,
        "chance": row.chance,
        "value": row.value,
        "needs": [one for one in row.needs.split(",") if one],
        "attempts": row.attempts,
        "call_back": row.due_for is not None,
        "held_already": found.again,
        "until": local(row.held_until).isoformat() if row.held_until else None,
    }


def nobody(found: NobodyNow, local: Local) -> list[Message]:
    """Why there is nobody to call, and when to ask again."""
    left = found.left
    told = [Message("There is nobody for you to call now in the campaign {name}.", name=found.campaign)]
    if left.held:
        told.append(Message("{count:,} contacts are with other agents.", count=left.held))
    if left.elsewhere:
        told.append(
            Message(
                "{count:,} contacts wait for agents with other skills or languages, for other hours of their channel, "
                "or for the agent who promised to call back.",
                count=left.elsewhere,
            )
        )
    if left.later and left.next_at is not None:
        told.append(
            Message(
                "{count:,} contacts are to be tried later, the first at {at}.",
                count=left.later,
                at=moment(left.next_at, local),
            )
        )
    if not (left.held or left.elsewhere or left.later):
        told.append(
            Message(
                "Nothing is left of what was let go. Let the next day go: telewave campaign release {name} --by YOU. "
                "Days of which a list was handed out stay with that list.",
                name=found.campaign,
            )
        )
    return told


def recorded(found: Recorded, local: Local) -> list[Message]:
    """What was taken down, and what follows."""
    told = [
        Message("Contact {contact}: {result}, taken down.", contact=found.contact, result=found.result.label)
    ]
    if found.again_at is not None and found.result is not CallResult.NOT_MADE:
        told.append(
            Message(
                "It is called again at {at}; {attempts} of {most} tries are made.",
                at=moment(found.again_at, local),
                attempts=found.attempts,
                most=found.most,
            )
        )
    elif found.again_at is None:
        told.append(Message("It is not called again."))
    if found.withdrawn is not None:
        told.append(
            Message(
                "The objection took {count:,} more contacts back, in all campaigns.",
                count=found.withdrawn,
            )
        )
    return told


def table_rows() -> list[tuple[Any, ...]]:
    """The dispositions, in their order."""
    return [
        (
            one.result.value,
            one.label,
            one.meaning,
            Figure(one.effect.value, one.effect.label),
            _event(one.result),
        )
        for one in TABLE
    ]


def _event(result: CallResult) -> Figure | Message:
    event = row_of(result).event
    if event is None:
        return Message("nothing")
    disposition = getattr(event, "disposition", None)
    if disposition is None:
        return Figure("attempted", event.label)
    return Figure(disposition.value, disposition.label)
