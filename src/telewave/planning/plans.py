"""Plans as they are kept: rows, control groups, classes and prices once under the plan's hash, never written over.

A plan's hash is the SHA-256 of its document, and the document names the content hashes of its rows and control groups.
So whoever names the hash (an approval, a hand-out, a redated plan) names the very rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from telewave.kernel import Conflict, Label, Malformed, Message, Missing
from telewave.kernel.history import not_before
from telewave.planning import store
from telewave.planning.canonical import content_hash
from telewave.planning.model import Plan
from telewave.planning.plan_tables import AIMS, CLASSES, CONTACTS, CONTROL, KEYS, PRICES, PlanRows
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

SHOWN_DIGITS = 12
MADE = "made"
RUNNING = ("launched", "paused")
PLAN_STATES = {
    MADE: Label("made", "已生成"),
    "draft": Label("draft", "草稿"),
    "in review": Label("in review", "审核中"),
    "approved": Label("approved", "已批准"),
    "launched": Label("launched", "已上线"),
    "paused": Label("paused", "已暂停"),
    "stopped": Label("stopped", "已终止"),
}
"""States of a plan: made, then what approvals make of it."""


class NotPlanned(Missing):
    """There is no plan of the campaign {campaign} as of {as_of}. Run telewave plan make with the same file and date
    first.
    """

    code = "not_planned"


class NoPlanYet(Missing):
    """There is no plan of the campaign {campaign}. Run telewave plan make with its file first; `telewave plan list`
    shows the plans that there are.
    """

    code = "no_plan_yet"


class NoSuchPlan(Missing):
    """There is no plan whose hash begins with {hash}. `telewave plan list` shows the plans that there are."""

    code = "no_such_plan"


class PlanHashTooShort(Malformed):
    """Several plans have a hash that begins with {hash}. Give more of its digits; `telewave plan list` shows them."""

    code = "plan_hash_too_short"


class PlanChanged(Conflict):
    """The rows kept for the plan {plan} (hash {kept}) are not those that its document names ({named}):
    they were changed from outside. Restore the folder of the warehouse from the backup, or make the
    plan again from the same file and records.
    """

    code = "plan_changed"


def document_text(content: Mapping[str, Any]) -> str:
    """The document as text, the same for the same plan."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def keep(
    warehouse: Warehouse,
    database: Database,
    content: Mapping[str, Any],
    rows: PlanRows,
    *,
    campaign: str,
    as_of: date | None,
    now: datetime,
    parent: str | None = None,
) -> Plan:
    """Keep a plan under its hash: rows first, the plan last, so that no plan is without its rows; that it was begun
    before both, so that rows of a making that broke off are known as such. A plan that is kept already stays as it is.

    Raises `ClockBehind` where a plan of the campaign was made on a later day than `now`.
    """
    before = store.plans_of(database, campaign)
    now = not_before(
        before[0].made_at if before else None, now, Message("the plans of {name}", name=campaign)
    )
    document = document_text(content).encode()
    digest = hashlib.sha256(document).hexdigest()
    store.begin(database, digest)
    for name in PlanRows.__slots__:
        _write_once(warehouse, f"plan_{name}", digest, getattr(rows, name))
    plan = Plan(
        hash=digest,
        campaign=campaign,
        as_of=as_of,
        parent=parent,
        state=MADE,
        made_at=now,
        document=document,
    )
    store.add(database, plan)
    return plan


def _write_once(warehouse: Warehouse, table: str, digest: str, rows: pa.Table) -> None:
    if digest in warehouse.manifest(table).partitions:
        return
    with warehouse.change(table) as change:
        file = change.new_file(digest)
        pq.write_table(rows, file, compression="zstd")
        change.set(digest, {file: digest})


def plan_called(database: Database, start: str) -> Plan:
    """The plan whose hash begins with `start`. Raises `NoSuchPlan`, `PlanHashTooShort`."""
    found = store.beginning_with(database, start) if start else ()
    if not found:
        raise NoSuchPlan(hash=start or "''")
    if len(found) > 1:
        raise PlanHashTooShort(hash=start)
    return found[0]


def latest_plan(database: Database, campaign: str, as_of: date | None) -> Plan:
    """The plan of the campaign that was made last as of this date. Raises `NotPlanned`."""
    for plan in store.plans_of(database, campaign):
        if plan.as_of == as_of:
            return plan
    raise NotPlanned(campaign=campaign, as_of=as_of or "-")


def present_plan(database: Database, campaign: str) -> Plan:
    """The plan of the campaign that runs, else the one made last. Raises `NoPlanYet`."""
    known = plans_of(database, campaign)
    if not known:
        raise NoPlanYet(campaign=campaign)
    return plan_in_force(database, campaign, known[0].as_of)


def plan_in_force(database: Database, campaign: str, as_of: date | None) -> Plan:
    """The plan of the campaign that runs; where none does, the one that was made
    last as of this date. Raises `NotPlanned`.
    """
    running = [plan for plan in store.plans_in(database, RUNNING) if plan.campaign == campaign]
    return running[0] if running else latest_plan(database, campaign, as_of)


