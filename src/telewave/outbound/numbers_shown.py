"""The number that an agent dials, shown to him alone; that it was shown is recorded."""

from __future__ import annotations

from datetime import datetime

from telewave.outbound.model import Given
from telewave.platform.home import Home
from telewave.records.key_keeping import open_keys
from telewave.records.revealing import reveal


def number_shown(home: Home, found: Given, now: datetime) -> str | None:
    """The outside number of the contact that an agent holds; None where the records gave none."""
    row = found.row
    keys = open_keys(home.keys, home.database, create=False)
    purpose = f"campaign {row.campaign}, plan {row.plan}, call of contact {row.contact}"
    return reveal(home.database, keys, [row.subscriber], by=row.holder or "", purpose=purpose, now=now)[0]
