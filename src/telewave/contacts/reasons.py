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
    EXCLUDED = "excluded"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    ORDERED = "ordered"
    HELD_OUT_ELSEWHERE = "held_out_elsewhere"
    MADE_BEFORE = "made_before"
    PAUSED = "paused"
    TOUCHED = "touched"
    CAPPED = "capped"
    QUIET_HOURS = "quiet_hours"
    NO_STOCK = "no_stock"
    NO_CAPACITY = "no_capacity"
    NO_NUMBER = "no_number"
    GIVEN_BACK = "given_back"

    @property
    def label(self) -> Label:
        """For people."""
        return LABELS[self]


LABELS = {
    FallsOut.LEFT: Label(
        "left: the line has ended, or is not in the newest wide table",
        "已离网：号码已销户，或最新宽表中已无在用号码",
    ),
    FallsOut.CHANGED_HANDS: Label("the number has another holder since", "号码已换机主"),
    FallsOut.EXCLUDED: Label("stands on an exclusion list", "在免打扰名单中"),
    FallsOut.OPTED_OUT: Label("opted out of the channel", "已退订该渠道"),
    FallsOut.NO_CONSENT: Label("does not consent to the channel", "不同意该渠道接触"),
    FallsOut.ORDERED: Label("has ordered", "已办理"),
    FallsOut.HELD_OUT_ELSEWHERE: Label("held out of another campaign", "属于其他活动的对照组"),
    FallsOut.MADE_BEFORE: Label("let go under an earlier plan of the campaign", "同一活动的早先方案已放行过"),
    FallsOut.PAUSED: Label("is left in peace after what became of a contact", "因此前的接触结果处于静默期"),
    FallsOut.CAPPED: Label("has had as many contacts as the policy allows", "接触次数已达上限"),
    FallsOut.QUIET_HOURS: Label("falls into quiet hours", "处于免打扰时段"),
    FallsOut.TOUCHED: Label("contacted too recently, or by another campaign", "近期已被接触（含其他活动）"),
    FallsOut.NO_STOCK: Label("the offer is out of stock", "业务库存已用完"),
    FallsOut.NO_CAPACITY: Label("the channel's day is full", "渠道当日容量已满"),
    FallsOut.NO_NUMBER: Label("no outside number on record", "没有可联系的号码"),
    FallsOut.GIVEN_BACK: Label("given back without having been made", "未执行，已退回"),
}
ORDER = tuple(FallsOut)
HELD_BACK = frozenset(
    {
        FallsOut.PAUSED,
        FallsOut.TOUCHED,
        FallsOut.CAPPED,
        FallsOut.QUIET_HOURS,
        FallsOut.NO_STOCK,
        FallsOut.NO_CAPACITY,
    }
)
"""Reasons that pass: the contact stays planned. For any other it is withdrawn."""
TOO_LATE = HELD_BACK - {FallsOut.NO_STOCK} | {FallsOut.MADE_BEFORE}
"""Reasons that do not concern a contact which is released already."""


def first_reasons(found: Mapping[FallsOut, Flags], size: int) -> tuple[Flags, dict[FallsOut, int]]:
    """Who stays, shape (size,), and how many fall out by their first reason."""
    codes = first_codes(found, size)
    counts = np.bincount(codes, minlength=len(ORDER) + 1)[1:]
    return codes == 0, {one: int(count) for one, count in zip(ORDER, counts, strict=True) if count}


def first_codes(found: Mapping[FallsOut, Flags], size: int) -> NDArray[np.int8]:
    """The first reason of each, shape (size,): its place in `ORDER` and 1, 0 for who stays.

    >>> yes = np.ones(1, np.bool_)
    >>> ORDER[first_codes({FallsOut.TOUCHED: yes, FallsOut.LEFT: yes}, 1)[0] - 1].value
    'left'
    """
    codes = np.zeros(size, np.int8)
    for place, reason in enumerate(ORDER, start=1):
        if reason in found:
            codes[(codes == 0) & found[reason]] = place
    return codes


def beyond(capacity: int, value: NDArray[np.float64], stays: Flags) -> Flags:
    """Whom the capacity leaves no room for: of those who stay the least valuable, shape as `stays`."""
    over = np.zeros(len(stays), np.bool_)
    rows = np.flatnonzero(stays)
    order = rows[np.argsort(-value[rows], kind="stable")]
    over[order[capacity:]] = True
    return over
