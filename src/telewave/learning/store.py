"""Refits in the home: `refits/<funnel>/<number>.json`, and `refits-<sort>/<name>/<number>.json` of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.learning.document import from_json, to_json
from telewave.learning.model import Refit, Sort
from telewave.platform.versions import Errors, Versions


class NoRefit(Missing):
    """The {kind} {name} has not been learnt anew. Do so first: telewave learning refit {name}{option} --by YOU"""

    code = "no_refit"


class UnusableLearntName(Malformed):
    """Nothing that was learnt can be called {name!r}: names have letters, digits, '-' and '_' only."""

    code = "unusable_learnt_name"


class DamagedRefit(Conflict):
    """The file {path} does not hold a comparison that this version can read. Restore it, or learn anew."""

    code = "damaged_refit"


def _of(sort: Sort) -> Versions[Refit]:
    kind = sort.nouns.kind
    return Versions(
        folder="refits" if sort is Sort.FUNNEL else f"refits-{sort.value}",
        numbered=lambda refit, number: replace(refit, number=number),
        written=lambda refit: json.dumps(to_json(refit), ensure_ascii=False, indent=1, allow_nan=False),
        read=lambda text: from_json(json.loads(text)),
        locked=lambda name: Message("The {kind} {name}", kind=kind, name=name),
        errors=Errors(
            unusable=lambda name: UnusableLearntName(name=name),
            missing=lambda name, _: NoRefit(kind=kind, name=name, option=sort.option),
            damaged=lambda _, __, path: DamagedRefit(path=path),
        ),
    )


REFITS: Mapping[Sort, Versions[Refit]] = {sort: _of(sort) for sort in Sort}
