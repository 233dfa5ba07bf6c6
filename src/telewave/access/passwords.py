"""Passwords: hashed by Argon2id, compared, made by chance."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of made passwords: none that looks like another."""
_HASHER = PasswordHasher()
"""With the library's parameters, those of RFC 9106 for machines with little memory: 64 MiB, three passes."""


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def agrees(kept: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long where there is none (None), so that nobody learns which names are
    known.
    """
    try:
        return _HASHER.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def made() -> str:
    """A password by chance, to be used once: four groups of five letters, 99 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
