"""`telewave demo`: the main job on a simulated city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from telewave.platform.command_line import Seed
from telewave.platform.terminal import Session, spoken

SUBSCRIBERS, TAKE_UP, RECORDS_PER_DAY = 50_000, 4.0, 4.0
"""At most one in a hundred takes the offer in a month. Half the records of a branch of today, so that more people have
room in the demo's minutes.
"""

Folder = Annotated[
    Path, typer.Option("--folder", help=spoken("Folder for the city, the warehouse and the reports."))
]
Size = Annotated[int, typer.Option("--subscribers", help=spoken("Subscribers of the simulated city."))]


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command(
        "demo", help=spoken("Run the main job end to end on a simulated city, in about three minutes.")
    )(demo_command)


def demo_command(
    context: typer.Context,
    folder: Folder = Path("demo"),
    subscribers: Size = SUBSCRIBERS,
    seed: Seed = 1,
) -> None:
    """All of it, in one folder."""
    from telewave.demo import demonstrate
    from telewave.simulation.plan import CityPlan

    session: Session = context.obj
    city = CityPlan(subscribers=subscribers, seed=seed, take_up=TAKE_UP, records_per_day=RECORDS_PER_DAY)
    demonstrate(session, folder, city)
