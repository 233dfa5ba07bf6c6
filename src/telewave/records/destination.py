"""Where accepted rows go: one change of one warehouse table, with what its deliveries were. A dry one keeps all
aside.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from telewave.platform.files import own_folder
from telewave.platform.warehouse import Change, DataFile, Warehouse
from telewave.records.snapshots import ABSENT, brought_by


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
        """Files of the day at this moment of the change, with the delivery that brought them;
        without what full snapshots say by absence.

        Damaged ones are left out: they wait for their own delivery to come again, and nothing else may wait for that.
        """
        return [(path, origin) for path, origin, _ in self.everything(day) if not origin.endswith(ABSENT)]

    def everything(self, day: str) -> list[tuple[Path, str, int]]:
        """All files of the day that are sound, with their origin and rows."""
        files = self.change.partitions.get(day, ())
        return [(self.path(file.path), file.origin, file.rows) for file in files if self._sound(day, file)]

    def absences(self, day: str, deliveries: Sequence[str]) -> list[Path]:
        """The files of what these full snapshots of the day say by absence; none where any
        file of it is of another, or damaged.
        """
        told = [file for file in self.change.partitions.get(day, ()) if file.origin.endswith(ABSENT)]
        good = all(brought_by(file.origin) in deliveries and self._sound(day, file) for file in told)
        return [self.path(file.path) for file in told] if good else []

    def tell_by_absence(self, day: str, file: Path | None, origin: str) -> None:
        """Put `file`, None for none, in the place of what was told by absence of the day."""
        for old in {
            part.origin for part in self.change.partitions.get(day, ()) if part.origin.endswith(ABSENT)
        }:
            self.change.drop_origin(day, old)
        if file is not None:
            self.add(day, file, origin)

    def changed(self, day: str) -> bool:
        """Whether the day's own rows lie in other files than when the change began."""
        return self._own(self.before.get(day, ())) != self._own(self.change.partitions.get(day, ()))

    def whole(self, day: str) -> bool:
        """Whether no file of the day's own rows is damaged."""
        return all(self._sound(day, file) for file in self._own(self.change.partitions.get(day, ())))

    def absences_damaged(self, day: str) -> bool:
        """Whether a file of what was told by absence of the day is damaged."""
        files = self.change.partitions.get(day, ())
        return any(file.origin.endswith(ABSENT) and not self._sound(day, file) for file in files)

    @staticmethod
    def _own(files: Sequence[DataFile]) -> set[DataFile]:
        return {file for file in files if not file.origin.endswith(ABSENT)}

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
