"""Findings merged by their cause, the decisions that matter first. Pure.

Twenty findings come from a handful of decisions: which of two channels wins the same customers, which
policies nobody needs, whom no policy serves. A cause counts each customer once, so it takes the
largest of its findings' stakes and never their sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.offers.bench import Bench
from telewave.offers.classes import customers_named
from telewave.offers.coverage_findings import Gap, NobodyEligible, OnlyDeviceOnly, OverComplex
from telewave.offers.findings import Finding
from telewave.offers.model import Offer
from telewave.offers.price_findings import Case, Contradiction, Dominated, SameTerms, Undercut
from telewave.offers.ranges import Stretch
from telewave.offers.stakes import Stake
from telewave.offers.wording import fee, offers_named
from telewave.offers.words import Words
from telewave.targeting.sentences import amount

DECISIONS = 3
"""So many decisions stand first: one a person keeps in mind."""


class CauseKind(Enum):
    """What has to be decided."""

    RIVALS = "rivals"
    IDLE = "idle"
    UNSERVED = "unserved"
    UNSOLD = "unsold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Findings with one cause. `evidence`: what shows it, a sentence each; `suggestion`:
    what to decide; `number`: findings merged.
    """

    kind: CauseKind
    title: Words
    evidence: tuple[Words, ...]
    suggestion: Words
    number: int
    stake: Stake

    @property
    def urgency(self) -> tuple[int, int, int]:
        """What is at stake in all, else in a sale, else how many are concerned: the larger the earlier."""
        known = (self.stake.total, self.stake.a_sale)
        worth = [0 if isinstance(one, Inconclusive) else one.minor for one in known]
        affected = 0 if isinstance(self.stake.affected, Inconclusive) else self.stake.affected
        return worth[0], worth[1], affected


def causes(ground: Bench, findings: Sequence[Finding]) -> tuple[Cause, ...]:
    """Every finding in one cause. The first three are the most urgent of each kind where
    there are three kinds; the rest by urgency.
    """
    made = [
        *_rivals(ground, [f for f in findings if isinstance(f, Contradiction | Undercut)]),
        *_idle([f for f in findings if isinstance(f, Dominated | SameTerms | OverComplex)]),
        *_unserved([f for f in findings if isinstance(f, Gap | OnlyDeviceOnly)]),
        *_unsold([f for f in findings if isinstance(f, NobodyEligible)]),
    ]
    made.sort(key=lambda cause: cause.urgency, reverse=True)
    first: list[Cause] = []
    for cause in made:
        if cause.kind not in {one.kind for one in first}:
            first.append(cause)
    first = first[:DECISIONS]
    return (*first, *(cause for cause in made if cause not in first))


def _largest(findings: Iterable[Finding]) -> Stake:
    """The largest stake of each sort that is known, else why it is not."""
    stakes = [finding.stake for finding in findings]
    affected = [one.affected for one in stakes if not isinstance(one.affected, Inconclusive)]
    worst = max(stakes, key=lambda one: (_minor(one.total), _minor(one.a_sale)))
    return Stake(max(affected) if affected else stakes[0].affected, worst.a_sale, worst.total)


def _minor(money: Money | Inconclusive) -> int:
    return 0 if isinstance(money, Inconclusive) else money.minor


def _rivals(ground: Bench, findings: Sequence[Contradiction | Undercut]) -> list[Cause]:
    """A cause for each two channels that the same customers get different terms from."""
    pairs: dict[frozenset[Label], list[Contradiction | Undercut]] = {}
    for finding in findings:
        pairs.setdefault(frozenset(_channels(finding)), []).append(finding)
    return [_rivalry(ground, found) for found in pairs.values()]


def _channels(finding: Contradiction | Undercut) -> tuple[Label, Label]:
    return finding.channels if isinstance(finding, Contradiction) else (finding.cheap, finding.dear)


def _rivalry(ground: Bench, found: Sequence[Contradiction | Undercut]) -> Cause:
    one, other = sorted(_channels(found[0]), key=list(ground.catalogue.channels.values()).index)
    widest: dict[Label, tuple[Stretch, Case, int]] = {}
    for finding in found:
        for case in finding.cases:
            stretch, side = max(case.stretches, key=lambda one: one.most), _cheap_side(finding, case)
            if side not in widest or widest[side][0].most < stretch.most:
                widest[side] = (stretch, case, finding.pieces)
    worst = max(found, key=lambda finding: (_minor(finding.stake.total), _minor(finding.stake.a_sale)))
    return Cause(
        kind=CauseKind.RIVALS,
        title=Message("{one} or {other}: the same customers, different terms", one=one, other=other),
        evidence=tuple(_widest(ground, *found) for found in sorted(widest.values(), key=_apart)),
        suggestion=worst.suggestion,
        number=len(found),
        stake=_largest(found),
    )


