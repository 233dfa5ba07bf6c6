"""One rule, three forms: compiled to the engine, judged on one row, written as JSON and as text. They agree."""

import contextlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.proving import examples

from telewave.audiences.checks import check
from telewave.audiences.compile import Ground, compiled, condition
from telewave.audiences.language import parse_rule, rule_text
from telewave.audiences.matching import Person, judge
from telewave.audiences.reading import from_json, to_json
from telewave.audiences.rule import (
    And,
    Between,
    Comparison,
    Event,
    HasTag,
    InAudience,
    IsNotNull,
    IsNull,
    Likeness,
    Not,
    OneOf,
    Operator,
    Or,
    TextMatch,
)
from telewave.audiences.scope import scope_of_variables
from telewave.features.logs import LOGS, last_rows
from telewave.features.model import Variable, VariableKind
from telewave.kernel import Label, Malformed
from telewave.platform.engine import DuckDBEngine
from telewave.records.contracts import CONTRACTS

AS_OF = date(2026, 7, 1)
KINDS = {
    "size": VariableKind.NUMBER,
    "place": VariableKind.CATEGORY,
    "kept": VariableKind.FLAG,
    "since": VariableKind.DATE,
}
TYPES = {"size": pa.float64(), "place": pa.string(), "kept": pa.bool_(), "since": pa.date32()}
VARIABLES = tuple(Variable(name=name, label=Label(name, name), kind=kind) for name, kind in KINDS.items())

NUMBERS = st.sampled_from([-1, 0, 0.5, 1, 2, 1e-300, 2**53 - 1])
TEXTS = st.sampled_from(["a", "ab", "A", "a%b", "a_b", "中心", "b\na", "'", '"', "\\", "a\\", "é", "😀"])
DATES = st.integers(-3, 40).map(lambda n: AS_OF - timedelta(n))
VALUES = {
    "size": NUMBERS | st.just(math.nan), "place": TEXTS | st.just(""), "kept": st.booleans(), "since": DATES,
}  # fmt: skip
TAGS = st.sampled_from(["vip", "老客户"])
OFFERS = st.sampled_from(["phone", "tv"])

ORDERED = tuple(Operator)
EQUALITY = (Operator.EQUAL, Operator.NOT_EQUAL)


def column_tests(name, kind, values):
    """Every test of one variable that the checks let through."""
    ordered = kind in (VariableKind.NUMBER, VariableKind.DATE)
    forms = [
        st.builds(Comparison, st.just(name), st.sampled_from(ORDERED if ordered else EQUALITY), values),
        st.sampled_from([IsNull(name), IsNotNull(name)]),
    ]
    if ordered:
        forms.append(st.tuples(values, values).map(sorted).map(lambda bounds: Between(name, *bounds)))
    if kind is not VariableKind.FLAG:
        forms.append(st.lists(values, min_size=1, max_size=3).map(lambda found: OneOf(name, tuple(found))))
    if kind is VariableKind.CATEGORY:
        forms.append(
            st.builds(
                TextMatch, st.just(name), st.sampled_from([Likeness.CONTAINS, Likeness.STARTS_WITH]), values
            )
        )
        patterns = values.filter(lambda text: "\\" not in text) | st.sampled_from(
            ["a%", "%b", "_", "a_b", "%"]
        )
        forms.append(st.builds(TextMatch, st.just(name), st.just(Likeness.LIKE), patterns))
    return st.one_of(forms)


def trees(leaves, most=6):
    def wider(inner):
        parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.builds(And, parts) | st.builds(Or, parts) | st.builds(Not, inner)

    return st.recursive(leaves, wider, max_leaves=most)


