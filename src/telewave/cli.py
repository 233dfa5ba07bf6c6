"""The command line: assembly of each capability's commands, in the person's language. `telewave --help` says more."""

from __future__ import annotations

import os
import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer
from rich.console import Console

from telewave import campaign_group, demo
from telewave.audiences import commands as audiences
from telewave.bootstrap import open_home
from telewave.customers import commands as customers
from telewave.experiments import commands as experiments
from telewave.features import commands as features
from telewave.kernel import Message, TelewaveError
from telewave.models import commands as models
from telewave.offers import commands as offers
from telewave.planning import commands as planning
from telewave.platform.help_pages import speak_help
from telewave.platform.languages import locale_language, parse_language
from telewave.platform.settings import home_folder, load_settings
from telewave.platform.terminal import Session, spoken, startup_language
from telewave.platform.usage_errors import usage_sentence
from telewave.records import commands as records
from telewave.simulation import commands as simulation
from telewave.targeting import commands as targeting

Lang = Annotated[str, typer.Option("--lang", help=spoken("Language of messages and reports: zh or en."))]

app = typer.Typer(
    name="telewave",
    help=spoken("Telewave: find who is likely to want which offer, and why."),
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for capability in (
    demo,
    records,
    simulation,
    features,
    customers,
    audiences,
    models,
    targeting,
    experiments,
    campaign_group,
    offers,
    planning,
):
    capability.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(version("telewave"))  # noqa: T201 - one bare word, for scripts
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help=spoken("Show the version."), callback=_show_version, is_eager=True)
]


@app.callback()
def start(context: typer.Context, lang: Lang = "", version: Version = False) -> None:  # noqa: ARG001
    """Open the session that every command works with; stores are opened at first need."""
    settings = load_settings()
    named = lang or settings.language
    language = parse_language(named) if named else locale_language()
    session = Session(language, settings, lambda: open_home(settings))
    context.obj = session
    context.call_on_close(session.close)


def main() -> None:
    """Run one command. Ends with 0, 1 for an error that a sentence explains, 2 for a mistake on the command line."""
    root = typer.main.get_command(app)
    speak_help(root, startup_language())
    try:
        code = root(standalone_mode=False)
    except TelewaveError as error:
        code = _refused(error)
    except typer.TyperException as error:
        worded = getattr(error, "format_message", None)  # names the option, which the bare text does not
        wording = worded() if worded else str(error)
        if wording:
            _said(usage_sentence(wording))
            _said(Message("Add --help to see what there is."))
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        _said(Message("Stopped. What was finished before stays; what was under way left nothing behind."))
        code = 130
    except Exception:  # noqa: BLE001 - whatever was not foreseen is kept for whoever can mend it
        path = keep_traceback(traceback.format_exc(), home_folder())
        _said(
            Message(
                "Telewave met something it was not made for. What was finished before stays. The details are in {file}: "
                "send that file to whoever looks after Telewave, and tell what you did.",
                file=str(path),
            )
        )
        code = 1
    sys.exit(code or 0)


def keep_traceback(text: str, home: Path) -> Path:
    """Write `text` to a file of its own in the home folder, or where that cannot be, among the temporary files."""
    folder = home if os.access(home, os.W_OK) else None
    with NamedTemporaryFile("w", prefix="error-", suffix=".log", dir=folder, delete=False) as out:
        out.write(text)
    return Path(out.name)


def _refused(error: TelewaveError) -> int:
    session = Session(
        startup_language(), load_settings({}), lambda: open_home(load_settings()), Console(stderr=True)
    )
    session.refuse(error)
    return 1


def _said(message: Message) -> None:
    session = Session(
        startup_language(), load_settings({}), lambda: open_home(load_settings()), Console(stderr=True)
    )
    session.say(message, style="red")


if __name__ == "__main__":
    main()
