"""Which key a home's identifiers are sealed with: one that is missing or another is
refused, and never made anew (docs/adr/0024).
"""

from __future__ import annotations

import hmac
from pathlib import Path

from telewave.kernel import Conflict, Message
from telewave.platform.database import Database
from telewave.records import store
from telewave.records.sealing import Keys, make_keys, momentary, read_keys
from telewave.records.store import SealedWith


class KeyLost(Conflict):
    """There is no key file {file}, while identifiers of this home are sealed with a key (key id {wanted}). Restore it
    from the backup of the keys, or name it in TELEWAVE_KEY_FILE. No other key was made: it could read none of them.
    """

    code = "key_lost"


class OtherKey(Conflict):
    """The key file {file} holds another key (key id {found}) than the one that the identifiers of
    this home are sealed with (key id {wanted}). Restore that one from the backup of the keys, or name
    it in TELEWAVE_KEY_FILE. Nothing was changed.
    """

    code = "other_key"


def fits(keys: Keys, known: SealedWith) -> bool:
    """Whether `keys` are those that the identifiers are sealed with; where none is sealed yet, any are. Pure."""
    if known.sample is None:
        return True
    if known.key_check is None:  # sealed by an earlier release
        return keys.seals(*known.sample)
    return hmac.compare_digest(keys.check, known.key_check)


def open_keys(file: Path, database: Database, *, create: bool = True) -> Keys:
    """The keys of this home, from the key file `file`; made at first use, or with `create` False keys for the moment.

    Raises `KeyLost`, `OtherKey`, `KeyFileSpoilt`, `KeyFileUnusable`.
    """
    keys, known = read_keys(file), store.sealed_with(database)
    if keys is None:
        if known.sample is not None:
            raise KeyLost(file=str(file), wanted=known.key_id or UNRECORDED)
        if not create:
            return momentary()
        keys = make_keys(file)
    if not fits(keys, known):
        raise other_key(file, keys, known.key_id)
    if known.key_check != keys.check and (create or known.sample is not None):
        store.record_key(database, keys.id, keys.check)
    return keys


def other_key(file: Path, keys: Keys, wanted: str | None) -> OtherKey:
    """The error for keys that are not this home's."""
    return OtherKey(file=str(file), found=keys.id, wanted=wanted or UNRECORDED)


UNRECORDED = Message("not recorded by the earlier release")
