"""The commands: build, list, show."""

import io

import pytest
import typer
from rich.console import Console
from tests.features.records import AS_OF, by_seed
from typer.testing import CliRunner

from telewave.features import commands
from telewave.features.summary import NoSuchSubscriber
from telewave.features.usecases import MostlyMissing
from telewave.platform.days import UnreadableDate
from telewave.platform.home import Home
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session

DAY = AS_OF[0].isoformat()


@pytest.fixture
def say(town):
    """Runs a command on a town and gives back what it said."""
    town.put(by_seed(AS_OF[0], people=5, a_person=4, offsets=(-40, -2)))

    def run(*words, language="en"):
        app, said = typer.Typer(), io.StringIO()
        commands.register(app)
        console, settings = Console(file=said, width=200), load_settings({})
        session = Session(
            language=language,
            settings=settings,
            open_home=lambda: Home.of(settings, town.warehouse, None),
            console=console,
        )
        done = CliRunner().invoke(app, ["features", *words], obj=session, catch_exceptions=True)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return said.getvalue()

    return run


def test_build_says_how_large_the_table_is_and_show_sums_it_up(say):
    assert "5 subscribers, 119 features" in say("build", "--as-of", DAY, "--with-gaps")
    summary = say("show", "--as-of", DAY)
    assert "90% are below" in summary
    assert "been_abroad_3m" in summary


def test_show_gives_one_subscribers_values_in_chinese(say):
    say("build", "--as-of", DAY, "--with-gaps")
    shown = say("show", "--as-of", DAY, "--subscriber", "3", language="zh")
    assert f"用户 3(截至 {DAY})" in shown
    assert "在网时长" in shown


def test_list_gives_every_feature_with_its_meaning(say):
    assert "Whole months since activation." in say("list")


def test_bad_arguments_are_refused_with_a_remedy(say):
    with pytest.raises(UnreadableDate):
        say("build", "--as-of", "yesterday")
    say("build", "--as-of", DAY, "--with-gaps")
    with pytest.raises(NoSuchSubscriber, match="numbers go from 0 to 4"):
        say("show", "--as-of", DAY, "--subscriber", "77")


def test_build_names_the_missing_days_and_the_way_on_in_both_languages(say):
    with pytest.raises(MostlyMissing, match=r"2026-06-15–2026-07-12\. .*--with-gaps"):
        say("build", "--as-of", DAY)
    assert "do not fill three months" in say("build", "--as-of", DAY, "--with-gaps")
    assert "不足以覆盖近三月" in say("show", "--as-of", DAY, language="zh")
