"""From scores, wide table and offers to a plan in the warehouse and its document; and back to why somebody is in or out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypedDict

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv

from telewave.audiences.rule import Rule
from telewave.audiences.usecases import predicate
from telewave.briefs.model import Brief
from telewave.experiments.holdout import UniversalControl
from telewave.features.model import WideTable
from telewave.features.states import state_as_of
from telewave.kernel import Conflict, Message, Missing
from telewave.models.usecases import NotScored, load_card, scores
from telewave.offers.model import Offer
from telewave.offers.usecases import FEE, eligible
from telewave.planning.comparisons import GROUP_ORDER
from telewave.planning.control_groups import ALONE, USUAL, Drawn, Surroundings
from telewave.planning.options import Base, Flags
from telewave.planning.other_touches import near, recorded, touches_elsewhere
from telewave.planning.proposal import Proposal, propose
from telewave.platform.database import Database
from telewave.platform.progress import Progress
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import SUBSCRIBERS
from telewave.scheduling.spacing import NO_DAY
from telewave.targeting.sentences import percent
from telewave.targeting.usecases import groups, partition_of

_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("subscriber", pa.int64()),
    ("touch", pa.int8()),
    ("phase", pa.string()),
    ("channel", pa.string()),
    ("offer", pa.string()),
    ("day", pa.date32()),
    ("probability", pa.float64()),
    ("expected_profit", pa.float64()),
    ("propensity", pa.float64()),
    ("by_chance", pa.bool_()),
]
CONTACTS = pa.schema(_COLUMNS)
_CONTROL: list[tuple[str, pa.DataType]] = [("subscriber", pa.int64()), ("control", pa.string())]
CONTROL = pa.schema(_CONTROL)
_DRAWN: list[tuple[str, pa.DataType]] = [("subscriber", pa.int64()), ("share", pa.float64())]
DRAWN = pa.schema(_DRAWN)


class NoFee(Missing):
    """The wide table of {as_of} has no monthly fee, so no offer's margin can be computed. Ingest bills and build the features again."""


class NotPlanned(Missing):
    """There is no plan of the campaign {campaign} as of {partition}. Run telewave plan make with the same file and date first."""


class HoldoutDrawn(Conflict):
    """The holdout of the campaign {campaign} was drawn with a share of {drawn}, and the file now asks for {asked}. Drawn anew, it would hold people whom the campaign has contacted: write {drawn} again, or give the campaign another id."""


@dataclass(frozen=True, eq=False, slots=True)
class Gathered:
    """What the plan is made from. `members`: who counts for each minimum; `group`: number of the target group, -1: none.

    `without_score`: subscribers whom a phase addresses but the model has not scored.
    """

    base: Base
    members: tuple[Flags, ...]
    group: NDArray[np.int8] | None
    without_score: int


def gather(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    offers: Sequence[Offer],
    wide: WideTable,
    progress: Progress,
) -> Gathered:
    """Everybody whom the campaign's model has scored as of the wide table's date.

    Raises `NotScored`, `NoFee`, and what the rules' checks raise.
    """
    partition = partition_of(wide.as_of)
    if partition not in warehouse.manifest(f"scores.{brief.model}").partitions:
        raise NotScored(model=brief.model, partition=partition)
    rows = wide.relation
    if FEE not in rows.columns:
        raise NoFee(as_of=wide.as_of)

    def member(rule: Rule | None) -> Any:
        return ibis.literal(True) if rule is None else predicate(warehouse, database, rule)(wide)

    asked: dict[str, Any] = {}
    asked |= {f"o{k}": eligible(offer, wide, warehouse, database) for k, offer in enumerate(offers)}
    asked |= {f"c{k}": member(channel.consent) for k, channel in enumerate(brief.channels)}
    asked |= {f"p{k}": member(phase.audience) for k, phase in enumerate(brief.phases)}
    asked |= {f"m{k}": member(minimum.audience) for k, minimum in enumerate(brief.minimums)}
    with progress.step(Message("Looking up who may get what")):
        people = rows.select(subscriber=rows[wide.key], fee=rows[FEE].cast("float64"), **asked)
        scored = scores(warehouse, brief.model, wide.as_of).select("subscriber", "probability")
        found = warehouse.engine.fetch(people.left_join(scored, "subscriber").drop("subscriber_right"))
        found = found.sort_by("subscriber")
    return _gathered(warehouse, brief, wide, found, len(offers))


