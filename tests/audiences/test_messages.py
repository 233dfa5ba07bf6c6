"""What is refused, and in which words."""

import json
from datetime import date

import pytest

from telewave.audiences.checks import check
from telewave.audiences.language import parse_rule, rule_text
from telewave.audiences.reading import from_json
from telewave.audiences.rule import And, Comparison, Event, Operator, TooDeep, TooFewParts, UncountableWindow
from telewave.audiences.scope import scope_of_variables
from telewave.features.catalogue import VARIABLES
from telewave.kernel import Malformed

SCOPE = scope_of_variables(VARIABLES, dated=True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "character 1: expected the name of a variable"),
        ("age", "character 4: expected `=`"),
        ("age betwen 3", "found 'betwen'"),
        ("age between 3", "expected `and`, found the end of the rule"),
        ("age in 3", "expected `(`, found '3'"),
        ("age in (3", "expected `,` or `)`"),
        ("(age > 3", "expected `and`, `or` or `)`"),
        ("age > 3)", "expected `and`, `or` or the end of the rule, found ')'"),
        ("age > 3 years", "found 'years'"),
        ("age is 3", "expected `null`"),
        ("5 > age", "expected the name of a variable"),
        ("district = 'north", "expected a closing quotation mark"),
        ("district = #", "expected a word, a number, a text in '...' or a sign, found '#'"),
        ("age > 2026-02-30", "a day of the calendar"),
        ("has 'vip'", "expected `tag`"),
        ("has tag vip", "expected a text in '...'"),
        ("event orders", "expected `where`, `at least` or `within`"),
        ("event orders where offer = 'x'", "expected `and`, `or`, `at least` or `within`"),
        ("event orders within 0 days", "expected a whole number from 1"),
        ("event orders within 3", "expected `days`"),
        ("event orders at least 2 within 3 days", "expected `times`"),
        ("in audience young", "expected a text in '...'"),
        ("in audience 'young' version 1.5", "expected a whole number from 1"),
        ("not", "expected the name of a variable"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_at_its_place(text, sentence):
    with pytest.raises(Malformed) as refused:
        parse_rule(text)
    assert sentence in str(refused.value)


def test_the_mark_stands_under_the_place_in_its_line():
    with pytest.raises(Malformed) as refused:
        parse_rule("age > 3 and\n  age > and\n  age < 9")
    lines = str(refused.value).splitlines()
    assert lines[1].strip() == "age > and"
    assert lines[2].index("^") == lines[1].index("and")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("agee > 3", "no variable 'agee' here. Did you mean age"),
        ("年龄 > 3", "Did you mean age"),
        ("zzzzqq > 3", "docs/reference/features.md"),
        ("age = 'x'", "is a number, and 'x' is not. Write 30."),
        ("has_mobile = 1", "Write true."),
        ("has_mobile > true", "`has_mobile > true` does not fit"),
        ("age contains 'x'", "does not fit age"),
        ("payment = 'preapid'", "Did you mean prepaid"),
        ("payment in ('prepaid', 'gold')", "never 'gold'"),
        ("device_kind = 'phone'", "feature_phone, smartphone, modem"),
        ("age between 5 and 3", "Exchange the two"),
        ("district like 'a\\b'", "backslash"),
        ("event order within 3 days", "no table 'order'"),
        ("event orders where ofer = 'x' within 3 days", "Did you mean offer"),
        ("event orders where kind = 'new' within 3 days", "device_only, new_number"),
        ("event orders where subscriber = 3 within 3 days", "no variable 'subscriber'"),
        ("event orders where has tag 'x' within 3 days", "cannot stand in the `where`"),
        ("event orders where in audience 'x' within 3 days", "cannot stand in the `where`"),
        ("event bills where event orders within 3 days within 9 days", "cannot stand in the `where`"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_what_would(text, sentence):
    with pytest.raises(Malformed) as refused:
        check(parse_rule(text), SCOPE)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("raw", "place", "problem"),
    [
        ("[]", "$", "An object in braces"),
        ("{}", "$", "Exactly one of the keys all, any"),
        ('{"all": []}', "$.all", "at least one entry"),
        ('{"all": [{"tag": "x"}, {"tag": ""}]}', "$.all[1].tag", "not empty"),
        ('{"tag": "x", "audience": "y"}', "$", "Exactly one"),
        ('{"tag": "x", "colour": 1}', "$.colour", "not known here"),
        ('{"variable": "age"}', "$", "Exactly one of the keys ="),
        ('{"variable": "age", "=": 1, "<": 2}', "$", "Exactly one"),
        ('{"variable": "age", "=": null}', "$.=", "A number, a text"),
        ('{"variable": "age", "between": [1]}', "$.between", "Two values"),
        ('{"variable": "age", "null": 1}', "$.null", "true or false"),
        ('{"variable": "age", "=": {"date": "2026-2-1"}}', "$.=.date", "year-month-day"),
        ('{"event": "orders"}', "$", "'within_days' is missing"),
        ('{"event": "orders", "within_days": true}', "$.within_days", "whole number"),
        ('{"not": {"any": [1]}}', "$.not.any[0]", "An object"),
        ('{"audience": "x", "version": 0}', "$.version", "whole number"),
    ],
)
def test_json_that_is_no_rule_is_refused_at_its_place(raw, place, problem):
    with pytest.raises(Malformed) as refused:
        from_json(json.loads(raw))
    assert f"at {place}:" in str(refused.value)
    assert problem in str(refused.value)


def test_a_rule_nested_without_end_is_refused():
    with pytest.raises(TooDeep):
        parse_rule("(" * 5_000 + "age > 3" + ")" * 5_000)
    with pytest.raises(TooDeep):
        parse_rule("not " * 5_000 + "age > 3")
    deep = {"tag": "x"}
    for _ in range(100):
        deep = {"not": deep}
    with pytest.raises(Malformed, match="40 levels"):
        from_json(deep)


def test_the_deepest_rule_that_can_be_written_can_be_read_back():
    from telewave.audiences.reading import to_json

    rule = parse_rule("age > 3 or age < 1 and (" * 19 + "age = 2" + ")" * 19)
    assert from_json(to_json(rule)) == rule
    assert parse_rule(rule_text(rule)) == rule


@pytest.mark.parametrize("number", ["1e400", "9007199254740993", "-1e17", "9" * 5_000])
def test_a_number_that_engines_compare_differently_is_refused(number):
    with pytest.raises(Malformed, match="cannot be compared exactly"):
        parse_rule(f"age > {number}")


def test_parts_and_windows_are_checked_where_they_are_made():
    one = Comparison("age", Operator.LESS, 3)
    with pytest.raises(TooFewParts):
        And((one,))
    with pytest.raises(UncountableWindow):
        Event("orders", None, 0)
    with pytest.raises(UncountableWindow):
        parse_rule("event orders within 99999 days")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("AGE >= 18 AND Not has_mobile = TRUE", "AGE >= 18 and not has_mobile = true"),
        ("age <> 3 and （age ≤ 5 or age ≠ 4）", "age != 3 and (age <= 5 or age != 4)"),
        ("age not in (1，2)", "not age in (1, 2)"),
        ("age not between 1 and 2", "not age between 1 and 2"),
        ("district is not null", "district is not null"),
        ("\"day\" = 3 and \"a b\" = 'it''s'", "\"day\" = 3 and \"a b\" = 'it''s'"),
        ("event orders at least 1 time within 1 day", "event orders within 1 days"),
        ("since < 2026-07-01", "since < 2026-07-01"),
        ("age > 1.50 or age = 2e1", "age > 1.5 or age = 20"),
        ("x within3", None),
    ],
)
def test_ways_of_writing_come_to_one(written, said):
    if said is None:
        with pytest.raises(Malformed):
            parse_rule(written)
    else:
        assert rule_text(parse_rule(written)) == said


def test_and_binds_more_strongly_than_or_and_not_most():
    rule = parse_rule("a = 1 or not b = 2 and c = 3")
    assert rule_text(rule) == "a = 1 or (not b = 2 and c = 3)"
    assert parse_rule("since = 2026-07-01").value == date(2026, 7, 1)
