"""Imports: an export of another instance (or of this one), taken in whole or not at all.

Clips come as drafts of the importer's that cannot be published, remixed or made again: nobody they show has agreed to
anything here (decisions/0019). Characters are not taken in: they need a fresh capture.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import asyncpg

from backend import ids, jobs, sealed_files, studio, uploads
from backend.auth import Viewer
from backend.errors import ImportRefused, ImportRunning
from backend.media import Media, media_type
from backend.sealed_files import PART_BYTES
from backend.stopping import Stopping
from backend.unpacking import ClipCard, Opened, Window
from character_store import sealed_files as rows
from character_store.errors import KeyDestroyed
from character_store.sealed_files import SealedFile
from character_store.vault import Vault
from social import transfers
from social.clips import StoredMedia
from social.safety import known
from social.transfers import ClipIn, Import

CHECKED: int = 60  # per cent of the work
Look = Callable[[Path], tuple[str, ...]]
"""What a film looks like second by second (`generation.prints`). Blocks."""


async def ask(pool: asyncpg.Pool, safe: Vault, viewer: Viewer, reference: str) -> Import:
    """A finished upload of kind `import`. Raises BadUpload leaves or ImportRunning."""
    row, _ = await uploads.complete(pool, safe, viewer, reference, "file_id", ("import",))
    async with pool.acquire() as conn, conn.transaction():
        key = await transfers.ask_import(conn, viewer.id, row.id)
        if key is None:
            raise ImportRunning
        await jobs.enqueue(conn, jobs.IMPORT, key)
        found = await transfers.find_import(conn, key)
    if found is None:
        raise ImportRunning
    return found


async def take_in(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    wanted: UUID,
    look: Look,
    scratch: Path,
    stopping: Callable[[], bool],
) -> None:
    """As a job; safe to repeat. What is refused ends the import with its reason, and nothing was taken in."""
    async with pool.acquire() as conn:
        asked = await transfers.find_import(conn, wanted)
        if asked is None or asked.state not in {"queued", "in_progress"}:
            return
        try:
            file = await rows.opened(conn, safe, asked.upload)
        except KeyDestroyed:
            await transfers.fail_import(conn, wanted, "upload_unknown", "the upload has expired or was deleted")
            return
    stored: list[str] = []
    taken = False
    try:
        opened = await _opened(pool, media, file, wanted, stopping)
        clips = await _stored(pool, look, media, opened, scratch, stored, stopping)
        async with pool.acquire() as conn, conn.transaction():
            taken = await _take(conn, asked, opened, clips)
    except ImportRefused as refused:
        async with pool.acquire() as conn:
            await transfers.fail_import(conn, wanted, "import_refused", str(refused))
    finally:
        if not taken:
            await studio.sweep(pool, media, stored)
    if taken:
        await uploads.terminate(pool, media, asked.upload)


async def _opened(
    pool: asyncpg.Pool, media: Media, file: SealedFile, wanted: UUID, stopping: Callable[[], bool]
) -> Opened:
    """Checked in a thread, which reads the sealed parts through this event loop. Raises ImportRefused or Stopping."""
    loop = asyncio.get_running_loop()

    async def piece(start: int, stop: int) -> bytes:
        return b"".join([plain async for plain in sealed_files.read(media, file, start, stop)])

    async def note(percent: int) -> None:
        async with pool.acquire() as conn:
            await transfers.note_import(conn, wanted, percent * CHECKED // 100)

    def wait_for(made: Any) -> Any:
        waiting: Future[Any] = asyncio.run_coroutine_threadsafe(made, loop)
        return waiting.result()

    told = -1

    def on_progress(percent: int) -> None:
        nonlocal told
        if stopping():
            raise Stopping
        if percent > told:
            told = percent
            wait_for(note(percent))

    window = Window(file.size, PART_BYTES, lambda start, stop: bytes(wait_for(piece(start, stop))))
    return await asyncio.to_thread(lambda: Opened(io.BufferedReader(window), on_progress))


async def _need_unknown(pool: asyncpg.Pool, look: Look, film: Path) -> None:
    """Raises ImportRefused for a film that looks like one that was taken away."""
    prints = await asyncio.to_thread(look, film)
    async with pool.acquire() as conn:
        if await known.looks_known(conn, prints):
            raise ImportRefused(f"of one of its videos, {known.LIKE}")


async def _stored(
    pool: asyncpg.Pool,
    look: Look,
    media: Media,
    opened: Opened,
    scratch: Path,
    stored: list[str],
    stopping: Callable[[], bool],
) -> list[ClipIn]:
    """The files of all clips in the store, their keys in `stored` too."""
    found = []
    await asyncio.to_thread(scratch.mkdir, parents=True, exist_ok=True)
    for card in opened.clips:
        if stopping():
            raise Stopping
        kept: dict[str, StoredMedia] = {}
        with TemporaryDirectory(dir=scratch) as folder:
            for variant in card.files:
                path = await asyncio.to_thread(opened.file, card, variant, Path(folder))
                if variant == "video":
                    await _need_unknown(pool, look, path)
                made = await media.put_file(path, "clips")
                stored.append(made.key)
                kept[variant] = StoredMedia(made.key, made.size, made.sha256, media_type(made.key))
        found.append(_clip_in(card, kept))
    return found


def _clip_in(card: ClipCard, media: dict[str, StoredMedia]) -> ClipIn:
    return ClipIn(
        origin=card.key,
        parent=card.parent,
        prompt=card.prompt,
        model=card.model,
        size=card.size,
        seconds=card.seconds,
        seed=card.seed,
        caption=card.caption,
        screenplay=card.screenplay,
        engine=card.engine,
        engine_seconds=None,
        blurhash=card.blurhash,
        created_at=card.exact_created_at,
        completed_at=card.exact_completed_at or card.exact_created_at,
        media=media,
    )


async def _take(conn: asyncpg.Connection, asked: Import, opened: Opened, clips: list[ClipIn]) -> bool:
    """Parents before children; what the account has already is left as it is, and hung on. Raises ImportRefused."""
    if await known.any_known(conn, [one.sha256 for clip in clips for one in clip.media.values()]):
        raise ImportRefused(f"of one of its videos, {known.TOLD}")
    here = await transfers.known(conn, asked.account, [clip.origin for clip in clips])
    fresh = [clip for clip in clips if clip.origin not in here]
    waiting = {clip.origin: clip for clip in fresh}
    order: list[ClipIn] = []
    for clip in fresh:
        line: list[ClipIn] = []
        at: ClipIn | None = clip
        while at is not None and at.origin in waiting:
            line.append(waiting.pop(at.origin))
            at = None if at.parent is None else waiting.get(at.parent)
        order += reversed(line)
    for clip in order:
        parent = None if clip.parent is None else here.get(clip.parent)
        here[clip.origin] = await transfers.take_in(conn, asked.account, clip, parent)
    renamed = {ids.public("video", origin): ids.public("video", made) for origin, made in here.items()}
    for notice in opened.notices:
        about = {
            name: renamed.get(value, value) if isinstance(value, str) else value for name, value in notice.about.items()
        }
        await transfers.take_in_notice(conn, asked.account, notice.kind, about, notice.at, notice.read_at)
    taken_in = {
        "clips": len(fresh),
        "clips_known": len(clips) - len(fresh),
        "notices": len(opened.notices),
        "characters_waiting": opened.characters,
    }
    return await transfers.finish_import(conn, asked.id, taken_in)
