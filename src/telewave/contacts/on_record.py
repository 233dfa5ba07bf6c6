"""Recent contacts on record, of whatever campaign and whoever made them: the house's caps and pauses count them too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.contacts.asking import Asked
from telewave.contacts.policy import Policy
from telewave.contacts.resting import Touches, days_back
from telewave.kernel import Conflict
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS


class PolicyChanged(Conflict):
    """The contact policy was changed while contacts were being let go. What was let go before stands, and the rest
    waits: run this again to go on under the new one.
    """

    code = "policy_changed"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class OnRecord:
    """`policy`: the version for whose windows was asked. `rows`: subscriber, day, disposition, contacts."""

    policy: int
    rows: pa.Table

    def touches(self, subscriber: NDArray[np.int64]) -> Touches:
        """The contacts of `subscriber`, shape (n,), each once: whose by place."""
        rows, places = _matched(self.rows["subscriber"].to_numpy().astype(np.int64), subscriber)
        found = self.rows.take(rows)
        return Touches(
            place=places,
            day=ordinals(found["day"]),
            number=np.asarray(found["contacts"].to_numpy(), np.int64),
            disposition=np.asarray(found["disposition"].to_numpy(), object),
        )


def recent_contacts(asked: Asked, policy: Policy) -> OnRecord:
    """The contacts on record of the days before, as far back as the policy looks, of those whom the plan contacts."""
    found = contacts_before(asked.warehouse, asked.day, policy)
    mine = np.isin(found.rows["subscriber"].to_numpy(), asked.subscriber)
    return OnRecord(policy=found.policy, rows=found.rows.filter(pa.array(mine)))


def contacts_before(warehouse: Warehouse, day: date, policy: Policy) -> OnRecord:
    """The contacts on record of the days before, as far back as the policy looks, of everybody."""
    back = days_back(policy)
    names = ("subscriber", "day", "disposition")
    if not back:
        empty = pa.table({name: pa.array([], kind) for name, kind in zip(names, KINDS, strict=True)})
        return OnRecord(policy=policy.version, rows=empty.append_column("contacts", pa.array([], pa.int64())))
    first = (day - timedelta(days=back)).isoformat()
    rows = warehouse.read(
        "contacts", CONTRACTS["contacts"].schema, lambda key: first <= key < day.isoformat()
    )
    dated = rows.mutate(day=rows["contacted_at"].date())
    counted = warehouse.engine.fetch(dated.group_by(names).agg(contacts=dated.count()))
    return OnRecord(policy=policy.version, rows=counted)


KINDS = (pa.int64(), pa.date32(), pa.string())


def ordinals(days: pa.ChunkedArray[Any]) -> NDArray[np.int64]:
    """Days as Python counts them from the year 1."""
    since_1970 = np.asarray(days.cast(pa.date32()).cast(pa.int32()).to_numpy(), np.int64)
    return since_1970 + date(1970, 1, 1).toordinal()


def _matched(
    recorded: NDArray[np.int64], subscriber: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of `recorded` and places in `subscriber` of equal number, every pair."""
    order = np.argsort(subscriber, kind="stable")
    ordered = subscriber[order]
    first = np.searchsorted(ordered, recorded, "left")
    lengths = np.searchsorted(ordered, recorded, "right") - first
    rows = np.repeat(np.arange(len(recorded)), lengths)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rows, order[first[rows] + within]