def enter_states(connection: sa.Connection, states: Mapping[str, str]) -> None:
    """Give the plans with these hashes these states, within a transaction of the
    caller's; a hash that is no plan's is passed over.
    """
    store.set_states(connection, states)


def is_launched(connection: sa.Connection, plan: Plan) -> bool:
    """Whether the plan is launched, and stays so until the transaction of `connection` ends."""
    return store.state_of(connection, plan.hash) == "launched"


def running_mark(connection: sa.Connection) -> str:
    """A text that is another one as soon as another plan runs, of whatever campaign, or one does not any more."""
    return " ".join(store.hashes_in(connection, RUNNING))


def running_elsewhere(database: Database, campaign: str) -> tuple[Plan, ...]:
    """The plans that run of all other campaigns."""
    return tuple(plan for plan in store.plans_in(database, RUNNING) if plan.campaign != campaign)


def plans_of(database: Database, campaign: str | None = None) -> tuple[Plan, ...]:
    """All plans of a campaign (None: of all), the one that was made last first."""
    return store.plans_of(database, campaign)


def contacts_of(warehouse: Warehouse, plan: Plan) -> pa.Table:
    """The plan's contacts as `CONTACTS`, by day, channel and falling profit; those without a day last.

    Raises `PlanChanged` where they are not those that the document names.
    """
    rows = _rows(warehouse, "plan_contacts", plan, CONTACTS)
    kept, named = content_hash(rows, KEYS["contacts"]), str(plan.content["rows_sha256"])
    if kept != named:
        digits = {"plan": plan.hash, "kept": kept, "named": named}
        raise PlanChanged(**{name: digest[:SHOWN_DIGITS] for name, digest in digits.items()})
    return rows.sort_by(
        [
            ("day", "ascending"),
            ("channel", "ascending"),
            ("expected_profit", "descending"),
            ("subscriber", "ascending"),
        ]
    )


def control_of(warehouse: Warehouse, plan: Plan) -> pa.Table:
    """Who is left alone and by which control group, columns as `CONTROL`."""
    return _rows(warehouse, "plan_control", plan, CONTROL)


def classes_of(warehouse: Warehouse, plan: Plan) -> pa.Table:
    """Columns as `CLASSES`."""
    return _rows(warehouse, "plan_classes", plan, CLASSES)


def prices_of(warehouse: Warehouse, plan: Plan) -> pa.Table:
    """Columns as `PRICES`."""
    return _rows(warehouse, "plan_prices", plan, PRICES)


def aims_of(warehouse: Warehouse, plan: Plan) -> pa.Table:
    """Whom the plan would contact, held out or not, columns as `AIMS`; empty where it was not kept.

    Raises `PlanChanged` where they are not those that the document names.
    """
    rows = _rows(warehouse, "plan_aims", plan, AIMS)
    kept, named = content_hash(rows, KEYS["aims"]), plan.content.get("aims_sha256")
    if named is not None and kept != named:
        digits = {"plan": plan.hash, "kept": kept, "named": str(named)}
        raise PlanChanged(**{name: digest[:SHOWN_DIGITS] for name, digest in digits.items()})
    return rows


def _rows(warehouse: Warehouse, table: str, plan: Plan, schema: pa.Schema) -> pa.Table:
    return warehouse.engine.fetch(warehouse.read(table, schema, plan.hash.__eq__))


def of_subscriber(
    warehouse: Warehouse, table: str, plan: Plan, schema: pa.Schema, subscriber: int
) -> pa.Table:
    """The rows of one subscriber in one of the plan's tables."""
    rows = warehouse.read(table, schema, plan.hash.__eq__)
    return warehouse.engine.fetch(rows.filter(rows["subscriber"] == subscriber))


def _tables(plan: Plan) -> list[str]:
    """The tables of the plan; one of an older version has no aims."""
    return [name for name in PlanRows.__slots__ if name != "aims" or "aims_sha256" in plan.content]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Where plans and their rows no longer belong together. `unknown`: hashes of which rows are kept and
    no plan, though no making of it broke off; `rowless`: plans without their rows; `undrawn`: campaigns with plans of
    which it is not known who was drawn for their control group.
    """

    unknown: tuple[str, ...]
    rowless: tuple[str, ...]
    undrawn: tuple[str, ...]


def plans_apart(warehouse: Warehouse, database: Database) -> Apart:
    """Compare the plans of the database with what the warehouse keeps of them. Raises `ManifestSpoilt`,
    `ManifestLost`.
    """
    kept = {name: set(warehouse.manifest(f"plan_{name}").partitions) for name in PlanRows.__slots__}
    plans = store.plans_of(database, None)
    known = {plan.hash for plan in plans}
    campaigns = {plan.campaign for plan in plans}
    return Apart(
        unknown=tuple(sorted(set.union(*kept.values()) - known - store.begun(database))),
        rowless=tuple(
            sorted(one.hash for one in plans if not all(one.hash in kept[name] for name in _tables(one)))
        ),
        undrawn=tuple(sorted(one for one in campaigns if not warehouse.manifest(f"drawn.{one}").partitions)),
    )
