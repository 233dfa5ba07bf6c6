"""Locks between processes: each has an owner whom a waiting person is told of, and a wait that ends.

A lock is a file that the kernel holds for a process (flock), so a process that dies gives it back at once. Its owner is
written into the file only to be told: nothing is decided by it.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from telewave.kernel import Conflict, Message
from telewave.platform.clock import Clock

LONGEST_WAIT_S = 300.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.01, 0.5


class HeldByAnother(Conflict):
    """{what} is being changed by {owner}, since {since}; after {waited:.0f} seconds of waiting, nothing was changed.
    Run this again when that has ended. If it hangs, end that process: nothing is left half done.
    """

    code = "held_by_another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who holds a lock: account, machine, process, since when (in the operator's local time)."""

    account: str
    machine: str
    process: int
    since: str

    def told(self) -> Message:
        """The owner in words."""
        return Message(
            "{account} on {machine} (process {process})",
            account=self.account,
            machine=self.machine,
            process=str(self.process),
        )


@contextmanager
def held(file: Path, what: Message, clock: Clock, longest_wait_s: float = LONGEST_WAIT_S) -> Iterator[None]:
    """Hold the lock `file`, made where it is missing; `what` it guards is told to those who wait.

    Raises `HeldByAnother` when another holds it for longer than `longest_wait_s`
    seconds, `OSError` where it cannot be made.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as lock:
        _wait(lock, what, longest_wait_s)
        _write(lock, asdict(myself(clock)))
        try:
            yield
        finally:
            _write(lock, {})


def holder(file: Path) -> Owner | None:
    """Who holds the lock `file` at this moment; None for nobody, or for one who has
    not written himself down. Raises OSError.
    """
    with file.open("r+", encoding="utf-8") as lock:
        return None if _taken(lock) else _owner(lock)


def _wait(lock: TextIO, what: Message, longest_wait_s: float) -> None:
    end, pause = time.monotonic() + longest_wait_s, FIRST_PAUSE_S
    while not _taken(lock):
        if time.monotonic() >= end:
            owner = _owner(lock)
            raise HeldByAnother(
                what=what,
                owner=owner.told() if owner else Message("another command"),
                since=owner.since if owner else Message("a moment ago"),
                waited=longest_wait_s,
            )
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def myself(clock: Clock | None = None) -> Owner:
    """This process as an owner from now on, in the time of `clock`."""
    clock = clock or Clock()
    since = clock.now().strftime("%Y-%m-%d %H:%M:%S")
    return Owner(account=_account(), machine=socket.gethostname(), process=os.getpid(), since=since)


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account of a container that has no name
        return str(os.getuid())


def _write(lock: TextIO, owner: dict[str, object]) -> None:
    lock.seek(0)
    lock.truncate()
    if owner:
        json.dump(owner, lock)
    lock.flush()


def _owner(lock: TextIO) -> Owner | None:
    """Who wrote himself into the file; None for one who has not done so yet."""
    lock.seek(0)
    try:
        return Owner(**json.loads(lock.read()))
    except (ValueError, TypeError):
        return None
