"""The help of a command is made of words: whoever asks for it loads no engine and no library of statistics, whatever the command."""

import os
import subprocess
import sys

import pytest

from telewave.cli import command_tree
from telewave.platform.command_line import commands

PATHS = [path for path, _ in commands(command_tree(), "telewave")]
SPY = """
import contextlib, io, sys
from telewave.cli import main

def imported_by(words):
    before = set(sys.modules)
    sys.argv = [*words, "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as page, contextlib.suppress(SystemExit):
        main()
    return page.getvalue(), set(sys.modules) - before

before = set(sys.modules)
for path in sys.stdin.read().splitlines():
    page, found = imported_by(path.split())
    print(path, len(page), *sorted(found), sep="\\t")
"""

DRAWING = {
    *("telewave", "typer", "rich", "markdown_it", "mdurl", "pygments", "tzdata"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
}
"""Typer and what it needs to read an option and to draw a page; the time zones where the machine has none."""
MOST_MODULES = 90
"""Of more than five hundred. What is imported for words only is read by everybody who asks for help, and by every shell that completes a word."""


@pytest.fixture(scope="module")
def helped():
    """For each command and group, in one process and in this order: the length of its help page, and the modules that were imported for it first."""
    done = subprocess.run(
        [sys.executable, "-c", SPY],
        input="\n".join(PATHS),
        env=os.environ | {"TELEWAVE_LANG": "zh"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {path: (int(length), frozenset(modules)) for path, length, *modules in lines}


def test_every_help_page_is_written(helped):
    assert list(helped) == PATHS
    assert min(length for length, _ in helped.values()) > 200


def test_no_command_s_help_imports_a_library_but_those_that_draw_it(helped):
    foreign = {
        path: sorted({m.split(".")[0] for m in modules} - sys.stdlib_module_names - DRAWING)
        for path, (_, modules) in helped.items()
    }
    assert {path: found for path, found in foreign.items() if found} == {}


def test_the_help_of_all_commands_together_imports_a_small_part_of_the_package(helped):
    own = {m for _, modules in helped.values() for m in modules if m.startswith("telewave")}
    assert len(own) < MOST_MODULES, sorted(own)
