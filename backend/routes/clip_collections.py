"""Curators' lists: made, filled, put in order, followed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, UnsetType

from backend import auth, html_pages, ids, shapes, tiles
from backend.auth import Viewer
from backend.config import Config
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.routes import references
from social import clip_collections as rows
from social import clips, guardians, people, share_links
from social.clip_collections import Collection
from social.errors import ClipUnknown, InvalidValue
from social.publication import Audience
from social.safety import refusals
from social.sharing_errors import ClipUnpublished, CollectionLacks, CollectionUnknown


class New(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    about: str = ""
    audience: Audience = "only_me"


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH: what is not named stays."""

    title: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    video: str


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that you see in it, once each."""

    videos: tuple[str, ...]


@post("/collections", status_code=201)
async def create(
    request: Request[Any, Any, Any],
    data: JSONBody[New],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """An empty one."""
    auth.need_session(viewer)
    title, about = rows.checked_title(data.title), rows.checked_about(data.about)
    async with pool.acquire() as conn, conn.transaction():
        await guardians.need_audience(conn, viewer.id, data.audience)
        for param, words in (("title", title), ("about", about)):
            await refusals.need_fit(conn, viewer.account, "said", param, words)
        made = await rows.create(conn, viewer.id, title, about, data.audience)
        return await _shown(request, config, conn, viewer, made)


@get("/collections")
async def mine(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    *,
    followed: FromQuery[bool] = False,
) -> dict[str, Any]:
    """Your own, or those that you follow and may still see; newest first."""
    start, limit = page_of("coll", after, limit)
    async with pool.acquire() as conn:
        found = (
            await rows.followed(conn, viewer.id, after=start, limit=limit)
            if followed
            else await rows.of_account(conn, viewer.id, viewer.id, after=start, limit=limit)
        )
    return _page(request, config, found, limit)


@get("/accounts/{handle:str}/collections")
async def of_account(
    request: Request[Any, Any, Any],
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Somebody's, as far as you may see them."""
    start, limit = page_of("coll", after, limit)
    async with pool.acquire() as conn:
        owner = await people.seen(conn, viewer.id, handle)
        found = await rows.of_account(conn, viewer.id, owner.id, after=start, limit=limit)
    return _page(request, config, found, limit)


