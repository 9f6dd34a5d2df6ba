"""What a maker gives with a clip beside the words: sealed by the web process, opened by the worker, then swept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend import ids
from backend.media import Media
from character_store import clip_vault, grants, vault
from character_store.characters import Character
from character_store.clip_vault import Driven, Voice
from character_store.vault import Vault
from generation.plan import MAX_SPEAKERS
from generation.recorded import Borrowed
from social import clips
from social.errors import InvalidValue

SCENE: Final = "scene"  # the picture that becomes the set


class Performance(msgspec.Struct, frozen=True):
    """A recording that drives somebody, as asked for. `character`: speaker, id or @handle; None: the only one cast."""

    name: str
    character: str | None
    voice: Voice
    sha256: str
    inherited: bool = False  # from the clip that is edited: only as long as its lines stay


class Wanted(msgspec.Struct, frozen=True):
    """Part of an order: what a repeated request is known by."""

    performances: tuple[Performance, ...] = ()
    scene_sha256: str = ""
    scene_inherited: bool = False  # from the clip that is edited or extended: only as long as it plays there


class Parcel(msgspec.Struct, frozen=True):
    """Sealed in the store, and nobody's yet: it is deleted unless a clip takes it."""

    id: UUID
    key: bytes
    places: dict[str, str]
    safe: Vault

    def of(self, wanted: Wanted) -> Parcel | None:
        """What of it is wanted; None for nothing."""
        names = {one.name for one in wanted.performances} | ({SCENE} if wanted.scene_sha256 else set())
        places = {name: place for name, place in self.places.items() if name in names}
        return Parcel(self.id, self.key, places, self.safe) if places else None


class Sent(msgspec.Struct, frozen=True):
    """In clear again, in the worker's memory only."""

    scene: bytes | None = None
    performances: tuple[tuple[Driven, bytes], ...] = ()
    borrowed: Borrowed | None = None  # of another clip


NOTHING_SENT: Final = Sent()


@asynccontextmanager
async def sealed(
    pool: asyncpg.Pool, media: Media, safe: Vault, account: UUID, plains: Mapping[str, bytes]
) -> AsyncIterator[Parcel | None]:
    """Ciphertext in the store for as long as the block runs, and longer only if a clip took it.

    A recording is stored under a receipt only: raises ConsentNeeded before that.
    """
    if not plains:
        yield None
        return
    async with pool.acquire() as conn, conn.transaction():
        if plains.keys() - {SCENE}:
            await clip_vault.need_receipt(conn, account)
        given: UUID = await conn.fetchval("select uuidv7()")
    parcel = Parcel(given, vault.new_key(), {name: f"given/{given.hex}/{name}" for name in plains}, safe)
    try:
        for name, plain in plains.items():
            content = await asyncio.to_thread(vault.seal, parcel.key, plain, given, clip_vault.VERSION, name)
            await media.put(parcel.places[name], content)
        yield parcel
    finally:
        async with pool.acquire() as conn:
            taken = await clip_vault.kept(conn, given)
        if not taken:
            for place in parcel.places.values():
                await media.delete(place)


async def attach(
    conn: asyncpg.Connection, parcel: Parcel, clip: UUID, maker: UUID, cast: Sequence[Character], wanted: Wanted
) -> None:
    """In the clip's transaction. Raises InvalidValue, ConsentNeeded, CastRefused or RecordingRefused."""
    receipt = await clip_vault.need_receipt(conn, maker) if wanted.performances else None
    driven: list[Driven] = []
    for performance in wanted.performances:
        at = _driven_by(performance, cast)
        speaker, character, shown = f"S{at + 1}", cast[at], f"@{cast[at].handle}"
        if any(one.speaker == speaker for one in driven):
            raise InvalidValue("performance_character", f"{shown} twice", "one performance for each speaker")
        # A yes to one clip with these very words says nothing of the words in a recording.
        await grants.need(conn, maker, character.id, clip=None, prompt="", shown=shown)
        own = performance.voice == "recorded"
        voucher = await clip_vault.voucher(conn, maker, character.id, shown) if own else None
        driven.append(Driven(performance.name, speaker, performance.voice, voucher))
    await clip_vault.keep(conn, parcel.safe, parcel.id, parcel.key, clip, receipt, parcel.places, driven)
    await clips.note_given(conn, clip, pictured=SCENE in parcel.places, driven=bool(driven))


def _driven_by(performance: Performance, cast: Sequence[Character]) -> int:
    """Index into the cast. Raises InvalidValue."""
    asked = performance.character
    if asked is None and len(cast) == 1:
        return 0
    for at, character in enumerate(cast):
        if asked is not None and asked.lower() in {
            f"s{at + 1}",
            character.handle,
            f"@{character.handle}",
            ids.public("char", character.id),
        }:
            return at
    allowed = ", ".join(f"@{character.handle}" for character in cast)
    raise InvalidValue("performance_character", asked, allowed or "a cast: nobody is cast whom it could drive")


def check_count(count: int) -> None:
    """Raises InvalidValue."""
    if count > MAX_SPEAKERS:
        raise InvalidValue("performance", f"{count} files", f"at most {MAX_SPEAKERS}, one for each speaker")


async def opened(pool: asyncpg.Pool, media: Media, safe: Vault, clip: UUID) -> Sent:
    """Raises KeyDestroyed, SealBroken or FileNotFoundError."""
    async with pool.acquire() as conn:
        held = await clip_vault.opened(conn, safe, clip)
    if held is None:
        return NOTHING_SENT
    plains = {
        name: vault.unseal(held.key, await media.get(place), held.id, clip_vault.VERSION, name)
        for name, place in held.places.items()
    }
    return Sent(plains.get(SCENE), tuple((driven, plains[driven.name]) for driven in held.performances))


async def sweep(pool: asyncpg.Pool, media: Media) -> int:
    """Delete the bytes whose keys are destroyed; how many clips had some. Safe to repeat."""
    async with pool.acquire() as conn:
        gone = await clip_vault.unswept(conn)
    for given in gone:
        await media.delete_prefix(f"given/{given.hex}")
        async with pool.acquire() as conn, conn.transaction():
            await clip_vault.mark_swept(conn, given)
    return len(gone)
