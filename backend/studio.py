"""THE FLOW of a clip across the libraries: asked for, made, ended. Its transactions open here.

`make_clip` receives the engine as an argument and stays free of models, so the web process may import this module.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend import idempotency, jobs
from backend.events import Progress, tell
from backend.idempotency import Attempt
from backend.ids import public
from backend.media import Media
from character_store import grants, uses, vault
from character_store.uses import Use
from character_store.vault import Vault
from generation import screenwriter
from generation.errors import Cancelled, EngineError, ScreenplayError
from generation.perception.references import References
from generation.plan import MAX_CAST, CastMember, Role, Screenplay
from generation.shapes import Size, VideoShape
from social import clips, quota
from social.clips import Clip, StoredMedia
from social.errors import ClipEnded, ClipUnknown, InvalidValue

PROGRESS_SECONDS: Final = 0.25  # how often progress is written, and how late a cancel is noticed
TYPES: Final = {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"}
log = structlog.get_logger()


class ClipOrder(msgspec.Struct, frozen=True):
    """What was asked for, checked. `characters` by id or handle; `mentions` are handles in the prompt, cast where known."""

    prompt: str
    model: str
    seconds: str
    size: Size
    seed: int | None
    characters: tuple[UUID | str, ...]
    mentions: tuple[str, ...] = ()


class Shooting(msgspec.Struct, frozen=True):
    """What an engine is given."""

    screenplay: Screenplay
    cast: tuple[CastMember, ...]
    size: VideoShape
    seed: int
    folder: Path  # for files in the making; emptied afterwards


class Rushes(msgspec.Struct, frozen=True):
    """What came back: finished files in `folder` of the order."""

    files: dict[str, Path]  # variant -> file
    engine: dict[str, Any]  # name, version, fallbacks
    stages: dict[str, float]  # stage -> seconds
    engine_seconds: float
    blurhash: str


OnProgress = Callable[[str, float, int], None]
Render = Callable[[Shooting, OnProgress], Rushes]
"""Blocks; raises EngineError or Cancelled. Called in a thread."""


class Stopping(Exception):  # not an error: the worker was told to go
    """The worker stops before the clip is done; the job goes back into the queue."""


async def request_clip(pool: asyncpg.Pool, account: UUID, order: ClipOrder, attempt: Attempt, daily_clips: int) -> UUID:
    """Permission, then debit + clip + uses + job in ONE transaction; the id of the new clip, or of its twin.

    Raises CharacterUnknown, CastRefused, QuotaSpent or IdempotencyMismatch; then nothing is stored or charged.
    """
    async with pool.acquire() as conn, conn.transaction():
        if (twin := await idempotency.recall(conn, account, attempt)) is not None:
            return twin
        cast = await grants.allow(conn, account, order.characters, order.mentions)
        if len(cast) > MAX_CAST:
            raise InvalidValue("characters", f"a cast of {len(cast)}", f"at most {MAX_CAST}")
        clip = await clips.create(
            conn,
            account,
            prompt=order.prompt,
            model=order.model,
            size=order.size,
            seconds=order.seconds,
            seed=secrets.randbits(31) if order.seed is None else order.seed,
            debited_on=await quota.debit(conn, account, daily_clips),
        )
        await uses.record(conn, clip, cast)
        await idempotency.remember(conn, account, attempt, clip)
        await jobs.enqueue(conn, jobs.CLIP, clip)
    return clip


async def cancel_clip(pool: asyncpg.Pool, account: UUID, clip: UUID) -> None:
    """Failed as `cancelled`, refunded. The worker notices at its next look. Raises ClipUnknown or ClipEnded."""
    async with pool.acquire() as conn, conn.transaction():
        found = await clips.visible(conn, account, clip)
        if found is None or found.account != account:
            raise ClipUnknown(public("video", clip))
        if not await _end(conn, clip, "cancelled", "you cancelled this video"):
            raise ClipEnded(public("video", clip), found.status)


async def delete_clip(pool: asyncpg.Pool, media: Media, account: UUID, clip: UUID) -> None:
    """The row, then the files that no other clip shares. A clip in the making is cancelled first. Raises ClipUnknown."""
    async with pool.acquire() as conn, conn.transaction():
        found = await clips.visible(conn, account, clip)
        if found is None or found.account != account:
            raise ClipUnknown(public("video", clip))
        await _end(conn, clip, "cancelled", "you deleted this video")
        keys = await clips.delete(conn, account, clip)
    await _sweep(pool, media, keys)


async def make_clip(
    pool: asyncpg.Pool,
    media: Media,
    safe: Vault,
    clip_id: UUID,
    render: Render,
    *,
    scratch: Path,
    stopping: Callable[[], bool],
) -> None:
    """One clip from queue to end. Safe to repeat: whatever ended it first counts. Raises Stopping."""
    async with pool.acquire() as conn, conn.transaction():
        clip = await clips.start(conn, clip_id)
        if clip is None:
            return
        if clip.attempts > clips.ATTEMPTS_MAX:
            await _end(conn, clip_id, "worker_lost", f"{clips.ATTEMPTS_MAX} workers broke off while making this video")
            return
        cast_uses = (await uses.of_clips(conn, [clip_id]))[clip_id]
        for use in cast_uses:
            if (reason := await grants.refusal(conn, clip.account, use.character)) is not None:
                await _end(conn, clip_id, "consent_withdrawn", f"@{use.handle} may not be cast any more ({reason})")
                return
    folder = scratch / clip_id.hex
    try:
        screenplay = await _screenplay(pool, clip, cast_uses)
        cast = await _open_cast(pool, media, safe, clip_id, cast_uses)
        shooting = Shooting(screenplay, cast, VideoShape.of(clip.size), clip.seed, folder)  # type: ignore[arg-type]  # checked when it was asked for
        rushes = await _watched(pool, clip_id, render, shooting, stopping)
        stored = {
            variant: StoredMedia(kept.key, kept.size, kept.sha256, TYPES[variant])
            for variant, file in rushes.files.items()
            for kept in [await media.put_file(file, "clips")]
        }
        if not await finish_clip(pool, clip_id, rushes, stored):
            await _sweep(pool, media, [kept.key for kept in stored.values()])
    except Cancelled:
        if stopping():
            async with pool.acquire() as conn:
                await clips.hand_back(conn, clip_id)
            raise Stopping from None
    except (EngineError, ScreenplayError) as error:
        log.warning("clip failed", clip=str(clip_id), error=str(error))
        code = "engine_error" if isinstance(error, EngineError) else "screenplay_error"
        await _fail(pool, clip_id, code, str(error))
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
        raise  # the database or the store is away: the job comes back
    except Exception:
        log.exception("clip broke", clip=str(clip_id))
        await _fail(pool, clip_id, "internal", "something broke while this video was made; it was logged and refunded")
    finally:
        await asyncio.to_thread(_remove, folder)


async def finish_clip(pool: asyncpg.Pool, clip: UUID, rushes: Rushes, stored: dict[str, StoredMedia]) -> bool:
    """Clip and notice in ONE transaction. False for a clip that ended meanwhile: it stays as it ended."""
    async with pool.acquire() as conn, conn.transaction():
        done = await clips.complete(
            conn,
            clip,
            media=stored,
            engine=rushes.engine,
            stages=rushes.stages,
            engine_seconds=rushes.engine_seconds,
            blurhash=rushes.blurhash,
        )
        if done:
            await tell(conn, Progress(clip, "completed", 100, "done", 0))
    return done


async def _sweep(pool: asyncpg.Pool, media: Media, keys: Sequence[str]) -> None:
    """Delete the files that no clip holds."""
    async with pool.acquire() as conn:
        orphans = await clips.unheld(conn, keys)
    for key in orphans:
        await media.delete(key)


async def _screenplay(pool: asyncpg.Pool, clip: Clip, cast: Sequence[Use]) -> Screenplay:
    """The stored one, so that a retry resumes; else a new one, stored."""
    if clip.screenplay is not None:
        return msgspec.convert(clip.screenplay, Screenplay)
    roles = [Role(use.speaker, use.name, use.handle, use.preferences, use.restrictions) for use in cast]
    screenplay = screenwriter.write(clip.prompt, roles, float(clip.seconds), seed=clip.seed)
    async with pool.acquire() as conn:
        await clips.keep_screenplay(conn, clip.id, msgspec.to_builtins(screenplay))
    return screenplay


async def _open_cast(
    pool: asyncpg.Pool, media: Media, safe: Vault, clip: UUID, cast: Sequence[Use]
) -> tuple[CastMember, ...]:
    """Everyone's references out of the vault; every opening is on record."""
    members = []
    for use in cast:
        async with pool.acquire() as conn, conn.transaction():
            key = await vault.open_key(conn, safe, use.character, use.version, purpose="clip", clip=clip)
            places = await vault.objects(conn, use.character, use.version)
        sealed = await media.get(places["references"])
        plain = vault.unseal(key, sealed, use.character, use.version, "references")
        members.append(
            CastMember(
                speaker=use.speaker,
                name=use.name,
                key=f"{use.character.hex}:{use.version}",
                references=msgspec.msgpack.decode(plain, type=References),
                height_cm=use.height_cm,
                build=use.build,
            )
        )
    return tuple(members)


