"""Study who is moved by a contact: learn the effect on each, judge the rankings on rows they have not seen, say whom to
target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from telewave.experiments.columns import arms_of, outcome_values, texts
from telewave.experiments.covariates import Covariates, covariates
from telewave.experiments.effects import Comparison, Finding
from telewave.experiments.measuring import Trial, measured
from telewave.experiments.moments import Booleans, Floats, Integers
from telewave.experiments.qini import Judged, Ranked, judged, widened
from telewave.experiments.sources import Source
from telewave.experiments.splits import RESPONSE, SPLITS, DrawnRows, learn_on_splits
from telewave.experiments.targets import Targets, counted, targets_beyond
from telewave.experiments.uplift import KINDS, Kind
from telewave.experiments.usecases import Question, clusters_of, require_single
from telewave.kernel import Malformed, Message
from telewave.platform.progress import Progress

FEWEST = 500
FEWEST_PUT_OFF = 100
FEWEST_SPLITS, MOST_SPLITS = 2, 100


class WhichArm(Malformed):
    """There are several arms beside the control: {arms}. Say with --treated whose contact is to be targeted."""

    code = "which_arm"


class NoSuchArm(Malformed):
    """There is no arm {arm!r} beside the control. There are: {arms}. Name one of them with --treated."""

    code = "no_such_arm"


class TooFewToRank(Malformed):
    """The arm {arm} has {rows:,} rows with a known outcome: a ranking by effect can neither be learnt nor judged from
    fewer than {fewest} in each arm. Say what the contact does on the whole with telewave experiments measure.
    """

    code = "too_few_to_rank"


class SplitsOutOfRange(Malformed):
    """{splits} splits cannot say how much hangs on the split. Give --splits from {fewest} to {most}."""

    code = "splits_out_of_range"


class UnknownLearner(Malformed):
    """There is no learner {learner!r}. Choose s, t or dr."""

    code = "unknown_learner"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftQuestion:
    """`question`: the experiment, with one outcome; `treated`: the arm to target, empty where there is one;
    `without`: columns that were not known before; `learner`: whose ranking decides, named before anything is looked
    at; `splits`: how often the rows are split into folds.
    """

    question: Question
    treated: str = ""
    without: tuple[str, ...] = ()
    learner: Kind = "s"
    splits: int = SPLITS
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UpliftStudy:
    """What was found. `effect`: on the whole; `put_off`: the effect on those for whom the learner predicts harm, None
    where they are too few, and `put_off_share` of the rows; `used`, `left_out`: columns; `targets`: the rows of the
    experiment; what they were ranked from is `known` and `drawn`.
    """

    arm: str
    control: str
    learner: Kind
    effect: Comparison
    outcome: str
    rate: bool
    rows: int
    splits: int
    judged: Judged
    put_off: Comparison | None
    put_off_share: float
    used: tuple[str, ...]
    left_out: tuple[Message, ...]
    targets: Targets
    known: Covariates
    drawn: DrawnRows
    seed: int

    @property
    def chosen(self) -> Ranked:
        """The ranking that decides."""
        return self.judged.rankings[0]

    @property
    def justified(self) -> bool:
        """Whether targets may be chosen by effect: the interval says that the ranking is better than lot, and it is
        not behind the simpler one by response.
        """
        return self.chosen.better_than_lot and self.judged.ahead[RESPONSE].value > 0

    @property
    def some_put_off(self) -> bool:
        """Whether those predicted to be put off by the contact are shown to be."""
        return self.put_off is not None and self.put_off.finding is Finding.LOWERS


def uplift_study(source: Source, asked: UpliftQuestion, progress: Progress) -> UpliftStudy:
    """Learn and judge. Raises what `measure` raises, and `WhichArm`, `NoSuchArm`, `TooFewToRank`,
    `NothingKnown`, `UnknownLearner`, `SplitsOutOfRange`.
    """
    if asked.learner not in KINDS:
        raise UnknownLearner(learner=asked.learner)
    if not FEWEST_SPLITS <= asked.splits <= MOST_SPLITS:
        raise SplitsOutOfRange(splits=asked.splits, fewest=FEWEST_SPLITS, most=MOST_SPLITS)
    question = asked.question
    table = _table(source, asked)
    if question.key:
        require_single(table[question.key], question.key, source.name)
    arm, arms = arms_of(table[question.arm], question.arm, question.control, source.name)
    outcome = outcome_values(table[question.outcomes[0].column], question.outcomes[0], source.name)
    cluster = clusters_of(table[question.cluster]) if question.cluster else None
    code = arms.index(_treated(asked.treated, arms))
    trial = Trial(
        arms=arms,
        arm=arm,
        outcomes={question.outcomes[0].name: outcome},
        cluster=cluster,
        cluster_name=question.cluster,
    )
    made = measured(trial, question.expected).outcomes[0]
    kept = np.flatnonzero(((arm == 0) | (arm == code)) & ~np.isnan(outcome))
    treated, y = arm[kept] == code, outcome[kept]
    _require_enough(treated, arms, code)
    known = _known(table, source, asked, arm, kept, y, made.kind.value == "rate")
    group = None if cluster is None else np.unique(cluster[kept], return_inverse=True)[1].astype(np.int64)
    drawn = DrawnRows(rows=known.rows, outcome=y, treated=treated, cluster=group)
    learnt = learn_on_splits(drawn, asked.learner, asked.splits, asked.seed, progress)
    with progress.step(Message("Judging the rankings")):
        judgement = judged(learnt.places, y, treated, cluster=group, seed=asked.seed)
    score, place = learnt.mean_score(asked.learner), learnt.mean_place(asked.learner)
    put_off = _put_off(score, y, treated, group, arms, code)
    return UpliftStudy(
        arm=arms[code],
        control=arms[0],
        learner=asked.learner,
        effect=next(one for one in made.comparisons if one.arm == arms[code]),
        outcome=question.outcomes[0].name,
        rate=made.kind.value == "rate",
        rows=len(kept),
        splits=asked.splits,
        judged=judgement,
        put_off=put_off,
        put_off_share=float((score < 0).mean()),
        used=tuple(str(name) for name in known.rows.columns),
        left_out=known.left_out,
        targets=Targets(position=kept, score=score, place=counted(place)),
        known=known,
        drawn=drawn,
        seed=asked.seed,
    )


def beyond(study: UpliftStudy, source: Source, key: str, progress: Progress) -> Targets:
    """The rows of another table that nobody was drawn from. Raises `NoSuchColumn`, `DuplicateKeys`,
    `OtherKindOfColumn` and what reading raises.
    """
    table = source.rows((*study.used, *((key,) if key else ()))).table
    if key:
        require_single(table[key], key, source.name)
    return targets_beyond(table, source.name, study.known, study.drawn, study.learner, study.seed, progress)


def _table(source: Source, asked: UpliftQuestion) -> pa.Table:
    """All columns, those to be left out among them, so that a name that is not there is told."""
    return source.rows((*asked.question.columns(), *asked.without, *source.variables)).table


def _treated(treated: str, arms: Sequence[str]) -> str:
    others = list(arms[1:])
    if not treated and len(others) > 1:
        raise WhichArm(arms=others)
    if treated and treated.strip() not in others:
        raise NoSuchArm(arm=treated, arms=others)
    return treated.strip() or others[0]


def _require_enough(treated: Booleans, arms: Sequence[str], code: int) -> None:
    for name, rows in ((arms[code], int(treated.sum())), (arms[0], int((~treated).sum()))):
        if rows < FEWEST:
            raise TooFewToRank(arm=name, rows=rows, fewest=FEWEST)


def _known(
    table: pa.Table,
    source: Source,
    asked: UpliftQuestion,
    arm: Integers,
    kept: Integers,
    y: Floats,
    rate: bool,
) -> Covariates:
    """The variables that may be learnt from: all columns that were not named for something else."""
    named = {*asked.question.columns(), *asked.without}
    names = [name for name in dict.fromkeys(source.variables) if name not in named]
    return covariates(table.select(names).take(kept), arm[kept], y, source.name, rate=rate)


def _put_off(
    score: Floats, y: Floats, treated: Booleans, cluster: Integers | None, arms: Sequence[str], code: int
) -> Comparison | None:
    """The measured effect on those for whom the learner predicts less than nothing, with
    intervals of what was learnt from the same rows.
    """
    mine = score < 0
    if (
        min(int((mine & treated).sum()), int((mine & ~treated).sum())) < FEWEST_PUT_OFF
        or len(np.unique(y[mine])) < 2
    ):
        return None
    arm = treated[mine].astype(np.int64)
    group = None if cluster is None else cluster[mine]
    trial = Trial(arms=(arms[0], arms[code]), arm=arm, outcomes={"y": y[mine]}, cluster=group)
    sizes = {arms[0]: float((arm == 0).sum()), arms[code]: float((arm == 1).sum())}
    found = measured(trial, sizes).outcomes[0].comparisons[0]
    return replace(found, difference=widened(found.difference), together=widened(found.together))


def keys_of(column: pa.ChunkedArray, position: Integers) -> list[str | None]:  # type: ignore[type-arg]
    """What a file calls each ranked row."""
    codes, words = texts(column)
    return [None if code < 0 else words[code] for code in codes[position].tolist()]
