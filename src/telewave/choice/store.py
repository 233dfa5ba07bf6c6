"""Choice models in the home: `choices/<name>/<version>.json`."""

from __future__ import annotations

import json
from dataclasses import replace

from telewave.choice.document import from_document, to_document
from telewave.choice.model import ChoiceModel
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.platform.versions import Errors, Versions


class UnusableChoiceName(Malformed):
    """A choice model cannot be called {name!r}. Use letters, digits, '-' and '_' only."""

    code = "unusable_choice_name"


class NoSuchChoiceModel(Missing):
    """There is no choice model {name}. Learn it with `telewave choice learn`, or name one of: {known}."""

    code = "no_such_choice_model"


class ChoiceModelDamaged(Conflict):
    """The choice model {name}, version {version}, cannot be read. Restore {path}, or learn the model again."""

    code = "choice_model_damaged"


def _written(model: ChoiceModel) -> str:
    return json.dumps(to_document(model), ensure_ascii=False, indent=1, allow_nan=False)


CHOICES: Versions[ChoiceModel] = Versions(
    folder="choices",
    numbered=lambda model, version: replace(model, version=version),
    written=_written,
    read=lambda text: from_document(json.loads(text)),
    locked=lambda name: Message("The choice model {name}", name=name),
    errors=Errors(
        unusable=lambda name: UnusableChoiceName(name=name),
        missing=lambda name, known: NoSuchChoiceModel(name=name, known=known),
        damaged=lambda name, version, path: ChoiceModelDamaged(name=name, version=version, path=str(path)),
    ),
)
