"""A collection in a browser, for whoever has its link; only where its audience is everyone."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import asyncpg
from litestar import HttpMethod, Request, Response, route
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import html_pages, shared_clips
from backend.byte_ranges import respond
from backend.config import Config
from backend.errors import MediaGone
from backend.html_pages import one_line
from backend.media import Media
from backend.media_links import FRESH_SECONDS, MediaLinks
from social import clip_collections as rows
from social.clips import Clip
from social.sharing_errors import CollectionUnknown

READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
TILES_MOST: Final = 60


@route("/c/{short:str}", http_method=READ, include_in_schema=False, security=[{}])
async def page(
    request: Request[Any, Any, Any],
    short: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media_links: NamedDependency[MediaLinks],
) -> Response[bytes]:
    """Its first clips that everyone may see, and how many more there are."""
    try:
        async with pool.acquire() as conn:
            found = await rows.of_everyone(conn, short)
            keys = await rows.visible_items(conn, None, found.id)
            clips = await rows.clips_of(conn, None, keys[:TILES_MOST])
            links = await rows.on_page(conn, found, keys[:TILES_MOST])
    except CollectionUnknown:
        told = "There is no such collection, or it is not for everyone."
        heading = "Nothing here"
        return html_pages.page(
            "words.html", config, status=HTTPStatus.NOT_FOUND, heading=heading, told=told, deep_link=""
        )
    more = len(keys) - len(clips)
    shown = {
        "url": f"{html_pages.public_url(request, config)}/c/{short}",
        "short": short,
        "title": one_line(found.title),
        "about": found.about,
        "curator": found.curator,
        "line": f"A collection by @{found.curator}: {_clips(len(keys))}",
        "rest": f"{_clips(len(keys))}, {more} of them in the app." if more else f"{_clips(len(keys))}.",
    }
    return html_pages.page("list.html", config, list=shown, items=[_tile(clip, links, media_links) for clip in clips])


@route("/c/{short:str}/poster.webp", http_method=READ, security=[{}])
async def poster(
    request: Request[Any, Any, Any],
    short: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> Response[Any]:
    """That of its first clip that everyone may see."""
    async with pool.acquire() as conn:
        found = await rows.of_everyone(conn, short)
        keys = await rows.visible_items(conn, None, found.id)
        clips = await rows.clips_of(conn, None, keys[:1])
    held = (clips[0].media or {}).get("thumbnail") if clips else None
    if held is None:
        raise MediaGone(short)
    try:
        return respond(request, await media.find(held.key), cache=f"public, max-age={FRESH_SECONDS}")
    except FileNotFoundError:
        raise MediaGone(short) from None


def _tile(clip: Clip, links: dict[UUID, str], media_links: MediaLinks) -> dict[str, Any]:
    where = media_links.of(clip, "published") or {}
    return {
        "href": f"/v/{links[clip.id]}" if clip.id in links else "",
        "poster": where.get("thumbnail", ""),
        "width": where.get("width", 0),
        "height": where.get("height", 0),
        "title": shared_clips.title(clip),
        "maker": clip.maker,
    }


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"
