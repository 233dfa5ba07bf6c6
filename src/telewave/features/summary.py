"""A wide table at a glance: of each feature, how many values are known, their mean and quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from telewave.features.model import Variable, VariableKind, WideTable
from telewave.kernel import Missing
from telewave.platform.engine import Engine

LEVELS = (0.1, 0.5, 0.9)


class NoSuchSubscriber(Missing):
    """Subscriber {subscriber} is not in the wide table as of {as_of}. Its numbers go from {low} to {high}."""

    code = "no_such_subscriber"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSummary:
    """`known`: share of rows with a value, None without rows. `mean` and `quantiles` (at `LEVELS`) of numbers that are
    known; the mean of a flag is the share of yes. `values`: number of different ones, of categories.
    """

    variable: Variable
    known: float | None
    mean: float | None
    quantiles: tuple[float, ...] | None
    values: int | None


def summarise(wide: WideTable, engine: Engine) -> tuple[int, tuple[VariableSummary, ...]]:
    """Rows of the table, and a summary a variable, in the table's order."""
    table = wide.relation
    wanted: dict[str, ir.Value] = {"rows": table.count()}
    for variable in wide.variables:
        wanted |= {f"{variable.name}.{k}": v for k, v in _aggregates(table[variable.name], variable).items()}
    row = engine.fetch(table.aggregate(**wanted)).to_pylist()[0]
    return row["rows"], tuple(_summary(variable, row) for variable in wide.variables)


def one_row(wide: WideTable, engine: Engine, subscriber: int) -> Mapping[str, object]:
    """A subscriber's row. Raises `NoSuchSubscriber`."""
    table = wide.relation
    rows = engine.fetch(table.filter(table[wide.key] == subscriber)).to_pylist()
    if not rows:
        key = table[wide.key]
        ends = engine.fetch(table.aggregate(low=key.min(), high=key.max())).to_pylist()[0]
        raise NoSuchSubscriber(subscriber=subscriber, as_of=wide.as_of, **ends)
    return rows[0]


def _aggregates(column: ir.Value, variable: Variable) -> dict[str, ir.Value]:
    found: dict[str, ir.Value] = {"known": column.count()}
    match variable.kind:
        case VariableKind.NUMBER:
            found["mean"] = column.mean()
            found |= {f"q{level}": column.quantile(level) for level in LEVELS}
        case VariableKind.FLAG:
            found["mean"] = column.ifelse(ibis.literal(1.0), ibis.literal(0.0)).mean(where=column.notnull())
        case VariableKind.CATEGORY | VariableKind.DATE:
            found["values"] = column.nunique()
    return found


def _summary(variable: Variable, row: Mapping[str, object]) -> VariableSummary:
    def found(name: str) -> float | None:
        value = row.get(f"{variable.name}.{name}")
        return None if value is None else float(value)  # type: ignore[arg-type]

    rows, levels = row["rows"], [found(f"q{level}") for level in LEVELS]
    known = found("known") or 0.0
    values = found("values")
    return VariableSummary(
        variable=variable,
        known=known / rows if isinstance(rows, int) and rows else None,
        mean=found("mean"),
        quantiles=tuple(level for level in levels if level is not None) if None not in levels else None,
        values=None if values is None else int(values),
    )
