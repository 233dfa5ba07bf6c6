"""Documents that are kept under a name in versions: `<folder>/<name>/<version>.json` in the home, each written whole
under the lock of its name, never over another.

Which version is in use is the newest, until one is put to use on purpose: then the last one that was, whatever is
kept beside it. `<folder>/<name>/in_use/<number>.json` says who put which to use, when and why; nothing is taken away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from telewave.kernel import Message, TelewaveError
from telewave.kernel.history import Use
from telewave.platform.clock import Clock
from telewave.platform.files import make_private, own_folder, read_whole, write_new
from telewave.platform.locks import held
from telewave.platform.uses import USES, add_use, numbers_in, uses_in

_NAME = re.compile(r"[\w-]+")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What is raised: for a name that cannot be used; where nothing is kept (what was asked for, the names that are
    known); for a version that cannot be read (name, version, path).
    """

    unusable: Callable[[str], TelewaveError]
    missing: Callable[[str, str], TelewaveError]
    damaged: Callable[[str, int, Path], TelewaveError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions(Generic[T]):
    """The documents of one kind. `folder`: theirs in the home; `numbered`: one with its number, as it is kept;
    `written`: its text; `read`: back from it, which may raise ValueError, KeyError, TypeError or AttributeError, or an
    error of its own that is passed on; `locked`: what the lock of a name is called.
    """

    folder: str
    numbered: Callable[[T, int], T]
    written: Callable[[T], str]
    read: Callable[[bytes], T]
    locked: Callable[[str], Message]
    errors: Errors

    def save(self, home: Path, name: str, one: T, clock: Clock) -> T:
        """Keep it as the next version of the name; with its number.

        Raises the kind's error of an unusable name, `HeldByAnother`, `FileIsThere`, `FileNotWritten`.
        """
        folder = own_folder(self._of(home, name))
        make_private(folder.parent)
        with held(folder / ".lock", self.locked(name), clock):
            version = max([0, *numbers_in(folder)]) + 1
            numbered, path = self.numbered(one, version), folder / f"{version}.json"
            write_new(path, self.written(numbered))
            make_private(path)
        return numbered

    def load(self, home: Path, name: str, version: int | None = None) -> T:
        """The version of the name that is in use unless one is given. Raises the kind's errors."""
        folder = self._of(home, name)
        found = numbers_in(folder)
        wanted = version if version is not None else self.in_use(home, name) or max(found, default=0)
        if wanted not in found:
            asked = name if version is None else f"{name}/{version}"
            raise self.errors.missing(asked, ", ".join(self.names(home)) or "-")
        return self._read(folder, wanted)

    def in_use(self, home: Path, name: str) -> int | None:
        """The version that was last put to use on purpose; None: none ever was, and the newest is used."""
        uses = self.uses(home, name)
        return uses[-1].version if uses else None

    def uses(self, home: Path, name: str) -> list[Use]:
        """Every time that a version was put to use, the oldest first. Raises the kind's error of a damaged one."""
        return uses_in(
            self._of(home, name) / USES, lambda number, path: self.errors.damaged(name, number, path)
        )

    def put_to_use(self, home: Path, name: str, use: Use, after: int) -> None:
        """Use this version from now on. `after`: how many uses there were when that was decided.

        Raises `FileIsThere` where another was put to use since.
        """
        add_use(self._of(home, name) / USES, use, after)

    def names(self, home: Path) -> list[str]:
        """All names under which something is kept."""
        return sorted(one.name for one in (home / self.folder).glob("*") if numbers_in(one))

    def numbers(self, home: Path, name: str) -> list[int]:
        """The versions kept of the name, the oldest first."""
        return numbers_in(self._of(home, name))

    def damaged(self, home: Path) -> Iterator[Message]:
        """What is to be said of each kept version that cannot be read, by name and version."""
        for name in self.names(home):
            folder = home / self.folder / name
            for version in numbers_in(folder):
                try:
                    self._read(folder, version)
                except TelewaveError:
                    yield self.errors.damaged(name, version, folder / f"{version}.json").message

    def check_name(self, name: str) -> str:
        """The name, if something can be kept under it. Raises the kind's error of an unusable name."""
        if not _NAME.fullmatch(name):
            raise self.errors.unusable(name)
        return name

    def _of(self, home: Path, name: str) -> Path:
        return home / self.folder / self.check_name(name)

    def _read(self, folder: Path, version: int) -> T:
        path = folder / f"{version}.json"
        try:
            return self.read(read_whole(path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as cause:
            raise self.errors.damaged(folder.name, version, path) from cause
