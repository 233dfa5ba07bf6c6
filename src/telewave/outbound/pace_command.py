"""Command `telewave outbound pace`: how many lines to dial now, and what dialling ahead brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Figure, Message
from telewave.platform.command_line import Handling
from telewave.platform.shares import parse_share
from telewave.platform.terminal import Session, TableCell, spoken

if TYPE_CHECKING:
    from telewave.outbound.pacing import Mode
    from telewave.outbound.pacing_trial import Shift

SHIFTS = 3
"""Simulated shifts of each way of dialling."""
Agents = Annotated[int, typer.Option("--agents", help=spoken("Agents at work."))]
Rate = Annotated[
    str, typer.Option("--answer-rate", help=spoken("Share of lines that are answered, such as 30%."))
]
Ring = Annotated[
    float, typer.Option("--ring", help=spoken("Seconds until a line that nobody answers is given up."))
]
Limit = Annotated[
    str,
    typer.Option("--limit", help=spoken("Share of answered calls that may find no agent, such as 3%.")),
]
Free = Annotated[int | None, typer.Option("--free", help=spoken("Agents free now; none: only compare."))]
Ringing = Annotated[int, typer.Option("--ringing", help=spoken("Lines that ring now."))]
Dialled = Annotated[int, typer.Option("--dialled", help=spoken("Lines of the day that have ended."))]
Answered = Annotated[int, typer.Option("--answered", help=spoken("How many of them were answered."))]
Abandoned = Annotated[int, typer.Option("--abandoned", help=spoken("How many of these found no agent."))]


def register_pace(group: typer.Typer) -> None:
    """Add the command to the group `outbound`."""
    group.command(
        "pace",
        help=spoken(
            "Say how many lines to dial now, and what dialling ahead does with agents' time and customers."
        ),
    )(pace_command)


def pace_command(
    context: typer.Context,
    agents: Agents,
    rate: Rate,
    handling: Handling,
    ring: Ring = 20.0,
    limit: Limit = "3%",
    free: Free = None,
    ringing: Ringing = 0,
    dialled: Dialled = 0,
    answered: Answered = 0,
    abandoned: Abandoned = 0,
) -> None:
    """The lines to dial now, where free agents are told; then the ways beside one another."""
    from telewave.outbound.pacing import Floor, Mode, Tally, lines_to_dial
    from telewave.outbound.pacing_trial import Shift

    session: Session = context.obj
    most = parse_share(limit)
    shift = Shift(agents=agents, rate=parse_share(rate), handling=handling, ring=ring)
    if free is not None:
        floor = Floor(free=free, busy=agents - free, ringing=ringing, handling=handling, ring=ring)
        lines = lines_to_dial(floor, Tally(dialled, answered, abandoned), Mode.PREDICTIVE, most)
        session.attach("lines", lines)
        session.say(Message("Dial {lines:,} more lines now.", lines=lines), style="bold")
    with session.progress.step(Message("Simulating shifts")):
        rows = [_row(shift, mode, most) for mode in Mode]
    session.table(
        Message("Ways of dialling, {shifts} simulated shifts of 8 hours each", shifts=SHIFTS),
        (
            Message("Way"),
            Message("Agents talking"),
            Message("Calls an agent and hour"),
            Message("Lines dialled"),
            Message("Abandoned of the answered"),
        ),
        rows,
    )
    session.say(
        Message(
            "Simulated: handling times vary as exponential ones do, the answer rate stays. What is dialled ahead goes "
            "by the upper end of the day's answer rate and keeps the day within {limit:.1%} abandoned; nothing is "
            "dialled ahead before enough calls are answered to afford it.",
            limit=most,
        )
    )


def _row(shift: Shift, mode: Mode, limit: float) -> list[TableCell]:
    """Means over the shifts; of abandoned calls the worst."""
    import numpy as np

    from telewave.outbound.pacing_trial import shift_done

    done = [shift_done(shift, mode, np.random.default_rng(seed), limit) for seed in range(SHIFTS)]
    hours = shift.agents * shift.hours * len(done)
    return [
        Figure(mode.value, mode.label),
        Figure.of(sum(one.occupancy for one in done) / len(done), ".1%"),
        Figure.of(sum(one.talked for one in done) / hours, ".1f"),
        Figure.of(round(sum(one.dialled for one in done) / len(done)), ","),
        Figure.of(max(one.abandoned_share for one in done), ".2%"),
    ]
