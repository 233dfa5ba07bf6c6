"""Where accepted rows go: one change of one warehouse table, with what its deliveries were. A dry one keeps all aside."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from telewave.platform.files import own_folder
from telewave.platform.warehouse import Change, DataFile, Warehouse


@dataclass(kw_only=True)
class Destination:
    """A change under way. `before`: the table's parts when it began; `deliveries`: facts about each delivery of the
    table, by name; they become facts of the manifest.
    """

    warehouse: Warehouse
    table: str
    change: Change
    scratch: Path
    dry: bool
    before: Mapping[str, tuple[DataFile, ...]]
    deliveries: dict[str, dict[str, Any]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def drop(self, delivery: str) -> None:
        """Take an earlier version of `delivery` out."""
        for day in self.deliveries.pop(delivery, {}).get("days", {}):
            self.change.drop_origin(day, delivery)

    def add(self, day: str, file: Path, delivery: str) -> None:
        """Add a file that was written to `new_file` or in `scratch`."""
        target = self.change.new_file(day)
        if file != target:
            file.replace(target)
        self.change.add(day, target, delivery)

    def others(self, day: str) -> list[tuple[Path, str]]:
        """Files of the day at this moment of the change, with the delivery that brought them.

        Damaged ones are left out: they wait for their own delivery to come again, and nothing else may wait for that.
        """
        files = self.change.partitions.get(day, ())
        return [(self.path(file.path), file.origin) for file in files if self._sound(day, file)]

    def _sound(self, day: str, file: DataFile) -> bool:
        inherited = file in self.before.get(day, ())
        return not inherited or self.warehouse.fault(self.table, file) is None

    def path(self, relative: str) -> Path:
        """Where a file of the change or of the table lies."""
        aside = self.scratch / relative
        return aside if self.dry and aside.exists() else self.warehouse.root / self.table / relative

    def folder(self) -> Path:
        """A new empty folder aside."""
        return own_folder(self.scratch / uuid.uuid4().hex)


@contextmanager
def destination(warehouse: Warehouse, table: str, *, dry: bool) -> Iterator[Destination]:
    """Open a change of `table`. On a clean end it shows at once; dry, nothing is left of it."""
    if dry:
        with TemporaryDirectory(prefix="telewave-") as name:
            change = Change(Path(name), warehouse.manifest(table))
            yield _opened(warehouse, table, change, Path(name), dry=True)
        return
    # In turn, since rows are judged by what other deliveries of the table brought.
    with warehouse.turn(table), warehouse.change(table) as change:
        scratch = warehouse.root / table / "aside"
        shutil.rmtree(scratch, ignore_errors=True)  # what a killed run left
        opened = _opened(warehouse, table, change, scratch, dry=False)
        try:
            yield opened
            change.facts["deliveries"] = opened.deliveries
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _opened(warehouse: Warehouse, table: str, change: Change, scratch: Path, *, dry: bool) -> Destination:
    return Destination(
        warehouse=warehouse,
        table=table,
        change=change,
        scratch=scratch,
        dry=dry,
        before=dict(change.partitions),
        deliveries=dict(change.facts.get("deliveries", {})),
    )
