"""Pages of hashtags."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.auth import Viewer
from backend.clip_pages import page_of_clips
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.routes.lineage import likes_first
from social import hashtags


@get("/hashtags/{tag:str}")
async def one(
    tag: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    order: FromQuery[str] = "newest",
) -> dict[str, Any]:
    """Published clips whose caption has the tag. `videos` counts those that the viewer may see, up to 1000."""
    start, limit = page_of("video", after, limit)
    by_likes = likes_first(order)
    name = hashtags.checked("tag", tag)
    async with pool.acquire() as conn:
        rows = await hashtags.page(
            conn, viewer.id, name, after=start, limit=limit, order="likes" if by_likes else "newest"
        )
        found = await page_of_clips(conn, viewer, rows, limit, media_links)
        return found | {"tag": name, "videos": await hashtags.count(conn, viewer.id, name)}


@get("/hashtags")
async def trending(
    viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool], limit: FromQuery[int] = 20
) -> dict[str, Any]:
    """Those that most people used in the last three days."""
    _, limit = page_of("video", None, limit)
    async with pool.acquire() as conn:
        found = await hashtags.trending(conn, viewer.id, limit)
    return {"object": "list", "data": [msgspec.to_builtins(one) for one in found], "has_more": False}
