"""Audiences saved, counted, frozen: on a small warehouse, with the operations database on both kinds."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.proving import examples
from typer.testing import CliRunner

from telewave.audiences import commands
from telewave.audiences.checks import NoDates, UnknownVariable
from telewave.audiences.definitions import CircleOfAudiences, TooLarge
from telewave.audiences.explaining import explain
from telewave.audiences.language import parse_rule, rule_text
from telewave.audiences.rule import InAudience, TooDeep
from telewave.audiences.scope import scope_of_wide
from telewave.audiences.store import DefinedMeanwhile, add_version, versions
from telewave.audiences.usecases import (
    AlreadyFrozen,
    NoSuchAudience,
    NotFrozen,
    OfAnotherTable,
    UndatedSnapshot,
    UnusableAudienceName,
    audiences,
    count,
    define,
    find_version,
    members,
    predicate,
    snapshot,
)
from telewave.features.usecases import WIDE, open_samples, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.languages import render
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS

AS_OF, NOW = date(2026, 7, 1), datetime(2026, 7, 2, 8, tzinfo=UTC)


def put(warehouse, table, schema, rows, partition):
    with warehouse.change(table) as change:
        for key in {partition(row) for row in rows}:
            file = change.new_file(key)
            pq.write_table(
                pa.Table.from_pylist([r for r in rows if partition(r) == key], schema=schema), file
            )
            change.set(key, {file: "test"})


def records(warehouse, table, rows):
    dated_by = CONTRACTS[table].dated_by
    put(warehouse, table, CONTRACTS[table].schema, rows, lambda r: r[dated_by].isoformat()[:10])


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """Twenty subscribers aged 20 to 39, ten of them in the north; orders, tags; an outside table."""
    made = Warehouse(tmp_path_factory.mktemp("warehouse"), DuckDBEngine(1, 1))
    rows = [
        {"subscriber": n, "age": 20.0 + n, "district": "north" if n < 10 else None, "payment": "prepaid", "has_mobile": n % 2 == 0}
        for n in range(20)
    ]  # fmt: skip
    put(made, WIDE, WIDE_SCHEMA, rows, lambda _: AS_OF.isoformat())
    put(made, WIDE, WIDE_SCHEMA, rows[:5], lambda _: "2026-06-01")

    def order(who, day):
        at = datetime.combine(day, time(9))
        return {
            "subscriber": who,
            "ordered_at": at,
            "offer": "phone",
            "kind": "new_number",
            "channel": "hall",
        }

    days = [
        (1, AS_OF),
        (2, AS_OF - timedelta(1)),
        (3, AS_OF - timedelta(30)),
        (4, AS_OF - timedelta(31)),
        (2, AS_OF - timedelta(9)),
    ]
    records(made, "orders", [order(*each) for each in days])
    tag = {"tag": "vip", "held": True}
    log = [
        (5, date(2026, 1, 1), True),
        (6, date(2026, 1, 1), True),
        (6, date(2026, 2, 1), False),
        (7, AS_OF, True),
    ]
    records(
        made, "tags", [{**tag, "subscriber": who, "recorded_on": day, "held": held} for who, day, held in log]
    )
    outside = pa.table({
        "subscriber": pa.array([0, 1, 2], pa.int32()), "sequence": [0, 1, 2], "outcome": [True, False, None],
        "emp.var.rate": [1.1, -1.8, None], "job": ["admin.", "student", "admin."],
    })  # fmt: skip
    with made.change("samples.bank") as change:
        file = change.new_file("all")
        pq.write_table(outside, file)
        change.set("all", {file: "test"})
        label = {"en": "x", "zh": "某项"}
        change.facts["columns"] = [
            {"name": "emp.var.rate", "kind": "number", "unit": "", "label": label, "meaning": label},
            {"name": "job", "kind": "category", "unit": "", "label": label, "meaning": label},
        ]
    yield made
    made.engine.close()


@pytest.fixture
def wide(warehouse):
    return open_wide(warehouse, AS_OF)


def save(database, name, text, now=NOW):
    return define(database, name, parse_rule(text), now)


def test_versions_are_added_and_the_same_rule_again_is_none(database):
    assert save(database, "young", "age < 30").version.version == 1
    again = save(database, "young", "age < 30.0", NOW + timedelta(1))
    assert (again.changed, again.version.version, again.version.created_at) == (False, 1, NOW)
    assert save(database, "young", "age < 25").version.version == 2
    assert save(database, "young", "age < 30").version.version == 3
    assert [rule_text(v.rule) for v in versions(database, "young")] == ["age < 30", "age < 25", "age < 30"]
    assert rule_text(find_version(database, "young", 2).rule) == "age < 25"


def test_true_and_one_are_different_rules(database):
    name = "flag"
    save(database, name, "has_mobile = true")
    assert json.dumps(True) != json.dumps(1)
    assert not save(database, name, "has_mobile = true").changed
    assert save(database, name, "has_mobile = false").changed


def test_a_version_that_somebody_else_took_meanwhile_is_a_conflict(database):
    save(database, "young", "age < 30")
    with pytest.raises(DefinedMeanwhile):
        add_version(database, "young", parse_rule("age < 20"), 0, NOW)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("age between 20 and 24", 5),
        ("district = 'north'", 10),
        ("not district = 'north'", 0),
        ("district is null and payment != 'postpaid'", 10),
        ("has tag 'vip'", 1),
        ("not has tag 'vip'", 19),
        ("event orders within 30 days", 2),
        ("event orders where offer = 'phone' at least 2 times within 30 days", 1),
        ("event orders within 31 days", 3),
        ("event complaints within 30 days", 0),
        ("age < 25 and (has tag 'vip' or event orders within 1 days)", 1),
    ],
)
def test_a_count_is_of_those_of_whom_the_rule_is_true(warehouse, database, wide, text, members):
    assert count(warehouse, database, parse_rule(text), wide) == members


def test_a_reference_means_the_newest_version_unless_one_is_named(warehouse, database, wide):
    save(database, "young", "age < 30")
    save(database, "young", "age < 25")
    assert count(warehouse, database, "young", wide) == 5
    assert count(warehouse, database, parse_rule("in audience 'young' version 1"), wide) == 10
    save(
        database,
        "young-north",
        "in audience 'young' and district = 'north' and not in audience 'young' version 2",
    )
    assert count(warehouse, database, "young-north", wide) == 0


def test_those_of_whom_an_audience_is_unknown_are_not_in_it(warehouse, database, wide):
    save(database, "north", "district = 'north'")
    assert count(warehouse, database, parse_rule("not in audience 'north'"), wide) == 10


def test_a_predicate_asks_each_wide_table_as_of_its_own_date(warehouse, database, wide):
    chosen = predicate(warehouse, database, parse_rule("event orders within 30 days or has tag 'vip'"))
    earlier = open_wide(warehouse, date(2026, 6, 1))
    found = [
        warehouse.engine.fetch(table.relation.filter(chosen(table)).select("subscriber"))[
            "subscriber"
        ].to_pylist()
        for table in (wide, earlier)
    ]
    assert [sorted(who) for who in found] == [[2, 3, 5], [4]]


def test_a_circle_is_refused_with_its_members(database):
    save(database, "a", "age > 1")
    save(database, "b", "in audience 'a'")
    save(database, "c", "age > 2 or in audience 'b'")
    with pytest.raises(CircleOfAudiences, match="a -> c -> b -> a"):
        save(database, "a", "not in audience 'c'")
    with pytest.raises(CircleOfAudiences, match="a -> a"):
        save(database, "a", "age > 1 and in audience 'a'")
    assert save(database, "a", "in audience 'a' version 1 or age = 0").changed


def test_a_circle_made_behind_our_back_is_refused_when_asked(warehouse, database, wide):
    add_version(database, "a", parse_rule("in audience 'b'"), 0, NOW)
    add_version(database, "b", parse_rule("in audience 'a'"), 0, NOW)
    with pytest.raises(CircleOfAudiences):
        count(warehouse, database, "a", wide)


def test_a_reference_to_nothing_is_refused_with_the_nearest_name(database):
    save(database, "young", "age < 30")
    with pytest.raises(NoSuchAudience, match="Did you mean young"):
        save(database, "other", "in audience 'yuong'")
    with pytest.raises(NoSuchAudience, match="young version 7"):
        save(database, "other", "in audience 'young' version 7")


def test_a_reference_whose_audience_is_gone_is_refused(warehouse, database, wide):
    add_version(database, "left", parse_rule("in audience 'gone'"), 0, NOW)
    with pytest.raises(NoSuchAudience, match="gone"):
        count(warehouse, database, "left", wide)


def test_a_rule_that_doubles_with_every_reference_is_refused_before_it_is_huge(database):
    add_version(database, "d0", parse_rule("age > 1"), 0, NOW)
    for n in range(1, 30):
        add_version(
            database, f"d{n}", parse_rule(f"in audience 'd{n - 1}' or not in audience 'd{n - 1}'"), 0, NOW
        )
    with pytest.raises(TooLarge):
        save(database, "top", "in audience 'd29'")


def test_a_long_chain_of_references_is_refused(database):
    add_version(database, "d0", parse_rule("age > 1"), 0, NOW)
    for n in range(1, 60):
        add_version(database, f"d{n}", parse_rule(f"in audience 'd{n - 1}'"), 0, NOW)
    with pytest.raises(TooDeep):
        save(database, "top", "in audience 'd59'")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "..", "x" * 61, "a'"])
def test_a_name_that_cannot_be_a_folder_is_refused(database, name):
    with pytest.raises(UnusableAudienceName):
        define(database, name, parse_rule("age > 1"), NOW)


def test_an_audience_can_have_a_chinese_name(warehouse, database, wide):
    save(database, "年轻用户", "age < 30")
    assert count(warehouse, database, "年轻用户", wide) == 10


def test_a_variable_that_the_table_lacks_is_refused_at_definition_and_at_use(warehouse, database, wide):
    with pytest.raises(UnknownVariable):
        save(database, "admins", "job = 'admin.'")
    bank = open_samples(warehouse, "bank")
    define(database, "admins", parse_rule("job = 'admin.'"), NOW, scope_of_wide(bank))
    assert count(warehouse, database, "admins", bank) == 2
    with pytest.raises(UnknownVariable):
        count(warehouse, database, "admins", wide)


def test_outside_tables_have_variables_with_dots_but_no_events(warehouse, database):
    bank = open_samples(warehouse, "bank")
    assert count(warehouse, database, parse_rule("emp.var.rate > 0"), bank) == 1
    with pytest.raises(NoDates):
        count(warehouse, database, parse_rule("has tag 'vip'"), bank)
    with pytest.raises(UndatedSnapshot):
        snapshot(warehouse, database, "any", bank, NOW)


def test_an_audience_of_an_outside_table_is_that_table_s_alone(own, database):
    bank = open_samples(own, "bank")
    define(database, "everybody", parse_rule("job is null or job is not null"), NOW, scope_of_wide(bank))
    assert find_version(database, "everybody").samples == "bank"
    with pytest.raises(
        OfAnotherTable, match="everybody speaks of the outside table bank, not of the wide table"
    ):
        save(database, "everybody", "age > 0")
    twin = replace(bank, samples="twin")  # a table with the same columns
    with pytest.raises(OfAnotherTable, match="not of the outside table twin"):
        count(own, database, "everybody", twin)
    with pytest.raises(OfAnotherTable, match="not of the outside table twin"):
        define(database, "more", parse_rule("in audience 'everybody'"), NOW, scope_of_wide(twin))
    assert count(own, database, "everybody", bank) == 3


@pytest.fixture
def own(tmp_path, warehouse):
    """The same tables in a warehouse that the test may add to."""
    import shutil

    shutil.copytree(warehouse.root, tmp_path / "warehouse")
    made = Warehouse(tmp_path / "warehouse", DuckDBEngine(1, 1))
    yield made
    made.engine.close()


def test_a_frozen_membership_does_not_change_with_the_rule(own, database):
    wide = open_wide(own, AS_OF)
    save(database, "young", "age < 25")
    save(database, "chosen", "in audience 'young' and has_mobile = true")
    taken = snapshot(own, database, "chosen", wide, NOW)
    assert (taken.members, taken.version, taken.as_of) == (3, 1, AS_OF)
    save(database, "young", "age < 22")
    frozen = own.engine.fetch(members(own, database, "chosen", AS_OF))
    assert frozen["subscriber"].to_pylist() == [0, 2, 4]
    assert own.manifest("audience.chosen").facts["made_by"]["2026-07-01"]["behind"][0]["rule"] == {
        "variable": "age", "<": 25,
    }  # fmt: skip
    save(database, "chosen", "in audience 'young'")
    with pytest.raises(AlreadyFrozen, match="version 1, 3 members"):
        snapshot(own, database, "chosen", wide, NOW)


def test_the_members_of_what_was_never_frozen_are_refused_with_the_command(warehouse, database):
    with pytest.raises(NotFrozen, match="telewave audience snapshot young --as-of 2026-07-01"):
        members(warehouse, database, "young", AS_OF)


def test_snapshots_are_listed_beside_the_newest_version(own, database):
    save(database, "b", "age < 25")
    save(database, "a", "age < 22")
    save(database, "b", "age < 24")
    snapshot(own, database, "b", open_wide(own, AS_OF), NOW, version=1)
    listed = audiences(database)
    assert [(each.newest.name, each.newest.version) for each in listed] == [("a", 1), ("b", 2)]
    assert [(s.version, s.members) for s in listed[1].snapshots] == [(1, 5)]


def test_an_audience_restricts_what_a_model_learns_from(warehouse, database, wide):
    from telewave.models.training_tables import samples_table

    chosen = predicate(warehouse, database, parse_rule("job = 'admin.'"))
    table = samples_table(warehouse, "bank", open_samples(warehouse, "bank"), chosen)
    assert table.rows.num_rows == 1


@pytest.fixture
def shown(own, database):
    """Run a command and give back its exception and what it printed."""

    def run(*arguments, language="en", as_json=False):
        app = typer.Typer()
        app.callback()(lambda: None)
        commands.register(app)
        console = Console(width=200, file=io.StringIO())
        settings = load_settings({})
        session = Session(
            language=language,
            settings=settings,
            open_home=lambda: Home.of(settings, own, database),
            console=console,
        )
        if as_json:
            session.collect()
        done = CliRunner().invoke(app, ["audience", *arguments], obj=session)
        session.finish()
        text = render(done.exception.message, language) if hasattr(done.exception, "message") else ""
        return done.exception, text or console.file.getvalue()

    return run


def test_the_commands_define_count_freeze_show_and_list(shown):
    assert "There are no audiences yet" in shown("list")[1]
    assert "young, version 1, saved: age < 25" in shown("define", "young", "age<25")[1]
    assert "says that already" in shown("define", "young", '{"variable": "age", "<": 25}')[1]
    assert "5 of 20 (25.0%)" in shown("count", "young", "--as-of", "2026-07-01")[1]
    assert "1 of 3" in shown("count", "job = 'student'", "--samples", "bank")[1]
    assert "5 members of young" in shown("snapshot", "young", "--as-of", "2026-07-01")[1]
    assert '"<": 25' in shown("show", "young", as_json=True)[1]
    assert "Frozen memberships" in shown("show", "young")[1]
    assert "2026-07-01: 5" in shown("list", language="zh")[1]


def test_what_a_command_cannot_read_it_points_at_in_both_languages(shown):
    _, english = shown("count", "district = 'x' and age >> 3", "--as-of", "2026-07-01")
    assert "character 25: expected a number, a text in '...', a date, true or false, found '>'" in english
    assert english.splitlines()[2].index("^") == english.splitlines()[1].index(">>") + 1
    _, chinese = shown("count", "区县 = '中心' adn age > 3", "--as-of", "2026-07-01", language="zh")
    assert "第 11 个字符处无法识别：此处应为 `and`, `or` 或规则结尾，实际为 'adn'" in chinese
    assert "line 1, column 14" in shown("count", '{"variable": }', "--as-of", "2026-07-01")[1]


def test_counting_nowhere_or_in_two_places_is_refused(shown):
    assert "Say where to count" in shown("count", "age > 3")[1]
    assert "Say where to count" in shown("count", "age > 3", "--as-of", "2026-07-01", "--samples", "bank")[1]


def test_outside_tables_lend_their_variables_to_a_definition(shown):
    assert "saved" in shown("define", "admins", "job = 'admin.'", "--samples", "bank")[1]
    assert "no variable 'job'" in shown("define", "admins2", "job = 'admin.'")[1]


def test_a_version_can_be_named(warehouse, database, wide):
    save(database, "young", "age < 30")
    save(database, "young", "age < 25")
    assert count(warehouse, database, InAudience("young", 1), wide) == 10


LEAVES = (
    "age < 25", "age between 22 and 30", "district = 'north'", "district is null", "has_mobile = true",
    "has tag 'vip'", "event orders within 30 days", "event orders at least 2 times within 40 days",
    "event orders where offer = 'tv' within 90 days", "event orders where ordered_at >= 2026-06-15 within 90 days",
    "in audience 'northern'",
)  # fmt: skip
TEXTS = st.recursive(
    st.sampled_from(LEAVES),
    lambda below: st.tuples(below, st.sampled_from(["and", "or"]), below).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})")
    | below.map(lambda text: f"not ({text})"),
    max_leaves=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A database with an audience to refer to."""
    made = Database(f"sqlite:///{tmp_path_factory.mktemp('saved') / 'operations.sqlite'}")
    made.migrate()
    save(made, "northern", "district = 'north' and not has tag 'vip'")
    yield made
    made.close()


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(TEXTS, st.lists(st.integers(0, 19), min_size=1, max_size=3))
def test_one_subscriber_is_told_in_or_out_as_the_engine_chooses_from_the_same_tables(
    warehouse, saved, text, some
):
    wide = open_wide(warehouse, AS_OF)
    chosen = predicate(warehouse, saved, parse_rule(text))(wide)
    inside = warehouse.engine.fetch(wide.relation.filter(chosen).select("subscriber"))["subscriber"]
    for subscriber in some:
        judged = explain(warehouse, saved, parse_rule(text), wide, subscriber)
        assert (judged.answer is True) == (subscriber in inside.to_pylist())


