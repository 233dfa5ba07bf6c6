"""Which names are those of time zones."""

from __future__ import annotations

from zoneinfo import ZoneInfo

NOT_PLACES = ("posix/", "right/", "posixrules", "localtime")
"""Other copies of the same zones beside them on some machines."""


def is_timezone(name: str) -> bool:
    """Whether `name` is a time zone's. Looks for that one alone: to list all of them takes longer than most commands'
    answers, six hundred files being opened for it.

    >>> [is_timezone(name) for name in ("Asia/Shanghai", "UTC", "Shanghai", "Asia", "../UTC", "/etc/passwd", "")]
    [True, True, False, False, False, False, False]
    """
    if name.startswith(NOT_PLACES):
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder, a path that leads out, a name that is none
        return False
    return True
