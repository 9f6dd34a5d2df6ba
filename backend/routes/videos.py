"""Clips: asked for, looked at, watched in the making, fetched, cancelled, deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from litestar import HttpMethod, Request, Response, delete, get, post, route
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent, ServerSentEventMessage

from backend import forms, ids, shapes, sniff, studio
from backend.auth import Viewer
from backend.byte_ranges import respond
from backend.config import Config
from backend.errors import NotSupportedYet
from backend.events import Events, changes
from backend.idempotency import Attempt
from backend.media import Media
from backend.pages import page_of
from backend.studio import ClipOrder
from character_store import uses
from character_store.characters import MENTION
from generation.plan import MAX_CAST
from generation.shapes import SECONDS, SIZES
from social import clips
from social.clips import PROMPT_MAX, Clip
from social.errors import ClipFilesGone, ClipNotReady, ClipUnknown, InvalidValue

VARIANTS: Final = ("video", "thumbnail", "spritesheet")
BODY_BYTES: Final = 32 * 1024 * 1024
KEY_MOST: Final = 255
POLL_MS: Final = "1000"
KEEP_ALIVE_SECONDS: Final = 15.0
UNKNOWN_YET: Final = ("file_id", "performance", "engine", "audience")


class _Member(msgspec.Struct, frozen=True):
    id: str


class _Sent(msgspec.Struct, frozen=True):
    """POST /videos as sent. Values are checked by hand: an error names what is allowed."""

    prompt: str
    model: str = "castmate-1"
    seconds: str | int | float = "10"  # a number is refused by hand, with what is allowed
    size: str = "720x1280"
    seed: int | None = None
    characters: tuple[_Member, ...] = ()


@post("/videos", status_code=200, request_max_body_size=BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> Response[bytes]:
    """Ask for a clip: charged and queued, or refused with nothing spent."""
    fields = await forms.read(request)
    await _refuse_what_is_not_there_yet(fields)
    multipart = "multipart" in request.headers.get("content-type", "")
    order = _checked(msgspec.convert(fields, _Sent, strict=not multipart))
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= KEY_MOST:
        raise InvalidValue("Idempotency-Key", f"{len(key)} characters", f"1 to {KEY_MOST} characters")
    attempt = Attempt(
        key=key,
        body=msgspec.json.encode(order),
        retried=request.headers.get("x-stainless-retry-count", "0") not in {"", "0"},
    )
    clip = await studio.request_clip(pool, viewer.id, order, attempt, config.daily_clips)
    return await _answer(request, pool, viewer, clip)


async def _refuse_what_is_not_there_yet(fields: forms.Fields) -> None:
    """A file is looked at first: what is wrong with it matters more than that it cannot be used yet."""
    reference = fields.get("input_reference")
    if isinstance(reference, UploadFile):
        await sniff.picture("input_reference", reference)
    if reference is not None:
        raise NotSupportedYet("input_reference", "a picture", "no input_reference")
    for name in UNKNOWN_YET:
        if fields.get(name) is not None:
            raise NotSupportedYet(name, fields[name], f"no {name}")


def _checked(sent: _Sent) -> ClipOrder:
    """Raises InvalidValue."""
    if not sent.prompt.strip() or len(sent.prompt) > PROMPT_MAX:
        raise InvalidValue("prompt", f"{len(sent.prompt)} characters", f"1 to {PROMPT_MAX} characters")
    if sent.seconds not in SECONDS:
        raise InvalidValue("seconds", sent.seconds, ", ".join(f'"{one}"' for one in SECONDS))
    if sent.size not in SIZES:
        raise InvalidValue("size", sent.size, ", ".join(SIZES))
    if not 1 <= len(sent.model) <= 100:
        raise InvalidValue("model", sent.model, "a name of 1 to 100 characters")
    if sent.seed is not None and not 0 <= sent.seed < 2**31:
        raise InvalidValue("seed", sent.seed, "0 to 2147483647")
    if len(sent.characters) > MAX_CAST:
        raise InvalidValue("characters", f"a cast of {len(sent.characters)}", f"at most {MAX_CAST}")
    cast: list[UUID | str] = []
    for number, member in enumerate(sent.characters):
        key = ids.parse("char", member.id)
        if key is None and not member.id.startswith("@"):
            raise InvalidValue(f"characters[{number}].id", member.id, "the id or @handle of a character")
        cast.append(member.id[1:].lower() if key is None else key)
    return ClipOrder(
        prompt=sent.prompt,
        model=sent.model,
        seconds=sent.seconds,
        size=sent.size,
        seed=sent.seed,
        characters=tuple(cast),
        mentions=tuple(dict.fromkeys(handle.lower() for handle in MENTION.findall(sent.prompt))),
    )


@get("/videos")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
    order: FromQuery[str] = "desc",
) -> dict[str, Any]:
    """The viewer's own clips."""
    start, limit = page_of("video", after, limit)
    if order not in {"asc", "desc"}:
        raise InvalidValue("order", order, "asc, desc")
    async with pool.acquire() as conn:
        rows = await clips.made_by(conn, viewer.id, after=start, limit=limit, newest_first=order == "desc")
        cast = await uses.of_clips(conn, [row.id for row in rows])
    return shapes.page([shapes.video(row, cast[row.id]) for row in rows[:limit]], has_more=len(rows) > limit)