async def _watched(
    pool: asyncpg.Pool, clip: UUID, render: Render, shooting: Shooting, stopping: Callable[[], bool]
) -> Rushes:
    """Render in a thread while progress is written; an ended clip or a stopping worker cancels it from inside."""
    latest: tuple[str, float, int] = ("starting", 0.0, 0)
    unwanted = False

    def on_progress(stage: str, fraction: float, shot: int) -> None:
        nonlocal latest
        latest = (stage, fraction, shot)
        if unwanted or stopping():
            raise Cancelled

    work = asyncio.create_task(asyncio.to_thread(render, shooting, on_progress))
    written: tuple[int, str, int] | None = None
    while not work.done():
        await asyncio.wait({work}, timeout=PROGRESS_SECONDS)
        stage, fraction, shot = latest
        now = (min(99, round(100 * fraction)), stage, shot)
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # the render outlives a database restart
            async with pool.acquire() as conn, conn.transaction():
                unwanted = not await clips.note_progress(conn, clip, progress=now[0], stage=now[1], shot=now[2])
                if now != written and not unwanted:
                    await tell(conn, Progress(clip, "in_progress", *now))
                    written = now
    return await work


async def _fail(pool: asyncpg.Pool, clip: UUID, code: str, message: str) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await _end(conn, clip, code, message)


async def _end(conn: asyncpg.Connection, clip: UUID, code: str, message: str) -> bool:
    """Failed, refunded and told; True if it had not ended before."""
    ended = await clips.fail(conn, clip, code, message)
    if ended:
        await tell(conn, Progress(clip, "failed", 0, code, 0))
    return ended


def _remove(folder: Path) -> None:
    for file in folder.glob("*"):
        file.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        folder.rmdir()
