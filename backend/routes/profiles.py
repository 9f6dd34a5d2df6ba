"""What an account shows: its clips, whom of its characters one may cast, and, to itself, what it liked."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend import auth, ids, shapes, tiles
from backend.auth import Viewer
from backend.errors import Forbidden
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.routes import references
from character_store import grants
from social import grids, people, profiles
from social.errors import ClipUnknown


class Pins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PUT: all of them, in their order."""

    videos: tuple[str, ...]


@get("/accounts/{handle:str}/videos")
async def videos(
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 30,
) -> dict[str, Any]:
    """What they published and you may see: up to three that they pinned, then the newest."""
    start, limit = page_of("video", after, limit)
    async with pool.acquire() as conn:
        owner = await people.seen(conn, viewer.id, handle)
        pins = await grids.pinned(conn, viewer.id, owner.id)
        places = [clip.id for clip in pins]
        ahead = pins if start is None else pins[places.index(start) + 1 :] if start in places else []
        last = None if start in places else start
        rest = await grids.published(conn, viewer.id, owner.id, but=places, after=last, limit=limit)
        rows = [*ahead, *rest][: limit + 1]
        shown = await tiles.of(conn, viewer.id, rows[:limit], media_links, pinned=frozenset(places))
    return shapes.page(shown, has_more=len(rows) > limit)


@get("/accounts/{handle:str}/characters")
async def characters(
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Those of theirs that you may cast now, newest first."""
    start, limit = page_of("char", after, limit)
    async with pool.acquire() as conn:
        owner = await people.seen(conn, viewer.id, handle)
        rows = await grants.castable_of(conn, viewer.id, owner.id, after=start, limit=limit)
    return shapes.page([shapes.castable(row) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/accounts/{handle:str}/likes")
async def likes(
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 30,
) -> dict[str, Any]:
    """Your own; what others like is theirs."""
    auth.need_session(viewer)
    start, limit = page_of("video", after, limit)
    async with pool.acquire() as conn:
        owner = await people.seen(conn, viewer.id, handle)
        if owner.id != viewer.id:
            raise Forbidden("likes are shown to whoever gave them")
        rows = await grids.liked(conn, viewer.id, after=start, limit=limit)
        shown = await tiles.of(conn, viewer.id, rows[:limit], media_links)
    return shapes.page(shown, has_more=len(rows) > limit)


@put("/me/pins", status_code=200)
async def pin(
    data: JSONBody[Pins], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Up to three published clips of yours that stand first; none takes all pins away."""
    auth.need_session(viewer)
    keys = [references.clip(video) for video in data.videos]
    async with pool.acquire() as conn, conn.transaction():
        foreign = await profiles.pin(conn, viewer.id, keys)
        if foreign is not None:
            raise ClipUnknown(ids.public("video", foreign))
    return {"object": "pins", "videos": data.videos}
