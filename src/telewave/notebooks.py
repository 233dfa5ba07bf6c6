"""An opened home for notebooks and scripts: `telewave.open(folder)`."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import ibis.expr.types as ir

from telewave.bootstrap import open_home
from telewave.features.usecases import open_wide
from telewave.kernel import Missing
from telewave.platform.days import parse_day
from telewave.platform.home import Home
from telewave.platform.settings import load_settings


class NoSuchHome(Missing):
    """There is no home in {home}. Name the folder that TELEWAVE_HOME names for the command line."""

    code = "no_such_home"


class OpenedHome:
    """The tables of one home, to be looked at. A context manager: leaving it closes the home and its tables.

    Its tables are Ibis expressions on the home's own engine: `to_pandas()` and `to_pyarrow()` compute them.
    """

    def __init__(self, home: Home) -> None:
        self.home = home

    def wide(self, as_of: date | str) -> ir.Table:
        """The wide table as of a date (`date`, or text as year-month-day): a row a subscriber.

        Raises what `telewave features show` refuses: `UnreadableDate`, `NoWideTable`, `WideTableOutdated`.
        """
        day = as_of if isinstance(as_of, date) else parse_day(as_of)
        return open_wide(self.home.warehouse, day).relation

    def close(self) -> None:
        """Close the home; its tables cannot be computed any more."""
        self.home.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def opened(folder: str | Path | None) -> OpenedHome:
    """The home in `folder`, or where the command line looks for it; other settings are the environment's.

    Raises `NoSuchHome`, `HomeUnusable`, `DatabaseUnusable`, `UnreadableSetting`.
    """
    named = {} if folder is None else {"TELEWAVE_HOME": str(folder)}
    settings = load_settings(os.environ | named)
    if not settings.home.is_dir():
        raise NoSuchHome(home=str(settings.home))
    return OpenedHome(open_home(settings))
