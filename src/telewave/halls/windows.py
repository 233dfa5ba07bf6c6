"""Special window or any clerk, by how busy the hall is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.halls.model import Window
from telewave.kernel import Malformed

BUSY_FROM = 4.0
"""Customers waiting for each window at which a hall becomes busy: about forty minutes of ten each."""
IDLE_BELOW = 2.0
"""And below which it is idle again. Between the two it stays what it was, so that it does not change with every
customer.
"""


class NoLoad(Malformed):
    """{waiting} customers waiting at {windows} windows is no load of a hall. Give 0 or more customers and 1 or more
    windows.
    """

    code = "no_load"


@dataclass(frozen=True, slots=True)
class Load:
    """Customers that wait in a hall, at its open windows. Raises `NoLoad`."""

    waiting: int
    windows: int

    def __post_init__(self) -> None:
        if self.waiting < 0 or self.windows < 1:
            raise NoLoad(waiting=self.waiting, windows=self.windows)


def busy_after(load: Load, before: bool) -> bool:
    """Whether the hall is busy, if it was so `before`.

    >>> [busy_after(Load(n, 2), before=False) for n in (7, 8)], [busy_after(Load(n, 2), before=True) for n in (4, 3)]
    ([False, True], [True, False])
    """
    each = load.waiting / load.windows
    return each >= (IDLE_BELOW if before else BUSY_FROM)


def window_for(busy: bool) -> Window:
    """A busy hall keeps the reserved apart from the queue; in an idle one any clerk takes them.

    >>> window_for(True).value, window_for(False).value
    ('special', 'any')
    """
    return Window.SPECIAL if busy else Window.ANY
