"""The judges' way to the truth: traits, chances, and what a touch would have changed. Never read by the product itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

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

    def month(self, first: date) -> pa.Table:
        """Of one month of the offer: subscriber, probability (as things went), organic (without any contact), observable."""
        files = sorted((self.folder / "truth").glob(f"takeup-{first}-*.parquet"))
        return pa.concat_tables([pq.read_table(file) for file in files]).sort_by("subscriber")

    def probability(self, first: date, channel: str, touches: int, days_since: float = 0.0) -> Array:
        """The chance of each subscriber to take the offer in the month from `first` after so many touches, the last so many days ago."""
        organic = np.asarray(self.month(first).column("organic").to_numpy())
        crowd = people_of_start(self.people(), len(organic))
        odds = organic / (1 - organic)
        gain = touch_effect(crowd, channel, np.full(len(organic), touches), np.full(len(organic), days_since))
        touched = odds * np.exp(gain if touches else 0.0)
        return np.asarray(touched / (1 + touched))


def people_of_start(everybody: People, count: int) -> People:
    """The first `count`: those who were there at the start."""
    return People.of(everybody.table().slice(0, count))
