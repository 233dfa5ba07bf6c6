"""Define, count, freeze and list audiences; the predicate by which everything above restricts a wide table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias

import ibis.expr.types as ir
import pyarrow as pa

from telewave.audiences.checks import check, near
from telewave.audiences.compile import Ground, condition
from telewave.audiences.definitions import Definitions, gathered
from telewave.audiences.model import Snapshot, Version
from telewave.audiences.reading import to_json
from telewave.audiences.rule import InAudience, Rule, variables
from telewave.audiences.scope import Scope, scope_of_variables, scope_of_wide
from telewave.audiences.store import add_snapshot, add_version, newest, snapshot_of, snapshots, versions
from telewave.features.catalogue import VARIABLES
from telewave.features.model import WideTable
from telewave.features.states import state_as_of
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.kernel.history import not_before
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS

MEMBERS = pa.schema([("subscriber", pa.int32())])
Audience: TypeAlias = str | Rule
"""A saved audience by its name (newest version), or a rule; `InAudience(name, version)` is a certain version."""
_NAME = re.compile(r"[\w-]+")
MOST_BYTES = 200


class NoSuchAudience(Missing):
    """There is no audience {name}. {near} `telewave audience list` shows all."""

    code = "no_such_audience"


class UnusableAudienceName(Malformed):
    """An audience cannot be called {name!r}. Use letters, digits, '-' and '_' only, at most 60 of them."""

    code = "unusable_audience_name"


class OfAnotherTable(Conflict):
    """The audience {name} speaks of {its}, not of {asked}. Use it there, or define one of another name."""

    code = "of_another_table"


class UndatedSnapshot(Conflict):
    """A membership is frozen as of a date, and the outside table has none. Freeze the
    audience on a wide table of the operator's.
    """

    code = "undated_snapshot"


class AlreadyFrozen(Conflict):
    """The audience {name} was frozen as of {as_of} before (version {version}, {members} members), and a frozen
    membership does not change. Choose another date, or define the rule under another name.
    """

    code = "already_frozen"


class NotFrozen(Missing):
    """The audience {name} has not been frozen as of {as_of}. Run: telewave audience snapshot {name} --as-of {as_of}"""

    code = "not_frozen"


@dataclass(frozen=True, slots=True)
class Defined:
    """What `define` came to: the newest version, and whether it was saved now."""

    version: Version
    changed: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One audience: its newest version and the snapshots taken of any."""

    newest: Version
    snapshots: tuple[Snapshot, ...]


def is_name(text: str) -> bool:
    """Whether `text` can name an audience; no rule can be mistaken for a name.

    >>> is_name("young-city"), is_name("age > 3")
    (True, False)
    """
    return _NAME.fullmatch(text) is not None and len(text) <= 60 and len(text.encode()) <= MOST_BYTES


def define(database: Database, name: str, rule: Rule, now: datetime, scope: Scope | None = None) -> Defined:
    """Save `rule` as the newest version of `name`, unless that says the same already.

    `scope`: what the rule may speak of; the operator's wide table if not given. An audience and those that it
    refers to speak of one table in all their versions. Raises what `checks.check` raises,
    `UnusableAudienceName`, `OfAnotherTable`, `NoSuchAudience` for a reference to nothing,
    `CircleOfAudiences`, `DefinedMeanwhile`, `ClockBehind`.
    """
    if not is_name(name):
        raise UnusableAudienceName(name=name)
    known = versions(database, name)
    own = scope or scope_of_variables(VARIABLES, dated=True)
    coming = Version(
        name=name,
        version=known[-1].version + 1 if known else 1,
        created_at=now,
        rule=rule,
        samples=own.samples,
    )
    named = list(known[-1:])

    def find(reference: InAudience) -> Version:
        if reference.name == name and reference.version in (None, coming.version):
            return coming
        named.append(find_version(database, reference.name, reference.version))
        return named[-1]

    for part in (rule, *gathered(InAudience(name), find).values()):
        check(part, own)
    require_table(named, own.samples)
    if known and _canonical(known[-1].rule) == _canonical(rule):
        return Defined(known[-1], changed=False)
    at = not_before(known[-1].created_at if known else None, now, Message("the audience {name}", name=name))
    return Defined(add_version(database, name, rule, coming.version - 1, at, own.samples), changed=True)


