"""The reference page of the rule language runs: every example is read, checked and counted."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from telewave.audiences.language import parse_rule, rule_text
from telewave.audiences.reading import from_json, to_json
from telewave.audiences.usecases import count, define
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = (DOCS / "reference" / "audiences.md", DOCS / "zh" / "reference" / "audiences.md")


def blocks(page, kind):
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.DOTALL)


def rules():
    return [line for block in blocks(PAGES[0], "rule") for line in block.splitlines()]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A function that counts a rule over an empty wide table, beside a saved audience of the page's name."""
    folder = tmp_path_factory.mktemp("page")
    warehouse = Warehouse(folder / "warehouse", DuckDBEngine(1, 1))
    with warehouse.change(WIDE) as change:
        file = change.new_file("2026-07-01")
        pq.write_table(WIDE_SCHEMA.empty_table(), file)
        change.set("2026-07-01", {file: "test"})
    database = Database(f"sqlite:///{folder}/operations.sqlite")
    database.migrate()
    define(database, "young-city", parse_rule("age < 30"), datetime(2026, 7, 1, tzinfo=UTC))
    yield lambda rule: count(warehouse, database, rule, open_wide(warehouse, date(2026, 7, 1)))
    warehouse.engine.close()
    database.close()


@pytest.mark.parametrize("text", rules())
def test_every_rule_of_the_page_can_be_asked(asked, text):
    rule = parse_rule(text)
    assert parse_rule(rule_text(rule)) == rule
    assert asked(rule) == 0


@pytest.mark.parametrize("text", blocks(PAGES[0], "json"))
def test_the_json_of_the_page_is_a_rule_and_is_written_back_as_it_stands(asked, text):
    rule = from_json(json.loads(text))
    assert to_json(rule) == json.loads(text)
    assert asked(rule) == 0


def test_both_pages_show_the_same_examples():
    assert all(blocks(PAGES[0], kind) == blocks(PAGES[1], kind) for kind in ("rule", "json"))
    assert len(rules()) > 15