def _gathered(warehouse: Warehouse, brief: Brief, wide: WideTable, found: pa.Table, offers: int) -> Gathered:
    def flags(letter: str, count: int) -> Flags:
        columns = [found[f"{letter}{k}"].to_numpy(zero_copy_only=False) for k in range(count)]
        return np.column_stack(columns).astype(bool) if columns else np.zeros((len(found), 0), bool)

    addressed = flags("p", len(brief.phases))
    probability = found["probability"].to_numpy(zero_copy_only=False).astype(np.float64)
    known = np.isfinite(probability)
    fee = np.nan_to_num(found["fee"].to_numpy(zero_copy_only=False).astype(np.float64))
    subscriber = found["subscriber"].to_numpy().astype(np.int64)
    base = Base(
        subscriber[known],
        probability[known],
        np.round(np.maximum(fee[known], 0) * 100).astype(np.int64),
        flags("o", offers)[known],
        flags("c", len(brief.channels))[known],
        addressed[known],
    )
    if brief.household_contacts is not None:
        base = replace(base, household=_customers(warehouse, wide.as_of, base.subscriber))
    members = flags("m", len(brief.minimums))[known]
    missing = int((addressed.any(1) & ~known).sum())
    return Gathered(base, tuple(members.T), _groups(warehouse, brief, wide, base), missing)


def _groups(warehouse: Warehouse, brief: Brief, wide: WideTable, base: Base) -> NDArray[np.int8] | None:
    """The target group of each subscriber by number, -1 where he is in none; None where no groups were formed."""
    if partition_of(wide.as_of) not in warehouse.manifest(f"groups.{brief.model}").partitions:
        return None
    rows = warehouse.engine.fetch(groups(warehouse, brief.model, wide.as_of).select("subscriber", "group"))
    code = [group.value for group in GROUP_ORDER]
    number = pc.index_in(rows["group"], pa.array(code)).to_numpy().astype(np.int8)
    grouped = rows["subscriber"].to_numpy().astype(np.int64)
    order = np.argsort(grouped)
    place = np.searchsorted(grouped[order], base.subscriber)
    place = np.minimum(place, max(len(grouped) - 1, 0))
    found = np.full(len(base.subscriber), -1, np.int8)
    if len(grouped):
        same = grouped[order][place] == base.subscriber
        found[same] = number[order][place][same]
    return found


