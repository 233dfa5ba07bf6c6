"""What a contact causes: takers who would not have come by themselves, and the profit that
they bring. Pure, on numbers and arrays alike.

    caused by the contact           = chance of taking when contacted - chance without any contact
    profit caused by the contact    = caused by the contact x margin of a sale - cost of the contact

Groups, reports and plans all count by these two, whatever tells them the two chances and the margin. Takers who come by
themselves are expected as well, but nobody's contact earned them.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", float, NDArray[np.float64])


def caused(contacted: Number, alone: Number) -> Number:
    """Of takers expected (or chances of taking) when `contacted` those who would not come `alone`, without any
    contact.
    """
    return contacted - alone


def profit_caused(takers_caused: Number, margin: Number, cost: float) -> Number:
    """What the takers caused earn, less the cost of the contacts; `margin` of one sale and `cost` in one unit of
    money.
    """
    return takers_caused * margin - cost
