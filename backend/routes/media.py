"""Files of clips by signed URLs: no session, ranges, conditions, HEAD; a CDN may stand before it."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
from litestar import HttpMethod, Request, Response, route
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import ids
from backend.byte_ranges import respond
from backend.errors import MediaGone
from backend.media import Media
from backend.media_links import FRESH_SECONDS, MediaLinks
from social import media_access

OF_KIND: Final = {"published": media_access.published, "sent": media_access.sent, "own": media_access.own}


@route(
    "/media/{kind:str}/{video_id:str}/{version:str}/{name:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    security=[{}],
)
async def of_clip(
    request: Request[Any, Any, Any],
    kind: FromPath[str],
    video_id: FromPath[str],
    version: FromPath[str],
    name: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    media_links: NamedDependency[MediaLinks],
) -> Response[Any]:
    """The file, if the link is this server's, has not expired, and the clip may still be seen that way."""
    query = request.query_params
    left = media_links.check(request.url.path, query.get("exp", ""), query.get("sig", ""))
    key = ids.parse("video", video_id)
    if key is None or kind not in OF_KIND:
        raise MediaGone(video_id)
    async with pool.acquire() as conn:
        files = await OF_KIND[kind](conn, key)
    file = files.get(name.partition(".")[0])
    if file is None or file.sha256[:16] != version:
        raise MediaGone(video_id)
    try:
        found = await media.find(file.key)
    except FileNotFoundError:
        raise MediaGone(video_id) from None
    who = "public" if kind == "published" else "private"
    return respond(request, found, cache=f"{who}, max-age={min(left, FRESH_SECONDS)}")
