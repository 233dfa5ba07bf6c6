"""On real public data: the numbers that others have reached, with the default options (`make prove`); and nearly those with less
work (`make test`).

How the defaults were chosen, and what was known of the judged rows by then, is said in docs/adr/0003.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.models.worlds import table_of
from tests.proving import some_of

from telewave.features.usecases import open_samples
from telewave.models.model import LeakRule
from telewave.models.quality import ranking_quality
from telewave.models.response import TrainOptions
from telewave.models.training import train
from telewave.models.training_tables import samples_table
from telewave.models.usecases import Scored, score, scores
from telewave.models.validation import Forward
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest

NOW = datetime(2026, 7, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory, real_data):
    """The bank's file, brought in through the tutorial's mapping."""
    home = tmp_path_factory.mktemp("bank")
    database = Database(f"sqlite:///{home / 'operations.sqlite'}")
    database.migrate()
    engine = DuckDBEngine(2, 2, home / "spill")
    warehouse = Warehouse(home / "warehouse", engine)
    mapping = parse_mapping((ROOT / "docs" / "tutorial" / "bank.yaml").read_text(encoding="utf-8"))
    file = real_data / "bank-marketing" / "bank-additional-full.csv"
    ingest(warehouse, database, mapping, [file], Silent(), date(2026, 7, 1))
    yield warehouse
    engine.close()
    database.close()


@pytest.fixture(scope="module", params=[3_000, pytest.param(1_000, marks=pytest.mark.prove)])
def calls_each(request):
    """The calls after which the bank's model is learnt anew."""
    return request.param


@pytest.fixture(scope="module")
def bank(warehouse, calls_each):
    """Trained on 20 000 calls, judged on the next thousand or three, again and again."""
    table = samples_table(warehouse, "bank", open_samples(warehouse, "bank"))
    options = TrainOptions(forward=Forward(train_rows=20_000, step=calls_each, window=20_000), threads=2)
    return train(table, name="bank", seed=1, now=NOW, options=options)


def test_the_length_of_the_call_is_recognised_as_known_only_afterwards(bank):
    left_out = {finding.variable: finding.rule for finding in bank.card.leaks if finding.excluded}
    assert left_out == {"duration": LeakRule.TOO_GOOD, "": LeakRule.DUPLICATE_ROWS}
    assert "duration" not in bank.estimator.variables_


def test_refreshed_after_every_thousand_calls_it_ranks_the_next_thousand_as_well_as_others_do(
    bank, calls_each
):
    judged = bank.card.validation.refreshed
    assert judged.n > 21_000
    assert judged.auc.value >= {1_000: 0.78, 3_000: 0.76}[calls_each]  # rarer refreshing costs that much
    assert judged.gain_best_half.value >= 0.80


def test_trained_once_it_fails_and_the_card_speaks_of_drift(bank):
    validation = bank.card.validation
    assert validation.trained_once.auc.value < 0.6
    warnings = [w.template for w in validation.warnings]
    assert any(w.startswith("Drift: a model trained once") or "Refresh it regularly" in w for w in warnings)
    assert any(w.startswith("Drift: the share of takers moved") for w in warnings)


def test_the_card_says_that_much_of_the_ranking_is_a_matter_of_when(bank):
    assert any("a matter of when, not who" in w.template for w in bank.card.validation.warnings)


def test_an_outside_table_is_scored_whole(bank, warehouse):
    wide = open_samples(warehouse, "bank")
    assert score(bank, wide, warehouse, Silent(), batch_rows=10_000) == Scored(rows=41_188, holders=0)
    written = warehouse.engine.fetch(scores(warehouse, "bank", None))
    assert sorted(written["subscriber"].to_pylist()) == list(range(41_188))
    assert 0 < min(written["probability"].to_pylist()) <= max(written["probability"].to_pylist()) < 1


QUICK = TrainOptions(iterations=300, early_stopping=0, half_lives=(0.0,))
"""One member of a given size instead of several that choose theirs: a fifth of the work."""


@pytest.fixture(scope="module", params=[QUICK, pytest.param(TrainOptions(), marks=pytest.mark.prove)])
def operator(real_data, request):
    """A model of who leaves, from 27 300 rows of which half left; and 30 000 others that stand for all, of whom 2 % left."""
    raw = pq.read_table(real_data / "s-mobile" / "s-mobile.parquet")
    table = _leavers(raw.filter(pc.equal(raw["training"], 1)))
    forward = Forward(train_rows=20_000, step=7_300)
    options = replace(request.param, forward=forward, population_rate=0.02, threads=2)
    fitted = train(table, name="leavers", seed=1, now=NOW, options=options)
    everybody = _leavers(raw.filter(pc.equal(raw["representative"], 1)))
    return fitted, everybody, fitted.probabilities(everybody.rows)


def _leavers(raw):
    left = pc.equal(pc.cast(raw["churn"], "string"), "yes").to_numpy()
    return table_of(raw.drop_columns(["customer", "churn", "training", "representative"]), left)


def test_leavers_are_ranked_on_a_sample_of_all_as_well_as_others_do(operator):
    fitted, everybody, probability = operator
    judged = ranking_quality(everybody.label, probability, seed=1)
    assert (judged.n, judged.takers) == (30_000, 600)
    assert judged.auc.value >= (0.755 if len(fitted.estimator.members_) == 1 else 0.763)
    assert judged.lift_best_tenth.value >= 3.98


def test_probabilities_learnt_from_half_leavers_are_right_where_two_in_a_hundred_leave(operator):
    fitted, everybody, probability = operator
    assert ranking_quality(everybody.label, probability, seed=1).brier.value <= 0.019
    assert np.isclose(probability.mean(), 0.02, atol=0.003)
    assert 0.49 < fitted.card.base_rate < 0.51


def test_no_honest_variable_of_the_operator_is_taken_for_a_leak(operator):
    assert operator[0].card.leaks == ()


def test_the_operator_s_rows_without_an_order_are_ranked_alike_however_they_lie(real_data):
    raw = pq.read_table(real_data / "s-mobile" / "s-mobile.parquet")
    table = replace(_leavers(raw.filter(pc.equal(raw["training"], 1))), ordered=False)
    options = TrainOptions(iterations=60, depth=4, early_stopping=0, population_rate=0.02, threads=2)
    order = np.random.default_rng(0).permutation(len(table))
    mixed = replace(table.take(order), period=np.arange(len(table)), key=np.arange(len(table)))
    one, other = (train(t, name="leavers", seed=1, now=NOW, options=options).card for t in (table, mixed))
    assert abs(one.validation.refreshed.auc.value - other.validation.refreshed.auc.value) <= 0.002
    assert one == other


@pytest.mark.parametrize("every", some_of((4, 1), 0))
def test_the_bank_s_calls_without_an_order_are_ranked_alike_however_they_lie(warehouse, every):
    table = replace(samples_table(warehouse, "bank", open_samples(warehouse, "bank")), ordered=False)
    some = table.take(np.arange(0, len(table), every))
    table = replace(some, period=np.arange(len(some)), key=np.arange(len(some)))
    options = TrainOptions(iterations=60, depth=4, early_stopping=0, threads=2)
    order = np.random.default_rng(0).permutation(len(table))
    mixed = replace(table.take(order), period=np.arange(len(table)), key=np.arange(len(table)))
    one, other = (train(t, name="bank", seed=1, now=NOW, options=options).card for t in (table, mixed))
    assert one == other
