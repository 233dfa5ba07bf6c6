"""What was learnt of who is willing: weights by person, what leads to it and on from it in each channel, and whether
later contacts say that it foretells better than the levels of groups. Pure.

An attempt with a person whose chance, once he hears of the offer, is w wins

    heard x closes x max(0, w - anyway x organic)

heard: the chance that an attempt comes as far as naming the offer; closes: that one who is willing orders; both of the
whole channel, since they hardly differ by person. Who would order by himself is willing too, as far as he takes the
steps that `willing` stands for (`anyway`); his order is no gain. w is counted one standard error below its middle: a
plan chooses what looks best, so that it meets the errors that flatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from telewave.funnel.persons import Floats, Weights
from telewave.funnel.steps import Step
from telewave.kernel import Estimate

SOBER = 1.0
"""Standard errors below the middle that are counted."""
TRAITS = (
    "age", "tenure_months", "arpu", "calls_3m", "called_home_min_3m", "data_mb_3m", "has_mobile", "has_broadband",
    "prepaid", "enterprise",
)  # fmt: skip
"""What of the wide table is looked at, few and the same everywhere, so that some dozen willing people can tell. The
last two: of the payment and the segment.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Through:
    """A channel: the steps that `willing` stands for in its records, the chances before and after it, the contacts that
    came so far and how many were willing; `levels`: what an attempt wins of core, normal and basic on the average of
    those on record, each person at his lower end.
    """

    channel: str
    covers: tuple[Step, ...]
    heard: Estimate
    closes: Estimate
    anyway: float
    records: int
    willing: int
    levels: tuple[float, float, float]

    def won(self, log_odds: Floats, organic: Floats) -> Floats:
        """Orders that an attempt with each person adds."""
        gained = expit(log_odds) - self.anyway * organic
        return np.asarray(self.heard.value * self.closes.value * np.maximum(gained, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenth:
    """Later contacts by their foretold chance: mean, share that was willing, contacts."""

    foretold: float
    seen: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """Of contacts after the first third of the days, foretold from those before. `gain`: by how much the log loss
    is less than that of the groups' levels, nats a contact, its interval by household; `loss`: that of the groups'
    levels.
    """

    gain: Estimate
    loss: float
    households: int
    tenths: tuple[Tenth, ...]

    @property
    def better(self) -> bool:
        """Whether the whole interval says so."""
        return self.gain.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Willing:
    """Who is willing: used for plans where `foretold` is better."""

    weights: Weights
    channels: tuple[Through, ...]
    foretold: Foretold

    @property
    def used(self) -> bool:
        """Whether plans tell people apart by it."""
        return self.foretold.better

    def place(self, channel: str) -> int | None:
        """Of the channel among those on record; None where it is not."""
        names = [one.channel for one in self.channels]
        return names.index(channel) if channel in names else None

    def lower_end(self, people: Floats, place: int) -> Floats:
        """Log odds of being willing once they hear of it, as a plan counts them, shape (n,)."""
        mean, error = self.weights.log_odds(people, place)
        return mean - SOBER * error
