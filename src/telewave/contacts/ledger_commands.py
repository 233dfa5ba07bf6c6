"""Commands of the contact ledger: `telewave campaign release`, `results`, `settle`, `ledger` and others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.contacts.terminal import Day, say_fallen_out, told_by, who_is
from telewave.kernel import Message
from telewave.platform.command_line import ByInLedger, CampaignName, ListTo
from telewave.platform.days import parse_day
from telewave.platform.lists import write_list
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.contacts.claiming import Errand
    from telewave.contacts.settling import Settled

Results = Annotated[Path, typer.Argument(help=spoken("CSV of results with the columns contact and outcome."))]
Listed = Annotated[
    Path,
    typer.Argument(help=spoken("Text file with an outside number on each line, such as a do-not-call list.")),
]
PolicyFile = Annotated[Path, typer.Argument(help=spoken("File of the contact policy (YAML)."))]
Before = Annotated[
    str, typer.Option("--before", help=spoken("Contacts of days before this one, year-month-day."))
]
Background = Annotated[
    bool,
    typer.Option(
        "--background",
        help=spoken(
            "Leave it to a worker (telewave work), which lets each contact go when its time of the day comes."
        ),
    ),
]
CloseAll = Annotated[
    bool, typer.Option("--close", help=spoken("Also close them: nothing more is waited for."))
]


def register_ledger(group: typer.Typer) -> None:
    """Add the commands to the group `campaign`."""
    for name, purpose, command in (
        ("release", RELEASE, release_command),
        ("results", RESULTS, results_command),
        ("settle", SETTLE, settle_command),
        ("ledger", LEDGER, ledger_command),
        ("exclude", EXCLUDE, exclude_command),
        ("confirm", CONFIRM, confirm_command),
        ("policy", POLICY, policy_command),
    ):
        group.command(name, help=purpose)(command)


RELEASE = spoken(
    "Let the launched plan's contacts of one day go, as far as the policy allows; no list is written."
)
RESULTS = spoken("Take over what became of contacts: outcomes, receipts, objections.")
SETTLE = spoken("Note contacts without a result as unknown, or close them.")
LEDGER = spoken("Show how a campaign's contacts stand.")
EXCLUDE = spoken("Put the numbers of a list on the exclusion list of all campaigns.")
CONFIRM = spoken("Write the list of those to whom the confirmation of their opting out is owed.")
POLICY = spoken("Set the contact policy of the house: caps, quiet hours, pauses after outcomes.")


def release_command(
    context: typer.Context, name: CampaignName, by: ByInLedger, day: Day = "", background: Background = False
) -> None:
    """Ask everything, release what may go, say why the rest may not; or leave all that to a worker."""
    from telewave.contacts.handing_out import fell_out, let_go
    from telewave.contacts.standings import released_of

    session: Session = context.obj
    on = parse_day(day) if day else session.clock.today()
    if background:
        _leave_to_worker(session, name, on, by)
        return
    with session.progress.step(Message("Asking consent, orders, stock and capacity again")):
        asked = let_go(session.warehouse, session.database, name, on, _errand(session, by))
    out = released_of(session.database, asked.plan.hash, on)
    session.say(Message("{count:,} contacts of {day} are released.", count=len(out), day=on))
    say_fallen_out(session, fell_out(asked))


def _leave_to_worker(session: Session, name: str, day: date, by: str) -> None:
    from telewave.contacts.jobs import release_later

    job = release_later(session.database, name, day, _person(by), session.clock.now())
    session.attach("job", {"job": job.id, "state": job.state.value})
    session.say(
        Message(
            "{title}: job {job}, {state}. A worker does it: telewave work --keep-on",
            title=job.title,
            job=job.id,
            state=job.state.label,
        )
    )


def results_command(context: typer.Context, name: CampaignName, file: Results, by: ByInLedger) -> None:
    """All of the file, or nothing."""
    from telewave.contacts.results_file import read_results
    from telewave.contacts.settling import take_results

    session: Session = context.obj
    told = told_by(session, by, file.name)
    _say(session, take_results(session.database, name, read_results(file), told, who_is(session)))


def settle_command(
    context: typer.Context, name: CampaignName, before: Before, by: ByInLedger, close: CloseAll = False
) -> None:
    """Time is up."""
    from telewave.contacts.settling import settle_before

    session: Session = context.obj
    done = settle_before(session.database, name, parse_day(before), told_by(session, by, ""), close=close)
    session.say(Message("{moved:,} contacts changed their state.", moved=done.moved))


def ledger_command(context: typer.Context, name: CampaignName) -> None:
    """A line for each day, channel, state and what became of it."""
    from telewave.contacts.ledger_rows import LEDGER_COLUMNS, ledger_caption, ledger_rows

    session: Session = context.obj
    rows = ledger_rows(session.database, name)
    session.table(ledger_caption(name), LEDGER_COLUMNS, rows)
    if not rows:
        session.say(
            Message(
                "No contact of {name} is in the ledger yet. To let a day go: "
                "telewave campaign release {name} --day DAY --by YOU",
                name=name,
            )
        )


def exclude_command(context: typer.Context, file: Listed, by: ByInLedger) -> None:
    """Those numbers that nobody here has are counted and passed over."""
    from telewave.contacts.results_file import text_of
    from telewave.contacts.settling import exclude
    from telewave.records.identities import UnknownSubscriber

    session: Session = context.obj
    named, found, unknown = who_is(session), [], 0
    for line in text_of(file).splitlines():
        if number := line.split(",")[0].strip():
            try:
                found.append(named(number))
            except UnknownSubscriber:
                unknown += 1
    done = exclude(session.database, found, told_by(session, by, file.name))
    session.say(
        Message(
            "{made:,} subscribers are new on the exclusion list, {known:,} stood on it already; {withdrawn:,} contacts "
            "were taken back.",
            made=done.objections,
            known=done.nothing_new,
            withdrawn=done.withdrawn,
        )
    )
    if unknown:
        session.say(Message("{count:,} lines name nobody on record and were passed over.", count=unknown))


def confirm_command(context: typer.Context, to: ListTo, by: ByInLedger) -> None:
    """A service message, which no policy holds back."""
    from telewave.contacts.confirming import HEADERS, confirmations
    from telewave.records.key_keeping import open_keys

    session: Session = context.obj
    keys = open_keys(session.settings.keys, session.database, create=False)
    found = confirmations(
        session.database,
        keys,
        told_by(session, by, to.name),
        lambda rows: write_list(to, [session.text(head) for head in HEADERS], rows),
    )
    session.say(Message("{rows:,} confirmations of opting out are in {path}.", rows=found.listed, path=to))
    if found.without_number:
        session.say(
            Message(
                "{count:,} more are owed to subscribers without a number on record, and stay owed.",
                count=found.without_number,
            )
        )


def policy_command(context: typer.Context, file: PolicyFile, by: ByInLedger) -> None:
    """A new version, in force at once."""
    from telewave.contacts.policy_file import load_policy
    from telewave.contacts.policy_store import set_policy

    session: Session = context.obj
    version = set_policy(session.database, load_policy(file), by.strip(), session.clock.now())
    session.say(Message("Version {version} of the contact policy is in force.", version=version))


def _errand(session: Session, by: str) -> Errand:
    from telewave.contacts.claiming import Errand

    return Errand(by=_person(by), now=session.clock.now(), what="release")


def _person(by: str) -> str:
    from telewave.approvals.model import check_person

    check_person(by)
    return by.strip()


def _say(session: Session, found: Settled) -> None:
    session.say(
        Message(
            "{moved:,} contacts changed their state; {nothing:,} results told nothing new. {objections:,} new "
            "objections took {withdrawn:,} contacts back.",
            moved=found.moved,
            nothing=found.nothing_new,
            objections=found.objections,
            withdrawn=found.withdrawn,
        )
    )
