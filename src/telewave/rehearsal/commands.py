"""Command of `rehearsal`: `telewave campaign rehearse`."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import CampaignName, PageFile
from telewave.platform.shares import parse_share
from telewave.platform.terminal import Session, spoken

Plan = Annotated[
    str,
    typer.Option("--plan", help=spoken("Plan whose hash begins so; none: the running one, or the newest.")),
]
Draws = Annotated[int, typer.Option("--draws", help=spoken("How often the plan is run."))]
Agents = Annotated[
    int,
    typer.Option(
        "--agents", help=spoken("So many more agents on each working day than planned, or fewer: -20.")
    ),
]
Tries = Annotated[
    int,
    typer.Option("--tries", help=spoken("Calls of one person until he answers, on days of their own.")),
]
Halls = Annotated[
    int | None,
    typer.Option("--halls", help=spoken("Halls that serve the campaign; none: as many windows as it takes.")),
]
Windows = Annotated[
    int, typer.Option("--windows", help=spoken("Windows in each hall that serve the campaign."))
]
WindowsMore = Annotated[
    int,
    typer.Option("--windows-more", help=spoken("So many more windows in all halls together, or fewer: -20.")),
]
Clerks = Annotated[
    int,
    typer.Option("--clerks", min=0, help=spoken("Clerks in each hall who take visitors in idle hours, too.")),
]
Couriers = Annotated[
    int | None, typer.Option("--couriers", help=spoken("Couriers at work a day; none: as many as it takes."))
]
CouriersMore = Annotated[
    int, typer.Option("--couriers-more", help=spoken("So many more couriers, or fewer: -20."))
]
Areas = Annotated[
    int,
    typer.Option("--areas", help=spoken("Areas among which the couriers are spread; each keeps to his own.")),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", help=spoken("Channel that is left out. May be repeated.")),
]
Orders = Annotated[
    str,
    typer.Option(
        "--orders",
        help=spoken("Share of the believed orders that come, such as 85% where a promotion is left out."),
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, help=spoken("Other seeds draw other runs; the same ones the same."))
]


def register_rehearse(group: typer.Typer) -> None:
    """Add the command to the group `campaign`."""
    group.command(
        "rehearse",
        help=spoken(
            "Run a plan through queues at agents, halls and couriers before it is carried out: volumes with "
            "intervals, the bottleneck, and what other means would do."
        ),
    )(rehearse_command)


def rehearse_command(
    context: typer.Context,
    name: CampaignName,
    plan: Plan = "",
    draws: Draws = 100,
    agents: Agents = 0,
    tries: Tries = 1,
    halls: Halls = None,
    windows: Windows = 1,
    windows_more: WindowsMore = 0,
    clerks: Clerks = 0,
    couriers: Couriers = None,
    couriers_more: CouriersMore = 0,
    areas: Areas = 1,
    without: Without = None,
    orders: Orders = "100%",
    seed: Seed = 0,
    report: PageFile = None,
) -> None:
    """Rehearse, show, write the page."""
    from telewave.rehearsal.model import Means
    from telewave.rehearsal.report import show_rehearsal
    from telewave.rehearsal.usecases import rehearse, script_called

    session: Session = context.obj
    means = Means(
        agents=agents,
        tries=tries,
        halls=halls,
        windows=windows,
        more_windows=windows_more,
        clerks=clerks,
        couriers=couriers,
        more_couriers=couriers_more,
        areas=areas,
        without=tuple(dict.fromkeys(without or ())),
        orders=parse_share(orders),
    )
    script = script_called(session.warehouse, session.database, name, plan)
    found = rehearse(script, means, session.progress, draws=draws, seed=seed)
    show_rehearsal(session, found)
    if report is not None:
        from telewave.platform.files import write_whole
        from telewave.rehearsal.page import rehearsed_page

        write_whole(report, rehearsed_page(found, session.language))
        session.say(Message("The report is in {path}.", path=report))