ORDER_TESTS = st.one_of(
    column_tests("offer", VariableKind.CATEGORY, OFFERS),
    column_tests("kind", VariableKind.CATEGORY, st.sampled_from(["device_only", "new_number"])),
    column_tests("ordered_at", VariableKind.DATE, DATES),
)
BILL_TESTS = st.one_of(
    column_tests("amount_minor", VariableKind.NUMBER, st.sampled_from([0, 100, 99.5])),
    column_tests("month", VariableKind.DATE, DATES),
)
EVENTS = st.one_of(
    st.builds(Event, st.just(table), st.none() | trees(tests, 3), st.integers(1, 40), st.integers(1, 2))
    for table, tests in (("orders", ORDER_TESTS), ("bills", BILL_TESTS))
)
OWN = [
    column_tests(name, kind, VALUES[name].filter(lambda v: v == v and v != "")) for name, kind in KINDS.items()
]  # fmt: skip
PLAIN = trees(st.one_of(*OWN, st.builds(HasTag, TAGS), EVENTS))
ONE, TWO = InAudience("one"), InAudience("两个", 3)
RULES = trees(st.one_of(*OWN, st.builds(HasTag, TAGS), EVENTS, st.sampled_from([ONE, TWO])))

ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()}),
    min_size=1,
    max_size=6,
)
PEOPLE = st.integers(0, 6)
TAG_LOG = st.lists(
    st.tuples(PEOPLE, st.integers(-2, 30), TAGS, st.booleans()), max_size=8, unique_by=lambda t: t[:3]
)
ORDER_LOG = st.lists(
    st.tuples(PEOPLE, DATES, OFFERS, st.sampled_from(["device_only", "new_number"])), max_size=8
)
BILL_LOG = st.lists(st.tuples(PEOPLE, DATES, DATES, st.sampled_from([0, 100, 200])), max_size=8)


def logs(tags, orders, bills):
    """The three tables as lists of rows."""
    return {
        "tags": [
            {"subscriber": who, "recorded_on": AS_OF - timedelta(ago), "tag": tag, "held": held}
            for who, ago, tag, held in tags
        ],
        "orders": [
            {"subscriber": who, "ordered_at": datetime.combine(day, time(23, 59)), "offer": offer, "kind": kind, "channel": "hall"}
            for who, day, offer, kind in orders
        ],
        "bills": [
            {"subscriber": who, "issued_on": day, "month": month, "amount_minor": amount}
            for who, day, month, amount in bills
        ],
    }  # fmt: skip


def day_of(table, row):
    day = row[CONTRACTS[table].dated_by]
    return day.date() if isinstance(day, datetime) else day


def person(number, values, tables):
    """What one row knows: tags by replaying the log, events by picking one's own."""
    state = {}
    for row in sorted(tables["tags"], key=lambda r: r["recorded_on"]):
        if row["subscriber"] == number and row["recorded_on"] < AS_OF:
            state[row["tag"]] = row["held"]
    events = {
        table: [(day_of(table, row), row) for row in tables[table] if row["subscriber"] == number]
        for table in ("orders", "bills")
    }
    return Person(values, frozenset(tag for tag, held in state.items() if held), events)


def wide_of(rows):
    columns = {
        name: pa.array([row[name] for row in rows], kind, from_pandas=False) for name, kind in TYPES.items()
    }
    return pa.table({"subscriber": pa.array(range(len(rows)), pa.int32()), **columns})


@dataclass
class Recorded:
    """Records in memory."""

    tables: dict
    table_of: Callable

    def within(self, table, first, end):
        kept = [row for row in self.tables[table] if first <= day_of(table, row) < end]
        return self.table_of(pa.Table.from_pylist(kept, schema=CONTRACTS[table].schema))

    def last(self, table, as_of):
        return last_rows(LOGS[table], self.within(table, date.min, as_of))


def ground(relation, tables, definitions, table_of=ibis.memtable):
    return Ground(
        relation=relation,
        key="subscriber",
        as_of=AS_OF,
        records=Recorded(tables, table_of),
        definitions=definitions,
    )


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(1, 1)
    yield made
    made.close()


@settings(max_examples=examples(120), suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(RULES, min_size=3, max_size=3), PLAIN, ROWS, TAG_LOG, ORDER_LOG, BILL_LOG)
def test_the_engine_and_one_row_give_the_same_answer(engine, rules, other, rows, tags, orders, bills):
    tables = logs(tags, orders, bills)
    definitions = {ONE: other, TWO: Or((other, ONE))}
    relation = ibis.memtable(wide_of(rows))
    over = ground(relation, tables, definitions)
    asked = {f"rule{n}": compiled(rule, over) for n, rule in enumerate(rules)}
    chosen = {f"chosen{n}": condition(rule, over) for n, rule in enumerate(rules)}
    found = engine.fetch(relation.select("subscriber", **asked, **chosen)).sort_by("subscriber").to_pylist()
    for number, values in enumerate(rows):
        one = person(number, values, tables)
        expected = [judge(rule, one, AS_OF, definitions) for rule in rules]
        assert [found[number][name] for name in asked] == expected
        assert [found[number][name] is True for name in chosen] == [answer is True for answer in expected]


