"""What the viewer tells their feed: in words, clip by clip, and whether it is calm."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend import auth, forms, ids, shapes
from backend.auth import Viewer
from backend.embeddings import Embeddings, understood
from backend.pages import page_of
from backend.routes import references
from social import calm, clips, feedback, people, steering
from social.calm import Calm
from social.errors import ClipUnknown, InvalidValue
from social.feedback import ClipKind, Feedback, Kind
from social.steering import Steering
from social.taste_errors import ChipUnknown, FeedbackUnknown


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """1 to 500 characters: "more dogs, less shouting, nothing political"."""

    text: str


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    on: bool


class NewFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either a `video_id`, or a `creator` by handle for `hide_creator`."""

    kind: Kind
    video_id: str | None = None
    creator: str | None = None


@get("/feed/steering")
async def read(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> Response[bytes]:
    """What was said last, and the chips that are left of it; no text and no chips where nothing was said."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return shapes.single(request, _steering(await steering.of(conn, viewer.id)))


@put("/feed/steering")
async def tell(
    data: JSONBody[Words],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    embeddings: NamedDependency[Embeddings],
) -> dict[str, Any]:
    """In place of what was said before. Shows what was understood, and what was not."""
    auth.need_session(viewer)
    if "\0" in data.text:
        raise InvalidValue("text", "text with a NUL character", "text without one")
    async with pool.acquire() as conn:
        heard, lost = await steering.hear(conn, data.text)
    heard = await understood(embeddings, pool, heard)
    async with pool.acquire() as conn, conn.transaction():
        return _steering(await steering.set_to(conn, viewer.id, data.text, heard, lost))


@delete("/feed/steering", status_code=200)
async def forget(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """All of it; feedback stays."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        await steering.forget(conn, viewer.id)
    return _steering(steering.NOTHING)


@delete("/feed/steering/{chip_id:str}", status_code=200)
async def remove_chip(
    chip_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """One thing that was understood, and is not wanted; the rest stays."""
    auth.need_session(viewer)
    key = ids.parse("chip", chip_id)
    if key is None:
        raise ChipUnknown(chip_id)
    async with pool.acquire() as conn, conn.transaction():
        await steering.remove(conn, viewer.id, key, chip_id)
        return _steering(await steering.of(conn, viewer.id))


@post("/feed/feedback", status_code=200)
async def say(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """More or less like a clip that the viewer may see, or a person whose clips for_you shall not show any more."""
    auth.need_session(viewer)
    new = msgspec.convert(await forms.read(request), NewFeedback)
    async with pool.acquire() as conn, conn.transaction():
        if new.kind == "hide_creator":
            if new.creator is None or new.video_id is not None:
                raise InvalidValue("creator", new.creator, "with hide_creator: a handle, and no video_id")
            person = await people.other(conn, viewer.id, new.creator)
            await people.seen(conn, viewer.id, new.creator)
            return _feedback(await feedback.hide(conn, viewer.id, person.id))
        if new.video_id is None or new.creator is not None:
            raise InvalidValue("video_id", new.video_id, f"with {new.kind}: the id of a video, and no creator")
        return _feedback(await _on_clip(conn, viewer, new.video_id, new.kind))


async def _on_clip(conn: asyncpg.Connection, viewer: Viewer, video_id: str, kind: ClipKind) -> Feedback:
    key = references.clip(video_id)
    if await clips.visible(conn, viewer.id, key) is None:
        raise ClipUnknown(video_id)
    return await feedback.on_clip(conn, viewer.id, key, kind)


@get("/feed/feedback")
async def said(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Newest first."""
    auth.need_session(viewer)
    start, limit = page_of("fb", after, limit)
    async with pool.acquire() as conn:
        rows = await feedback.of(conn, viewer.id, after=start, limit=limit)
    return shapes.page([_feedback(row) for row in rows[:limit]], has_more=len(rows) > limit)


@delete("/feed/feedback/{feedback_id:str}", status_code=200)
async def take_back(
    feedback_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    key = ids.parse("fb", feedback_id)
    if key is None:
        raise FeedbackUnknown(feedback_id)
    async with pool.acquire() as conn:
        await feedback.take_back(conn, viewer.id, key, feedback_id)
    return {"id": feedback_id, "deleted": True, "object": "feedback.deleted"}


@get("/feed/calm")
async def is_calm(
    request: Request[Any, Any, Any], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> Response[bytes]:
    """Whether the feed is calm, why, and how many clips are left of today."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return shapes.single(request, _calm(await calm.of(conn, viewer.id)))


@put("/feed/calm")
async def choose(
    data: JSONBody[Choice], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Nobody below 16 can switch it off."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        await calm.choose(conn, viewer.id, on=data.on)
        return _calm(await calm.of(conn, viewer.id))


def _steering(said: Steering) -> dict[str, Any]:
    return {
        "object": "steering",
        "text": said.text,
        "chips": [
            {"id": ids.public("chip", one.id), "topic": one.topic, "direction": one.direction, "words": one.words}
            for one in said.chips
        ],
        "not_understood": said.not_understood,
    }


def _feedback(row: Feedback) -> dict[str, Any]:
    return {
        "id": ids.public("fb", row.id),
        "object": "feedback",
        "kind": row.kind,
        "video_id": ids.public("video", row.clip) if row.clip else None,
        "creator": row.creator,
        "created_at": row.at,
    }


def _calm(row: Calm) -> dict[str, Any]:
    return {"object": "calm"} | msgspec.structs.asdict(row)
