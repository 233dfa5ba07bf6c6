"""Which of the reference case's policies a taker takes: a conditional logit over those open to him. Pure.

The facts of the policies are the case's own, kept here a second time because the city lies below the catalogue of
offers; a test compares the costs of both to the fen. Amounts in fen, fees a month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from telewave.simulation.assumptions import ASSUMPTIONS as A
from telewave.simulation.facts import OrderKind
from telewave.simulation.people import Array, People

YUAN, BASIS_POINTS = 100, 10_000
NEW, EXISTING = (OrderKind.NEW_NUMBER,), (OrderKind.DEVICE_ONLY,)
ALL = (*NEW, *EXISTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy's terms for a line. `kinds` of order it serves; `who`: further condition on the taker ("" none).

    `returned`: (share of the last bill in basis points, months, yuan at most). `monthly`: (yuan in all, months).
    `paid_pieces` of `pieces`: how many of an order's devices are paid for.
    """

    id: str
    channel: str
    kinds: tuple[OrderKind, ...]
    price: int
    who: str = ""
    deposit: int = 0
    least_bill: int = 0
    months: int = 24
    at_once: int = 0
    monthly: tuple[int, int] = (0, 1)
    returned: tuple[int, int, int] = (0, 0, 0)
    pieces: int = 1
    paid_pieces: int = 1

    @property
    def down(self) -> float:
        """What is paid on the first day for one piece, yuan."""
        return self.price * self.paid_pieces / self.pieces + self.deposit


POLICIES = (
    Policy(id="shop-credit-3100", channel="third_party_shop", kinds=EXISTING, price=4699, at_once=100,
           returned=(3500, 24, 3000), least_bill=49),
    Policy(id="shop-credit-1168", channel="third_party_shop", kinds=EXISTING, price=5160, at_once=100,
           monthly=(1068, 12), least_bill=89, months=12),
    Policy(id="new-bundle-189-subsidy", channel="hall", kinds=NEW, price=3799, deposit=800, least_bill=189),
    Policy(id="new-bundle-189-credit", channel="hall", kinds=NEW, price=3599, deposit=800, least_bill=189),
    Policy(id="new-single-89-subsidy", channel="hall", kinds=NEW, price=3799, deposit=800, least_bill=89),
    Policy(id="new-single-89-credit", channel="hall", kinds=NEW, price=3799, deposit=800, least_bill=89),
    Policy(id="new-prepaid", channel="hall", kinds=NEW, price=3799, deposit=780),
    Policy(id="upgrade-prepaid", channel="hall", kinds=EXISTING, price=4999, at_once=400, who="prepaid 2g"),
    Policy(id="upgrade-postpaid", channel="hall", kinds=EXISTING, price=4999, returned=(2500, 24, 1200),
           who="postpaid 2g"),
    Policy(id="group-539", channel="group_purchase", kinds=NEW, price=539, deposit=3880, who="enterprise",
           pieces=10, paid_pieces=10),
    Policy(id="new-credit-4999", channel="hall", kinds=NEW, price=4999, returned=(3000, 48, 4999), months=48),
    Policy(id="enterprise-389", channel="hall", kinds=ALL, price=578, monthly=(5780, 24), least_bill=389,
           who="enterprise"),
    Policy(id="enterprise-10-plus-1", channel="hall", kinds=ALL, price=4999, months=0, who="enterprise",
           pieces=11, paid_pieces=10),
    Policy(id="enterprise-50-tier", channel="hall", kinds=ALL, price=578, monthly=(5780, 24), least_bill=289,
           who="enterprise", pieces=50, paid_pieces=50),
    Policy(id="web-subsidy-3650", channel="web_hall", kinds=NEW, price=3650, least_bill=89),
    Policy(id="web-device-4850", channel="web_hall", kinds=EXISTING, price=4850, months=0),
)  # fmt: skip
"""In the order of the case's table. Public customers do not buy in groups."""
IDS = np.array([policy.id for policy in POLICIES])
MONTHS = {policy.id: policy.months for policy in POLICIES}
"""How long each binds."""
OFFERED_IN = {
    "hall": ("hall", "group_purchase"),
    "third_party_shop": ("third_party_shop",),
    "web_hall": ("web_hall",),
    "outbound_call": ("hall", "web_hall"),
}
"""The policies' channels by the channel of an order: callers sell what the halls have, and what is sent home."""