def test_the_explanation_goes_down_to_the_values_and_the_audiences_referred_to(warehouse, saved):
    rule = parse_rule("in audience 'northern' and event orders at least 2 times within 30 days")
    judged = explain(warehouse, saved, rule, open_wide(warehouse, AS_OF), 2)
    reference, event = judged.parts
    assert (judged.answer, reference.answer, event.answer, event.found) == (True, True, True, 2)
    district, tag = reference.parts[0].parts
    assert (district.found, district.answer, tag.answer, tag.parts[0].answer) == ("north", True, True, False)


def test_the_command_explains_in_both_languages(shown):
    assert "saved" in shown("define", "young", "age < 25 and district = 'south' or has tag 'vip'")[1]
    _, english = shown("explain", "young", "--as-of", "2026-07-01", "--subscriber", "12")
    assert "Subscriber 12 is not in the audience as of 2026-07-01." in english
    assert "unknown" in english
    _, chinese = shown("explain", "young", "--as-of", "2026-07-01", "--subscriber", "5", language="zh")
    assert "截至 2026-07-01，用户 5 在该客群中。" in chinese


@pytest.mark.spark
def test_spark_counts_and_freezes_the_same_members(spark_engine, own, database):
    save(database, "chosen", "age < 25 and (has tag 'vip' or not event complaints within 30 days)")
    texts = (
        "in audience 'chosen'",
        "not in audience 'chosen'",
        "event orders at least 2 times within 30 days",
        "not has tag 'vip'",
    )
    province = Warehouse(own.root, spark_engine)
    for text in texts:
        counted = [
            count(each, database, parse_rule(text), open_wide(each, AS_OF)) for each in (own, province)
        ]
        assert counted[0] == counted[1], text
    chosen = predicate(province, database, "chosen")
    wide = open_wide(province, AS_OF)
    assert len(province.engine.fetch(wide.relation.filter(chosen(wide)).select("subscriber"))) == 5
    assert snapshot(province, database, "chosen", wide, NOW).members == 5
    assert own.engine.fetch(members(own, database, "chosen", AS_OF))["subscriber"].to_pylist() == [
        0,
        1,
        2,
        3,
        4,
    ]
