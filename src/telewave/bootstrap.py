"""The one place that chooses implementations: engine, database, folders."""

from __future__ import annotations

from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine, Engine, SparkEngine
from telewave.platform.settings import Settings
from telewave.platform.warehouse import Warehouse


def open_stores(settings: Settings) -> tuple[Warehouse, Database]:
    """Open (and on first use create) the warehouse and the operations database, at the newest schema."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.migrate()
    return Warehouse(settings.warehouse, _engine(settings)), database


def _engine(settings: Settings) -> Engine:
    if settings.engine == "spark":
        return SparkEngine.local(settings.threads)
    return DuckDBEngine(settings.memory_gb, settings.threads, settings.home / "spill")
