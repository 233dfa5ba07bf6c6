"""Who is moved by the contact: three learners of the effect on each, behind one estimator. Pure, on arrays.

- S: one model of the outcome that knows the arm as a variable; the effect is its
  prediction with the contact less that without.
- T: a model of each arm; the effect is the difference of their predictions (both: Künzel et al. 2019, "Metalearners for
  estimating heterogeneous treatment effects using machine learning", PNAS 116(10)).
- DR: of each row the doubly robust score m1 - m0 + t (y - m1) / e - (1 - t)(y - m0) / (1 - e), the models m of one half
  judged on the other, e the known chance of the arm; a last model learns the score (Kennedy 2023, "Towards optimal
  doubly robust estimation of heterogeneous causal effects", Electronic Journal of Statistics 17(2)).

All rest on the draw: the arm depends on nothing else, so what is left out of the variables cannot mislead, only blunt.
"""

from __future__ import annotations

from typing import Any, Literal, Self, get_args

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from telewave.experiments.moments import Booleans, Floats, Integers

Kind = Literal["s", "t", "dr"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FOLDS = 5
GOLDEN = 0x9E3779B97F4A7C15
TREATED = "\x00treated"
"""The arm as a variable of the S-learner: a name that no file has."""


class UpliftLearner(BaseEstimator):  # type: ignore[misc]
    """The effect of being treated on the outcome of each row. `kind`: which learner; `base`: an unfitted
    scikit-learn regressor of the outcome, which takes unknown numbers and categories; None: boosted trees, shallow
    and slow to believe (leaves of a 150th of the rows).
    """

    def __init__(self, *, kind: Kind = "s", base: Any = None, seed: int = 0) -> None:
        self.kind = kind
        self.base = base
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: Floats, treated: Booleans) -> Self:  # noqa: N803 - scikit-learn's name
        """Learn from rows `X`, outcomes `y` and who was `treated`, both of shape (n,), drawn by lot."""
        match self.kind:
            case "s":
                self.models_ = [self._grown(X.assign(**{TREATED: treated.astype(float)}), y, trees=200)]
            case "t":
                self.models_ = self._arms(X, y, treated)
            case "dr":
                self.models_ = [self._grown(X, self._scores(X, y, treated), trees=50)]
        return self

    def predict(self, X: pd.DataFrame) -> Floats:  # noqa: N803
        """The effect on each row, in the outcome's unit, shape (n,)."""
        check_is_fitted(self, "models_")
        match self.kind:
            case "s":
                with_it, without = (
                    self.models_[0].predict(X.assign(**{TREATED: value})) for value in (1.0, 0.0)
                )
                return np.asarray(with_it - without)
            case "t":
                return np.asarray(self.models_[1].predict(X) - self.models_[0].predict(X))
            case "dr":
                return np.asarray(self.models_[0].predict(X))

    def _arms(self, rows: pd.DataFrame, y: Floats, treated: Booleans) -> list[Any]:
        """A model of the control and one of the treated."""
        return [self._grown(rows[treated == arm], y[treated == arm]) for arm in (False, True)]

    def _scores(self, rows: pd.DataFrame, y: Floats, treated: Booleans) -> Floats:
        half = np.random.default_rng(self.seed).permutation(len(y)) % 2 == 0
        chance, scores = float(treated.mean()), np.zeros(len(y))
        for mine in (half, ~half):
            none, some = (
                model.predict(rows[mine]) for model in self._arms(rows[~mine], y[~mine], treated[~mine])
            )
            t = treated[mine]
            scores[mine] = some - none + t * (y[mine] - some) / chance - ~t * (y[mine] - none) / (1 - chance)
        return scores

    def _grown(self, rows: pd.DataFrame, y: Floats, trees: int = 100) -> Any:
        return response_model(self.base, len(y), self.seed, trees).fit(rows, y)


def response_model(base: Any, rows: int, seed: int, trees: int = 100) -> Any:
    """An unfitted copy of `base`, or the boosted trees that serve so many rows."""
    if base is not None:
        from sklearn.base import clone

        return clone(base)
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=trees,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=max(20, rows // 150),
        l2_regularization=10,
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=seed,
    )


def folds_of(rows: pd.DataFrame, cluster: Integers | None, folds: int = FOLDS, split: int = 0) -> Integers:
    """The fold of each row, by a hash of what it says (or of its cluster), never by its
    place: a file in another order gives the same.

    Another `split` draws anew. Rows that say the same are spread by how many came before, so that a table
    of few distinct rows has folds of one size.
    """
    if cluster is not None:
        mixed = pd.util.hash_array(cluster)
    else:
        alike = pd.util.hash_pandas_object(rows, index=False).to_numpy()
        earlier = pd.Series(alike).groupby(alike).cumcount().to_numpy()
        mixed = pd.util.hash_array(alike ^ pd.util.hash_array(earlier))
    if split:
        mixed = pd.util.hash_array(mixed ^ np.uint64(split * GOLDEN % 2**64))
    order = np.argsort(mixed, kind="stable")
    found = np.empty(len(rows), np.int64)
    if cluster is not None:
        return (mixed % np.uint64(folds)).astype(np.int64)
    found[order] = np.arange(len(rows)) % folds
    return found


def out_of_fold(
    learner: UpliftLearner, rows: pd.DataFrame, y: Floats, treated: Booleans, fold: Integers
) -> Floats:
    """The effect on each row, by a learner that has not seen it nor its cluster, shape (n,)."""
    found = np.zeros(len(y))
    for number in np.unique(fold):
        learn, judge = fold != number, fold == number
        made = UpliftLearner(**learner.get_params(deep=False)).fit(rows[learn], y[learn], treated[learn])
        found[judge] = made.predict(rows[judge])
    return found


def response_out_of_fold(
    rows: pd.DataFrame, y: Floats, treated: Booleans, fold: Integers, seed: int, base: Any = None
) -> Floats:
    """What a response model of those contacted says of each row it has not seen: the
    ranking that uplift is to be better than.
    """
    found = np.zeros(len(y))
    for number in np.unique(fold):
        learn, judge = (fold != number) & treated, fold == number
        model = response_model(base, int(learn.sum()), seed).fit(rows[learn], y[learn])
        found[judge] = model.predict(rows[judge])
    return found