def _apart(found: tuple[Stretch, Case, int]) -> int:
    return -found[0].most.minor


def _cheap_side(finding: Contradiction | Undercut, case: Case) -> Label:
    """The channel that is the cheaper one in the case."""
    if isinstance(finding, Undercut):
        return finding.cheap
    return finding.channels[0 if set(case.cheap) <= set(finding.offers[0]) else 1]


def _widest(ground: Bench, stretch: Stretch, case: Case, pieces: int) -> Message:
    """The two policies where they lie widest apart, and for whom."""
    cheap, dear = (_cheapest(ground, side, case, pieces, stretch.at) for side in (case.cheap, case.dear))
    values = {
        "cheap": offers_named([cheap]),
        "dear": offers_named([dear]),
        "most": amount(stretch.most),
        "at": fee(stretch.at),
        "customers": customers_named(case.customers),
    }
    if pieces == 1:
        return Message(
            "{cheap} is up to {most} cheaper than {dear} (at {at} a month; {customers}).", **values
        )
    return Message(
        "From {pieces} pieces on, {cheap} is up to {most} cheaper than {dear} (at {at} a month; {customers}).",
        pieces=pieces,
        **values,
    )


def _cheapest(ground: Bench, offers: Sequence[Offer], case: Case, pieces: int, at: Money) -> Offer:
    fees, customer = np.array([at.minor], np.int64), case.customers[0]
    return min(offers, key=lambda offer: int(ground.cost(offer, customer, pieces)(fees)[0]))


def _idle(findings: Sequence[Dominated | SameTerms | OverComplex]) -> list[Cause]:
    """One cause of all policies that nobody needs: never the best choice, a second name
    of another, or beyond what can be compared.
    """
    if not findings:
        return []
    beaten: dict[tuple[Offer, ...], list[Dominated]] = {}
    crowded, needless, evidence, prices = [], {}, [], []
    for finding in findings:
        match finding:
            case Dominated():
                beaten.setdefault(finding.by, []).append(finding)
                needless[finding.offer.id] = finding.offer
            case SameTerms():
                needless |= {offer.id: offer for offer in finding.offers[1:]}
                evidence.append(finding.sentence)
            case OverComplex():
                crowded.append(finding.sentence)
                needless |= {offer.id: offer for offer in finding.idle}
    for by, found in beaten.items():
        evidence.append(
            Message(
                "Never the best choice beside {by}: {offers}.",
                by=offers_named(by),
                offers=offers_named([one.offer for one in found]),
            )
        )
        prices += [one for one in found if one.change < one.offer.terms.device.price]
    return [
        Cause(
            kind=CauseKind.IDLE,
            title=Message("Policies that nobody needs ({number})", number=len(needless)),
            evidence=(*crowded, *evidence),
            suggestion=_withdraw(list(needless.values()), prices),
            number=len(findings),
            stake=_largest(findings),
        )
    ]


def _withdraw(needless: Sequence[Offer], prices: Sequence[Dominated]) -> Message:
    if not needless:
        return Message("Close some of them to these customers, so that at most five are left to choose from.")
    if not prices:
        return Message("Withdraw {offers}.", offers=offers_named(needless))
    least = min(prices, key=lambda one: one.change)
    return Message(
        "Withdraw {offers}. Cheapest to keep instead: {offer}, with {change} off its device.",
        offers=offers_named(needless),
        offer=offers_named([least.offer]),
        change=amount(least.change),
    )


def _unserved(findings: Sequence[Gap | OnlyDeviceOnly]) -> list[Cause]:
    """One cause of all customers whom no policy, or no contract, serves."""
    if not findings:
        return []
    first = max(findings, key=lambda one: _count(one.stake.affected))
    return [
        Cause(
            kind=CauseKind.UNSERVED,
            title=Message("Customers who get no contract, or nothing at all"),
            evidence=tuple(finding.sentence for finding in findings),
            suggestion=first.suggestion,
            number=len(findings),
            stake=_largest(findings),
        )
    ]


def _count(affected: int | Inconclusive) -> int:
    return -1 if isinstance(affected, Inconclusive) else affected


def _unsold(findings: Sequence[NobodyEligible]) -> list[Cause]:
    """One cause of all policies that nobody may have."""
    if not findings:
        return []
    return [
        Cause(
            kind=CauseKind.UNSOLD,
            title=Message("Policies that nobody may have ({number})", number=len(findings)),
            evidence=(offers_named([finding.offer for finding in findings]),),
            suggestion=Message("Correct their rules, or withdraw them."),
            number=len(findings),
            stake=_largest(findings),
        )
    ]
