"""Choice models in the home: `choices/<name>/<version>.json`, each written whole under the lock of its name, never over
another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from telewave.choice.document import NewerChoiceModel, from_document, to_document
from telewave.choice.model import ChoiceModel
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.platform.clock import Clock
from telewave.platform.files import make_private, own_folder, read_whole, write_new
from telewave.platform.locks import held

FOLDER = "choices"
_NAME = re.compile(r"[\w-]+")


class UnusableChoiceName(Malformed):
    """A choice model cannot be called {name!r}. Use letters, digits, '-' and '_' only."""

    code = "unusable_choice_name"


class NoSuchChoiceModel(Missing):
    """There is no choice model {name}. Learn it with `telewave choice learn`, or name one of: {known}."""

    code = "no_such_choice_model"


class ChoiceModelDamaged(Conflict):
    """The choice model {name}, version {version}, cannot be read. Restore {path}, or learn the model again."""

    code = "choice_model_damaged"


def save(home: Path, model: ChoiceModel, clock: Clock) -> ChoiceModel:
    """Keep the model as the next version of its name. Raises `UnusableChoiceName`, `HeldByAnother`, `FileIsThere`."""
    folder = own_folder(_folder(home, model.name))
    make_private(folder.parent)
    with held(folder / ".lock", Message("The choice model {name}", name=model.name), clock):
        numbered = replace(model, version=max([*_versions(folder), 0]) + 1)
        path = folder / f"{numbered.version}.json"
        write_new(path, json.dumps(to_document(numbered), ensure_ascii=False, indent=1, allow_nan=False))
        make_private(path)
    return numbered


def load(home: Path, name: str) -> ChoiceModel:
    """The newest version. Raises `UnusableChoiceName`, `NoSuchChoiceModel`, `ChoiceModelDamaged`."""
    folder = _folder(home, name)
    versions = _versions(folder)
    if not versions:
        known = sorted(one.name for one in (home / FOLDER).glob("*") if _versions(one))
        raise NoSuchChoiceModel(name=name, known=", ".join(known) or "-")
    return _read(folder, max(versions))


def damaged(home: Path) -> Iterator[Message]:
    """What is to be said of each kept version that cannot be read, by name and version."""
    for folder in sorted((home / FOLDER).glob("*")):
        for version in sorted(_versions(folder)):
            try:
                _read(folder, version)
            except ChoiceModelDamaged as error:
                yield error.message
            except NewerChoiceModel:
                path = folder / f"{version}.json"
                yield ChoiceModelDamaged(name=folder.name, version=version, path=str(path)).message


def check_name(name: str) -> str:
    """`name`, if a choice model can be called so. Raises `UnusableChoiceName`."""
    if not _NAME.fullmatch(name):
        raise UnusableChoiceName(name=name)
    return name


def _folder(home: Path, name: str) -> Path:
    return home / FOLDER / check_name(name)


def _read(folder: Path, version: int) -> ChoiceModel:
    path = folder / f"{version}.json"
    try:
        return from_document(json.loads(read_whole(path)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise ChoiceModelDamaged(name=folder.name, version=version, path=str(path)) from cause


def _versions(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit()]