@get("/videos/{video_id:str}")
async def one(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[bytes]:
    return await _answer(request, pool, viewer, _key(video_id))


@route("/videos/{video_id:str}/content", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def content(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    variant: FromQuery[str] = "video",
) -> Response[Any]:
    """The file itself: ranges, conditions, HEAD."""
    if variant not in VARIANTS:
        raise InvalidValue("variant", variant, ", ".join(VARIANTS))
    async with pool.acquire() as conn:
        clip = await _seen(conn, viewer, _key(video_id))
    if clip.media is None:
        raise ClipNotReady(video_id, clip.status)
    try:
        return respond(request, await media.find(clip.media[variant].key))
    except FileNotFoundError:
        raise ClipFilesGone(video_id) from None


@get("/videos/{video_id:str}/events")
async def watch(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    events: NamedDependency[Events],
) -> ServerSentEvent:
    """Progress as it happens; the last event is `done`."""
    key = _key(video_id)
    async with pool.acquire() as conn:
        await _seen(conn, viewer, key)
    return ServerSentEvent(_progress(pool, events, viewer, key), headers={"x-accel-buffering": "no"})


async def _progress(
    pool: asyncpg.Pool, events: Events, viewer: Viewer, key: UUID
) -> AsyncIterator[ServerSentEventMessage]:
    with events.subscribe(key) as queue:
        queue.put_nowait(None)  # begin with how things stand
        said: dict[str, Any] | None = None
        async for change in changes(queue, KEEP_ALIVE_SECONDS):
            if change is None:
                async with pool.acquire() as conn:
                    clip = await clips.visible(conn, viewer.id, key)
                if clip is None:
                    yield ServerSentEventMessage(event="done", data=msgspec.json.encode({"status": "deleted"}).decode())
                    return
                now = {"status": clip.status, "progress": clip.progress, "stage": clip.stage, "shot": clip.shot}
            else:
                now = {"status": change.status, "progress": change.progress, "stage": change.stage, "shot": change.shot}
            if now["status"] in {"completed", "failed"}:
                yield ServerSentEventMessage(event="done", data=msgspec.json.encode(now).decode())
                return
            if now == said:
                yield ServerSentEventMessage(comment="still there")
                continue
            said = now
            yield ServerSentEventMessage(event="progress", data=msgspec.json.encode(now).decode())


@post("/videos/{video_id:str}/cancel", status_code=200)
async def cancel(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[bytes]:
    """Stop a clip that is not done; it is refunded."""
    key = _key(video_id)
    await studio.cancel_clip(pool, viewer.id, key)
    return await _answer(request, pool, viewer, key)


@delete("/videos/{video_id:str}", status_code=200)
async def remove(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> dict[str, Any]:
    """The clip and its files, for good."""
    await studio.delete_clip(pool, media, viewer.id, _key(video_id))
    return {"id": video_id, "deleted": True, "object": "video.deleted"}


def _key(video_id: str) -> UUID:
    """Raises ClipUnknown."""
    key = ids.parse("video", video_id)
    if key is None:
        raise ClipUnknown(video_id)
    return key


async def _seen(conn: asyncpg.Connection, viewer: Viewer, key: UUID) -> Clip:
    """Raises ClipUnknown, also for clips of others."""
    clip = await clips.visible(conn, viewer.id, key)
    if clip is None:
        raise ClipUnknown(ids.public("video", key))
    return clip


async def _answer(request: Request[Any, Any, Any], pool: asyncpg.Pool, viewer: Viewer, key: UUID) -> Response[bytes]:
    async with pool.acquire() as conn:
        clip = await _seen(conn, viewer, key)
        cast = await uses.of_clips(conn, [key])
    waiting = clip.status in {"queued", "in_progress"}
    return shapes.single(request, shapes.video(clip, cast[key]), {"openai-poll-after-ms": POLL_MS} if waiting else None)
