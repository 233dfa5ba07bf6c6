"""Completion of commands and options by the person's shell: bash, zsh, fish, PowerShell.

Typer makes the scripts; its own options for them speak English only, so its functions are called from options of ours.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from typer._completion_classes import completion_init
from typer._completion_shared import _get_shell_name, get_completion_script, install

from telewave.kernel import Malformed, Message
from telewave.platform.terminal import Session, spoken, startup_language

PROGRAM, VARIABLE = "telewave", "_TELEWAVE_COMPLETE"
SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


class ShellUnknown(Malformed):
    """Completion is made for {shells}, and this shell is {found!r}. Call the command from one
    of them, or name one in the variable SHELL.
    """

    code = "shell_unknown"


def shell_of(detected: str | None, environment_shell: str) -> str:
    """The shell to complete for: the one that runs the command, else the login shell. Raises `ShellUnknown`.

    >>> shell_of(None, "/bin/zsh")
    'zsh'
    """
    named = Path(environment_shell).name
    for candidate in (detected or "", named):
        if candidate in SHELLS:
            return candidate
    raise ShellUnknown(shells=SHELLS, found=detected or named)


def ready_for_shell() -> None:
    """Teach Typer to answer the shell's questions, when it is a shell that asks."""
    if VARIABLE in os.environ:
        completion_init()


def _shell() -> str:
    return shell_of(_get_shell_name(), os.environ.get("SHELL", ""))


def _install(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        shell, path = install(_shell(), PROGRAM, VARIABLE)
        _say(Message("Completion for {shell} is in {path}. New terminals have it.", shell=shell, path=path))
        raise typer.Exit


def _show(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        script = get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=_shell())
        print(script)  # noqa: T201 - a script, byte for byte
        raise typer.Exit


def _say(message: Message) -> None:
    Session.speaking(startup_language(), Console()).say(message)


Install = Annotated[
    bool,
    typer.Option(
        "--install-completion",
        help=spoken("Let your shell complete commands and options."),
        callback=_install,
        is_eager=True,
        expose_value=False,
    ),
]
Show = Annotated[
    bool,
    typer.Option(
        "--show-completion",
        help=spoken("Print what --install-completion would install."),
        callback=_show,
        is_eager=True,
        expose_value=False,
    ),
]
