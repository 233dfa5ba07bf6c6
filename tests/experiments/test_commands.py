"""`telewave experiments size` as a person calls it, in both languages."""

import io

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from telewave.experiments.commands import register
from telewave.experiments.design import NoEffectAsked
from telewave.experiments.power import RateOutOfRange
from telewave.platform.settings import load_settings
from telewave.platform.shares import NotAShare
from telewave.platform.terminal import Session


def run(*arguments, language="en"):
    console = Console(file=io.StringIO(), width=200)

    def nothing():
        raise AssertionError("sizes need no stores")

    app = typer.Typer()
    register(app)
    session = Session(language=language, settings=load_settings({}), open_home=nothing, console=console)
    result = CliRunner().invoke(app, ["experiments", "size", *map(str, arguments)], obj=session)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return console.file.getvalue()


def test_sizes_say_whom_to_hold_out_what_it_costs_and_how_long_it_takes():
    said = run(
        "--subscribers", 778092, "--rate", "0.19%", "--lift", "50%", "--per-month", 50000, "--months", 6
    )
    assert "0.19% → 0.29%" in said
    assert "6.0 months and 30 days" in said
    assert "seen in 80% of such campaigns" in " ".join(said.split())
    assert "Smallest rise seen" in said


def test_an_effect_that_cannot_be_seen_is_said_with_its_reason():
    said = " ".join(run("--subscribers", 20000, "--rate", "0.0019", "--lift", "10%").split())
    assert "cannot be seen" in said
    assert "20,000 subscribers are too few" in said or "a comparison needs 10 of them" in said
    assert "too few to tell" in said


def test_sizes_are_told_in_chinese():
    said = run("--subscribers", 778092, "--rate", "0.19%", language="zh")
    assert "须留出多少户" in said
    assert "hold" not in said.lower()


def test_what_is_no_share_is_refused():
    with pytest.raises(NotAShare, match="a fifth"):
        run("--subscribers", 100, "--rate", "a fifth")


@pytest.mark.parametrize(
    ("rate", "error"), [("95%", NoEffectAsked), ("100%", RateOutOfRange), ("0", RateOutOfRange)]
)
def test_a_rate_that_cannot_rise_or_cannot_be_is_refused(rate, error):
    with pytest.raises(error):
        run("--subscribers", 1000, "--rate", rate)
