"""The market counted from a wide table, eligibility as an expression, the commands and the report."""

import io
import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from telewave.audiences.language import parse_rule
from telewave.audiences.usecases import NoSuchAudience
from telewave.customers.base import BaseClass, Cell
from telewave.features.usecases import WIDE, NoWideTable, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.kernel import Money
from telewave.offers import commands
from telewave.offers.catalogue_file import parse_catalogue, reference_case
from telewave.offers.classes import Customer
from telewave.offers.coverage_findings import Gap, NobodyEligible, OverComplex
from telewave.offers.page import consistency_page
from telewave.offers.price_findings import Dominated
from telewave.offers.usecases import ForeignCatalogue, check_catalogue, count_market, eligible
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.pages.library import library_is_there
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse

AS_OF = date(2026, 7, 1)
CASE = reference_case()
drawn = pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")

SMALL = """\
name: Small
channels: {hall: Hall}
offers:
  - {id: all, name: All, kind: contract, channels: hall, customers: all, device: 100}
  - {id: rich, name: Rich, kind: contract, channels: hall, customers: existing, device: 90, eligibility: arpu >= 100}
  - {id: nobody, name: Nobody, kind: contract, channels: hall, customers: all, device: 80, eligibility: age > 150}
"""


def write(warehouse, rows):
    with warehouse.change(WIDE) as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(pa.Table.from_pylist(rows, schema=WIDE_SCHEMA), file)
        change.set(AS_OF.isoformat(), {file: "test"})


def person(number, arpu, payment="prepaid", segment="public", mobile=True, generation="2g"):
    return {
        "subscriber": number, "arpu": arpu, "payment": payment, "segment": segment, "age": 30.0,
        "has_mobile": mobile, "has_broadband": not mobile, "device_generation": generation,
    }  # fmt: skip


@pytest.fixture
def warehouse(tmp_path):
    made = Warehouse(tmp_path / "warehouse", DuckDBEngine(1, 1))
    people = [person(n, 10.0 * n) for n in range(1, 10)]
    people += [person(10, 95.0, "postpaid", "enterprise"), person(11, None), person(12, 50.0, mobile=False)]
    people += [person(13, 55.0, "postpaid", generation="3g"), person(14, 20.0, None)]
    write(made, people)
    yield made
    made.engine.close()


def fetched(warehouse, wide, expression):
    rows = warehouse.engine.fetch(wide.relation.select("subscriber", may=expression))
    return {n for n, may in zip(rows["subscriber"].to_pylist(), rows["may"].to_pylist(), strict=True) if may}


def test_levels_are_thirds_of_the_fee_and_sizes_are_counted_by_cell_and_level(warehouse, database):
    market = count_market(warehouse, database, CASE, AS_OF)
    fees = np.array([10.0 * n for n in range(1, 10)] + [95.0, 50.0, 55.0, 20.0])
    ends = [round(float(np.quantile(fees, q))) * 100 for q in (1 / 3, 2 / 3)]
    assert [level.low.minor for level in market.levels] == [0, *ends]
    assert [level.high.minor if level.high else None for level in market.levels] == [*ends, None]
    assert market.levels[1].fee == Money(round(float(np.median(fees))) * 100)
    assert not market.assumed_levels
    counted = market.counted
    prepaid = Cell(BaseClass.MOBILE, "prepaid", "public")
    assert {fee: n for (cell, fee), n in counted.fees.items() if cell == prepaid} == {
        10 * n: 1 for n in range(1, 10)
    }
    mine = [Customer(new_number=False, base=BaseClass.MOBILE, payment="prepaid", segment="public")]
    assert sum(counted.of(mine, level) for level in market.levels) == counted.of(mine) == 9
    assert counted.unplaced == 2  # one without a fee, one without a way of payment
    assert sum(counted.fees.values()) == 12


def test_fees_above_the_highest_are_counted_with_it_and_those_below_zero_as_none(warehouse, database):
    write(warehouse, [person(1, 10_000.0), person(2, 599.9), person(3, -5.0), person(4, None)])
    counted = count_market(warehouse, database, CASE, AS_OF).counted
    assert {fee for _, fee in counted.fees} == {600, 599, 0}
    assert counted.unplaced == 1


def test_who_may_have_an_offer_is_counted_by_its_rule(warehouse, database):
    wide = open_wide(warehouse, AS_OF)

    def may(name):
        return fetched(warehouse, wide, eligible(CASE.offer(name), wide, warehouse, database))

    assert may("upgrade-prepaid") == {*range(1, 10), 11}
    assert may("upgrade-postpaid") == {10}
    assert may("enterprise-389") == {10}
    assert may("web-device-4850") == set(range(1, 15))
    counted = count_market(warehouse, database, CASE, AS_OF).counted
    assert counted.eligible["upgrade-prepaid"] == 10
    assert counted.eligible["shop-credit-3100"] == 14


def test_a_rule_on_an_audience_that_does_not_exist_is_refused(warehouse, database):
    text = SMALL.replace("age > 150", "in audience 'gold'")
    with pytest.raises(NoSuchAudience):
        count_market(warehouse, database, parse_catalogue(text), AS_OF)


def test_findings_carry_the_subscribers_affected_and_the_money_at_stake(warehouse, database):
    checked = check_catalogue(CASE, count_market(warehouse, database, CASE, AS_OF), AS_OF)
    (complex_,) = [f for f in checked.findings if isinstance(f, OverComplex)]
    # Two of the twelve spend so little that most policies would cost them more than the device by itself.
    assert complex_.stake.affected == 10
    assert complex_.stake.total.minor == pytest.approx(complex_.stake.a_sale.minor * 10 / 100, abs=2)
    small = parse_catalogue(SMALL)
    checked = check_catalogue(small, count_market(warehouse, database, small, AS_OF), AS_OF)
    nobody = {f.offer.id for f in checked.findings if isinstance(f, NobodyEligible)}
    assert nobody == {"rich", "nobody"}