def require_table(named: Iterable[Version], samples: str) -> None:
    """Raises `OfAnotherTable` if a version speaks of another table than this one."""
    for version in named:
        if version.samples != samples:
            raise OfAnotherTable(name=version.name, its=_table(version.samples), asked=_table(samples))


def _table(samples: str) -> Message:
    return Message("the outside table {name}", name=samples) if samples else Message("the wide table")


def find_version(database: Database, name: str, version: int | None = None) -> Version:
    """The newest (or the given) version of `name`. Raises `NoSuchAudience`."""
    found = [v for v in versions(database, name) if version in (None, v.version)]
    if not found:
        asked = name if version is None else f"{name} version {version}"
        raise NoSuchAudience(name=asked, near=near(name, [v.name for v in newest(database)]))
    return found[-1]


def predicate(
    warehouse: Warehouse, database: Database, audience: Audience, as_of: date | None = None
) -> Callable[[WideTable], ir.BooleanValue]:
    """The audience as a boolean over any wide table: true of members, false of all others.

    Tags and events are told as of the table's own date; `as_of` serves tables that have none. References are looked up
    now, so that all tables are asked the same. Applying it raises what `checks.check` raises.
    """
    rule = rule_of(audience)
    holds = _condition(warehouse, rule, Behind.of(database, rule), as_of)

    def applied(wide: WideTable) -> ir.BooleanValue:
        member: ir.BooleanValue = holds(wide).fill_null(False)
        return member

    return applied


def rule_of(audience: Audience) -> Rule:
    """The audience as a rule."""
    return InAudience(audience) if isinstance(audience, str) else audience


