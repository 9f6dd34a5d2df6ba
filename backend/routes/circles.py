"""The people around an account: followers, followed, friends, and whom the viewer may know."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, shapes
from backend.auth import Viewer
from backend.pages import page_of
from social import circles, people
from social.circles import Circle
from social.errors import InvalidValue


@get("/accounts/{handle:str}/followers")
async def followers(
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Who follows them; the newest members first."""
    return await _page(pool, viewer, handle, "followers", after, limit)


@get("/accounts/{handle:str}/following")
async def following(
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Whom they follow; the newest members first."""
    return await _page(pool, viewer, handle, "following", after, limit)


@get("/accounts/{handle:str}/friends")
async def friends(
    handle: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Who follows them and is followed back; the newest members first."""
    return await _page(pool, viewer, handle, "friends", after, limit)


async def _page(
    pool: asyncpg.Pool, viewer: Viewer, handle: str, circle: Circle, after: str | None, limit: int
) -> dict[str, Any]:
    auth.need_session(viewer)
    start, limit = page_of("acct", after, limit)
    async with pool.acquire() as conn:
        owner = await people.seen(conn, viewer.id, handle)
        await circles.need_open(conn, viewer.id, owner)
        rows = await circles.page(conn, viewer.id, owner.id, circle, after=start, limit=limit)
    return shapes.page([shapes.person(one) for one in rows[:limit]], has_more=len(rows) > limit)


@get("/me/suggestions")
async def suggestions(
    viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool], limit: FromQuery[int] = 20
) -> dict[str, Any]:
    """Whom you may know, with the reason: one list without pages."""
    auth.need_session(viewer)
    if not 1 <= limit <= circles.SUGGESTIONS_MOST:
        raise InvalidValue("limit", limit, f"1 to {circles.SUGGESTIONS_MOST}")
    async with pool.acquire() as conn:
        found = await circles.suggestions(conn, viewer.id, limit)
    return shapes.page(
        [shapes.person(one.person) | {"reason": one.reason, "shared_friends": one.shared} for one in found],
        has_more=False,
    )


@delete("/me/suggestions/{handle:str}", status_code=200)
async def dismiss(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Not suggested any more."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        person = await people.other(conn, viewer.id, handle)
        await circles.dismiss(conn, viewer.id, person.id)
    return {"object": "suggestion.dismissed", "handle": person.handle, "dismissed": True}
