"""Learning from and scoring a million subscribers with a hundred variables; CatBoost, which the estimator uses, beside LightGBM.

The rows are made up: ten variables matter, by a logistic truth; ninety do not; four are categories; 2 % take the offer.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from bench.measuring import kept, measured
from telewave.models.estimator import GradientBoostedResponse

ROWS, VARIABLES, CATEGORIES, TREES, DEPTH = 1_000_000, 100, 4, 200, 5
LEARNING_BAR_S, SCORING_BAR_S, MEMORY_BAR_GB = 60, 3, 6


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds to learn and to score, and the AUC on the million that was scored."""

    learn_s: float
    score_s: float
    auc: float


def rows(seed: int) -> tuple[pa.Table, NDArray[np.bool_]]:
    """A million rows and who takes the offer. A twentieth of the numbers is unknown."""
    draw = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    score = np.full(ROWS, -4.6)
    weights = np.random.default_rng(0).normal(0, 0.35, 10)
    for number in range(VARIABLES - CATEGORIES):
        values = draw.standard_normal(ROWS, dtype=np.float32)
        if number < 10:
            score += weights[number] * (values if number % 2 else np.abs(values))
        values[draw.random(ROWS, dtype=np.float32) < 0.05] = np.nan
        columns[f"v{number}"] = pa.array(values)
    for number in range(CATEGORIES):
        code = draw.integers(0, 8, ROWS)
        score += 0.1 * (code == number)
        columns[f"c{number}"] = pa.DictionaryArray.from_arrays(
            pa.array(code, pa.int8()), pa.array(list("abcdefgh"))
        )
    return pa.table(columns), draw.random(ROWS) < 1 / (1 + np.exp(-score))


def catboost() -> Figures:
    """The estimator that models are trained with."""
    learner = GradientBoostedResponse(iterations=TREES, depth=DEPTH)
    return _timed(learner.fit, learner.decision_function)


def lightgbm() -> Figures:
    """LightGBM with as many trees of as many leaves, quantised gradients, the same rows."""
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    from lightgbm import LGBMClassifier

    from telewave.models.matrix import matrix

    learner = LGBMClassifier(
        n_estimators=TREES, num_leaves=2**DEPTH, learning_rate=0.06, colsample_bytree=0.4,
        use_quantized_grad=True, min_child_samples=100, verbose=-1,
    )  # fmt: skip
    return _timed(
        lambda table, label: learner.fit(matrix(table), label),
        lambda table: learner.predict(matrix(table), raw_score=True),
    )


def _timed(fit: Any, score: Any) -> Figures:
    table, label = rows(1)
    start = time.monotonic()
    fit(table, label)
    learnt = time.monotonic() - start
    del table, label
    table, label = rows(2)
    start = time.monotonic()
    odds = score(table)
    return Figures(learnt, time.monotonic() - start, float(roc_auc_score(label, odds)))


def main() -> bool:
    """Print both learners' figures; whether the one that is used keeps its bars."""
    print(f"response model: {ROWS:,} rows x {VARIABLES} variables, {TREES} trees of depth {DEPTH}")
    used, other = measured(catboost), measured(lightgbm)
    for name, found in (("CatBoost (used)", used), ("LightGBM", other)):
        f: Figures = found.result
        print(
            f"  {name:16} training {f.learn_s:6.1f} s, scoring {f.score_s:5.2f} s, AUC {f.auc:.4f}, "
            f"{found.peak_gb:.1f} GB resident (both tables of rows included)"
        )
    verdicts = (
        kept("training, s", used.result.learn_s, LEARNING_BAR_S),
        kept("scoring, s", used.result.score_s, SCORING_BAR_S),
        kept("peak memory, GB", used.peak_gb, MEMORY_BAR_GB),
    )
    return all(verdicts)


if __name__ == "__main__":
    sys.exit(not main())
