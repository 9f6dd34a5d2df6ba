"""The file that leaves: a download carries the visible mark, made by a worker when somebody first asks for it.

What plays in the app is the file without it (`media.video` of the clip's object).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from backend import jobs, studio
from backend.errors import DownloadFailed, DownloadPending
from backend.ids import public
from backend.media import Media
from generation.errors import GenerationError
from social import clips, provenance, stamps
from social.clips import Clip, StoredMedia
from social.errors import ClipFilesGone, ClipUnknown
from social.stamps import VARIANT

WAIT_SECONDS: Final = 40.0  # ten seconds of clip take about four; a worker comes to it beside another job
LOOK_SECONDS: Final = 0.25
Stamping = Callable[[Path, Path, str, int], None]  # source, target, handle, the clip's mark: blocks
log = structlog.get_logger()


async def download(pool: asyncpg.Pool, media: Media, clip: Clip) -> StoredMedia:
    """The file with the mark, as soon as it is there. `clip` has its files and may be seen by whoever asks.

    Raises ClipFilesGone, DownloadFailed, DownloadPending after `WAIT_SECONDS`, and ClipUnknown where it went meanwhile.
    """
    if (there := _fresh(clip)) is not None:
        return there
    name = public("video", clip.id)
    try:
        await media.find((clip.media or {})["video"].key)
    except FileNotFoundError:
        raise ClipFilesGone(name) from None
    async with pool.acquire() as conn, conn.transaction():
        await stamps.ask(conn, clip.id, clip.maker)
        if await stamps.failed(conn, clip.id):
            raise DownloadFailed(name)
        await jobs.enqueue(conn, jobs.STAMP, clip.id)
    until = asyncio.get_running_loop().time() + WAIT_SECONDS
    while asyncio.get_running_loop().time() < until:
        await asyncio.sleep(LOOK_SECONDS)
        async with pool.acquire() as conn:
            now = await clips.by_id(conn, clip.id)
            if now is None or now.removed_at is not None:
                raise ClipUnknown(name)
            if (there := _fresh(now)) is not None:
                return there
            if await stamps.failed(conn, clip.id):
                raise DownloadFailed(name)
    raise DownloadPending(name)


def _fresh(clip: Clip) -> StoredMedia | None:
    """A maker who changes their name has their mark changed with it."""
    kept = (clip.media or {}).get(VARIANT)
    return kept if kept is not None and kept.marked_for == clip.maker else None


async def stamp(pool: asyncpg.Pool, media: Media, scratch: Path, clip_id: UUID, mark: Stamping) -> None:
    """As a job; safe to repeat. What cannot be stamped is tried again, and given up after `stamps.ATTEMPTS_MAX`."""
    async with pool.acquire() as conn:
        wish = await stamps.begin(conn, clip_id)
        clip = await clips.by_id(conn, clip_id)
        if wish is None:
            return
        if clip is None or not clip.media or clip.removed_at is not None:
            await stamps.drop(conn, clip_id)
            return
        if wish.attempts > stamps.ATTEMPTS_MAX:
            await stamps.fail(conn, clip_id)
            log.error("a download was given up", clip=str(clip_id))
            return
        number = await provenance.mark_of(conn, clip_id)
    source = clip.media["video"]
    folder = scratch / f"{clip_id.hex}.stamp"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    unneeded: str | None = None
    try:
        await asyncio.to_thread((folder / "clip.mp4").write_bytes, await media.get(source.key))
        await asyncio.to_thread(mark, folder / "clip.mp4", folder / "stamped.mp4", wish.handle, number)
        kept = await media.put_file(folder / "stamped.mp4", "clips")
        stored = StoredMedia(kept.key, kept.size, kept.sha256, source.media_type, wish.handle)
        async with pool.acquire() as conn, conn.transaction():
            done, before = await stamps.keep(conn, clip_id, source.key, stored)
            if done and clip.imported_from is None:
                await provenance.keep(conn, clip_id, stored.sha256)
        unneeded = (before if before != stored.key else None) if done else stored.key
    except (FileNotFoundError, GenerationError) as error:
        log.warning("a download could not be made", clip=str(clip_id), error=type(error).__name__)
        async with pool.acquire() as conn:
            await stamps.fail(conn, clip_id)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if unneeded is not None:
        with suppress(FileNotFoundError):
            await studio.sweep(pool, media, [unneeded])
