"""Learnt funnels in the home: `funnels/<name>/<version>.json`, each written whole under the lock of its name, never
changed afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from telewave.funnel.document import from_json, to_json
from telewave.funnel.model import Funnel
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.platform.clock import Clock
from telewave.platform.files import make_private, own_folder, write_new
from telewave.platform.locks import held

_NAME = re.compile(r"[\w-]+")


class NoSuchFunnel(Missing):
    """Nothing has been learnt under the name {name}. Run telewave funnel learn first, or choose one of: {known}."""

    code = "no_such_funnel"


class UnusableFunnelName(Malformed):
    """A funnel cannot be called {name!r}. Use letters, digits, '-' and '_' only."""

    code = "unusable_funnel_name"


class DamagedFunnel(Conflict):
    """The file {path} does not hold a funnel that this version can read. Restore it, or learn again."""

    code = "damaged_funnel"


def save(folder: Path, funnel: Funnel, clock: Clock) -> Funnel:
    """Keep `funnel` as the next version of its name. Raises `UnusableFunnelName`, `HeldByAnother`, `FileNotWritten`."""
    home = own_folder(folder / check_name(funnel.name))
    with held(home / ".lock", Message("The funnel {name}", name=funnel.name), clock):
        numbered = replace(funnel, version=max(versions(folder, funnel.name), default=0) + 1)
        path = home / f"{numbered.version}.json"
        write_new(path, json.dumps(to_json(numbered), ensure_ascii=False, indent=1))
        make_private(path)
    return numbered


def load(folder: Path, name: str, version: int | None = None) -> Funnel:
    """The funnel `name`, its newest version unless one is given. Raises `NoSuchFunnel`, `DamagedFunnel`."""
    found = versions(folder, check_name(name))
    wanted = version if version is not None else max(found, default=0)
    if wanted not in found:
        asked = name if version is None else f"{name}/{version}"
        raise NoSuchFunnel(name=asked, known=", ".join(names(folder)) or "-")
    return _read(folder / name / f"{wanted}.json")


def damaged(folder: Path) -> Iterator[Message]:
    """What is to be said of each kept version that cannot be read, by name and version."""
    for name in names(folder):
        for version in versions(folder, name):
            try:
                _read(folder / name / f"{version}.json")
            except DamagedFunnel as error:
                yield error.message


def _read(path: Path) -> Funnel:
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise DamagedFunnel(path=path) from cause


def versions(folder: Path, name: str) -> list[int]:
    """The versions kept of `name`, the oldest first."""
    return sorted(int(path.stem) for path in (folder / name).glob("*.json") if path.stem.isdigit())


def names(folder: Path) -> list[str]:
    """All names under which something is kept."""
    return sorted({path.parent.name for path in folder.glob("*/*.json")})


def check_name(name: str) -> str:
    """`name`, if a funnel can be called so. Raises `UnusableFunnelName`."""
    if not _NAME.fullmatch(name):
        raise UnusableFunnelName(name=name)
    return name
