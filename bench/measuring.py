"""Measures a piece of work in a process of its own: wall time, processor time, peak resident memory; and judges it by its bar."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall and processor time of the work itself, without the start of the process; peak memory of the process in GB."""

    wall_s: float
    cpu_s: float
    peak_gb: float
    result: Any


def measured(work: Callable[..., Any], *arguments: Any) -> Measured:
    """Run `work`, a function of a module, in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_run, work, arguments).result()


def _run(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Measured:
    cpu, wall = _cpu_s(), time.monotonic()
    result = work(*arguments)
    return Measured(time.monotonic() - wall, _cpu_s() - cpu, peak_gb(), result)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_gb() -> float:
    """The greatest resident memory of this process so far: VmHWM, not ru_maxrss, which a process inherits from the one that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024**2


def kept(what: str, found: float, bar: float, remark: str = "") -> bool:
    """Whether `found` is at most `bar`; prints a line that says so."""
    verdict = "kept" if found <= bar else "MISSED"
    print(f"  {what:40} {found:10.3f}  bar {bar:10.3f}  {verdict:6}  {remark}".rstrip(), flush=True)
    return found <= bar
