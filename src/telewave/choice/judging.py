"""Is the model better than a simple rule? Learnt on earlier orders, judged on later ones. Pure.

The measure is bits an order: - log2 of the chance that a rule had given to what was taken; the fewer, the better. Rules
beside the model are fitted on the same earlier orders: by lot among what is open; the cheapest, with an error
rate; the market shares of the class among what is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np

from telewave.choice.logit import (
    WEAK_VARIANCE,
    Choices,
    Flags,
    Floats,
    Integers,
    Prior,
    fit,
    shares,
    utilities,
)
from telewave.choice.terms import with_own_appeal
from telewave.kernel import Estimate, Label

JUDGED_SHARE = 0.3
RESAMPLES = 500
CLASS_VARIANCES = (0.001, 0.03, 0.3)
APPEAL_VARIANCES = (0.0, 0.1, 1.0)
HAND_CLASS_VARIANCES = (0.03, 0.3, 1.0)
"""Where people chose among what one channel sells, and only a few terms are weighed by class."""
SHARE_VARIANCE = 1.0


class Rule(StrEnum):
    """How somebody could foresee what is taken."""

    MODEL = "model"
    SHARES = "shares"
    CHEAPEST = "cheapest"
    LOT = "lot"

    @property
    def label(self) -> Label:
        """The rule's name for people."""
        return RULE_NAMES[self]


