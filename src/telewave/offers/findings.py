"""What can be wrong between policies: one type a kind, each with who is affected, what is at stake, and what to change. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.offers.classes import Customer, customers_named
from telewave.offers.model import Kind, Offer
from telewave.offers.ranges import Stretch
from telewave.offers.wording import offers_named, stretches_named


@dataclass(frozen=True, slots=True)
class Stake:
    """`affected`: subscribers in the classes concerned. `a_sale`: what is at stake in one sale, the mean over the levels of use.

    `total`: a sale's stake times the affected subscribers times the assumed take-up.
    """

    affected: int | Inconclusive
    a_sale: Money | Inconclusive
    total: Money | Inconclusive


@dataclass(frozen=True, slots=True)
class Case:
    """For these customers `cheap` costs less than `dear` in these stretches of the monthly fee. Offers: each side's best there."""

    customers: tuple[Customer, ...]
    cheap: tuple[Offer, ...]
    dear: tuple[Offer, ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The same kind of deal on different terms in two channels, open to the same customers."""

    kind: Kind
    channels: tuple[Label, Label]
    offers: tuple[tuple[Offer, ...], tuple[Offer, ...]]
    cases: tuple[Case, ...]
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Different terms for the same deal")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return Message(
            "{kind}: {first} ({first_offers}) and {second} ({second_offers}) offer {customers} different terms.",
            kind=self.kind.label,
            first=self.channels[0],
            second=self.channels[1],
            first_offers=offers_named(self.offers[0]),
            second_offers=offers_named(self.offers[1]),
            customers=customers_named(self.customers),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        return Message(
            "Agree on one set of terms for this deal in both channels, or give one of them something of its own (a gift, delivery, an appointment) instead of another price."
        )


@dataclass(frozen=True, slots=True)
class Undercut:
    """A channel's best offer costs the same customers less than another channel's best, in some stretches of use."""

    cheap: Label
    dear: Label
    cases: tuple[Case, ...]
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("A channel undercuts another")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return Message(
            "For {customers}, the best terms at {cheap} are below those at {dear} in some stretches of use.",
            cheap=self.cheap,
            dear=self.dear,
            customers=customers_named(self.customers),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        return Message(
            "Decide which channel should win in these stretches of use, and bring the other's terms to the break-even or close it to these customers."
        )


@dataclass(frozen=True, slots=True)
class Dominated:
    """Whatever the use, others open to the same customers (`by`: one, or several between them) never cost more, sometimes less, and bind no longer."""

    offer: Offer
    by: tuple[Offer, ...]
    stretches: tuple[Stretch, ...]
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("A policy that is never the best choice")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return Message(
            "{offer} is never the best choice for {customers}: it never costs less than {by} nor binds for a shorter time, and it costs more at {stretches}.",
            offer=self.offer.name,
            customers=customers_named(self.customers),
            by=offers_named(self.by),
            stretches=stretches_named(self.stretches),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        if self.by[0].kind is Kind.DEVICE_ONLY and self.offer.kind is not Kind.DEVICE_ONLY:
            return Message(
                "Improve the policy until bringing a contract pays, or withdraw it: as it is, the device alone is the better deal."
            )
        return Message("Withdraw it, or improve it for a stretch of use that is meant to be its own.")


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
            "Keep one of them, and book subsidy and credit behind it as accounting needs; the customer need not choose."
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """Customers whom no policy serves."""

    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Customers without a policy")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        return Message("No policy is open to {customers}.", customers=customers_named(self.customers))

    @property
    def suggestion(self) -> Message:
        """What to change."""
        return Message("Open an existing policy to them, or say on purpose that they are not to be sold to.")


@dataclass(frozen=True, slots=True)
class OnlyDeviceOnly:
    """Customers who can buy the device but get no contract: nothing binds them. `partly`: what is open to some of them."""

    offers: tuple[Offer, ...]
    partly: tuple[Offer, ...]
    customers: tuple[Customer, ...]
    stake: Stake

    title = Message("Customers who can only buy the device alone")

    @property
    def sentence(self) -> Message:
        """What is wrong."""
        if self.partly:
            return Message(
                "{customers} can only buy the device alone ({offers}); {partly} is for some of them.",
                customers=customers_named(self.customers),
                offers=offers_named(self.offers),
                partly=offers_named(self.partly),
            )
        return Message(
            "{customers} can only buy the device alone ({offers}).",
            customers=customers_named(self.customers),
            offers=offers_named(self.offers),
        )

    @property
    def suggestion(self) -> Message:
        """What to change."""
        return Message(
            "Add one contract policy for customers who keep their number; today only those who bring a new number get one."
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
                offer=self.offer.name,
            )
        return Message("No customer class fulfils the eligibility rule of {offer}.", offer=self.offer.name)

    @property
    def suggestion(self) -> Message:
        """What to change."""
        return Message("Correct the rule, or withdraw the policy.")


@dataclass(frozen=True, slots=True)
class Choice:
    """How much these customers have to choose from."""

    customers: tuple[Customer, ...]
    offers: tuple[Offer, ...]
    channels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class OverComplex:
    """More policies for one class than a customer (or a clerk) can compare."""

    most: int
    choices: tuple[Choice, ...]
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
        return Message(
            "Keep one policy a level of use and one for large orders; the policies that are never the best choice can go first."
        )


Finding: TypeAlias = (
    Contradiction | Undercut | Dominated | SameTerms | Gap | OnlyDeviceOnly | NobodyEligible | OverComplex
)
