"""Commands as a person types them: loaded when they are used, with -h, --json and --quiet everywhere.

Typer's own classes are refined in one place. A group or command of a capability stands in the tree as a name and a
sentence (`Deferred`); its module is imported when it is run, when its own help is asked for, or when a shell
completes its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from telewave.kernel import TelewaveError
from telewave.platform.files import STREAM
from telewave.platform.help_pages import speak_headings
from telewave.platform.terminal import Session, spoken, startup_language
from telewave.platform.usage_errors import CommandMissing, UnexpectedArguments, UnknownCommand

HELP_NAMES = {"help_option_names": ["-h", "--help"]}
EVERYWHERE = ("--json", "--quiet")

# Arguments and options that commands of several capabilities take alike.
Seed = Annotated[int, typer.Option("--seed", help=spoken("Seed of everything random."))]
CampaignName = Annotated[str, typer.Argument(help=spoken("Name of the campaign."))]
BatchLines = Annotated[int, typer.Option("--lines", help=spoken("Contacts that the batch has at most."))]
ByInLedger = Annotated[
    str, typer.Option("--by", help=spoken("Who does this, by name; kept in the ledger's log."))
]
CampaignFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help=spoken("Campaign file (YAML); `reference`: the reference case.")),
]
ScoresAsOf = Annotated[str, typer.Option("--as-of", help=spoken("Date of the scores, year-month-day."))]
DocumentFile = Annotated[
    Path | None,
    typer.Option("--document", help=spoken("Also write the document to be approved as this JSON file.")),
]
SubscriberNumber = Annotated[
    str, typer.Option("--subscriber", help=spoken("The subscriber's number outside, or inside Telewave."))
]
ReportLanguage = Annotated[str, typer.Option("--lang", help=spoken("Language of the report: zh or en."))]
NewFile = Annotated[
    Path | None, typer.Option("--to", help=spoken("New file to write it to; none: the terminal."))
]
DespiteVerdict = Annotated[
    str | None,
    typer.Option(
        "--despite-verdict",
        help=spoken(
            "Why the model is used although its verdict is not to; kept in the plan and shown on it."
        ),
    ),
]
SaidSimulated = Annotated[
    bool, typer.Option("--simulated", help=spoken("Say on the report that its data is simulated."))
]
By = Annotated[str, typer.Option("--by", help=spoken("Who does this, by name."))]
ListTaker = Annotated[
    str,
    typer.Option(
        "--by", help=spoken("With --to: who takes the list, by name; each outside number shown is recorded.")
    ),
]
VersionInUse = Annotated[
    int | None, typer.Option("--version", min=1, help=spoken("Version; the one in use if not given."))
]
PageFile = Annotated[
    Path | None, typer.Option("--report", help=spoken("Also write the page as this HTML file."))
]
ReportFile = Annotated[
    Path | None, typer.Option("--report", help=spoken("Also write the report as this HTML file."))
]
CampaignOrPlan = Annotated[
    str,
    typer.Argument(
        metavar="CAMPAIGN", help=spoken("Name of the campaign, or the first digits of its plan's hash.")
    ),
]
ListTo = Annotated[Path, typer.Option("--to", help=spoken("File to write: .csv or .xlsx."))]
TakenBy = Annotated[
    str,
    typer.Option("--by", help=spoken("Who takes the list, by name; each outside number shown is recorded.")),
]
Handling = Annotated[
    float,
    typer.Option(
        "--handling", help=spoken("Seconds that an agent spends on a call, notes after it included.")
    ),
]
ByInLog = Annotated[str, typer.Option("--by", help=spoken("Who does this, by name; kept in the log."))]
NumbersTo = Annotated[
    Path | None,
    typer.Option("--to", help=spoken("Also write the list with phone numbers to this file: .csv or .xlsx.")),
]
ShownTo = Annotated[
    str, typer.Option("--by", help=spoken("Who is shown phone numbers, by name; every showing is recorded."))
]
HtmlFile = Annotated[Path, typer.Option("--out", help=spoken("HTML file to write."))]
ModelName = Annotated[str, typer.Option("--model", help=spoken("Name of the model."))]


class Command(TyperCommand):
    """A command that also takes -h, --json and --quiet, and says by type what it cannot use."""

    def __init__(self, name: str | None, **attributes: Any) -> None:
        params = [*(attributes.pop("params", None) or ()), *_everywhere()]
        settings = HELP_NAMES | (attributes.pop("context_settings", None) or {})
        super().__init__(name, params=params, context_settings=settings, **attributes)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Raises `UnexpectedArguments`."""
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise UnexpectedArguments(rest, ctx)
        return rest

    def invoke(self, ctx: Any) -> Any:
        """What goes to standard output as a file goes there alone: sentences and tables make way."""
        written = (ctx.params.get(p.name) for p in self.params if p.param_type_name == "option")
        if isinstance(ctx.obj, Session) and STREAM in written:
            ctx.obj.make_way()
        return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As Typer's, in the person's language."""
        speak_headings(startup_language())
        super().format_help(ctx, formatter)


class Group(TyperGroup):
    """A group whose mistakes are told apart by type."""

    def __init__(self, **attributes: Any) -> None:
        settings = HELP_NAMES | (attributes.pop("context_settings", None) or {})
        super().__init__(context_settings=settings, **attributes)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Raises `UnknownCommand`."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing and args[0][:1] != "-":
            raise UnknownCommand(args[0], self.list_commands(ctx), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Raises `CommandMissing`."""
        if not ctx._protected_args and not self.invoke_without_command:  # noqa: SLF001 - where Typer keeps the words
            raise CommandMissing(ctx)
        return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As Typer's, in the person's language."""
        speak_headings(startup_language())
        super().format_help(ctx, formatter)


class Root(Group):
    """The program: an error is said where the session still stands, and what was collected is written at the end."""

    def invoke(self, ctx: Any) -> Any:
        """Run one command. An error that a sentence explains ends with code 1."""
        try:
            result = super().invoke(ctx)
        except TelewaveError as error:
            if not isinstance(ctx.obj, Session):
                raise
            ctx.obj.refuse(error)
            ctx.obj.finish()
            raise typer.Exit(1) from error
        except typer.Exit:
            if isinstance(ctx.obj, Session):
                ctx.obj.finish()
            raise
        ctx.obj.finish()
        return result


class Deferred(TyperCommand):
    """Stands for a command or group until it is used; `load` gives the real one."""

    def __init__(self, name: str, help: str, load: Callable[[], Any]) -> None:  # noqa: A002 - Typer's name for it
        super().__init__(name, help=help)
        self.loaded = cache(load)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The real command's context: from here on it alone is asked."""
        return self.loaded().make_context(info_name, args, parent, **extra)