RULE_NAMES = {
    Rule.MODEL: Label("Choice model", "选择模型"),
    Rule.SHARES: Label("Market shares of the class among open policies", "同类客户在可办政策中的市场份额"),
    Rule.CHEAPEST: Label("The cheapest, with an error rate", "选最便宜的（带误差率）"),
    Rule.LOT: Label("By lot among open policies", "在可办政策中随机"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Choices with the day of each as a number, (n,), who chose, (n,), and the column of the true cost."""

    choices: Choices
    day: Integers
    subscriber: Integers
    cost: int

    def of(self, rows: Flags) -> Dated:
        """Some of the choices."""
        return Dated(
            choices=self.choices.of(rows),
            day=self.day[rows],
            subscriber=self.subscriber[rows],
            cost=self.cost,
        )

    def parted(self, day: int) -> tuple[Dated, Dated]:
        """Those before the day, and those from it on."""
        return self.of(self.day < day), self.of(self.day >= day)


@dataclass(frozen=True, slots=True)
class Variances:
    """What the priors allow: of a class beside the others, and of a policy's own appeal, in terms of spread 1. `alike`:
    so many first terms are weighed alike by all classes.
    """

    by_class: float
    appeal: float
    alike: int = 0

    def prior(self, terms: int, offers: int) -> Prior:
        """For the terms, and the own appeal of offers behind them where there is any."""
        own = offers if self.appeal else 0
        return Prior(
            common=np.concatenate([np.full(terms, WEAK_VARIANCE), np.full(own, self.appeal)]),
            by_class=np.concatenate(
                [np.zeros(self.alike), np.full(terms - self.alike, self.by_class), np.zeros(own)]
            ),
        )

    def told(self, choices: Choices) -> Choices:
        """The choices by the terms that the prior speaks of."""
        return choices.with_terms(with_own_appeal(choices.terms)) if self.appeal else choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What later orders said. `bits`: an order, of each rule; `gains`: what the model saves beside each other rule.

    `cut`: the first day judged, as a number. `predicted`: (m,), share of each alternative by the model among the judged
    orders; `seen`: (m,), how many took it. `error_rate`: of the rule of the cheapest. `used`: see `better`.
    """

    learnt: int
    judged: int
    cut: int
    predicted: Floats
    seen: Integers
    bits: Mapping[Rule, Estimate]
    gains: Mapping[Rule, Estimate]
    variances: Variances
    error_rate: float

    @property
    def used(self) -> bool:
        """See `better`."""
        return better(self.gains)


def better(gains: Mapping[Rule, Estimate]) -> bool:
    """Whether to go by the model: ahead of the lot and of the cheapest with its whole interval, and not surely behind
    the market shares. Nobody can plan by shares, which know neither whom they speak of nor a new policy: they are a
    yardstick, and what is left without the model is what was believed before.
    """
    return all(gains[rule].low > 0 for rule in (Rule.LOT, Rule.CHEAPEST)) and gains[Rule.SHARES].high > 0


def judged(dated: Dated, seed: int, *, alike: int | None = None) -> Judged:
    """Learn on the earlier orders, variances by folds forward within them, and judge on the later ones. `alike`: people
    chose among what one channel sells. Then policies have no appeal beyond their terms, since it could not be compared
    across channels; and the first so many terms are weighed alike by all classes: a class's few orders in each
    channel would tell more of its channels than of its weights. None: it is not so.
    """
    cut = cut_day(dated.day, 1 - JUDGED_SHARE)
    early, late = dated.parted(cut)
    variances = chosen_variances(early, alike)
    error = error_rate(early)
    modelled = _by_model(early, late, variances)
    chances = {
        Rule.MODEL: _taken(late.choices, modelled),
        Rule.SHARES: _by_shares(early, late),
        Rule.CHEAPEST: by_cheapest(late, error),
        Rule.LOT: by_cheapest(late, 1.0),
    }
    bits = {rule: -np.log2(np.maximum(chance, 1e-300)) for rule, chance in chances.items()}
    resample = _resampling(late.subscriber, seed)
    return Judged(
        learnt=early.choices.size,
        judged=late.choices.size,
        cut=cut,
        predicted=modelled.mean(0),
        seen=np.bincount(late.choices.taken, minlength=modelled.shape[1]),
        bits={rule: resample(values) for rule, values in bits.items()},
        gains={rule: resample(bits[rule] - bits[Rule.MODEL]) for rule in Rule if rule is not Rule.MODEL},
        variances=variances,
        error_rate=error,
    )


def cut_day(day: Integers, share: float) -> int:
    """The first day after which at most `1 - share` of the choices lie; never the first day of all."""
    wanted = int(np.sort(day)[min(len(day) - 1, int(share * len(day)))])
    return max(wanted, int(np.unique(day)[:2][-1]))


def chosen_variances(dated: Dated, alike: int | None = None) -> Variances:
    """The variances with the least bits on two folds forward in time: a class's first, then the own appeal's."""
    folds = []
    for start, end in ((0.5, 0.75), (0.75, 1.0)):
        before, after = dated.parted(cut_day(dated.day, start))
        if end < 1:
            after = after.of(after.day < cut_day(dated.day, end))
        if before.choices.size and after.choices.size:
            folds.append((before, after))

    @cache
    def bits(variances: Variances) -> float:
        found = [_taken(fold[1].choices, _by_model(*fold, variances)) for fold in folds]
        return -sum(float(np.log(chance).sum()) for chance in found)

    if alike is not None:
        return min((Variances(one, 0.0, alike) for one in HAND_CLASS_VARIANCES), key=bits)
    by_class = min(CLASS_VARIANCES, key=lambda one: bits(Variances(one, 0.0)))
    return min((Variances(by_class, one) for one in APPEAL_VARIANCES), key=bits)


def error_rate(dated: Dated) -> float:
    """The likeliest rate at which people do not take the cheapest but any open policy by lot."""
    rates = np.linspace(0.005, 1.0, 200)
    return float(max(rates, key=lambda rate: float(np.log(by_cheapest(dated, float(rate))).sum())))


def by_cheapest(dated: Dated, error: float) -> Floats:
    """The chance of what was taken, (n,): the cheapest but for the error rate, else any open policy by lot."""
    choices = dated.choices
    costs = np.where(choices.open, choices.terms[..., dated.cost], np.inf)
    cheapest = costs == costs.min(1, keepdims=True)
    at = np.arange(choices.size), choices.taken
    found: Floats = (1 - error) * cheapest[at] / cheapest.sum(1) + error / choices.open.sum(1)
    return found


def _by_model(early: Dated, late: Dated, variances: Variances) -> Floats:
    _, m, k = early.choices.terms.shape
    found = fit(variances.told(early.choices), variances.prior(k, m))
    return _chances(variances.told(late.choices), found.of_class)


def _by_shares(early: Dated, late: Dated) -> Floats:
    """Constants of the policies by class, shrunk to those of all."""
    m = early.choices.terms.shape[1]
    one = np.eye(m)[:, 1:]

    def constants(dated: Dated) -> Choices:
        return dated.choices.with_terms(np.broadcast_to(one, (dated.choices.size, m, m - 1)))

    prior = Prior(common=np.full(m - 1, WEAK_VARIANCE), by_class=np.full(m - 1, SHARE_VARIANCE))
    return _taken(late.choices, _chances(constants(late), fit(constants(early), prior).of_class))


def _chances(choices: Choices, of_class: Floats) -> Floats:
    return shares(utilities(choices.terms, choices.group, of_class), choices.open)


def _taken(choices: Choices, chance: Floats) -> Floats:
    """Of what was taken, (n,)."""
    found: Floats = np.maximum(chance[np.arange(choices.size), choices.taken], 1e-300)
    return found


def _resampling(subscriber: Integers, seed: int) -> Callable[[Floats], Estimate]:
    """Means of values by choice with intervals, subscribers drawn whole."""
    _, place = np.unique(subscriber, return_inverse=True)
    people = int(place.max()) + 1
    draws = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=RESAMPLES)
    sizes = np.bincount(place, minlength=people)

    def mean(values: Floats) -> Estimate:
        sums = np.bincount(place, weights=values, minlength=people)
        drawn = (draws @ sums) / (draws @ sizes)
        low, high = np.quantile(drawn, [0.025, 0.975])
        return Estimate(
            value=float(values.mean()),
            low=float(low),
            high=float(high),
            n=len(values),
            method=f"bootstrap, {RESAMPLES} resamples",
        )

    return mean
