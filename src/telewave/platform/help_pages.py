"""Help pages in the person's language: what Typer itself says on them, and Chinese text that wraps.

Typer words the usage line, the headings, the kinds of values and its own `--help` in English only. They are said
otherwise here, on the assembled command tree, in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import typer

from telewave.kernel import Label
from telewave.platform.languages import Language, render

_KINDS: dict[Any, Label] = {
    str: Label("text", "文本"),
    int: Label("whole number", "整数"),
    float: Label("number", "数值"),
    Path: Label("path", "路径"),
    list[str]: Label("text", "文本"),
    list[Path]: Label("paths", "路径"),
}
_HEADINGS: dict[str, Label] = {
    "ARGUMENTS_PANEL_TITLE": Label("Arguments", "参数"),
    "OPTIONS_PANEL_TITLE": Label("Options", "选项"),
    "COMMANDS_PANEL_TITLE": Label("Commands", "命令"),
    "DEFAULT_STRING": Label("[default: {}]", "[默认：{}]"),
    "REQUIRED_LONG_STRING": Label("[required]", "[必填]"),
}
_USAGE = Label("Usage: ", "用法：")
_HELP = Label("Show this page.", "显示本页说明。")
_OPTIONS = Label("[OPTIONS]", "[选项]")
_SUBCOMMAND = Label("COMMAND [ARGS]...", "命令 [参数]...")


def speak_help(command: Any, language: Language) -> None:
    """Say in `language` what Typer says by itself on the help pages of `command` and of everything below it."""
    _speak(command, language)
    for child in (getattr(command, "commands", None) or {}).values():
        speak_help(child, language)


def speak_headings(language: Language) -> None:
    """Say in `language` what Typer says on every help page. Called when a page is shown: what draws it is heavy."""
    from typer import rich_utils

    for name, label in _HEADINGS.items():
        setattr(rich_utils, name, render(label, language))
    # Columns cut Chinese text off at the edge, since it has no spaces to break at.
    rich_utils.Columns = _flowing  # type: ignore[attr-defined, assignment]


def kind_of(parameter: Any, language: Language) -> str:
    """The kind of value that an option or argument takes; empty for a switch.

    Raises KeyError for a kind that is not named here yet.
    """
    annotation = parameter.type_descriptor.annotation
    return "" if annotation is bool else render(_KINDS[annotation], language)


def _speak(command: Any, language: Language) -> None:
    command.options_metavar = render(_OPTIONS, language)
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = render(_SUBCOMMAND, language)
    context = typer.Context(command, **command.context_settings)
    command.get_help_option(context).help = render(_HELP, language)
    command.context_class = _context_saying(render(_USAGE, language))
    for parameter in command.get_params(context):
        kind = kind_of(parameter, language)
        parameter.display_type = partial(_shown, f"<{kind}>" if kind else "")


def _shown(kind: str, ctx: object) -> str:  # noqa: ARG001 - Typer hands the context over
    return kind


def _context_saying(usage: str) -> type[Any]:
    """Typer's context with a formatter that begins the usage line with `usage`."""
    plain: Any = typer.Context.__mro__[1]

    class Formatter(plain.formatter_class):  # type: ignore[misc]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, usage if prefix is None else prefix)

    class Context(plain):  # type: ignore[misc]
        formatter_class = Formatter

    return Context


def _flowing(items: Iterable[Any]) -> Any:
    """One text of several, broken where the line ends."""
    from rich.text import Text

    joined = Text(" ").join(item for item in items if isinstance(item, Text))
    joined.overflow = "fold"
    return joined
