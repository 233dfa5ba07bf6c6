"""What treating a subscriber of each group costs and brings: margin, channels, capacities, response factors. Pure.

The groups are the reference case's: core is called and can order during the call; normal gets low-cost active
channels and is recalled to a hall; basic is reached by passive channels only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from telewave.kernel import Label, Malformed, Message, Money


class Group(StrEnum):
    """The target groups, richest treatment first."""

    CORE = "core"
    NORMAL = "normal"
    BASIC = "basic"

    @property
    def label(self) -> Label:
        """The group's name for people."""
        return NAMES[self]


NAMES = {
    Group.CORE: Label("Core", "核心目标群"),
    Group.NORMAL: Label("Normal", "一般目标群"),
    Group.BASIC: Label("Basic", "基础目标群"),
}


HIGHEST_FACTOR = 10.0


class FactorsOutOfOrder(Malformed):
    """The response factors must not rise from core over normal to basic, that of basic lies between 0 and 1, and
    none is above {most:g}; they are {core:g}, {normal:g}, {basic:g}. A richer treatment brings at least what a
    poorer one does: correct the factors in the plan.
    """

    code = "factors_out_of_order"


class BasicIsLimited(Malformed):
    """The basic group takes everybody who is left, so it needs capacity for all. Write `capacity: unlimited` for it."""

    code = "basic_is_limited"


class MixedCurrencies(Malformed):
    """The plan mixes the currencies {currencies}. Give the margin and all costs in one currency."""

    code = "mixed_currencies"


class NegativeAmount(Malformed):
    """{what} of {amount} is negative. Give zero or more."""

    code = "negative_amount"


@dataclass(frozen=True, slots=True)
class Contacts:
    """Capacity as a number of contacts in the period."""

    count: int

    def of(self, subscribers: int) -> int:
        """How many of `subscribers` can be treated."""
        return min(self.count, subscribers)


@dataclass(frozen=True, slots=True)
class ShareOfBase:
    """Capacity as a share (0 to 1) of the subscribers scored."""

    share: float

    def of(self, subscribers: int) -> int:
        """How many of `subscribers` can be treated, rounded down."""
        return min(subscribers, int(self.share * subscribers + 1e-9))


@dataclass(frozen=True, slots=True)
class Unlimited:
    """Capacity for everybody."""

    def of(self, subscribers: int) -> int:
        """How many of `subscribers` can be treated: all."""
        return subscribers


Capacity = Contacts | ShareOfBase | Unlimited


@dataclass(frozen=True, slots=True)
class Treatment:
    """How one group is approached. `cost` is what one subscriber of the group costs to contact in the period.

    `response_factor`: what the treatment makes of a subscriber's probability, as a multiple of it (1: as things went in
    the data that the model learnt from), those included who would come without it (that of basic). An assumption of the
    plan or the campaign, not something learnt from the data.
    """

    channels: tuple[Label, ...]
    cost: Money
    capacity: Capacity
    response_factor: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Margin of one sale, and the treatment of each group.

    Raises `FactorsOutOfOrder`, `BasicIsLimited`, `MixedCurrencies`, `NegativeAmount`.
    """

    margin: Money
    core: Treatment
    normal: Treatment
    basic: Treatment

    def __post_init__(self) -> None:
        core, normal, basic = (t.response_factor for t in (self.core, self.normal, self.basic))
        if not (HIGHEST_FACTOR >= core >= normal >= basic >= 0 and basic <= 1):
            raise FactorsOutOfOrder(core=core, normal=normal, basic=basic, most=HIGHEST_FACTOR)
        if not isinstance(self.basic.capacity, Unlimited):
            raise BasicIsLimited
        amounts = [self.margin, *(self.treatment(group).cost for group in Group)]
        currencies = sorted({amount.currency for amount in amounts})
        if len(currencies) > 1:
            raise MixedCurrencies(currencies=", ".join(currencies))
        names = (Message("A margin"), *(Message("A cost per contact"),) * 3)
        for what, amount in zip(names, amounts, strict=True):
            if amount.minor < 0:
                raise NegativeAmount(what=what, amount=f"{amount.major} {amount.currency}")

    @property
    def currency(self) -> str:
        """ISO 4217 code of all amounts."""
        return self.margin.currency

    @property
    def alone(self) -> float:
        """What comes without any contact, as a share of the probability: the response
        factor of basic, whom nobody contacts.
        """
        return self.basic.response_factor

    def treatment(self, group: Group) -> Treatment:
        """How `group` is approached."""
        match group:
            case Group.CORE:
                return self.core
            case Group.NORMAL:
                return self.normal
            case Group.BASIC:
                return self.basic
        assert_never(group)


DEFAULT_PLAN = Plan(
    margin=Money(1_000_00),
    core=Treatment(
        (
            Label("Outbound call, order taken during the call", "外呼，通话中直接下单"),
            Label("SMS and app message before the call", "外呼前短信和 App 消息预热"),
            Label("Pop-up for the clerk when the subscriber comes to a hall", "客户到厅时营业员弹窗提醒"),
        ),
        Money(3_10),
        ShareOfBase(0.05),
        1.36,
    ),
    normal=Treatment(
        (
            Label("SMS or other low-cost active channel", "短信等低成本主动渠道"),
            Label("Recall to a hall with a gift", "到厅有礼，召回到营业厅"),
        ),
        Money(1_60),
        ShareOfBase(0.30),
        1.2,
    ),
    basic=Treatment(
        (
            Label("Posters and leaflets in halls, web hall, app", "营业厅海报单页、网上营业厅、App 展示"),
            Label("Nobody is contacted", "不主动接触"),
        ),
        Money(0),
        Unlimited(),
        0.8,
    ),
)
"""The reference case's channels, with assumed costs and effects: 80 % of the takers come by themselves, a call
multiplies the odds by 1.7, a recall to a hall by 1.5. To be replaced by the branch's own: the case names none. A
campaign's own come from `telewave plan groups`.
"""
