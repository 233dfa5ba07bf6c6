"""Logs of recorded rows: tables whose last row of each key before a date is what is so. Ibis expressions, computed
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import ibis
import ibis.expr.types as ir

from telewave.features.folding import brought_forward, last_known
from telewave.features.partials import digest
from telewave.records.contracts import CONTRACTS, DEVICES, HOLDINGS, SUBSCRIBERS, TAGS
from telewave.records.model import Contract


@dataclass(frozen=True, slots=True)
class Log:
    """A table whose last row of each `key` is what is so."""

    contract: Contract
    key: tuple[str, ...]

    @property
    def table(self) -> str:
        """Name of the warehouse table of its states."""
        return f"states.{self.contract.name}"


LOGS: Mapping[str, Log] = {
    log.contract.name: log
    for log in (
        Log(SUBSCRIBERS, ("subscriber",)),
        Log(DEVICES, ("subscriber",)),
        Log(HOLDINGS, ("subscriber", "product")),
        Log(TAGS, ("subscriber", "tag")),
    )
}


def last_rows(log: Log, rows: ir.Table, state: ir.Table | None = None) -> ir.Table:
    """The last row of each key of `state` and `rows`, which are of later days than every row of `state`."""
    if state is None:
        return last_known(rows, log.key, log.contract.dated_by)
    return brought_forward(state, rows, log.key, log.contract.dated_by)


def there(subscribers: ir.Table, as_of: date) -> ir.Table:
    """Those of the last rows of subscribers whose line had not ended on the eve of `as_of`:
    the last day of a line is still one of it.
    """
    day = ibis.date(as_of.year, as_of.month, as_of.day)
    return subscribers.filter(subscribers.ended_on.isnull() | (subscribers.ended_on >= day))


@cache
def state_definition(log: Log) -> str:
    """A digest of what a state is: another one where it would hold other rows of the same records."""
    rows = ibis.table(ibis.schema(CONTRACTS[log.contract.name].schema), name=log.contract.name)
    return digest(str(ibis.to_sql(last_rows(log, rows), dialect="duckdb")))
