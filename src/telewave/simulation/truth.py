"""The judges' way to the truth: traits, chances, and what each step of a contact would have been. Never read by the
product itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import OFFER, Base, OrderKind
from telewave.simulation.people import Array, People
from telewave.simulation.policies import choice_of, own_chances
from telewave.simulation.process import (
    FACE_TO_FACE,
    SCRIPTS,
    Attempt,
    Minds,
    Steps,
    annoyance,
    forgotten,
    opting_out,
    steps,
)


@dataclass(frozen=True, slots=True)
class Contacted:
    """One more contact in a month for everybody who was there at the start; all of shape (n,).

    `organic`: chance to order in the month without contact. `steps`: chances of one without intention. `opts_out`: the
    chance of one without intention to opt out. `leaves`: log of what it multiplies the chance to leave at the month's
    end with, if it is reached on the last day; less of it is left the earlier it comes (see `process.forgotten`).
    """

    organic: Array
    steps: Steps
    opts_out: Array
    leaves: Array

    @property
    def caused(self) -> Array:
        """Chance that the contact brings an order which would not have come this month."""
        return np.asarray((1 - self.organic) * self.steps.wins)

    @property
    def probability(self) -> Array:
        """Chance to order in the month with the contact."""
        return np.asarray(self.organic + self.caused)

    @property
    def displaced(self) -> Array:
        """Chance that the contact wins an order on its first day that would have come later in the month."""
        return np.asarray(self.organic * self.steps.wins_intender)


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth folder of a simulated city."""

    folder: Path

    def people(self) -> People:
        """Everybody who was there at the start and everybody who came, by number."""
        files = sorted((self.folder / "truth").glob("people-*.parquet"))
        return People.of(pa.concat_tables([pq.read_table(file) for file in files]).sort_by("subscriber"))

    def month(self, first: date, offer: str = OFFER) -> pa.Table:
        """Of one month and offer: subscriber, probability (as things went; new_number: its part with one),
        organic (without any contact), won (that the month's contacts win one without intention), observable.

        The chances are of those who have not taken it yet; they are zero for those who have left.
        """
        return self._table(f"{offer}-{first}")

    def leaving(self, first: date) -> pa.Table:
        """Of one month: subscriber, and the chance to leave at its end as things went
        (probability) and without any contact (organic).
        """
        return self._table(f"leaving-{first}")

    def contacted(
        self,
        first: date,
        channel: str,
        *,
        offer: str = OFFER,
        earlier: int = 0,
        days_since: float = 0.0,
        hour: int = 15,
        skill: float = 0.0,
        script: str | None = None,
        promotions: Sequence[str] = (),
    ) -> Contacted:
        """What one contact does in the month from `first`, after `earlier` touches of which the last was so many days
        ago (all on that day), whatever their channel and offer.

        In halls and shops who is contacted is there already; `touches.visits` says how often that is.
        """
        organic = np.asarray(self.month(first, offer).column("organic").to_numpy())
        crowd = people_of_start(self.people(), len(organic))
        attempt = Attempt(
            channel=channel,
            hour=hour,
            skill=skill,
            script=-1 if script is None else SCRIPTS.index(script),
            tired=earlier * forgotten(days_since),
            promotions=promotions,
        )
        found = steps(Minds.of(crowd, offer), attempt)
        refuses = found.reached * found.listens * (1 - found.willing)
        may = channel not in FACE_TO_FACE
        return Contacted(
            organic,
            found,
            opts_out=may * refuses * opting_out(crowd.persuasion),
            leaves=ASSUMPTIONS["put_off_churn"] * annoyance(np.full(len(organic), channel), crowd.persuasion),
        )

    def policies(self, kind: OrderKind, channel: str | None = None) -> Array:
        """The chance of each policy of `policies.IDS` with everybody who was there at the start, given the kind of his
        order of the handset, shape (n, policies): in a channel, or over those in which he orders by himself.
        """
        everybody = self.people()
        rows = np.flatnonzero(everybody.base != Base.NEW)
        if channel is None:
            return own_chances(everybody, rows, kind)
        choice, kinds = choice_of(everybody, rows), np.full(len(rows), kind)
        return choice.chances(kinds, choice.settled(kinds, np.full(len(rows), channel)))

    def _table(self, name: str) -> pa.Table:
        files = sorted((self.folder / "truth").glob(f"{name}-*.parquet"))
        return pa.concat_tables([pq.read_table(file) for file in files]).sort_by("subscriber")


def people_of_start(everybody: People, count: int) -> People:
    """The first `count`: those who were there at the start."""
    return People.of(everybody.table().slice(0, count))
