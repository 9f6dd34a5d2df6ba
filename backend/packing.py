"""Everything of an account as one ZIP, written as a stream: no size of a library has to fit into memory or on a disk.

manifest.json                  format, version, whose, when, and every other file with size and SHA-256; the last one
account.json people.json consents.json notices.json comments.json
threads/<id>.json              a conversation: who is in it, and what the account may read of it
clips/<id>/clip.json           the object of the API; files of the clip beside it
characters/<id>/character.json and its originals and references, opened on record
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend import ids, shapes, staff_shapes, talk_shapes
from backend.media import Media
from backend.reference_files import files_of
from backend.sealed_files import PART_BYTES
from character_store import characters, consents, uses, vault
from character_store.characters import Character
from character_store.errors import KeyDestroyed
from character_store.vault import Vault
from social import clip_collections, clips, comments, messages, notices, parents, profiles, threads, transfers
from social.accounts import Account
from social.clips import Clip
from social.moderation import reports, statements
from social.stamps import VARIANT
from social.threads import Thread

FORMAT: Final = "castmate-export"
VERSION: Final = 1
PAGE: Final = 100
Sink = Callable[[bytes], Awaitable[None]]
OnProgress = Callable[[int], Awaitable[None]]


class Packed(msgspec.Struct, frozen=True):
    """One file of the ZIP, as the manifest names it."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    format: str
    version: int
    account: str
    created_at: datetime
    files: tuple[Packed, ...]


