"""How a clip gets seen: its maker's wish, the people shown who want to be asked, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET, UnsetType

from backend.ids import public
from character_store import grants, requests, uses
from character_store.errors import CastRefused, CastRequestDecided, CastRequestUnknown
from character_store.requests import Request
from character_store.uses import Use
from social import clips, guardians, notices, publication
from social.accounts import Account
from social.clips import Clip
from social.comments import Commenters
from social.errors import ClipImported, ClipNotReady, InvalidValue
from social.publication import WIDTH, Audience
from social.safety import refusals

Decision = Literal["approve", "grant", "refuse"]


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH of a clip: what is not named stays."""

    audience: Audience | UnsetType = UNSET
    caption: str | UnsetType = UNSET
    allow_remix: bool | UnsetType = UNSET
    allow_sound: bool | UnsetType = UNSET
    commenters: Commenters | UnsetType = UNSET


async def change_clip(pool: asyncpg.Pool, maker: Account, clip_id: UUID, changes: Changes) -> None:
    """Raises ClipUnknown, ClipNotReady, CastRefused, ModerationBlocked or InvalidValue; then nothing is changed."""
    if changes.caption is not UNSET and len(changes.caption) > publication.CAPTION_MAX:
        allowed = f"up to {publication.CAPTION_MAX} characters"
        raise InvalidValue("caption", f"{len(changes.caption)} characters", allowed)
    async with pool.acquire() as conn, conn.transaction():
        clip = await publication.of_maker(conn, maker.id, clip_id, public("video", clip_id))
        if changes.caption is not UNSET:
            await refusals.need_fit(conn, maker, "said", "caption", changes.caption)
        await publication.describe(
            conn,
            clip_id,
            caption=None if changes.caption is UNSET else changes.caption,
            allow_remix=None if changes.allow_remix is UNSET else changes.allow_remix,
            allow_sound=None if changes.allow_sound is UNSET else changes.allow_sound,
            commenters=None if changes.commenters is UNSET else changes.commenters,
        )
        if changes.audience is not UNSET:
            await _let_be_seen(conn, maker, clip, changes.audience)


async def _let_be_seen(conn: asyncpg.Connection, maker: Account, clip: Clip, wanted: Audience) -> None:
    """Narrower at once; wider if every person shown allows it, and after those who want to be asked have said yes."""
    if WIDTH[wanted] <= WIDTH[clip.audience]:
        await requests.withdraw_publishing(conn, [clip.id])
        if wanted != clip.audience:
            await publication.set_audience(conn, clip.id, wanted)
        return
    await guardians.need_audience(conn, maker.id, wanted)
    if clip.imported_from is not None:
        raise ClipImported(public("video", clip.id))
    if clip.status != "completed":
        raise ClipNotReady(public("video", clip.id), clip.status)
    cast = (await uses.of_clips(conn, [clip.id]))[clip.id]
    for use in cast:
        await grants.need_publishable(
            conn, clip.account, use.character, clip=clip.id, prompt=clip.prompt, shown=f"@{use.handle}"
        )
    await requests.withdraw_publishing(conn, [clip.id], but=wanted)
    unasked = await requests.unasked(conn, clip.id, clip.account, wanted)
    if not unasked:
        await _publish(conn, clip, cast, wanted)
        return
    for use in cast:
        if use.character in unasked and await requests.ask_to_publish(
            conn, use.character, clip.account, clip.id, clip.prompt, wanted
        ):
            about = _about(clip, use, by=maker.handle, audience=wanted)
            await notices.tell(conn, use.owner, "publish_requested", about)


async def _publish(conn: asyncpg.Connection, clip: Clip, cast: Sequence[Use], audience: Audience) -> None:
    await requests.withdraw_publishing(conn, [clip.id])  # of those who do not want to be asked any more
    await publication.set_audience(conn, clip.id, audience)
    for use in cast:
        if use.owner != clip.account:
            about = _about(clip, use, by=clip.maker, audience=audience)
            await notices.tell(conn, use.owner, "use_published", about)


async def decide(pool: asyncpg.Pool, owner: Account, request_id: UUID, decision: Decision) -> Request:
    """An owner's answer. Raises CastRequestUnknown, CastRequestDecided or InvalidValue."""
    async with pool.acquire() as conn, conn.transaction():
        request = await requests.get(conn, request_id)
        if request.owner != owner.id:
            raise CastRequestUnknown(public("req", request_id))
        if request.clip is not None:
            if decision == "grant":
                raise InvalidValue("decision", decision, "approve, refuse")
            await publication.lock(conn, request.clip)  # so that of two last answers one sees the other
        if not await requests.close(conn, request.id, "refused" if decision == "refuse" else "approved"):
            raise CastRequestDecided(public("req", request_id))
        if request.clip is None:
            await _answer_casting(conn, request, decision)
        else:
            await _answer_publishing(conn, request, request.clip, decision)
        return await requests.get(conn, request_id)


async def _answer_casting(conn: asyncpg.Connection, request: Request, decision: Decision) -> None:
    """A standing grant that rests (the audience is only_me) would be no answer: then these words are approved too."""
    if decision == "grant":
        await grants.give(conn, request.character, request.asker)
        rests = await grants.refusal(conn, request.asker, request.character, prompt=request.prompt) is not None
    else:
        rests = False
    if decision == "approve" or rests:
        await grants.give(conn, request.character, request.asker, request.prompt)
    about = {
        "request": public("req", request.id),
        "character": public("char", request.character),
        "by": request.owner_handle,
        "decision": decision,
    }
    await notices.tell(conn, request.asker, "cast_decided", about)


async def _answer_publishing(conn: asyncpg.Connection, request: Request, clip_id: UUID, decision: Decision) -> None:
    """The last yes publishes, unless somebody shown has withdrawn their permission since; a no leaves a draft."""
    published = False
    clip = await clips.by_id(conn, clip_id)
    if clip is None or request.audience is None:
        raise CastRequestUnknown(public("req", request.id))
    if decision == "refuse":
        await requests.withdraw_publishing(conn, [clip_id])
    elif not await requests.unasked(conn, clip_id, clip.account, request.audience):
        cast = (await uses.of_clips(conn, [clip_id]))[clip_id]
        published = await _allowed_by_all(conn, clip, cast)
        if published:
            await _publish(conn, clip, cast, request.audience)
    about = {
        "request": public("req", request.id),
        "video": public("video", clip_id),
        "character": public("char", request.character),
        "by": request.owner_handle,
        "decision": decision,
        "published": published,
    }
    await notices.tell(conn, request.asker, "publish_decided", about)


async def _allowed_by_all(conn: asyncpg.Connection, clip: Clip, cast: Sequence[Use]) -> bool:
    try:
        for use in cast:
            await grants.need_publishable(
                conn, clip.account, use.character, clip=clip.id, prompt=clip.prompt, shown=f"@{use.handle}"
            )
    except CastRefused:
        return False
    return True


def _about(clip: Clip, use: Use, *, by: str, audience: str) -> dict[str, Any]:
    return {
        "video": public("video", clip.id),
        "character": public("char", use.character),
        "by": by,
        "audience": audience,
    }
