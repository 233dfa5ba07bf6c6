"""Folders in memory, where there is enough of it: the tests make and remove some hundred thousand small files, and a disk may take
milliseconds for each."""

import fcntl
import shutil
import uuid
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - what lies there is readable for its own account
ENOUGH = 8 * 1024**3
NAME = "telewave-tests-"


def quick_place():
    """Memory, or the disk's place for temporary files."""
    enough = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH
    return MEMORY if enough else Path("/tmp")  # noqa: S108


class Lease:
    """A folder in memory that is this process's as long as it lives; those of killed processes are removed on the way."""

    def __init__(self, place):
        for other in place.glob(f"{NAME}*"):
            with suppress(OSError), (other / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(other, ignore_errors=True)
        self.folder = place / f"{NAME}{uuid.uuid4().hex[:8]}"
        aside = place / f"new-{self.folder.name}"
        aside.mkdir(mode=0o700)
        self._lock = (aside / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        aside.rename(self.folder)

    def end(self):
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()
