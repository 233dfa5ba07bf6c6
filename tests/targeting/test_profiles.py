"""Profiles of groups from the wide table, and what the data says to what a case says of them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from telewave.features.catalogue import VARIABLES
from telewave.features.model import Variable, VariableKind
from telewave.kernel import Label
from telewave.models.model import Contribution
from telewave.platform.progress import Silent
from telewave.targeting.bands import ACTIVITY, AGE, DATA, TENURE
from telewave.targeting.case import by_measure
from telewave.targeting.case_file import reference_case
from telewave.targeting.plan import DEFAULT_PLAN, Contacts, Group
from telewave.targeting.profiles import Moments
from telewave.targeting.profiling import profile_groups
from telewave.targeting.resemblance import Agreement, points_of, summary
from telewave.targeting.usecases import group, groups

AS_OF = date(2026, 7, 1)
CASE = reference_case()
PLAN = replace(DEFAULT_PLAN, core=replace(DEFAULT_PLAN.core, capacity=Contacts(800)))


@pytest.fixture(scope="module")
def profiled(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, PLAN, Silent())
    important = [part.variable.name for part in scored.card.contributions]
    return profile_groups(warehouse, wide, groups(warehouse, "handset", AS_OF), PLAN, important)


@pytest.fixture(scope="module")
def rows(warehouse, wide):
    """Wide rows and groups joined by hand."""
    people = warehouse.engine.fetch(wide.relation).sort_by("subscriber").to_pandas()
    made = warehouse.engine.fetch(groups(warehouse, "handset", AS_OF)).sort_by("subscriber").to_pandas()
    return people.assign(group=made.group, p=made.probability, v=made.expected_value_minor)


def test_sizes_probabilities_takers_values_and_costs_are_those_of_the_members(profiled, rows):
    for name in Group:
        mine, profile = rows[rows.group == name.value], profiled.groups[name]
        treatment = PLAN.treatment(name)
        assert profile.n == len(mine)
        assert profile.mean_probability == pytest.approx(mine.p.mean())
        assert profile.expected_takers == pytest.approx(mine.p.sum() * treatment.response_factor)
        alone = mine.p.sum() * PLAN.basic.response_factor
        assert profile.caused == pytest.approx(profile.expected_takers - alone)
        assert profile.profit.minor == mine.v.sum()
        assert profile.cost.minor == len(mine) * treatment.cost.minor
    assert profiled.everybody.n == len(rows)
    assert profiled.everybody.profit.minor == rows.v.sum()
    assert profiled.everybody.caused == pytest.approx(sum(profiled.groups[g].caused for g in Group))


def test_the_profit_is_what_the_takers_caused_earn_less_the_contacts(profiled):
    for profile in profiled.groups.values():
        by_hand = profile.caused * PLAN.margin.minor - profile.cost.minor
        assert profile.profit.minor == pytest.approx(
            by_hand, abs=profile.n
        )  # each row is rounded to a minor unit


def test_nobody_is_earned_whom_nobody_contacts(profiled):
    basic = profiled.groups[Group.BASIC]
    assert basic.expected_takers > 0
    assert (basic.caused, basic.profit.minor) == (0, 0)


def test_age_bands_count_every_member_once_and_the_unknown_apart(profiled, rows):
    mine = rows[rows.group == "core"]
    bands = {b.band.label.en if b.band else "unknown": b for b in profiled.groups[Group.CORE].bands[AGE]}
    assert bands["24–36"].n == int(mine.age.between(24, 36).sum())
    assert bands["46 and over"].n == int((mine.age >= 46).sum())
    assert bands["unknown"].n == int(mine.age.isna().sum())
    assert sum(b.n for b in bands.values()) == len(mine)
    assert sum(b.share for name, b in bands.items() if name != "unknown") == pytest.approx(1)


def test_medians_are_those_of_the_members(profiled, rows):
    for name in (AGE, TENURE, DATA):
        moments = profiled.groups[Group.NORMAL].moments[name]
        values = rows[rows.group == "normal"][name]
        assert moments.median == pytest.approx(values.median())
        assert moments.log_mean == pytest.approx(np.log1p(values).mean())


def test_the_young_and_active_core_agrees_with_the_case(profiled):
    found = {str(v.statement): v.agreement for v in points_of(CASE, profiled, Group.CORE)}
    assert found["aged 24–36"] is Agreement.AGREES
    assert found["calls in three months: high"] is Agreement.AGREES
    assert "all 4 points" in str(summary(points_of(CASE, profiled, Group.CORE)))


def test_a_core_of_the_old_and_idle_is_said_to_differ(profiled):
    turned = dict(profiled.groups) | {Group.CORE: profiled.groups[Group.BASIC]}
    found = points_of(CASE, replace(profiled, groups=turned), Group.CORE)
    assert {v.agreement for v in found} == {Agreement.DIFFERS}
    assert str(summary(found)).startswith("Does not look as the case describes it")


def test_a_group_too_small_to_tell_is_called_unclear(profiled):
    core = profiled.groups[Group.CORE]
    few = replace(core, moments={name: Moments(5, 1.0, 1.0, 1.0) for name in core.moments})
    found = points_of(CASE, replace(profiled, groups=dict(profiled.groups) | {Group.CORE: few}), Group.CORE)
    assert [v.agreement for v in found][1:] == [Agreement.UNCLEAR] * 3


def test_without_age_tenure_and_usage_the_models_own_variables_are_shown(warehouse, wide, scored):
    bare = replace(
        wide, variables=tuple(v for v in wide.variables if v.name in ("data_min_3m", "mms_out_3m", "payment"))
    )
    group(warehouse, "handset", AS_OF, PLAN, Silent())
    made = profile_groups(
        warehouse, bare, groups(warehouse, "handset", AS_OF), PLAN, ["payment", "mms_out_3m", "data_min_3m"]
    )
    assert [v.name for v in made.variables] == ["mms_out_3m", "data_min_3m"]
    assert made.everybody.bands == {}
    assert "cannot be checked" in str(summary(points_of(CASE, made, Group.CORE)))


def test_an_empty_group_has_a_profile_of_nobody(warehouse, wide, scored):
    none = replace(PLAN, core=replace(PLAN.core, capacity=Contacts(0)))
    group(warehouse, "handset", AS_OF, none, Silent())
    made = profile_groups(warehouse, wide, groups(warehouse, "handset", AS_OF), none, [])
    assert made.groups[Group.CORE].n == 0
    assert made.groups[Group.CORE].expected_takers == 0
    assert points_of(CASE, made, Group.CORE) == ()


def test_members_that_the_wide_table_lacks_are_counted_as_unknown(warehouse, wide, scored):
    group(warehouse, "handset", AS_OF, PLAN, Silent())
    relation = groups(warehouse, "handset", AS_OF)
    fewer = replace(wide, relation=wide.relation.filter(wide.relation.subscriber < 4_000))
    made = profile_groups(warehouse, fewer, relation, PLAN, [])
    assert made.everybody.n == 8_000
    assert made.everybody.moments[TENURE].n == 4_000


def test_windows_of_one_measure_count_together_as_the_case_counts_them():
    def part(name, share):
        return Contribution(Variable(name=name, label=Label(name, name), kind=VariableKind.NUMBER), share)

    parts = [part("calls_3m", 0.2), part("age", 0.3), part("calls_1m", 0.1), part("calls_change", 0.25)]
    summed = by_measure(parts)
    assert [(p.variable.name, round(p.share, 6)) for p in summed] == [("calls_change", 0.55), ("age", 0.3)]
    assert CASE.line_of("calls_1m").share == 0.038245
    assert CASE.line_of("calls_out_1m") is None


def test_what_a_profile_begins_with_are_names_of_the_catalogue():
    assert {AGE, TENURE, ACTIVITY, DATA} <= {v.name for v in VARIABLES}
