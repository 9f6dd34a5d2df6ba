"""The flow of a character: taken in and sealed by the web process, measured by a worker, ready or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend import jobs
from backend.db import GONE
from backend.media import Media, vault_key
from character_store import characters, vault, versions
from character_store.characters import Character, NewCharacter, Refusal
from character_store.vault import Vault
from generation.perception.references import References

Measure = Callable[[Sequence[bytes], bytes], References | Refusal]
"""Photos and voice -> what engines need, or the check that failed. Blocks; called in a thread."""
ATTEMPTS_MAX: Final = 3  # workers that may break off over one character
BROKEN: Final = Refusal("quality", "this photo or recording could not be read to its end; send another one")
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
            places[name] = vault_key(character.hex, version, name)
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
    """One character from processing to ready or refused. Safe to repeat: what a broken refusal left is swept."""
    async with pool.acquire() as conn, conn.transaction():
        character = await characters.by_id(conn, character_id)
        if character is None:
            return
        places = await vault.objects(conn, character_id, character.version)
        begun = await versions.begin(conn, character_id)
    if character.state == "refused":
        await _sweep(pool, media, character, places)
    if begun is None:
        return
    measured: Refusal | None = BROKEN
    if begun.attempts <= ATTEMPTS_MAX:
        try:
            measured = await _measured(pool, media, safe, character, places, measure)
        except FileNotFoundError:
            log.exception("an original is missing", character=str(character_id))
        except GONE:
            raise  # the job comes back
        except Exception:
            log.exception("enrolment broke", character=str(character_id))
    if isinstance(measured, Refusal):
        await _refuse(pool, media, character, measured, places)


async def _measured(
    pool: asyncpg.Pool, media: Media, safe: Vault, character: Character, places: Mapping[str, str], measure: Measure
) -> Refusal | None:
    """None when the references are stored and the character is ready."""
    key_of, version = character.id, character.version
    async with pool.acquire() as conn, conn.transaction():
        key = await vault.open_key(conn, safe, key_of, version, purpose="enrol", clip=None)
    originals = {
        name: vault.unseal(key, await media.get(place), key_of, version, name)
        for name, place in places.items()
        if name != "references"
    }
    photos = [plain for name, plain in originals.items() if name.startswith("photo")]
    measured = await asyncio.to_thread(measure, photos, originals["voice"])
    if isinstance(measured, Refusal):
        return measured
    place = vault_key(key_of.hex, version, "references")
    await media.delete(place)  # of an attempt that broke off
    await media.put(place, vault.seal(key, msgspec.msgpack.encode(measured), key_of, version, "references"))
    async with pool.acquire() as conn, conn.transaction():
        await vault.note_object(conn, key_of, version, "references", place)
        await versions.mark_ready(conn, key_of, version)
    return None


async def _refuse(
    pool: asyncpg.Pool, media: Media, character: Character, refusal: Refusal, places: Mapping[str, str]
) -> None:
    """The key first, in the transaction that says so; then the bytes."""
    log.info("character refused", character=str(character.id), check=refusal.check)
    async with pool.acquire() as conn, conn.transaction():
        await versions.mark_refused(conn, character.id, character.version, refusal)
        await vault.destroy_key(conn, character.id, character.version)
    await _sweep(pool, media, character, places)


async def _sweep(pool: asyncpg.Pool, media: Media, character: Character, places: Mapping[str, str]) -> None:
    for place in places.values():
        await media.delete(place)
    async with pool.acquire() as conn, conn.transaction():
        await vault.forget_objects(conn, character.id, character.version)
