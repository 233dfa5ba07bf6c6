"""What helps when a part of a table is damaged: by whom the table is made. Pure."""

from __future__ import annotations

from telewave.kernel import Message
from telewave.records.contracts import CONTRACTS
from telewave.records.snapshots import brought_by

DELIVERED = ("samples.", "quarantine.")
SUMMED = ("partials.", "states.")


def remedy_of(table: str, partition: str, origin: str) -> Message:
    """The remedy for a part of `table` in `partition` that `origin` wrote, in the order of what loses least.

    >>> print(remedy_of("usage", "2026-01-03", "calls-0103"))
    Give the delivery calls-0103 to telewave ingest again, or restore the file from the backup.
    """
    if table in CONTRACTS or table.startswith(DELIVERED):
        return Message(
            "Give the delivery {delivery} to telewave ingest again, or restore the file from the backup.",
            delivery=brought_by(origin),
        )
    if table.startswith(SUMMED):
        return Message("Remove the file; the next telewave features build computes it anew.")
    if table == "features":
        return Message("Build it anew: telewave features build --as-of {as_of}", as_of=partition)
    model, of_date = table.partition(".")[2], _is_date(partition)
    if table.startswith("scores.") and of_date:
        return Message(
            "Score anew: telewave score --model {model} --as-of {as_of}; or restore the file from the backup.",
            model=model,
            as_of=partition,
        )
    if table.startswith("groups.") and of_date:
        return Message(
            "Group anew: telewave group --model {model} --as-of {as_of}; or restore the file from the backup.",
            model=model,
            as_of=partition,
        )
    return Message("Restore the file from the backup.")


def _is_date(partition: str) -> bool:
    return len(partition) == 10 and partition[:4].isdigit()