@settings(max_examples=examples(300))
@given(RULES)
def test_a_rule_survives_json_and_text_unchanged(rule):
    through_json = from_json(json.loads(json.dumps(to_json(rule))))
    through_text = parse_rule(rule_text(rule))
    assert repr(through_json) == repr(through_text) == repr(rule)


@settings(max_examples=examples(200))
@given(RULES)
def test_what_the_tests_make_is_what_the_checks_allow(rule):
    check(rule, scope_of_variables(VARIABLES, dated=True))


@settings(max_examples=examples(300))
@given(st.text(max_size=40) | st.lists(st.sampled_from(
    ["age", "=", "'x'", "3", "and", "or", "not", "(", ")", "in", "between", "event", "orders", "within", "days", "is", "null"]
), max_size=9).map(" ".join))  # fmt: skip
def test_any_text_is_a_rule_or_refused_in_a_sentence(text):
    with contextlib.suppress(Malformed):
        assert repr(parse_rule(rule_text(parse_rule(text)))) == repr(parse_rule(text))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["all", "any", "not", "variable", "=", "between", "in", "null", "like", "tag", "event", "where", "within_days", "audience"]
    ), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=examples(300))
@given(JSON)
def test_any_json_is_a_rule_or_refused_in_a_sentence(raw):
    with contextlib.suppress(Malformed):
        assert repr(from_json(to_json(from_json(raw)))) == repr(from_json(raw))


SAMPLE = (
    "size > 0.5",
    "not size between 0 and 1 or place is null",
    "place in ('a', '中心') and kept != true",
    "place contains 'a' or place starts with 'b' or place like 'a\\_b'".replace("\\", ""),
    "since >= 2026-06-20 and since < 2026-07-01",
    "has tag 'vip'",
    "not has tag 'vip' and size is not null",
    "has tag 'vip' or size = 1 or event orders within 5 days",
    "event orders where offer = 'phone' and ordered_at > 2026-06-10 within 30 days",
    "not event orders at least 2 times within 30 days",
    "event bills where amount_minor >= 100 or not month = 2026-06-01 within 40 days and kept = false",
    "in audience 'one'",
    "not in audience 'one' and not (in audience '两个' version 3 or kept = true)",
    "place = '\\' or place = '''' or place like '%''%' or place contains '\"'",
)


@pytest.mark.spark
def test_spark_and_one_row_give_the_same_answer(spark_engine, tmp_path):
    from itertools import product

    import pyarrow.parquet as pq

    sizes, places = (None, 0, 0.5, 1, math.nan), (None, "", "a", "ab", "a_b", "中心", "'", '"', "\\")
    flags, days = (None, True, False), (None, date(2026, 6, 20), AS_OF)
    grid = list(product(sizes, places, flags, days))
    rows = [dict(zip(("size", "place", "kept", "since"), values, strict=True)) for values in grid]
    tables = logs(
        [(1, 5, "vip", True), (2, 9, "vip", True), (2, 3, "vip", False), (3, -1, "vip", True)],
        [(1, date(2026, 6, 28), "phone", "new_number"), (1, date(2026, 6, 11), "tv", "device_only"), (5, AS_OF, "phone", "new_number")],
        [(1, date(2026, 6, 1), date(2026, 5, 1), 100), (7, date(2026, 6, 1), date(2026, 6, 1), 0)],
    )  # fmt: skip

    def stored(table):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.parquet"
        pq.write_table(table, path)
        return spark_engine.read([path], table.schema)

    definitions = {
        ONE: parse_rule("size > 0 or has tag 'vip'"),
        TWO: parse_rule("not in audience 'one' and place is not null"),
    }
    relation = stored(wide_of(rows))
    over = ground(relation, tables, definitions, stored)
    people = [person(number, values, tables) for number, values in enumerate(rows)]
    for text in SAMPLE:
        rule = parse_rule(text)
        answers = [judge(rule, one, AS_OF, definitions) for one in people]
        for wanted, wished in ((True, compiled(rule, over)), (False, compiled(Not(rule), over))):
            found = spark_engine.fetch(relation.filter(wished).select("subscriber"))["subscriber"].to_pylist()
            assert sorted(found) == [n for n, answer in enumerate(answers) if answer is wanted], text
