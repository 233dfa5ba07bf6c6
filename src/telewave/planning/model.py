"""A plan that was made, and the states of its contacts. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from telewave.kernel import Label


class ContactState(StrEnum):
    """How a contact of a plan stands. Nothing is taken out of a plan: what is not to be
    made any more keeps a state that says why.
    """

    PLANNED = "planned"
    DONE = "done"
    ORDERED = "ordered"
    REFUSED = "refused"

    @property
    def label(self) -> Label:
        """For people."""
        return LABELS[self]


LABELS = {
    ContactState.PLANNED: Label("planned", "待接触"),
    ContactState.DONE: Label("made", "已联系"),
    ContactState.ORDERED: Label("withdrawn: the subscriber has ordered", "已取消：用户已办理"),
    ContactState.REFUSED: Label("withdrawn: the subscriber does not consent", "已取消：用户不同意接触"),
}
GONE = (ContactState.ORDERED, ContactState.REFUSED)
"""States of contacts that are not made any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A plan that was made. `hash`: SHA-256 of `document`, which names the hashes of its rows;
    `parent`: the plan that it was dated anew from.

    `state`: "made", then what approvals make of it: "in review", "approved", "launched", "paused", "stopped".
    """

    hash: str
    campaign: str
    as_of: date | None
    parent: str | None
    state: str
    made_at: datetime
    document: bytes

    @property
    def content(self) -> Mapping[str, Any]:
        """The document, read."""
        read: Mapping[str, Any] = json.loads(self.document)
        return read
