"""The design of a comparison before launch: whom to hold out for the effect that
matters, what that costs, how long it takes. Pure.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass

from telewave.experiments.holdout import ShareOutOfRange
from telewave.experiments.power import (
    USUAL,
    Certainty,
    RateOutOfRange,
    least_held_out,
    minimal_effect,
    power,
    sizes,
    too_few_takers,
)
from telewave.kernel import Inconclusive, Malformed, Message


class NoEffectAsked(Malformed):
    """An effect of {effect:g} on a take-up rate of {rate:g} cannot be measured. Give a
    rise above 0 that leaves the rate below 1.
    """

    code = "no_effect_asked"


class NobodyToCompare(Malformed):
    """{subscribers} subscribers cannot be split between a holdout and {arms} arms. Give at least one for each."""

    code = "nobody_to_compare"


class NoVolume(Malformed):
    """{contacts} contacts a month do not reach {arms} arms. Give at least one a month for each arm."""

    code = "no_volume"


class NoDuration(Malformed):
    """A campaign of {months} months needs a number of contacts a month, and at least 1 month. Give both, or neither."""

    code = "no_duration"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be learnt of whom.

    `subscribers`: those whom the campaign would contact if it held nobody out, the universal control not among them;
    `base_rate`: share of them that takes the offer uncontacted in the outcome window of `window_days`; `effect`: the
    rise of that share that would matter, as a difference of shares; `contacts_a_month`: how many are treated in a
    month, None for all at once; `months`: how long the campaign may run, None for as long as it takes; `most`: the
    largest share that may be held out. Raises what is wrong with them.
    """

    subscribers: int
    base_rate: float
    effect: float
    _: KW_ONLY
    arms: int = 1
    certainty: Certainty = USUAL
    contacts_a_month: int | None = None
    months: int | None = None
    window_days: int = 30
    most: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.base_rate < 1:
            raise RateOutOfRange(rate=self.base_rate)
        if not 0 < self.effect < 1 - self.base_rate:
            raise NoEffectAsked(effect=self.effect, rate=self.base_rate)
        if self.arms < 1 or self.subscribers < self.arms + 1:
            raise NobodyToCompare(subscribers=self.subscribers, arms=self.arms)
        if not 0 < self.most < 1:
            raise ShareOutOfRange(share=self.most)
        if self.contacts_a_month is not None and self.contacts_a_month < self.arms:
            raise NoVolume(contacts=self.contacts_a_month, arms=self.arms)
        if self.months is not None and (self.contacts_a_month is None or self.months < 1):
            raise NoDuration(months=self.months)

    @property
    def treated_rate(self) -> float:
        """The take-up rate of those contacted if the effect is as asked."""
        return self.base_rate + self.effect

    def an_arm(self, held_out: int) -> int:
        """How many are treated in each arm if so many are held out: all others, or as many as there is time for."""
        return min(self.subscribers - held_out, self.most_contacts) // self.arms

    @property
    def most_contacts(self) -> int:
        """How many there is time to treat."""
        if self.contacts_a_month is None or self.months is None:
            return self.subscribers
        return self.contacts_a_month * self.months

    def held_out_at(self, share: float) -> int:
        """How many are held out if they are to be `share` of the list: of them and those treated together; at least
        1.
        """
        while_time = self.most_contacts * share / (1 - share)
        return max(1, math.floor(min(self.subscribers * share, while_time) + 1e-9))


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """The smallest holdout that answers the question.

    `treated`: in each arm; `power`: chance that the effect asked for is seen; `smallest_effect`: what is seen with
    the wanted power; `forgone`: additional takers that the holdout costs if the effect is as asked (none while there
    is no time to treat everybody); `months`: until the last contact, None if all are contacted at once; the answer
    comes `window_days` after the last contact.
    """

    question: Question
    held_out: int
    treated: int
    power: float
    smallest_effect: float
    forgone: float
    months: float | None

    @property
    def share(self) -> float:
        """The holdout as a share of the list that the campaign works through."""
        return self.held_out / (self.held_out + self.treated * self.question.arms)


def design(question: Question) -> Design | Inconclusive:
    """The smallest holdout with which each arm shows the effect asked for, or why there is none."""
    largest = question.held_out_at(question.most)
    first = least_held_out(question.base_rate)
    if first > largest:
        return Inconclusive(too_few_takers(question.base_rate, largest))
    if _power(question, largest) < question.certainty.power:
        return Inconclusive(_too_small(question, largest))
    return with_holdout(question, _smallest(question, first, largest))


def with_holdout(question: Question, held_out: int) -> Design | Inconclusive:
    """What a holdout of a given size shows. Raises `EmptyGroup`."""
    treated = question.an_arm(held_out)
    certainty = question.certainty.among(question.arms)
    least = minimal_effect(question.base_rate, held_out, treated, certainty)
    if isinstance(least, Inconclusive):
        return least
    reached = _power(question, held_out)
    volume = question.contacts_a_month
    months = None if volume is None else treated * question.arms / volume
    fewer_contacts = (question.an_arm(0) - treated) * question.arms
    return Design(
        question=question,
        held_out=held_out,
        treated=treated,
        power=reached,
        smallest_effect=least,
        forgone=fewer_contacts * question.effect,
        months=months,
    )


def _smallest(question: Question, low: int, high: int) -> int:
    """Between `low` and `high` of which `high` is enough: the power rises with the holdout until both sides are
    alike.
    """
    while low < high:
        middle = (low + high) // 2
        if _power(question, middle) >= question.certainty.power:
            high = middle
        else:
            low = middle + 1
    return high


def _power(question: Question, held_out: int) -> float:
    alpha = question.certainty.among(question.arms).alpha
    return power(question.base_rate, question.treated_rate, held_out, question.an_arm(held_out), alpha)


def _too_small(question: Question, largest: int) -> Message:
    certainty = question.certainty.among(question.arms)
    least = minimal_effect(question.base_rate, largest, question.an_arm(largest), certainty)
    shown = "–" if isinstance(least, Inconclusive) else f"{least * 100:.3g}"
    needed = sizes(question.base_rate, question.treated_rate, 1, certainty)[0] * (question.arms + 1)
    return Message(
        "{subscribers:,} subscribers are too few: with {held_out:,} of them held out, an effect of "
        "{effect} percentage points is seen with "
        "a chance of {power:.0%} only. From {smallest} points on it would be seen; for {effect} points it "
        "takes some {needed:,} subscribers.",
        subscribers=question.subscribers,
        held_out=largest,
        effect=f"{question.effect * 100:.3g}",
        power=_power(question, largest),
        smallest=shown,
        needed=needed,
    )
