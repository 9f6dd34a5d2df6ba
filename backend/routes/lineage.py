"""What a clip came from, and what came from it."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.auth import Viewer
from backend.clip_pages import page_of_clips
from backend.ids import public
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.routes import references
from social import clips, lineage
from social.errors import ClipUnknown, InvalidValue
from social.lineage import Node


@get("/videos/{video_id:str}/lineage")
async def tree(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    under: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 100,
) -> dict[str, Any]:
    """The whole tree that the clip stands in, by depth; of `under` that clip and what came from it.

    Deleted clips, and those that the viewer may not see, are `removed` nodes: an id and a parent. `ancestors` are those
    of `under`, or of the clip itself, the nearest first.
    """
    start, limit = page_of("video", after, limit)
    key = references.clip(video_id)
    async with pool.acquire() as conn:
        if await clips.visible(conn, viewer.id, key) is None:
            raise ClipUnknown(video_id)
        root = await lineage.root_of(conn, key)
        top = None if under is None else references.clip(under)
        for named, param in ((top, "under"), (start, "after")):
            if named is not None and not await lineage.in_tree(conn, root, named):
                raise InvalidValue(param, public("video", named), f"a clip of the lineage of {video_id}")
        if top is None:
            nodes = await lineage.whole(conn, viewer.id, root, after=start, limit=limit)
        else:
            nodes = await lineage.below(conn, viewer.id, top, after=start, limit=limit)
        above = await lineage.ancestors(conn, viewer.id, top or key)
    return {
        "object": "video.lineage",
        "root": public("video", root),
        "ancestors": [_node(one) for one in above],
        "nodes": [_node(one) for one in nodes[:limit]],
        "has_more": len(nodes) > limit,
        "last_id": public("video", nodes[:limit][-1].clip) if nodes[:limit] else None,
    }


@get("/videos/{video_id:str}/remixes")
async def remixes(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    order: FromQuery[str] = "newest",
) -> dict[str, Any]:
    """Published clips that were made from it directly."""
    start, limit = page_of("video", after, limit)
    liked = likes_first(order)
    key = references.clip(video_id)
    async with pool.acquire() as conn:
        if await clips.visible(conn, viewer.id, key) is None:
            raise ClipUnknown(video_id)
        rows = await lineage.remixes(conn, viewer.id, key, after=start, limit=limit, liked=liked)
        return await page_of_clips(conn, viewer, rows, limit, media_links)


def likes_first(order: str) -> bool:
    """Raises InvalidValue."""
    if order not in {"newest", "likes"}:
        raise InvalidValue("order", order, "newest, likes")
    return order == "likes"


def _node(one: Node) -> dict[str, Any]:
    """A tombstone says nothing but where it stood."""
    node = {"id": public("video", one.clip), "parent": None if one.parent is None else public("video", one.parent)}
    if one.maker is None:
        return node | {"removed": True}
    at = None if one.published_at is None else int(one.published_at.timestamp())
    return node | {"removed": False, "maker": one.maker, "depth": one.depth, "published_at": at}
