"""Two versions of a choice model judged on the orders after both were learnt. Pure, on arrays.

A version gives what was taken the chance p among the policies that were open and at hand; its log loss is - log p. G
varies as the champion expects by the sum over the open policies of p (log p - log p')^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from telewave.choice.foreseeing import Shown, foreseen
from telewave.choice.model import ChoiceModel
from telewave.customers.base import CLASS_LABELS, PAYMENT_LABELS, SEGMENT_LABELS, Cell
from telewave.kernel import Label
from telewave.learning.model import Judged, Part
from telewave.learning.telling import Care, Floats, Gains, Numbers, verdict_on

CARE = Care(expected=2_000, fewest=200)
LEAST_CHANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Later:
    """Orders of [first, end) that show a choice, and the household of each as a number."""

    first: date
    end: date
    orders: Shown
    household: Numbers


def judged(champion: ChoiceModel, challenger: ChoiceModel, later: Later) -> Judged:
    """What the later orders say of both."""
    orders = later.orders
    logs = [np.log(np.maximum(foreseen(one, orders), LEAST_CHANCE)) for one in (champion, challenger)]
    at = np.arange(len(orders.taken)), orders.taken
    losses = [-log[at] for log in logs]
    apart = np.where(orders.open, np.exp(logs[0]) * (logs[0] - logs[1]) ** 2, 0.0).sum(1)
    gains = Gains(
        first=later.first,
        end=later.end,
        gain=losses[0] - losses[1],
        loss=losses[0],
        household=later.household,
        variance=float(apart.mean()) if len(apart) else 0.0,
        told=len(orders.taken),
    )
    return verdict_on(gains, CARE, parts=_parts(orders, losses))


def nothing_later(day: date) -> Judged:
    """What is said where no order is of `day` or later."""
    none = np.zeros(0)
    gains = Gains(
        first=day, end=day, gain=none, loss=none, household=none.astype(np.int64), variance=0.0, told=0
    )
    return verdict_on(gains, CARE)


def _parts(orders: Shown, losses: list[Floats]) -> tuple[Part, ...]:
    """By class, that with the most orders first."""
    counts = np.bincount(orders.cell, minlength=len(orders.cells))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda cell: -int(counts[cell]))
    return tuple(
        Part(
            name=_label(orders.cells[cell]),
            n=int(counts[cell]),
            took=None,
            champion=float(losses[0][orders.cell == cell].mean()),
            challenger=float(losses[1][orders.cell == cell].mean()),
        )
        for cell in order
    )


def _label(cell: Cell) -> Label:
    words = (CLASS_LABELS[cell.base], PAYMENT_LABELS[cell.payment], SEGMENT_LABELS[cell.segment])
    return Label(" · ".join(one.en for one in words), " · ".join(one.zh for one in words))
