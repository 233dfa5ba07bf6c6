"""Who of those who heard of an offer is willing: a logit of what is known of each person, common to all channels. Pure,
on arrays.

    logit p_i = o_c + s_i b_0 + x_i b - d_i t,    o_c ~ N(0, 9),  b_0 ~ N(0, 1),  b_k ~ N(0, tau^2),  t ~ N(0, 1)

o_c: the channel's own level; s_i: the logit of the model's chance; x_i: traits of the person, each a line with bends at
three quantiles and a flag of who has none on record, all of spread 1; d_i: touches that got through before, each
halved in `HALF_LIFE` days. Rare as the willing are in one channel, who is moved by a message is by a call too: some
dozen calls so lean on hundreds of answers.

The mode is found by Newton steps; tau, of a grid, has the greatest marginal likelihood by Laplace's approximation. From
the covariance of the weights comes how far each person's log odds may be off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

HALF_LIFE = 30
"""Days in which half of a touch is forgotten: believed."""
SPREADS = (0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45)
"""The grid of tau."""
CHANNEL_VARIANCE, SCORE_VARIANCE, TIRED_VARIANCE = 9.0, 1.0, 1.0
BENDS = (0.2, 0.5, 0.8)
MANY = 100.0
"""Amounts that reach beyond this, none below 0, enter by their logarithm."""
MOST_NEWTON = 50
LOWEST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """How a column of the wide table enters: a line with `bends`, of its logarithm where `logged`; `centre` and `scale`
    of each of its columns, the flag of who has none on record last.
    """

    name: str
    logged: bool
    bends: tuple[float, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]

    @staticmethod
    def of(name: str, values: Floats) -> Trait:
        """Scaled on `values`, shape (n,), NaN where none is on record.

        >>> Trait.of("age", np.array([20.0, 30, 40, np.nan])).columns(np.array([30.0, np.nan])).round(2)[:, 0].tolist()
        [0.0, 0.0]
        """
        known = values[np.isfinite(values)]
        logged = bool(len(known)) and float(known.min()) >= 0 and float(known.max()) > MANY
        line = np.log1p(known) if logged else known
        few = len(np.unique(line)) <= len(BENDS) + 1
        bends = () if few else tuple(dict.fromkeys(np.quantile(line, BENDS).tolist()))
        raw = _raw(values, logged, bends)
        seen = np.isfinite(values)
        means = [float(one[seen].mean()) if seen.any() else 0.0 for one in raw.T[:-1]]
        spreads = [float(one[seen].std()) if seen.any() else 0.0 for one in raw.T[:-1]]
        centre, scale = (*means, float(raw[:, -1].mean())), (*spreads, float(raw[:, -1].std()))
        return Trait(
            name=name, logged=logged, bends=bends, centre=centre,
            scale=tuple(one if one > LOWEST else 0.0 for one in scale),
        )  # fmt: skip

    def columns(self, values: Floats) -> Floats:
        """Shape (n, columns); of who has none on record 0 but for the flag, and 0 where nothing varied."""
        scale = np.array(self.scale)
        apart = _raw(values, self.logged, self.bends) - np.array(self.centre)
        return np.nan_to_num(apart * np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0))


def _raw(values: Floats, logged: bool, bends: Sequence[float]) -> Floats:
    line = np.log1p(np.maximum(values, 0)) if logged else values
    bent = [np.maximum(line - bend, 0.0) for bend in bends]
    return np.column_stack([line, *bent, np.where(np.isfinite(values), 0.0, 1.0)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """Contacts that came as far as naming the offer, n of them: place of the `channel`, the model's `chance`, `traits`
    by name (NaN: none on record), `tired`: touches not forgotten, whether he was `willing`, and for how many contacts
    each stands (`weight`). Shapes (n,).
    """

    channel: Integers
    chance: Floats
    traits: Mapping[str, Floats]
    tired: Floats
    willing: Flags
    weight: Floats

    def rows(self, keep: Flags) -> Heard:
        """Those of `keep`."""
        traits = {name: values[keep] for name, values in self.traits.items()}
        return Heard(
            channel=self.channel[keep], chance=self.chance[keep], traits=traits, tired=self.tired[keep],
            willing=self.willing[keep], weight=self.weight[keep],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What was learnt. `centre`, `scale`: of the logit of the model's chance; `values`: of the channels, the score, the
    columns of the traits and being tired, in this order, with their `covariance` by rows; `tau`: of the traits.
    """

    centre: float
    scale: float
    traits: tuple[Trait, ...]
    values: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    tau: float

    @property
    def channels(self) -> int:
        """How many levels of channels stand first."""
        return len(self.values) - 2 - sum(len(one.centre) for one in self.traits)

    def persons(self, chance: Floats, traits: Mapping[str, Floats], tired: Floats) -> Floats:
        """The columns of people beside the channels', shape (n, k). A trait that is not given is on nobody's record."""
        none = np.full(len(chance), np.nan)
        mine = [one.columns(traits.get(one.name, none)) for one in self.traits]
        return np.column_stack([self._score(chance), *mine, -tired])

    def log_odds(self, people: Floats, channel: int) -> tuple[Floats, Floats]:
        """Of being willing through the channel at a place, and their standard errors, shapes (n,); `people`: as
        `persons` has them.
        """
        keep = [channel, *range(self.channels, len(self.values))]
        values, covariance = np.array(self.values)[keep], np.array(self.covariance)[np.ix_(keep, keep)]
        mean = values[0] + people @ values[1:]
        variance = covariance[0, 0] + 2 * people @ covariance[1:, 0]
        variance += np.einsum("ij,ij->i", people @ covariance[1:, 1:], people)
        return mean, np.sqrt(np.maximum(variance, 0.0))

    def terms(self, person: Floats) -> dict[str, float]:
        """What each of one person's traits adds to the log odds, shape (k,) of `persons`; by name."""
        added = person * np.array(self.values[self.channels :])
        ends = np.cumsum([1, *(len(one.centre) for one in self.traits), 1])
        names = ("score", *(one.name for one in self.traits), "tired")
        parts = np.split(added, ends[:-1])
        return {name: float(part.sum()) for name, part in zip(names, parts, strict=True)}

    def _score(self, chance: Floats) -> Floats:
        return (logit(np.clip(chance, LOWEST, 1 - LOWEST)) - self.centre) / self.scale


