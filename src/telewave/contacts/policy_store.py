"""The house's contact policy in the operations database: versions are added, never changed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from telewave.approvals.approval import digest_of
from telewave.audit.model import Action
from telewave.audit.store import write_down
from telewave.contacts.policy import Policy, policy_read, policy_text
from telewave.contacts.tables import contact_policies
from telewave.platform.database import Database


def policy_in_force(connection: sa.Connection) -> Policy:
    """The newest version; one without limits before any was set. Raises `PolicyBroken`."""
    table = contact_policies.c
    query = sa.select(table.version, table.content).order_by(table.version.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return Policy() if row is None else policy_read(row.version, row.content)


def set_policy(database: Database, policy: Policy, by: str, now: datetime) -> int:
    """Keep a new version; its number."""
    with database.writing() as connection:
        version = (
            int(connection.execute(sa.select(sa.func.max(contact_policies.c.version))).scalar() or 0) + 1
        )
        content = policy_text(policy)
        row = {"version": version, "at": now, "person": by, "content": content}
        connection.execute(sa.insert(contact_policies), row)
        facts: dict[str, str | int] = {"version": version, "content": digest_of(content.encode())}
        write_down(
            connection, at=now, person=by, action=Action.POLICY_SET, about="contact policy", facts=facts
        )
    return version
