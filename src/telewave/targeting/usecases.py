"""From scores in the warehouse to groups in the warehouse, and back out again with what made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.customers.base import CLASS_LABELS, NET_NEW, BaseClass
from telewave.customers.usecases import Base, BaseRow
from telewave.features.model import WideTable
from telewave.kernel import Conflict, Label, Message, Missing
from telewave.models.model import UNKNOWN_ROWS, ModelCard, OutsideRows
from telewave.models.usecases import (
    OUTSIDE,
    card_behind,
    require_rows_of,
    rows_now,
    rows_scored,
    scored_by,
    scores,
)
from telewave.platform.database import Database
from telewave.platform.progress import Progress
from telewave.platform.warehouse import Warehouse
from telewave.targeting.case import Case
from telewave.targeting.case_file import case_text, parse_case
from telewave.targeting.groups import ORDER, Cutoff, Grouping, Limit, grouping
from telewave.targeting.plan import Group, Plan
from telewave.targeting.plan_file import parse_plan, plan_text
from telewave.targeting.profiling import profile_groups
from telewave.targeting.report import BaseClasses, BaseClassRow, ReportContext, report_context

_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("subscriber", pa.int32()),
    ("group", pa.string()),
    ("probability", pa.float64()),
    ("expected_value_minor", pa.int64()),
    ("rank", pa.int32()),
]
GROUPS = pa.schema(_COLUMNS)
ROWS_A_BATCH = 500_000
FORM = 2
"""Of what is written: since form 2 values are profit caused by the contact; before, takers
who come by themselves were counted as earned.
"""


class NotGrouped(Missing):
    """There are no groups of the model {model} for {partition}. Run telewave group with the
    same model and date (or outside table) first.
    """

    code = "not_grouped"


class GroupsOfOlderForm(Conflict):
    """The groups of the model {model} for {partition} were formed by an older version of Telewave, which counted their
    value differently. Run telewave group again with the same plan.
    """

    code = "groups_of_older_form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """What `group` wrote for one model and date: the plan it followed, where the groups end, and `scored_by`, the
    model version behind the scores (`models.usecases.made_by`). `case`: to be shown beside them, None where no
    campaign named one. `rows_of`: whose rows they are.
    """

    model: str
    as_of: date | None
    plan: Plan
    cutoffs: Mapping[Group, Cutoff]
    scored_by: str
    case: Case | None = None
    rows_of: OutsideRows = UNKNOWN_ROWS


def group(
    warehouse: Warehouse,
    model: str,
    as_of: date | None,
    plan: Plan,
    progress: Progress,
    members: ir.Table | None = None,
    *,
    case: Case | None = None,
    samples: str = "",
) -> Grouped:
    """Group everybody that `model` has scored as of a date (None: an outside table), and
    write `groups.<model>` at once and whole.

    `members`: a relation with a column `subscriber`, to group only those in it; `case`: to be shown beside the groups;
    `samples`: the outside table that is meant. Raises `NotScored`, `ScoredAnotherTable`, `ScoredBeforeIngest`.
    """
    partition = partition_of(as_of)
    origin, rows_of = scored_by(warehouse, model, as_of), rows_scored(warehouse, model, as_of)
    require_rows_of(warehouse, model, samples, rows_of)
    with progress.step(Message("Forming the groups")):
        relation = scores(warehouse, model, as_of)
        if members is not None:
            relation = relation.semi_join(members, "subscriber")
        rows = warehouse.engine.fetch(relation.select("subscriber", "probability"))
        subscriber, probability = (
            np.asarray(rows.column(name).to_numpy()) for name in ("subscriber", "probability")
        )
        made = grouping(subscriber, probability, plan)
        found = Grouped(
            model=model,
            as_of=as_of,
            plan=plan,
            cutoffs=made.cutoffs,
            scored_by=origin,
            case=case,
            rows_of=rows_of,
        )
        _write(warehouse, partition, made, found)
    return found


def grouped(warehouse: Warehouse, model: str, as_of: date | None) -> Grouped:
    """The plan and cut-offs behind `groups.<model>` as of a date. Raises `NotGrouped`, `GroupsOfOlderForm`."""
    partition = partition_of(as_of)
    manifest = warehouse.manifest(f"groups.{model}")
    if partition not in manifest.partitions:
        raise NotGrouped(model=model, partition=partition)
    facts = manifest.facts["made_by"][partition]
    if facts.get("form") != FORM:
        raise GroupsOfOlderForm(model=model, partition=partition)
    cutoffs = [_cutoff(raw) for raw in facts["cutoffs"]]
    return Grouped(
        model=model,
        as_of=as_of,
        plan=parse_plan(facts["plan"]),
        cutoffs={c.group: c for c in cutoffs},
        scored_by=str(facts["scored_by"]),
        case=parse_case(facts["case"]) if facts.get("case") else None,
        rows_of=OutsideRows.of(facts),
    )


def groups(warehouse: Warehouse, model: str, as_of: date | None) -> ir.Table:
    """The rows of `groups.<model>` as of a date, with the columns of `GROUPS`, as a relation."""
    wanted = partition_of(as_of)
    return warehouse.read(f"groups.{model}", GROUPS, lambda key: key == wanted)


def make_report(
    warehouse: Warehouse,
    card: ModelCard,
    wide: WideTable,
    made_at: datetime,
    progress: Progress,
    *,
    simulated: bool = False,
    base_classes: BaseClasses | None = None,
    title: Label | None = None,
    case: Case | None = None,
) -> ReportContext:
    """Everything that the report on the groups of `card`'s model shows; `wide` is the table that was scored, `title`
    the offer's name; `case`: what to compare with where the campaign of the groups named no case.

    Raises `NotGrouped`, `ScoredAnotherTable`, `ScoredBeforeIngest`.
    """
    made = grouped(warehouse, card.name, wide.as_of)
    require_rows_of(warehouse, card.name, wide.samples, made.rows_of)
    beside = (made.case or case) if wide.as_of else None
    with progress.step(Message("Looking at who is in the groups")):
        important = [part.variable.name for part in card.contributions]
        relation = groups(warehouse, card.name, wide.as_of)
        profiles = profile_groups(warehouse, wide, relation, made.plan, important, beside)
    return report_context(
        card,
        plan=made.plan,
        cutoffs=made.cutoffs,
        profiles=profiles,
        as_of=wide.as_of,
        made_at=made_at,
        simulated=simulated,
        base_classes=base_classes,
        variables=wide.variables,
        title=title,
        case=beside,
        rows_of=rows_now(warehouse, wide.samples),
    )


def class_rows(base: Base) -> BaseClasses:
    """The base classes as the report shows them: those with subscribers, the net new
    as a class of their own, and all together.
    """
    rows = [
        _class_row(CLASS_LABELS[one], row, sum(row.takers.values()) - row.net_new)
        for one in BaseClass
        if (row := base.of_class(one)).size
    ]
    rows.append(
        BaseClassRow(
            name=NET_NEW, subscribers=None, holders=None, penetration=None, takers=base.total.net_new
        )
    )
    total = _class_row(Label("All together", "合计"), base.total, sum(row.takers for row in rows))
    return BaseClasses(base.since, tuple(rows), total)


def _class_row(name: Label, row: BaseRow, takers: int) -> BaseClassRow:
    return BaseClassRow(
        name=name, subscribers=row.size, holders=row.holders, penetration=row.penetration, takers=takers
    )


def card_of_groups(made: Grouped, folder: Path, database: Database) -> ModelCard:
    """The card of the model version whose scores were grouped, which need not be the newest. Raises `ModelGone`."""
    return card_behind(folder, database, made.model, made.scored_by)


def partition_of(as_of: date | None) -> str:
    """The partition's key: the date, or "all" for an outside table."""
    return as_of.isoformat() if as_of else OUTSIDE


