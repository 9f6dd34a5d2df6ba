"""The first shot of a clip in the making, for its maker alone."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import HttpMethod, Request, Response, route
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.auth import Viewer
from backend.byte_ranges import respond
from backend.media import Media, preview_key
from backend.routes import references
from social import clips
from social.errors import ClipUnknown, PreviewUnknown


@route("/videos/{video_id:str}/preview", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def preview(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> Response[Any]:
    """Raises ClipUnknown, and PreviewUnknown before the first shot is there and after the clip has ended."""
    key = references.clip(video_id)
    async with pool.acquire() as conn:
        clip = await clips.visible(conn, viewer.id, key)
    if clip is None or clip.account != viewer.id:
        raise ClipUnknown(video_id)
    if clip.status != "in_progress":
        raise PreviewUnknown(video_id, clip.status)
    try:
        return respond(request, await media.find(preview_key(key.hex)))
    except FileNotFoundError:
        raise PreviewUnknown(video_id, clip.status) from None
