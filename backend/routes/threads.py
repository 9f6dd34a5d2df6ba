"""Threads: begun with friends, listed, read, named, joined by more, left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import UNSET, UnsetType

from backend import auth, conversations, forms, ids, shapes, talk_shapes
from backend.auth import Viewer
from backend.pages import page_of
from social import threads
from social.errors import InvalidValue
from social.safety import refusals
from social.talk_errors import ThreadUnknown


class _New(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    members: tuple[str, ...]
    title: str | None = None


class _Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str | UnsetType = UNSET
    muted: bool | UnsetType = UNSET


class _Added(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: str


class _Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    upto: str | None = None
    all: bool = False


@get("/threads")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Those with the newest messages first. `first_id` and `last_id` are places in time, `at_…`."""
    auth.need_session(viewer)
    start, limit = page_of("at", after, limit)
    async with pool.acquire() as conn:
        rows = await threads.of(conn, viewer.id, after=start, limit=limit)
        unread = await threads.unread(conn, viewer.id)
    shown = rows[:limit]
    page = shapes.page([talk_shapes.thread(row) for row in shown], has_more=len(rows) > limit)
    ends = (
        {"first_id": ids.public("at", shown[0].newest), "last_id": ids.public("at", shown[-1].newest)} if shown else {}
    )
    return page | ends | {"unread": unread}


@post("/threads", status_code=201)
async def create(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> Response[dict[str, Any]]:
    """With one friend and no title: the thread of you two; 200 where it is there already. Else a group of up to 20."""
    auth.need_session(viewer)
    sent = msgspec.convert(await forms.read(request), _New)
    key, fresh = await conversations.begin(pool, viewer.account, sent.members, sent.title)
    return Response(await _answer(pool, viewer, key), status_code=201 if fresh else 200)


@get("/threads/{thread_id:str}")
async def one(
    thread_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    return await _answer(pool, viewer, key_of(thread_id))


@patch("/threads/{thread_id:str}", status_code=200)
async def change(
    request: Request[Any, Any, Any],
    thread_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """The title of a group, for everybody; `muted` for you alone: your phones stay silent."""
    auth.need_session(viewer)
    key = key_of(thread_id)
    changes = msgspec.convert(await forms.read(request), _Changes)
    title = UNSET if changes.title is UNSET else threads.checked_title(changes.title)
    async with pool.acquire() as conn, conn.transaction():
        thread = await threads.find(conn, viewer.id, key, thread_id)
        if title is not UNSET:
            await refusals.need_fit(conn, viewer.account, "said", "title", title)
            await threads.rename(conn, thread, title, thread_id)
        if changes.muted is not UNSET:
            await threads.mute(conn, viewer.id, key, muted=changes.muted)
    return await _answer(pool, viewer, key)


@post("/threads/{thread_id:str}/members", status_code=200)
async def add(
    request: Request[Any, Any, Any],
    thread_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """A friend of yours, into a group; they read what is said from now on."""
    auth.need_session(viewer)
    key = key_of(thread_id)
    sent = msgspec.convert(await forms.read(request), _Added)
    await conversations.add(pool, viewer.account, key, sent.handle)
    return await _answer(pool, viewer, key)


@delete("/threads/{thread_id:str}", status_code=200)
async def leave(
    thread_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """A thread of two comes back, without what was said before, when something new is said in it."""
    auth.need_session(viewer)
    key = key_of(thread_id)
    async with pool.acquire() as conn, conn.transaction():
        await threads.find(conn, viewer.id, key, thread_id)
        await threads.leave(conn, viewer.id, key)
    return {"id": thread_id, "deleted": True, "object": "thread.deleted"}


@post("/threads/{thread_id:str}/read", status_code=200)
async def read_upto(
    request: Request[Any, Any, Any],
    thread_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """`upto` a message, or `all`; what was read before stays read."""
    auth.need_session(viewer)
    key = key_of(thread_id)
    sent = msgspec.convert(await forms.read(request), _Read)
    if (sent.upto is None) != sent.all:
        raise InvalidValue("upto", sent.upto, 'either the id of a message, or "all": true')
    upto = None if sent.upto is None else ids.parse("msg", sent.upto)
    if sent.upto is not None and upto is None:
        raise InvalidValue("upto", sent.upto, "the id of a message in this thread")
    async with pool.acquire() as conn, conn.transaction():
        thread = await threads.find(conn, viewer.id, key, thread_id)
        await threads.read(conn, viewer.id, thread, upto, sent.upto)
    return await _answer(pool, viewer, key)


def key_of(thread_id: str) -> UUID:
    """Raises ThreadUnknown."""
    key = ids.parse("thr", thread_id)
    if key is None:
        raise ThreadUnknown(thread_id)
    return key


async def _answer(pool: asyncpg.Pool, viewer: Viewer, key: UUID) -> dict[str, Any]:
    async with pool.acquire() as conn:
        return talk_shapes.thread(await threads.find(conn, viewer.id, key, ids.public("thr", key)))
