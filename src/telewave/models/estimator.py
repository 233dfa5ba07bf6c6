"""The learner: gradient boosted trees as a scikit-learn classifier that takes categories and unknowns as they are.

CatBoost computes them (docs/adr/0003). Chosen for few takers: shallow trees, strong leaf regularisation, and
the average of several models, each with its own seed and its own memory of the past.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from telewave.kernel import Malformed
from telewave.models.dataset import TAKERS_UNTOLD, Booleans, Floats
from telewave.models.drawing import Hashes, contents, drawn_into, each_apart
from telewave.models.matrix import as_table, matrix

FEWEST_TREES = 20
TREES_UNTOLD = 100
"""Trees where too few takers are there to find their number by."""
FOLDS_TO_STOP_BY = 5
STEP_MEANT_FOR = 30_000


class OneOutcomeOnly(Malformed, ValueError):
    """All {rows} rows have the same outcome: nothing can be learnt from one class. Take a longer
    window, earlier as-of dates or a wider audience.
    """

    code = "one_outcome_only"


class NothingVaries(Malformed, ValueError):
    """None of the variables {names} differs between the {rows} rows, so nothing can be told apart. Bring variables that
    do.
    """

    code = "nothing_varies"


class NoWeight(Malformed, ValueError):
    """All sample weights are zero, so no row counts. Give at least one row a weight above 0."""

    code = "no_weight"


class OtherVariables(Malformed):
    """The model was trained on {wanted} but the rows bring {given}. Give the same variables."""

    code = "other_variables"


class GradientBoostedResponse(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Probability of a yes, by gradient boosted trees.

    Rows are an Arrow table, a pandas frame, or an array of shape (n, variables); text and dictionary columns are
    categories. `iterations` trees of `depth` at `learning_rate`, leaves shrunk by `l2`; the rate is meant for tables of
    up to 30 000 rows and grows with the fourth root of the size beyond (see `step`). `half_lives`, in shares of the
    rows: one member model each; a row that lies h of all rows before the newest counts 2^(-h / half_life), 0 means all
    rows count alike; the members' log-odds are averaged (Pesaran and Timmermann 2007, J. Econometrics 137: averaging
    over estimation windows where breaks cannot be dated). `early_stopping`: end when that many more trees do not
    improve the latest tenth of the rows; where that holds fewer than `stop_by` rows of either outcome, the mean of what
    five folds of all rows want; where all rows hold fewer than 50, 100 trees. `column_share`: share of the variables
    each split may choose from, so that no single one carries the model when times change. `in_time_order`: rows are in
    order of time, and the statistics of a category are taken from earlier rows only, as they will be when it is used.
    Deterministic for `seed`, whatever `threads` (0: all) may be.
    """

    def __init__(
        self,
        *,
        iterations: int = 200,
        depth: int = 5,
        learning_rate: float = 0.06,
        l2: float = 10.0,
        half_lives: tuple[float, ...] = (0.0,),
        early_stopping: int = 0,
        stop_by: int = TAKERS_UNTOLD,
        column_share: float = 0.4,
        in_time_order: bool = True,
        seed: int = 0,
        threads: int = 0,
    ) -> None:
        self.iterations = iterations
        self.depth = depth
        self.learning_rate = learning_rate
        self.l2 = l2
        self.half_lives = half_lives
        self.early_stopping = early_stopping
        self.stop_by = stop_by
        self.column_share = column_share
        self.in_time_order = in_time_order
        self.seed = seed
        self.threads = threads

    def fit(self, X: Any, y: Any, sample_weight: Any = None, drawn_by: Hashes | None = None) -> Self:  # noqa: N803 - scikit-learn's names
        """Learn from rows `X` and outcomes `y` of shape (n,). Raises `OneOutcomeOnly` if all outcomes are equal.

        `drawn_by`: what the folds that choose the number of trees are drawn by (`drawing`),
        shape (n,); None: what each row says.
        """
        if y is None:
            raise ValueError("GradientBoostedResponse requires y to be passed, but the target y is None")
        X, y = self._checked(X, y)  # noqa: N806
        check_classification_targets(y)
        self.classes_, outcome = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {len(self.classes_)}-class."
            )
        if len(self.classes_) < 2:
            raise OneOutcomeOnly(rows=len(outcome))
        frame = matrix(as_table(X))
        self.variables_ = list(frame.columns)
        self.categories_ = _categories(frame)
        weight = _check_sample_weight(sample_weight, outcome)
        if not weight.any():
            raise NoWeight
        if not _rarer(outcome[weight > 0]):
            raise OneOutcomeOnly(rows=int((weight > 0).sum()))
        self.members_, trees = [], {}
        for number, half_life in enumerate(self.half_lives):
            own = weight * recency(len(outcome), half_life)
            if half_life not in trees:
                trees[half_life] = self._trees(frame, outcome, own, self.seed + number, drawn_by)
            learner = self._learner(trees[half_life], self.seed + number, len(frame))
            self.members_.append(_grown(learner, frame, self._pool(frame, outcome, own)))
        return self

    def decision_function(self, X: Any) -> Floats:  # noqa: N803
        """Log-odds of a yes, the members' mean, shape (n,)."""
        check_is_fitted(self, "members_")
        pool = self._pool(self._frame(X))
        threads = self.threads or -1
        raw = [m.predict(pool, prediction_type="RawFormulaVal", thread_count=threads) for m in self.members_]
        return np.asarray(np.mean(raw, axis=0))

    def predict_proba(self, X: Any) -> Floats:  # noqa: N803
        """Probabilities of no and yes, shape (n, 2)."""
        yes = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - yes, yes])

    def predict(self, X: Any) -> Any:  # noqa: N803
        """The likelier class, shape (n,)."""
        yes = self.decision_function(X) > 0
        return self.classes_[yes.astype(int)]

    def shap(self, rows: pa.Table) -> Floats:
        """Each variable's addition to the log-odds of each row, shape (n, variables); exact for trees (TreeSHAP)."""
        pool = self._pool(self._frame(rows))
        parts = [
            m.get_feature_importance(pool, type="ShapValues", thread_count=self.threads or -1)
            for m in self.members_
        ]
        return np.asarray(np.mean(parts, axis=0)[:, :-1])

    @property
    def trees_(self) -> int:
        """Trees of a member, on average."""
        check_is_fitted(self, "members_")
        return round(float(np.mean([m.tree_count_ for m in self.members_])))

    def trees_wanted(self, rows: pa.Table, outcome: Booleans, drawn_by: Hashes | None = None) -> int:
        """The number of trees that early stopping chooses on `rows` in time order, averaged
        over the members; `drawn_by` as in `fit`.
        """
        frame = matrix(rows)
        learn = np.ones(len(outcome))
        counts = [
            self._trees(
                frame, outcome, learn * recency(len(outcome), half_life), self.seed + number, drawn_by
            )
            for number, half_life in enumerate(self.half_lives)
        ]
        return round(float(np.mean(counts)))

    def save_members(self, folder: Path) -> list[Path]:
        """Write one file a member into `folder`; returns the files."""
        files = [folder / f"member-{number}.cbm" for number in range(len(self.members_))]
        for member, file in zip(self.members_, files, strict=True):
            member.save_model(str(file))
        return files

    def load_members(self, folder: Path) -> Self:
        """Read what `save_members` wrote; the parameters must be those of the saved one."""
        from catboost import CatBoostClassifier

        self.members_ = [
            CatBoostClassifier().load_model(str(folder / f"member-{n}.cbm"))
            for n in range(len(self.half_lives))
        ]
        self.variables_ = list(self.members_[0].feature_names_)
        self.categories_ = [self.variables_[k] for k in self.members_[0].get_cat_feature_indices()]
        self.classes_ = np.array([False, True])
        return self

    def _trees(
        self, frame: pd.DataFrame, outcome: Any, weight: Floats, seed: int, drawn_by: Hashes | None
    ) -> int:
        """The number of trees: as given, or what serves rows that were not learnt from best; see the class's text."""
        if not self.early_stopping:
            return self.iterations
        place = np.arange(len(frame))
        latest = place >= len(frame) - len(frame) // 10
        if _rarer(outcome[latest]) >= self.stop_by and _rarer(outcome[~latest]):
            return max(FEWEST_TREES, self._wanted(frame, outcome, weight, seed, latest))
        if _rarer(outcome) < TAKERS_UNTOLD:
            return min(self.iterations, TREES_UNTOLD)
        drawn = each_apart(contents(as_table(frame))) if drawn_by is None else drawn_by
        part = drawn_into(drawn, FOLDS_TO_STOP_BY)
        folds = [fold for number in np.unique(part) if _rarer(outcome[~(fold := part == number)])]
        wanted = np.mean([self._wanted(frame, outcome, weight, seed, fold) for fold in folds])
        # All rows bear as many more trees as they are more than those of four folds.
        all_rows = round(float(wanted) * FOLDS_TO_STOP_BY / (FOLDS_TO_STOP_BY - 1))
        return min(self.iterations, max(FEWEST_TREES, all_rows))

    def _wanted(self, frame: pd.DataFrame, outcome: Any, weight: Floats, seed: int, test: Booleans) -> int:
        """How many trees, learnt from the other rows, serve the rows of `test` best."""
        learn = self._pool(frame[~test], outcome[~test], weight[~test])
        stop = {
            "eval_set": self._pool(frame[test], outcome[test]),
            "early_stopping_rounds": self.early_stopping,
        }
        tried = _grown(self._learner(self.iterations, seed, int((~test).sum())), frame, learn, **stop)
        return int(tried.tree_count_)

    def _learner(self, trees: int, seed: int, rows: int) -> Any:
        from catboost import CatBoostClassifier

        return CatBoostClassifier(
            iterations=trees,
            depth=self.depth,
            learning_rate=self.learning_rate * step(rows),
            l2_leaf_reg=self.l2,
            boosting_type="Plain",
            random_seed=seed,
            thread_count=self.threads or -1,
            allow_writing_files=False,
            verbose=False,
            loss_function="Logloss",
            # From the rate on: few trees that begin at even odds would leave rare takers far too likely.
            boost_from_average=True,
            model_size_reg=0,
            rsm=self.column_share,
            has_time=self.in_time_order,
        )

    def _pool(self, frame: pd.DataFrame, outcome: Any = None, weight: Floats | None = None) -> Any:
        from catboost import Pool

        return Pool(
            frame, outcome, cat_features=_categories(frame), weight=weight, thread_count=self.threads or -1
        )

    def _frame(self, X: Any) -> pd.DataFrame:  # noqa: N803
        rows = as_table(X if isinstance(X, pa.Table | pd.DataFrame) else self._checked(X))
        if isinstance(X, pa.Table | pd.DataFrame) and set(self.variables_) - set(rows.column_names):
            raise OtherVariables(wanted=", ".join(self.variables_), given=", ".join(rows.column_names))
        return matrix(rows.select(self.variables_), self.categories_)

    def _checked(self, X: Any, y: Any = None) -> Any:  # noqa: N803
        """Arrays pass scikit-learn's own checks; tables carry categories and unknowns and pass as they are."""
        if isinstance(X, pa.Table | pd.DataFrame):
            return X if y is None else (X, np.asarray(y))
        if y is None:
            return validate_data(self, X, reset=False, ensure_all_finite="allow-nan")
        return validate_data(self, X, y, ensure_all_finite="allow-nan")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags


