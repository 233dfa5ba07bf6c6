"""Entries of the audit log and the chain that they form. Pure.

Each entry names the hash of the one before it, and its own hash covers everything it says:

    hash(n) = SHA-256 of the canonical JSON of [n, when, who, what, about what, facts, hash(n - 1)]

So no entry can be changed, removed or put elsewhere without that all later hashes change. Who can write the database
can compute them anew; therefore anchors, a number and its hash each, are kept outside of it. Source: Haber and
Stornetta, "How to Time-Stamp a Digital Document", Journal of Cryptology 3 (1991).
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from telewave.kernel import Label, Message

BEGINNING = "0" * 64
"""What the first entry names as the hash before it."""
Fact = str | int


class Action(StrEnum):
    """What is written down, as `resource:action`."""

    PLAN_SAVED = "plan:draft"
    PLAN_SUBMITTED = "plan:in review"
    PLAN_APPROVED = "plan:approved"
    PLAN_LAUNCHED = "plan:launched"
    PLAN_PAUSED = "plan:paused"
    PLAN_STOPPED = "plan:stopped"
    REVEALED = "subscriber:revealed"
    EXCLUDED = "subscriber:excluded"
    OBJECTED = "subscriber:objected"
    POLICY_SET = "policy:set"
    VERSION_USED = "version:used"
    PERSON_ADDED = "person:added"
    ROLES_CHANGED = "person:roles"
    PERSON_LOCKED = "person:locked"
    PERSON_UNLOCKED = "person:unlocked"
    PASSWORD_GIVEN = "person:password given"  # noqa: S105 - what was done, no password
    PASSWORD_CHANGED = "person:password changed"  # noqa: S105
    SIGNED_IN = "person:signed in"
    SIGN_IN_REFUSED = "person:refused"

    @property
    def label(self) -> Label:
        """For people."""
        return ACTIONS[self]


ACTIONS = {
    Action.PLAN_SAVED: Label("saved or handed back a plan", "保存或退回方案"),
    Action.PLAN_SUBMITTED: Label("handed a plan in", "提交审核"),
    Action.PLAN_APPROVED: Label("approved a plan", "批准方案"),
    Action.PLAN_LAUNCHED: Label("launched a plan", "上线方案"),
    Action.PLAN_PAUSED: Label("paused a plan", "暂停方案"),
    Action.PLAN_STOPPED: Label("stopped a plan", "终止方案"),
    Action.REVEALED: Label("saw numbers of subscribers", "查看用户号码"),
    Action.EXCLUDED: Label("put subscribers on the exclusion list", "导入禁止接触名单"),
    Action.OBJECTED: Label("took down objections of subscribers", "登记用户拒绝接触"),
    Action.VERSION_USED: Label("put what was learnt to use", "启用学习所得版本"),
    Action.POLICY_SET: Label("set the contact policy", "设定接触规则"),
    Action.PERSON_ADDED: Label("added a person", "添加人员"),
    Action.ROLES_CHANGED: Label("changed somebody's roles", "调整人员角色"),
    Action.PERSON_LOCKED: Label("locked a person", "停用人员"),
    Action.PERSON_UNLOCKED: Label("unlocked a person", "恢复人员"),
    Action.PASSWORD_GIVEN: Label("gave somebody a new password", "重置他人密码"),
    Action.PASSWORD_CHANGED: Label("changed his own password", "修改本人密码"),
    Action.SIGNED_IN: Label("signed in", "登录"),
    Action.SIGN_IN_REFUSED: Label("was refused at signing in", "登录被拒"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the log. `about`: a campaign, a purpose, a file; `facts`: what else was so, by name; `previous`: the
    hash of the entry before; `hash`: its own, as it is kept.
    """

    sequence: int
    at: datetime
    person: str
    action: str
    about: str
    facts: Mapping[str, Fact]
    previous: str
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """What the log ended with at some time: the number of its last entry, and its hash."""

    at: datetime
    sequence: int
    hash: str


class Break(StrEnum):
    """What is wrong at one place of the log."""

    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_ORDER = "out_of_order"
    OTHER_THAN_ANCHORED = "other_than_anchored"
    CUT_OFF = "cut_off"
    OTHER_END = "other_end"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A break at the entry `sequence`."""

    what: Break
    sequence: int

    @property
    def told(self) -> Message:
        """In a sentence."""
        number = f"{self.sequence:,}"
        sentences = {
            Break.CHANGED: Message(
                "Entry {number} was changed: its hash is not that of what it says.", number=number
            ),
            Break.MISSING: Message("Entries are missing before entry {number}.", number=number),
            Break.OUT_OF_ORDER: Message(
                "Entry {number} does not follow the one before it: entries were put in, taken out or moved.",
                number=number,
            ),
            Break.OTHER_THAN_ANCHORED: Message(
                "Entry {number} is not the one that was anchored: the log was written anew up to here.",
                number=number,
            ),
            Break.CUT_OFF: Message(
                "The log ends before entry {number}, which was anchored: its end was cut off.", number=number
            ),
            Break.OTHER_END: Message(
                "The log does not end with entry {number}, as it says itself: its end was cut off or added to.",
                number=number,
            ),
        }
        return sentences[self.what]


def hash_of(entry: Entry) -> str:
    """What the hash of an entry has to be."""
    said = [
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.person,
        entry.action,
        entry.about,
        dict(entry.facts),
        entry.previous,
    ]
    text = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_numbers(numbers: Iterable[int]) -> str:
    """Names a set of subscribers without naming them: SHA-256 of their numbers, rising, 8 bytes each.

    >>> digest_of_numbers([2, 1]) == digest_of_numbers([1, 2])
    True
    """
    found = array("q", sorted(numbers))
    if sys.byteorder == "big":
        found.byteswap()
    return hashlib.sha256(found.tobytes()).hexdigest()


def breaks(entries: Iterable[Entry], end: Anchor, anchors: Sequence[Anchor]) -> Iterator[Finding]:
    """Everything that is wrong with the log. `entries`: rising; `end`: what it says itself that it ends with (number 0
    and `BEGINNING` while it is empty).
    """
    anchored: dict[int, set[str]] = {}
    for one in anchors:
        anchored.setdefault(one.sequence, set()).add(one.hash)
    number, before = 0, BEGINNING
    for entry in entries:
        if entry.sequence != number + 1:
            yield Finding(what=Break.MISSING, sequence=entry.sequence)
        elif entry.previous != before:
            yield Finding(what=Break.OUT_OF_ORDER, sequence=entry.sequence)
        if entry.hash != hash_of(entry):
            yield Finding(what=Break.CHANGED, sequence=entry.sequence)
        if anchored.get(entry.sequence, {entry.hash}) != {entry.hash}:
            yield Finding(what=Break.OTHER_THAN_ANCHORED, sequence=entry.sequence)
        number, before = entry.sequence, entry.hash
    last = max(anchored, default=0)
    if last > number:
        yield Finding(what=Break.CUT_OFF, sequence=last)
    if (end.sequence, end.hash) != (number, before):
        yield Finding(what=Break.OTHER_END, sequence=end.sequence)
