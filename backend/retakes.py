"""A draft made again with its sliders moved: the same id, the same seed, one more clip of the day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend import idempotency, jobs
from backend.events import Progress, tell
from backend.idempotency import Attempt
from backend.ids import public
from character_store import characters, grants, requests, uses
from generation.controls import Control, controls_of, turned
from generation.plan import Screenplay
from social import clips, guardians, publication
from social.accounts import Account
from social.clips import Clip
from social.errors import ClipExtended, ClipImported, ClipNotReady, ClipPublished, ClipUnknown


async def controls(pool: asyncpg.Pool, maker: UUID, clip_id: UUID) -> tuple[Control, ...]:
    """The sliders of a draft as they stand; nobody sees those of others.

    Raises ClipUnknown, ClipPublished, ClipExtended or ClipNotReady.
    """
    async with pool.acquire() as conn:
        clip = await clips.visible(conn, maker, clip_id)
        if clip is None or clip.account != maker:
            raise ClipUnknown(public("video", clip_id))
        _need_draft(clip)
        return controls_of(_screenplay(clip), await _names(conn, clip_id))


async def make_again(
    pool: asyncpg.Pool, maker: Account, clip_id: UUID, values: dict[str, Any], attempt: Attempt, daily_clips: int
) -> None:
    """Permission, then debit + screenplay + job in ONE transaction; a repeated request does nothing.

    Raises ClipUnknown, ClipPublished, ClipExtended, ClipNotReady while it is made, ControlRefused, CastRefused,
    CharacterUnknown, QuotaSpent, IdempotencyMismatch; then nothing is changed.
    """
    async with pool.acquire() as conn, conn.transaction():
        if await idempotency.recall(conn, maker.id, attempt) is not None:
            return
        cast = (await uses.of_clips(conn, [clip_id]))[clip_id]
        await characters.lock(conn, [use.character for use in cast])  # before the clip, as their owners do
        clip = await publication.of_maker(conn, maker.id, clip_id, public("video", clip_id))
        _need_draft(clip)
        if clip.status != "completed":
            raise ClipNotReady(public("video", clip_id), clip.status)
        screenplay = turned(_screenplay(clip), values, await _names(conn, clip_id))
        for use in cast:
            await grants.need(conn, maker.id, use.character, clip=clip_id, prompt=clip.prompt, shown=f"@{use.handle}")
        debit = await guardians.debit(conn, maker.id, daily_clips)
        if not await clips.make_again(conn, clip, msgspec.to_builtins(screenplay), clip.delivered_seed, debit):
            raise ClipNotReady(public("video", clip_id), clip.status)
        await requests.withdraw_publishing(conn, [clip_id])  # who was asked has seen another clip
        await idempotency.remember(conn, maker.id, attempt, clip_id)
        await tell(conn, Progress(clip_id, "queued", 0, "queued", 0))
        await jobs.enqueue(conn, jobs.CLIP, clip_id)


def _need_draft(clip: Clip) -> None:
    if clip.audience != "only_me":
        raise ClipPublished(public("video", clip.id), clip.audience)
    if clip.imported_from is not None:
        raise ClipImported(public("video", clip.id))
    if clip.continues is not None:
        raise ClipExtended(public("video", clip.id), clip.continues.at_s)


def _screenplay(clip: Clip) -> Screenplay:
    """Raises ClipNotReady for one that is queued without."""
    if clip.screenplay is None:
        raise ClipNotReady(public("video", clip.id), clip.status)
    return msgspec.convert(clip.screenplay, Screenplay)


async def _names(conn: asyncpg.Connection, clip_id: UUID) -> dict[str, str]:
    return {use.speaker: use.name for use in (await uses.of_clips(conn, [clip_id]))[clip_id]}
