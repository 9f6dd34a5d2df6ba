"""A character leaves: deleted, expired, or its consent to be stored withdrawn. Keys first, then the bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from backend import jobs, studio
from backend.media import Media
from character_store import audit, characters, clip_vault, face_index, sealed_files, vault
from character_store.vault import Vault
from social import avatars, removals

LOST_AFTER: Final = timedelta(days=1)  # longer than anything takes between its file and its row


async def leave(conn: asyncpg.Connection, character: UUID, because: str, actor: UUID | None = None) -> bool:
    """Row, keys, index and clips in the making, in the caller's ONE transaction. False where it had left before."""
    found = await characters.by_id(conn, character)
    if found is None or not await characters.leave(conn, character, because):
        return False
    await vault.destroy_keys(conn, character)
    await face_index.forget(conn, character)
    await audit.note(conn, actor, "character_left", character, {"because": because})
    await studio.stop_unconsented(conn, found.owner)
    await jobs.enqueue(conn, jobs.SWEEP, character)
    return True


async def sweep(pool: asyncpg.Pool, media: Media, character: UUID) -> None:
    """Delete the ciphertext, and say when that was done. Safe to repeat; a job does, should this fail."""
    await media.delete_prefix(f"vault/{character.hex}")
    async with pool.acquire() as conn, conn.transaction():
        await vault.forget_objects(conn, character)
        await characters.mark_swept(conn, character)


async def expire(pool: asyncpg.Pool, media: Media) -> int:
    """Everybody whose three years are over leaves; how many."""
    async with pool.acquire() as conn:
        over = await characters.unused(conn)
    expired = 0
    for character in over:
        async with pool.acquire() as conn, conn.transaction():
            await characters.lock(conn, [character])
            gone = await characters.is_unused(conn, character) and await leave(conn, character, "expired")
        if gone:
            expired += 1
            await sweep(pool, media, character)
    return expired


async def sweep_lost(pool: asyncpg.Pool, media: Media, age: timedelta = LOST_AFTER) -> int:
    """Delete what no row holds: files of a process that died between the store and the database. How many."""
    found: list[str] = []
    for prefix, kept in (
        ("clips", removals.unheld),
        ("vault", vault.unheld),
        ("given", clip_vault.unheld),
        ("sealed", sealed_files.unheld),
        ("avatars", avatars.unheld),
    ):
        async for keys in media.older_than(prefix, age):
            async with pool.acquire() as conn:
                found += await kept(conn, keys)
    for key in found:  # after the listing is complete
        await media.delete(key)
    return len(found)


async def rewrap_after(pool: asyncpg.Pool, safe: Vault) -> int | None:
    """A new master key where one of the old one's data keys was destroyed: old backups become mute. How many wraps."""
    async with pool.acquire() as conn:
        return await vault.rewrap(conn, safe) if await vault.rewrap_due(conn) else None
