"""Models on the warehouse: scores of the operator's and of outside tables written, and read back with what made them.

Training and scoring read the same wide tables; nothing here knows how they are made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.features.model import WideTable
from telewave.kernel import Conflict, Message, Missing
from telewave.models.labelling import holders
from telewave.models.model import UNKNOWN_ROWS, ModelCard, OutsideRows
from telewave.models.response import FittedResponse
from telewave.models.store import (
    Registered,
    damaged,
    find,
    load,
    load_card,
    model_uses,
    next_moment,
    put_model_to_use,
    registered,
    save,
    unregistered,
    version_in_use,
)
from telewave.models.target import Target
from telewave.models.training_tables import Audience, content_of, narrow
from telewave.platform.database import Database
from telewave.platform.progress import Progress, track
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import ORDERS

__all__ = [
    "Registered",
    "Target",
    "find",
    "load",
    "load_card",
    "model_uses",
    "next_moment",
    "put_model_to_use",
    "registered",
    "save",
    "score",
    "scores",
    "version_in_use",
]

_COLUMNS: list[tuple[str, pa.DataType]] = [("subscriber", pa.int32()), ("probability", pa.float64())]
SCORES = pa.schema(_COLUMNS)
OUTSIDE = "all"
UNSAVED = "unsaved"
ROWS_A_BATCH = 500_000


class NobodyToScore(Conflict):
    """The table to score has no rows, or only those of subscribers who took the offer before. Build the wide
    table for that day, or widen the audience.
    """

    code = "nobody_to_score"


class VariablesMissing(Conflict):
    """The table to score lacks variables that the model {model} was trained on: {names}. Build it with the
    same catalogue, or train the model again.
    """

    code = "variables_missing"


class NotScored(Missing):
    """The model {model} has no scores for {partition}. Run telewave score with the
    same model and date (or outside table) first.
    """

    code = "not_scored"


class ModelGone(Conflict):
    """The scores or groups were made by a version of the model {model} that is not in the registry.
    Run telewave score and telewave group again.
    """

    code = "model_gone"


class ScoredAnotherTable(Conflict):
    """The model {model} last scored the outside table {scored}, not {asked}. Run telewave score --model {model}
    --samples {asked} first, and then group again.
    """

    code = "scored_another_table"


class ScoredByAnother(Conflict):
    """The scores of the model {model} for {partition} are of version {made}, but version {used} was put to use since.
    Run telewave score --model {model} {whose} and telewave group again, then this.
    """

    code = "scored_by_another"


class ScoredBeforeIngest(Conflict):
    """The outside table {asked} has been ingested again since the model {model} scored it, so that its scores may be
    those of other rows. Run telewave score --model {model} --samples {asked} again, and then group again.
    """

    code = "scored_before_ingest"


@dataclass(frozen=True, slots=True)
class Scored:
    """How many `rows` were scored, and how many were not because they took the offer before (`holders`)."""

    rows: int
    holders: int


def restricted(wide: WideTable, audience: Audience) -> WideTable:
    """The rows of `wide` that are in `audience`."""
    return replace(wide, relation=wide.relation.filter(audience(wide)))


def score(
    fitted: FittedResponse,
    wide: WideTable,
    warehouse: Warehouse,
    progress: Progress,
    batch_rows: int = ROWS_A_BATCH,
) -> Scored:
    """Write the probabilities of the rows of `wide` to `scores.<model>`, partition as-of date ("all" for outside
    tables).

    Subscribers who took the model's offer before the as-of date have it already, were not learnt from, and are not
    scored. Columns: subscriber int32, probability float64. At most about `batch_rows` rows are in memory; the partition
    becomes visible at once and whole. Raises `VariablesMissing`, `NobodyToScore`.
    """
    wanted = fitted.estimator.variables_
    lacking = sorted(set(wanted) - {v.name for v in wide.variables})
    if lacking:
        raise VariablesMissing(model=fitted.name, names=", ".join(lacking))
    partition = wide.as_of.isoformat() if wide.as_of else OUTSIDE
    everybody, wide = wide, _without_holders(fitted, wide, warehouse)
    stretches = _stretches(warehouse, wide, batch_rows)
    with warehouse.change(f"scores.{fitted.name}") as change:
        file = change.new_file(partition)
        with pq.ParquetWriter(file, SCORES, compression="zstd") as out:
            for stretch in track(progress, Message("Scoring"), stretches, len(stretches)):
                out.write_table(_scored(fitted, wide, stretch, warehouse))
        change.set(partition, {file: made_by(fitted.card)})
        change.facts["rows_of"] = dict(change.facts.get("rows_of", {})) | {
            partition: rows_now(warehouse, wide.samples).facts()
        }
        rows = change.result().partitions[partition][0].rows
    count = warehouse.engine.fetch(everybody.relation.aggregate(n=everybody.relation.count()))
    return Scored(rows, int(count["n"][0].as_py()) - rows)


def scores(warehouse: Warehouse, name: str, as_of: date | None) -> ir.Table:
    """What `score` wrote for the model `name` as of a date (None: an outside table), as a relation."""
    partition = as_of.isoformat() if as_of else OUTSIDE
    return warehouse.read(f"scores.{name}", SCORES, lambda key: key == partition)


def made_by(card: ModelCard) -> str:
    """What scores carry of the model that made them: its name and version; of one that was never saved, that it has
    none.
    """
    return f"{card.name}/{UNSAVED if card.version is None else card.version}"


def scored_by(warehouse: Warehouse, model: str, as_of: date | None) -> str:
    """`made_by` of the version behind the scores of `model` as of a date (None: an outside table). Raises
    `NotScored`.
    """
    partition = as_of.isoformat() if as_of else OUTSIDE
    files = warehouse.manifest(f"scores.{model}").partitions.get(partition)
    if not files:
        raise NotScored(model=model, partition=partition)
    return files[0].origin


def require_scored_by_used(warehouse: Warehouse, folder: Path, model: str, as_of: date | None) -> None:
    """The scores of `model` as of a date are those of the version in use, if one was put to use on purpose.

    Raises `NotScored`, `ScoredByAnother`, `DamagedModelUse`.
    """
    used = version_in_use(folder, model)
    made = scored_by(warehouse, model, as_of) if used is not None else ""
    if used is None or made == f"{model}/{used}":
        return
    whose = f"--as-of {as_of}" if as_of else f"--samples {rows_scored(warehouse, model, as_of).samples}"
    raise ScoredByAnother(
        model=model,
        partition=as_of.isoformat() if as_of else OUTSIDE,
        made=made.removeprefix(f"{model}/"),
        used=used,
        whose=whose,
    )


def rows_now(warehouse: Warehouse, samples: str) -> OutsideRows:
    """The outside table `samples` as it is now; nothing for the operator's own."""
    return OutsideRows(samples, content_of(warehouse, samples)) if samples else UNKNOWN_ROWS


