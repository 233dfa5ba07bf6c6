"""Why a contact that was approved is not handed out on its day, in the order in which it is asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from telewave.kernel import Label

Flags = NDArray[np.bool_]


class FallsOut(StrEnum):
    """The first that holds is the one that is counted: the order is policy."""

    LEFT = "left"
    CHANGED_HANDS = "changed_hands"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    ORDERED = "ordered"
    HELD_OUT_ELSEWHERE = "held_out_elsewhere"
    TOUCHED = "touched"
    NO_STOCK = "no_stock"
    NO_CAPACITY = "no_capacity"
    NO_NUMBER = "no_number"

    @property
    def label(self) -> Label:
        """For people."""
        return LABELS[self]


LABELS = {
    FallsOut.LEFT: Label(
        "left: the line has ended, or is not in the newest wide table",
        "已离网：号码已销户，或最新宽表中已无在用号码",
    ),
    FallsOut.CHANGED_HANDS: Label("the number has another holder since", "号码已换户主"),
    FallsOut.OPTED_OUT: Label("opted out of the channel", "已退订该渠道"),
    FallsOut.NO_CONSENT: Label("does not consent to the channel", "不同意该渠道接触"),
    FallsOut.ORDERED: Label("has ordered", "已办理"),
    FallsOut.HELD_OUT_ELSEWHERE: Label("held out of another campaign", "属于其他活动的对照组"),
    FallsOut.TOUCHED: Label("contacted too recently, or by another campaign", "近期已被接触（含其他活动）"),
    FallsOut.NO_STOCK: Label("the offer is out of stock", "业务库存已用完"),
    FallsOut.NO_CAPACITY: Label("the channel's day is full", "渠道当日能力已满"),
    FallsOut.NO_NUMBER: Label("no outside number on record", "没有可联系的号码"),
}


def first_reasons(found: Mapping[FallsOut, Flags], size: int) -> tuple[Flags, dict[FallsOut, int]]:
    """Who stays, shape (size,), and how many fall out by their first reason."""
    stays = np.ones(size, np.bool_)
    counts = {}
    for reason in FallsOut:
        if reason in found:
            counts[reason] = int((stays & found[reason]).sum())
            stays &= ~found[reason]
    return stays, {reason: count for reason, count in counts.items() if count}


def beyond(capacity: int, value: NDArray[np.float64], stays: Flags) -> Flags:
    """Whom the capacity leaves no room for: of those who stay the least valuable, shape as `stays`."""
    over = np.zeros(len(stays), np.bool_)
    rows = np.flatnonzero(stays)
    order = rows[np.argsort(-value[rows], kind="stable")]
    over[order[capacity:]] = True
    return over
