"""Mistakes on the command line, told apart by their type and said in the person's language.

Typer raises most of them as types that it does not export; they are named here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer._click.exceptions import (
    BadOptionUsage,
    BadParameter,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

from telewave.kernel import Message


class UnknownCommand(UsageError):
    """A word where a command was expected."""

    def __init__(self, name: str, known: Sequence[str], context: Any) -> None:
        super().__init__(name, context)
        self.name = name
        self.close = get_close_matches(name, known)


class CommandMissing(UsageError):
    """A group was called without one of its commands."""

    def __init__(self, context: Any) -> None:
        super().__init__(context.command_path, context)


class UnexpectedArguments(UsageError):
    """More arguments than the command takes."""

    def __init__(self, values: Sequence[str], context: Any) -> None:
        super().__init__(" ".join(values), context)
        self.values = values


def usage_sentence(error: typer.TyperException) -> Message | None:
    """The sentence for a mistake; None where Typer has shown the help page instead."""
    match error:
        case NoArgsIsHelpError():
            return None
        case UnknownCommand(close=[]):
            return Message("There is no command {name} here.", name=error.name)
        case UnknownCommand():
            return Message(
                "There is no command {name} here. Is {close} meant?", name=error.name, close=error.close
            )
        case CommandMissing():
            return Message("A command is missing.")
        case UnexpectedArguments():
            return Message(
                "Nothing may follow the arguments, but there is: {value}.",
                value=" ".join(error.values),
            )
        case NoSuchOption():
            return Message("There is no option {name} here.", name=error.option_name)
        case BadOptionUsage():
            return _wrong_use(error)
        case MissingParameter(param=param) if param is not None:
            return _missing(param)
        case BadParameter(param=param) if param is not None:
            return _unfit(_name(param), error)
        case _:
            return Message("The command line was not understood: {detail}", detail=error.format_message())


def _wrong_use(error: BadOptionUsage) -> Message:
    known = error.ctx.command.params if error.ctx is not None else ()
    if any(error.option_name in p.opts and getattr(p, "is_flag", False) for p in known):
        return Message("The option {name} takes no value.", name=error.option_name)
    return Message("The option {name} needs a value.", name=error.option_name)


def _missing(param: Any) -> Message:
    if param.param_type_name == "option":
        return Message("The option {name} is missing.", name=_name(param))
    return Message("The argument {name} is missing.", name=_name(param))


def _unfit(name: str, error: BadParameter) -> Message:
    """By the type of what pydantic found wrong with the value, where it was pydantic who looked."""
    found: list[dict[str, Any]] = getattr(error.__cause__, "errors", list)()
    first: dict[str, Any] = found[0] if found else {"type": ""}
    match first["type"]:
        case "int_parsing" | "int_from_float" | "int_type":
            return Message("{name} takes a whole number, and something else was given.", name=name)
        case "float_parsing" | "float_type":
            return Message("{name} takes a number, and something else was given.", name=name)
        case "greater_than_equal":
            return Message("{name} takes numbers of at least {low}.", name=name, low=first["ctx"]["ge"])
        case "less_than_equal":
            return Message("{name} takes numbers of at most {high}.", name=name, high=first["ctx"]["le"])
        case "":
            return Message("The command line was not understood: {detail}", detail=error.format_message())
        case _:
            return Message("The value {value!r} does not fit {name}.", value=first["input"], name=name)


def _name(param: Any) -> str:
    """An option by its first name, an argument by the word on the help page."""
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar or param.name)
