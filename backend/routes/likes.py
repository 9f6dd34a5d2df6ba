"""Likes of clips: given, taken back, and whose they are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, ids, shapes, talking
from backend.auth import Viewer
from backend.pages import page_of
from backend.routes import references
from social import likes


@put("/videos/{video_id:str}/like", status_code=200)
async def like(
    video_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Once or many times is the same."""
    auth.need_session(viewer)
    key = references.clip(video_id)
    return _liked(key, await talking.like(pool, viewer.account, key), liked=True)


@delete("/videos/{video_id:str}/like", status_code=200)
async def unlike(
    video_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    key = references.clip(video_id)
    return _liked(key, await talking.unlike(pool, viewer.id, key), liked=False)


@get("/videos/{video_id:str}/likes")
async def of_clip(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Your friends first. Nobody who blocked you or whom you blocked, so there may be fewer than the count."""
    auth.need_session(viewer)
    key = references.clip(video_id)
    start, limit = page_of("acct", after, limit)
    async with pool.acquire() as conn:
        await talking.seen(conn, viewer.id, key)
        rows = await likes.of_clip(conn, viewer.id, key, after=start, limit=limit)
    people = [
        {
            "id": ids.public("acct", row.id),
            "object": "account",
            "handle": row.handle,
            "display_name": row.display_name,
            "friends": row.friends,
        }
        for row in rows[:limit]
    ]
    return shapes.page(people, has_more=len(rows) > limit)


def _liked(key: UUID, count: int, *, liked: bool) -> dict[str, Any]:
    return {"id": ids.public("video", key), "object": "video.like", "liked": liked, "likes": count}
