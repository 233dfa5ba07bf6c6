"""Commands of agents' calls: `telewave outbound next`, `done`, `team`, `dispositions`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import CampaignOrPlan
from telewave.platform.terminal import Session, spoken

AgentName = Annotated[str, typer.Option("--agent", help=spoken("Who calls, by name."))]
Number = Annotated[
    bool,
    typer.Option(
        "--number", help=spoken("Also show the outside number; that it was shown to the agent is recorded.")
    ),
]
Contact = Annotated[int, typer.Argument(help=spoken("Number of the contact, as `next` shows it."))]
Told = Annotated[
    str,
    typer.Option(
        "--disposition", help=spoken("What became of the call; `telewave outbound dispositions` lists all.")
    ),
]
CallBack = Annotated[
    str, typer.Option("--call-back", help=spoken('When to call back: 15:30 today, or "2026-07-09 15:30".'))
]
Order = Annotated[str, typer.Option("--order", help=spoken("Offer that was ordered during the call."))]
Reference = Annotated[str, typer.Option("--reference", help=spoken("Number of that order."))]
TeamFile = Annotated[Path, typer.Argument(help=spoken("File of the team (YAML)."))]
By = Annotated[str, typer.Option("--by", help=spoken("Who sets it, by name."))]


def register_calls(group: typer.Typer) -> None:
    """Add the commands to the group `outbound`."""
    group.command("next", help=NEXT)(next_command)
    group.command("done", help=DONE)(done_command)
    group.command("dispositions", help=DISPOSITIONS)(dispositions_command)
    group.command("team", help=TEAM)(team_command)


NEXT = spoken("Give an agent the next contact to call, reserved for a few minutes; policy is asked again.")
DONE = spoken("Take down what became of an agent's call, and say when it is tried again.")
DISPOSITIONS = spoken("List what may become of a call: what each means and does.")
TEAM = spoken("Set who calls: agents, their skills and languages, how often a contact is tried.")


def next_command(
    context: typer.Context, name: CampaignOrPlan, agent: AgentName, number: Number = False
) -> None:
    """Reserve and show."""
    from telewave.outbound import call_words as words
    from telewave.outbound.model import NobodyNow
    from telewave.outbound.numbers_shown import number_shown
    from telewave.outbound.reserving import next_call

    session: Session = context.obj
    local = session.clock.local
    found = next_call(session.warehouse, session.database, name, agent, session.clock.now())
    if isinstance(found, NobodyNow):
        session.attach("call", None)
        for sentence in words.nobody(found, local):
            session.say(sentence)
        return
    outside = number_shown(session.home, found, session.clock.now()) if number else None
    session.attach("call", words.given_object(found, outside, local))
    session.say(words.who(found, outside, local), style="bold")
    for sentence in words.why(found, local):
        session.say(sentence)
    for line in words.script(found):
        session.say(line)
    if found.before:
        session.table(Message("Tried before"), words.BEFORE_COLUMNS, words.before_rows(found, local))
    session.say(
        Message(
            "Then: telewave outbound done {contact} --agent {agent} --disposition DISPOSITION",
            contact=found.row.contact,
            agent=found.row.holder or agent,
        )
    )


def done_command(
    context: typer.Context,
    contact: Contact,
    agent: AgentName,
    disposition: Told,
    call_back: CallBack = "",
    order: Order = "",
    reference: Reference = "",
) -> None:
    """Take down and say what follows."""
    from telewave.outbound.call_words import recorded
    from telewave.outbound.dispositions import parse_result
    from telewave.outbound.model import Outcome
    from telewave.outbound.recording import record_call
    from telewave.outbound.timing import parse_time

    session: Session = context.obj
    now = session.clock.now()
    outcome = Outcome(
        result=parse_result(disposition),
        call_back=parse_time(call_back, now) if call_back else None,
        offer=order or None,
        reference=reference or None,
    )
    found = record_call(session.database, contact, agent.strip(), outcome, now)
    session.attach(
        "call",
        {
            "contact": found.contact,
            "disposition": found.result.value,
            "attempts": found.attempts,
            "again_at": session.clock.local(found.again_at).isoformat() if found.again_at else None,
        },
    )
    for sentence in recorded(found, session.clock.local):
        session.say(sentence)


def dispositions_command(context: typer.Context) -> None:
    """The table."""
    from telewave.outbound.call_words import TABLE_COLUMNS, table_rows

    session: Session = context.obj
    session.table(Message("What may become of a call"), TABLE_COLUMNS, table_rows())


def team_command(context: typer.Context, file: TeamFile, by: By) -> None:
    """A new version, in force at once."""
    from telewave.approvals.model import check_person
    from telewave.outbound.store import set_team
    from telewave.outbound.team_file import load_team

    session: Session = context.obj
    check_person(by)
    team = load_team(file)
    version = set_team(session.database, team, by.strip(), session.clock.now())
    session.say(
        Message(
            "Version {version} of the team is in force: {agents:,} agents.",
            version=version,
            agents=len(team.agents),
        )
    )
