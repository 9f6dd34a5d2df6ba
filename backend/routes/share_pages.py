"""What a link opens in a browser: the clip's page, its frame for other sites, its files, and oEmbed."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from typing import Any, Final

import asyncpg
from litestar import HttpMethod, Request, Response, get, route
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import html_pages, shared_clips
from backend.byte_ranges import respond
from backend.config import Config
from backend.errors import MediaGone
from backend.media import Media
from backend.media_links import FRESH_SECONDS, MediaLinks
from backend.shared_clips import SharedClip
from social import share_links
from social.errors import InvalidValue
from social.sharing_errors import ShareClosed, ShareEnded, ShareUnknown, SharingError

FILE_CACHE: Final = f"public, max-age={FRESH_SECONDS}"
READ: Final = [HttpMethod.GET, HttpMethod.HEAD]


@route("/v/{short:str}", http_method=READ, include_in_schema=False, security=[{}])
async def page(
    request: Request[Any, Any, Any],
    short: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> Response[bytes]:
    """The clip for whoever has the link, or why it is not shown."""
    return await _page(request, short, pool, config, framed=False)


@route("/v/{short:str}/embed", http_method=READ, include_in_schema=False, security=[{}])
async def embed(
    request: Request[Any, Any, Any],
    short: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> Response[bytes]:
    """The player alone, which other sites may show in a frame."""
    return await _page(request, short, pool, config, framed=True)


@route("/v/{short:str}/clip.mp4", http_method=READ, status_code=307, security=[{}])
async def video(
    short: FromPath[str], pool: NamedDependency[asyncpg.Pool], media_links: NamedDependency[MediaLinks]
) -> Response[bytes]:
    """Where the clip's file is now: a signed link that knows ranges and that a cache may keep."""
    async with pool.acquire() as conn:
        clip = await share_links.led_to(conn, None, short)
    links = media_links.of(clip, "published")
    if links is None or "video" not in links:
        raise MediaGone(short)
    return Response(b"", status_code=307, headers={"location": links["video"], "cache-control": "no-store"})


@route("/v/{short:str}/poster.webp", http_method=READ, security=[{}])
async def poster(
    request: Request[Any, Any, Any],
    short: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> Response[Any]:
    """Under a URL that stays; caches ask again every five minutes."""
    return await _file(request, short, pool, media, "thumbnail")


@route("/v/{short:str}/captions.vtt", http_method=READ, security=[{}])
async def captions(
    request: Request[Any, Any, Any],
    short: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> Response[Any]:
    """Of the page's own origin, as players want their tracks."""
    return await _file(request, short, pool, media, "captions")


@get("/pages/pages.css", include_in_schema=False, security=[{}])
async def style() -> Response[bytes]:
    return Response(
        html_pages.style(),
        media_type="text/css",
        headers={"cache-control": html_pages.STYLE_CACHE, "x-content-type-options": "nosniff"},
    )


@get("/oembed", security=[{}])
async def oembed(
    request: Request[Any, Any, Any],
    url: FromQuery[str],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    maxwidth: FromQuery[int | None] = None,
    maxheight: FromQuery[int | None] = None,
    format: FromQuery[str] = "json",  # noqa: A002 - oEmbed's own word
) -> Response[Any]:
    """What another site needs to show a clip (oembed.com); for pages of this server only."""
    if format not in {"json", "xml"}:
        raise InvalidValue("format", format, "json, xml")
    base = html_pages.public_url(request, config)
    async with pool.acquire() as conn:
        clip = await shared_clips.read(conn, base, shared_clips.short_of(url, base))
    found = _oembed(clip, base, *shared_clips.fitted(clip.width, clip.height, maxwidth, maxheight))
    headers = {"cache-control": FILE_CACHE, "access-control-allow-origin": "*"}
    if format == "json":
        return Response(found, headers=headers)
    told = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in found.items())
    xml = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{told}</oembed>\n'
    return Response(xml.encode(), media_type="text/xml", headers=headers)


async def _file(
    request: Request[Any, Any, Any], short: str, pool: asyncpg.Pool, media: Media, variant: str
) -> Response[Any]:
    """Raises ShareUnknown, ShareEnded, ShareClosed or MediaGone."""
    async with pool.acquire() as conn:
        clip = await share_links.led_to(conn, None, short)
    held = (clip.media or {}).get(variant)
    if held is None:
        raise MediaGone(short)
    try:
        return respond(request, await media.find(held.key), cache=FILE_CACHE)
    except FileNotFoundError:
        raise MediaGone(short) from None


async def _page(
    request: Request[Any, Any, Any], short: str, pool: asyncpg.Pool, config: Config, *, framed: bool
) -> Response[bytes]:
    try:
        async with pool.acquire() as conn:
            clip = await shared_clips.read(conn, html_pages.public_url(request, config), short)
            if request.method == HttpMethod.GET:
                await share_links.count_open(conn, short)
    except SharingError as error:
        return _not_shown(error, short, config, framed=framed)
    return html_pages.page("embed.html" if framed else "clip.html", config, framed=framed, clip=clip)


def _not_shown(error: SharingError, short: str, config: Config, *, framed: bool) -> Response[bytes]:
    """Says nothing of what was, or is, behind the link."""
    deep_link = ""
    match error:
        case ShareClosed():
            status, heading = HTTPStatus.FORBIDDEN, "Sign in to see this"
            told, deep_link = "It is shared with friends. Open it in the app.", f"castmate://v/{short}"
        case ShareEnded():
            status, heading, told = (
                HTTPStatus.GONE,
                "This is gone",
                "The link has ended, or what it led to was taken back.",
            )
        case ShareUnknown():
            status, heading, told = HTTPStatus.NOT_FOUND, "Nothing here", "There is no such link. Was all of it copied?"
        case _:
            raise error
    return html_pages.page(
        "words.html", config, status=status, framed=framed, heading=heading, told=told, deep_link=deep_link
    )


def _oembed(clip: SharedClip, base: str, width: int, height: int) -> dict[str, Any]:
    """As oembed.com 1.0 names it, section 2.3.4.2."""
    frame = (
        f'<iframe src="{escape(clip.url)}/embed" width="{width}" height="{height}" title="{escape(clip.title)}" '
        'style="border:0" allow="fullscreen; picture-in-picture" loading="lazy"></iframe>'
    )
    found = {
        "type": "video",
        "version": "1.0",
        "title": clip.title,
        "author_name": f"@{clip.maker}",
        "provider_name": "Castmate",
        "provider_url": base,
        "cache_age": FRESH_SECONDS,
        "width": width,
        "height": height,
        "html": frame,
    }
    if (width, height) != (clip.width, clip.height):
        return found  # the poster has one size, which is too large
    return found | {
        "thumbnail_url": f"{clip.url}/poster.webp",
        "thumbnail_width": clip.width,
        "thumbnail_height": clip.height,
    }
