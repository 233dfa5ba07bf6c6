"""Learnt funnels in the home: `funnels/<name>/<version>.json`."""

from __future__ import annotations

import json
from dataclasses import replace

from telewave.funnel.document import from_json, to_json
from telewave.funnel.model import Funnel
from telewave.kernel import Conflict, Malformed, Message, Missing
from telewave.platform.versions import Errors, Versions


class NoSuchFunnel(Missing):
    """Nothing has been learnt under the name {name}. Run telewave funnel learn first, or choose one of: {known}."""

    code = "no_such_funnel"


class UnusableFunnelName(Malformed):
    """A funnel cannot be called {name!r}. Use letters, digits, '-' and '_' only."""

    code = "unusable_funnel_name"


class DamagedFunnel(Conflict):
    """The file {path} does not hold a funnel that this version can read. Restore it, or learn again."""

    code = "damaged_funnel"


FUNNELS: Versions[Funnel] = Versions(
    folder="funnels",
    numbered=lambda funnel, version: replace(funnel, version=version),
    written=lambda funnel: json.dumps(to_json(funnel), ensure_ascii=False, indent=1),
    read=lambda text: from_json(json.loads(text)),
    locked=lambda name: Message("The funnel {name}", name=name),
    errors=Errors(
        unusable=lambda name: UnusableFunnelName(name=name),
        missing=lambda name, known: NoSuchFunnel(name=name, known=known),
        damaged=lambda _, __, path: DamagedFunnel(path=path),
    ),
)
