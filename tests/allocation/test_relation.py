"""The allocation inside the engine: the same rules kept, as proven as the plan made in memory, the same on DuckDB and Spark."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.allocation.judge import broken_rules, named

from telewave.allocation.model import NoPlanExists, Problem, counted
from telewave.allocation.relation import (
    ValueTable,
    allocate_in_engine,
    allocate_in_memory,
    allocate_table,
)
from telewave.allocation.solve import allocate
from telewave.platform.engine import DuckDBEngine

OFFER = np.array([0, 0, 1, 1, 2, 2])


def made_up(subscribers, most, classes=2, seed=1):
    draw = np.random.default_rng(seed)
    values = (draw.gamma(1.0, 1.0, (subscribers, 6)) - 0.4).astype(np.float32)
    values[draw.random(values.shape) < 0.1] = -np.inf
    of = draw.integers(0, classes, subscribers).astype(np.uint16)
    limits = [named(f"limit {j}", np.eye(6)[j], subscribers * 0.06) for j in range(6)]
    limits.append(named("in all", np.ones(6), int(subscribers * 0.3)))
    only_first = np.zeros((classes, 6))
    only_first[0] = 1.5
    limits.append(named("first class", only_first, subscribers * 0.1))
    return Problem(values, OFFER, limits, most, of, class_count=classes)


def stored(problem, folder):
    columns = {"subscriber": pa.array(np.arange(problem.subscribers, dtype=np.int64))}
    columns["class"] = pa.array(problem.classes.astype(np.int32))
    for j in range(problem.options):
        column = problem.values[:, j]
        columns[f"v{j}"] = pa.array(column, mask=~np.isfinite(column))
    table = pa.table(columns)
    pq.write_table(table, folder / "values.parquet")
    return [folder / "values.parquet"], table.schema


def table_of(engine, problem, folder):
    files, schema = stored(problem, folder)
    return ValueTable(
        engine.read(files, schema), [f"v{j}" for j in range(problem.options)], problem.offer, problem.limits,
        problem.most, problem.class_count,
    )  # fmt: skip


def in_engine(engine, problem, folder, **options):
    made = allocate_in_engine(engine, table_of(engine, problem, folder), **options)
    return made, rows_of(engine, made)


def rows_of(engine, made):
    return engine.fetch(made.chosen).sort_by([("subscriber", "ascending"), ("option", "ascending")])


def as_choice(problem, rows):
    choice = np.full((problem.subscribers, problem.most), -1)
    for who, what in zip(rows["subscriber"].to_pylist(), rows["option"].to_pylist(), strict=True):
        choice[who, np.flatnonzero(choice[who] < 0)[0]] = what
    return choice


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory):
    engine = DuckDBEngine(2, 2, tmp_path_factory.mktemp("spill"))
    yield engine
    engine.close()


def with_ties(problem, distinct=8):
    """Only so many different rows of values."""
    drawn = np.random.default_rng(0).integers(0, distinct, problem.subscribers)
    return replace(problem, values=np.ascontiguousarray(problem.values[drawn]))


def with_twins(problem):
    """The second option of each offer is worth what the first is."""
    values = problem.values.copy()
    values[:, 1::2] = values[:, ::2]
    return replace(problem, values=values)


def with_minimum(problem):
    use = np.zeros((2, 6))
    use[1, 4:] = 1
    least = named("minimum", use, problem.subscribers * 0.08, least=True)
    return replace(problem, limits=[*problem.limits, least])


@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("kind", [lambda p: p, with_ties, with_twins, with_minimum])
def test_it_keeps_every_rule_and_is_proven_as_close_as_in_memory(duckdb, tmp_path, kind, most):
    problem = kind(made_up(30_000, most))
    made, rows = in_engine(duckdb, problem, tmp_path, sample=5_000)
    choice = as_choice(problem, rows)
    assert broken_rules(problem, choice) == []
    assert made.objective == pytest.approx(sum(rows["value"].to_pylist()))
    assert [limit.used for limit in made.limits] == pytest.approx(counted(problem, choice))
    best = allocate(problem)
    assert made.bound == pytest.approx(best.bound, rel=2e-4)
    assert made.objective == pytest.approx(best.objective, rel=1e-3)
    assert made.objective <= best.bound * (1 + 1e-9)
    assert -1e-9 <= made.gap < 1e-3


def test_with_everybody_in_the_sample_the_plan_is_that_made_in_memory(duckdb, tmp_path):
    problem = made_up(5_000, 1)
    made, rows = in_engine(duckdb, problem, tmp_path)
    best = allocate(problem)
    assert made.bound == pytest.approx(best.bound, rel=1e-6)
    assert np.array_equal(as_choice(problem, rows), best.choice)


def test_without_limits_everybody_gets_his_best(duckdb, tmp_path):
    problem = made_up(500, 2)
    free = Problem(problem.values, problem.offer, [], 2, problem.classes, class_count=2)
    made, rows = in_engine(duckdb, free, tmp_path)
    assert sum(rows["value"].to_pylist()) == pytest.approx(allocate(free).objective, rel=1e-6)
    assert made.gap == pytest.approx(0, abs=1e-9)


def test_contradictory_minima_are_refused_by_name_as_in_memory(duckdb, tmp_path):
    problem = made_up(12_000, 1)
    limits = [*problem.limits, named("minimum", [1, 0, 0, 0, 0, 0], 1_000, least=True)]
    with pytest.raises(NoPlanExists, match=r"limit 0.*minimum"):
        in_engine(duckdb, replace(problem, limits=limits), tmp_path, sample=3_000)


@pytest.mark.parametrize(("in_memory", "way"), [(10**9, allocate_in_memory), (0, allocate_in_engine)])
def test_the_size_of_a_table_chooses_the_engine_behind_one_port(duckdb, tmp_path, in_memory, way):
    problem = made_up(6_000, 2)
    table = table_of(duckdb, problem, tmp_path)
    chosen, direct = allocate_table(duckdb, table, in_memory), way(duckdb, table)
    assert rows_of(duckdb, chosen).equals(rows_of(duckdb, direct))
    assert (chosen.objective, chosen.bound) == (direct.objective, direct.bound)


@pytest.mark.spark
def test_spark_chooses_what_duckdb_chooses(duckdb, spark_engine, tmp_path):
    problem = with_twins(made_up(3_000, 1))  # with two contacts Spark plans the expressions for minutes
    ours, rows = in_engine(duckdb, problem, tmp_path, sample=1_000)
    theirs, same_rows = in_engine(spark_engine, problem, tmp_path, sample=1_000)
    assert broken_rules(problem, as_choice(problem, same_rows)) == []
    assert theirs.prices == pytest.approx(ours.prices)
    assert theirs.objective == pytest.approx(ours.objective)
    assert same_rows["subscriber"].to_pylist() == rows["subscriber"].to_pylist()
    assert same_rows["option"].to_pylist() == rows["option"].to_pylist()
