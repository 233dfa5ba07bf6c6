"""Whose lines belong together."""

from __future__ import annotations

from datetime import date

import numpy as np

from telewave.learning.telling import Numbers
from telewave.planning.gathering import customers_of
from telewave.platform.warehouse import Warehouse


def households(warehouse: Warehouse, day: date, subscriber: Numbers) -> Numbers:
    """A number for each line's customer; lines of whom none is known count by themselves."""
    found = customers_of(warehouse, day, subscriber) if len(subscriber) else None
    if found is None:
        return subscriber
    return np.where(found >= 0, found, -2 - subscriber)
