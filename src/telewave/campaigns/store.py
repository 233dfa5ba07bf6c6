"""Campaigns in the operations database. Rows are added, never changed: two who add at once meet in the primary keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, assert_never

import sqlalchemy as sa

from telewave.campaigns.action_plan import Approved, Done, InWork, NotBegun, Progress
from telewave.campaigns.approval import State
from telewave.campaigns.model import Campaign, Entry, NoSuchVersion, Saved
from telewave.campaigns.reports import Committed, Counted, News, Paid, Progressed, Report
from telewave.campaigns.tables import campaign_reports, campaign_steps, campaign_versions
from telewave.kernel import Conflict, Money
from telewave.platform.database import Database


class CampaignChangedMeanwhile(Conflict):
    """Somebody else took a step with the campaign {name} at the same moment, and yours was not taken. Look at it with `telewave campaign show {name}`, and decide again."""


def load(database: Database, name: str) -> Campaign:
    """The campaign with its history, as of one moment; an empty one for an unknown name."""
    entries = (
        sa.select(campaign_steps).where(campaign_steps.c.campaign == name).order_by(campaign_steps.c.sequence)
    )
    saved = (
        sa.select(campaign_versions.c.number, campaign_versions.c.file_name, campaign_versions.c.digest)
        .where(campaign_versions.c.campaign == name)
        .order_by(campaign_versions.c.number)
    )
    with database.transaction() as connection:
        # Steps first: a version added between the two statements has no step yet, and is left out.
        steps = tuple(_entry(row) for row in connection.execute(entries).mappings())
        known = {entry.number for entry in steps}
        versions = tuple(Saved(*row) for row in connection.execute(saved) if row.number in known)
    return Campaign(name, versions, steps)


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


def add(database: Database, before: Campaign, after: Campaign, plan: bytes = b"") -> None:
    """Save what `after` has more than `before`, all or nothing; `plan`: the bytes of its new version, if it has one.

    Raises `CampaignChangedMeanwhile` if the history has grown since `before` was loaded.
    """
    versions = [
        {"campaign": after.name, "number": one.number, "file_name": one.file_name, "digest": one.digest, "content": plan}
        for one in after.saved[len(before.saved) :]
    ]  # fmt: skip
    steps = [_step_row(after.name, entry) for entry in after.entries[len(before.entries) :]]
    try:
        with database.transaction() as connection:
            if versions:
                connection.execute(sa.insert(campaign_versions), versions)
            if steps:
                connection.execute(sa.insert(campaign_steps), steps)
    except sa.exc.IntegrityError as cause:
        raise CampaignChangedMeanwhile(name=after.name) from cause


def names(database: Database) -> tuple[str, ...]:
    """All campaigns, by name."""
    query = sa.select(campaign_versions.c.campaign).distinct().order_by(campaign_versions.c.campaign)
    with database.transaction() as connection:
        return tuple(connection.execute(query).scalars())


def reports(database: Database, campaign: str) -> tuple[Report, ...]:
    """All reports of a campaign, oldest first."""
    query = (
        sa.select(campaign_reports)
        .where(campaign_reports.c.campaign == campaign)
        .order_by(campaign_reports.c.sequence)
    )
    with database.transaction() as connection:
        rows = connection.execute(query).mappings().all()
    return tuple(
        Report(row["at"], row["person"], _news(row["kind"], row["key"], row["value"])) for row in rows
    )


def add_report(database: Database, campaign: str, known: int, report: Report) -> None:
    """Add one after the `known` that were read. Raises `CampaignChangedMeanwhile` if there are more by now."""
    kind, value = _kept(report.news)
    row = {
        "campaign": campaign, "sequence": known + 1, "at": report.at, "person": report.person.strip(),
        "kind": kind, "key": report.news.key, "value": value,
    }  # fmt: skip
    try:
        with database.transaction() as connection:
            connection.execute(sa.insert(campaign_reports), row)
    except sa.exc.IntegrityError as cause:
        raise CampaignChangedMeanwhile(name=campaign) from cause


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
        kept["sequence"],
        kept["number"],
        kept["at"],
        kept["person"],
        None if before is None else State(before),
        State(kept["to_state"]),
        kept["digest"],
        kept["note"],
        kept["replaced_by"],
    )


def _kept(news: News) -> tuple[str, Mapping[str, Any]]:
    match news:
        case Progressed(_, progress):
            return _state(progress)
        case Counted(_, ready, of):
            return "counted", {"ready": ready, "of": of}
        case Committed(_, amount):
            return "committed", {"minor": amount.minor, "currency": amount.currency}
        case Paid(_, amount):
            return "paid", {"minor": amount.minor, "currency": amount.currency}
    assert_never(news)


def _state(progress: Progress) -> tuple[str, Mapping[str, Any]]:
    match progress:
        case NotBegun():
            return "planned", {}
        case InWork():
            return "begun", {}
        case Done(on):
            return "done", {"on": on.isoformat()}
        case Approved(on, by, filed):
            return "approved", {"on": on.isoformat(), "by": by, "filed": filed}
    assert_never(progress)


def _news(kind: str, key: str, value: Mapping[str, Any]) -> News:
    match kind:
        case "planned":
            return Progressed(key, NotBegun())
        case "begun":
            return Progressed(key, InWork())
        case "done":
            return Progressed(key, Done(date.fromisoformat(value["on"])))
        case "approved":
            return Progressed(key, Approved(date.fromisoformat(value["on"]), value["by"], value["filed"]))
        case "counted":
            return Counted(key, value["ready"], value["of"])
        case "committed":
            return Committed(key, Money(value["minor"], value["currency"]))
    return Paid(key, Money(value["minor"], value["currency"]))
