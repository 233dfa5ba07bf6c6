"""The confirmation that is owed to whoever opted out by message: a service message, no marketing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """`listed`: confirmations on the list. `without_number`: those who cannot be reached; they stay owed."""

    listed: int
    without_number: int


def confirmations(
    database: Database, keys: Keys, told: Told, write: Callable[[Iterable[Sequence[Cell]]], None]
) -> Confirmed:
    """Note the confirmations that are owed as made, and write them, in one transaction: two at once list nobody twice,
    and what could not be written or noted is owed still.

    Raises `NobodyReveals`, `ClockBehind`, and what `write` raises.
    """
    with database.transaction() as connection:
        owed = objection_store.unconfirmed(connection)
    people = [subscriber for _, subscriber, _ in owed]
    numbers = reveal(database, keys, people, by=told.by, purpose="confirming opting out", now=told.now)
    lines = {
        objection: (number, channel, f"{TEXT.zh} / {TEXT.en}")
        for number, (objection, _, channel) in zip(numbers, owed, strict=True)
        if number is not None
    }
    with store.lane(database) as connection:
        policy = policy_in_force(connection).version
        act = store.Act(at=told.now, person=told.by, what="confirm", about=told.file, policy=policy)
        mine = objection_store.confirm(connection, list(lines), store.enter_act(connection, act))
        write(lines[one] for one in mine)
    return Confirmed(listed=len(mine), without_number=len(owed) - len(lines))
