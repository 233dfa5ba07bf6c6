"""What a script may expect of the object that --json writes."""

import re

NAMES = {"hash", "plan", "from_plan", "name", "delivery", "file"}
"""Keys of cells that are names even where a name has digits only."""


def untyped(answer):
    """Cells that are texts and look like a number, an amount or a day of another form than ISO 8601."""
    return [
        (table["title"], key, cell)
        for table in answer["tables"]
        for row in table["rows"]
        for key, cell in row.items()
        if key not in NAMES and isinstance(cell, str) and NUMBER.fullmatch(cell)
    ]


NUMBER = re.compile(r"[-–+]|[-+✓ ]*[\d,.]+ ?(%|yuan|元)?( ?[(（].*[)）])?")


def well_formed(answer):
    """Whether every table's rows have exactly its columns, in their order."""
    return all(
        list(row) == [column["key"] for column in table["columns"]]
        for table in answer["tables"]
        for row in table["rows"]
    )
