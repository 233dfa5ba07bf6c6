"""Files written whole or not at all: filled aside, then renamed over what was there, so that nobody ever reads a half.

The path `-` is standard output where something is written, and standard input where something is read.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from telewave.kernel import Conflict, Malformed, Message


class FileNotWritten(Malformed):
    """{path} cannot be written: {cause}. What was there is as it was. Give a file in a folder
    that you may write to, on a disk with room.
    """

    code = "file_not_written"


class FileIsThere(Conflict):
    """{path} is there already, and nothing was written over it. Name another file, or move this one away first."""

    code = "file_is_there"


class FileUnusable(Malformed):
    """{path} cannot be read or written: {cause}. What was finished before stays. Give
    another path, or see that it may be used.
    """

    code = "file_unusable"


CAUSES: Mapping[int, Message] = {
    errno.EACCES: Message("you may not write there"),
    errno.EPERM: Message("you may not write there"),
    errno.EROFS: Message("nothing can be written on that disk"),
    errno.ENOSPC: Message("the disk is full"),
    errno.EDQUOT: Message("your share of the disk is used up"),
    errno.EISDIR: Message("it is a folder"),
    errno.ENOTDIR: Message("a part of the path is a file and not a folder"),
    errno.EEXIST: Message("a part of the path is a file and not a folder"),
    errno.ENAMETOOLONG: Message("the name is too long"),
    errno.ELOOP: Message("the path leads back to itself"),
}


STREAM = Path("-")


def read_whole(path: Path) -> bytes:
    """What is in the file, or comes from standard input. Raises OSError."""
    return sys.stdin.buffer.read() if path == STREAM else path.read_bytes()


def unusable(cause: OSError) -> FileUnusable:
    """The error for a file that the system refuses, where nothing nearer to it has said more."""
    return FileUnusable(path=str(cause.filename), cause=_told(cause))


def shown_name(path: Path) -> str:
    """The name of a file as it is told in a sentence."""
    return "stdin" if path == STREAM else path.name


def write_whole(path: Path, content: str | bytes) -> None:
    """Write the content (text as UTF-8) to `path`, whole or not at all; missing
    folders are made. Raises `FileNotWritten`.
    """
    with filled_aside(path) as aside:
        aside.write_bytes(content.encode() if isinstance(content, str) else content)


def write_new(path: Path, content: str | bytes) -> None:
    """As `write_whole`, but never over a file that is there. Raises `FileIsThere`, `FileNotWritten`."""
    if path.exists():
        raise FileIsThere(path=path)
    write_whole(path, content)


@contextmanager
def filled_aside(path: Path) -> Iterator[Path]:
    """A file to fill; it takes the place of `path` when the block ends well, and is gone
    when it does not. Raises `FileNotWritten`.

    A link stays a link: what it leads to is replaced. What is no file, such as a
    pipe or a terminal, is written to directly.
    """
    if path == STREAM:
        with _streamed() as aside:
            yield aside
        return
    try:
        goal = path.resolve()
        if goal.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        if goal.exists() and not goal.is_file():
            yield goal
            return
        goal.parent.mkdir(parents=True, exist_ok=True)
        aside = goal.with_name(f".{uuid.uuid4().hex}.part")
        try:
            yield aside
            _settle(aside, goal)
        finally:
            with suppress(OSError):  # nothing aside: it was renamed, or never written
                aside.unlink()
    except OSError as cause:
        raise FileNotWritten(path=path, cause=_told(cause)) from cause


@contextmanager
def _streamed() -> Iterator[Path]:
    """A file whose content goes to standard output when the block ends well."""
    with TemporaryDirectory() as folder:
        aside = Path(folder) / "stdout"
        yield aside
        sys.stdout.flush()
        with aside.open("rb") as written:
            shutil.copyfileobj(written, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def own_folder(path: Path) -> Path:
    """The folder `path`, made where it is missing, with its parents, for its owner only. Raises OSError."""
    if not path.is_dir():
        own_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def make_private(path: Path) -> None:
    """Let nobody but its owner read a file or enter a folder. Raises OSError, but not where it is somebody else's."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        with suppress(PermissionError):
            path.chmod(mode & 0o700)


def _settle(aside: Path, goal: Path) -> None:
    """On the disk before its name is: after a power cut there is the old file or the new one."""
    with aside.open("rb") as written:
        os.fsync(written.fileno())
    aside.replace(goal)


def _told(cause: OSError) -> Message | str:
    return CAUSES.get(cause.errno or 0, cause.strerror or type(cause).__name__)


def keep_traceback(text: str, home: Path) -> Path:
    """Write `text` to a file of its own in the home folder, or where that cannot be, among the temporary files."""
    folder = home if os.access(home, os.W_OK) else None
    with NamedTemporaryFile("w", prefix="error-", suffix=".log", dir=folder, delete=False) as out:
        out.write(text)
    return Path(out.name)
