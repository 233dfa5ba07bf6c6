"""Who put which version to use, when and why: `<number>.json` in a folder, only ever added to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from telewave.kernel import TelewaveError
from telewave.kernel.history import Use
from telewave.platform.files import make_private, own_folder, read_whole, write_new

USES = "in_use"
"""What the folder is called beside the versions."""


def uses_in(folder: Path, damaged: Callable[[int, Path], TelewaveError]) -> list[Use]:
    """Every time that a version was put to use, the oldest first. Raises what `damaged` makes of the number and the
    path of an entry that cannot be read.
    """
    return [_read(folder / f"{number}.json", number, damaged) for number in numbers_in(folder)]


def add_use(folder: Path, use: Use, after: int) -> None:
    """Use this version from now on. `after`: how many uses there were when that was decided.

    Raises `FileIsThere` where another was put to use since.
    """
    path = own_folder(folder) / f"{after + 1}.json"
    told = {"version": use.version, "by": use.by, "at": use.at.isoformat(), "reason": use.reason}
    write_new(path, json.dumps(told, ensure_ascii=False))
    make_private(path)


def numbers_in(folder: Path) -> list[int]:
    """Numbers of the documents in the folder, in order."""
    return sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit())


def _read(path: Path, number: int, damaged: Callable[[int, Path], TelewaveError]) -> Use:
    try:
        told = json.loads(read_whole(path))
        return Use(**{**told, "at": datetime.fromisoformat(told["at"])})
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise damaged(number, path) from cause
