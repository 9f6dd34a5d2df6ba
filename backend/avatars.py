"""The flow of an avatar: wished for by the web process, which decodes nothing; made, stored and shown by a worker."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend import jobs, sealed_files
from backend.ids import public
from backend.media import Media
from backend.media_links import MediaLinks
from character_store import sealed_files as rows
from character_store.errors import KeyDestroyed
from character_store.vault import Vault
from generation.errors import NotAPicture, NotAVideo, UnsafeOutput
from social import avatars, clips
from social.avatars import Avatar
from social.profiles import Profile

ATTEMPTS_MAX: Final = 3
GONE: Final = "what it was to be made from is not there any more; send it again"
BROKEN: Final = "this picture could not be read to its end; send another one"


class Source(msgspec.Struct, frozen=True):
    """One of both: the bytes of a picture, or the file of a clip and a second of it."""

    picture: bytes | None = None
    clip: Path | None = None
    at_s: float = 0.0


Draw = Callable[[Source], bytes]
"""A square WebP. Blocks. Raises NotAPicture, NotAVideo or UnsafeOutput."""


async def want(
    conn: asyncpg.Connection, account: UUID, *, upload: UUID | None = None, clip: UUID | None = None, at_s: float = 0.0
) -> Avatar:
    """Belongs into a transaction."""
    wanted = await avatars.wish(conn, account, upload=upload, clip=clip, at_s=None if clip is None else at_s)
    await jobs.enqueue(conn, jobs.AVATAR, account)
    return wanted


async def make(pool: asyncpg.Pool, media: Media, safe: Vault, account: UUID, draw: Draw) -> None:
    """Safe to repeat. What was shown stays until the new one is there, and where that is refused."""
    async with pool.acquire() as conn:
        wanted = await avatars.begin(conn, account)
    if wanted is None:
        return
    if wanted.attempts > ATTEMPTS_MAX:
        await _refuse(pool, wanted, BROKEN)
        return
    with tempfile.TemporaryDirectory(prefix="castmate-avatar-") as folder:
        source = await _source(pool, media, safe, wanted, Path(folder))
        if source is None:
            await _refuse(pool, wanted, GONE)
            return
        try:
            content = await asyncio.to_thread(draw, source)
        except (NotAPicture, NotAVideo, UnsafeOutput) as refused:
            await _refuse(pool, wanted, str(refused))
            return
    await _show(pool, media, wanted, content)


async def remove(pool: asyncpg.Pool, media: Media, account: UUID) -> None:
    async with pool.acquire() as conn:
        key = await avatars.remove(conn, account)
    if key is not None:
        await media.delete(key)


def url(account: UUID, sha256: str | None, links: MediaLinks) -> str | None:
    """Signed, the same for an hour, for whoever was shown the account."""
    if sha256 is None:
        return None
    return links.signed(f"/media/avatar/{public('acct', account)}/{sha256[:16]}/avatar.webp", account.int)


def profile(account: UUID, row: Profile, links: MediaLinks) -> dict[str, Any]:
    """What an account says of itself, as it is shown."""
    return {"bio": row.bio, "links": row.links, "avatar": url(account, row.avatar, links)}


async def _show(pool: asyncpg.Pool, media: Media, wanted: Avatar, content: bytes) -> None:
    """Stored, then shown, then what was shown before is deleted; the loser of two stores nothing."""
    key = f"avatars/{wanted.account.hex}/{secrets.token_hex(8)}.webp"
    await media.put(key, content)
    async with pool.acquire() as conn:
        stands, before = await avatars.finish(conn, wanted, key, hashlib.sha256(content).hexdigest())
    unused = before if stands else key
    if unused is not None:
        await media.delete(unused)


async def _source(pool: asyncpg.Pool, media: Media, safe: Vault, wanted: Avatar, folder: Path) -> Source | None:
    """None where it is gone, or may not be used any more."""
    try:
        if wanted.upload is not None:
            async with pool.acquire() as conn:
                file = await rows.opened(conn, safe, wanted.upload)
            return Source(picture=await sealed_files.whole(media, file))
        async with pool.acquire() as conn:
            if wanted.clip is None or not await avatars.only_own_cast(conn, wanted.account, wanted.clip):
                return None
            clip = await clips.visible(conn, wanted.account, wanted.clip)
        held = None if clip is None else (clip.media or {}).get("video")
        if held is None:
            return None
        film = folder / "clip.mp4"
        film.write_bytes(await media.get(held.key))
        return Source(clip=film, at_s=wanted.at_s or 0.0)
    except (KeyDestroyed, FileNotFoundError):
        return None


async def _refuse(pool: asyncpg.Pool, wanted: Avatar, why: str) -> None:
    async with pool.acquire() as conn:
        await avatars.refuse(conn, wanted, why)
