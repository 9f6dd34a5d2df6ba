"""Comments on clips: read, said, answered, liked, deleted."""

from __future__ import annotations

from typing import Any, Final, get_args
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, forms, ids, shapes, talk_shapes, talking
from backend.auth import Viewer
from backend.pages import page_of
from backend.routes import references
from social import comments
from social.comments import Order
from social.errors import InvalidValue
from social.talk_errors import CommentUnknown

ORDERS: Final[tuple[str, ...]] = get_args(Order)


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    at_s: float | None = None
    reply_to: str | None = None


@get("/videos/{video_id:str}/comments")
async def of_clip(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    order: FromQuery[str] = "newest",
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Those that answer none, `newest` first, or by the `second` they are pinned to; each with how many answers it has.

    A deleted one that has answers stays as a place without words.
    """
    auth.need_session(viewer)
    key = references.clip(video_id)
    if order not in ORDERS:
        raise InvalidValue("order", order, ", ".join(ORDERS))
    start, limit = page_of("cmt", after, limit)
    async with pool.acquire() as conn:
        await talking.seen(conn, viewer.id, key)
        await _need_place(conn, start, (key, None))
        read = comments.newest if order == "newest" else comments.by_second
        rows = await read(conn, viewer.id, key, after=start, limit=limit)
    return shapes.page([talk_shapes.comment(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/comments/{comment_id:str}/replies")
async def replies(
    comment_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Oldest first; also of a comment that is deleted itself."""
    auth.need_session(viewer)
    key = key_of(comment_id)
    start, limit = page_of("cmt", after, limit)
    async with pool.acquire() as conn:
        place = await comments.place_of(conn, key)
        if place is None or not await comments.is_placed(conn, viewer.id, key):
            raise CommentUnknown(comment_id)
        await _need_place(conn, start, (place[0], key))
        rows = await comments.replies(conn, viewer.id, key, after=start, limit=limit)
    return shapes.page([talk_shapes.comment(row) for row in rows[:limit]], has_more=len(rows) > limit)


@post("/videos/{video_id:str}/comments", status_code=201)
async def create(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """Up to 500 characters, perhaps pinned to a second of the clip, perhaps in answer to another. `@handle` tells them.

    What cannot be seen, or turns the text around it, is left out.
    """
    auth.need_session(viewer)
    key = references.clip(video_id)
    sent = msgspec.convert(await forms.read(request), _Sent)
    reply_to = None if sent.reply_to is None else ids.parse("cmt", sent.reply_to)
    if sent.reply_to is not None and reply_to is None:
        raise InvalidValue("reply_to", sent.reply_to, "the id of a comment, cmt_…")
    return talk_shapes.comment(await talking.comment(pool, viewer.account, key, sent.text, sent.at_s, reply_to))


@delete("/comments/{comment_id:str}", status_code=200)
async def remove(
    comment_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Yours, or one on a clip of yours. Answers to it stay."""
    auth.need_session(viewer)
    await talking.delete_comment(pool, viewer.id, key_of(comment_id))
    return {"id": comment_id, "deleted": True, "object": "comment.deleted"}


@put("/comments/{comment_id:str}/like", status_code=200)
async def like(
    comment_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Once or many times is the same."""
    auth.need_session(viewer)
    return talk_shapes.comment(await talking.like_comment(pool, viewer.account, key_of(comment_id)))


@delete("/comments/{comment_id:str}/like", status_code=200)
async def unlike(
    comment_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    return talk_shapes.comment(await talking.unlike_comment(pool, viewer.id, key_of(comment_id)))


def key_of(comment_id: str) -> UUID:
    """Raises CommentUnknown."""
    key = ids.parse("cmt", comment_id)
    if key is None:
        raise CommentUnknown(comment_id)
    return key


async def _need_place(conn: asyncpg.Connection, after: UUID | None, place: tuple[UUID, UUID | None]) -> None:
    """A page goes on where one of the same list ended. Raises InvalidValue."""
    if after is not None and await comments.place_of(conn, after) != place:
        raise InvalidValue("after", ids.public("cmt", after), "the last_id of the page before, of this list")
