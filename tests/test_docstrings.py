"""The examples in docstrings say what is so."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
SHOWING = sorted(
    ".".join(file.relative_to(SOURCE).with_suffix("").parts)
    for file in SOURCE.rglob("*.py")
    if ">>> " in file.read_text("utf-8")
)


def test_there_are_examples():
    assert len(SHOWING) > 50


@pytest.mark.parametrize("module", SHOWING)
def test_the_examples_in_the_docstrings_hold(module):
    tried = doctest.testmod(import_module(module.removesuffix(".__init__")))
    assert tried.attempted
    assert not tried.failed
