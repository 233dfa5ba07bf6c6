"""The confirmation that is owed to whoever opted out by message: a service message, no marketing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from telewave.contacts import objection_store, store
from telewave.contacts.policy_store import policy_in_force
from telewave.contacts.settling import Told
from telewave.kernel import Label
from telewave.kernel.figures import Cell
from telewave.platform.database import Database
from telewave.records.revealing import reveal
from telewave.records.sealing import Keys

HEADERS = (Label("Number", "号码"), Label("Channel", "渠道"), Label("What to say", "话术"))
TEXT = Label(
    "You will get no more advertising through this channel.", "您已退订该渠道的营销信息，我们不会再向您发送。"
)


def confirmations(
    database: Database, keys: Keys, told: Told, write: Callable[[Iterable[Sequence[Cell]]], None]
) -> int:
    """Write the confirmations that are owed, then note them as made; how many. One that could not be noted is owed
    still.

    Raises `NobodyReveals`, `ClockBehind`, and what `write` raises.
    """
    with database.transaction() as connection:
        owed = objection_store.unconfirmed(connection)
    people = [subscriber for _, subscriber, _ in owed]
    numbers = reveal(database, keys, people, by=told.by, purpose="confirming opting out", now=told.now)
    lines = [
        (number, channel, f"{TEXT.zh} / {TEXT.en}")
        for number, (_, _, channel) in zip(numbers, owed, strict=True)
        if number is not None
    ]
    write(lines)
    with store.lane(database) as connection:
        policy = policy_in_force(connection).version
        act = store.Act(at=told.now, person=told.by, what="confirm", about=told.file, policy=policy)
        objection_store.confirm(connection, [one for one, _, _ in owed], store.enter_act(connection, act))
    return len(lines)
