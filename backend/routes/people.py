"""Other people: who they are to the viewer, following and blocking them."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import auth, avatars, shapes, studio
from backend.auth import Viewer
from backend.media_links import MediaLinks
from character_store import grants, requests
from social import blocks, circles, follows, mutes, people, profiles
from social.errors import AccountUnknown


@get("/accounts/{handle:str}")
async def one(
    request: Request[Any, Any, Any],
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
) -> Response[bytes]:
    """Somebody who has not blocked the viewer."""
    async with pool.acquire() as conn:
        person = await people.seen(conn, viewer.id, handle)
        profile = await profiles.of(conn, person.id)
        around = await circles.counts(conn, person.id)
    counts = {"followers": around.followers, "following": around.following, "friend_count": around.friends}
    shown = shapes.person(person) | counts | {"profile": avatars.profile(person.id, profile, media_links)}
    return shapes.single(request, shown)


@put("/accounts/{handle:str}/follow", status_code=200)
async def follow(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        person = await people.reachable(conn, viewer.id, handle)
        await follows.follow(conn, viewer.id, person.id)
        return shapes.person(await people.find(conn, viewer.id, handle))


@delete("/accounts/{handle:str}/follow", status_code=200)
async def unfollow(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Clips in the making that lived by the friendship stop."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        person = await people.other(conn, viewer.id, handle)
        await follows.unfollow(conn, viewer.id, person.id)
        await studio.stop_unconsented(conn, viewer.id, person.id)
        return shapes.person(await people.seen(conn, viewer.id, handle))


@put("/accounts/{handle:str}/block", status_code=200)
async def block(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Ends follows, grants and open requests both ways, and clips in the making that cast the other."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        person = await people.other(conn, viewer.id, handle)
        await blocks.block(conn, viewer.id, person.id)
        await grants.end_between(conn, viewer.id, person.id)
        await requests.withdraw_between(conn, viewer.id, person.id)
        await studio.stop_unconsented(conn, viewer.id, person.id)
        return shapes.person(await people.find(conn, viewer.id, handle))


@delete("/accounts/{handle:str}/block", status_code=200)
async def unblock(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        person = await people.other(conn, viewer.id, handle)
        await blocks.unblock(conn, viewer.id, person.id)
        return shapes.person(await people.find(conn, viewer.id, handle))


@put("/accounts/{handle:str}/mute", status_code=200)
async def mute(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Their clips and comments are shown to you no more unless you look for them; they do not know."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        person = await people.other(conn, viewer.id, handle)
        if person.blocks_you:
            raise AccountUnknown(handle[:60])
        await mutes.mute(conn, viewer.id, person.id)
        return shapes.person(await people.find(conn, viewer.id, handle))


@delete("/accounts/{handle:str}/mute", status_code=200)
async def unmute(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        person = await people.other(conn, viewer.id, handle)
        if person.blocks_you:
            raise AccountUnknown(handle[:60])
        await mutes.unmute(conn, viewer.id, person.id)
        return shapes.person(await people.find(conn, viewer.id, handle))
