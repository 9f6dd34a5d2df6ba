"""What people say of clips: likes and comments, and whom that concerns. Transactions open here."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from backend.ids import public
from social import clips, comments, likes, notices
from social.accounts import Account
from social.clips import Clip
from social.comments import Comment
from social.errors import ClipUnknown, InvalidValue
from social.notices import Kind
from social.safety import refusals
from social.talk_errors import CommentUnknown


async def seen(conn: asyncpg.Connection, viewer: UUID, clip: UUID) -> Clip:
    """Raises ClipUnknown."""
    found = await clips.visible(conn, viewer, clip)
    if found is None:
        raise ClipUnknown(public("video", clip))
    return found


async def like(pool: asyncpg.Pool, account: Account, clip_id: UUID) -> int:
    """How many like it now. Its maker is told once of each person. Raises ClipUnknown."""
    async with pool.acquire() as conn, conn.transaction():
        clip = await seen(conn, account.id, clip_id)
        if await likes.like(conn, account.id, clip_id):
            video = public("video", clip_id)
            about = {"video": video}
            once = f"{video} {account.id.hex}"
            await notices.tell(conn, clip.account, "liked", about, by=account.id, subject=video, once=once)
        return await likes.count(conn, clip_id)


async def unlike(pool: asyncpg.Pool, account: UUID, clip_id: UUID) -> int:
    """Raises ClipUnknown."""
    async with pool.acquire() as conn, conn.transaction():
        await seen(conn, account, clip_id)
        await likes.unlike(conn, account, clip_id)
        return await likes.count(conn, clip_id)


async def comment(
    pool: asyncpg.Pool, author: Account, clip_id: UUID, text: str, at_s: float | None, reply_to: UUID | None
) -> Comment:
    """Said, and told to the clip's maker, to who is answered and to those it names: each once, by the nearest reason.

    Raises InvalidValue, ClipUnknown, CommentUnknown, CommentsClosed, YoungProtected, ModerationBlocked; then nothing is
    said.
    """
    text = comments.checked_text(text)
    async with pool.acquire() as conn, conn.transaction():
        clip = await seen(conn, author.id, clip_id)
        comments.check_second(at_s, clip)
        await comments.need_open(conn, author.id, clip, public("video", clip_id))
        await refusals.need_fit(conn, author, "said", "text", text)
        answered = None
        if reply_to is not None:
            answered = await comments.find(conn, author.id, reply_to, public("cmt", reply_to))
            if answered.clip != clip_id:
                raise InvalidValue("reply_to", public("cmt", reply_to), "a comment on the same video")
        made = await comments.create(conn, author.id, clip_id, text, at_s, answered)
        told: dict[UUID, Kind] = dict.fromkeys(
            await comments.mentioned(conn, author.id, clip_id, comments.mentions(text)), "mentioned"
        )
        told[clip.account] = "commented"
        if answered is not None:
            told[answered.author] = "replied"
        about = {"video": public("video", clip_id), "comment": public("cmt", made)}
        for account, kind in sorted(told.items()):  # in one order, so that two who tell the same people do not deadlock
            subject = public("cmt", answered.id) if answered and kind == "replied" else about["video"]
            await notices.tell(conn, account, kind, about, by=author.id, subject=subject, once=about["comment"])
        return await comments.find(conn, author.id, made, about["comment"])


async def delete_comment(pool: asyncpg.Pool, account: UUID, comment_id: UUID) -> None:
    """By its author or the clip's maker, whoever has blocked whom. Raises CommentUnknown."""
    async with pool.acquire() as conn, conn.transaction():
        gone = await comments.delete(conn, account, comment_id)
        if not gone:
            raise CommentUnknown(public("cmt", comment_id))


async def like_comment(pool: asyncpg.Pool, account: Account, comment_id: UUID) -> Comment:
    """Its author is told once of each person. Raises CommentUnknown."""
    shown = public("cmt", comment_id)
    async with pool.acquire() as conn, conn.transaction():
        found = await comments.find(conn, account.id, comment_id, shown)
        if await comments.like(conn, account.id, comment_id):
            about = {"video": public("video", found.clip), "comment": shown}
            once = f"{shown} {account.id.hex}"
            await notices.tell(conn, found.author, "comment_liked", about, by=account.id, subject=shown, once=once)
        return await comments.find(conn, account.id, comment_id, shown)


async def unlike_comment(pool: asyncpg.Pool, account: UUID, comment_id: UUID) -> Comment:
    """Raises CommentUnknown."""
    shown = public("cmt", comment_id)
    async with pool.acquire() as conn, conn.transaction():
        await comments.find(conn, account, comment_id, shown)
        await comments.unlike(conn, account, comment_id)
        return await comments.find(conn, account, comment_id, shown)
