"""Scores in the warehouse: of everybody once, at once and whole, however the subscribers are numbered."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from tests.models.worlds import variables_of

from telewave.features.model import WideTable
from telewave.models.usecases import (
    OUTSIDE,
    SCORES,
    NobodyToScore,
    VariablesMissing,
    score,
    scored_by,
    scores,
)
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse

JULY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(1, 2)
    yield made
    made.close()


@pytest.fixture
def warehouse(tmp_path, engine):
    return Warehouse(tmp_path, engine)


def wide_of(warehouse, rows, numbers, as_of=JULY):
    """`rows` as a wide table in the warehouse, the subscribers called `numbers`."""
    variables = variables_of(rows)
    rows = rows.append_column("subscriber", pa.array(numbers, pa.int32()))
    key = as_of.isoformat() if as_of else OUTSIDE
    with warehouse.change("wide_toy") as change:
        file = change.new_file(key)
        pa.parquet.write_table(rows, file)
        change.set(key, {file: "test"})
    relation = warehouse.read("wide_toy", rows.schema, lambda k: k == key)
    return WideTable(relation=relation, key="subscriber", variables=variables, as_of=as_of)


def read(warehouse, as_of=JULY):
    return warehouse.engine.fetch(scores(warehouse, "toy", as_of).order_by("subscriber"))


NUMBERED = {
    "one after another": np.arange(1_000),
    "backwards": np.arange(1_000)[::-1],
    "at random with gaps": np.random.default_rng(0).choice(2**31 - 1, 1_000, replace=False),
    "all but one in a corner": np.r_[2**31 - 1, np.arange(999)],
    "with the greatest gap there is": np.r_[np.arange(500), 2**31 - 500 + np.arange(500)],
}


@pytest.mark.parametrize("batch", [1, 90, 333, 1_000, 10_000])
@pytest.mark.parametrize("numbers", NUMBERED.values(), ids=NUMBERED)
def test_everybody_is_scored_once_whatever_the_numbers_and_the_batches(toy, warehouse, numbers, batch):
    made, fitted = toy
    numbers, rows = (numbers[:40], made.table.rows[:40]) if batch == 1 else (numbers, made.table.rows[:1_000])
    wide = wide_of(warehouse, rows, numbers)
    assert score(fitted, wide, warehouse, Silent(), batch_rows=batch).rows == len(numbers)
    found = read(warehouse)
    order = np.argsort(numbers)
    assert found["subscriber"].to_pylist() == numbers[order].tolist()
    np.testing.assert_allclose(
        found["probability"].to_numpy(), fitted.probabilities(rows)[order], rtol=1e-9, atol=0
    )


def test_scores_are_in_order_of_subscriber_and_say_that_no_version_made_them(toy, warehouse):
    made, fitted = toy
    numbers = np.random.default_rng(1).permutation(1_000)
    score(fitted, wide_of(warehouse, made.table.rows[:1_000], numbers), warehouse, Silent(), batch_rows=90)
    (file,) = warehouse.manifest("scores.toy").partitions["2026-07-01"]
    written = pa.parquet.read_table(warehouse.root / "scores.toy" / file.path)
    assert written.schema.equals(SCORES)
    assert written["subscriber"].to_pylist() == list(range(1_000))
    assert file.origin == "toy/unsaved"


def test_scores_carry_the_name_and_version_of_the_model_that_made_them(toy, warehouse):
    made, fitted = toy
    wide = wide_of(warehouse, made.table.rows[:100], np.arange(100))
    score(fitted.numbered(4), wide, warehouse, Silent())
    assert scored_by(warehouse, "toy", date(2026, 7, 1)) == "toy/4"


def test_a_reader_sees_the_old_scores_until_all_new_ones_are_there(toy, warehouse):
    """Looked at after each batch: the old scores, whole, and not one of the new."""
    made, fitted = toy
    wide = wide_of(warehouse, made.table.rows[:1_000], np.arange(1_000))
    score(fitted, wide, warehouse, Silent())
    old = read(warehouse)
    shifted = replace(fitted, card=replace(fitted.card, calibration=fitted.calibration.then_shifted(2.0)))
    seen = []

    class Looking(Silent):
        def advance(self, by=1):
            seen.append(read(warehouse).equals(old))

        def step(self, title, total=None):
            return _Step(self)

    score(shifted, wide, warehouse, Looking(), batch_rows=100)
    assert seen == [True] * 10
    assert (read(warehouse)["probability"].to_numpy() > old["probability"].to_numpy()).all()


class _Step:
    def __init__(self, watcher):
        self._watcher = watcher

    def __enter__(self):
        return self._watcher

    def __exit__(self, *_):
        return None


def test_a_failure_in_a_later_batch_leaves_the_old_scores(toy, warehouse):
    made, fitted = toy
    wide = wide_of(warehouse, made.table.rows[:1_000], np.arange(1_000))
    score(fitted, wide, warehouse, Silent())
    before, old = warehouse.manifest("scores.toy"), read(warehouse)

    class GivesUp(Silent):
        def advance(self, by=1):
            raise KeyboardInterrupt

        def step(self, title, total=None):
            return _Step(self)

    with pytest.raises(KeyboardInterrupt):
        score(fitted, wide, warehouse, GivesUp(), batch_rows=100)
    assert warehouse.manifest("scores.toy") == before
    assert read(warehouse).equals(old)


def test_the_first_scores_ever_are_none_when_they_fail(toy, warehouse):
    made, fitted = toy
    rows = made.table.rows.slice(0, 50)
    broken = replace(fitted, estimator=None)
    with pytest.raises(AttributeError):
        score(broken, wide_of(warehouse, rows, np.arange(50)), warehouse, Silent())
    assert warehouse.manifest("scores.toy").partitions == {}


def test_an_outside_table_has_its_scores_in_one_partition_of_its_own(toy, warehouse):
    made, fitted = toy
    wide = wide_of(warehouse, made.table.rows[:100], np.arange(100), as_of=None)
    score(fitted, wide, warehouse, Silent())
    assert list(warehouse.manifest("scores.toy").partitions) == ["all"]
    assert read(warehouse, None).num_rows == 100


def test_unknown_enormous_and_unheard_of_values_of_an_outside_table_are_scored(toy, warehouse):
    rows = pa.table(
        {
            "strong": pa.array([None, np.inf, -np.inf, np.nan, 1e300]),
            "weak": pa.nulls(5, pa.float64()),
            "colour": pa.array([None, "", "red", "ultraviolet", "紫"]),
            "noise": pa.array([0.0] * 5),
        }
    )
    score(toy[1], wide_of(warehouse, rows, np.arange(5), as_of=None), warehouse, Silent())
    found = read(warehouse, None)["probability"].to_numpy()
    assert ((found > 0) & (found < 1)).all()


def test_columns_the_model_does_not_know_are_left_aside(toy, warehouse):
    made, fitted = toy
    rows = made.table.rows.slice(0, 100)
    more = rows.append_column("another", pa.array(["?"] * 100))
    score(fitted, wide_of(warehouse, more, np.arange(100)), warehouse, Silent())
    np.testing.assert_allclose(
        read(warehouse)["probability"].to_numpy(), fitted.probabilities(rows), rtol=1e-9
    )


def test_missing_variables_are_named_and_nothing_is_written(toy, warehouse):
    made, fitted = toy
    rows = made.table.rows.slice(0, 10).drop_columns(["weak", "colour"])
    with pytest.raises(VariablesMissing, match=r"model toy was trained on: colour, weak\. Build it"):
        score(fitted, wide_of(warehouse, rows, np.arange(10)), warehouse, Silent())
    assert "scores.toy" not in warehouse.tables()


def test_nobody_to_score_is_refused_and_leaves_the_old_scores(toy, warehouse):
    made, fitted = toy
    wide = wide_of(warehouse, made.table.rows[:10], np.arange(10))
    score(fitted, wide, warehouse, Silent())
    before = warehouse.manifest("scores.toy")
    empty = replace(wide, relation=wide.relation.filter(wide.relation.subscriber < 0))
    with pytest.raises(NobodyToScore, match="widen the audience"):
        score(fitted, empty, warehouse, Silent())
    assert warehouse.manifest("scores.toy") == before
