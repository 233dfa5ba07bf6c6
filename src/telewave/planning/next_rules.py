"""What phases that have begun leave for those to come: who falls out and why, which amounts are left, and what is told
beside the plan before. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.briefs.model import Brief, Budget, CampaignPhase, ContactEffect, OrdersCaused
from telewave.kernel import Conflict, Label, Money
from telewave.offers.model import Offer
from telewave.planning.model import GONE
from telewave.planning.options import Base, Flags
from telewave.planning.room import Had

Numbers = NDArray[np.int64]
GROUPS = ("core", "normal", "basic")


class NoPhaseBegun(Conflict):
    """No phase of the campaign {campaign} has begun before {day}, so there are no results to plan on. Make its plan
    with telewave plan make, or give a later day.
    """

    code = "no_phase_begun"


class NoPhaseToCome(Conflict):
    """No phase of the campaign {campaign} begins on {day} or later: the last one begins on {last}. Give a day up to
    {last}, or add a phase to the campaign's file; contacts of a phase that has begun are dated anew with telewave plan
    redate.
    """

    code = "no_phase_to_come"


class LeftOut(StrEnum):
    """Why somebody is contacted in no phase to come; the first reason that holds is the one that is counted."""

    OBJECTED = "objected"
    ORDERED = "ordered"
    REFUSED = "refused"
    HAD_ENOUGH = "had_enough"
    HOUSEHOLD = "household"
    RESTING = "resting"
    NOT_DRAWN = "not_drawn"

    @property
    def label(self) -> Label:
        """For people."""
        return _LABELS[self]


_LABELS = {
    LeftOut.OBJECTED: Label("has objected to all channels that reach him", "已退订或拒绝所有可用渠道"),
    LeftOut.ORDERED: Label("has ordered", "已办理"),
    LeftOut.REFUSED: Label("has refused in this campaign", "已在本活动中拒绝"),
    LeftOut.HAD_ENOUGH: Label("has had as many contacts as the campaign allows", "接触次数已达本活动上限"),
    LeftOut.HOUSEHOLD: Label("the household has had as many as the campaign allows", "所在家庭接触次数已达上限"),
    LeftOut.RESTING: Label("is paused or capped by the contact policy", "因接触规则处于静默期或已达接触上限"),
    LeftOut.NOT_DRAWN: Label("has come since the holdout was drawn", "对照组抽取之后才进入用户群"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class LedgerTold:
    """What the contact ledger knows, numbers of subscribers each once. `out`: the campaign's contacts that are out or
    were made (columns subscriber, touch, day); `objected`: by what the records call the channel, "*": to all;
    `resting`: whom the house's policy leaves alone on the first day of a phase, by the phase's id;
    `closed`: whether it lets nobody be contacted at all.
    """

    out: pa.Table
    objected: Mapping[str, Numbers]
    ordered: Numbers
    refused: Numbers
    resting: Mapping[str, Numbers]
    closed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Wave:
    """Contacts of a channel in a phase to come, orders because of them and expected profit in major units."""

    phase: str
    channel: str
    contacts: int
    caused: float
    profit: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What a contact through a channel was counted with in the plan before and is now: orders that an attempt causes,
    by group; `group` "": the odds ratio. `before`: None where the plan before does not say.
    """

    channel: str
    group: str
    before: float | None
    now: float


def phases_to_come(brief: Brief, day: date) -> tuple[CampaignPhase, ...]:
    """The phases that begin on `day` or later. Raises `NoPhaseBegun`, `NoPhaseToCome`."""
    coming = tuple(one for one in brief.phases if one.days.first >= day)
    if len(coming) == len(brief.phases):
        raise NoPhaseBegun(campaign=brief.id, day=day)
    if not coming:
        raise NoPhaseToCome(campaign=brief.id, day=day, last=max(one.days.first for one in brief.phases))
    return coming


def without_objections(base: Base, brief: Brief, objected: Mapping[str, Numbers]) -> tuple[Base, Flags]:
    """The base with the channels closed to which somebody has objected; and whom no channel reaches any more, shape
    (n,).
    """
    nothing = np.zeros(0, np.int64)
    reachable = base.reachable.copy()
    for number, channel in enumerate(brief.channels):
        heard = (objected.get("*", nothing), objected.get(channel.records or channel.id, nothing))
        reachable[:, number] &= ~np.isin(base.subscriber, np.concatenate(heard))
    return replace(base, reachable=reachable), np.asarray(base.reachable.any(1) & ~reachable.any(1))


def addressed_still(
    base: Base, coming: Flags, out: Mapping[LeftOut, Flags], alone: Flags
) -> tuple[Base, dict[LeftOut, int]]:
    """The base addressed by the phases `coming`, shape (P,), without those of `out`, shape (n,) for all phases or
    (n, P); and how many fall out by their first reason. `alone`: control groups, who are not counted, shape (n,).
    """
    addressed = base.addressed & coming
    asked = base.open_offers.any(1) & ~alone
    counts: dict[LeftOut, int] = {}
    for reason in LeftOut:
        if reason not in out:
            continue
        before, flags = addressed.any(1), out[reason]
        addressed = addressed & ~(flags if flags.ndim == 2 else flags[:, None])
        fallen = int((asked & before & ~addressed.any(1)).sum())
        if fallen:
            counts[reason] = fallen
    return replace(base, addressed=addressed), counts