def rows_scored(warehouse: Warehouse, model: str, as_of: date | None) -> OutsideRows:
    """Whose rows the scores of `model` are."""
    partition = as_of.isoformat() if as_of else OUTSIDE
    return OutsideRows.of(warehouse.manifest(f"scores.{model}").facts.get("rows_of", {}).get(partition, {}))


def require_rows_of(warehouse: Warehouse, model: str, asked: str, made: OutsideRows) -> None:
    """Scores or groups `made` of some rows serve the outside table `asked`. Raises `ScoredAnotherTable`,
    `ScoredBeforeIngest`; what is not known is let pass.
    """
    if not asked or not made.samples:
        return
    if made.samples != asked:
        raise ScoredAnotherTable(model=model, scored=made.samples, asked=asked)
    now = content_of(warehouse, asked)
    if made.content and now and made.content != now:
        raise ScoredBeforeIngest(model=model, asked=asked)


def card_behind(folder: Path, database: Database, model: str, made: str) -> ModelCard:
    """The card of the version of `model` that scores or groups were `made` by, which
    need not be the newest. Raises `ModelGone`.
    """
    for row in registered(database):
        if row.name == model and made == f"{row.name}/{row.version}":
            return load_card(folder, database, row.name, row.version)
    raise ModelGone(model=made if made.startswith(f"{model}/") else model)


def card_of_scores(
    warehouse: Warehouse, folder: Path, database: Database, model: str, as_of: date | None
) -> ModelCard:
    """The card of the version that made the scores of `model` as of a date. Raises
    `NotScored`, `ModelGone`, `DamagedModel`.
    """
    return card_behind(folder, database, model, scored_by(warehouse, model, as_of))


def _stretches(warehouse: Warehouse, wide: WideTable, batch_rows: int) -> list[tuple[int, int]]:
    """Half-open ranges of the key with about `batch_rows` rows each where numbers are dense."""
    key = wide.relation[wide.key]
    size = warehouse.engine.fetch(wide.relation.aggregate(n=key.count(), low=key.min(), high=key.max()))
    n, low, high = (size[name][0].as_py() for name in ("n", "low", "high"))
    if not n:
        raise NobodyToScore
    parts = -(-n // batch_rows)
    edges = [low + (high + 1 - low) * k // parts for k in range(parts + 1)]
    return [(a, b) for a, b in pairwise(edges) if a < b]


def _scored(
    fitted: FittedResponse, wide: WideTable, stretch: tuple[int, int], warehouse: Warehouse
) -> pa.Table:
    relation, key = wide.relation, wide.relation[wide.key]
    mine = relation.filter((key >= stretch[0]) & (key < stretch[1]))
    chosen = mine.select(wide.key, *fitted.estimator.variables_)
    # An outside table may hold numbers beyond 32-bit floats, which DuckDB refuses to cast; `matrix` makes them
    # infinite.
    rows = warehouse.engine.fetch(narrow(chosen) if wide.as_of else chosen)
    probability = fitted.probabilities(rows)
    subscriber = rows.column(wide.key).cast(pa.int32())
    return pa.table([subscriber, pa.array(probability)], schema=SCORES).sort_by("subscriber")


def _without_holders(fitted: FittedResponse, wide: WideTable, warehouse: Warehouse) -> WideTable:
    offered = fitted.card.offered
    if offered is None or wide.as_of is None:
        return wide
    orders = warehouse.read("orders", ORDERS.schema)
    before = holders(orders, offered.offer, wide.as_of)
    return replace(
        wide, relation=wide.relation.anti_join(before, wide.relation[wide.key] == before.subscriber)
    )


def damaged_models(folder: Path, database: Database) -> list[Message]:
    """What is to be said of each registered model whose files are not those that were registered."""
    return damaged(folder, database)


def unregistered_models(folder: Path, database: Database) -> list[str]:
    """Models that lie in the folder and that the registry does not know, as name/version."""
    return unregistered(folder, database)
