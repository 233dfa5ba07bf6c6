"""Fitted models on disk and in the registry: written aside, renamed into place, then registered."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from telewave.kernel import Conflict, Estimate, Inconclusive, Malformed, Message, Missing
from telewave.kernel.history import Use, not_before
from telewave.models.card_json import card_from_json, card_to_json, from_json, to_json
from telewave.models.model import ModelCard
from telewave.models.response import FittedResponse
from telewave.models.tables import model_versions
from telewave.platform.clock import Clock
from telewave.platform.database import Database
from telewave.platform.files import make_private, own_folder
from telewave.platform.locks import held
from telewave.platform.uses import USES, add_use, uses_in

_NAME = re.compile(r"[\w-]+")


class NoSuchModel(Missing):
    """There is no model {name} in the registry. Train it first, or choose one of: {known}."""

    code = "no_such_model"


class DamagedModel(Conflict):
    """The files of model {name}, version {version}, are missing or not those that were registered. Restore
    the models folder, or train the model again.
    """

    code = "damaged_model"


class DamagedModelUse(Conflict):
    """The file {path} does not say which version of the model {name} is in use. Restore it from the backup."""

    code = "damaged_model_use"


class UnusableName(Malformed):
    """A model cannot be called {name!r}. Use letters, digits, '-' and '_' only."""

    code = "unusable_name"


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """One line of the registry. `metrics` maps the name of each measure to its value, None where it was
    inconclusive.
    """

    name: str
    version: int
    created_at: datetime
    target: Message
    digest: str
    metrics: Mapping[str, float | None]


def save(fitted: FittedResponse, folder: Path, database: Database, clock: Clock | None = None) -> Registered:
    """Write `fitted` to `folder/<name>/<version>` and register it; a crash leaves no registered half of a model.

    `clock` dates who holds the lock on the model's versions. Raises `UnusableName`, `HeldByAnother`, `ClockBehind`.
    """
    trained_at = next_moment(database, fitted.name, fitted.card.trained_at)
    fitted = replace(fitted, card=replace(fitted.card, trained_at=trained_at))
    home = own_folder(folder / check_name(fitted.name))
    aside = own_folder(home / f".{uuid.uuid4().hex}")
    try:
        _write(fitted, aside)
        for file in aside.iterdir():
            make_private(file)
        digest = _digest(aside)
        what = Message("The model {name}", name=fitted.name)
        # One process at a time gives out the next version of a model.
        with held(home / ".lock", what, clock or Clock()), database.transaction() as connection:
            version = _next_version(connection, home, fitted.name)
            row = Registered(
                name=fitted.name,
                version=version,
                created_at=fitted.card.trained_at,
                target=fitted.card.target,
                digest=digest,
                metrics=_metrics(fitted),
            )
            connection.execute(model_versions.insert().values(**_columns(row)))
            aside.rename(home / str(version))
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return row


def next_moment(database: Database, name: str, now: datetime) -> datetime:
    """When a version of the model `name` that is trained `now` counts as trained.
    Raises `ClockBehind`: not before the last one.
    """
    versions = [row.created_at for row in registered(database) if row.name == name]
    return not_before(versions[-1] if versions else None, now, Message("the model {name}", name=name))


def check_name(name: str) -> str:
    """`name`, if a model can be called so. Raises `UnusableName`."""
    if not _NAME.fullmatch(name):
        raise UnusableName(name=name)
    return name


def model_uses(folder: Path, name: str) -> list[Use]:
    """Every time that a version of the model was put to use on purpose, the oldest first. Raises `UnusableName`,
    `DamagedModelUse`.
    """
    place = folder / check_name(name) / USES
    return uses_in(place, lambda _, path: DamagedModelUse(name=name, path=path))


def put_model_to_use(folder: Path, name: str, use: Use, after: int) -> None:
    """Scores are made by this version from now on. Raises `FileIsThere` where another was put to use since."""
    add_use(folder / check_name(name) / USES, use, after)


def version_in_use(folder: Path, name: str) -> int | None:
    """The version that was last put to use on purpose; None: none was, and the newest is used."""
    uses = model_uses(folder, name)
    return uses[-1].version if uses else None


def load(folder: Path, database: Database, name: str, version: int | None = None) -> FittedResponse:
    """The model `name`, its version in use unless one is given.

    Raises `NoSuchModel`, and `DamagedModel` if the files are not those that were registered.
    """
    from telewave.models.estimator import GradientBoostedResponse

    row = find(folder, database, name, version)
    place = _checked(folder, row)
    parts = _parts(place)
    estimator = GradientBoostedResponse(**{k: _tuples(v) for k, v in parts["parameters"].items()})
    estimator.load_members(place)
    return FittedResponse(name, estimator, card_from_json(parts)).numbered(row.version)


def load_card(folder: Path, database: Database, name: str, version: int | None = None) -> ModelCard:
    """The card alone, without the model behind it; of the version in use unless one is given. Raises as `load`."""
    row = find(folder, database, name, version)
    return replace(card_from_json(_parts(_checked(folder, row))), version=row.version)


def damaged(folder: Path, database: Database) -> list[Message]:
    """What is to be said of each registered model whose files are not those that were registered."""
    found = []
    for row in registered(database):
        try:
            _checked(folder, row)
        except DamagedModel as error:
            found.append(error.message)
    return found


def _checked(folder: Path, row: Registered) -> Path:
    """Where the model's files are, if they are those that were registered."""
    place = folder / row.name / str(row.version)
    if not place.is_dir() or _digest(place) != row.digest:
        raise DamagedModel(name=row.name, version=row.version)
    return place


