"""Learn whom a contact moves on several splits of the rows into folds, each row
ranked by learners that have not seen it. Pure.

One split is one draw: on Hillstrom's e-mails another moves the relative Qini by
about 0.03. So rankings are judged on several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from telewave.experiments.moments import Booleans, Floats, Integers
from telewave.experiments.qini import list_places
from telewave.experiments.uplift import (
    KINDS,
    Kind,
    UpliftLearner,
    folds_of,
    out_of_fold,
    response_out_of_fold,
)
from telewave.kernel import Message
from telewave.platform.progress import Progress

SPLITS = 5
RESPONSE = "response"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DrawnRows:
    """Rows drawn by lot: what was known of them, shape (n, variables), their outcome, who was
    `treated`, and their cluster, each of shape (n,).
    """

    rows: pd.DataFrame
    outcome: Floats
    treated: Booleans
    cluster: Integers | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """By ranking, of each split: what the learner says of each row (`scores`), and its
    place in the list, from 0 to 1 (`places`).
    """

    scores: Mapping[str, tuple[Floats, ...]]
    places: Mapping[str, tuple[Floats, ...]]

    def mean_score(self, name: str) -> Floats:
        """Over the splits, shape (n,)."""
        return np.asarray(np.mean(self.scores[name], axis=0))

    def mean_place(self, name: str) -> Floats:
        """Over the splits, shape (n,)."""
        return np.asarray(np.mean(self.places[name], axis=0))


def learn_on_splits(drawn: DrawnRows, learner: Kind, splits: int, seed: int, progress: Progress) -> Learnt:
    """All learners, the deciding one first, and the response model."""
    names = (learner, *(kind for kind in KINDS if kind != learner), RESPONSE)
    scores: dict[str, list[Floats]] = {name: [] for name in names}
    places: dict[str, list[Floats]] = {name: [] for name in names}
    # On one thread: the tables are small, and on a busy machine threads that wait
    # for each other take many times as long.
    with (
        threadpool_limits(1),
        progress.step(Message("Learning whom the contact moves"), total=len(names) * splits) as step,
    ):
        for split in range(splits):
            fold = folds_of(drawn.rows, drawn.cluster, split=split)
            for name in names:
                scores[name].append(_scores(drawn, name, fold, seed + split))
                places[name].append(list_places(scores[name][-1], fold, seed + split))
                step.advance()
    return Learnt(*({name: tuple(each) for name, each in one.items()} for one in (scores, places)))


def _scores(drawn: DrawnRows, name: str, fold: Integers, seed: int) -> Floats:
    if name == RESPONSE:
        return response_out_of_fold(drawn.rows, drawn.outcome, drawn.treated, fold, seed)
    learner = UpliftLearner(kind=cast("Kind", name), seed=seed)
    return out_of_fold(learner, drawn.rows, drawn.outcome, drawn.treated, fold)
