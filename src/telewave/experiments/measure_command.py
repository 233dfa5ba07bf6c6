"""The command `experiments measure`: what an arm did, against its control."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.experiments.table_options import (
    Arm,
    Cluster,
    Control,
    Expect,
    File,
    Key,
    Outcomes,
    Samples,
    asked,
)
from telewave.kernel import Message
from telewave.platform.command_line import ReportFile
from telewave.platform.terminal import Session, spoken

Before = Annotated[
    str,
    typer.Option(
        "--before",
        help=spoken("Column of numbers that was known before the draw, to take away noise (CUPED)."),
    ),
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
    report: ReportFile = None,
) -> None:
    """Compare the arms of an experiment with its control in each outcome."""
    from telewave.experiments.effect_page import effects_page
    from telewave.experiments.effect_report import show_measurement
    from telewave.experiments.usecases import measure
    from telewave.platform.files import write_whole

    session: Session = context.obj
    columns = {"arm": arm, "control": control, "before": before, "cluster": cluster, "key": key}
    source, question = asked(session, file, samples, outcome, expect=expect, **columns)
    made = measure(source, question)
    show_measurement(session, made)
    if report is not None:
        write_whole(report, effects_page(made, source.name, session.language))
        session.say(Message("The report is in {path}.", path=report))