@get("/collections/{collection_id:str}")
async def one(
    request: Request[Any, Any, Any],
    collection_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> Response[bytes]:
    """How many of its items you may not see is all that is told of those."""
    async with pool.acquire() as conn:
        shown = await _shown(request, config, conn, viewer, _key(collection_id))
    return shapes.single(request, shown)


@patch("/collections/{collection_id:str}")
async def change(
    request: Request[Any, Any, Any],
    collection_id: FromPath[str],
    data: JSONBody[Changes],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """Whoever may not see it any more follows it no longer to any effect."""
    auth.need_session(viewer)
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    checked = {"title": rows.checked_title, "about": rows.checked_about}
    given |= {name: check(given[name]) for name, check in checked.items() if name in given}
    async with pool.acquire() as conn, conn.transaction():
        found = await rows.own(conn, viewer.id, _key(collection_id))
        if "audience" in given:
            await guardians.need_audience(conn, viewer.id, given["audience"])
        for name in checked.keys() & given.keys():
            await refusals.need_fit(conn, viewer.account, "said", name, given[name])
        await rows.change(conn, msgspec.structs.replace(found, **given))
        return await _shown(request, config, conn, viewer, found.id)


@delete("/collections/{collection_id:str}", status_code=200)
async def remove(
    collection_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """The list; no clip."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        found = await rows.own(conn, viewer.id, _key(collection_id))
        await rows.remove(conn, found.id)
    return {"id": collection_id, "object": "collection.deleted", "deleted": True}


@get("/collections/{collection_id:str}/items")
async def items(
    collection_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 30,
) -> dict[str, Any]:
    """The clips of it that you may see, in the curator's order."""
    start, limit = page_of("video", after, limit)
    async with pool.acquire() as conn:
        found = await rows.seen(conn, viewer.id, _key(collection_id))
        keys = await rows.visible_items(conn, viewer.id, found.id)
        if start is not None and start not in keys:
            raise InvalidValue("after", after, "the last_id of the page before, still in the collection")
        keys = keys if start is None else keys[keys.index(start) + 1 :]
        shown = await tiles.of(conn, viewer.id, await rows.clips_of(conn, viewer.id, keys[:limit]), media_links)
    return shapes.page(shown, has_more=len(keys) > limit)


@post("/collections/{collection_id:str}/items", status_code=200)
async def add(
    request: Request[Any, Any, Any],
    collection_id: FromPath[str],
    data: JSONBody[Item],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """A published clip that you may see, at the end."""
    auth.need_session(viewer)
    clip_id = references.clip(data.video)
    async with pool.acquire() as conn, conn.transaction():
        found = await rows.own(conn, viewer.id, _key(collection_id))
        clip = await clips.visible(conn, viewer.id, clip_id)
        if clip is None:
            raise ClipUnknown(data.video)
        if clip.published_at is None:
            raise ClipUnpublished(data.video)
        await rows.add(conn, found, clip_id, data.video)
        await share_links.ensure(conn, viewer.id, clip_id)
        return await _shown(request, config, conn, viewer, found.id)


@delete("/collections/{collection_id:str}/items/{video_id:str}", status_code=200)
async def take_out(
    request: Request[Any, Any, Any],
    collection_id: FromPath[str],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """Out of the list, whether you may still see it or not."""
    auth.need_session(viewer)
    key = ids.parse("video", video_id)
    if key is None:
        raise CollectionLacks(video_id)
    async with pool.acquire() as conn, conn.transaction():
        found = await rows.own(conn, viewer.id, _key(collection_id))
        await rows.take_out(conn, found.id, key, video_id)
        return await _shown(request, config, conn, viewer, found.id)


@put("/collections/{collection_id:str}/order", status_code=200)
async def reorder(
    request: Request[Any, Any, Any],
    collection_id: FromPath[str],
    data: JSONBody[Order],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """All items that you see in it, in their new order; those that are gone stay behind them."""
    auth.need_session(viewer)
    wanted = [references.clip(video) for video in data.videos]
    async with pool.acquire() as conn, conn.transaction():
        found = await rows.own(conn, viewer.id, _key(collection_id))
        there = await rows.visible_items(conn, viewer.id, found.id)
        if sorted(wanted) != sorted(there):
            raise InvalidValue("videos", _difference(wanted, there), "each item that you see in it, exactly once")
        await rows.reorder(conn, found.id, wanted)
        return await _shown(request, config, conn, viewer, found.id)


@put("/collections/{collection_id:str}/follow", status_code=200)
async def follow(
    request: Request[Any, Any, Any],
    collection_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """Once or many times is the same."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        found = await rows.seen(conn, viewer.id, _key(collection_id))
        await rows.follow(conn, viewer.id, found.id)
        return await _shown(request, config, conn, viewer, found.id)


@delete("/collections/{collection_id:str}/follow", status_code=200)
async def unfollow(
    collection_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Also of one that you may not see any more, or that is gone."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        await rows.unfollow(conn, viewer.id, _key(collection_id))
    return {"id": collection_id, "object": "collection.unfollowed", "followed": False}


def _key(collection_id: str) -> UUID:
    """Raises CollectionUnknown."""
    key = ids.parse("coll", collection_id)
    if key is None:
        raise CollectionUnknown(collection_id)
    return key


def _difference(wanted: list[UUID], there: list[UUID]) -> str:
    missing, extra = set(there) - set(wanted), set(wanted) - set(there)
    return (
        f"{len(wanted)} videos: {len(missing)} missing, {len(extra)} not in it, {len(wanted) - len(set(wanted))} twice"
    )


async def _shown(
    request: Request[Any, Any, Any], config: Config, conn: asyncpg.Connection, viewer: Viewer, key: UUID
) -> dict[str, Any]:
    """Raises CollectionUnknown."""
    row = await rows.seen(conn, viewer.id, key)
    visible = len(await rows.visible_items(conn, viewer.id, key))
    return _card(row, html_pages.public_url(request, config)) | {"visible": visible, "gone": row.items - visible}


def _page(request: Request[Any, Any, Any], config: Config, found: list[Collection], limit: int) -> dict[str, Any]:
    base = html_pages.public_url(request, config)
    return shapes.page([_card(row, base) for row in found[:limit]], has_more=len(found) > limit)


def _card(row: Collection, base: str) -> dict[str, Any]:
    """`url` opens where its audience is everyone."""
    return {
        "id": ids.public("coll", row.id),
        "object": "collection",
        "curator": row.curator,
        "title": row.title,
        "about": row.about,
        "audience": row.audience,
        "url": f"{base}/c/{row.short}",
        "items": row.items,
        "followers": row.followers,
        "followed": row.followed,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
