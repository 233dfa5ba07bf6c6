"""Commands of `simulation`: simulate, init."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Malformed, Message
from telewave.kernel.periods import add_months
from telewave.platform.command_line import Seed
from telewave.platform.terminal import Session, spoken
from telewave.simulation.plan import CityPlan

if TYPE_CHECKING:
    from telewave.simulation.city import City


class UnreadableLaunch(Malformed):
    """The launch {value!r} is not a month. Write it as year-month, for example 2026-04."""

    code = "unreadable_launch"


Folder = Annotated[Path, typer.Argument(help=spoken("Folder to write the city to; empty or new."))]
Subscribers = Annotated[int, typer.Option("--subscribers", help=spoken("Subscribers at the start."))]
Launch = Annotated[str, typer.Option("--launch", help=spoken("Month in which the offer starts, year-month."))]
Before = Annotated[int, typer.Option("--months-before", help=spoken("Months of records before the launch."))]
After = Annotated[int, typer.Option("--months-after", help=spoken("Months of records from the launch on."))]
Density = Annotated[
    float, typer.Option("--records-per-day", help=spoken("Mean usage records a subscriber and day."))
]
TakeUp = Annotated[
    float, typer.Option("--take-up", help=spoken("How many times the reference case's takers."))
]
Dirty = Annotated[bool, typer.Option("--dirty", help=spoken("Add a few late, doubled and wrong rows."))]
ExampleFolder = Annotated[Path, typer.Argument(help=spoken("Folder to write the example to; empty or new."))]
Workers = Annotated[int, typer.Option("--workers", help=spoken("Processes; 0: one a processor."))]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command(
        "simulate", help=spoken("Simulate a city: records of its subscribers, and the truth behind them.")
    )(simulate_command)
    app.command(
        "init",
        help=spoken(
            "Write a worked small example: files as a BSS exports them, their mappings, a campaign file."
        ),
    )(init_command)


def simulate_command(
    context: typer.Context,
    folder: Folder,
    subscribers: Subscribers = 50_000,
    seed: Seed = 1,
    launch: Launch = "2026-04",
    months_before: Before = 3,
    months_after: After = 3,
    records_per_day: Density = 8.0,
    take_up: TakeUp = 1.0,
    dirty: Dirty = False,
    workers: Workers = 0,
) -> None:
    """Write the records and say how many there are."""
    from telewave.simulation.city import simulate

    session: Session = context.obj
    plan = CityPlan(
        subscribers=subscribers,
        seed=seed,
        launch=_month(launch),
        months_before=months_before,
        months_after=months_after,
        records_per_day=records_per_day,
        take_up=take_up,
        dirty=dirty,
        workers=workers,
    )
    show(session, simulate(plan, folder, session.progress))


def init_command(
    context: typer.Context, folder: ExampleFolder, subscribers: Subscribers = 2_500, seed: Seed = 1
) -> None:
    """Write the example and say how to go on."""
    from telewave.simulation.example import example_plan, next_commands, write_example

    session: Session = context.obj
    plan = example_plan(subscribers, seed)
    show(session, write_example(plan, folder, session.progress))
    session.say(
        Message("The example is in {folder}; its subscribers are made up. Go on with:", folder=folder)
    )
    dates = [add_months(plan.launch, k) for k in range(plan.months_after + 1)]
    for line in next_commands(folder, dates):
        session.console.print(line, markup=False, highlight=False, soft_wrap=True)


def show(session: Session, city: City) -> None:
    """What was made."""
    session.say(
        Message(
            "Simulated: {subscribers} subscribers, {usage} usage records, {takers} takers of the offer.",
            subscribers=f"{city.rows['subscribers']:,}",
            usage=f"{city.rows['usage']:,}",
            takers=f"{city.takers:,}",
        )
    )


def _month(value: str) -> date:
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError as cause:
        raise UnreadableLaunch(value=value) from cause
