"""A plan from the warehouse and back: what is written is what was decided; commands and page in both languages."""

import io
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from rich.console import Console
from tests.models.worlds import fit, world
from typer.testing import CliRunner

from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.models.store import save
from telewave.models.usecases import SCORES
from telewave.planning import commands
from telewave.planning.campaign import scaled
from telewave.planning.campaign_file import load_campaign
from telewave.planning.commands import FileNotWritten
from telewave.planning.redating import PlanOfOtherChannels, redate
from telewave.planning.usecases import (
    CONTROL,
    NotPlanned,
    OfferNotInCatalogue,
    document_text,
    gather,
    make_plan,
    offers_of,
    planned,
)
from telewave.platform import charts
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import NotScored, group

AS_OF = date(2026, 7, 1)
SIZE = 3_000
drawn = pytest.mark.skipif(
    not charts.LIBRARY.exists(), reason="the chart library is not installed: python3 scripts/web_assets.py"
)


def put(warehouse, table, rows):
    with warehouse.change(table) as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(rows, file)
        change.set(AS_OF.isoformat(), {file: "2026-07-01T00:00:00+00:00"})


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("plan") / "warehouse", DuckDBEngine(1, 2))
    draw = np.random.default_rng(5)
    rows = [
        {
            "subscriber": n, "arpu": float(draw.gamma(3, 30)), "payment": str(draw.choice(["prepaid", "postpaid"])),
            "segment": str(draw.choice(["public", "enterprise"], p=[0.85, 0.15])), "age": 30.0,
            "has_mobile": bool(n % 10 != 0), "has_broadband": bool(n % 3 != 0), "device_generation": "2g",
        }
        for n in range(SIZE)
    ]  # fmt: skip
    put(made, WIDE, pa.Table.from_pylist(rows, schema=WIDE_SCHEMA))
    probability = np.clip(draw.lognormal(-3.5, 0.9, SIZE), 0, 0.9)
    scored = np.arange(SIZE) % 50 != 7
    columns = [
        pa.array(np.arange(SIZE)[scored]).cast(SCORES.field("subscriber").type),
        pa.array(probability[scored]),
    ]
    put(made, "scores.contract_phone", pa.table(columns, schema=SCORES))
    group(made, "contract_phone", AS_OF, DEFAULT_PLAN, Silent())
    yield made
    made.engine.close()


@pytest.fixture
def campaign():
    return scaled(load_campaign(Path("reference")), SIZE / 300_000)


def test_what_is_kept_is_what_was_decided(warehouse, database, campaign):
    _, offers = offers_of(campaign, Path())
    made, gathered = make_plan(warehouse, database, campaign, offers, open_wide(warehouse, AS_OF), Silent())
    kept = planned(warehouse, campaign, AS_OF)
    assert len(kept) == len(made.row) > 100
    assert sorted(kept["subscriber"].to_pylist()) == sorted(made.base.subscriber[made.row].tolist())
    control = warehouse.engine.fetch(warehouse.read("control.handset", CONTROL))
    assert set(control["subscriber"].to_pylist()).isdisjoint(kept["subscriber"].to_pylist())
    assert len(control) == made.universal.sum() + made.held.sum()
    assert gathered.without_score > 0
    told = json.loads(document_text(made, gathered, AS_OF))
    assert told["contacts"] == len(kept)
    days = [day for day in kept["day"].to_pylist() if day is not None]
    assert days == sorted(days)
    assert campaign.first <= days[0] <= days[-1] <= campaign.last


def test_no_consent_no_contact(warehouse, database, campaign):
    _, offers = offers_of(campaign, Path())
    found = gather(warehouse, database, campaign, offers, open_wide(warehouse, AS_OF), Silent())
    calls = [channel.id for channel in campaign.channels].index("outbound_call")
    wired_only = found.base.subscriber % 10 == 0
    assert not found.base.reachable[wired_only, calls].any()
    assert found.base.reachable[~wired_only, calls].all()


def test_a_model_without_scores_is_refused_before_anything_is_written(warehouse, database, campaign):
    other = replace(campaign, model="nobody")
    with pytest.raises(NotScored, match="nobody"):
        make_plan(warehouse, database, other, (), open_wide(warehouse, AS_OF), Silent())


def test_an_offer_that_the_catalogue_does_not_hold_is_named(campaign):
    with pytest.raises(OfferNotInCatalogue, match="unicorn"):
        offers_of(replace(campaign, offers=("unicorn",)), Path())


def test_contacts_of_a_campaign_that_was_not_planned_are_refused(warehouse, campaign):
    with pytest.raises(NotPlanned, match="autumn"):
        planned(warehouse, replace(campaign, id="autumn"), AS_OF)


