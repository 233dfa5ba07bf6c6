"""Campaigns in the operations database. Rows are added, never changed: two who add at once meet in the primary keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from telewave.approvals.approval import State
from telewave.approvals.model import Dossier, Entry, NoSuchVersion, Saved
from telewave.approvals.tables import campaign_steps, campaign_versions
from telewave.audit.model import Action
from telewave.audit.store import write_down
from telewave.kernel import Conflict
from telewave.planning.plans import enter_states
from telewave.platform.database import Database


class CampaignChangedMeanwhile(Conflict):
    """Somebody else changed the campaign {name} at the same moment, and your step was not taken. Look at it with
    `telewave campaign show {name}`, and decide again.
    """

    code = "campaign_changed_meanwhile"


def load(database: Database, name: str) -> Dossier:
    """The campaign with its history, as of one moment; an empty one for an unknown name."""
    entries = (
        sa.select(campaign_steps).where(campaign_steps.c.campaign == name).order_by(campaign_steps.c.sequence)
    )
    saved = (
        sa.select(*(campaign_versions.c[name] for name in ("number", "file_name", "digest", "kind")))
        .where(campaign_versions.c.campaign == name)
        .order_by(campaign_versions.c.number)
    )
    with database.transaction() as connection:
        # Steps first: a version added between the two statements has no step yet, and is left out.
        steps = tuple(_entry(row) for row in connection.execute(entries).mappings())
        known = {entry.number for entry in steps}
        versions = tuple(Saved(*row) for row in connection.execute(saved) if row.number in known)
    return Dossier(name, versions, steps)


def content(database: Database, name: str, number: int) -> bytes:
    """The bytes of one version. Raises `NoSuchVersion`."""
    query = sa.select(campaign_versions.c.content).where(
        campaign_versions.c.campaign == name, campaign_versions.c.number == number
    )
    with database.transaction() as connection:
        found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise NoSuchVersion(name=name, number=number)
    return bytes(found)


def add(database: Database, before: Dossier, after: Dossier, plan: bytes = b"") -> None:
    """Save what `after` has more than `before`, all or nothing; `plan`: the bytes of its new version, if it has one.

    Raises `CampaignChangedMeanwhile` if the history has grown since `before` was loaded.
    """
    versions = [
        {"campaign": after.name, "number": one.number, "file_name": one.file_name, "digest": one.digest,
         "content": plan, "kind": one.kind}
        for one in after.saved[len(before.saved) :]
    ]  # fmt: skip
    steps = [_step_row(after.name, entry) for entry in after.entries[len(before.entries) :]]
    try:
        with database.transaction() as connection:
            if versions:
                connection.execute(sa.insert(campaign_versions), versions)
            if steps:
                connection.execute(sa.insert(campaign_steps), steps)
            # In the same transaction: what is approved or runs here is so wherever plans are looked at.
            enter_states(connection, {str(row["digest"]): str(row["to_state"]) for row in steps})
            for entry in after.entries[len(before.entries) :]:
                _audited(connection, after.name, entry)
    except sa.exc.IntegrityError as cause:
        raise CampaignChangedMeanwhile(name=after.name) from cause


def _audited(connection: sa.Connection, name: str, entry: Entry) -> None:
    write_down(
        connection,
        at=entry.at,
        person=entry.person,
        action=Action(f"plan:{entry.to_state.value}"),
        about=name,
        facts={"step": entry.sequence, "version": entry.number, "hash": entry.digest, "note": entry.note},
    )


def names(database: Database) -> tuple[str, ...]:
    """All campaigns, by name."""
    query = sa.select(campaign_versions.c.campaign).distinct().order_by(campaign_versions.c.campaign)
    with database.transaction() as connection:
        return tuple(connection.execute(query).scalars())


def _step_row(name: str, entry: Entry) -> dict[str, object]:
    return {
        "campaign": name,
        "sequence": entry.sequence,
        "number": entry.number,
        "at": entry.at,
        "person": entry.person,
        "from_state": None if entry.from_state is None else entry.from_state.value,
        "to_state": entry.to_state.value,
        "digest": entry.digest,
        "note": entry.note,
        "replaced_by": entry.replaced_by,
    }


def _entry(kept: Mapping[Any, Any]) -> Entry:
    before = kept["from_state"]
    return Entry(
        sequence=kept["sequence"],
        number=kept["number"],
        at=kept["at"],
        person=kept["person"],
        from_state=None if before is None else State(before),
        to_state=State(kept["to_state"]),
        digest=kept["digest"],
        note=kept["note"],
        replaced_by=kept["replaced_by"],
    )


def steps_and_versions(database: Database, kind: str) -> tuple[set[str], set[str], set[str]]:
    """Hashes that a step names, hashes of the versions of `kind`, and campaigns
    whose versions are left without any step.
    """
    steps, versions = campaign_steps.c, campaign_versions.c
    with database.transaction() as connection:
        taken = set(connection.execute(sa.select(steps.digest).distinct()).scalars())
        saved = set(connection.execute(sa.select(versions.digest).where(versions.kind == kind)).scalars())
        without = sa.select(versions.campaign).where(versions.campaign.not_in(sa.select(steps.campaign)))
        return taken, saved, set(connection.execute(without).scalars())
