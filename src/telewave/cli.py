"""The command line: assembly of each capability's commands, in the person's language. `telewave --help` says more.

What stands here is imported by every call, so nothing heavy may be: a capability's module is imported when one of its
commands is used.
"""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from telewave import __version__
from telewave.kernel import Message, TelewaveError
from telewave.platform.command_line import Deferred, Root, assembled
from telewave.platform.completion import Install, Show, ready_for_shell
from telewave.platform.help_pages import speak_help
from telewave.platform.languages import locale_language, parse_language
from telewave.platform.settings import Settings, home_folder, load_settings
from telewave.platform.terminal import Session, spoken, startup_language
from telewave.platform.usage_errors import usage_sentence

if TYPE_CHECKING:
    from telewave.platform.home import Home


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or group of the program: its name, the module whose `register` adds it, and what it is for."""

    name: str
    module: str
    purpose: str


ENTRIES = (
    Entry("demo", "telewave.demo_commands",
        spoken("Run the main job end to end on a simulated city, in about three minutes.")),
    Entry("init", "telewave.simulation.commands",
        spoken("Write a worked small example: files as a BSS exports them, their mappings, a campaign file.")),
    Entry("map", "telewave.records.map_commands", spoken("Mapping files: propose one for a file.")),
    Entry("check", "telewave.records.commands",
        spoken("Read files and say what ingest would do; nothing is changed.")),
    Entry("ingest", "telewave.records.commands", spoken("Bring files into the warehouse.")),
    Entry("quarantine", "telewave.records.quarantine_commands",
        spoken("Show the rows that were refused, and export them.")),
    Entry("tables", "telewave.records.quarantine_commands", spoken("Show what the warehouse holds.")),
    Entry("simulate", "telewave.simulation.commands",
        spoken("Simulate a city: records of its subscribers, and the truth behind them.")),
    Entry("features", "telewave.features.commands",
        spoken("The wide table: build it, look at it, list what is in it.")),
    Entry("base", "telewave.customers.commands",
        spoken("Show the base classes: size, penetration of an offer, takers.")),
    Entry("audience", "telewave.audiences.commands", spoken("Audiences: rules, saved in versions.")),
    Entry("train", "telewave.models.commands",
        spoken("Train a response model and show how good it is on later periods.")),
    Entry("score", "telewave.models.commands",
        spoken("Give every subscriber the chance of taking the offer.")),
    Entry("models", "telewave.models.commands", spoken("List the models, or show one model's card.")),
    Entry("group", "telewave.targeting.commands",
        spoken("Cut the scored subscribers into core, normal and basic by value and capacity.")),
    Entry("report", "telewave.targeting.commands",
        spoken("Write the report on the groups as one HTML file.")),
    Entry("experiments", "telewave.experiments.commands",
        spoken("Experiments: what a campaign earned, measured honestly.")),
    Entry("funnel", "telewave.funnel.commands",
        spoken("What a contact does, step by step: learnt from contacts and orders.")),
    Entry("learning", "telewave.learning.commands",
        spoken("Learnt anew from outcomes, judged on later ones, put to use by a second person.")),
    Entry("outbound", "telewave.outbound.commands",
        spoken("Outbound calls: one at a time for an agent, how many agents they take, who needs help.")),
    Entry("halls", "telewave.halls.commands",
        spoken("Halls: willing customers on their lists, called a second time, known when they come.")),
    Entry("fulfilment", "telewave.fulfilment.commands",
        spoken("Fulfilment: parcels from the order to the cent; who each waits for, and until when.")),
    Entry("campaign", "telewave.campaign_group",
        spoken("Campaigns: plans rehearsed, approved and launched; their contacts, and what they earned.")),
    Entry("offers", "telewave.offers.commands",
        spoken("Policies: what they cost, earn, and how they agree.")),
    Entry("choice", "telewave.choice.commands", spoken("Which policy suits whom, learnt from orders.")),
    Entry("plan", "telewave.plan_group", spoken("Campaign plans: make, list, explain, date anew.")),
    Entry("work", "telewave.job_commands", spoken("Do the jobs that are due, batch by batch.")),
    Entry("jobs", "telewave.job_commands", spoken("List the jobs, or pause, resume or stop one.")),
    Entry("serve", "telewave.serve_command",
        spoken("Open the console in a browser: campaigns, calls, people, audit.")),
    Entry("people", "telewave.access.commands",
        spoken("People who sign in to the console, and their roles.")),
    Entry("audit", "telewave.audit_commands",
        spoken("Audit: who did what, who saw whose numbers, and whether the record is whole.")),
    Entry("doctor", "telewave.home_commands",
        spoken("Check whether the home is whole, and say what to restore.")),
    Entry("migrate", "telewave.home_commands",
        spoken("Bring the operations database to the schema of this version.")),
)  # fmt: skip
"""In the order of `telewave --help`."""

COLLECT_AFTER = 10_000
"""New objects after which Python looks for those that nobody holds any more. With its own 700 it would look some
hundred times while the libraries of a command are loaded: an eighth of the processor time of a short command.
"""

Lang = Annotated[str, typer.Option("--lang", help=spoken("Language of messages and reports: zh or en."))]


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)  # noqa: T201 - one bare word, for scripts
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help=spoken("Show the version."), callback=_show_version, is_eager=True)
]


def start(
    context: typer.Context,
    lang: Lang = "",
    version: Version = False,  # noqa: ARG001
    install: Install = False,  # noqa: ARG001
    show: Show = False,  # noqa: ARG001
) -> None:
    """Open the session that every command works with; stores are opened at first need."""
    settings = load_settings()
    named = lang or settings.language
    language = parse_language(named) if named else locale_language()
    session = Session(language=language, settings=settings, open_home=partial(_open_home, settings))
    context.obj = session
    context.call_on_close(session.close)


def _open_home(settings: Settings) -> Home:
    from telewave.bootstrap import open_home

    return open_home(settings)


def command_tree() -> Root:
    """The program as Typer runs it; commands are loaded when they are used."""
    app = typer.Typer(
        name="telewave",
        help=spoken("Telewave: find who is likely to want which offer, and why."),
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        cls=Root,
    )
    app.callback()(start)
    root = typer.main.get_command(app)
    assert isinstance(root, Root)  # noqa: S101
    speak_help(root, startup_language())
    for entry in ENTRIES:
        root.add_command(Deferred(entry.name, entry.purpose, partial(_loaded, entry)))
    return root


def _loaded(entry: Entry) -> Any:
    command = assembled(import_module(entry.module).register).commands[entry.name]
    command.help = entry.purpose
    speak_help(command, startup_language())
    return command


def main() -> None:
    """Run one command. Ends with 0, 1 for an error that a sentence explains, 2 for a mistake on the command line."""
    gc.set_threshold(COLLECT_AFTER)
    speak_utf8()
    ready_for_shell()
    try:
        code = command_tree()(prog_name="telewave", standalone_mode=False)
    except TelewaveError as error:
        _aside().refuse(error)
        code = 1
    except typer.TyperException as error:
        if (sentence := usage_sentence(error)) is not None:
            _said(sentence)
            _said(Message("Add --help to see what there is."))
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        _said(Message("Stopped. What was finished before stays; what was under way left nothing behind."))
        code = 130
    except Exception as cause:  # noqa: BLE001 - whatever was not foreseen is kept for whoever can mend it
        if isinstance(cause, OSError) and cause.filename:
            from telewave.platform.files import unusable

            _aside().refuse(unusable(cause))
            sys.exit(1)
        import traceback

        from telewave.platform.files import keep_traceback

        path = keep_traceback(traceback.format_exc(), home_folder())
        _said(
            Message(
                "Telewave met something it was not made for. What was finished before stays. The details "
                "are in {file}: "
                "send that file to whoever looks after Telewave, and tell what you did.",
                file=str(path),
            )
        )
        code = 1
    sys.exit(code or 0)


def speak_utf8() -> None:
    """See that text goes in and out as UTF-8, also where the machine's locale knows ASCII only: names of
    files, districts and audiences are Chinese.

    How names of files are read is settled when Python begins, so that there it begins again.
    """
    if sys.getfilesystemencoding() == "ascii" and not sys.flags.utf8_mode:
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this very command
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() in ("ascii", "us-ascii"):
            stream.reconfigure(encoding="utf-8")


def _aside() -> Session:
    """For what is said when no command's session stands."""
    return Session.speaking(startup_language(), Console(stderr=True))


def _said(message: Message) -> None:
    _aside().say(message, style="red")


if __name__ == "__main__":
    main()
