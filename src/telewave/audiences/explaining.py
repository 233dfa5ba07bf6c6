"""Why one subscriber is in an audience or out of it: read what is on record of him, judge the rule part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from telewave.audiences.checks import check
from telewave.audiences.compile import TAGS
from telewave.audiences.matching import Judgement, Person, judgement
from telewave.audiences.rule import Event, Rule, walk
from telewave.audiences.scope import scope_of_wide
from telewave.audiences.usecases import Audience, Behind, require_table, rule_of
from telewave.features.model import WideTable
from telewave.features.states import state_as_of
from telewave.features.summary import one_row
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS


def explain(
    warehouse: Warehouse, database: Database, audience: Audience, wide: WideTable, subscriber: int
) -> Judgement:
    """The rule judged on one subscriber, as of the wide table's date.

    Raises `NoSuchSubscriber`, `NoSuchAudience`, `OfAnotherTable`, and what `checks.check` raises.
    """
    rule = rule_of(audience)
    behind = Behind.of(database, rule)
    rules = (rule, *behind.rules.values())
    for part in rules:
        check(part, scope_of_wide(wide))
    require_table(behind.versions, wide.samples)
    person = Person(one_row(wide, warehouse.engine, subscriber))
    if wide.as_of is not None:
        tags = _tags_held(warehouse, wide.as_of, subscriber)
        person = Person(person.values, tags, _events(warehouse, rules, wide.as_of, subscriber))
    return judgement(rule, person, wide.as_of, behind.rules)


def _tags_held(warehouse: Warehouse, as_of: date, subscriber: int) -> frozenset[str]:
    """The tags whose last record before `as_of` says that they are held."""
    tags = state_as_of(warehouse, TAGS, as_of)
    own = warehouse.engine.fetch(tags.filter((tags.subscriber == subscriber) & tags.held))
    return frozenset(str(tag) for tag in own["tag"].to_pylist())


def _events(
    warehouse: Warehouse, rules: Iterable[Rule], as_of: date, subscriber: int
) -> dict[str, list[tuple[date, Mapping[str, Any]]]]:
    """The records that any of the rules asks for, each with its day."""
    days: dict[str, int] = {}
    for node in (node for rule in rules for node in walk(rule)):
        if isinstance(node, Event):
            days[node.table] = max(node.within_days, days.get(node.table, 0))
    return {
        table: list(_dated(table, _own(warehouse, table, as_of - timedelta(most), as_of, subscriber)))
        for table, most in days.items()
    }


def _dated(table: str, rows: pa.Table) -> Iterator[tuple[date, Mapping[str, Any]]]:
    dated_by = CONTRACTS[table].dated_by
    for row in rows.to_pylist():
        yield date.fromisoformat(row[dated_by].isoformat()[:10]), row


def _own(warehouse: Warehouse, table: str, first: date, end: date, subscriber: int) -> pa.Table:
    rows = warehouse.read(
        table, CONTRACTS[table].schema, lambda day: first.isoformat() <= day < end.isoformat()
    )
    return warehouse.engine.fetch(rows.filter(rows.subscriber == subscriber))
