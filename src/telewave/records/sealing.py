"""Keys of this installation: outside identifiers become keyed digests, and are kept sealed. No store here.

The key file is 64 random bytes, readable by its owner only: 32 for digests (HMAC-SHA256), 32 for sealing (AES-256-GCM).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telewave.kernel import Malformed
from telewave.platform.settings import KEY_FILE

NONCE = 12


class KeyFileSpoilt(Malformed):
    """The key file {file} does not hold 64 bytes. Restore it from the backup: without it the identifiers of this home cannot be read."""


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

    def sealed(self, number: int, identifier: str) -> bytes:
        """The identifier of subscriber `number`, readable with this key and for this number only."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.seal).encrypt(nonce, identifier.encode(), str(number).encode())

    def opened(self, number: int, sealed: bytes) -> str:
        """The identifier again."""
        return AESGCM(self.seal).decrypt(sealed[:NONCE], sealed[NONCE:], str(number).encode()).decode()


def load_keys(home: Path, *, create: bool = True) -> Keys:
    """The keys of the home folder, made at first use. With `create` False, keys for the moment where there are none.

    Raises `KeyFileSpoilt`.
    """
    path = home / KEY_FILE
    if not path.exists():
        if not create:
            return _keys(os.urandom(64))
        _create(path)
    raw = path.read_bytes()
    if len(raw) != 64:
        raise KeyFileSpoilt(file=KEY_FILE)
    return _keys(raw)


def _keys(raw: bytes) -> Keys:
    return Keys(raw[:32], raw[32:])


def _create(path: Path) -> None:
    """Written aside and linked, so that two processes agree on one key and no half file is ever seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
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
