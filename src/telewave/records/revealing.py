"""The one way from subscriber numbers back to outside identifiers: every reveal is recorded with who, when, what for
and whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from telewave.kernel import Malformed
from telewave.platform.database import Database
from telewave.records import store
from telewave.records.sealing import Keys


class NobodyReveals(Malformed):
    """Outside numbers are shown to a person only, whose name is recorded. Add --by and your name."""

    code = "nobody_reveals"


def seen_by(database: Database, subscriber: int) -> list[store.Reveal]:
    """Who saw the outside identifier of a subscriber, when and what for, the last first."""
    return store.reveals_of(database, subscriber)


def reveals_apart(database: Database, told: Mapping[int, str]) -> list[int]:
    """Reveals on record that show other subscribers than the audit log tells. `told`: the digest of the subscribers
    (`audit.model.digest_of_numbers`) by the number of the reveal.
    """
    return store.revealed_apart(database, told)


def reveal(
    database: Database, keys: Keys, subscribers: Sequence[int], *, by: str, purpose: str, now: datetime
) -> list[str | None]:
    """The outside identifiers of `subscribers`, in their order; None for one that has none. A home
    whose records came by number has only these.

    The reveal is recorded before anything is shown: what cannot be recorded is not shown. Raises `NobodyReveals`.
    """
    if not by.strip():
        raise NobodyReveals
    if store.highest_number(database) < 0:
        # Records that came with numbers instead of identifiers, as the simulated city's: the number is all there is.
        store.record_reveal(database, sorted(set(subscribers)), by=by.strip(), purpose=purpose, now=now)
        return [str(number) for number in subscribers]
    sealed = store.sealed_identifiers(database, subscribers)
    store.record_reveal(database, sorted(sealed), by=by.strip(), purpose=purpose, now=now)
    opened = keys.opener()
    return [opened(number, sealed[number]) if number in sealed else None for number in subscribers]
