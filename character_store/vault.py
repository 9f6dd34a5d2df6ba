"""Envelope encryption of stored identities (AES-256-GCM, NIST SP 800-38D).

Each character version has a data key of its own; the master key wraps it; both seals are bound to their place by
additional authenticated data, so that no ciphertext can stand in for another. Destroying the wrapped key destroys the
version: the bytes that remain mean nothing. The master key is a file of 32 random bytes.
"""

from __future__ import annotations

import os
from typing import Final
from uuid import UUID

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from character_store.errors import KeyDestroyed, SealBroken

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class Vault:
    """Holds the master key, in memory only."""

    def __init__(self, master_key: bytes) -> None:
        """`master_key` is 32 bytes. Raises ValueError."""
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"the master key has {len(master_key)} bytes; it must have {KEY_BYTES}")
        self._master = AESGCM(master_key)

    def wrap(self, key: bytes, character: UUID, version: int) -> bytes:
        return _seal(self._master, key, _place(character, version, "key"))

    def unwrap(self, wrapped: bytes, character: UUID, version: int) -> bytes:
        """Raises SealBroken."""
        return _open(self._master, wrapped, _place(character, version, "key"))


def new_key() -> bytes:
    """32 random bytes: a data key, or a master key."""
    return AESGCM.generate_key(256)


def seal(key: bytes, plain: bytes, character: UUID, version: int, name: str) -> bytes:
    """Ciphertext for one named object of one version."""
    return _seal(AESGCM(key), plain, _place(character, version, name))


def unseal(key: bytes, sealed: bytes, character: UUID, version: int, name: str) -> bytes:
    """Raises SealBroken."""
    return _open(AESGCM(key), sealed, _place(character, version, name))


async def store_key(conn: asyncpg.Connection, vault: Vault, key: bytes, character: UUID, version: int) -> None:
    await conn.execute(
        "insert into character_version (character, version, wrapped_key) values ($1, $2, $3)",
        character,
        version,
        vault.wrap(key, character, version),
    )


async def open_key(
    conn: asyncpg.Connection, vault: Vault, character: UUID, version: int, *, purpose: str, clip: UUID | None
) -> bytes:
    """The data key; leaves an audit row. Raises KeyDestroyed or SealBroken."""
    wrapped = await conn.fetchval(
        """
        with opened as (
            insert into vault_opening (character, version, purpose, clip)
            select character, version, $3, $4 from character_version where character = $1 and version = $2
        )
        select wrapped_key from character_version where character = $1 and version = $2
        """,
        character,
        version,
        purpose,
        clip,
    )
    if wrapped is None:
        raise KeyDestroyed(str(character), version)
    return vault.unwrap(wrapped, character, version)


async def destroy_key(conn: asyncpg.Connection, character: UUID, version: int) -> None:
    """For good. Sweep the bytes afterwards: `objects` lists them."""
    await conn.execute(
        """
        update character_version set wrapped_key = null, key_destroyed_at = now()
        where character = $1 and version = $2 and wrapped_key is not null
        """,
        character,
        version,
    )


async def note_object(conn: asyncpg.Connection, character: UUID, version: int, name: str, media_key: str) -> None:
    await conn.execute(
        """
        insert into vault_object (character, version, name, media_key) values ($1, $2, $3, $4)
        on conflict (character, version, name) do update set media_key = excluded.media_key
        """,
        character,
        version,
        name,
        media_key,
    )


async def objects(conn: asyncpg.Connection, character: UUID, version: int) -> dict[str, str]:
    """Name -> media key, by name."""
    rows = await conn.fetch(
        "select name, media_key from vault_object where character = $1 and version = $2 order by name",
        character,
        version,
    )
    return {row["name"]: row["media_key"] for row in rows}


async def forget_objects(conn: asyncpg.Connection, character: UUID, version: int) -> None:
    await conn.execute("delete from vault_object where character = $1 and version = $2", character, version)


def _place(character: UUID, version: int, name: str) -> bytes:
    return f"castmate/{character}/{version}/{name}".encode()


def _seal(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, place)


def _open(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise SealBroken(place.decode()) from None
