"""The judges' way to the truth: traits, chances, and what a touch would have changed. Never read by the product
itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.simulation.facts import OFFER
from telewave.simulation.people import Array, People
from telewave.simulation.response import touch_effect


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
        organic (without any contact), observable.

        The chances are of those who have not taken it yet; they are zero for those who have left.
        """
        return self._table(f"{offer}-{first}")

    def leaving(self, first: date) -> pa.Table:
        """Of one month: subscriber, and the chance to leave at its end as things went
        (probability) and without any contact (organic).
        """
        return self._table(f"leaving-{first}")

    def probability(
        self, first: date, channel: str, touches: int, days_since: float = 0.0, offer: str = OFFER
    ) -> Array:
        """The chance of each subscriber to take the offer in the month from `first` after so
        many touches, the last so many days ago.

        No touches: the chance without any contact. What one more adds for a subscriber who has
        had k: that of k + 1 against that of k.
        """
        organic = np.asarray(self.month(first, offer).column("organic").to_numpy())
        if not touches:
            return organic
        crowd, one = people_of_start(self.people(), len(organic)), np.ones(len(organic))
        gain = touch_effect(crowd, channel, touches * one, days_since * one, offer)
        odds = organic / (1 - organic) * np.exp(gain)
        return np.asarray(odds / (1 + odds))

    def _table(self, name: str) -> pa.Table:
        files = sorted((self.folder / "truth").glob(f"{name}-*.parquet"))
        return pa.concat_tables([pq.read_table(file) for file in files]).sort_by("subscriber")


def people_of_start(everybody: People, count: int) -> People:
    """The first `count`: those who were there at the start."""
    return People.of(everybody.table().slice(0, count))
