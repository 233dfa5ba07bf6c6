"""How near the model's ranking comes to the simulator's own truth. Simulated data, judged by the hidden truth.

AUC is expected AUC: every subscriber counts as a taker with his true probability and as none with the rest, so that the luck of
the draw does not blur the comparison.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from bench.measuring import kept
from telewave.bootstrap import open_home
from telewave.features.model import WideTable
from telewave.features.usecases import build_wide, open_wide
from telewave.kernel.periods import add_months
from telewave.models.model import ModelCard
from telewave.models.target import Target
from telewave.models.training import train
from telewave.models.training_tables import training_table
from telewave.models.usecases import score, scores
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.warehouse import Warehouse
from telewave.records.usecases import ingest_folder
from telewave.simulation.city import simulate
from telewave.simulation.facts import OFFER
from telewave.simulation.plan import CityPlan
from telewave.simulation.response import CAUSES as TRUE_CAUSES
from telewave.simulation.truth import Truth

Floats = NDArray[np.float64]
CASE = (*(cause.name for name, cause in TRUE_CAUSES.items() if name != "broadband"), "age")
"""The reference case's eight variables, each a measure (a feature without its window)."""
CAUSES_BESIDE = frozenset({
    "broadband_mb", "has_mobile", "has_broadband", "payment", "segment", "device_age_months",
})  # fmt: skip
"""What else the simulator lets decide: broadband volume, the cell of the base that sets the level, the age of the device (occasions)."""
SHOW_CAUSES = frozenset({
    "calls_out", "call_min", "calling_home_min", "calls_inter_provincial", "calling_share", "call_length", "counterparties",
    "calls_per_counterparty", "mms", "data_sessions", "active_days", "days_since_use", "broadband_min", "products_held",
})  # fmt: skip
"""No causes themselves, but counts of the very records or holdings that a cause is measured by: a model may read the cause there."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Expected AUC of the model, and of the truth's observable part, on a month the model has not seen."""

    rows: int
    takers_learnt_from: int
    model: float
    observable: float
    whole: float
    card: ModelCard


def judge(plan: CityPlan, folder: Path) -> Judged:
    """Simulate, ingest, learn from all months but the last, rank the mobile subscribers in the last, compare with the truth."""
    simulate(plan, folder / "city", Silent())
    with open_home(load_settings({"TELEWAVE_HOME": str(folder / "home")})) as home:
        warehouse = home.warehouse
        ingest_folder(warehouse, home.database, folder / "city", Silent(), plan.end)
        dates = [add_months(plan.launch, k) for k in range(plan.months_after)]
        for as_of in dates:
            build_wide(warehouse, as_of, Silent())
        return _judged(warehouse, Truth(folder / "city"), dates)


def _judged(warehouse: Warehouse, truth: Truth, dates: Sequence[date]) -> Judged:
    table = training_table(warehouse, Target(OFFER, 28), dates[:-1], open_wide, Silent(), audience=mobile)
    fitted = train(table, name="judged", seed=1, now=datetime.now(UTC))
    wide = open_wide(warehouse, dates[-1])
    score(
        fitted,
        WideTable(
            relation=wide.relation.filter(mobile(wide)),
            key=wide.key,
            variables=wide.variables,
            as_of=wide.as_of,
        ),
        warehouse,
        Silent(),
    )
    ranked = warehouse.engine.fetch(scores(warehouse, "judged", dates[-1]).order_by("subscriber"))
    month = truth.month(dates[-1])
    known = {name: np.asarray(month.column(name).to_numpy()) for name in month.column_names}
    rows = np.asarray(ranked.column("subscriber").to_numpy())
    inside = rows < len(known["subscriber"])  # newcomers have taken it already
    rows, p = rows[inside], known["probability"][rows[inside]]
    probability = np.asarray(ranked.column("probability").to_numpy())[inside]
    return Judged(
        len(rows),
        table.takers,
        expected_auc(probability, p),
        expected_auc(known["observable"][rows], p),
        expected_auc(p, p),
        fitted.card,
    )


def mobile(wide: WideTable) -> ir.BooleanValue:
    """Who holds a mobile product."""
    held: ir.BooleanValue = wide.relation.has_mobile
    return held


def expected_auc(ranking: Floats, probability: Floats) -> float:
    """Chance that a random taker ranks above a random other, when subscriber i takes with probability[i]. Ties count half."""
    order = np.argsort(ranking, kind="stable")
    values, p = ranking[order], probability[order]
    edges = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    yes, no = np.add.reduceat(p, edges), np.add.reduceat(1 - p, edges)
    below = np.cumsum(no) - no
    return float((yes * (below + no / 2)).sum() / (yes.sum() * no.sum()))


def shares(card: ModelCard) -> dict[str, float]:
    """Contribution of each measure, its windows added up."""
    found: dict[str, float] = {}
    for part in card.contributions:
        measure = stem(part.variable.name)
        found[measure] = found.get(measure, 0.0) + part.share
    return found


def stem(name: str) -> str:
    """The measure that a feature is of: its name without the window."""
    return re.sub(r"(_1m|_3m|_change)$", "", name)


def causes_and_others(card: ModelCard) -> tuple[dict[str, float], dict[str, float]]:
    """Contribution of each of the case's eight variables, and of every measure that neither is a cause nor counts what one is measured by.

    Both are single measures with their windows added up, so that they compare like for like.
    """
    each = shares(card)
    no_causes = each.keys() - set(CASE) - CAUSES_BESIDE - SHOW_CAUSES
    return {name: each.get(name, 0.0) for name in CASE}, {name: each[name] for name in sorted(no_causes)}


def exceeding(causes: Mapping[str, float], others: Mapping[str, float]) -> dict[str, list[str]]:
    """For each cause the measures that are no cause and contribute as much or more; causes above all of these are left out."""
    above = {cause: [o for o, theirs in others.items() if theirs >= mine] for cause, mine in causes.items()}
    return {cause: found for cause, found in above.items() if found}


def main() -> bool:
    """Print the comparison for a city of 80 000, or of as many as the first argument says; whether the bars are kept."""
    with tempfile.TemporaryDirectory() as folder:
        size = int(sys.argv[1]) if len(sys.argv) > 1 else 80_000
        plan = CityPlan(subscribers=size, take_up=10, records_per_day=8)
        found = judge(plan, Path(folder))
    print(
        f"ranking against the simulated truth, {plan.subscribers:,} subscribers, {found.takers_learnt_from} takers learnt from:"
    )
    print(
        f"  expected AUC of the model {found.model:.4f}, of the truth's observable part {found.observable:.4f}, of the whole truth {found.whole:.4f}"
    )
    causes, others = causes_and_others(found.card)
    print(f"  contributions of the case's eight variables: {_listed(causes, len(causes))}")
    print(f"  of {len(others)} measures that are no cause, the first five: {_listed(others, 5)}")
    above = exceeding(causes, others)
    for cause, names in above.items():
        print(f"  {cause} is not above {', '.join(names)}")
    verdicts = (
        kept("AUC behind the observable part", found.observable - found.model, 0.02),
        kept("causes not above every no-cause", len(above), 0),
    )
    return all(verdicts)


def _listed(contributions: Mapping[str, float], count: int) -> str:
    first = sorted(contributions.items(), key=lambda pair: -pair[1])[:count]
    return ", ".join(f"{name} {share:.3f}" for name, share in first)


if __name__ == "__main__":
    sys.exit(not main())
