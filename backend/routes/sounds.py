"""Who uses a clip's sound."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.auth import Viewer
from backend.clip_pages import page_of_clips
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.routes import references
from social import clips, sounds
from social.errors import ClipUnknown


@get("/sounds/{video_id:str}/videos")
async def used_by(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Published clips that have the sound of this one."""
    start, limit = page_of("video", after, limit)
    key = references.clip(video_id)
    async with pool.acquire() as conn:
        if await clips.visible(conn, viewer.id, key) is None:
            raise ClipUnknown(video_id)
        rows = await sounds.used_by(conn, viewer.id, key, after=start, limit=limit)
        return await page_of_clips(conn, viewer, rows, limit, media_links)
