"""The one place that chooses implementations: engine, database, folders."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from telewave.kernel import Conflict
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine, Engine, SparkEngine
from telewave.platform.home import Home
from telewave.platform.settings import Settings
from telewave.platform.warehouse import Warehouse
from telewave.upkeep.remedies import remedy_of


class HomeUnusable(Conflict):
    """The home folder {home} cannot be made or written to: {cause}. Correct its permissions, or name another folder in TELEWAVE_HOME."""


def open_home(settings: Settings) -> Home:
    """Open (and on first use create) the home that `settings` name, its database at the newest schema.

    Raises `HomeUnusable`, `DatabaseUnusable`.
    """
    _make_folder(settings.home)
    database = Database(settings.database_url)
    database.migrate()
    return Home.of(settings, Warehouse(settings.warehouse, _engine(settings), remedy=remedy_of), database)


def _make_folder(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home):
            pass
    except OSError as cause:
        raise HomeUnusable(home=str(home), cause=cause.strerror) from cause


def _engine(settings: Settings) -> Engine:
    if settings.engine == "spark":
        return SparkEngine.local(settings.threads)
    return DuckDBEngine(settings.memory_gb, settings.threads, settings.home / "spill")
