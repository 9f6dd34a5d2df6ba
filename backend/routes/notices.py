"""Notices: what happened to the viewer's clips and characters."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend import auth, forms, ids, shapes
from backend.auth import Viewer
from backend.pages import page_of
from social import notices
from social import preferences as preferred
from social.errors import InvalidValue
from social.notices import Notice
from social.preferences import Preference

IDS_MOST = 100


class _Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ids: tuple[str, ...] | None = None
    all: bool = False


class _Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kinds: dict[str, Preference]


@get("/notifications")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Newest first, and how many of all are unread."""
    auth.need_session(viewer)
    start, limit = page_of("ntc", after, limit)
    async with pool.acquire() as conn:
        rows = await notices.of(conn, viewer.id, after=start, limit=limit)
        unread = await notices.unread(conn, viewer.id)
    page = shapes.page([shape_of_notice(row) for row in rows[:limit]], has_more=len(rows) > limit)
    return page | {"unread": unread}


@post("/notifications/read", status_code=200)
async def read(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Either `ids` or `all`; what is unknown or read already stays as it is."""
    auth.need_session(viewer)
    sent = msgspec.convert(await forms.read(request), _Read)
    if (sent.ids is None) != sent.all:
        raise InvalidValue("ids", sent.ids, 'either a list of ids, or "all": true')
    if sent.ids is not None and len(sent.ids) > IDS_MOST:
        raise InvalidValue("ids", f"{len(sent.ids)} ids", f"up to {IDS_MOST}")
    keys = []
    for number, one in enumerate(sent.ids or ()):
        key = ids.parse("ntc", one)
        if key is None:
            raise InvalidValue(f"ids[{number}]", one, "the id of a notice, ntc_…")
        keys.append(key)
    async with pool.acquire() as conn:
        await notices.mark_read(conn, viewer.id, None if sent.all else keys)
        return {"unread": await notices.unread(conn, viewer.id)}


@get("/notifications/preferences")
async def preferences(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Of every kind: whether it is kept in the app, and whether it is pushed to phones."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return _preferences(await preferred.of(conn, viewer.id))


@put("/notifications/preferences", status_code=200)
async def prefer(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Kinds that are not named stay as they are. What is done with one's face is always kept in the app."""
    auth.need_session(viewer)
    sent = msgspec.convert(await forms.read(request), _Preferences)
    async with pool.acquire() as conn, conn.transaction():
        await preferred.put(conn, viewer.id, sent.kinds)
        return _preferences(await preferred.of(conn, viewer.id))


def _preferences(kinds: dict[str, Preference]) -> dict[str, Any]:
    return {"object": "notification_preferences", "kinds": kinds}


def shape_of_notice(row: Notice) -> dict[str, Any]:
    """For the account it is told to."""
    return {
        "id": ids.public("ntc", row.id),
        "object": "notice",
        "kind": row.kind,
        "about": row.about,
        "count": row.people,
        "actors": [msgspec.structs.asdict(one) for one in row.actors],
        "created_at": row.at,
        "read_at": row.read_at,
    }
