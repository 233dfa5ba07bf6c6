"""What approvals need to know of the kinds of plan that go through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import ClassVar, Protocol, TypeAlias

from telewave.kernel import Message
from telewave.models.verdict import Verdict
from telewave.platform.database import Database

Judge: TypeAlias = Callable[[Iterable[bytes], bytes], None]
"""Given the bytes of all versions, newest first, and the new ones: raises where the new ones may not follow."""


class PlanKind(Protocol):
    """One kind of plan. Each is asked about every plan, and lets pass what is not of its kind."""

    name: ClassVar[str]

    def recognises(self, content: bytes) -> bool:
        """Whether the bytes are a plan of this kind."""
        ...

    def judge(self, database: Database, name: str) -> Judge:
        """What the next plan of the campaign `name` must keep."""
        ...

    def verdict(self, content: bytes) -> Verdict | None:
        """The verdict on the model that the plan was made by; None for a plan that no model made."""
        ...

    def obstacles(
        self, database: Database, name: str, content: bytes, today: date, *, launched: bool
    ) -> Sequence[Message]:
        """What is not as it should be with a plan that was approved or `launched` just now."""
        ...


def judge_of(kinds: Sequence[PlanKind], database: Database, name: str) -> Judge:
    """The judgement of all kinds together."""
    judges = [kind.judge(database, name) for kind in kinds]

    def judge(before: Iterable[bytes], after: bytes) -> None:
        known = list(before)
        for one in judges:
            one(known, after)

    return judge
