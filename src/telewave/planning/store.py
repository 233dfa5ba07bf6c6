"""Plans in the operations database. A plan is added once and never changed; only its state is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from telewave.planning.model import Plan
from telewave.planning.tables import plans, plans_begun
from telewave.platform.database import Database


def begin(database: Database, digest: str) -> None:
    """Note that rows of a plan with this hash are about to be written."""
    with database.transaction() as connection:
        if digest not in _begun(connection):
            connection.execute(sa.insert(plans_begun), {"hash": digest})


def begun(database: Database) -> frozenset[str]:
    """Hashes of plans that were begun and are not kept: being written now, or broken off."""
    with database.transaction() as connection:
        return _begun(connection)


def _begun(connection: sa.Connection) -> frozenset[str]:
    return frozenset(connection.execute(sa.select(plans_begun.c.hash)).scalars())


def add(database: Database, plan: Plan) -> None:
    """Add the plan unless its hash is there already; it is begun no longer."""
    row = {name: getattr(plan, name) for name in Plan.__slots__}
    with database.transaction() as connection:
        known = connection.execute(sa.select(plans.c.hash).where(plans.c.hash == plan.hash)).scalar()
        if known is None:
            connection.execute(sa.insert(plans), row)
        connection.execute(sa.delete(plans_begun).where(plans_begun.c.hash == plan.hash))


def plans_of(database: Database, campaign: str | None) -> tuple[Plan, ...]:
    """All plans of a campaign (None: of all), the one that was made last first."""
    return _found(database, sa.true() if campaign is None else plans.c.campaign == campaign)


def plans_in(database: Database, states: Collection[str]) -> tuple[Plan, ...]:
    """All plans in one of `states`, of all campaigns, the one that was made last first."""
    return _found(database, plans.c.state.in_(states))


def hashes_in(connection: sa.Connection, states: Collection[str]) -> list[str]:
    """The hashes of all plans in one of `states`, in order."""
    query = sa.select(plans.c.hash).where(plans.c.state.in_(states)).order_by(plans.c.hash)
    return list(connection.execute(query).scalars())


def beginning_with(database: Database, start: str) -> tuple[Plan, ...]:
    """Plans whose hash begins with `start`."""
    return _found(database, plans.c.hash.startswith(start, autoescape=True))


def set_states(connection: sa.Connection, states: Mapping[str, str]) -> None:
    """Give the plans with these hashes these states; a hash that is no plan's is passed over."""
    for digest, state in states.items():
        connection.execute(sa.update(plans).where(plans.c.hash == digest).values(state=state))


def state_of(connection: sa.Connection, digest: str) -> str | None:
    """The state of the plan with this hash, held until the transaction ends; None for a hash that is no plan's."""
    query = sa.select(plans.c.state).where(plans.c.hash == digest).with_for_update(read=True)
    found: str | None = connection.execute(query).scalar()
    return found


def _found(database: Database, condition: sa.ColumnElement[bool]) -> tuple[Plan, ...]:
    columns = [plans.c[name] for name in Plan.__slots__]
    query = sa.select(*columns).where(condition).order_by(plans.c.sequence.desc())
    with database.transaction() as connection:
        return tuple(_plan(row) for row in connection.execute(query).mappings())


def _plan(row: Mapping[Any, Any]) -> Plan:
    values = dict(row)
    values["document"] = bytes(values["document"])
    return Plan(**values)
