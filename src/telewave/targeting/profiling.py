"""Who is in each group: one pass over the wide table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import ibis.expr.types as ir

from telewave.features.model import Variable, VariableKind, WideTable
from telewave.kernel import Money
from telewave.platform.warehouse import Warehouse
from telewave.targeting.bands import Bands
from telewave.targeting.case import Case, bands_of, spoken_of
from telewave.targeting.incremental import caused
from telewave.targeting.plan import Group, Plan
from telewave.targeting.profiles import BandShare, GroupProfile, Moments, Profiles

MOST_VARIABLES = 8


def profile_groups(
    warehouse: Warehouse,
    wide: WideTable,
    groups: ir.Table,
    plan: Plan,
    important: Sequence[str],
    case: Case | None = None,
) -> Profiles:
    """Profile the subscribers of `groups` (columns of `usecases.GROUPS`) by the wide table.

    `important` names the model's variables, greatest contribution first; numeric ones are shown after
    those that `case` speaks of, whose ages give the bands of age. Subscribers that the wide table lacks
    are counted, with their variables unknown.
    """
    variables = _shown(wide, important, spoken_of(case))
    banded = {name: bands for name, bands in bands_of(case).items() if name in {v.name for v in variables}}
    scored = groups.select(
        member=groups.subscriber, group=groups.group, p=groups.probability, v=groups.expected_value_minor
    )
    columns = wide.relation.select(wide.key, *(v.name for v in variables))
    joined = scored.left_join(columns, scored.member == columns[wide.key])
    rows = []
    for part in (joined.group_by("group"), joined):
        rows += warehouse.engine.fetch(
            part.aggregate(**_measures(joined, plan, variables, banded))
        ).to_pylist()
    found = {Group(row["group"]): row for row in rows[:-1]}
    empty = dict.fromkeys(rows[-1], None) | {"n": 0}
    profiles = {g: _profile(g, found.get(g, empty), plan, variables, banded) for g in Group}
    return Profiles(profiles, _everybody(profiles, rows[-1], variables, banded), variables)


def _shown(wide: WideTable, important: Sequence[str], spoken_of: Sequence[str]) -> tuple[Variable, ...]:
    known = {v.name: v for v in wide.variables if v.kind is VariableKind.NUMBER}
    first = [name for name in spoken_of if name in known]
    others = [name for name in important if name in known and name not in first]
    return tuple(known[name] for name in [*first, *others[: max(0, MOST_VARIABLES - len(first))]])


def _measures(t: ir.Table, plan: Plan, variables: Sequence[Variable], banded: Bands) -> dict[str, ir.Scalar]:
    factor = t.group.cases(*((g.value, plan.treatment(g).response_factor) for g in Group), else_=0.0)
    takers = (t.p * factor > 1).ifelse(1.0, t.p * factor)
    found: dict[str, Any] = {
        "n": t.count(), "p": t.p.mean(), "takers": takers.sum(),
        "caused": caused(takers, t.p * plan.alone).sum(), "value": t.v.sum(),
    }  # fmt: skip
    for i, variable in enumerate(variables):
        value = t[variable.name].cast("float64")
        # Not `greatest`, which takes the unknown for its other argument.
        logged = ((value < 0).ifelse(0.0, value) + 1).ln()
        found |= {f"n{i}": value.count(), f"median{i}": value.median()}
        found |= {f"mean{i}": logged.mean(), f"sd{i}": logged.std(how="pop")}
        for k, band in enumerate(banded.get(variable.name, ())):
            inside = (value >= band.low) & (value < band.high)
            found[f"band{i}_{k}"] = inside.cast("int64").sum()
    return found


def _profile(
    group: Group,
    row: Mapping[str, Any],
    plan: Plan,
    variables: Sequence[Variable],
    banded: Bands,
) -> GroupProfile:
    treatment = plan.treatment(group)
    return GroupProfile(
        group=group,
        n=row["n"],
        mean_probability=row["p"] or 0.0,
        expected_takers=row["takers"] or 0.0,
        caused=row["caused"] or 0.0,
        profit=Money(int(row["value"] or 0), plan.currency),
        cost=Money(row["n"] * treatment.cost.minor, plan.currency),
        bands=_bands(row, variables, banded),
        moments=_moments(row, variables),
    )


def _everybody(
    profiles: Mapping[Group, GroupProfile],
    row: Mapping[str, Any],
    variables: Sequence[Variable],
    banded: Bands,
) -> GroupProfile:
    parts = [profiles[g] for g in Group]
    currency = parts[0].cost.currency
    return GroupProfile(
        group=None,
        n=row["n"],
        mean_probability=row["p"] or 0.0,
        expected_takers=sum(part.expected_takers for part in parts),
        caused=sum(part.caused for part in parts),
        profit=Money(sum(part.profit.minor for part in parts), currency),
        cost=Money(sum(part.cost.minor for part in parts), currency),
        bands=_bands(row, variables, banded),
        moments=_moments(row, variables),
    )


def _bands(
    row: Mapping[str, Any], variables: Sequence[Variable], banded: Bands
) -> dict[str, tuple[BandShare, ...]]:
    found = {}
    for i, variable in enumerate(variables):
        if variable.name not in banded:
            continue
        known = row[f"n{i}"] or 0
        counts = [(band, int(row[f"band{i}_{k}"] or 0)) for k, band in enumerate(banded[variable.name])]
        shares = [BandShare(band, n, n / known if known else 0.0) for band, n in counts]
        unknown = row["n"] - known
        rest = (BandShare(None, unknown, unknown / row["n"]),) if unknown else ()
        found[variable.name] = (*shares, *rest)
    return found


def _moments(row: Mapping[str, Any], variables: Sequence[Variable]) -> dict[str, Moments]:
    return {
        v.name: Moments(
            int(row[f"n{i}"] or 0), _number(row[f"median{i}"]), row[f"mean{i}"] or 0.0, row[f"sd{i}"] or 0.0
        )
        for i, v in enumerate(variables)
    }


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