def assembled(register: Callable[[typer.Typer], None]) -> Group:
    """The commands that `register` adds to an application, with the classes of this module."""
    app = typer.Typer(cls=Group)
    app.callback()(lambda: None)  # a single command stays a command of the group
    register(app)
    _refine(app)
    group = typer.main.get_command(app)
    assert isinstance(group, Group)  # noqa: S101
    return group


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """`command` and everything below it, loaded, each with the words that call it, in alphabetical order."""
    command = command.loaded() if isinstance(command, Deferred) else command
    yield path, command
    for name, child in sorted((getattr(command, "commands", None) or {}).items()):
        yield from commands(child, f"{path} {name}")


def _refine(app: typer.Typer) -> None:
    for one in app.registered_commands:
        one.cls = Command
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance is not None:
            _refine(group.typer_instance)


def _answer_in_json(context: typer.Context, wanted: bool) -> None:
    if wanted and isinstance(context.obj, Session):
        context.obj.collect()


def _be_quiet(context: typer.Context, wanted: bool) -> None:
    if wanted and isinstance(context.obj, Session):
        context.obj.quiet = True


Json = Annotated[
    bool,
    typer.Option(
        "--json",
        help=spoken("Write one JSON object instead: tables and sentences."),
        callback=_answer_in_json,
        expose_value=False,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help=spoken("Only tables, warnings and errors; no progress, no other sentences."),
        callback=_be_quiet,
        expose_value=False,
    ),
]


def _everywhere() -> Sequence[Any]:
    """The options of every command, fresh."""

    def options(as_json: Json = False, quiet: Quiet = False) -> None: ...

    app = typer.Typer(add_completion=False)
    app.command()(options)
    return typer.main.get_command(app).params
