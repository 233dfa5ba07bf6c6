"""The budget by total, phase and item: planned, committed, spent, in exact money. An overspend cannot be written.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from telewave.kernel import Conflict, Label, Malformed, Message, Money


class OverCommitted(Conflict):
    """{item}: {amount} would be committed, but only {limit} are planned for it. Commit less, or
    plan more and have the plan approved again.
    """

    code = "over_committed"


class Overspent(Conflict):
    """{item}: {amount} would be spent, but only {limit} are committed for it. Spend less, or commit more first."""

    code = "overspent"


class PhaseOverPlanned(Conflict):
    """{phase}: its items come to {amount}, but the phase is given only {limit}.
    Lower an item, or raise the phase's limit.
    """

    code = "phase_over_planned"


class TotalOverPlanned(Conflict):
    """All phases together come to {amount}, but the total is only {limit}. Lower a phase's limit, or raise the
    total.
    """

    code = "total_over_planned"


class UnknownPhase(Malformed):
    """The budget item {item} belongs to the phase {phase}, which the budget does not have. Its phases are: {phases}."""

    code = "unknown_phase"


class NoSuchItem(Malformed):
    """The budget has no item {item}. Its items are: {items}."""

    code = "no_such_item"


class NegativeBudget(Malformed):
    """{what}: {amount} is negative. Give zero or more."""

    code = "negative_budget"


ALL_PHASES = Message("All phases together")


@dataclass(frozen=True, slots=True)
class Phase:
    """`limit`: what may be planned in it."""

    key: str
    label: Label
    limit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """0 <= spent <= committed <= planned. Raises `OverCommitted`, `Overspent`,
    `NegativeBudget`, and `CurrencyMismatch`.
    """

    key: str
    label: Label
    phase: str
    planned: Money
    committed: Money
    spent: Money

    def __post_init__(self) -> None:
        _not_negative(self.label, self.spent)
        if exceeds(self.committed, self.planned):
            raise OverCommitted(item=self.label, amount=exact(self.committed), limit=exact(self.planned))
        if exceeds(self.spent, self.committed):
            raise Overspent(item=self.label, amount=exact(self.spent), limit=exact(self.committed))


@dataclass(frozen=True, slots=True)
class Sums:
    """What is planned, committed and spent, of a phase or in total."""

    limit: Money
    planned: Money
    committed: Money
    spent: Money

    @property
    def left(self) -> Money:
        """What is not yet planned for anything."""
        return self.limit - self.planned


@dataclass(frozen=True, slots=True)
class Budget:
    """All phases together stay within `total`, the items of a phase within its limit; one currency throughout.

    Raises `PhaseOverPlanned`, `TotalOverPlanned`, `UnknownPhase`, `NegativeBudget`, and `CurrencyMismatch`.
    """

    total: Money
    phases: tuple[Phase, ...]
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        known = {phase.key for phase in self.phases}
        for item in self.items:
            if item.phase not in known:
                raise UnknownPhase(item=item.label, phase=item.phase, phases=", ".join(sorted(known)))
        _not_negative(ALL_PHASES, self.total)
        for phase in self.phases:
            if exceeds(planned := self.of_phase(phase).planned, phase.limit):
                raise PhaseOverPlanned(phase=phase.label, amount=exact(planned), limit=exact(phase.limit))
        if exceeds(given := self._sum(phase.limit for phase in self.phases), self.total):
            raise TotalOverPlanned(amount=exact(given), limit=exact(self.total))

    def of_phase(self, phase: Phase) -> Sums:
        """The sums of one phase."""
        return self._sums(phase.limit, [item for item in self.items if item.phase == phase.key])

    def in_total(self) -> Sums:
        """The sums of everything."""
        return self._sums(self.total, self.items)

    def commit(self, item: str, amount: Money) -> Budget:
        """With `amount` more committed for an item. Raises `OverCommitted`, `NoSuchItem`, `NegativeBudget`."""
        one = self._item(item)
        _not_negative(one.label, amount)
        return self._with(replace(one, committed=one.committed + amount))

    def spend(self, item: str, amount: Money) -> Budget:
        """With `amount` more spent of what was committed. Raises `Overspent`, `NoSuchItem`, `NegativeBudget`."""
        one = self._item(item)
        _not_negative(one.label, amount)
        return self._with(replace(one, spent=one.spent + amount))

    def _item(self, key: str) -> Item:
        for item in self.items:
            if item.key == key:
                return item
        raise NoSuchItem(item=key, items=", ".join(item.key for item in self.items))

    def _with(self, changed: Item) -> Budget:
        items = tuple(changed if item.key == changed.key else item for item in self.items)
        return replace(self, items=items)

    def _sum(self, amounts: Iterable[Money]) -> Money:
        return sum(amounts, start=Money(0, self.total.currency))

    def _sums(self, limit: Money, items: Iterable[Item]) -> Sums:
        items = list(items)
        return Sums(
            limit,
            self._sum(item.planned for item in items),
            self._sum(item.committed for item in items),
            self._sum(item.spent for item in items),
        )


def exact(money: Money) -> Message:
    """An amount to the last cent, as people write it."""
    written = f"{money.major:,.2f}" if money.minor % 100 else f"{money.minor // 100:,}"
    if money.currency == "CNY":
        return Message("{value} yuan", value=written)
    return Message("{value} {currency}", value=written, currency=money.currency)


def exceeds(amount: Money, limit: Money) -> bool:
    """Whether `amount` is more than `limit`. Raises `CurrencyMismatch`."""
    return (limit - amount).minor < 0


def _not_negative(what: Label | Message, amount: Money) -> None:
    if amount.minor < 0:
        raise NegativeBudget(what=what, amount=exact(amount))