class _Tray(io.RawIOBase):
    """What the ZIP has written and nobody has taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.held += content
        return len(content)

    def taken(self) -> bytes:
        content = bytes(self.held)
        self.held.clear()
        return content


class _Pack:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._tray = _Tray()
        self._zip = zipfile.ZipFile(self._tray, "w")
        self._at = datetime.now(UTC).timetuple()[:6]
        self.files: list[Packed] = []

    async def add(self, name: str, chunks: AsyncIterator[bytes], *, squeeze: bool = False) -> None:
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as entry:
            async for chunk in chunks:
                await asyncio.to_thread(entry.write, chunk)
                digest.update(chunk)
                size += len(chunk)
                await self._pass_on(PART_BYTES)
        self.files.append(Packed(name, size, digest.hexdigest()))
        await self._pass_on(PART_BYTES)

    async def add_json(self, name: str, value: Any) -> None:
        await self.add(name, _once(msgspec.json.format(msgspec.json.encode(value))), squeeze=True)

    async def close(self) -> None:
        self._zip.close()
        await self._pass_on(1)

    async def _pass_on(self, least: int) -> None:
        if len(self._tray.held) >= least:
            await self._sink(self._tray.taken())


async def _curated(conn: asyncpg.Connection, account: UUID) -> list[dict[str, Any]]:
    """Every collection with what its curator sees in it."""
    owned = await _all_of(lambda after: clip_collections.of_account(conn, account, account, after=after, limit=PAGE))
    return [
        {
            "id": ids.public("coll", one.id),
            "title": one.title,
            "about": one.about,
            "audience": one.audience,
            "created_at": one.created_at,
            "videos": [
                ids.public("video", clip) for clip in await clip_collections.visible_items(conn, account, one.id)
            ],
        }
        for one in owned
    ]


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def pack(
    pool: asyncpg.Pool, media: Media, safe: Vault, account: Account, sink: Sink, on_progress: OnProgress
) -> None:
    """`sink` gets the ZIP in pieces of a part or more; `on_progress` 0 to 99. Leaves audit rows of the vault."""
    async with pool.acquire() as conn:
        owned = await _all_of(lambda after: characters.owned_by(conn, account.id, after=after, limit=PAGE))
        made = await _all_of(lambda after: clips.made_by(conn, account.id, after=after, limit=PAGE, newest_first=True))
        told = await _all_of(lambda after: notices.of(conn, account.id, after=after, limit=PAGE))
        signed = await _all_of(lambda after: consents.of(conn, account.id, after=after, limit=PAGE))
        people = await transfers.followed(conn, account.id)
        said = await _all_of(lambda after: comments.by_author(conn, account.id, after=after, limit=PAGE))
        talks = await _threads(conn, account.id)
        profile = await profiles.of(conn, account.id)
        curated = await _curated(conn, account.id)
        reported = await _all_of(lambda after: reports.filed_by(conn, account.id, after=after, limit=PAGE))
        stated = await _all_of(lambda after: statements.of(conn, account.id, after=after, limit=PAGE))
    packed = _Pack(sink)
    await packed.add_json("account.json", shapes.account(account) | {"birth_date": account.birth_date})
    await packed.add_json("profile.json", {"bio": profile.bio, "links": profile.links})
    await packed.add_json("collections.json", curated)
    await packed.add_json("people.json", people)
    await packed.add_json("consents.json", [_with_id("cons", one) for one in signed])
    await packed.add_json("notices.json", [_with_id("ntc", one) for one in told])
    await packed.add_json("comments.json", [talk_shapes.comment(one) for one in said])
    await packed.add_json("reports.json", [staff_shapes.filed(one) for one in reported])
    await packed.add_json("statements.json", [staff_shapes.statement(one) for one in stated])
    for thread in talks:
        await _add_thread(pool, packed, thread, account.id)
    steps, done = len(made) + len(owned), 0
    for clip in made:
        await _add_clip(pool, media, packed, clip)
        done += 1
        await on_progress(99 * done // steps)
    for character in owned:
        await _add_character(pool, media, safe, packed, character, account.id)
        done += 1
        await on_progress(99 * done // steps)
    manifest = Manifest(FORMAT, VERSION, account.handle, datetime.now(UTC), tuple(packed.files))
    await packed.add_json("manifest.json", manifest)
    await packed.close()


async def _all_of(page: Callable[[UUID | None], Awaitable[list[Any]]]) -> list[Any]:
    found: list[Any] = []
    while True:
        rows = await page(found[-1].id if found else None)
        found += rows[:PAGE]
        if len(rows) <= PAGE:
            return found


async def _threads(conn: asyncpg.Connection, account: UUID) -> list[Thread]:
    found: list[Thread] = []
    while True:
        rows = await threads.of(conn, account, after=found[-1].newest if found else None, limit=PAGE)
        found += rows[:PAGE]
        if len(rows) <= PAGE:
            return found


async def _add_thread(pool: asyncpg.Pool, packed: _Pack, thread: Thread, account: UUID) -> None:
    async with pool.acquire() as conn:
        said = await _all_of(
            lambda after: messages.of_thread(conn, account, thread.id, after=after, limit=PAGE, newest_first=False)
        )
    words = [
        {
            "id": ids.public("msg", one.id),
            "author": one.handle,
            "kind": one.kind,
            "text": one.text,
            "video": None if one.clip is None else ids.public("video", one.clip),
            "created_at": one.created_at,
            "deleted": one.deleted,
        }
        for one in said
    ]
    await packed.add_json(
        f"threads/{ids.public('thr', thread.id)}.json", talk_shapes.thread(thread) | {"messages": words}
    )


def _with_id(prefix: ids.Prefix, row: Any) -> dict[str, Any]:
    shown = {name: value for name, value in msgspec.structs.asdict(row).items() if name != "account"}
    return shown | {"id": ids.public(prefix, row.id)}


async def _add_clip(pool: asyncpg.Pool, media: Media, packed: _Pack, clip: Clip) -> None:
    folder = f"clips/{ids.public('video', clip.id)}"
    files: dict[str, str] = {}
    for variant, stored in (clip.media or {}).items():
        if variant == VARIANT:  # their own films are theirs without it
            continue
        name = f"{variant}{PurePath(stored.key).suffix}"
        try:
            found = await media.find(stored.key)
        except FileNotFoundError:  # the store has lost it; the rest is still theirs
            continue
        await packed.add(f"{folder}/{name}", found.read(0, found.size))
        files[variant] = name
    async with pool.acquire() as conn:
        cast = (await uses.of_clips(conn, [clip.id]))[clip.id]
        parent = (await parents.makers(conn, clip.account, [clip])).get(clip.id)
    more = {
        "files": files,
        "blurhash": clip.blurhash,
        "exact_created_at": clip.created_at,
        "exact_completed_at": clip.completed_at,
    }
    await packed.add_json(f"{folder}/clip.json", shapes.video(clip, cast, parent=parent) | more)


async def _add_character(
    pool: asyncpg.Pool, media: Media, safe: Vault, packed: _Pack, character: Character, actor: UUID
) -> None:
    folder = f"characters/{ids.public('char', character.id)}"
    await packed.add_json(f"{folder}/character.json", shapes.character(character))
    if character.left_at is not None:
        return
    version = character.version
    try:
        async with pool.acquire() as conn, conn.transaction():
            key = await vault.open_key(conn, safe, character.id, version, purpose="export", actor=actor)
            places = await vault.objects(conn, character.id, version)
    except KeyDestroyed:  # refused: there is nothing to read
        return
    plain = {
        name: vault.unseal(key, await media.get(place), character.id, version, name) for name, place in places.items()
    }
    for name, content in files_of(plain).items():
        await packed.add(f"{folder}/{name}", _once(content))
