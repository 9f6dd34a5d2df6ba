"""The flow of a character's references: taken in and sealed by the web process, measured by a worker.

They end ready, refused (then the key is destroyed and the bytes are swept), or held where the face may be somebody
else's; then a moderator decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend import jobs, moderating, vaulted
from backend.db import GONE
from backend.media import Media
from character_store import audit, characters, consents, face_index, vault, versions
from character_store.characters import Character, NewCharacter, Refusal
from character_store.errors import KeyDestroyed
from character_store.likeness import Likeness, Sitting
from character_store.vault import Vault
from character_store.versions import Version
from social.moderation import comebacks

Measure = Callable[[Sitting], Likeness | Refusal]
"""What was sent -> what engines need, or the check that failed. Blocks; called in a thread."""
ATTEMPTS_MAX: Final = 3  # workers that may break off over one character
BROKEN: Final = Refusal("quality", "this photo or recording could not be read to its end; send another one")
HELD: Final = Refusal(
    "duplicate_face",
    "this face is much like one that somebody else has stored; a moderator compares the two before it can be used",
)
MADE: Final = ("references", "identity")  # what a worker adds to the originals
log = structlog.get_logger()


async def take_in(
    pool: asyncpg.Pool, media: Media, safe: Vault, owner: UUID, new: NewCharacter, originals: Mapping[str, bytes]
) -> UUID:
    """Seal the originals, then character + key + job in ONE transaction.

    Raises ConsentError or CharacterHandleTaken; then nothing stays.
    """
    async with pool.acquire() as conn:
        character: UUID = await conn.fetchval("select uuidv7()")
    key = vault.new_key()
    places = {name: vaulted.place(character, 1, name) for name in originals}
    try:
        await vaulted.put(media, key, character, 1, originals, places)
        async with pool.acquire() as conn, conn.transaction():
            await characters.create(conn, owner, character, new)
            if new.rights is not None:
                await audit.note(conn, owner, "archive_stored", character, {"rights": new.rights})
            await _stored(conn, safe, key, character, 1, places, new.consent, owner)
    except BaseException:
        for place in places.values():
            await media.delete(place)
        raise
    return character


async def take_in_again(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    character: Character,
    originals: Mapping[str, bytes],
    consent: UUID | None,
) -> int:
    """New references: the number of the new version. The one in use stays until this one is ready.

    Raises ConsentError, ReferencesPending or CharacterUnknown; then nothing stays.
    """
    key = vault.new_key()
    version = character.newest + 1
    places = {name: vaulted.place(character.id, version, name) for name in originals}
    try:
        await vaulted.put(media, key, character.id, version, originals, places)
        async with pool.acquire() as conn, conn.transaction():
            await versions.add(conn, character.id, character.owner, version)
            if consent is not None:
                await characters.rest_on(conn, character.id, consent)
            await _stored(conn, safe, key, character.id, version, places, consent, character.owner)
    except BaseException:
        for place in places.values():
            await media.delete(place)
        raise
    return version


async def _stored(
    conn: asyncpg.Connection,
    safe: Vault,
    key: bytes,
    character: UUID,
    version: int,
    places: Mapping[str, str],
    consent: UUID | None,
    owner: UUID,
) -> None:
    """Key, places and job; consent once more, and the digits that the capture must speak, used up."""
    await vault.store_key(conn, safe, key, character, version)
    for name, place in places.items():
        await vault.note_object(conn, character, version, name, place)
    if consent is not None:
        await consents.need(conn, owner, consent, "a face or voice")
        if "capture" in places:
            digits = await consents.spend_challenge(conn, consent)
            await versions.expect_digits(conn, character, version, digits)
    await jobs.enqueue(conn, jobs.ENROL, character)


async def enrol(pool: asyncpg.Pool, media: Media, safe: Vault, character_id: UUID, measure: Measure) -> None:
    """One version from processing to ready, held or refused. Safe to repeat: what a broken refusal left is swept."""
    async with pool.acquire() as conn, conn.transaction():
        character = await characters.by_id(conn, character_id)
        if character is None:
            return
        begun = await versions.begin(conn, character_id)
    if begun is None:
        if character.newest_state == "refused":
            await vaulted.sweep(pool, media, character_id, character.newest)
        return
    measured: Refusal | None = BROKEN
    if begun.attempts <= ATTEMPTS_MAX:
        try:
            measured = await _measured(pool, media, safe, character, begun, measure)
        except FileNotFoundError:
            log.exception("an original is missing", character=str(character_id))
        except GONE:
            raise  # the job comes back
        except Exception:
            log.exception("enrolment broke", character=str(character_id))
    if isinstance(measured, Refusal):
        await refuse(pool, media, character_id, begun.version, measured)


async def _measured(
    pool: asyncpg.Pool, media: Media, safe: Vault, character: Character, begun: Version, measure: Measure
) -> Refusal | None:
    """None when the references are stored and the version is ready or held."""
    key_of, version = character.id, begun.version
    async with pool.acquire() as conn, conn.transaction():
        key = await vault.open_key(conn, safe, key_of, version, purpose="enrol")
        places = await vault.objects(conn, key_of, version)
    originals = {
        name: vault.unseal(key, await media.get(place), key_of, version, name)
        for name, place in places.items()
        if name not in MADE
    }
    known = None
    if character.kind == "person" and version > character.version:
        known = await _known(pool, media, safe, character)
    sitting = Sitting(character.kind, originals, begun.digits, known)
    measured = await asyncio.to_thread(measure, sitting)
    if isinstance(measured, Refusal):
        return measured
    made = {"references": msgspec.msgpack.encode(measured.references), "identity": measured.identity}
    places = {name: vaulted.place(key_of, version, name) for name in made}
    await vaulted.put(media, key, key_of, version, made, places)
    async with pool.acquire() as conn, conn.transaction():
        settled = await _admitted(conn, media, safe, character, version, measured)
        await versions.note_voice(conn, key_of, version, has_voice=measured.references.voice is not None)
        for name, place in places.items() if settled else ():
            await vault.note_object(conn, key_of, version, name, place)
    if not settled:  # it left meanwhile
        await vaulted.sweep(pool, media, key_of, version)
    return None


async def _known(pool: asyncpg.Pool, media: Media, safe: Vault, character: Character) -> bytes | None:
    """The face in use. None for an archive character of before identities were stored."""
    async with pool.acquire() as conn:
        places = await vault.objects(conn, character.id, character.version)
    if character.rights is not None and "identity" not in places:
        return None
    return await vaulted.opened(pool, media, safe, character.id, character.version, "identity", purpose="match")


async def _admitted(
    conn: asyncpg.Connection, media: Media, safe: Vault, character: Character, version: int, measured: Likeness
) -> bool:
    """Into the index, and ready; or held, where the face may be one that somebody else has stored. False: it left."""
    if not await versions.still_measured(conn, character.id, version):
        return False
    if measured.identity:
        bits = face_index.code(safe.index_secret, measured.identity)
        found = []
        for other in await face_index.candidates(conn, character.owner, bits):
            with suppress(KeyDestroyed):  # it leaves at this moment
                face = await _face_of(conn, media, safe, other)
                found.append((other.character, face_index.distance(measured.identity, face)))
        await face_index.put(conn, character.id, version, bits)
        if (nearest := face_index.nearest(found)) is not None:
            resembles, distance = nearest
            held = await versions.mark_held(
                conn, character.id, version, resembles=resembles, distance=distance, refusal=HELD
            )
            if held:
                suspects = await comebacks.by_face(conn, character.owner, resembles)
                await moderating.look_at(conn, character.owner, suspects)
                detail = {"resembles": str(resembles), "distance": round(distance, 3)}
                await audit.note(conn, None, "face_held", character.id, detail)
            return held
    return await versions.mark_ready(conn, character.id, version, measured.figures)


async def _face_of(conn: asyncpg.Connection, media: Media, safe: Vault, other: face_index.Candidate) -> bytes:
    """A stored face to compare with. Raises KeyDestroyed where it is gone, FileNotFoundError where it is lost."""
    try:
        return await vaulted.open_in(conn, media, safe, other.character, other.version, "identity", purpose="match")
    except FileNotFoundError:
        await vault.open_key(conn, safe, other.character, other.version, purpose="match")
        raise


async def refuse(pool: asyncpg.Pool, media: Media, character: UUID, version: int, refusal: Refusal) -> None:
    """The key first, in the transaction that says so; then the bytes."""
    async with pool.acquire() as conn, conn.transaction():
        refused = await refuse_in(conn, character, version, refusal)
    if refused:
        await vaulted.sweep(pool, media, character, version)


async def refuse_in(conn: asyncpg.Connection, character: UUID, version: int, refusal: Refusal) -> bool:
    """State, key and index; True for exactly one caller, who sweeps after the transaction."""
    if not await versions.mark_refused(conn, character, version, refusal):
        return False
    await vault.destroy_keys(conn, character, version)
    await face_index.forget(conn, character, version)
    log.info("character refused", character=str(character), check=refusal.check)
    return True