def _grown(learner: Any, frame: pd.DataFrame, pool: Any, **options: Any) -> Any:
    """The fitted learner. Raises `NothingVaries`, which CatBoost finds out while binning."""
    from catboost import CatBoostError

    try:
        return learner.fit(pool, **options)
    except CatBoostError as cause:
        if "constant" not in str(cause):
            raise
        raise NothingVaries(names=", ".join(map(str, frame.columns)), rows=len(frame)) from cause


def _categories(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame if frame[name].dtype == "category"]


def _rarer(outcome: Any) -> int:
    """Rows of the rarer outcome."""
    return int(min(outcome.sum(), len(outcome) - outcome.sum()))


def recency(rows: int, half_life: float) -> Floats:
    """Weights of rows in time order: 1 for the newest, half for one that lies
    `half_life` of all rows before it; 0: all 1.
    """
    if not half_life:
        return np.ones(rows)
    return np.asarray(np.exp2(-np.arange(rows)[::-1] / (half_life * rows)))


def step(rows: int) -> float:
    """How much larger the steps of learning may be for `rows` rows than for 30 000: their fourth root.

    More rows make each tree surer of itself, so that fewer of them reach as far (CatBoost's own rule: the power 0.246).
    """
    return float(max(1.0, rows / STEP_MEANT_FOR) ** 0.25)
