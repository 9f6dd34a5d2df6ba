"""Streams: one clip in the making, and everything a signed-in device should know."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final
from uuid import UUID

import asyncpg
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import auth, ids
from backend.auth import Viewer
from backend.db import GONE
from backend.errors import Forbidden, Unauthenticated
from backend.event_stream import STILL_THERE, EventStream, event, opening
from backend.events import ENDED, Events, Mailbox, Progress
from backend.routes import references
from backend.tokens import TokenKeys
from social import accounts, clips
from social import events as rows
from social.errors import AccountSuspended, ClipUnknown, InvalidValue

HEARTBEAT_SECONDS: Final = 15.0  # and how late, at worst, a stream learns that its sign-in or permission is over
AWAY_SECONDS: Final = 1.0
SIGNED_OUT: Final = {"because": "signed_out"}


class Watch:
    """Whose stream it is, and whether it still may be."""

    def __init__(
        self, request: Request[Any, Any, Any], pool: asyncpg.Pool, events: Events, token_keys: TokenKeys, viewer: Viewer
    ) -> None:
        self.request = request
        self.pool = pool
        self.events = events
        self.token_keys = token_keys
        self.viewer = viewer
        self._due = 0.0

    async def signed_in(self) -> bool:
        """The session lives, or the key does. A session outlives the access token that opened the stream."""
        if self.viewer.session is not None:
            async with self.pool.acquire() as conn:
                found = await accounts.in_session(conn, self.viewer.id, self.viewer.session)
            return found is not None and found[0].closed_by is None
        try:
            await auth.provide_viewer(self.request, self.pool, self.token_keys)
        except (Unauthenticated, Forbidden, AccountSuspended):
            return False
        return True

    async def something(self, box: Mailbox) -> bool:
        """Wait for it; False when it is time for a sign of life."""
        loop = asyncio.get_running_loop()
        if not self._due:
            self._due = loop.time() + HEARTBEAT_SECONDS * random.uniform(0.5, 1)  # noqa: S311  no secret; spreads them
        await box.wait(max(0.0, self._due - loop.time()))
        if loop.time() < self._due:
            return True
        self._due = 0.0
        return False


@get("/videos/{video_id:str}/events", media_type="text/event-stream")
async def of_clip(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    events: NamedDependency[Events],
    token_keys: NamedDependency[TokenKeys],
) -> EventStream:
    """Progress as it happens; the last event is `done`."""
    key = references.clip(video_id)
    async with pool.acquire() as conn:
        if await clips.visible(conn, viewer.id, key) is None:
            raise ClipUnknown(ids.public("video", key))
    watch = Watch(request, pool, events, token_keys, viewer)
    return await _begun(_clip(watch, key, request.headers.get("last-event-id")))


@get("/events", media_type="text/event-stream")
async def of_account(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    events: NamedDependency[Events],
    token_keys: NamedDependency[TokenKeys],
) -> EventStream:
    """Notices, messages, clips and sign-ins of the account. `Last-Event-ID` goes on where a stream broke off."""
    auth.need_session(viewer)
    given = request.headers.get("last-event-id")
    if given is not None and not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise InvalidValue("Last-Event-ID", given, "the id of an event of this stream, a whole number")
    watch = Watch(request, pool, events, token_keys, viewer)
    return await _begun(_account(watch, None if given is None else int(given)))


async def _begun(chunks: AsyncGenerator[bytes, None]) -> EventStream:
    """Its first step is taken before the answer begins, so that a refusal is one."""
    first = await anext(chunks)

    async def all_of_it() -> AsyncGenerator[bytes, None]:
        async with aclosing(chunks):
            yield first
            async for chunk in chunks:
                yield chunk

    return EventStream(all_of_it())


async def _clip(watch: Watch, key: UUID, seen: str | None) -> AsyncGenerator[bytes, None]:
    with watch.events.subscribe(watch.viewer.id, key) as box:
        yield opening()
        shown = False
        while not box.closing:
            for change in await _changes(watch, box, key):
                if isinstance(change, bytes):
                    yield change
                    return
                if change.preview and not shown:
                    shown = True
                    yield event("preview", {"url": f"/v1/videos/{ids.public('video', key)}/preview"})
                number = f"{change.status}.{change.progress}.{change.shot}.{change.stage}"
                if number != seen:
                    seen = number
                    yield event("progress", _moment(change), number)
            if not await watch.something(box):
                yield STILL_THERE
                box.look_again = True


async def _changes(watch: Watch, box: Mailbox, key: UUID) -> list[Progress | bytes]:
    """What happened to the clip, or the last event of its stream."""
    changes = box.take()
    if box.look_again:
        box.look_again = False
        try:
            if not await watch.signed_in():
                return [event("end", SIGNED_OUT)]
            async with watch.pool.acquire() as conn:
                clip = await clips.visible(conn, watch.viewer.id, key)
        except GONE:
            box.look_again = True
            await asyncio.sleep(AWAY_SECONDS)
            return []
        if clip is None:
            return [event("done", {"status": "deleted"})]
        changes = [Progress(key, clip.status, clip.progress, clip.stage, clip.shot)]
    return [event("done", _moment(one)) if one.status in ENDED else one for one in changes]


def _moment(change: Progress) -> dict[str, Any]:
    return {"status": change.status, "progress": change.progress, "stage": change.stage, "shot": change.shot}


async def _account(watch: Watch, after: int | None) -> AsyncGenerator[bytes, None]:
    with watch.events.subscribe(watch.viewer.id) as box:
        async with watch.pool.acquire() as conn:
            forgotten, newest = await rows.span(conn)
        lost = after is not None and not forgotten <= after <= newest
        place = newest if after is None or lost else after
        yield opening(place)
        if lost:
            yield event("reset", {"because": "too old: read again what you show"}, place)
        while not box.closing:
            try:
                again, box.look_again = box.look_again, False
                if again and not await watch.signed_in():
                    yield event("end", SIGNED_OUT)
                    return
                while again or box.newest > place:
                    heard = box.newest
                    found = await watch.events.since(watch.pool, watch.viewer.id, place, None if again else heard)
                    if found:
                        place = found[-1].seq
                        yield b"".join(one.chunk for one in found)
                    if len(found) < rows.PAGE:
                        again, place = False, max(place, heard)
            except GONE:
                box.look_again = True
                await asyncio.sleep(AWAY_SECONDS)
                continue
            for change in box.take():
                yield event("progress", {"id": ids.public("video", change.clip)} | _moment(change))
            if not await watch.something(box):
                yield STILL_THERE
                box.look_again = True
