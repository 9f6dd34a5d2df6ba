"""The flow of a character: taken in and sealed by the web process, measured by a worker, ready or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend import jobs
from backend.media import Media
from character_store import characters, vault
from character_store.characters import NewCharacter, Refusal
from character_store.vault import Vault
from generation.perception.references import References

Measure = Callable[[Sequence[bytes], bytes], References | Refusal]
"""Photos and voice -> what engines need, or the check that failed. Blocks; called in a thread."""
log = structlog.get_logger()


async def take_in(
    pool: asyncpg.Pool, media: Media, safe: Vault, owner: UUID, new: NewCharacter, originals: Mapping[str, bytes]
) -> UUID:
    """Seal the originals, then character + key + job in ONE transaction. Raises CharacterHandleTaken; nothing stays."""
    version, key = 1, vault.new_key()
    async with pool.acquire() as conn:
        character: UUID = await conn.fetchval("select uuidv7()")
    places: dict[str, str] = {}
    try:
        for name, plain in originals.items():
            places[name] = f"vault/{character.hex}/{version}/{name}"
            await media.put(places[name], vault.seal(key, plain, character, version, name))
        async with pool.acquire() as conn, conn.transaction():
            await characters.create(conn, owner, character, new)
            await vault.store_key(conn, safe, key, character, version)
            for name, place in places.items():
                await vault.note_object(conn, character, version, name, place)
            await jobs.enqueue(conn, jobs.ENROL, character)
    except BaseException:
        for place in places.values():
            await media.delete(place)
        raise
    return character


async def enrol(pool: asyncpg.Pool, media: Media, safe: Vault, character_id: UUID, measure: Measure) -> None:
    """One character from processing to ready or refused. Safe to repeat."""
    async with pool.acquire() as conn, conn.transaction():
        character = await characters.by_id(conn, character_id)
        if character is None or character.state != "processing":
            return
        version = character.version
        key = await vault.open_key(conn, safe, character_id, version, purpose="enrol", clip=None)
        places = await vault.objects(conn, character_id, version)
    originals = {
        name: vault.unseal(key, await media.get(place), character_id, version, name)
        for name, place in places.items()
        if name != "references"
    }
    photos = [plain for name, plain in originals.items() if name.startswith("photo")]
    measured = await asyncio.to_thread(measure, photos, originals["voice"])
    if isinstance(measured, Refusal):
        await _refuse(pool, media, character_id, version, measured, list(places.values()))
        return
    place = f"vault/{character_id.hex}/{version}/references"
    sealed = vault.seal(key, msgspec.msgpack.encode(measured), character_id, version, "references")
    await media.delete(place)  # of an attempt that broke off
    await media.put(place, sealed)
    async with pool.acquire() as conn, conn.transaction():
        await vault.note_object(conn, character_id, version, "references", place)
        await characters.mark_ready(conn, character_id)


async def _refuse(
    pool: asyncpg.Pool, media: Media, character: UUID, version: int, refusal: Refusal, places: list[str]
) -> None:
    """The key first, in the transaction that says so; then the bytes."""
    log.info("character refused", character=str(character), check=refusal.check)
    async with pool.acquire() as conn, conn.transaction():
        await characters.mark_refused(conn, character, refusal)
        await vault.destroy_key(conn, character, version)
    for place in places:
        await media.delete(place)
    async with pool.acquire() as conn, conn.transaction():
        await vault.forget_objects(conn, character, version)
