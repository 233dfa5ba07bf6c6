"""A person's terminal for the commands of campaigns."""

import io
from datetime import UTC, datetime

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from telewave.bootstrap import open_home
from telewave.campaign_group import register
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session

NOW = datetime(2026, 6, 1, 17, tzinfo=UTC)
"""In Shanghai it is the second of June."""


class Desk:
    """A terminal with a home folder, at `NOW`: `run` gives what was printed, and raises what a command raised."""

    def __init__(self, home, language="en"):
        settings = load_settings(
            {"TELEWAVE_HOME": str(home), "TELEWAVE_THREADS": "1", "TELEWAVE_MEMORY_GB": "1"}
        )
        self.session = Session(
            language=language, settings=settings, open_home=lambda: open_home(settings), instant=lambda: NOW
        )
        self.app = typer.Typer()
        register(self.app)

    def run(self, *arguments):
        self.session.console = Console(file=io.StringIO(), width=200)
        result = CliRunner().invoke(self.app, ["campaign", *map(str, arguments)], obj=self.session)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return " ".join(self.session.console.file.getvalue().split())


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path / "home")
    yield made
    made.session.close()
