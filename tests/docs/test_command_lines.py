"""Every command line that a page shows can be typed: its commands, options and arguments exist, and none is lacking."""

import re
import shlex
from pathlib import Path

import pytest
from typer import Context

from telewave.cli import command_tree
from telewave.platform.command_line import Deferred

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MANY = 10**6
ENOUGH = {"-h", "--help", "--version", "--install-completion", "--show-completion"}
"""Options of the program that need no command."""


def command_lines(text):
    """The words after `telewave` on each line of the fenced blocks, and of each piece in backquotes that names more than a command."""
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in fenced for line in block.replace("\\\n", " ").splitlines()]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    inline = [piece for piece in re.findall(r"`([^`\n]+)`", prose) if " -" in piece]
    for line in lines + inline:
        if found := re.match(r"\s*(?:\.venv/bin/)?telewave\s+(.*)", line):
            yield shlex.split(found[1], comments=True)


def mentioned(text):
    """The words after `telewave` in backquotes, where only a command is named."""
    return [
        found[1].split()
        for found in re.finditer(r"`telewave ([^`\n]+)`", text)
        if " -" not in found[0] and "<" not in found[0]
    ]


def fault(words):
    """What is wrong with a command line; None if it can be typed."""
    command, rest = command_tree(), list(words)
    while hasattr(command, "commands"):
        options, rest = read_options(command, rest, stop_at_argument=True)
        if isinstance(options, str):
            return options
        if not rest and options & ENOUGH:
            return None
        if not rest or rest[0] not in command.commands:
            return f"no command {rest[0] if rest else ''}"
        command = command.commands[rest.pop(0)]
        command = command.loaded() if isinstance(command, Deferred) else command
    options, arguments = read_options(command, rest, stop_at_argument=False)
    return options if isinstance(options, str) else lacking(command, options, arguments)


def read_options(command, rest, stop_at_argument):
    """The names of the options given, or what is wrong with them; and the words that are no options."""
    params = command.get_params(Context(command, **command.context_settings))
    known = {name: p for p in params if p.param_type_name == "option" for name in p.opts}
    used, others, rest = set(), [], list(rest)
    while rest:
        if not rest[0].startswith("-") or rest[0] == "-":
            if stop_at_argument:
                return used, rest
            others.append(rest.pop(0))
            continue
        name, _, given = rest.pop(0).partition("=")
        if name not in known:
            return f"no option {name}", []
        used.add(name)
        if not known[name].is_flag and not given:
            if not rest:
                return f"{name} needs a value", []
            rest.pop(0)
    return used, others


def lacking(command, used, arguments):
    expected = [p for p in command.params if p.param_type_name == "argument"]
    most = sum(p.nargs if p.nargs > 0 else MANY for p in expected)
    if len(arguments) > most:
        return f"{len(arguments)} arguments, where {most} are known"
    if len(arguments) < sum(p.required for p in expected):
        return "an argument is missing"
    needed = {p.opts[0] for p in command.params if p.param_type_name == "option" and p.required}
    return f"{min(needed - used)} is missing" if needed - used else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_line_of_a_page_can_be_typed(page):
    lines = command_lines(page.read_text(encoding="utf-8"))
    assert {" ".join(words): fault(words) for words in lines if fault(words)} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_mentions_exists(page):
    known = command_tree().commands
    assert not [words[0] for words in mentioned(page.read_text(encoding="utf-8")) if words[0] not in known]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("brew", "no command brew"),
        ("train --brew 1", "no option --brew"),
        ("score", "--model is missing"),
        ("audience count", "an argument is missing"),
        ("tables one", "1 arguments, where 0 are known"),
        ("--brew train", "no option --brew"),
        ("train --samples", "--samples needs a value"),
        ("--lang zh", "no command "),
        ("--lang zh models bank", None),
        ("check - --name a.csv", None),
        ("--help", None),
    ],
)
def test_a_wrong_command_line_would_be_found(line, found):
    assert fault(shlex.split(line)) == found