@dataclass(frozen=True, slots=True)
class Behind:
    """The rules behind the references of a rule, and the versions that they are of."""

    rules: Definitions
    versions: tuple[Version, ...]

    @classmethod
    def of(cls, database: Database, rule: Rule) -> Behind:
        """Looked up now. Raises `NoSuchAudience`."""
        named: list[Version] = []

        def find(reference: InAudience) -> Version:
            named.append(find_version(database, reference.name, reference.version))
            return named[-1]

        return cls(gathered(rule, find), tuple(named))


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The records of a warehouse, as `compile.Records`."""

    warehouse: Warehouse

    def within(self, table: str, first: date, end: date) -> ir.Table:
        schema, start, stop = CONTRACTS[table].schema, first.isoformat(), end.isoformat()
        return self.warehouse.read(table, schema, lambda day: start <= day < stop)

    def last(self, table: str, as_of: date) -> ir.Table:
        return state_as_of(self.warehouse, table, as_of)


def _condition(
    warehouse: Warehouse, rule: Rule, behind: Behind, as_of: date | None
) -> Callable[[WideTable], ir.BooleanValue]:
    """As `predicate`, but null where the rule is unknown: for filters, which run faster so."""

    def applied(wide: WideTable) -> ir.BooleanValue:
        day = wide.as_of or as_of
        scope = Scope(scope_of_wide(wide).fields, dated=day is not None)
        for part in (rule, *behind.rules.values()):
            check(part, scope)
        require_table(behind.versions, wide.samples)
        ground = Ground(
            relation=wide.relation,
            key=wide.key,
            as_of=day,
            records=_Recorded(warehouse),
            definitions=behind.rules,
        )
        return condition(rule, ground)

    return applied


def count(warehouse: Warehouse, database: Database, audience: Audience, wide: WideTable) -> int:
    """How many rows of `wide` are in the audience.

    Only the columns in question are spoken of, which halves the time that composing the statement takes.
    """
    rule = rule_of(audience)
    behind = Behind.of(database, rule)
    asked = {name for part in (rule, *behind.rules.values()) for name in variables(part)}
    relation = wide.relation.select(wide.key, *(v.name for v in wide.variables if v.name in asked))
    narrow = replace(wide, relation=relation)
    chosen = relation.filter(_condition(warehouse, rule, behind, None)(narrow))
    return int(warehouse.engine.fetch(chosen.aggregate(members=chosen.count()))["members"][0].as_py())


def snapshot(
    warehouse: Warehouse,
    database: Database,
    name: str,
    wide: WideTable,
    now: datetime,
    version: int | None = None,
) -> Snapshot:
    """Freeze who is in the audience as of the wide table's date, at once and whole, with the rules that made it.

    Raises `NoSuchAudience`, `UndatedSnapshot`, `AlreadyFrozen`, `ClockBehind`,
    `HeldByAnother`, and what `checks.check` raises.
    """
    if wide.as_of is None:
        raise UndatedSnapshot
    found = find_version(database, name, version)
    behind = Behind.of(database, found.rule)
    require_table((found,), wide.samples)
    member = _condition(warehouse, found.rule, behind, None)(wide)
    people = wide.relation.filter(member).select(subscriber=wide.key).order_by("subscriber")
    at = not_before(found.created_at, now, Message("the audience {name}", name=name))
    with warehouse.turn(_table_of(name)):  # nobody else decides or writes between
        with database.transaction() as connection:
            before = snapshot_of(connection, name, wide.as_of)
        if before is not None:
            raise _already(before)
        rows = _freeze(warehouse, found, behind.rules, wide.as_of, people)
        taken = Snapshot(name=name, version=found.version, as_of=wide.as_of, taken_at=at, members=rows)
        with (
            database.transaction() as connection
        ):  # until it is noted nobody sees the members, and the next attempt replaces them
            add_snapshot(connection, taken)
    return taken


def members(warehouse: Warehouse, database: Database, name: str, as_of: date) -> ir.Table:
    """The subscribers frozen as of a date, as a relation with the column `subscriber`. Raises `NotFrozen`."""
    with database.transaction() as connection:
        if snapshot_of(connection, name, as_of) is None:
            raise NotFrozen(name=name, as_of=as_of.isoformat())
    return warehouse.read(_table_of(name), MEMBERS, lambda key: key == as_of.isoformat())


def audiences(database: Database) -> tuple[Listed, ...]:
    """All audiences by name."""
    taken = snapshots(database)
    return tuple(
        Listed(version, tuple(s for s in taken if s.name == version.name)) for version in newest(database)
    )


def _freeze(
    warehouse: Warehouse, version: Version, behind: Definitions, as_of: date, people: ir.Table
) -> int:
    """Write the members; the table's facts keep the rules of the day, since a
    reference may mean a newer version tomorrow.
    """
    key = as_of.isoformat()
    made_by = {
        "version": version.version,
        "rule": to_json(version.rule),
        "behind": [to_json(reference) | {"rule": to_json(rule)} for reference, rule in behind.items()],
    }
    with warehouse.change(_table_of(version.name)) as change:
        file = change.new_file(key)
        rows = warehouse.engine.write(people, file)
        change.set(key, {file: f"version {version.version}"})
        change.facts["made_by"] = dict(change.facts.get("made_by", {})) | {key: made_by}
    return rows


def _table_of(name: str) -> str:
    return f"audience.{name}"


def _already(before: Snapshot) -> AlreadyFrozen:
    return AlreadyFrozen(
        name=before.name, as_of=before.as_of.isoformat(), version=before.version, members=before.members
    )


def _canonical(rule: Rule) -> str:
    return json.dumps(to_json(rule), sort_keys=True, ensure_ascii=False)


def forgotten_audiences(warehouse: Warehouse, database: Database) -> tuple[str, ...]:
    """Audiences with members frozen in one store and not known in the other, by
    name. Raises `ManifestSpoilt`, `ManifestLost`.
    """
    noted = {(taken.name, taken.as_of.isoformat()) for taken in snapshots(database)}
    names = {
        table.removeprefix(_table_of("")) for table in warehouse.tables() if table.startswith(_table_of(""))
    }
    frozen = {(name, day) for name in names for day in warehouse.manifest(_table_of(name)).partitions}
    defined = {version.name for version in newest(database)}
    return tuple(
        sorted({name for name, _ in noted ^ frozen} | {name for name, _ in noted if name not in defined})
    )
