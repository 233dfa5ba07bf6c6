"""What can be wrong between the prices of policies: who is affected, what is at stake, what to change. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel import Label, Message, Money
from telewave.offers.classes import Customer, customers_named
from telewave.offers.model import Kind, Offer
from telewave.offers.ranges import SAME, TOP, Stretch
from telewave.offers.stakes import Stake
from telewave.offers.wording import fee, offers_named, stretches_named
from telewave.offers.words import Words
from telewave.targeting.sentences import amount


@dataclass(frozen=True, slots=True)
class Case:
    """For these customers `cheap` costs less than `dear` in these stretches of the
    monthly fee. Offers: each side's best there.
    """

    customers: tuple[Customer, ...]
    cheap: tuple[Offer, ...]
    dear: tuple[Offer, ...]
    stretches: tuple[Stretch, ...]

    @property
    def most(self) -> Money:
        """The largest difference."""
        return max(stretch.most for stretch in self.stretches)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """The same kind of deal on different terms in two channels, open to the same customers, in orders of `pieces`.

    `shift`: what the second channel's device would have to be cheaper by to bring the two nearest
    to each other (negative: dearer), and `left`: the largest difference that then remains.
    `ceiling`: what the device costs by itself.
    """

    kind: Kind
    channels: tuple[Label, Label]
    offers: tuple[tuple[Offer, ...], tuple[Offer, ...]]
    pieces: int
    cases: tuple[Case, ...]
    shift: Money
    left: Money
    ceiling: Money
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Different terms for the same deal")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return _in_orders_of(
            self.pieces,
            Message(
                "{kind}: {first} ({first_offers}) and {second} ({second_offers}) offer {customers} different terms.",
                kind=self.kind.label,
                first=self.channels[0],
                second=self.channels[1],
                first_offers=offers_named(self.offers[0]),
                second_offers=offers_named(self.offers[1]),
                customers=customers_named(self.customers),
            ),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        dearer = 1 if self.shift.minor > 0 else 0
        change = Money(abs(self.shift.minor), self.shift.currency)
        how = price_change(change, self.offers[1 - dearer], self.offers[dearer], self.ceiling)
        if how is None:
            return Message(
                "Agree on the same credits and minimum spend in both channels; no possible price brings "
                "the two together."
            )
        if self.left.minor <= SAME:
            return Message(
                (
                    "Change prices: {how}, and the difference is gone; or give one channel something of its "
                    "own (a gift, delivery, an appointment) instead of another price."
                ),
                how=how,
            )
        return Message(
            (
                "Agree on the same credits and minimum spend in both channels. Prices alone do not remove it: "
                "{how}, and up to {left} still lie between them."
            ),
            how=how,
            left=amount(self.left),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Undercut:
    """A channel's best offer costs the same customers less than another channel's best
    of another kind, in some stretches of use.
    """

    cheap: Label
    dear: Label
    pieces: int
    cases: tuple[Case, ...]
    ceiling: Money
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("A channel undercuts another")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return _in_orders_of(
            self.pieces,
            Message(
                "For {customers}, the best terms at {cheap} are below those at {dear} in some stretches of use.",
                cheap=self.cheap,
                dear=self.dear,
                customers=customers_named(self.customers),
            ),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        cheap = tuple(dict.fromkeys(offer for case in self.cases for offer in case.cheap))
        dear = tuple(dict.fromkeys(offer for case in self.cases for offer in case.dear))
        how = price_change(max(case.most for case in self.cases), cheap, dear, self.ceiling)
        if how is None:
            return Message(
                "Decide which channel should win in these stretches of use, and close the offers of the "
                "other to these customers; no possible price brings the two together."
            )
        return Message(
            (
                "Decide which channel should win in these stretches of use, and close the offers of the other "
                "to these customers. Or change prices: {how}, and {cheap} is nowhere cheaper any more."
            ),
            how=how,
            cheap=self.cheap,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinge:
    """An assumed term of `offer` on which a finding hangs: it holds for values from
    `low` to `high` (None: as far as was tried).
    """

    offer: Offer
    term: Message
    value: Words
    low: Words | None
    high: Words | None

    @property
    def sentence(self) -> Message:
        """What is assumed, and up to where the finding holds."""
        said = {"offer": offers_named([self.offer]), "term": self.term, "value": self.value}
        if self.low is None and self.high is None:
            return Message("Assumed: {term} of {offer} ({value}). It holds for every value tried.", **said)
        if self.low is None:
            return Message(
                "Hangs on an assumption: {term} of {offer} ({value}). It holds up to {high}.",
                high=self.high,
                **said,
            )
        if self.high is None:
            return Message(
                "Hangs on an assumption: {term} of {offer} ({value}). It holds from {low} on.",
                low=self.low,
                **said,
            )
        return Message(
            "Hangs on an assumption: {term} of {offer} ({value}). It holds from {low} to {high}.",
            low=self.low,
            high=self.high,
            **said,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dominated:
    """At every fee compared, others open to the same customers (`by`: one, or several between them) never cost
    more, sometimes less, and bind no longer.

    `change`: what its device must become cheaper by to be the best choice at the fee `at`.
    `hinges`: assumed terms that it hangs on.
    """

    offer: Offer
    by: tuple[Offer, ...]
    stretches: tuple[Stretch, ...]
    change: Money
    at: Money
    hinges: tuple[Hinge, ...]
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("A policy that is never the best choice")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return Message(
            (
                "{offer} is never the best choice for {customers}, at monthly fees up to {top}: it never costs "
                "less than {by} nor binds for a shorter time, and it costs more at {stretches}."
            ),
            offer=offers_named([self.offer]),
            customers=customers_named(self.customers),
            top=fee(Money(TOP, self.at.currency)),
            by=offers_named(self.by),
            stretches=stretches_named(self.stretches),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        values = {"change": amount(self.change), "at": fee(self.at)}
        if self.change >= self.offer.terms.device.price:
            return Message("Withdraw it; no possible price makes it the best choice.")
        if self.by[0].kind is Kind.DEVICE_ONLY and self.offer.kind is not Kind.DEVICE_ONLY:
            return Message(
                (
                    "Take {change} off its device, which makes it the best choice at {at} a month, or withdraw "
                    "it: as it is, the device alone is the better deal."
                ),
                **values,
            )
        return Message(
            "Withdraw it, or take {change} off its device, which makes it the best choice at {at} a month.",
            **values,
        )


@dataclass(frozen=True, slots=True)
class SameTerms:
    """Policies that cost the same at any use, open to the same customers: names without a difference."""

    offers: tuple[Offer, ...]
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Several names for the same terms")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return Message(
            "{offers} cost {customers} the same at any use.",
            offers=offers_named(self.offers),
            customers=customers_named(self.customers),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        return Message(
            (
                "Keep {kept} and withdraw {rest}, and book subsidy and credit behind it as accounting needs; "
                "the customer need not choose."
            ),
            kept=offers_named(self.offers[:1]),
            rest=offers_named(self.offers[1:]),
        )


def price_change(
    change: Money, cheap: tuple[Offer, ...], dear: tuple[Offer, ...], ceiling: Money
) -> Message | None:
    """The dear made cheaper by so much, or else the cheap made dearer; None where neither leaves a possible price.

    Possible is a price above nothing and up to what the device costs by itself (`ceiling`).
    """
    if all(change < offer.terms.device.price for offer in dear):
        return Message(
            "take {change} off the device of {offers}", change=amount(change), offers=offers_named(dear)
        )
    if all(offer.terms.device.price + change <= ceiling for offer in cheap):
        return Message(
            "put {change} on the device of {offers}", change=amount(change), offers=offers_named(cheap)
        )
    return None


def _in_orders_of(pieces: int, said: Message) -> Message:
    if pieces == 1:
        return said
    return Message("In orders of {pieces} pieces or more. {said}", pieces=pieces, said=said)
