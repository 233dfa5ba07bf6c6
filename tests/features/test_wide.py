"""The wide table: every feature against an independent computation, and nothing known before its day."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features import oracle
from tests.features.conftest import differences
from tests.features.records import AS_OF, before, by_hypothesis, by_seed
from tests.proving import PROVING

from telewave.features.catalogue import FEATURES, VARIABLES
from telewave.features.model import VariableKind


def examples(count):
    """Every example sums up days and builds a table, about a second: three are drawn, and `count` where it is to be proven."""
    return settings(max_examples=count if PROVING else 3, suppress_health_check=list(HealthCheck))


@examples(14)
@given(by_hypothesis())
def test_every_feature_is_what_its_meaning_says(new_town, case):
    as_of, records = case
    assert differences(new_town().put(records).wide(as_of), oracle.wide(records, as_of)) == []


def test_every_feature_of_many_people_is_what_its_meaning_says_and_none_is_constant(town):
    as_of = AS_OF[1]
    records = by_seed(as_of, people=300, a_person=4)
    found, expected = town.put(records).wide(as_of), oracle.wide(records, as_of)
    assert differences(found, expected) == []
    assert list(found[0]) == [feature.name for feature in FEATURES]
    assert set(found[0]) == set(expected[0])
    constant = [name for name in found[0] if len({row[name] for row in found.values()}) < 2]
    assert constant == []


@examples(6)
@given(by_hypothesis())
def test_later_records_change_nothing_as_of_an_earlier_date(new_town, case):
    as_of, records = case
    town = new_town().put(before(records, as_of))
    ignorant = town.wide(as_of)
    assert town.put(records).wide(as_of) == ignorant


@examples(6)
@given(by_hypothesis(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_a_day_in_several_files_in_any_order_gives_the_same_table(new_town, case, pieces, rng):
    as_of, records = case
    shuffled = {table: rng.sample(rows, len(rows)) for table, rows in records.items()}
    assert new_town().put(records).wide(as_of) == new_town().put(shuffled, pieces).wide(as_of)


def test_days_added_late_give_the_same_table_as_all_at_once(new_town):
    as_of = AS_OF[0]
    records = by_seed(as_of, people=20, a_person=5, offsets=(-60, -31, -30, -2))
    early = before(records, as_of - timedelta(30))
    rest = {table: [row for row in rows if row not in early[table]] for table, rows in records.items()}
    backwards = new_town().put({**rest, "subscribers": records["subscribers"]})
    backwards.wide(as_of)
    assert backwards.put(early).wide(as_of) == new_town().put(records).wide(as_of)


def test_the_catalogue_describes_every_feature_in_both_languages_once():
    assert len({f.name for f in FEATURES}) == len(FEATURES) == len(VARIABLES)
    for feature in FEATURES:
        assert feature.label.zh
        assert feature.meaning.zh.endswith("。")
        assert feature.meaning.en.endswith(".")
        assert feature.window in (0, 1, 3)
    assert {f.kind for f in FEATURES} == {VariableKind.NUMBER, VariableKind.CATEGORY, VariableKind.FLAG}