@pytest.fixture(params=["en", "zh"])
def session(request, warehouse, database, tmp_path):
    console = Console(file=io.StringIO(), width=200)
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path)})
    learnt = fit(world(3_000, seed=1).table)
    save(replace(learnt, name="contract_phone"), settings.models, database)
    return Session(request.param, settings, lambda: (warehouse, database), console)


def run(session, *arguments):
    app = typer.Typer()
    commands.register(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(app, ["plan", *map(str, arguments)], obj=session)
    if done.exception:
        raise done.exception
    return session.console.file.getvalue()


@drawn
def test_a_plan_is_made_shown_handed_out_and_explained_in_both_languages(session, tmp_path):
    page, document, rows = tmp_path / "plan.html", tmp_path / "plan.json", tmp_path / "contacts.csv"
    said = run(
        session, "make", "reference", "--as-of", AS_OF, "--out", page, "--document", document, "--simulated"
    )
    assert ("This plan" if session.language == "en" else "本方案") in said
    assert json.loads(document.read_text())["campaign"] == "handset"
    run(session, "contacts", "reference", "--as-of", AS_OF, "--to", rows)
    first = rows.read_text().splitlines()[1].split(",")[0]
    said = run(session, "explain", "reference", "--as-of", AS_OF, "--subscriber", first)
    assert ("In the plan" if session.language == "en" else "入选") in said
    text = page.read_text(encoding="utf-8")
    body = re.sub(r"<script.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert text.count("data-chart=") >= 2
    assert 'src="http' not in text
    words = re.sub(r"<[^>]+>|&\w+;|&#\d+;", " ", body)
    if session.language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", words)
    else:
        assert set(re.findall(r"[A-Za-z]{4,}", words)) - {"Apache", "ECharts", "License", "effect"} == set()


def test_the_example_can_be_begun_from(session, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(run(session, "example"), encoding="utf-8")
    assert load_campaign(file).id == "handset"
    other = tmp_path / "other.yaml"
    run(session, "example", "--to", other)
    assert load_campaign(other).id == "handset"
    with pytest.raises(FileNotWritten, match="already"):
        run(session, "example", "--to", other)


def day_of(rows):
    return dict(zip(rows["subscriber"].to_pylist(), rows["day"].to_pylist(), strict=True))


def recorded(warehouse, table, day, rows):
    with warehouse.change(table) as change:
        file = change.new_file(day.isoformat())
        pq.write_table(pa.Table.from_pylist(rows, schema=CONTRACTS[table].schema), file)
        change.set(day.isoformat(), {file: "test"})


def test_days_later_what_was_done_stays_and_what_was_missed_gets_another_day(warehouse, database, campaign):
    _, offers = offers_of(campaign, Path())
    make_plan(warehouse, database, campaign, offers, open_wide(warehouse, AS_OF), Silent())
    rows = planned(warehouse, campaign, AS_OF)
    before, today = day_of(rows), campaign.first + timedelta(days=3)
    early = [row for row in rows.to_pylist() if row["day"] is not None and row["day"] < today]
    bought = early.pop()
    made, missed = early[::2], early[1::2]
    records = {channel.id: channel.records for channel in campaign.channels}
    contacts = [{"subscriber": row["subscriber"], "channel": records[row["channel"]]} for row in made]
    recorded(warehouse, "contacts", campaign.first, contacts)
    recorded(warehouse, "orders", campaign.first, [{"subscriber": bought["subscriber"], "offer": "handset"}])
    told = redate(warehouse, campaign, AS_OF, today, Silent())
    after = day_of(planned(warehouse, campaign, AS_OF))
    assert (told.done, told.withdrawn) == (len(made), 1)
    assert bought["subscriber"] not in after
    assert all(after[row["subscriber"]] == row["day"] for row in made)
    assert all(after[row["subscriber"]] is None or after[row["subscriber"]] >= today for row in missed)
    touched = {row["subscriber"] for row in (*missed, bought)}
    assert [n for n, day in after.items() if n not in touched and before[n] not in (None, day)] == []
    with pytest.raises(PlanOfOtherChannels):
        redate(warehouse, replace(campaign, channels=campaign.channels[-1:]), AS_OF, today, Silent())


def test_without_a_change_nothing_moves(warehouse, database, campaign):
    _, offers = offers_of(campaign, Path())
    make_plan(warehouse, database, campaign, offers, open_wide(warehouse, AS_OF), Silent())
    before = day_of(planned(warehouse, campaign, AS_OF))
    later = campaign.first + timedelta(days=5)
    told = redate(warehouse, campaign, AS_OF, later, Silent(), assume_done=True)
    after = day_of(planned(warehouse, campaign, AS_OF))
    assert told.moved == 0
    assert all(before[n] == day for n, day in after.items())
