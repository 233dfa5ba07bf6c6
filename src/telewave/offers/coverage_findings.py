"""What can be wrong in who can have what: nothing, only a device, nobody eligible, too much to choose from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel import Label, Message, Money
from telewave.offers.classes import Customer, customers_named
from telewave.offers.model import Offer
from telewave.offers.ranges import Fees
from telewave.offers.stakes import Stake
from telewave.offers.wording import fee, fees_named, offers_named
from telewave.targeting.sentences import amount


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
