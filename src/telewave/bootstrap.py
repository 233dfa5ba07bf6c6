"""The one place that chooses implementations: engine, database, folders."""

from __future__ import annotations

from tempfile import TemporaryFile

from telewave.kernel import Conflict
from telewave.platform.acquaintance import see_that_they_belong_together
from telewave.platform.clock import Clock
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine, Engine, SparkEngine
from telewave.platform.files import make_private, own_folder
from telewave.platform.home import Home
from telewave.platform.settings import SPILL, Settings
from telewave.platform.warehouse import Warehouse
from telewave.records.numbering import see_that_everybody_is_known
from telewave.upkeep.remedies import remedy_of


class HomeUnusable(Conflict):
    """The home folder {home} cannot be made or written to: {cause}. Correct its
    permissions, or name another folder in TELEWAVE_HOME.
    """

    code = "home_unusable"


def open_home(settings: Settings) -> Home:
    """Open (and on first use create) the home that `settings` name. A new database is made at the newest schema.

    Raises `HomeUnusable`, `DatabaseUnusable`, `SchemaOlder`, `SchemaNewer`, `HeldByAnother`,
    `DatabaseOfAnotherHome`, `DatabaseEmpty`, `DatabaseBehind`.
    """
    clock = Clock(settings.timezone)
    database = open_database(settings, clock)
    warehouse = open_warehouse(settings, clock)
    if database.revision() is None:
        see_that_they_belong_together(warehouse, database)  # before an empty database is filled
    database.begin()
    see_that_they_belong_together(warehouse, database)
    see_that_everybody_is_known(warehouse, database)
    return Home.of(settings, warehouse, database, clock)


def open_warehouse(settings: Settings, clock: Clock) -> Warehouse:
    """The warehouse of the home, whatever is in it."""
    return Warehouse(
        settings.warehouse,
        _engine(settings),
        remedy=remedy_of,
        clock=clock,
        longest_wait_s=settings.wait_s,
    )


def open_database(settings: Settings, clock: Clock) -> Database:
    """The operations database of the home, at whatever schema it is. Raises `HomeUnusable`, `DatabaseUnusable`."""
    _make_folders(settings)
    return Database(settings.database_url, clock=clock, longest_wait_s=settings.wait_s)


def _make_folders(settings: Settings) -> None:
    """A home is readable by its owner only; a folder that was there before stays as it
    is, but not those that Telewave keeps in it.
    """
    home = settings.home
    try:
        own_folder(home)
        for folder in (settings.warehouse, settings.models, home / SPILL):
            make_private(own_folder(folder))
        with TemporaryFile(dir=home):
            pass
    except OSError as cause:
        raise HomeUnusable(home=str(home), cause=cause.strerror) from cause


def _engine(settings: Settings) -> Engine:
    if settings.engine == "spark":
        return SparkEngine.local(settings.threads)
    return DuckDBEngine(settings.memory_gb, settings.threads, settings.home / SPILL)
