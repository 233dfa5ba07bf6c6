"""What the tests of plans share beside their fixtures: a plan made, dated anew and explained; records of what was done; a command given."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from tests.planning.odds import with_odds
from typer.testing import CliRunner

from telewave.briefs.assortment import offers_of
from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import scaled
from telewave.features.usecases import open_wide
from telewave.planning import commands
from telewave.planning.model import ContactState
from telewave.planning.plans import (
    contacts_of,
    latest_plan,
)
from telewave.planning.redating import redate
from telewave.planning.scorer import Scorer
from telewave.planning.usecases import (
    explain_subscriber,
    make_plan,
)
from telewave.platform.engine import DuckDBEngine
from telewave.platform.pages.library import library_is_there
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS

AS_OF = date(2026, 7, 1)
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
SIZE = 3_000
RECORDS = {channel.id: channel.records for channel in load_campaign(Path("reference")).channels}
drawn = pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")


def put(warehouse, table, rows, origin="2026-07-01T00:00:00+00:00"):
    with warehouse.change(table) as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(rows, file)
        change.set(AS_OF.isoformat(), {file: origin})


def recorded(warehouse, table, day, rows):
    with warehouse.change(table) as change:
        file = change.new_file(day.isoformat())
        pq.write_table(pa.Table.from_pylist(rows, schema=CONTRACTS[table].schema), file)
        change.set(day.isoformat(), {file: "test"})


def called(row, day, **more):
    """The record of a planned contact, made on `day`."""
    at = datetime.combine(day, time(10))
    return {
        "subscriber": row["subscriber"],
        "channel": RECORDS[row["channel"]],
        "contacted_at": at,
        "disposition": "refused",
        **more,
    }


def of_this_size():
    """The reference case's campaign with its whole list of policies, and devices for those whom contacts bring beside the
    organic takers.
    """
    whole = scaled(with_odds(load_campaign(Path("reference"))), SIZE / 300_000)
    return replace(whole, device_stock=400, propose_dominated=True)


def copied(warehouse, folder, *, plans):
    """A warehouse of its own in `folder` with the same scores; with the same plans, or without any."""
    made = Warehouse(folder / "own", DuckDBEngine(1, 2))
    others = ("contacts", "orders") if plans else ("contacts", "orders", "*.handset", "plan_*")
    shutil.copytree(warehouse.root, made.root, ignore=shutil.ignore_patterns(*others))
    return made


def made_plan(warehouse, database, brief, offers=None):
    offers = offers_of(brief, Path())[1] if offers is None else offers
    wide, scorer = open_wide(warehouse, AS_OF), Scorer(products=("handset",))
    return make_plan(warehouse, database, brief, offers, wide, Silent(), now=NOW, scorer=scorer)


def planned(warehouse, database, brief):
    """The contacts of the plan that was made last, those that stand."""
    rows = contacts_of(warehouse, latest_plan(database, brief.id, AS_OF)).to_pylist()
    return [row for row in rows if row["state"] in (ContactState.PLANNED, ContactState.DONE)]


def redated(warehouse, database, campaign, today, **more):
    told = redate(warehouse, database, campaign, AS_OF, today, Silent(), now=NOW, **more)
    rows = planned(warehouse, database, campaign)
    return told, {(row["subscriber"], row["touch"]): row for row in rows}


def key(row):
    return row["subscriber"], row["touch"]


def told_of(warehouse, database, campaign, number):
    offers = offers_of(campaign, Path())[1]
    wide = open_wide(warehouse, AS_OF)
    return explain_subscriber(warehouse, database, campaign, offers, wide, number, Silent())


def run(session, *arguments):
    app = typer.Typer()
    commands.register_plan(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(app, ["plan", *map(str, arguments)], obj=session)
    if done.exception:
        raise done.exception
    return session.console.file.getvalue()
