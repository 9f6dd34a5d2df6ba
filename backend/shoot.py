"""The making of one clip: consent, vault, screenplay, engine, report, files. Worker side of THE FLOW.

Engine and measuring come as functions, so this is tested without models.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, assert_never, cast
from uuid import UUID

import asyncpg
import structlog

from backend import jobs, opening, studio
from backend.db import GONE
from backend.events import Progress, tell
from backend.media import Media, preview_key
from backend.opening import Attend
from backend.stopping import Stopping
from backend.studio import Rushes
from backend.takes import PREVIEW, Measure, Render, Shooting, best_take
from character_store import uses
from character_store.uses import Use
from character_store.vault import Vault
from generation.errors import (
    Cancelled,
    EngineError,
    GivenRefused,
    ScreenplayError,
    UnsafeOutput,
)
from generation.plan import CastMember
from generation.report import Report
from generation.shapes import Size, VideoShape
from social import accounts, clips, provenance
from social.clips import Clip, StoredMedia
from social.safety.errors import SENTENCE

PROGRESS_SECONDS: Final = 0.25  # how often progress is written, and how late a cancel is noticed
TYPES: Final = {
    "video": "video/mp4",
    "thumbnail": "image/webp",
    "spritesheet": "image/jpeg",
    "captions": "text/vtt",
}
log = structlog.get_logger()


async def make_clip(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    clip_id: UUID,
    render: Render,
    measure: Measure,
    *,
    attend: Attend,
    scratch: Path,
    stopping: Callable[[], bool],
) -> None:
    """One clip from queue to end. Safe to repeat: whatever ended it first counts. Raises Stopping."""
    admitted = await _admitted(pool, clip_id)
    await asyncio.to_thread(_remove, scratch, f"{clip_id.hex}.*")  # what a lost worker left
    if admitted is None:
        await media.delete(preview_key(clip_id.hex))  # of a worker that did not live to see the end
        return
    clip, cast_uses = admitted
    folder = scratch / f"{clip_id.hex}.{clip.attempts}"
    stored: dict[str, StoredMedia] = {}
    replaced: list[str] | None = None
    try:
        members = await opening.cast(pool, media, safe, clip.account, clip_id, cast_uses)
        beside = await opening.attended(pool, media, safe, clip, cast_uses, members, attend)
        screenplay = await opening.screenplay(pool, clip, cast_uses, beside)
        size = VideoShape.of(cast("Size", clip.size))  # checked when it was asked for
        begun = await opening.original(media, clip, members, folder)
        async with pool.acquire() as conn:
            mark = await provenance.mark_of(conn, clip.id)
        parents = await opening.parents(pool, media, clip, begun, folder)
        strict = await _strict(pool, clip, members)
        shooting = Shooting(screenplay, members, size, clip.seed, folder, beside, mark, parents, strict, begun)
        rushes, report = await _watched(pool, media, clip, render, measure, shooting, stopping)
        await _need_fit(report, strict=strict)
        for variant, file in rushes.files.items():
            kept = await media.put_file(file, "clips")
            stored[variant] = StoredMedia(kept.key, kept.size, kept.sha256, TYPES[variant])
        replaced = await studio.finish_clip(pool, clip_id, clip.attempts, rushes, report, stored)
    except Cancelled:
        if stopping():
            await _hand_back(pool, clip)
            raise Stopping from None
    except (EngineError, ScreenplayError, GivenRefused, UnsafeOutput) as error:
        log.warning("clip failed", clip=str(clip_id), error=type(error).__name__)  # its words may quote the prompt
        await studio.fail_clip(pool, clip_id, clip.attempts, _code(error), str(error))
    except GONE:
        raise  # the job comes back
    except Exception:
        log.exception("clip broke", clip=str(clip_id))
        told = "something broke while this video was made; it was logged and refunded"
        await studio.fail_clip(pool, clip_id, clip.attempts, "internal", told)
    finally:
        await asyncio.to_thread(_remove, scratch, folder.name)
        await media.delete(preview_key(clip_id.hex))
        unneeded = [kept.key for kept in stored.values()] if replaced is None else replaced
        if unneeded:
            with suppress(*GONE):
                await studio.sweep(pool, media, unneeded)


async def _strict(pool: asyncpg.Pool, clip: Clip, members: Sequence[CastMember]) -> bool:
    """Whether a real person is in it, or somebody under 18 makes it."""
    async with pool.acquire() as conn:
        maker = await accounts.by_id(conn, clip.account)
    return any(one.references.face is not None for one in members) or (maker is not None and maker.is_young)


async def _need_fit(report: Report | None, *, strict: bool) -> None:
    """What was really said in the take, as a recogniser heard it. Raises GivenRefused."""
    heard = None if report is None else report.measures.get("transcript")
    if heard and (finding := await opening.unfit(heard, strict=strict)) is not None:
        raise GivenRefused("moderation_blocked", f"in what is said in it: {SENTENCE[finding.category]}")


async def _hand_back(pool: asyncpg.Pool, clip: Clip) -> None:
    """Back into the queue, with a job of its own should this one have been taken for dead and ended by another."""
    async with pool.acquire() as conn, conn.transaction():
        await clips.hand_back(conn, clip.id, clip.attempts)
        await jobs.enqueue(conn, jobs.CLIP, clip.id)


async def _admitted(pool: asyncpg.Pool, clip_id: UUID) -> tuple[Clip, list[Use]] | None:
    """The clip and whom it shows, taken by this worker; None when it has ended, or ends here for want of consent."""
    async with pool.acquire() as conn, conn.transaction():
        clip = await clips.start(conn, clip_id)
        if clip is None:
            return None
        if clip.attempts - (clip.retake.attempts if clip.retake else 0) > clips.ATTEMPTS_MAX:
            lost = f"{clips.ATTEMPTS_MAX} workers broke off while making this video"
            await studio.end(conn, clip_id, "worker_lost", lost)
            return None
        if await studio.ended_unconsented(conn, clip_id):
            return None
        return clip, [use for use in (await uses.of_clips(conn, [clip_id]))[clip_id] if not use.only_heard]


def _code(error: EngineError | ScreenplayError | GivenRefused | UnsafeOutput) -> str:
    """What a clip that ends so is marked with."""
    match error:
        case EngineError():
            return "engine_error"
        case ScreenplayError():
            return "screenplay_error"
        case GivenRefused():
            return error.code
        case UnsafeOutput():
            return "moderation_blocked"
    assert_never(error)


async def _watched(
    pool: asyncpg.Pool,
    media: Media,
    clip: Clip,
    render: Render,
    measure: Measure,
    shooting: Shooting,
    stopping: Callable[[], bool],
) -> tuple[Rushes, Report | None]:
    """Takes in a thread while progress is written; an ended clip or a stopping worker cancels them from inside."""
    latest: tuple[str, float, int] = ("starting", 0.0, 0)
    unwanted = False

    def on_progress(stage: str, fraction: float, shot: int) -> None:
        nonlocal latest
        latest = (stage, fraction, shot)
        if unwanted or stopping():
            raise Cancelled

    work = asyncio.create_task(asyncio.to_thread(best_take, render, measure, shooting, on_progress))
    written: tuple[int, str, int, bool] | None = None
    shown: Path | None = None  # the preview that is stored
    while not work.done():
        await asyncio.wait({work}, timeout=PROGRESS_SECONDS)
        stage, fraction, shot = latest
        fresh = await asyncio.to_thread(_newest_preview, shooting.folder)
        if fresh is not None and fresh != shown and not unwanted:
            await media.delete(preview_key(clip.id.hex))
            await media.put(preview_key(clip.id.hex), fresh)
            shown = fresh
        now = (min(99, round(100 * fraction)), stage, shot, shown is not None)
        with suppress(*GONE):  # the render outlives a database restart
            async with pool.acquire() as conn, conn.transaction():
                unwanted = not await clips.note_progress(
                    conn, clip.id, clip.attempts, progress=now[0], stage=now[1], shot=now[2]
                )
                if now != written and not unwanted:
                    await tell(conn, Progress(clip.id, "in_progress", *now))
                    written = now
    return await work


def _newest_preview(folder: Path) -> Path | None:
    """That of the second take, once there is one."""
    return next((path for path in (folder / "again" / PREVIEW, folder / PREVIEW) if path.exists()), None)


def _remove(scratch: Path, pattern: str) -> None:
    for folder in scratch.glob(pattern):
        shutil.rmtree(folder, ignore_errors=True)
