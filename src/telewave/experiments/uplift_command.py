"""The command `experiments uplift`: whom the contact moves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.experiments.table_options import Arm, Cluster, Control, Expect, File, Key, Samples, asked
from telewave.kernel import Malformed, Message
from telewave.platform.command_line import ListTaker, ReportFile, Seed
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.experiments.sources import Source
    from telewave.experiments.targets import Targets
    from telewave.experiments.uplift_study import UpliftStudy


class ListShareOutOfRange(Malformed):
    """A share of {share:g} of the list cannot be written. Give more than 0 and at most 1, the best third as 0.33."""

    code = "list_share_out_of_range"


class NoListToWrite(Malformed):
    """--for names the table whose rows are to be ranked, but no list is to be written.
    Say with --to where, such as --to first.csv.
    """

    code = "no_list_to_write"


SPLITS = 5
"""As `splits.SPLITS`, which help does not load."""
OneOutcome = Annotated[
    str,
    typer.Option(
        "--outcome",
        help=spoken(
            "Column of the outcome, 0/1 or an amount; COLUMN=WORD counts the rows that say the word."
        ),
    ),
]
Treated = Annotated[
    str,
    typer.Option(
        "--treated", help=spoken("The arm whose contact is to be targeted; needed where there are several.")
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        help=spoken("Column that was not known before the draw, such as another outcome; may be repeated."),
    ),
]
Learner = Annotated[
    str,
    typer.Option(
        "--learner", help=spoken("Learner whose ranking decides: s, t or dr. Name it before looking.")
    ),
]
Splits = Annotated[
    int,
    typer.Option(
        "--splits",
        help=spoken(
            "How many times the rows are split into folds anew; the figures are means over the splits."
        ),
    ),
]
Beyond = Annotated[
    str,
    typer.Option(
        "--for",
        help=spoken(
                "With --to: rank the rows of this table instead, which has the same columns and needs no arm: "
                "a file, or with --samples an outside table."
            ),
    ),
]  # fmt: skip
To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        help=spoken(
            "Write whom to contact first as a list, .csv or .xlsx, if the ranking is better than lot."
        ),
    ),
]
Best = Annotated[
    float,
    typer.Option("--share", help=spoken("With --to: how much of the list to write, the best third as 0.33.")),
]


def uplift_command(
    context: typer.Context,
    arm: Arm,
    control: Control,
    outcome: OneOutcome,
    file: File = None,
    samples: Samples = "",
    treated: Treated = "",
    without: Without = None,
    cluster: Cluster = "",
    key: Key = "",
    expect: Expect = None,
    learner: Learner = "s",
    splits: Splits = SPLITS,
    seed: Seed = 1,
    report: ReportFile = None,
    to: To = None,
    beyond: Beyond = "",
    share: Best = 1.0,
    by: ListTaker = "",
) -> None:
    """Learn whom the contact moves, judge the rankings, and write the list where it is justified."""
    from telewave.experiments.uplift_page import uplift_page
    from telewave.experiments.uplift_report import show_study
    from telewave.experiments.uplift_study import UpliftQuestion, uplift_study
    from telewave.platform.files import write_whole
    from telewave.records.row_names import naming_of

    session: Session = context.obj
    if not 0 < share <= 1:
        raise ListShareOutOfRange(share=share)
    if beyond and to is None:
        raise NoListToWrite
    columns = {"arm": arm, "control": control, "cluster": cluster, "key": key}
    source, question = asked(session, file, samples, [outcome], expect=expect, **columns)
    others = _others(session, samples, beyond)
    if to is not None and samples:
        naming_of(
            session.warehouse, (others or source).samples, by
        )  # nobody to reveal to is told before the learning
    wanted = UpliftQuestion(
        question=question,
        treated=treated,
        without=tuple(without or ()),
        learner=learner,  # type: ignore[arg-type]
        splits=splits,
        seed=seed,
    )
    study = uplift_study(source, wanted, session.progress)
    show_study(session, study)
    if report is not None:
        write_whole(report, uplift_page(study, source.name, session.language))
        session.say(Message("The report is in {path}.", path=report))
    if to is not None:
        _write(session, others or source, study, to, beyond=others is not None, key=key, share=share, by=by)


def _others(session: Session, samples: str, beyond: str) -> Source | None:
    """The table to rank instead of the experiment's, of the same kind; asked for early,
    so that a slip is told before the learning.
    """
    from telewave.experiments.sources import source_of

    if not beyond:
        return None
    return source_of(None if samples else Path(beyond), beyond if samples else "", lambda: session.warehouse)


def _write(
    session: Session,
    source: Source,
    study: UpliftStudy,
    to: Path,
    *,
    beyond: bool,
    key: str,
    share: float,
    by: str,
) -> None:
    """The list, if the ranking earns it. Raises `NoTargetsByEffect`, and of an outside table what revealing raises."""
    from telewave.experiments import uplift_study
    from telewave.experiments.targets import list_lines
    from telewave.experiments.uplift_report import HEADERS, NoTargetsByEffect
    from telewave.experiments.uplift_words import strange_words
    from telewave.platform.lists import write_list

    if not study.justified:
        raise NoTargetsByEffect(path=to)
    by_file = "" if source.samples else key
    targets = uplift_study.beyond(study, source, by_file, session.progress) if beyond else study.targets
    if (strange := strange_words(targets, source.name)) is not None:
        session.say(strange, style="yellow")
    purpose = f"uplift of {study.arm}, {source.samples}"
    heading, names = _names(session, source, targets, by_file, share, by, purpose)
    lines = list(list_lines(targets, names, share))
    write_list(to, [heading, *(session.text(head) for head in HEADERS)], lines)
    session.say(
        Message(
            "{rows:,} people are on the list {path}, whom to contact first on top.", rows=len(lines), path=to
        )
    )


def _names(
    session: Session, source: Source, targets: Targets, key: str, share: float, by: str, purpose: str
) -> tuple[str, list[str | int | None]]:
    """The heading over the names, and the name of each ranked row: the key, the row's place, or of an
    outside table what its numbers stand for.
    """
    from telewave.experiments.targets import best
    from telewave.experiments.uplift_study import keys_of
    from telewave.records.key_keeping import open_keys
    from telewave.records.row_names import PLACE, names_of, naming_of

    if not source.samples:
        if key:
            return key, list(keys_of(source.rows([key]).table[key], targets.position))
        return session.text(PLACE), [int(place) + 1 for place in targets.position]
    naming = naming_of(session.warehouse, source.samples, by)
    numbers = source.rows(source.variables[:1]).numbers.to_numpy()[targets.position]
    written = best(targets, share)
    keys = open_keys(session.settings.keys, session.database, create=False)
    shown = iter(
        names_of(
            naming,
            session.database,
            keys,
            numbers[written].tolist(),
            by=by,
            purpose=purpose,
            now=session.clock.now(),
        )
    )
    return session.text(naming.heading), [next(shown) if mine else None for mine in written]
