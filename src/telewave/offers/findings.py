"""What can be wrong between policies: one type a kind, each with who is affected, what is at stake, and what to change.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.offers.classes import Customer, customers_named
from telewave.offers.model import Kind, Offer
from telewave.offers.ranges import SAME, TOP, Fees, Stretch
from telewave.offers.wording import fee, fees_named, offers_named, stretches_named
from telewave.offers.words import Words
from telewave.targeting.sentences import amount


@dataclass(frozen=True, slots=True)
class Stake:
    """`affected`: subscribers concerned, at their own fees. `a_sale`: what is at stake in one sale, on average over
    them (over the levels of use where nobody was counted).

    `total`: a sale's stake times the affected subscribers times the assumed take-up.
    """

    affected: int | Inconclusive
    a_sale: Money | Inconclusive
    total: Money | Inconclusive


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Customers whom no policy serves at these fees in an order of one piece.
    `larger`: open to them in larger orders only.

    `nearest`: the offer, for others so far, by which the device would cost them least at the fee `at`.
    """

    fees: tuple[Fees, ...]
    larger: tuple[Offer, ...]
    nearest: Offer | None
    cost: Money
    at: Money
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Customers without a policy")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        values = {"customers": customers_named(self.customers), "fees": fees_named(self.fees)}
        if self.larger:
            return Message(
                (
                    "No policy is open to {customers} for a single piece at {fees}; {larger} is sold in larger "
                    "orders only."
                ),
                larger=offers_named(self.larger),
                **values,
            )
        return Message("No policy is open to {customers} at {fees}.", **values)

    @property
    def suggestion(self) -> Message:
        """What to change."""
        if self.nearest is None:
            return Message(
                "Make a policy for single pieces, or say on purpose that they are not to be sold to."
            )
        return Message(
            (
                "Open an existing policy to them, such as {nearest} (the device really costs {cost} at {at} a "
                "month), or say on purpose that they are not to be sold to."
            ),
            nearest=offers_named([self.nearest]),
            cost=amount(self.cost),
            at=fee(self.at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyDeviceOnly:
    """Customers who can buy the device but get no contract at these fees: nothing binds
    them. `partly`: what is open to some of them.

    `served`: who does get a contract. `cost`: what the device alone costs at the fee `at`, which a contract must beat.
    """

    offers: tuple[Offer, ...]
    partly: tuple[Offer, ...]
    fees: tuple[Fees, ...]
    served: tuple[Customer, ...]
    cost: Money
    at: Money
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Customers who can only buy the device alone")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        values = {
            "customers": customers_named(self.customers),
            "offers": offers_named(self.offers),
            "fees": fees_named(self.fees),
        }
        if self.partly:
            return Message(
                "{customers} can only buy the device alone ({offers}) at {fees}; {partly} is for some of them.",
                partly=offers_named(self.partly),
                **values,
            )
        return Message("{customers} can only buy the device alone ({offers}) at {fees}.", **values)

    @property
    def suggestion(self) -> Message:
        """What to change."""
        values = {"cost": amount(self.cost), "at": fee(self.at)}
        if not self.served:
            return Message(
                (
                    "Add a contract policy; today nobody gets one. It is taken if the device then really costs "
                    "less than {cost} at {at} a month, as it does alone."
                ),
                **values,
            )
        return Message(
            (
                "Add a contract policy for them; today only {served} get one. It is taken if the device then "
                "really costs less than {cost} at {at} a month, as it does alone."
            ),
            served=customers_named(self.served),
            **values,
        )


@dataclass(frozen=True, slots=True)
class NobodyEligible:
    """A policy that no class may have, or that nobody counted may have."""

    offer: Offer
    counted: bool
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("A policy that nobody may have")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        if self.counted:
            return Message(
                "None of the subscribers counted fulfils the eligibility rule of {offer}.",
                offer=offers_named([self.offer]),
            )
        return Message(
            "No customer class fulfils the eligibility rule of {offer}.", offer=offers_named([self.offer])
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        return Message("Correct the rule, or withdraw the policy.")


@dataclass(frozen=True, slots=True)
class Choice:
    """How much these customers have to choose from, at the fee at which it is most."""

    customers: tuple[Customer, ...]
    offers: tuple[Offer, ...]
    channels: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverComplex:
    """More policies for one class than a customer (or a clerk) can compare. `idle`:
    those that are nobody's cheapest at any fee.
    """

    most: int
    choices: tuple[Choice, ...]
    idle: tuple[Offer, ...]
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Too many policies for the same customer")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        sizes = [len(choice.offers) for choice in self.choices]
        low, high = min(sizes), max(sizes)
        return Message(
            "{customers} choose among {number} policies in {channels} channels; more than {most} are hard to compare.",
            customers=customers_named(self.customers),
            number=str(low) if low == high else f"{low}–{high}",
            channels=max(len(choice.channels) for choice in self.choices),
            most=self.most,
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        if not self.idle:
            return Message(
                "Keep one policy a level of use and one for large orders; here each is somebody's "
                "cheapest, so similar ones must be merged."
            )
        return Message(
            (
                "Withdraw {idle} first: whoever may have them has something cheaper at every use. At most "
                "{left} are then left to choose from."
            ),
            idle=offers_named(self.idle),
            left=max(len(set(choice.offers) - set(self.idle)) for choice in self.choices),
        )


Finding: TypeAlias = (
    Contradiction | Undercut | Dominated | SameTerms | Gap | OnlyDeviceOnly | NobodyEligible | OverComplex
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
