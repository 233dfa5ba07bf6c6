"""Commands of `experiments` that read a table: measure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Malformed, Message
from telewave.platform.terminal import Session, spoken


class NotAnExpectation(Malformed):
    """{text!r} is no expected share of an arm. Write --expect ARM=SHARE, for example --expect 'control=0.5', once for each arm."""

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
        help=spoken("Column of the outcome, 0/1 or an amount; COLUMN=WORD counts the rows that say the word. The first one decides; may be repeated."),
    ),
]  # fmt: skip
Before = Annotated[
    str,
    typer.Option("--before", help=spoken("Column of numbers that was known before the draw, to take away noise (CUPED).")),
]  # fmt: skip
Cluster = Annotated[
    str, typer.Option("--cluster", help=spoken("Column that says which rows were drawn together, such as the household."))
]  # fmt: skip
Key = Annotated[
    str, typer.Option("--key", help=spoken("Column that names each person, who must stand in one row only."))
]
Expect = Annotated[
    list[str] | None,
    typer.Option("--expect", help=spoken("Share with which an arm was drawn, as ARM=SHARE, once for each arm; none: arms of one size.")),
]  # fmt: skip
Report = Annotated[
    Path | None, typer.Option("--report", help=spoken("Also write the report as this HTML file."))
]


def measure_command(
    context: typer.Context,
    arm: Arm,
    control: Control,
    outcome: Outcomes,
    file: File = None,
    samples: Samples = "",
    before: Before = "",
    cluster: Cluster = "",
    key: Key = "",
    expect: Expect = None,
    report: Report = None,
) -> None:
    """Compare the arms of an experiment with its control in each outcome."""
    from telewave.experiments.effect_page import effects_page
    from telewave.experiments.effect_report import show_measurement
    from telewave.experiments.sources import source_of
    from telewave.experiments.usecases import Question, measure, outcome_of
    from telewave.platform.files import write_whole

    session: Session = context.obj
    source = source_of(file, samples, lambda: session.warehouse)
    question = Question(
        arm=arm,
        control=control,
        outcomes=tuple(outcome_of(text, source.columns) for text in outcome),
        before=before,
        cluster=cluster,
        key=key,
        expected=expectations(expect),
    )
    made = measure(source, question)
    show_measurement(session, made)
    if report is not None:
        write_whole(report, effects_page(made, source.name, session.language))
        session.say(Message("The report is in {path}.", path=report))


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