def not_twice(base: Base, had: Had) -> Base:
    """The base without the offers that a subscriber was contacted with: contacts of one are with different offers."""
    mine = had.offer >= 0
    order = np.argsort(base.subscriber, kind="stable")
    ordered = base.subscriber[order]
    place = np.minimum(np.searchsorted(ordered, had.subscriber[mine]), len(ordered) - 1)
    same = ordered[place] == had.subscriber[mine]
    open_offers = base.open_offers.copy()
    open_offers[order[place[same]], had.offer[mine][same]] = False
    return replace(base, open_offers=open_offers)


def what_is_left(
    brief: Brief, spent: Mapping[str, int], sold: Mapping[str, int], members_had: Sequence[int]
) -> Brief:
    """The campaign with what phases that have begun leave of its amounts. `spent`: minor units by channel; `sold`:
    orders on record by offer; `members_had`: members of each minimum who have been contacted.
    """

    def less(amount: Money, used: int) -> Money:
        return Money(max(0, amount.minor - used), amount.currency)

    budget, devices = brief.budget, brief.device_stock
    return replace(
        brief,
        budget=Budget(
            None if budget.total is None else less(budget.total, sum(spent.values())),
            budget.phases,
            {name: less(amount, spent.get(name, 0)) for name, amount in budget.channels.items()},
        ),
        device_stock=None if devices is None else max(0, devices - sum(sold.values())),
        minimums=tuple(
            replace(one, contacts=max(0, one.contacts - had))
            for one, had in zip(brief.minimums, members_had, strict=True)
        ),
    )


def stock_left(offers: Sequence[Offer], sold: Mapping[str, int]) -> tuple[list[Offer], Flags]:
    """The offers with the pieces that are left, and which have any, shape (offers,)."""
    found, some = [], np.ones(len(offers), np.bool_)
    for number, offer in enumerate(offers):
        stock = offer.quotas.stock
        left = None if stock is None else stock - sold.get(str(offer.id), 0)
        some[number] = left is None or left > 0
        if left is not None and left > 0:
            found.append(replace(offer, quotas=replace(offer.quotas, stock=left)))
        else:
            found.append(offer)
    return found, some


def touches_on(rows: pa.Table, kept: pa.Table) -> pa.Table:
    """New contacts numbered on from those that their subscribers have in `kept`: the ledger knows a contact of a
    subscriber by its number.
    """
    had = kept["subscriber"].to_numpy().astype(np.int64)
    if not len(had) or not len(rows):
        return rows
    known, place = np.unique(had, return_inverse=True)
    most = np.full(len(known), -1, np.int64)
    np.maximum.at(most, place, kept["touch"].to_numpy().astype(np.int64))
    mine = rows["subscriber"].to_numpy().astype(np.int64)
    at = np.minimum(np.searchsorted(known, mine), len(known) - 1)
    after = np.where(known[at] == mine, most[at] + 1, 0)
    touch = rows["touch"].to_numpy().astype(np.int64) + after
    number = rows.schema.get_field_index("touch")
    return rows.set_column(number, rows.schema.field("touch"), pa.array(touch.astype(np.int8)))


def standing(rows: pa.Table) -> pa.Table:
    """Contacts that have a day and are made or to be made."""
    gone = pc.is_in(rows["state"], pa.array([one.value for one in GONE]))
    return rows.filter(pc.and_(pc.is_valid(rows["day"]), pc.invert(gone)))


def waves_of_phases(rows: pa.Table, phases: Iterable[str], channels: Iterable[str]) -> tuple[Wave, ...]:
    """What contacts that stand amount to by phase and channel, without what is empty."""
    found, names = [], list(channels)
    mine = standing(rows)
    for phase in phases:
        for channel in names:
            these = mine.filter(pc.and_(*(pc.equal(mine[name], pa.scalar(one))
                                          for name, one in (("phase", phase), ("channel", channel)))))  # fmt: skip
            if len(these):
                sums = [float(pc.sum(these[name]).as_py() or 0.0) for name in ("gained", "expected_profit")]
                found.append(
                    Wave(phase=phase, channel=channel, contacts=len(these), caused=sums[0], profit=sums[1])
                )
    return tuple(found)


def effects_written(brief: Brief) -> dict[str, Any]:
    """What contacts through each channel are counted with, for the plan's document."""
    return {one.id: _effect_written(one.effect) for one in brief.channels}


def _effect_written(effect: ContactEffect) -> dict[str, Any]:
    if not isinstance(effect, OrdersCaused):
        return {"odds_ratio": round(effect.expected, 6)}
    told: dict[str, Any] = {name: round(float(getattr(effect, name)), 9) for name in GROUPS}
    rests, mine = effect.rests_on, effect.by_person
    if mine is not None:
        told["by_person"] = {
            "heard": round(mine.through.heard.value, 9),
            "closes": round(mine.through.closes.value, 9),
            "anyway": mine.through.anyway,
            "times": mine.times,
        }
    return told if rests is None else {**told, "funnel": rests.funnel, "version": rests.version}


def moved(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> tuple[Moved, ...]:
    """The effects that are counted otherwise than before, or of which it is not known.

    >>> moved({"sms": {"core": 0.01, "basic": 0.0}}, {"sms": {"core": 0.0, "basic": 0.0}})
    (Moved(channel='sms', group='core', before=0.01, now=0.0),)
    """
    found = []
    for channel, told in now.items():
        was = (before or {}).get(channel, {})
        for name in (*GROUPS, "odds_ratio"):
            if name in told and was.get(name) != told[name]:
                group = "" if name == "odds_ratio" else name
                found.append(Moved(channel=channel, group=group, before=was.get(name), now=told[name]))
    return tuple(found)
