"""What was reported of action plans, in the operations database. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, assert_never

import sqlalchemy as sa

from telewave.kernel import Conflict, Money
from telewave.platform.database import Database
from telewave.projects.action_plan import Approved, Done, InWork, NotBegun, Progress
from telewave.projects.reports import Committed, Counted, News, Paid, Progressed, Report
from telewave.projects.tables import campaign_reports


class ReportedMeanwhile(Conflict):
    """Somebody else reported on the campaign {name} at the same moment, and your report was not kept. Look at it with
    `telewave campaign actions --campaign {name}`, and report again.
    """

    code = "reported_meanwhile"


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
    """Add one after the `known` that were read. Raises `ReportedMeanwhile` if there are more by now."""
    kind, value = _kept(report.news)
    row = {
        "campaign": campaign, "sequence": known + 1, "at": report.at, "person": report.person.strip(),
        "kind": kind, "key": report.news.key, "value": value,
    }  # fmt: skip
    try:
        with database.transaction() as connection:
            connection.execute(sa.insert(campaign_reports), row)
    except sa.exc.IntegrityError as cause:
        raise ReportedMeanwhile(name=campaign) from cause


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
