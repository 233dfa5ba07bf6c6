"""The allocation inside the engine: the same rules kept, near the plan made in memory, the same on DuckDB and Spark."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.allocation.judge import broken_rules, named

from telewave.allocation.model import Problem
from telewave.allocation.relation import ValueTable, allocate_relation
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


def in_engine(engine, problem, folder, **options):
    files, schema = stored(problem, folder)
    table = ValueTable(
        engine.read(files, schema), [f"v{j}" for j in range(problem.options)], problem.offer, problem.limits,
        problem.most, problem.class_count,
    )  # fmt: skip
    made = allocate_relation(engine, table, **options)
    return made, engine.fetch(made.chosen).sort_by([("subscriber", "ascending"), ("option", "ascending")])


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


@pytest.mark.parametrize("most", [1, 2])
def test_it_keeps_every_rule_and_its_bound_proves_it_close_to_the_plan_made_in_memory(duckdb, tmp_path, most):
    problem = made_up(60_000, most)
    made, rows = in_engine(duckdb, problem, tmp_path, sample=20_000)
    assert broken_rules(problem, as_choice(problem, rows)) == []
    best = allocate(problem)
    objective = sum(rows["value"].to_pylist())
    assert made.bound >= best.objective
    assert made.bound == pytest.approx(best.bound, rel=1e-3)
    assert objective > 0.995 * best.objective


def test_with_everybody_in_the_sample_the_prices_are_those_found_in_memory(duckdb, tmp_path):
    problem = made_up(5_000, 1)
    made, _ = in_engine(duckdb, problem, tmp_path)
    assert made.bound == pytest.approx(allocate(problem).bound, rel=1e-5)


def test_without_limits_everybody_gets_his_best(duckdb, tmp_path):
    problem = made_up(500, 2)
    free = Problem(problem.values, problem.offer, [], 2, problem.classes, class_count=2)
    _, rows = in_engine(duckdb, free, tmp_path)
    assert sum(rows["value"].to_pylist()) == pytest.approx(allocate(free).objective, rel=1e-6)


@pytest.mark.spark
def test_spark_chooses_what_duckdb_chooses(duckdb, spark_engine, tmp_path):
    problem = made_up(3_000, 2)
    ours, rows = in_engine(duckdb, problem, tmp_path)
    theirs, same_rows = in_engine(spark_engine, problem, tmp_path)
    assert theirs.prices == pytest.approx(ours.prices)
    assert same_rows["subscriber"].to_pylist() == rows["subscriber"].to_pylist()
    assert same_rows["option"].to_pylist() == rows["option"].to_pylist()