def _parts(place: Path) -> dict[str, Any]:
    parts: dict[str, Any] = json.loads((place / "model.json").read_text(encoding="utf-8"))
    return parts


def find(folder: Path, database: Database, name: str, version: int | None = None) -> Registered:
    """The registry's line for the version of `name` that is in use (or the given one): the last that was put to use on
    purpose, else the newest. The one place that says which it is. Raises `NoSuchModel`, `DamagedModelUse`.
    """
    known = sorted({r.name for r in registered(database)})
    wanted = version_in_use(folder, name) if version is None and name in known else version
    lines = [r for r in registered(database) if r.name == name and wanted in (None, r.version)]
    if not lines:
        raise NoSuchModel(name=name if wanted is None else f"{name}/{wanted}", known=", ".join(known) or "-")
    return lines[-1]


def registered(database: Database) -> list[Registered]:
    """All models, by name and version."""
    query = sa.select(model_versions).order_by(model_versions.c.name, model_versions.c.version)
    with database.transaction() as connection:
        rows = connection.execute(query).mappings().all()
    return [Registered(**{**row, "target": from_json(row["target"])}) for row in rows]


def _write(fitted: FittedResponse, place: Path) -> None:
    fitted.estimator.save_members(place)
    parts = {"parameters": fitted.estimator.get_params(), **card_to_json(fitted.card)}
    (place / "model.json").write_text(json.dumps(parts, ensure_ascii=False, indent=1), encoding="utf-8")


def _digest(place: Path) -> str:
    """SHA-256 of the names and contents of all files."""
    digest = hashlib.sha256()
    for file in sorted(place.iterdir()):
        digest.update(file.name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _next_version(connection: sa.Connection, home: Path, name: str) -> int:
    """One more than the greatest that is registered or lies in the folder (left by a crash before it was
    registered).
    """
    query = sa.select(sa.func.max(model_versions.c.version)).where(model_versions.c.name == name)
    lying = [int(p.name) for p in home.iterdir() if p.name.isdigit()]
    return max([connection.execute(query).scalar() or 0, *lying]) + 1


def _columns(row: Registered) -> dict[str, Any]:
    return {
        "name": row.name,
        "version": row.version,
        "created_at": row.created_at,
        "target": to_json(row.target),
        "digest": row.digest,
        "metrics": dict(row.metrics),
    }


def _metrics(fitted: FittedResponse) -> dict[str, float | None]:
    quality = fitted.card.validation.refreshed
    measures: dict[str, Estimate | Inconclusive] = {
        "auc": quality.auc,
        "average_precision": quality.average_precision,
        "lift_best_tenth": quality.lift_best_tenth,
        "gain_best_half": quality.gain_best_half,
        "brier": quality.brier,
    }
    return {name: m.value if isinstance(m, Estimate) else None for name, m in measures.items()}


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def unregistered(folder: Path, database: Database) -> list[str]:
    """Models that lie in the folder and that the registry does not know, as name/version."""
    known = {f"{row.name}/{row.version}" for row in registered(database)}
    lying = {f"{place.parent.name}/{place.name}" for place in folder.glob("*/*") if place.name.isdigit()}
    return sorted(lying - known)
