"""The options of commands that read the table of an experiment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Malformed
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.experiments.sources import Source
    from telewave.experiments.usecases import Question


class NotAnExpectation(Malformed):
    """{text!r} is no expected share of an arm. Write --expect ARM=SHARE, for example
    --expect 'control=0.5', once for each arm.
    """

    code = "not_an_expectation"


File = Annotated[
    Path | None,
    typer.Argument(
        help=spoken("File with a row for each person of the experiment (CSV of any delimiter, or Parquet).")
    ),
]
Samples = Annotated[
    str, typer.Option("--samples", help=spoken("Name of an outside table, instead of a file."))
]
Arm = Annotated[
    str, typer.Option("--arm", help=spoken("Column that says which arm each row was drawn into."))
]
Control = Annotated[
    str, typer.Option("--control", help=spoken("The arm that was left alone, as the column writes it."))
]
Outcomes = Annotated[
    list[str],
    typer.Option(
        "--outcome",
        help=spoken(
                "Column of the outcome, 0/1 or an amount; COLUMN=WORD counts the rows that say the word. The "
                "first one decides; may be repeated."
            ),
    ),
]  # fmt: skip
Cluster = Annotated[
    str,
    typer.Option("--cluster", help=spoken("Column that says which rows were drawn together, such as the household."))
]  # fmt: skip
Key = Annotated[
    str, typer.Option("--key", help=spoken("Column that names each person, who must stand in one row only."))
]
Expect = Annotated[
    list[str] | None,
    typer.Option(
        "--expect",
        help=spoken(
            "Share with which an arm was drawn, as ARM=SHARE, once for each arm; none: arms of one size."
        ),
    ),
]


def asked(
    session: Session,
    file: Path | None,
    samples: str,
    outcomes: Sequence[str],
    *,
    expect: list[str] | None,
    **columns: str,
) -> tuple[Source, Question]:
    """The table and what is asked of it, as the options say; `columns`: the names of the
    other columns, by their role in the question.

    Raises `WhatToMeasure`, `NotAnExpectation`, and what opening the table raises.
    """
    from telewave.experiments.sources import source_of
    from telewave.experiments.usecases import Question, outcome_of

    source = source_of(file, samples, lambda: session.warehouse)
    named = tuple(outcome_of(text, source.columns) for text in outcomes)
    return source, Question(outcomes=named, expected=expectations(expect), **columns)


def expectations(texts: list[str] | None) -> dict[str, float] | None:
    """Shares by arm, written `ARM=0.5` or `ARM=50%`; None where there are none. Raises `NotAnExpectation`.

    >>> expectations(["left alone=10%", "sms=9"])
    {'left alone': 0.1, 'sms': 9.0}
    """
    if not texts:
        return None
    found = {}
    for text in texts:
        arm, sign, share = text.rpartition("=")
        number, per_cent = share.strip().rstrip("%％"), share.strip()[-1:] in ("%", "％")
        try:
            value = float(number)
        except ValueError:
            raise NotAnExpectation(text=text) from None
        if not sign or not arm.strip() or not 0 < value < 1e12:
            raise NotAnExpectation(text=text)
        found[arm.strip()] = value / 100 if per_cent else value
    return found
