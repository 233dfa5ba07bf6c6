"""The home: everything that an installation keeps, opened once and handed on. No console, no language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from telewave.platform.clock import Clock
from telewave.platform.settings import Settings

if TYPE_CHECKING:
    from telewave.platform.database import Database
    from telewave.platform.warehouse import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What use cases work with: stores, folders, keys, clock. `models` is a folder, `keys` the key file.

    A home is a context manager: leaving it gives back the engine's memory and the database's connections.
    """

    warehouse: Warehouse
    database: Database
    models: Path
    keys: Path
    clock: Clock
    settings: Settings

    @classmethod
    def of(
        cls, settings: Settings, warehouse: Warehouse, database: Database, clock: Clock | None = None
    ) -> Home:
        """A home of `settings` around stores that are open already; `clock`: the machine's
        in the operator's zone, if not given.
        """
        return cls(
            warehouse=warehouse,
            database=database,
            models=settings.models,
            keys=settings.keys,
            clock=clock or Clock(settings.timezone),
            settings=settings,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what was opened."""
        self.warehouse.engine.close()
        self.database.close()
