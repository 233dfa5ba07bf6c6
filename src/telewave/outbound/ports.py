"""What dials a batch of calls, whatever it is: a dialler of a call centre by files, a simulated city. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telewave.kernel import Label
from telewave.outbound.model import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One contact to dial: its number in the ledger, whom, through what the records call the channel, the outside
    number, what is offered (by its id in the plan, and by name) and said.
    """

    contact: int
    subscriber: int
    recorded_as: str
    number: str
    offer_id: str
    offer: Label
    script: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Contacts that are reserved for a dialler until `until`, the most valuable first."""

    number: int
    campaign: str
    taken_at: datetime
    until: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialled:
    """What became of one contact; `line`: where it stands in what was told; `agent` "": nobody spoke, or not told."""

    line: int
    contact: int
    agent: str
    outcome: Outcome


class Dialler(Protocol):
    """Whatever dials."""

    def take(self, batch: Batch) -> None:
        """Have the batch dialled."""
        ...

    def results(self) -> Sequence[Dialled]:
        """What became of it, as far as it is known."""
        ...
