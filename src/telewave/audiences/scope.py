"""What a rule may speak of: the variables of a wide table, the columns of a contract. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from telewave.features.catalogue import FEATURES
from telewave.features.model import Variable, VariableKind, WideTable
from telewave.kernel import Label
from telewave.records.contracts import CONTRACTS
from telewave.records.model import Contract, Kind

KIND_OF_COLUMN: dict[Kind, VariableKind] = {
    Kind.INTEGER: VariableKind.NUMBER,
    Kind.MONEY: VariableKind.NUMBER,
    Kind.NUMBER: VariableKind.NUMBER,
    Kind.TEXT: VariableKind.CATEGORY,
    Kind.CODE: VariableKind.CATEGORY,
    Kind.DATE: VariableKind.DATE,
    Kind.INSTANT: VariableKind.DATE,
    Kind.FLAG: VariableKind.FLAG,
}
"""Instants are compared by their day. Identifiers (subscriber, peer) are not compared."""


@dataclass(frozen=True, slots=True)
class Field:
    """One name that a rule may test. `codes`: all values it can have; empty: not known."""

    name: str
    label: Label
    kind: VariableKind
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The fields by name, and whether the table is dated, so that tags and events can be
    told; `samples`: which outside table it is.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    dated: bool = True
    samples: str = ""


def _codes() -> dict[str, tuple[str, ...]]:
    """Codes of the catalogue's features that are columns of their contract, or its columns with the contract's name
    before.
    """
    known: dict[str, tuple[str, ...]] = {}
    for feature in FEATURES:
        for column in CONTRACTS[feature.source].columns:
            singular = feature.source.removesuffix("s")
            if column.codes and feature.name in (column.name, f"{singular}_{column.name}"):
                known[feature.name] = column.codes
    return known


def scope_of_variables(variables: Iterable[Variable], dated: bool) -> Scope:
    """The scope of a wide table with these variables; codes are known of the operator's own tables, which are dated."""
    codes = _codes() if dated else {}
    return Scope({v.name: Field(v.name, v.label, v.kind, codes.get(v.name, ())) for v in variables}, dated)


def scope_of_wide(wide: WideTable) -> Scope:
    """The scope of an opened wide table."""
    return replace(scope_of_variables(wide.variables, wide.as_of is not None), samples=wide.samples)


def scope_of_contract(contract: Contract) -> Scope:
    """The scope inside an event."""
    columns = [c for c in contract.columns if c.kind in KIND_OF_COLUMN]
    return Scope({c.name: Field(c.name, c.label, KIND_OF_COLUMN[c.kind], c.codes) for c in columns})