def learnt(heard: Heard, channels: int) -> Weights:
    """The weights of what is on record; `channels`: how many there are."""
    score = logit(np.clip(heard.chance, LOWEST, 1 - LOWEST))
    blank = Weights(
        centre=float(score.mean()), scale=float(score.std()) or 1.0,
        traits=tuple(Trait.of(name, values) for name, values in heard.traits.items()),
        values=(), covariance=(), tau=0.0,
    )  # fmt: skip
    level = np.eye(channels)[heard.channel]
    design = np.hstack([level, blank.persons(heard.chance, heard.traits, heard.tired)])
    theta = np.zeros(design.shape[1])
    theta[:channels] = logit((heard.willing.sum() + 0.5) / (heard.weight.sum() + 1))
    best = (-np.inf, 0.0, theta, np.eye(len(theta)))
    for tau in SPREADS:
        precision = np.full(len(theta), 1 / tau**2)
        precision[:channels], precision[channels], precision[-1] = (
            1 / CHANNEL_VARIANCE, 1 / SCORE_VARIANCE, 1 / TIRED_VARIANCE,
        )  # fmt: skip
        theta, curvature, log = _fitted(design, heard.willing, heard.weight, precision, theta)
        if log > best[0]:
            best = (log, tau, theta, curvature)
    covariance = np.linalg.inv(best[3])
    return Weights(
        centre=blank.centre, scale=blank.scale, traits=blank.traits, values=tuple(best[2].tolist()),
        covariance=tuple(tuple(row) for row in covariance.tolist()), tau=best[1],
    )  # fmt: skip


def _fitted(
    design: Floats, willing: Flags, weight: Floats, precision: Floats, start: Floats
) -> tuple[Floats, Floats, float]:
    """The mode, the curvature there, and the log of the marginal likelihood."""

    def objective(at: Floats) -> float:
        eta = design @ at
        return float(weight @ log_expit(np.where(willing, eta, -eta)) - precision @ at**2 / 2)

    def curvature(at: Floats) -> Floats:
        p = expit(design @ at)
        found: Floats = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(precision)
        return found

    theta, value = start, objective(start)
    for _ in range(MOST_NEWTON):
        slope = design.T @ (weight * (willing - expit(design @ theta))) - precision * theta
        step, size = np.linalg.solve(curvature(theta), slope), 1.0
        while (reached := objective(theta + size * step)) < value - 1e-9 and size > 1e-6:
            size /= 2
        theta, value = theta + size * step, reached
        if np.abs(step).max() < 1e-6:
            break
    bent = curvature(theta)
    return theta, bent, value + float(np.log(precision).sum() / 2 - np.linalg.slogdet(bent)[1] / 2)
