"""Commands of diallers: `telewave outbound dial`, `dialled`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Figure, Message
from telewave.platform.command_line import BatchLines, ByInLedger, CampaignOrPlan, ListTo, TakenBy
from telewave.platform.terminal import Session, spoken

With = Annotated[
    str,
    typer.Option(
        "--with",
        help=spoken("Skills and languages that all agents of the dialler have, with commas between."),
    ),
]
Back = Annotated[
    Path,
    typer.Argument(metavar="FILE", help=spoken("CSV with the columns contact and disposition, and agent.")),
]


def register_dial(group: typer.Typer) -> None:
    """Add the commands to the group `outbound`."""
    group.command("dial", help=DIAL)(dial_command)
    group.command("dialled", help=DIALLED)(dialled_command)


DIAL = spoken("Reserve a batch of contacts for a dialler, and write it as a file.")
DIALLED = spoken("Take a dialler's results in: all of the file, or nothing.")


def dial_command(
    context: typer.Context,
    name: CampaignOrPlan,
    lines: BatchLines,
    to: ListTo,
    by: TakenBy,
    skills: With = "",
) -> None:
    """Reserve, reveal, write."""
    from telewave.outbound.dialler_file import FileDialler
    from telewave.outbound.dialling import dial
    from telewave.records.key_keeping import open_keys

    session: Session = context.obj
    now = session.clock.now()
    keys = open_keys(session.settings.keys, session.database, create=False)
    dialler = FileDialler(out=to, back=None, language=session.language, now=now, local=session.clock.local)
    has = {one.strip() for one in skills.split(",") if one.strip()}
    stores = (session.warehouse, session.database, keys)
    batch = dial(stores, name, dialler, lines=lines, has=has, by=by, now=now)
    until = f"{session.clock.local(batch.until):%Y-%m-%d %H:%M}"
    session.attach("batch", {"number": batch.number, "lines": len(batch.lines), "until": until})
    session.say(
        Message(
            "Batch {number}: {lines:,} contacts are in {path}, held until {until}.",
            number=batch.number,
            lines=len(batch.lines),
            path=to,
            until=until,
        )
    )
    session.say(Message("Then: telewave outbound dialled {name} RESULTS --by YOU", name=batch.campaign))


def dialled_command(context: typer.Context, name: CampaignOrPlan, file: Back, by: ByInLedger) -> None:
    """Read, take in, count."""
    from telewave.approvals.model import check_person
    from telewave.outbound.dialler_file import FileDialler
    from telewave.outbound.dialling import take_in
    from telewave.outbound.dispositions import CallResult

    session: Session = context.obj
    check_person(by)
    now = session.clock.now()
    dialler = FileDialler(out=None, back=file, language=session.language, now=now, local=session.clock.local)
    found = take_in(session.database, name, dialler.results(), by.strip(), now)
    counts = Counter(one.result for one in found)
    session.table(
        Message("What became of the calls"),
        (Message("Disposition"), Message("Calls")),
        [(Figure(one.value, one.label), counts[one]) for one in CallResult if counts[one]],
    )
    again = sum(one.again_at is not None for one in found)
    session.say(
        Message(
            "{count:,} results are taken over; {again:,} contacts are called again later.",
            count=len(found),
            again=again,
        )
    )