def device_cost(policy: Policy, fee: Array) -> Array:
    """What the device really costs a customer over the contract, a piece, in fen, shape (n,), for own monthly fees
    (fen, int64) that stay as they are.
    """
    share, shared_months, most = policy.returned
    fixed, fixed_months = policy.monthly
    parts = np.full(fixed_months, fixed * YUAN // fixed_months)
    parts[: fixed * YUAN % fixed_months] += 1
    months = max(policy.months, fixed_months if fixed else 0, shared_months + 1 if share else 0)
    topped = np.maximum(fee, policy.least_bill * YUAN)
    credit, shared = np.zeros_like(fee), np.zeros_like(fee)
    deposit, paid, last = np.full_like(fee, policy.deposit * YUAN), np.zeros_like(fee), np.zeros_like(fee)
    for month in range(1, months + 1):
        bill = topped if month <= policy.months else fee
        credit = credit + (policy.at_once * YUAN if month == 1 else 0)
        credit = credit + (parts[month - 1] if month <= fixed_months else 0)
        if share and 2 <= month <= shared_months + 1:
            due = np.minimum(last * share // BASIS_POINTS, most * YUAN - shared)
            credit, shared = credit + due, shared + due
        used = np.minimum(credit, bill)
        from_deposit = np.minimum(deposit, bill - used)
        credit, deposit = credit - used, deposit - from_deposit
        paid, last = paid + bill - used - from_deposit, bill
    line = paid - fee * months + policy.deposit * YUAN
    return np.asarray((policy.price * YUAN * policy.paid_pieces + line * policy.pieces) // policy.pieces)


@dataclass(frozen=True, eq=False)
class Choice:
    """How some people see the policies: their `appeal`, and whether they are for such as them (`suits`), shape (n,
    policies).
    """

    appeal: Array
    suits: Array

    def open(self, kind: Array, channel: Array) -> Array:
        """Which policies each could take with his kind of order in his channel, shape (n, policies)."""
        serves = np.array([[one in policy.kinds for policy in POLICIES] for one in OrderKind])
        sold = {
            name: [policy.channel in theirs for policy in POLICIES] for name, theirs in OFFERED_IN.items()
        }
        here = np.array([sold[name] for name in channel.tolist()]).reshape(len(channel), len(POLICIES))
        return np.asarray(self.suits & serves[kind] & here)

    def settled(self, kind: Array, channel: Array) -> Array:
        """The channel in which each really orders: where his has no policy for him, a hall sends who wants a device
        to a shop, and a shop who wants a number to a hall.
        """
        lacks = ~self.open(kind, channel).any(axis=1)
        return np.where(lacks, np.where(kind == OrderKind.NEW_NUMBER, "hall", "third_party_shop"), channel)

    def chances(self, kind: Array, channel: Array) -> Array:
        """The chance of each policy given kind and (settled) channel of the order, shape (n, policies)."""
        there = self.open(kind, channel)
        utility = np.where(there, self.appeal, -np.inf)
        odds = np.exp(utility - utility.max(axis=1, keepdims=True)) if len(utility) else utility
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def choice_of(people: People, rows: Array) -> Choice:
    """How the people in `rows` see the policies."""
    arpu, mobile = people.arpu[rows], people.mobile[rows]
    fee = np.round(arpu.astype(float) * YUAN).astype(np.int64)
    cost = np.stack([device_cost(policy, fee) for policy in POLICIES], 1) / (1_000 * YUAN)
    down, bound, pieces = np.array([[p.down / 1_000, p.months / 12, np.log(p.pieces)] for p in POLICIES]).T
    keen = A["cost_weight"] * np.exp(0.3 * people.price_sensitivity[rows])[:, None]
    short = A["money_down_weight"] * np.clip(arpu / 35, 0.1, 10)[:, None] ** -0.3
    uses_brand = people.device_smart[rows] & (people.subscriber[rows] % 4 == 0)
    appeal = -keen * cost - short * down - A["bound_year_weight"] * bound - A["group_weight"] * pieces
    appeal += A["brand_habit"] * uses_brand[:, None] * (bound == 0)
    own = {
        "": np.ones(len(rows), bool),
        "enterprise": people.enterprise[rows],
        "prepaid 2g": mobile & people.prepaid[rows] & ~people.device_smart[rows],
        "postpaid 2g": mobile & ~people.prepaid[rows] & ~people.device_smart[rows],
    }
    return Choice(appeal, np.stack([own[policy.who] for policy in POLICIES], 1))


def own_channels(people: People, rows: Array) -> tuple[tuple[str, ...], Array]:
    """Channels of who orders by himself, and their chances, shape (n, 3)."""
    online = 1 / (1 + np.exp(1.5 - people.online[rows].astype(float)))
    shop = (1 - online) * A["own_orders_in_shops"]
    return ("web_hall", "third_party_shop", "hall"), np.stack([online, shop, 1 - online - shop], 1)


def taken(draw: np.random.Generator, choice: Choice, kind: Array, channel: Array) -> Array:
    """The id of the policy that each takes, drawn."""
    until = np.cumsum(choice.chances(kind, channel), axis=1)
    place = (until < draw.random(len(kind))[:, None]).sum(axis=1)
    return np.asarray(IDS[np.minimum(place, len(IDS) - 1)])


def own_chances(people: People, rows: Array, kind: OrderKind) -> Array:
    """The chance of each policy of those who order by themselves, over the channels they may do it in, shape (n,
    policies).
    """
    choice, kinds = choice_of(people, rows), np.full(len(rows), kind)
    names, chance = own_channels(people, rows)
    parts = [choice.settled(kinds, np.full(len(rows), name)) for name in names]
    return np.asarray(sum(chance[:, [k]] * choice.chances(kinds, part) for k, part in enumerate(parts)))
