"""How inner loops are compiled: by numba at the first call, kept on disk, free of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """`loop` as machine code; called with arrays and numbers only."""
    return cast("Loop", njit(cache=True, nogil=True, error_model="numpy")(loop))
