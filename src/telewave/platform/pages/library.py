"""The library that draws charts: shipped in the wheel, or installed from the lock beside a source tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from telewave.kernel import Missing

_HERE = Path(__file__).resolve()
SHIPPED = _HERE.parent / "assets" / "echarts.min.js"
"""Where a wheel has it (put there when the wheel is built; never in the source tree)."""
BESIDE = _HERE.parents[4] / "web" / "node_modules" / "echarts" / "dist" / "echarts.min.js"
"""Where `make web` installs it, for a source tree and an editable install."""


class ChartLibraryMissing(Missing):
    """The chart library is not at {path}. In a source tree run: make web. Otherwise install the package again: pip
    install --force-reinstall telewave. Then write the page again.
    """

    code = "chart_library_missing"


@cache
def chart_library() -> str:
    """The library's source, fit to stand between script tags. Raises `ChartLibraryMissing`."""
    return read_library((SHIPPED, BESIDE))


def read_library(places: Sequence[Path]) -> str:
    """The library from the first of these files that is there. Raises `ChartLibraryMissing`, which names the last."""
    for place in places:
        if place.is_file():
            return place.read_text(encoding="utf-8").replace("</script", "<\\/script")
    raise ChartLibraryMissing(path=places[-1])


def library_is_there() -> bool:
    """Whether pages with charts can be written."""
    return SHIPPED.is_file() or BESIDE.is_file()
