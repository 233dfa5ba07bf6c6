"""The phases to come planned anew on what those that have begun brought: who was contacted is known, who fell out is
left out, amounts are what is left, effects are what was learnt since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.briefs.model import Brief
from telewave.experiments.holdout import UniversalControl
from telewave.features.model import WideTable
from telewave.funnel.usecases import kept
from telewave.kernel import Conflict, Message
from telewave.offers.model import Catalogue, Offer
from telewave.planning.control_groups import USUAL, Surroundings
from telewave.planning.document import SUMS, document_of, plan_rows
from telewave.planning.gathering import customers_of, gather
from telewave.planning.learnt_effects import leaves_to_learn
from telewave.planning.model import Plan
from telewave.planning.next_rules import (
    LedgerTold,
    LeftOut,
    Moved,
    Wave,
    addressed_still,
    effects_written,
    moved,
    not_twice,
    phases_to_come,
    standing,
    stock_left,
    touches_on,
    waves_of_phases,
    what_is_left,
    without_objections,
)
from telewave.planning.options import Flags, Gathered
from telewave.planning.other_touches import held_elsewhere, touches_elsewhere
from telewave.planning.phases_begun import Begun, begun_of, opted_out, refused_of
from telewave.planning.plan_tables import hashes_of
from telewave.planning.plans import contacts_of, control_of, keep, present_plan
from telewave.planning.proposal import Proposal, propose
from telewave.planning.room import Had
from telewave.planning.scorer import Scorer, verdict_written
from telewave.planning.usecases import DRAWN, UNKNOWN, holdout_of
from telewave.planning.wave_words import waves_of_rows
from telewave.platform.database import Database
from telewave.platform.progress import Progress
from telewave.platform.warehouse import Warehouse
from telewave.targeting.usecases import partition_of

Numbers = NDArray[np.int64]


class FunnelOlder(Conflict):
    """The funnel {funnel} was learnt from {since} to {as_of}, and contacts of the phases that have begun are on record
    until {last}: it does not know what they did. Run telewave funnel learn --name {funnel} --as-of {day} --since
    {from_day} --days {days} --model {model}{more}, and then this again.
    """

    code = "funnel_older"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Next:
    """The plan of the phases to come beside its `parent`. `made`: contacts made before; `unrecorded`: those of them
    that the ledger knows and no record does; `left_out`: who falls out, by the first reason. `before`, `now`: what the
    phases to come amount to; `moved`: effects counted otherwise than before.
    """

    plan: Plan
    parent: Plan
    made: int
    unrecorded: int
    left_out: Mapping[LeftOut, int]
    before: tuple[Wave, ...]
    now: tuple[Wave, ...]
    moved: tuple[Moved, ...]
    told_before: bool


def plan_next(
    warehouse: Warehouse,
    database: Database,
    home: Path,
    brief: Brief,
    offers: Sequence[Offer],
    wide: WideTable,
    ledger: LedgerTold,
    progress: Progress,
    *,
    now: datetime,
    catalogue: Catalogue | None = None,
    universal: float = USUAL.share,
    scorer: Scorer = UNKNOWN,
) -> Next:
    """Plan the phases that begin on the wide table's date or later, and keep the result beside the plan that runs: the
    same holdout, contacts of earlier phases as they were done, everything else of later ones decided anew.

    Raises `NoPlanYet`, `NoPhaseBegun`, `NoPhaseToCome`, `FunnelOlder`, `PlanOfOtherChannels`, `HoldoutDrawn`,
    `PlanChanged` and what `gather` and `propose` raise.
    """
    day = wide.as_of or now.date()
    coming = phases_to_come(brief, day)
    parent = present_plan(database, brief.id)
    with progress.step(Message("Looking up what was done")):
        before = contacts_of(warehouse, parent)
        begun = begun_of(
            warehouse, brief, parent, before, [one.id for one in coming], ledger, day, scorer.products
        )
    _knows_them(home, brief, begun, day)
    gathered = gather(warehouse, database, brief, offers, wide, progress)
    stocked, some = stock_left(offers, begun.sold)
    gathered, had, counts = _left(warehouse, brief, parent, offers, some, gathered, begun, ledger, day)
    spent = _by_channel(begun.had, parent)
    left = what_is_left(brief, spent, begun.sold, _members_had(gathered, had))
    fresh = tuple(flags & ~np.isin(gathered.base.subscriber, had.subscriber) for flags in gathered.members)
    around = _around(warehouse, database, brief, begun, had, scorer.window_days, universal, day)
    with progress.step(Message("Deciding who gets which offer, how and when")):
        made = propose(left, stocked, gathered.base, members=fresh, group=gathered.group, surroundings=around)
    plan = _keep(
        warehouse, database, parent, brief, offers, made, gathered, begun, counts, day,
        now=now, catalogue=catalogue, scorer=scorer,
    )  # fmt: skip
    names = [one.id for one in coming], [one.id for one in brief.channels]
    return Next(
        plan=plan, parent=parent, made=begun.made, unrecorded=begun.unrecorded, left_out=counts,
        before=waves_of_phases(before, *names),
        now=waves_of_phases(contacts_of(warehouse, plan), *names),
        moved=moved(parent.content.get("effects"), effects_written(brief)),
        told_before="effects" in parent.content,
    )  # fmt: skip


def _around(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    begun: Begun,
    had: Had,
    window_days: int,
    universal: float,
    day: date,
) -> Surroundings:
    """What the phases to come respect: contacts on record and of phases that have begun, other campaigns, the draw."""
    touched = pa.concat_tables(
        [rows.select(["subscriber", "day"]) for rows in (begun.records, begun.had)],
        promote_options="permissive",
    )
    return Surroundings(
        window_days=window_days,
        universal=UniversalControl(universal),
        drawn=holdout_of(warehouse, brief),
        elsewhere=touches_elsewhere(warehouse, database, brief, touched, day),
        held_elsewhere=held_elsewhere(warehouse, database, brief),
        had=had,
        since=day,
    )


def _knows_them(home: Path, brief: Brief, begun: Begun, day: date) -> None:
    """Refuse a funnel that was learnt before the contacts that are on record were made."""
    if not brief.funnel or not leaves_to_learn(brief) or begun.last is None or begun.first is None:
        return
    asked = kept(home, brief.funnel).question
    if asked.since <= begun.last < asked.as_of:
        return
    more = (f" --offer {asked.offer}" if asked.offer else "") + (
        f" --campaign {asked.campaign}" if asked.campaign else ""
    )
    raise FunnelOlder(
        funnel=brief.funnel,
        since=asked.since,
        as_of=asked.as_of,
        last=begun.last,
        day=day,
        from_day=min(asked.since, begun.first),
        days=asked.days,
        model=asked.model or brief.model,
        more=more,
    )


def _left(
    warehouse: Warehouse,
    brief: Brief,
    parent: Plan,
    offers: Sequence[Offer],
    some: Flags,
    gathered: Gathered,
    begun: Begun,
    ledger: LedgerTold,
    day: date,
) -> tuple[Gathered, Had, dict[LeftOut, int]]:
    """Whom the phases to come may still contact with what, what each has had, and who falls out why."""
    had = _had(warehouse, brief, offers, begun.had, day)
    base, silent = without_objections(
        gathered.base, brief, _joined(ledger.objected, opted_out(warehouse, brief, day))
    )
    if brief.most_contacts > 1:
        base = not_twice(base, had)
    base = replace(base, open_offers=base.open_offers & some)
    people = base.subscriber
    control = control_of(warehouse, parent)["subscriber"].to_numpy()
    drawn = warehouse.read(f"drawn.{brief.id}", DRAWN, partition_of(parent.as_of).__eq__)
    took_part = warehouse.engine.fetch(drawn.select("subscriber"))["subscriber"].to_numpy()
    nothing = np.zeros(0, np.int64)
    resting = [np.isin(people, ledger.resting.get(one.id, nothing)) for one in brief.phases]
    out: dict[LeftOut, Flags] = {
        LeftOut.OBJECTED: silent,
        LeftOut.ORDERED: np.isin(people, begun.ordered),
        LeftOut.REFUSED: np.isin(
            people, np.union1d(ledger.refused, refused_of(warehouse, brief, parent, day))
        ),
        LeftOut.HAD_ENOUGH: had.of_subscribers(people) >= brief.most_contacts,
        LeftOut.RESTING: np.column_stack(resting) | ledger.closed,
        LeftOut.NOT_DRAWN: ~np.isin(people, took_part),
    }
    if brief.household_contacts is not None and base.household is not None:
        out[LeftOut.HOUSEHOLD] = had.of_households(base.household) >= brief.household_contacts
    coming = np.array([one.days.first >= day for one in brief.phases], np.bool_)
    base, counts = addressed_still(base, coming, out, np.isin(people, control))
    return replace(gathered, base=base), had, counts


def _joined(one: Mapping[str, Numbers], other: Mapping[str, Numbers]) -> dict[str, Numbers]:
    nothing = np.zeros(0, np.int64)
    return {key: np.union1d(one.get(key, nothing), other.get(key, nothing)) for key in {*one, *other}}


def _had(warehouse: Warehouse, brief: Brief, offers: Sequence[Offer], rows: pa.Table, day: date) -> Had:
    subscriber = rows["subscriber"].to_numpy().astype(np.int64)
    names = pa.array([str(one.id) for one in offers], pa.string())
    place: Any = pc.index_in(rows["offer"], names)
    offer: Any = pc.fill_null(place, -1)
    household = None
    if brief.household_contacts is not None:
        household = customers_of(warehouse, day, subscriber)
    return Had(subscriber=subscriber, offer=np.asarray(offer.to_numpy(), np.int64), household=household)


def _members_had(gathered: Gathered, had: Had) -> list[int]:
    """Members of each minimum who have been contacted."""
    contacted = np.isin(gathered.base.subscriber, had.subscriber)
    return [int((flags & contacted).sum()) for flags in gathered.members]


def _by_channel(rows: pa.Table, plan: Plan) -> dict[str, int]:
    """Minor units that these contacts cost, by channel, at what the plan says that a contact costs."""
    channels = plan.content["channels"]
    counts: Any = pc.value_counts(rows["channel"])
    return {
        one["values"]: one["counts"] * int(channels[one["values"]]["cost_minor"])
        for one in counts.to_pylist()
    }


def _keep(
    warehouse: Warehouse,
    database: Database,
    parent: Plan,
    brief: Brief,
    offers: Sequence[Offer],
    made: Proposal,
    gathered: Gathered,
    begun: Begun,
    counts: Mapping[LeftOut, int],
    day: date,
    *,
    now: datetime,
    catalogue: Catalogue | None,
    scorer: Scorer,
) -> Plan:
    """Keep the plan beside its parent: the same control groups and date, so that it is measured as the parent is."""
    new = plan_rows(made, gathered)
    contacts = pa.concat_tables([begun.rows, touches_on(new.contacts, begun.rows)])
    rows = replace(new, contacts=contacts, control=control_of(warehouse, parent))
    told = document_of(
        made, gathered, new, as_of=parent.as_of, brief=brief, catalogue=catalogue,
        products=scorer.products, verdict=verdict_written(scorer),
    )  # fmt: skip
    stands, was = standing(contacts), parent.content
    stock = {str(one.id): one.quotas.stock for one in offers}
    coming = [one.id for one in phases_to_come(brief, day)]
    earlier = pc.invert(pc.is_in(begun.had["phase"], pa.array(coming, pa.string())))
    waves = waves_of_rows(was.get("waves"), begun.had.filter(earlier))
    content = {
        **told,
        "parent": parent.hash,
        "planned_next": {
            "as_of": day.isoformat(),
            "phases": coming,
            "left_out": {reason.value: count for reason, count in counts.items()},
        },
        **{name: was[name] for name in ("subscribers", "control")},
        "contacts": len(contacts),
        "without_day": len(contacts) - len(stands),
        "done": begun.made,
        "waves": [*waves, *told["waves"]],
        "offers": {**was["offers"], **{k: {**v, "stock": stock[k]} for k, v in told["offers"].items()}},
        "products": sorted({*was["products"], *told["products"]}),
        "cost_minor": told["cost_minor"] + sum(_by_channel(begun.had, parent).values()),
        **{name: round(pc.sum(stands[column]).as_py() or 0.0, 2) for name, column in SUMS.items()},
        **hashes_of(rows),
    }
    return keep(
        warehouse,
        database,
        content,
        rows,
        campaign=brief.id,
        as_of=parent.as_of,
        now=now,
        parent=parent.hash,
    )
