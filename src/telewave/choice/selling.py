"""What to say first of an offer: the terms that move those who hear of it, beside what they would take otherwise. Pure.

With w what a unit of term t counts against an offer in the class c(i) of person i (0 where it is not clearly different
from 0), and x the term's value,

    gain(t) = mean over i of w(c(i), t) * (x(i, rival, t) - x(i, offer, t))

What gains most comes first. An amount is told as the least by which anybody who hears it is ahead, and not at all where
somebody is not: nobody is told what does not hold for him. More of an amount, or a new number, is nothing to praise,
whatever its weight. Of the kinds of deal all weights count together. Through which channels an offer is sold and what
draws people to it beyond its terms are not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from telewave.choice.logit import Floats
from telewave.choice.terms import AMOUNTS, DOWN, MINIMUM, MONTHS, NEW_NUMBER, TRUE_COST, Term
from telewave.kernel import Label, Message, Money
from telewave.offers.model import Kind, Offer, SellingPoint
from telewave.platform.languages import in_both
from telewave.targeting.plan import Group
from telewave.targeting.sentences import amount

MOST_POINTS = 3
MAJOR = 100
SAME = 1e-9
"""Of a gain or a difference: what is less is a rounding."""
KINDS = tuple(
    Term(f"kind:{kind.value}", kind.label, NEW_NUMBER.unit) for kind in Kind if kind is not Kind.DEVICE_ONLY
)
TOLD = (*AMOUNTS, NEW_NUMBER, *KINDS)
"""The terms that can be told, in the order of the columns that `ahead` takes."""
KIND = Term("kind", Label("Kind of deal", "办理类型"), NEW_NUMBER.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A term in which an offer is ahead of its rival for everybody who is asked: `gain` in the scale of the weights;
    `least` and `most` of what anybody is ahead, in units of the term.
    """

    term: Term
    gain: float
    least: float
    most: float


def usual_rival(taste: Floats, offer: int) -> int | None:
    """The other offer that suits most people best, by place; None where nothing else is open to any of them.

    `taste`: (n, m), 0 for what is not open.
    """
    others = taste.copy()
    others[:, offer] = 0.0
    some = others.max(1, initial=0.0) > 0
    if not some.any():
        return None
    return int(np.bincount(others[some].argmax(1)).argmax())


def ahead(mine: Floats, rival: Floats, against: Floats) -> tuple[Ahead, ...]:
    """The terms in which an offer is ahead of its rival, what gains most first.

    `mine`, `rival`: values of `TOLD` for n people at least one, (n, k); `against`: what a unit counts against an offer
    for each of them, (n, k).
    """
    better = rival - mine
    gain = (against * better).mean(0)
    amounts = len(AMOUNTS) + 1
    found = [
        Ahead(term=term, gain=float(gain[k]), least=float(better[:, k].min()), most=float(better[:, k].max()))
        for k, term in enumerate(TOLD[:amounts])
        if gain[k] > SAME and _counts(term, float(better[:, k].min()))
    ]
    kinds = float(gain[amounts:].sum())
    if kinds > SAME:
        found.append(Ahead(term=KIND, gain=kinds, least=1.0, most=1.0))
    return tuple(sorted(found, key=lambda one: -one.gain))


def points(
    found: Sequence[Ahead], offer: Offer, rival: Offer, group: Group, evidence: Message
) -> tuple[SellingPoint, ...]:
    """The first `MOST_POINTS` as selling points for the group, in the customer's words."""
    told = [one for one in found if one.term != KIND or offer.kind is not Kind.VOLUME][:MOST_POINTS]
    return tuple(
        SellingPoint(
            groups=frozenset({group}),
            feature=in_both(feature),
            advantage=in_both(advantage),
            benefit=in_both(benefit),
            evidence=in_both(evidence),
        )
        for feature, advantage, benefit in (_words(one, offer, rival) for one in told)
    )


def _counts(term: Term, least: float) -> bool:
    """Whether everybody is ahead by something that can be told: a unit of money, a month, a number kept."""
    if term.money:
        return round(least * term.money) >= MAJOR
    return round(least * 12) >= 1 if term == MONTHS else least > SAME


def _words(one: Ahead, offer: Offer, rival: Offer) -> tuple[Message, Message, Message]:
    """What it is, what that does better, what the customer gets from it."""
    if one.term == DOWN:
        return _down(one, rival)
    if one.term == TRUE_COST:
        return _true_cost(one, rival)
    if one.term == MINIMUM:
        return _minimum(one, rival)
    if one.term == MONTHS:
        return (
            Message(
                "You are bound {months} months less than with “{rival}”.",
                months=round(one.least * 12),
                rival=rival.name,
            ),
            Message("The contract ends sooner."),
            Message("You are free to change sooner."),
        )
    if one.term == NEW_NUMBER:
        return (
            Message("You keep your number, while “{rival}” needs a new one.", rival=rival.name),
            Message("No second card is needed."),
            Message("Nobody has to learn a new number."),
        )
    return _kind(offer, rival)


def _down(one: Ahead, rival: Offer) -> tuple[Message, Message, Message]:
    told = {"amount": _money(one, rival), "rival": rival.name}
    return (
        Message("On the first day you pay {amount} less than with “{rival}”.", **told)
        if _same(one)
        else Message("On the first day you pay at least {amount} less than with “{rival}”.", **told),
        Message("Device and deposit are counted together."),
        Message("You keep that money when you take the device home."),
    )


def _true_cost(one: Ahead, rival: Offer) -> tuple[Message, Message, Message]:
    told = {"amount": _money(one, rival), "rival": rival.name}
    return (
        Message("Over the whole contract the device costs you {amount} less than with “{rival}”.", **told)
        if _same(one)
        else Message(
            "Over the whole contract the device costs you at least {amount} less than with “{rival}”.", **told
        ),
        Message("Credits, deposit and minimum spend are counted in."),
        Message("You save when all is added up."),
    )


def _minimum(one: Ahead, rival: Offer) -> tuple[Message, Message, Message]:
    told = {"amount": _money(one, rival), "rival": rival.name}
    return (
        Message("To reach the minimum spend you add {amount} a month less than with “{rival}”.", **told)
        if _same(one)
        else Message(
            "To reach the minimum spend you add at least {amount} a month less than with “{rival}”.", **told
        ),
        Message("The minimum spend is nearer to what you spend."),
        Message("You pay less for what you would not use."),
    )


def _kind(offer: Offer, rival: Offer) -> tuple[Message, Message, Message]:
    beside = Message("“{rival}” is of the kind: {kind}.", rival=rival.name, kind=rival.kind.label)
    match offer.kind:
        case Kind.DEVICE_ONLY:
            return (
                Message("You buy the device alone: no tariff comes with it."),
                beside,
                Message("You stay with the tariff that you know."),
            )
        case Kind.UPGRADE:
            return (
                Message("The device and the network are upgraded together."),
                beside,
                Message("You need not come twice."),
            )
        case _:
            return (
                Message("Device and tariff come in one contract."),
                beside,
                Message("All is settled at once."),
            )


def _money(one: Ahead, rival: Offer) -> Message:
    """The least, in whole major units, rounded down."""
    return amount(Money(_told(one), rival.terms.currency))


def _same(one: Ahead) -> bool:
    """Whether everybody is ahead by the amount that is told, to the unit."""
    return round(one.most * one.term.money) == _told(one)


def _told(one: Ahead) -> int:
    """Minor units; terms are whole ones of them, so rounding takes nothing off."""
    return round(one.least * one.term.money) // MAJOR * MAJOR
