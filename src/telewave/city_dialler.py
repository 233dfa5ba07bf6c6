"""The simulated city as a dialler: a batch is answered on its day by the city's hidden process. Assembly only.

The city is lived anew from its last day on each time, so that batches know nothing of one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from telewave.city_answers import CityHasNoSuchDay, NotThisCity
from telewave.outbound.dispositions import CallResult
from telewave.outbound.model import Outcome
from telewave.outbound.ports import Batch, Dialled
from telewave.simulation.answering import Handed
from telewave.simulation.reopening import reopened


class CityDialler:
    """Dials in the city of this folder. Raises `NoCity`, `UnreadableCity`."""

    def __init__(self, city: Path) -> None:
        self._city = city
        self._town = reopened(city)
        self._told: list[Dialled] = []

    def take(self, batch: Batch) -> None:
        """Have the batch answered on the local day on which it was taken. Raises `NotThisCity`, `CityHasNoSuchDay`."""
        town, day = self._town, batch.taken_at.date()
        if day < town.day:
            raise CityHasNoSuchDay(first=town.day, day=day)
        if not town.knows(np.array([one.subscriber for one in batch.lines], np.int64)):
            raise NotThisCity(folder=self._city)
        while town.day < day:
            town.live(Handed.of([]))
        minute = batch.taken_at.hour * 60 + batch.taken_at.minute
        handed = [(one.contact, one.subscriber, one.recorded_as, minute) for one in batch.lines]
        offers = {one.contact: one.offer_id for one in batch.lines}
        lived = town.live(Handed.of(handed))
        for contact, code, reference in lived.results:
            if contact in offers and code in set(CallResult):
                made = _dialled(len(self._told) + 1, contact, code, (offers.pop(contact), reference))
                self._told.append(replace(made, agent=lived.agents.get(contact, "")))

    def results(self) -> Sequence[Dialled]:
        """What the city told of it, with the agent who spoke."""
        return self._told


def _dialled(line: int, contact: int, code: str, order: tuple[str, str | None]) -> Dialled:
    offer, reference = order if code == CallResult.ORDERED else (None, None)
    outcome = Outcome(result=CallResult(code), offer=offer, reference=reference)
    return Dialled(line=line, contact=contact, agent="", outcome=outcome)
