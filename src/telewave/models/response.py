"""A fitted response model: learner and card together; and how it turns rows into probabilities."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from telewave.features.model import Variable
from telewave.models.calibration import Calibration
from telewave.models.dataset import TAKERS_UNTOLD, Floats
from telewave.models.model import ModelCard
from telewave.models.validation import Forward

if TYPE_CHECKING:
    from telewave.models.estimator import GradientBoostedResponse

ALIKE = (0.0,)
TWICE = (0.0, 0.0)
FORGETTING = (0.0, 0.4)
MANY_TAKERS = 1_000
"""Takers in the latest tenth of an operator's rows from which they alone find the number of trees: fewer tell too
little. Of outside tables, whose last rows are the times to come, far fewer are enough.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainOptions:
    """How a model is trained and validated.

    `population_rate`: share of takers where the scores will be used, if the rows were resampled (s-mobile: half of the
    training rows churned, 2 % of all); None: as in the rows. `early_stopping` chooses the number of trees, at most
    `iterations`, on the latest tenth of the rows learnt from: of the operator's tables at every fit; of outside tables
    once, in the first training window, and every refit keeps it. `stop_by`: fewer takers than that in it, and five
    folds of all rows are asked; None: by the kind of table. `half_lives`: see `GradientBoostedResponse`; None: all rows
    of the operator's tables count alike, since each refresh brings a whole new as-of date (two members that differ by
    chance where there are fewer than 10 000 takers); of outside tables in order one member of two forgets half within
    four tenths of the rows. `keep`: variables that are learnt from although the leak screen would leave them out.
    """

    iterations: int = 1_000
    depth: int = 5
    learning_rate: float = 0.06
    l2: float = 10.0
    half_lives: tuple[float, ...] | None = None
    column_share: float = 0.4
    early_stopping: int = 30
    stop_by: int | None = None
    forward: Forward = field(default_factory=Forward)
    population_rate: float | None = None
    keep: frozenset[str] = frozenset()
    threads: int = 0
    engine: str = "CatBoost"

    def resolved(self, alike: bool, takers: int) -> TrainOptions:
        """With the half-lives and the takers to stop by that fit the kind of table
        and its `takers`, where none were given.

        `alike`: the rows count alike, as those of dated tables and of outside ones without an order do.
        """
        members = TWICE if takers < 10 * MANY_TAKERS else ALIKE
        chosen = self.half_lives or (members if alike else FORGETTING)
        stop_by = self.stop_by or (MANY_TAKERS if alike else TAKERS_UNTOLD)
        return replace(self, half_lives=chosen, stop_by=stop_by)

    def estimator(self, seed: int) -> GradientBoostedResponse:
        """The unfitted learner of these options."""
        from telewave.models.estimator import GradientBoostedResponse

        return GradientBoostedResponse(
            iterations=self.iterations,
            depth=self.depth,
            learning_rate=self.learning_rate,
            l2=self.l2,
            half_lives=self.half_lives or ALIKE,
            column_share=self.column_share,
            early_stopping=self.early_stopping,
            stop_by=self.stop_by or TAKERS_UNTOLD,
            seed=seed,
            threads=self.threads,
        )


def told(options: TrainOptions) -> dict[str, Any]:
    """The options by their names, as the card keeps them; those of `forward` among the others."""
    flat = {f.name: getattr(options, f.name) for f in fields(options)}
    flat |= asdict(flat.pop("forward"))
    return flat | {"keep": tuple(sorted(options.keep))}


@dataclass(frozen=True, eq=False)
class FittedResponse:
    """What `train` returns and the registry keeps."""

    name: str
    estimator: GradientBoostedResponse
    card: ModelCard

    def numbered(self, version: int) -> FittedResponse:
        """The same model as the version of its name that the registry keeps it under."""
        return replace(self, card=replace(self.card, version=version))

    @property
    def calibration(self) -> Calibration:
        """What makes the learner's log-odds probabilities."""
        return self.card.calibration

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that scoring needs."""
        return self.card.variables

    def probabilities(self, rows: pa.Table) -> Floats:
        """Calibrated probability of taking the offer for each row; `rows` hold at least the model's variables."""
        return self.calibration.apply(self.estimator.decision_function(rows))
