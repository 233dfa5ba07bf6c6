"""`telewave group` and `telewave report` as a person calls them, on a home folder with a registered model."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from telewave.audiences.language import parse_rule
from telewave.audiences.usecases import NoSuchAudience, define
from telewave.bootstrap import open_home
from telewave.customers.usecases import NoSuchOffer
from telewave.features.usecases import open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.models.store import save
from telewave.models.usecases import ModelGone, NotScored, score
from telewave.platform.days import UnreadableDate
from telewave.platform.files import FileNotWritten
from telewave.platform.languages import UnknownLanguage
from telewave.platform.pages.library import library_is_there
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.records.contracts import CONTRACTS
from telewave.targeting.commands import WhichGroups, register
from telewave.targeting.usecases import NotGrouped, groups

AS_OF = date(2026, 7, 1)
library = pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")


class Desk:
    """A terminal with a home folder: `run` gives what was printed, and raises what a command raised."""

    def __init__(self, home, language="en"):
        settings = load_settings(
            {"TELEWAVE_HOME": str(home), "TELEWAVE_THREADS": "1", "TELEWAVE_MEMORY_GB": "1"}
        )
        console = Console(file=io.StringIO(), width=200)
        self.session = Session(
            language=language, settings=settings, open_home=lambda: open_home(settings), console=console
        )
        self.app = typer.Typer()
        register(self.app)

    def run(self, *arguments):
        result = CliRunner().invoke(self.app, [str(a) for a in arguments], obj=self.session)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return self.session.console.file.getvalue()


@pytest.fixture(scope="module")
def desk(tmp_path_factory, fitted):
    made = Desk(tmp_path_factory.mktemp("home"))
    rng, n = np.random.default_rng(5), 3_000
    from telewave.features.catalogue import VARIABLES

    given = {"subscriber": np.arange(n, dtype=np.int32), "payment": rng.choice(["prepaid", "postpaid"], n)}
    given |= {
        v.name: rng.gamma(2, 30, n)
        for v in VARIABLES
        if v.name in {u.name for u in fitted.variables} - {"payment"}
    }
    columns = [
        pa.array(given[f.name]).cast(f.type) if f.name in given else pa.nulls(n, f.type) for f in WIDE_SCHEMA
    ]
    warehouse = made.session.warehouse
    with warehouse.change("wide") as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(pa.table(columns, schema=WIDE_SCHEMA), file)
        change.set(AS_OF.isoformat(), {file: "test"})
    saved = save(fitted, made.session.settings.models, made.session.database)
    score(fitted.numbered(saved.version), open_wide(warehouse, AS_OF), warehouse, Silent())
    yield made
    made.session.close()


def test_group_says_where_each_group_ends_and_that_the_built_in_plan_is_assumed(desk):
    said = " ".join(desk.run("group", "--model", "handset", "--as-of", AS_OF).split())
    assert "the built-in plan's costs, capacities and factors are assumptions" in said
    assert "Core" in said
    assert "all 150 contacts" in said


@library
def test_report_writes_one_file_in_the_language_asked_for(desk, tmp_path):
    desk.run("group", "--model", "handset", "--as-of", AS_OF)
    for language, word in (("zh", "三类目标群"), ("en", "The three groups")):
        out = tmp_path / "new folder" / f"{language}.html"
        said = desk.run("report", "--model", "handset", "--as-of", AS_OF, "--out", out, "--lang", language)
        assert word in out.read_text()
        assert str(out) in said.replace("\n", "")
        assert list(out.parent.glob(".*")) == []


def test_group_forms_the_groups_of_an_audience_alone_by_name_or_by_rule(desk):
    warehouse, database = desk.session.warehouse, desk.session.database
    define(database, "prepaid", parse_rule("payment = 'prepaid'"), datetime(2026, 7, 1, tzinfo=UTC))
    wide = open_wide(warehouse, AS_OF).relation
    wanted = warehouse.engine.fetch(wide.filter(wide.payment == "prepaid").select("subscriber"))
    for audience in ("prepaid", "payment = 'prepaid'"):
        desk.run("group", "--model", "handset", "--as-of", AS_OF, "--audience", audience)
        found = warehouse.engine.fetch(groups(warehouse, "handset", AS_OF).select("subscriber"))
        assert sorted(found["subscriber"].to_pylist()) == sorted(wanted["subscriber"].to_pylist())
    with pytest.raises(NoSuchAudience):
        desk.run("group", "--model", "handset", "--as-of", AS_OF, "--audience", "nobody-knows")


def order(number, kind):
    at = datetime(2026, 6, 10, 12)
    return {"subscriber": number, "ordered_at": at, "offer": "handset", "kind": kind, "channel": "hall"}


@pytest.fixture
def ordered(desk):
    """Two subscribers took the offer in June, one of them with a new number."""
    warehouse, day = desk.session.warehouse, "2026-06-10"
    new = {"subscriber": 2, "recorded_on": date(2026, 6, 10), "activated_on": date(2026, 6, 10)}
    tables = {"orders": [order(1, "device_only"), order(2, "new_number")], "subscribers": [new]}
    for table, rows in tables.items():
        with warehouse.change(table) as change:
            file = change.new_file(day)
            pq.write_table(pa.Table.from_pylist(rows, schema=CONTRACTS[table].schema), file)
            change.set(day, {file: "test"})
    yield
    for table in tables:
        with warehouse.change(table) as change:
            change.set(day, {})


@library
def test_report_counts_the_takers_of_the_models_own_offer_by_base_class(desk, ordered, tmp_path):
    desk.run("group", "--model", "handset", "--as-of", AS_OF)
    out = tmp_path / "report.html"
    told = ["--out", out, "--lang", "zh", "--offer-title", "合约智能手机"]
    desk.run("report", "--model", "handset", "--as-of", AS_OF, *told)
    page = re.sub(r"<[^>]+>", " ", out.read_text())
    assert re.search(r"净新增\s+–\s+–\s+–\s+1\s+50\.0%", page)
    assert "该找谁：合约智能手机目标群" in page
    with pytest.raises(NoSuchOffer):
        desk.run("report", "--model", "handset", "--as-of", AS_OF, "--offer", "tablet", *told)


@library
def test_a_model_that_outlived_its_orders_is_reported_without_base_classes(desk, tmp_path):
    desk.run("group", "--model", "handset", "--as-of", AS_OF)
    desk.run("report", "--model", "handset", "--as-of", AS_OF, "--out", tmp_path / "r.html", "--lang", "en")
    assert "Base classes" not in (tmp_path / "r.html").read_text()


@library
def test_a_report_is_of_the_model_version_whose_scores_were_grouped(desk, fitted, tmp_path):
    desk.run("group", "--model", "handset", "--as-of", AS_OF)
    later = replace(
        fitted, card=replace(fitted.card, trained_at=datetime(2026, 8, 1, tzinfo=UTC), n_train=99_999)
    )
    save(later, desk.session.settings.models, desk.session.database)
    out = tmp_path / "report.html"
    desk.run("report", "--model", "handset", "--as-of", AS_OF, "--out", out, "--lang", "en")
    assert "99,999" not in out.read_text()
    assert f"{fitted.card.n_train:,} rows" in out.read_text()


def test_a_model_version_that_is_gone_is_said_so(desk, fitted, tmp_path):
    gone = replace(fitted, name="gone")
    score(gone, open_wide(desk.session.warehouse, AS_OF), desk.session.warehouse, Silent())
    desk.run("group", "--model", "gone", "--as-of", AS_OF)
    with pytest.raises(ModelGone, match="telewave score"):
        desk.run("report", "--model", "gone", "--as-of", AS_OF, "--out", tmp_path / "r.html")


@library
def test_a_report_that_cannot_be_written_names_the_place(desk, tmp_path):
    desk.run("group", "--model", "handset", "--as-of", AS_OF)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(FileNotWritten, match="report"):
        desk.run("report", "--model", "handset", "--as-of", AS_OF, "--out", tmp_path / "file" / "report.html")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["group", "--model", "handset"], WhichGroups),
        (["group", "--model", "handset", "--as-of", "2026-07-01", "--samples", "x"], WhichGroups),
        (["group", "--model", "handset", "--as-of", "July"], UnreadableDate),
        (["group", "--model", "handset", "--as-of", "2026-08-01"], NotScored),
        (["group", "--model", "handset", "--samples", "x"], NotScored),
        (["report", "--model", "handset", "--as-of", "2026-08-01", "--out", "r.html"], NotGrouped),
        (
            ["report", "--model", "handset", "--as-of", "2026-07-01", "--out", "r.html", "--lang", "fr"],
            UnknownLanguage,
        ),
    ],
)
def test_a_command_that_cannot_be_done_says_which_and_why(desk, arguments, error):
    with pytest.raises(error):
        desk.run(*arguments)