def _customers(
    warehouse: Warehouse, as_of: date | None, subscriber: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """The customer who holds each line, -1 where it is not known; None where no line's is."""
    last = state_as_of(warehouse, SUBSCRIBERS.name, as_of or date.max).select("subscriber", "customer")
    found = warehouse.engine.fetch(last.filter(last["customer"].notnull()).order_by("subscriber"))
    if not len(found):
        return None
    lines, customer = (found[name].to_numpy().astype(np.int64) for name in ("subscriber", "customer"))
    place = np.minimum(np.searchsorted(lines, subscriber), len(lines) - 1)
    return np.where(lines[place] == subscriber, customer[place], -1)


class Around(TypedDict):
    """What the installation and the model add to a campaign. `universal`: share of the control group of all campaigns; `window_days`: of the model's target."""

    universal: float
    window_days: int


def plan_anew(
    warehouse: Warehouse,
    brief: Brief,
    offers: Sequence[Offer],
    gathered: Gathered,
    as_of: date | None,
    progress: Progress,
    *,
    universal: float = USUAL.share,
    window_days: int = ALONE.window_days,
) -> Proposal:
    """Decide, and write nothing. `universal`: share of the installation's control group; `window_days`: of the model's target.

    Raises `HoldoutDrawn`, and what `propose` raises.
    """
    drawn = holdout_of(warehouse, brief)
    first = near(brief)[0]
    before = recorded(warehouse, first, min(as_of or first, brief.first))
    touches = touches_elsewhere(warehouse, brief, before)
    around = Surroundings(window_days, UniversalControl(universal), drawn, touches)
    with progress.step(Message("Deciding who gets which offer, how and when")):
        return propose(
            brief,
            offers,
            gathered.base,
            members=gathered.members,
            group=gathered.group,
            surroundings=around,
        )


def holdout_of(warehouse: Warehouse, brief: Brief) -> Drawn | None:
    """The campaign's holdout as it was drawn; None where it was not yet. Raises `HoldoutDrawn`."""
    took_part = warehouse.engine.fetch(warehouse.read(f"drawn.{brief.id}", DRAWN))
    if not len(took_part):
        return None
    share, asked = float(took_part["share"][0].as_py()), brief.holdout.campaign
    if asked is not None and abs(asked - share) > 1e-9:
        raise HoldoutDrawn(campaign=brief.id, drawn=percent(share), asked=percent(asked))
    rows = warehouse.engine.fetch(warehouse.read(f"control.{brief.id}", CONTROL))
    held = rows.filter(pc.field("control") == "campaign")
    return Drawn(share, took_part["subscriber"].to_numpy(), held["subscriber"].to_numpy())


def make_plan(
    warehouse: Warehouse,
    database: Database,
    brief: Brief,
    offers: Sequence[Offer],
    wide: WideTable,
    progress: Progress,
    *,
    universal: float = USUAL.share,
    window_days: int = ALONE.window_days,
) -> tuple[Proposal, Gathered]:
    """Plan the campaign and write `plan.<campaign>`, `control.<campaign>` and `drawn.<campaign>`, each at once and whole.

    Raises what `gather` and `plan_anew` raise.
    """
    gathered = gather(warehouse, database, brief, offers, wide, progress)
    made = plan_anew(
        warehouse,
        brief,
        offers,
        gathered,
        wide.as_of,
        progress,
        universal=universal,
        window_days=window_days,
    )
    with progress.step(Message("Writing the plan")):
        partition = partition_of(wide.as_of)
        write_rows(warehouse, f"plan.{brief.id}", partition, contacts_table(made))
        write_rows(warehouse, f"control.{brief.id}", partition, control_table(made))
        write_rows(warehouse, f"drawn.{brief.id}", partition, drawn_table(made))
    return made, gathered


def planned(warehouse: Warehouse, brief: Brief, as_of: date | None) -> pa.Table:
    """The contacts that were kept, columns as `CONTACTS`. Raises `NotPlanned`."""
    return planned_under(warehouse, brief.id, as_of)


def planned_under(warehouse: Warehouse, campaign: str, as_of: date | None) -> pa.Table:
    """The contacts that were kept under this campaign's id, columns as `CONTACTS`. Raises `NotPlanned`."""
    wanted = partition_of(as_of)
    if wanted not in warehouse.manifest(f"plan.{campaign}").partitions:
        raise NotPlanned(campaign=campaign, partition=wanted)
    rows = warehouse.read(f"plan.{campaign}", CONTACTS, lambda key: key == wanted)
    order = [
        rows["day"].asc(nulls_first=False),
        rows["channel"],
        rows["expected_profit"].desc(),
        rows["subscriber"],
    ]
    return warehouse.engine.fetch(rows.order_by(order))


def contacts_table(made: Proposal) -> pa.Table:
    """The plan's contacts, columns as `CONTACTS`, by day, channel and falling profit; those without a day last."""
    options, brief = made.options, made.campaign
    day = made.dated.day.astype(np.int64)
    order = np.lexsort((-made.profit, made.contacts.channel, np.where(day == NO_DAY, 2**31, day)))
    first = made.touch == 0
    propensity = np.where(first, made.explored.propensity[made.row], 1.0)
    names: dict[str, Any] = {
        "phase": np.array([phase.id for phase in brief.phases])[options.phase_codes[made.option]],
        "channel": np.array([channel.id for channel in brief.channels])[options.channel_codes[made.option]],
        "offer": np.array([str(offer.id) for offer in options.offers])[options.offer_codes[made.option]],
    }
    epoch = date(1970, 1, 1).toordinal()
    columns: dict[str, Any] = {
        "subscriber": made.base.subscriber[made.row],
        "touch": made.touch.astype(np.int8),
        **names,
        "day": pa.array((day - epoch).astype(np.int32)[order], pa.int32(), mask=(day == NO_DAY)[order]).cast(
            pa.date32()
        ),
        "probability": made.takers,
        "expected_profit": made.profit,
        "propensity": propensity,
        "by_chance": made.explored.by_chance[made.row] & first,
    }
    taken = {k: v if isinstance(v, pa.Array) else pa.array(v[order]) for k, v in columns.items()}
    return pa.table({name: taken[name].cast(kind) for name, kind in _COLUMNS}, schema=CONTACTS)


def control_table(made: Proposal) -> pa.Table:
    """Who is left alone and by which control group, columns as `CONTROL`."""
    alone = made.universal | made.held
    which = np.where(made.universal, "universal", "campaign")[alone]
    return pa.table([pa.array(made.everybody[alone]), pa.array(which)], schema=CONTROL)


def drawn_table(made: Proposal) -> pa.Table:
    """Who took part in the draw of the holdout, and with which share, columns as `DRAWN`."""
    share = np.full(len(made.everybody), made.campaign.holdout.campaign or 0.0)
    return pa.table([pa.array(made.everybody), pa.array(share)], schema=DRAWN)


def write_rows(warehouse: Warehouse, table: str, partition: str, rows: pa.Table) -> None:
    """Replace a partition by `rows`, at once and whole."""
    with warehouse.change(table) as change:
        file = change.new_file(partition)
        pq.write_table(rows, file, compression="zstd")
        change.set(partition, {file: fingerprint(rows)})


def fingerprint(rows: pa.Table) -> str:
    """Sha256 of the rows as comma-separated text, whatever the file that holds them and however they are ordered."""
    text = pa.BufferOutputStream()
    keys = [name for name in ("subscriber", "touch") if name in rows.column_names]
    csv.write_csv(rows.sort_by([(name, "ascending") for name in keys]), text)
    return hashlib.sha256(text.getvalue()).hexdigest()


def window_of(models: Path, database: Database, brief: Brief) -> int:
    """Days within which the model's probability is that of taking; 30 where its card names none. Raises `NoSuchModel`."""
    offered = load_card(models, database, brief.model).offered
    return offered.window_days if offered else ALONE.window_days


def product_of(models: Path, database: Database, brief: Brief) -> str | None:
    """The name under which the model's target was ordered; None where its card names none. Raises `NoSuchModel`."""
    offered = load_card(models, database, brief.model).offered
    return offered.offer if offered else None


def rate_error(models: Path, database: Database, brief: Brief) -> float:
    """Standard error of the logarithm of the model's rate, as its card says. Raises `NoSuchModel`."""
    return load_card(models, database, brief.model).rate.log_error


def document(made: Proposal, gathered: Gathered, as_of: date | None) -> Mapping[str, Any]:
    """What is put before an approver: the plan in numbers, and the fingerprints of its rows. Fit for JSON."""
    rows = contacts_table(made)
    return {
        "campaign": made.campaign.id,
        "as_of": as_of.isoformat() if as_of else None,
        "model": made.campaign.model,
        "subscribers": len(made.everybody),
        "control": {"universal": int(made.universal.sum()), "campaign": int(made.held.sum())},
        "without_score": gathered.without_score,
        "contacts": len(rows),
        "expected_profit": round(float(made.profit.sum()), 2),
        "bound": round(made.bound, 2),
        "limits": [
            {
                "limit": u.limit.name.en,
                "amount": u.limit.amount,
                "used": round(u.used, 4),
                "price": round(u.price, 6),
            }
            for u in made.limits
        ],
        "rows_sha256": fingerprint(rows),
        "control_sha256": fingerprint(control_table(made)),
    }


def document_text(made: Proposal, gathered: Gathered, as_of: date | None) -> str:
    """The document as text, the same for the same plan."""
    return json.dumps(document(made, gathered, as_of), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
