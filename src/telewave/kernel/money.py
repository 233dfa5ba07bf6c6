"""Exact money: whole minor units and a currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from telewave.kernel.errors import Malformed


class CurrencyMismatch(Malformed):
    """{left} and {right} are different currencies and cannot be added. Convert one of them first."""

    code = "currency_mismatch"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole minor units (fen, cents) of `currency` (ISO 4217)."""

    minor: int
    currency: str = "CNY"

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units (yuan), exact."""
        return Decimal(self.minor).scaleb(-2)

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Divide by largest remainder, so that the parts sum to the whole exactly.

        >>> [part.minor for part in Money(100).split([1, 1, 1])]
        [34, 33, 33]
        """
        total = sum(weights)
        shares = [divmod(self.minor * weight, total) for weight in weights]
        left = self.minor - sum(share for share, _ in shares)
        order = sorted(range(len(weights)), key=lambda i: (-shares[i][1], i))
        extra = set(order[:left])
        return tuple(Money(share + (i in extra), self.currency) for i, (share, _) in enumerate(shares))
