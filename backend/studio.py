"""THE FLOW of a clip across the libraries: asked for, finished, ended. Its transactions open here.

What happens between asking and finishing is `shoot`. Whatever ends a clip first counts: every change of state is one
conditional UPDATE.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend import idempotency, jobs
from backend.events import Progress, tell
from backend.idempotency import Attempt
from backend.ids import public
from backend.media import Media
from character_store import grants, uses
from generation.plan import MAX_CAST
from generation.shapes import Size
from social import clips, quota
from social.clips import StageTime, StoredMedia
from social.errors import ClipEnded, ClipUnknown, InvalidValue


class ClipOrder(msgspec.Struct, frozen=True):
    """What was asked for, checked. `characters` by id or handle; `mentions` are the prompt's, cast where known."""

    prompt: str
    model: str
    seconds: str
    size: Size
    seed: int | None
    characters: tuple[UUID | str, ...]
    mentions: tuple[str, ...] = ()


class Rushes(msgspec.Struct, frozen=True):
    """What came back: finished files in `folder` of the order."""

    files: dict[str, Path]  # variant -> file
    engine: dict[str, Any]  # name, version, fallbacks
    stages: list[StageTime]  # in the order they began
    engine_seconds: float
    blurhash: str


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
        if not await end(conn, clip, "cancelled", "you cancelled this video"):
            raise ClipEnded(public("video", clip), found.status)


async def delete_clip(pool: asyncpg.Pool, media: Media, account: UUID, clip: UUID) -> None:
    """The row, then the files that no other clip shares. One in the making is cancelled first. Raises ClipUnknown."""
    async with pool.acquire() as conn, conn.transaction():
        found = await clips.visible(conn, account, clip)
        if found is None or found.account != account:
            raise ClipUnknown(public("video", clip))
        await end(conn, clip, "cancelled", "you deleted this video")
        keys = await clips.delete(conn, account, clip)
    await sweep(pool, media, keys)


async def finish_clip(
    pool: asyncpg.Pool, clip: UUID, attempt: int, rushes: Rushes, stored: dict[str, StoredMedia]
) -> bool:
    """Clip and notice in ONE transaction. False for a clip that ended or was taken over meanwhile: it stays so."""
    async with pool.acquire() as conn, conn.transaction():
        done = await clips.complete(
            conn,
            clip,
            attempt,
            media=stored,
            engine=rushes.engine,
            stages=rushes.stages,
            engine_seconds=rushes.engine_seconds,
            blurhash=rushes.blurhash,
        )
        if done:
            await tell(conn, Progress(clip, "completed", 100, "done", 0))
    return done


async def fail_clip(pool: asyncpg.Pool, clip: UUID, attempt: int, code: str, message: str) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await end(conn, clip, code, message, attempt)


async def end(conn: asyncpg.Connection, clip: UUID, code: str, message: str, attempt: int | None = None) -> bool:
    """Failed, refunded and told; True if it had not ended before."""
    ended = await clips.fail(conn, clip, code, message, attempt)
    if ended:
        await tell(conn, Progress(clip, "failed", 0, code, 0))
    return ended


async def stop_unconsented(conn: asyncpg.Connection, *owners: UUID) -> int:
    """End the clips in the making that may not cast a character of these accounts any more; how many.

    Belongs into the transaction that changed what was allowed: an audience, a grant, a block, a friendship, a consent.
    """
    stopped = 0
    for owner in owners:
        for row in await conn.fetch("select unconsented_clip($1) as clip", owner):
            message = "a person in it does not allow it any more"
            stopped += await end(conn, row["clip"], "consent_withdrawn", message)
    return stopped


async def sweep(pool: asyncpg.Pool, media: Media, keys: Sequence[str]) -> None:
    """Delete the files that no clip holds."""
    async with pool.acquire() as conn:
        orphans = await clips.unheld(conn, keys)
    for key in orphans:
        await media.delete(key)
