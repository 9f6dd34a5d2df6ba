"""One object of one character version: sealed under the version's key, kept in the media store, opened on record."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from uuid import UUID

import asyncpg

from backend.media import Media, vault_key
from character_store import vault
from character_store.vault import Vault


def place(character: UUID, version: int, name: str) -> str:
    """A place nobody else writes to: who comes second must not touch what the first has stored."""
    return vault_key(character.hex, version, f"{name}.{secrets.token_hex(4)}")


async def put(
    media: Media,
    key: bytes,
    character: UUID,
    version: int,
    plains: Mapping[str, bytes],
    places: Mapping[str, str],
) -> None:
    """Ciphertext into the store; `places` by the same names."""
    for name, plain in plains.items():
        await media.put(places[name], await asyncio.to_thread(vault.seal, key, plain, character, version, name))


async def opened(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    character: UUID,
    version: int,
    name: str,
    *,
    purpose: vault.Purpose,
    actor: UUID | None = None,
) -> bytes:
    """One object of the vault, in clear; leaves an audit row. Raises KeyDestroyed, SealBroken or FileNotFoundError."""
    async with pool.acquire() as conn, conn.transaction():
        return await open_in(conn, media, safe, character, version, name, purpose=purpose, actor=actor)


async def open_in(
    conn: asyncpg.Connection,
    media: Media,
    safe: Vault,
    character: UUID,
    version: int,
    name: str,
    *,
    purpose: vault.Purpose,
    actor: UUID | None = None,
) -> bytes:
    """As `opened`, in the caller's transaction."""
    key = await vault.open_key(conn, safe, character, version, purpose=purpose, actor=actor)
    kept = (await vault.objects(conn, character, version)).get(name)
    if kept is None:
        raise FileNotFoundError(f"{name} of version {version}")
    return vault.unseal(key, await media.get(kept), character, version, name)


async def sweep(pool: asyncpg.Pool, media: Media, character: UUID, version: int) -> None:
    """Delete the bytes of one version, whose key is destroyed; safe to repeat."""
    await media.delete_prefix(f"vault/{character.hex}/{version}")
    async with pool.acquire() as conn, conn.transaction():
        await vault.forget_objects(conn, character, version)
