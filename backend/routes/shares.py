"""Links to clips: made, listed, revoked, and followed by those who have the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import forms, html_pages, ids, shapes
from backend.auth import Viewer
from backend.config import Config
from backend.pages import page_of
from backend.routes import references
from social import clips, share_links
from social.errors import ClipNotReady, ClipUnknown
from social.share_links import ShareLink
from social.sharing_errors import ClipUnpublished


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole body may be left out."""

    expires_at: datetime | None = None


@post("/videos/{video_id:str}/share", status_code=200)
async def share(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """Your link to a clip that you may see; asked for again, the same one with its new end.

    Whoever opens it sees a clip for everyone; where the clip is for friends, they sign in first.
    """
    fields = await forms.read_if_any(request)
    wish = msgspec.convert(fields, Wish, strict=not forms.is_multipart(request))
    expires_at = share_links.checked_end(wish.expires_at)
    key = references.clip(video_id)
    async with pool.acquire() as conn, conn.transaction():
        clip = await clips.visible(conn, viewer.id, key)
        if clip is None:
            raise ClipUnknown(video_id)
        if clip.status != "completed":
            raise ClipNotReady(video_id, clip.status)
        if clip.audience == "only_me":
            raise ClipUnpublished(video_id)
        link = await share_links.make(conn, viewer.id, key, expires_at)
    return _link(link, html_pages.public_url(request, config))


@get("/videos/{video_id:str}/shares")
async def of_clip(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Its maker sees every link to a clip, others their own. Opens are counted; by whom is not kept."""
    key = references.clip(video_id)
    start, limit = page_of("link", after, limit)
    async with pool.acquire() as conn:
        if await clips.visible(conn, viewer.id, key) is None:
            raise ClipUnknown(video_id)
        rows = await share_links.of_clip(conn, viewer.id, key, after=start, limit=limit)
    base = html_pages.public_url(request, config)
    return shapes.page([_link(row, base) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/shares/{short:str}")
async def follow(
    short: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Which clip a link leads to, for an app that was opened by it; only a clip that the viewer may see."""
    async with pool.acquire() as conn:
        clip = await share_links.led_to(conn, viewer.id, short)
    return {"object": "share.target", "short": short, "video": ids.public("video", clip.id)}


@delete("/shares/{short:str}", status_code=200)
async def revoke(
    short: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """By whoever made it, or by the clip's maker."""
    async with pool.acquire() as conn:
        link = await share_links.revoke(conn, viewer.id, short)
    return {"id": ids.public("link", link.id), "object": "share.revoked", "short": short, "revoked_at": link.revoked_at}


def _link(row: ShareLink, base: str) -> dict[str, Any]:
    url = f"{base}/v/{row.short}"
    return {
        "id": ids.public("link", row.id),
        "object": "share",
        "short": row.short,
        "url": url,
        "embed_url": f"{url}/embed",
        "video": ids.public("video", row.clip),
        "opens": row.opens,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
    }
