"""What a campaign is measured by: the plan that was launched, who was drawn, and the records since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telewave.approvals.approval import State
from telewave.approvals.usecases import NotRunning, find
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.kernel import Conflict, Message
from telewave.measurement.stages import Made, Taken
from telewave.models.usecases import scores
from telewave.planning.canonical import content_hash
from telewave.planning.gathering import customers_of
from telewave.planning.model import Plan
from telewave.planning.plan_tables import EPOCH, KEYS
from telewave.planning.plans import SHOWN_DIGITS, aims_of, contacts_of, control_of, plan_called
from telewave.planning.usecases import DRAWN
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.targeting.usecases import groups, partition_of

FAILED = ("no_answer", "bounced")
"""Dispositions of contacts that did not get through, where the record does not say so itself."""
WILLING = ("willing", "ordered", "visited", "clicked", "replied")


class HoldoutChanged(Conflict):
    """The people held out of the campaign {name} are not the same in all that was kept of it: {what}. What it
    earned can only be told by those who were left alone all along. Bring the warehouse back from the backup of
    the launch, or start a new campaign with an id of its own and draw its holdout anew.
    """

    code = "holdout_changed"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Draw:
    """Who took part in the draw, one entry a person by `subscriber`, shape (n,): who is `held` out of the campaign,
    who of all campaigns (`universal`), whom the plan `aimed` at, held out or not (`planning.aims`; None: not kept);
    and the `share` that was drawn.
    """

    subscriber: Any
    held: Any
    universal: Any
    aimed: Any
    share: float


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Launched:
    """The plan that was launched last, with its rows (columns as planning's `CONTACTS`), and the draw of the one that
    was launched first: who came since was not there all along.
    """

    plan: Plan
    document: Mapping[str, Any]
    contacts: pa.Table
    draw: Draw

    @property
    def names(self) -> list[str]:
        """What orders and contacts of the campaign are about: its offers and products."""
        return [*self.document["offers"], *self.document["products"]]


class ContactSource(Protocol):
    """Where the contacts that were made are known from."""

    def made(self, launched: Launched, first: date, end: date) -> Made:
        """The campaign's contacts from `first` to before `end`, in order of time."""
        ...


def launched(warehouse: Warehouse, database: Database, name: str) -> Launched:
    """The campaign's contact plan that was launched last, whether it still runs or not.

    Raises `NoSuchCampaign`, `NotRunning` where none ever was, `PlanChanged`, `HoldoutChanged`.
    """
    dossier = find(database, name)
    versions = [
        entry.number
        for entry in dossier.entries
        if entry.to_state is State.LAUNCHED and dossier.kind(entry.number) == ContactPlanKind.name
    ]
    if not versions:
        raise NotRunning(name=name)
    plans = [plan_called(database, dossier.version(number).digest) for number in dict.fromkeys(versions)]
    draws = [_draw(warehouse, plan) for plan in plans]
    for plan, other in zip(plans[1:], draws[1:], strict=True):
        _the_same(draws[0], other, plans[0], plan)
    return Launched(
        plan=plans[-1],
        document=plans[-1].content,
        contacts=contacts_of(warehouse, plans[-1]),
        draw=draws[0],
    )


def _draw(warehouse: Warehouse, plan: Plan) -> Draw:
    """Who was drawn for the plan. Raises `HoldoutChanged` where that is not what the plan was approved with."""
    wanted = partition_of(plan.as_of)
    drawn = warehouse.engine.fetch(
        warehouse.read(f"drawn.{plan.campaign}", DRAWN, wanted.__eq__).order_by("subscriber")
    )
    control = control_of(warehouse, plan)
    digits = plan.hash[:SHOWN_DIGITS]
    if content_hash(control, KEYS["control"]) != str(plan.content["control_sha256"]):
        why = Message("the list kept for the plan {plan} is not the one it was approved with", plan=digits)
        raise HoldoutChanged(name=plan.campaign, what=why)
    subscriber, flags = _numbers(drawn["subscriber"]), drawn["held"].to_numpy(zero_copy_only=False)
    held, universal = (_in_group(control, which) for which in ("campaign", "universal"))
    if not np.array_equal(np.sort(subscriber[flags]), np.sort(held)) or len(pc.unique(drawn["share"])) > 1:
        why = Message("the draw on record is not that of the plan {plan}", plan=digits)
        raise HoldoutChanged(name=plan.campaign, what=why)
    return Draw(
        subscriber=subscriber,
        held=flags,
        universal=np.isin(subscriber, universal),
        aimed=_aimed(warehouse, plan, subscriber),
        share=float(drawn["share"][0].as_py()) if len(drawn) else 0.0,
    )


def _aimed(warehouse: Warehouse, plan: Plan, subscriber: Any) -> Any:
    aims = aims_of(warehouse, plan)
    return np.isin(subscriber, _numbers(aims["subscriber"])) if len(aims) else None


def _in_group(control: pa.Table, which: str) -> Any:
    return control.filter(pc.equal(control["control"], pa.scalar(which)))["subscriber"].to_numpy()


def _the_same(one: Draw, other: Draw, plan: Plan, later: Plan) -> None:
    """Whoever took part in both draws was drawn alike in both. Raises `HoldoutChanged`."""
    _, mine, theirs = np.intersect1d(one.subscriber, other.subscriber, return_indices=True)
    counts = ~one.universal[mine] & ~other.universal[theirs]
    if (one.held[mine] != other.held[theirs])[counts].any():
        digits = [found.hash[:SHOWN_DIGITS] for found in (plan, later)]
        why = Message(
            "the plans {one} and {other}, both launched, hold out different people",
            one=digits[0],
            other=digits[1],
        )
        raise HoldoutChanged(name=plan.campaign, what=why)


class RecordedContacts:
    """Contacts as they stand in the records; those about other offers are not the campaign's."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def made(self, launched: Launched, first: date, end: date) -> Made:
        """See `ContactSource`. A contact of which the record does not say what it was about counts."""
        channels: dict[str, str] = {}
        for name, channel in launched.document["channels"].items():
            channels.setdefault(channel["records"], name)
        rows = self._warehouse.read(
            "contacts", CONTRACTS["contacts"].schema, lambda day: first.isoformat() <= day < end.isoformat()
        )
        mine = rows["channel"].isin(list(channels)) & (
            rows["offer"].isnull() | rows["offer"].isin(launched.names)
        )
        found = self._warehouse.engine.fetch(
            rows.filter(mine)
            .order_by("contacted_at", "subscriber", "channel")
            .select(
                "subscriber",
                "channel",
                "disposition",
                "reached",
                "agent",
                "script",
                day=rows["contacted_at"].date(),
                hour=rows["contacted_at"].hour(),
            )
        )
        failed: Any = pc.is_in(found["disposition"], pa.array(FAILED))
        got_through: Any = pc.invert(failed)
        reached: Any = pc.coalesce(found["reached"], got_through)
        willing: Any = pc.is_in(found["disposition"], pa.array(WILLING))
        ordered: Any = pc.equal(found["disposition"], pa.scalar("ordered"))
        agent, script = (_texts(found[name]) for name in ("agent", "script"))
        return Made(
            subscriber=_numbers(found["subscriber"]),
            channel=_each(found["channel"], channels, np.str_),
            day=_offsets(found["day"], first),
            reached=reached.to_numpy(zero_copy_only=False).astype(np.bool_),
            willing=willing.to_numpy(zero_copy_only=False).astype(np.bool_),
            agent=agent,
            hour=_numbers(found["hour"]),
            ordered=ordered.to_numpy(zero_copy_only=False).astype(np.bool_),
            script=script,
        )


def taken(
    warehouse: Warehouse,
    launched: Launched,
    first: date,
    end: date,
    margins: Mapping[str, float],
    usual: float,
) -> Taken:
    """The first order of the campaign's offers of each person from `first` to before `end`. `margins`: of an order by
    policy; `usual`: of one whose policy is not the plan's.
    """
    rows = warehouse.read(
        "orders", CONTRACTS["orders"].schema, lambda day: first.isoformat() <= day < end.isoformat()
    )
    found = warehouse.engine.fetch(
        rows.filter(rows["offer"].isin(launched.names))
        .order_by("subscriber", "ordered_at", "channel")
        .select("subscriber", "offer", "policy", "channel", "activated_on", day=rows["ordered_at"].date())
    )
    subscriber = _numbers(found["subscriber"])
    one = np.unique(subscriber, return_index=True)[1]
    found = found.take(one)
    before: Any = pc.less(found["activated_on"], pa.scalar(end))
    active: Any = pc.fill_null(before, False)
    worth = [_each(found[name], margins, np.float64, np.nan) for name in ("policy", "offer")]
    return Taken(
        subscriber=subscriber[one],
        day=_offsets(found["day"], first),
        channel=np.array(found["channel"].to_pylist(), np.str_),
        active=active.to_numpy(zero_copy_only=False).astype(np.bool_),
        margin=np.where(
            np.isfinite(worth[0]), worth[0], np.where(np.isfinite(worth[1]), worth[1], usual)
        ).astype(np.float64),
    )


def chances_before(warehouse: Warehouse, launched: Launched, subscriber: Any) -> Any:
    """The model's chance of each person as of the plan's date, NaN where there is none; shape as `subscriber`."""
    found = warehouse.engine.fetch(
        scores(warehouse, launched.document["model"], launched.plan.as_of)
        .select("subscriber", "probability")
        .order_by("subscriber")
    )
    return _looked_up(_numbers(found["subscriber"]), found["probability"].to_numpy(), subscriber, np.nan)


def drawn_together(warehouse: Warehouse, launched: Launched, subscriber: Any, held: Any) -> Any:
    """The household of each person (-1: not known), shape as `subscriber`, where whole households were drawn: there
    are some with several lines, and none has lines in both arms. None: each line was drawn by itself.
    """
    found = customers_of(warehouse, launched.plan.as_of, subscriber)
    if found is None:
        return None
    known = found >= 0
    _, place, lines = np.unique(found[known], return_inverse=True, return_counts=True)
    out = np.bincount(place, held[known], len(lines))
    split = (out > 0) & (out < lines)
    return found if (lines > 1).any() and not split.any() else None


def groups_before(warehouse: Warehouse, launched: Launched, subscriber: Any) -> Any:
    """The target group of each person as of the plan's date, "" where there is none."""
    model, as_of = launched.document["model"], launched.plan.as_of
    found = warehouse.engine.fetch(
        groups(warehouse, model, as_of).select("subscriber", "group").order_by("subscriber")
    )
    names = np.array([one or "" for one in found["group"].to_pylist()], np.str_)
    return _looked_up(_numbers(found["subscriber"]), names, subscriber, "")


def _looked_up(known: Any, values: Any, wanted: Any, missing: Any) -> Any:
    if not len(known):
        return np.full(len(wanted), missing)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, values[place], missing)


def _each(column: Any, known: Mapping[str, Any], kind: Any, missing: Any = "") -> Any:
    """What is `known` of every entry, asked once of each that is different; shape as `column`."""
    encoded = pc.fill_null(column.cast(pa.string()), "").combine_chunks().dictionary_encode()
    told = np.array([known.get(one, missing) for one in encoded.dictionary.to_pylist()], kind)
    return told[encoded.indices.to_numpy()]


def _texts(column: Any) -> Any:
    """Texts, "" where there is none; each different one is made once."""
    encoded = pc.fill_null(column, "").combine_chunks().dictionary_encode()
    return np.array(encoded.dictionary.to_pylist() or [""], np.str_)[encoded.indices.to_numpy()]


def _numbers(column: Any) -> Any:
    return np.asarray(column.to_numpy(), np.int64)


def _offsets(column: Any, first: date) -> Any:
    days = column.cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
    return days + EPOCH - first.toordinal()