def test_those_who_fulfil_what_an_offer_asks_for_beyond_their_class_are_counted(warehouse, database):
    market = count_market(warehouse, database, CASE, AS_OF)
    whole = Customer(new_number=False, base=BaseClass.MOBILE, payment="postpaid", segment="public")
    old = replace(whole, conditions=frozenset({parse_rule("device_generation = '2g'")}))
    assert market.size([whole]) == 1
    assert market.size([old]) == 0
    prepaid = replace(old, payment="prepaid")
    assert market.size([prepaid]) == market.size([prepaid, prepaid.whole]) == 9
    (upgrade,) = [f for f in check_catalogue(CASE, market, AS_OF).findings if isinstance(f, Dominated) and f.offer.id == "upgrade-postpaid"]  # fmt: skip
    assert upgrade.stake.affected == 1  # the firm's line


def test_customers_without_a_policy_are_counted_at_their_own_fee(warehouse, database):
    rich = parse_catalogue(SMALL.split("  - {id: all", maxsplit=1)[0] + "  - " + SMALL.split("  - ")[2])
    (gap, _) = [f for f in check_catalogue(rich, count_market(warehouse, database, rich, AS_OF)).findings if isinstance(f, Gap)]  # fmt: skip
    assert gap.fees[0].high == Money(99_00)
    assert gap.stake.affected == 12


def test_without_any_fee_the_levels_are_assumed_and_without_a_wide_table_nothing_is_counted(
    warehouse, database
):
    write(warehouse, [person(1, None)])
    market = count_market(warehouse, database, CASE, AS_OF)
    assert market.assumed_levels
    assert market.counted.unplaced == 1
    with pytest.raises(NoWideTable):
        count_market(warehouse, database, CASE, date(2026, 8, 1))


def test_a_catalogue_in_another_currency_than_the_fees_is_refused():
    with pytest.raises(ForeignCatalogue, match=r"in EUR, .* are in CNY"):
        check_catalogue(parse_catalogue("currency: EUR\n" + SMALL))


def run(session, *arguments):
    app = typer.Typer()
    commands.register(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(app, ["offers", *arguments], obj=session)
    if done.exception:
        raise done.exception
    return session.console.file.getvalue()


@pytest.fixture(params=["en", "zh"])
def session(request, warehouse, database, tmp_path):
    console = Console(file=io.StringIO(), width=200)
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path)})
    return Session(
        language=request.param,
        settings=settings,
        open_home=lambda: Home.of(settings, warehouse, database),
        console=console,
    )


def test_the_offers_of_the_case_are_listed_and_shown_with_their_account(session):
    said = run(session, "list")
    assert all(offer.id in said for offer in CASE.offers)
    said = run(session, "show", "upgrade-postpaid")
    # At 200 a month: 25 returns of 50 at most 24: 4 999 - 1 200 = 3 799.
    assert "3,799" in said
    assert ("25% of last month's bill" if session.language == "en" else "按上月出账的 25% 返还") in said


def test_the_offers_are_written_as_json_whatever_the_width_of_the_terminal(session):
    session.collect()
    run(session, "list")
    session.finish()
    written = json.loads(session.console.file.getvalue())
    assert [one["id"] for one in written["product_offerings"]] == [offer.id for offer in CASE.offers]


def test_a_file_of_ones_own_is_checked_against_the_base_as_counted(session, tmp_path):
    file = tmp_path / "own.yaml"
    dear = "  - {id: dear, name: Dear, kind: contract, channels: hall, customers: all, device: 120}\n"
    file.write_text(SMALL + dear, encoding="utf-8")
    said = run(session, "check", str(file), "--as-of", AS_OF.isoformat())
    assert ("never the best choice" if session.language == "en" else "从来不是最划算的选择") in said
    assert ("not counted" if session.language == "en" else "未统计") not in said
    heading = (
        "What the device really costs by the best policy" if session.language == "en" else "各渠道最划算政策"
    )
    assert heading in said
    assert "✓ 100 " in said


@drawn
def test_the_report_is_one_file_with_findings_matrix_and_charts_and_no_sentence_left_in_the_other_language(
    session, tmp_path
):
    out = tmp_path / "report.html"
    run(session, "check", "--as-of", AS_OF.isoformat(), "--report", str(out))
    page = out.read_text(encoding="utf-8")
    body = re.sub(
        r"<script>.*?</script>|<style>.*?</style>|<script type=.*?</script>", "", page, flags=re.DOTALL
    )
    assert body.count('class="finding"') == 8  # of 23 findings
    assert body.count("data-chart=") == 2
    assert 'src="http' not in page
    assert 'href="http' not in page
    words = re.sub(r"<[^>]+>|&\w+;", " ", body)
    if session.language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", words)
    else:
        commands = {"telewave", "offers", "check", "show"}
        english = set(re.findall(r"[A-Za-z]{4,}", words)) - {"Apache", "ECharts", "License"} - commands
        assert english == set()


@drawn
def test_a_catalogue_with_nothing_wrong_says_so():
    text = SMALL.split("  - {id: rich", maxsplit=1)[0]
    page = consistency_page(check_catalogue(parse_catalogue(text)), "en")
    assert "Nothing was found" in page
