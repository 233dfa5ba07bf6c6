"""What may be carried out: the contacts of the plan that was approved and launched, and no others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from telewave.approvals.approval import SHOWN_DIGITS
from telewave.approvals.usecases import launched_plan
from telewave.kernel import Conflict
from telewave.planning.usecases import fingerprint, planned_under
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse


class NoContactsInPlan(Conflict):
    """What is launched for the campaign {name} is the file {file}, which is no document of planned contacts. Submit the one that telewave plan make --document writes."""


class ContactsNotApproved(Conflict):
    """The contacts kept for {campaign} as of {as_of} (hash {kept}) are not those that were approved in version {version} ({approved}): they were planned or dated anew since. Have the new document approved and launched, or make the approved plan again from the same file and records."""


@dataclass(frozen=True, slots=True)
class ApprovedContacts:
    """The part of a plan's document that says which rows were approved."""

    campaign: str
    as_of: date | None
    rows_sha256: str


def approved_contacts(content: bytes) -> ApprovedContacts | None:
    """What the document of `telewave plan make` approves; None for any other file."""
    try:
        told: Any = json.loads(content)
        as_of = told["as_of"]
        return ApprovedContacts(
            str(told["campaign"]),
            None if as_of is None else date.fromisoformat(as_of),
            str(told["rows_sha256"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def hand_out(warehouse: Warehouse, database: Database, name: str) -> pa.Table:
    """The launched plan's contacts, columns as `planning.usecases.CONTACTS`, by day, channel and falling profit.

    Raises `NotRunning`, `NoContactsInPlan`, `ContactsNotApproved`, `NotPlanned`, `NotWhatWasApproved`, `NoSuchCampaign`.
    """
    version, content = launched_plan(database, name)
    approved = approved_contacts(content)
    if approved is None:
        raise NoContactsInPlan(name=name, file=version.file_name)
    rows = planned_under(warehouse, approved.campaign, approved.as_of)
    kept = fingerprint(rows)
    if kept != approved.rows_sha256:
        raise ContactsNotApproved(
            campaign=approved.campaign,
            as_of=approved.as_of,
            kept=kept[:SHOWN_DIGITS],
            version=version.number,
            approved=approved.rows_sha256[:SHOWN_DIGITS],
        )
    return rows