def _write(warehouse: Warehouse, partition: str, made: Grouping, found: Grouped) -> None:
    with warehouse.change(f"groups.{found.model}") as change:
        file = change.new_file(partition)
        with pq.ParquetWriter(file, GROUPS, compression="zstd") as out:
            for start in range(0, max(len(made.subscriber), 1), ROWS_A_BATCH):
                out.write_table(_stretch(made, start, start + ROWS_A_BATCH))
        change.set(partition, {file: found.scored_by})
        facts = {
            "plan": plan_text(found.plan),
            "cutoffs": [asdict(made.cutoffs[g]) for g in Group],
            "scored_by": found.scored_by,
            "form": FORM,
            "case": case_text(found.case) if found.case else "",
            **found.rows_of.facts(),
        }
        change.facts["made_by"] = dict(change.facts.get("made_by", {})) | {partition: facts}


def _stretch(made: Grouping, start: int, end: int) -> pa.Table:
    subscriber = made.subscriber[start:end]
    names = np.array([g.value for g in ORDER])
    columns = {
        "subscriber": subscriber,
        "group": names[made.group[start:end]],
        "probability": made.probability[start:end],
        "expected_value_minor": made.value[start:end],
        "rank": np.arange(start + 1, start + 1 + len(subscriber), dtype=np.int32),
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()}, schema=GROUPS)


def _cutoff(raw: Mapping[str, Any]) -> Cutoff:
    return Cutoff(**{**raw, "group": Group(raw["group"]), "limit": Limit(raw["limit"])})
