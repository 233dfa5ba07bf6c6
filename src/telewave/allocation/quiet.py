"""Keeps to itself what HiGHS prints: lines of its own that no option turns off."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

SAID = b"Highs"
OUT = 1
_one_at_a_time = Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Standard output without lines that begin with `SAID`; all others, say of other threads, come a little later."""
    with _one_at_a_time:
        _flush()
        try:
            before = os.dup(OUT)
        except OSError:  # no standard output at all
            yield
            return
        aside = os.memfd_create("aside") if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
        os.dup2(aside, OUT)
        try:
            yield
        finally:
            _flush()
            os.dup2(before, OUT)
            _passed_on(aside, before)
            os.close(aside)
            os.close(before)


def _passed_on(aside: int, out: int) -> None:
    os.lseek(aside, 0, os.SEEK_SET)
    said = b""
    while more := os.read(aside, 1 << 16):
        said += more
    for line in said.splitlines(keepends=True):
        if not line.startswith(SAID):
            os.write(out, line)


def _flush() -> None:
    """What Python and the C library still hold back."""
    with suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).fflush(None)
