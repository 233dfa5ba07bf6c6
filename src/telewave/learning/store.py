"""Refits in the home: `refits/<funnel>/<number>.json`."""

from __future__ import annotations

import json
from dataclasses import replace

from telewave.funnel.usecases import UnusableFunnelName
from telewave.kernel import Conflict, Message, Missing
from telewave.learning.document import from_json, to_json
from telewave.learning.model import Refit
from telewave.platform.versions import Errors, Versions


class NoRefit(Missing):
    """The funnel {name} has not been learnt anew. Do so first: telewave learning refit {name} --by YOU"""

    code = "no_refit"


class DamagedRefit(Conflict):
    """The file {path} does not hold a comparison that this version can read. Restore it, or learn anew."""

    code = "damaged_refit"


REFITS: Versions[Refit] = Versions(
    folder="refits",
    numbered=lambda refit, number: replace(refit, number=number),
    written=lambda refit: json.dumps(to_json(refit), ensure_ascii=False, indent=1, allow_nan=False),
    read=lambda text: from_json(json.loads(text)),
    locked=lambda name: Message("The funnel {name}", name=name),
    errors=Errors(
        unusable=lambda name: UnusableFunnelName(name=name),
        missing=lambda name, _: NoRefit(name=name),
        damaged=lambda _, __, path: DamagedRefit(path=path),
    ),
)
