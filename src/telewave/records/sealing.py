"""Keys of this installation: outside identifiers become keyed digests, and are kept sealed. No store here.

The key file is 64 random bytes, readable by its owner only: 32 for digests (HMAC-SHA256), 32 for sealing (AES-256-GCM).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telewave.kernel import Conflict, Malformed
from telewave.platform.files import own_folder

NONCE = 12


class KeyFileSpoilt(Malformed):
    """The key file {file} does not hold 64 bytes. Restore it from the backup: without it
    the identifiers of this home cannot be read.
    """

    code = "key_file_spoilt"


class KeyFileUnusable(Conflict):
    """The key file {file} cannot be read or made: {cause}. See that this account may read it and write to
    its folder, or correct TELEWAVE_KEY_FILE.
    """

    code = "key_file_unusable"


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The two keys."""

    digest: bytes
    seal: bytes

    def pads(self) -> tuple[bytes, bytes]:
        """Inner and outer pad of HMAC (RFC 2104), so that an engine with SHA-256 alone can compute it in bulk."""
        key = self.digest.ljust(64, b"\0")
        return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)

    def digest_of(self, identifier: str) -> str:
        """The digest of one identifier, in hexadecimal."""
        return hmac.new(self.digest, identifier.encode(), hashlib.sha256).hexdigest()

    @property
    def id(self) -> str:
        """What the key is called: sixteen hexadecimal digits, which tell nothing about it."""
        return self._derived(b"telewave key id")[:16]

    @property
    def check(self) -> str:
        """What a database remembers to know the key by."""
        return self._derived(b"telewave key check")

    def _derived(self, purpose: bytes) -> str:
        return hmac.new(self.digest + self.seal, purpose, hashlib.sha256).hexdigest()

    def sealed(self, number: int, identifier: str) -> bytes:
        """The identifier of subscriber `number`, readable with this key and for this number only."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.seal).encrypt(nonce, identifier.encode(), str(number).encode())

    def opened(self, number: int, sealed: bytes) -> str:
        """The identifier again."""
        return self.opener()(number, sealed)

    def opener(self) -> Callable[[int, bytes], str]:
        """`opened` for many: the key is made ready once."""
        decrypt = AESGCM(self.seal).decrypt
        return lambda number, sealed: decrypt(sealed[:NONCE], sealed[NONCE:], str(number).encode()).decode()

    def seals(self, number: int, digest: str, sealed: bytes) -> bool:
        """Whether this identity was digested and sealed with this key."""
        with suppress(InvalidTag):
            return hmac.compare_digest(self.digest_of(self.opened(number, sealed)), digest)
        return False


def momentary() -> Keys:
    """Keys that nothing is kept with."""
    return _keys(os.urandom(64))


def read_keys(file: Path) -> Keys | None:
    """The keys of the key file; None where there is none. Raises `KeyFileSpoilt`, `KeyFileUnusable`."""
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise _unusable(file, cause) from cause
    if len(raw) != 64:
        raise KeyFileSpoilt(file=str(file))
    return _keys(raw)


def make_keys(file: Path) -> Keys:
    """New keys in a new key file; those of another process that was quicker. Raises `KeyFileUnusable`,
    `KeyFileSpoilt`.
    """
    try:
        _create(file)
    except OSError as cause:
        raise _unusable(file, cause) from cause
    made = read_keys(file)
    if made is None:
        raise KeyFileUnusable(file=str(file), cause=FileNotFoundError.__name__)
    return made


def _unusable(file: Path, cause: OSError) -> KeyFileUnusable:
    return KeyFileUnusable(file=str(file), cause=cause.strerror or type(cause).__name__)


def _keys(raw: bytes) -> Keys:
    return Keys(raw[:32], raw[32:])


def _create(path: Path) -> None:
    """Written aside and linked, so that two processes agree on one key and no half file is ever seen."""
    aside = own_folder(path.parent) / f"{path.name}.{os.getpid()}"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(os.urandom(64))
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
