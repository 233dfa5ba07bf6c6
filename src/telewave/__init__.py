"""Telewave: open precision marketing for telecom operators.

The sub-packages are the capabilities, in the order of the loop they serve: records become features,
features become audiences and models, models become target groups, and so on to measurement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from telewave.notebooks import OpenedHome

__version__ = "0.1.0"


def open(folder: str | Path | None = None) -> OpenedHome:  # noqa: A001 - called as telewave.open, which says what
    """Open the home in `folder` for a notebook or script; without one, the home that the command line would use.

    Raises `NoSuchHome`, `HomeUnusable`, `DatabaseUnusable`, `UnreadableSetting`.
    """
    from telewave.notebooks import opened

    return opened(folder)
