"""Groups written to the warehouse, and read back with what made them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telewave.kernel import Money
from telewave.models.usecases import NotScored
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.targeting.plan import DEFAULT_PLAN, Contacts
from telewave.targeting.usecases import GROUPS, GroupsOfOlderForm, NotGrouped, group, grouped, groups

AS_OF = date(2026, 7, 1)
PLAN = replace(DEFAULT_PLAN, core=replace(DEFAULT_PLAN.core, capacity=Contacts(300)))


def rows_of(warehouse, as_of=AS_OF):
    return warehouse.engine.fetch(groups(warehouse, "handset", as_of).order_by("rank"))


def test_every_scored_subscriber_is_in_one_group_in_order_of_probability(warehouse, scored):
    made = group(warehouse, "handset", AS_OF, PLAN, Silent())
    rows = rows_of(warehouse)
    assert rows.schema.equals(GROUPS)
    assert rows["rank"].to_pylist() == list(range(1, 8_001))
    assert sorted(rows["subscriber"].to_pylist()) == list(range(8_000))
    p = rows["probability"].to_numpy()
    assert bool(np.all(p[1:] <= p[:-1]))
    counted = {c.as_py(): rows["group"].to_pylist().count(c.as_py()) for c in rows["group"].unique()}
    assert counted == {g.value: cutoff.size for g, cutoff in made.cutoffs.items() if cutoff.size}


def test_the_plan_and_the_cutoffs_are_kept_with_the_groups(warehouse, scored):
    made = group(warehouse, "handset", AS_OF, PLAN, Silent())
    assert grouped(warehouse, "handset", AS_OF) == made
    assert made.scored_by == "handset/unsaved"


def test_groups_whose_value_was_counted_in_the_older_way_are_to_be_formed_again(warehouse, scored):
    group(warehouse, "handset", AS_OF, PLAN, Silent())
    with warehouse.change("groups.handset") as change:
        made = change.facts["made_by"][AS_OF.isoformat()]
        change.facts["made_by"] = {
            AS_OF.isoformat(): {name: fact for name, fact in made.items() if name != "form"}
        }
    with pytest.raises(GroupsOfOlderForm, match="telewave group"):
        grouped(warehouse, "handset", AS_OF)
    assert group(warehouse, "handset", AS_OF, PLAN, Silent()) == grouped(warehouse, "handset", AS_OF)


def test_grouping_again_replaces_the_partition_and_leaves_others(warehouse, scored):
    group(warehouse, "handset", AS_OF, PLAN, Silent())
    richer = replace(PLAN, margin=Money(5_000_00))
    group(warehouse, "handset", AS_OF, richer, Silent())
    assert grouped(warehouse, "handset", AS_OF).plan == richer
    assert rows_of(warehouse).num_rows == 8_000
    with pytest.raises(NotGrouped):
        grouped(warehouse, "handset", date(2026, 8, 1))


def test_only_members_are_grouped_when_members_are_given(warehouse, wide, scored):
    members = wide.relation.filter(wide.relation.age < 30).select("subscriber")
    made = group(warehouse, "handset", AS_OF, PLAN, Silent(), members)
    wanted = warehouse.engine.fetch(members).num_rows
    assert sum(cutoff.size for cutoff in made.cutoffs.values()) == wanted == rows_of(warehouse).num_rows


def test_without_scores_the_remedy_is_named(warehouse):
    with pytest.raises(NotScored, match="telewave score"):
        group(warehouse, "unheard-of", AS_OF, PLAN, Silent())


def test_an_outside_table_is_grouped_in_the_partition_all(tmp_path):
    warehouse = Warehouse(tmp_path, DuckDBEngine(1, 1))
    rows = pa.table({"subscriber": pa.array([1, 2, 3], pa.int32()), "probability": [0.1, 0.9, 0.5]})
    with warehouse.change("scores.calls") as change:
        file = change.new_file("all")
        pq.write_table(rows, file)
        change.set("all", {file: "2026-06-30T00:00:00+00:00"})
    group(warehouse, "calls", None, replace(PLAN, core=replace(PLAN.core, capacity=Contacts(1))), Silent())
    assert list(warehouse.manifest("groups.calls").partitions) == ["all"]
    found = warehouse.engine.fetch(groups(warehouse, "calls", None).order_by("rank"))
    assert found["subscriber"].to_pylist() == [2, 3, 1]
    assert found["group"].to_pylist()[0] == "core"
