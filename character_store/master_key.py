"""The master key that wraps every data key: a seam for a key management service, and the file that stands in for one.

A deleted identity lives on in old backups until the master key of their time is gone. So a master key is replaced
after deletions (`vault.rewrap`), and the old one is dropped: from then on no backup of the database can be opened.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from character_store.errors import SealBroken

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
ID_BYTES: Final = 4


class MasterKey(Protocol):
    """Wraps data keys. `place` binds what is wrapped to where it belongs."""

    def wrap(self, key: bytes, place: bytes) -> bytes:
        """With the newest key."""
        ...

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """Raises SealBroken."""
        ...

    def renew(self) -> bytes:
        """A new newest key, and its name; the older ones still unwrap."""
        ...

    def drop_older(self, name: bytes) -> None:
        """Destroy all keys before this one. Later ones, of a renewal that has begun since, stay."""
        ...


class KeyFile:
    """Master keys of 32 bytes each in one private file, oldest first; normally there is one.

    Several processes may use one file: it is read again when it has changed. Wrapped keys begin with 4 bytes of their
    master key's hash; those of before that (60 bytes in all) belong to the oldest.
    """

    def __init__(self, path: Path) -> None:
        """The file must exist. Raises OSError, or ValueError for a file of another length."""
        self._path = path
        self._state: tuple[int, int, int] | None = None
        self._keys: dict[bytes, bytes] = {}
        self._read()

    def wrap(self, key: bytes, place: bytes) -> bytes:
        self._read()
        number, newest = list(self._keys.items())[-1]
        return number + sealed(AESGCM(newest), key, place)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        if len(wrapped) == NONCE_BYTES + KEY_BYTES + 16:
            wrapped = next(iter(self._keys)) + wrapped
        number, rest = wrapped[:ID_BYTES], wrapped[ID_BYTES:]
        if number not in self._keys:
            self._read()
        if number not in self._keys:
            raise SealBroken(place.decode())
        return opened(AESGCM(self._keys[number]), rest, place)

    def renew(self) -> bytes:
        self._read()
        self._write(b"".join(self._keys.values()) + AESGCM.generate_key(256))
        return list(self._keys)[-1]

    def drop_older(self, name: bytes) -> None:
        self._read()
        names = list(self._keys)
        if name in names:
            self._write(b"".join(list(self._keys.values())[names.index(name) :]))

    def _read(self) -> None:
        facts = self._path.stat()
        state = (facts.st_mtime_ns, facts.st_ino, facts.st_size)
        if state == self._state:
            return
        content = self._path.read_bytes()
        if not content or len(content) % KEY_BYTES:
            raise ValueError(
                f"the master key file {self._path} has {len(content)} bytes; it must have {KEY_BYTES} for each key"
            )
        keys = [content[at : at + KEY_BYTES] for at in range(0, len(content), KEY_BYTES)]
        self._keys = {hashlib.sha256(key).digest()[:ID_BYTES]: key for key in keys}
        self._state = state

    def _write(self, content: bytes) -> None:
        """At once or not at all; on disk before it counts."""
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._read()


def sealed(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    """Nonce and ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, place)


def opened(cipher: AESGCM, content: bytes, place: bytes) -> bytes:
    """Raises SealBroken."""
    try:
        return cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise SealBroken(place.decode()) from None
