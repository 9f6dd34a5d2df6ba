"""Clips: asked for, looked at, watched in the making, fetched, cancelled, deleted."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from litestar import HttpMethod, Request, Response, delete, get, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import forms, given, ids, shapes, stamped, studio, uploads
from backend.auth import Viewer
from backend.byte_ranges import respond
from backend.config import Config
from backend.idempotency import Attempt
from backend.media import Media
from backend.media_links import MediaLinks
from backend.pages import page_of
from backend.planning import ClipOrder
from backend.routes import borrowed, orders, references
from backend.routes.orders import Order
from character_store import requests, uses
from character_store.vault import Vault
from social import clips, guardians, parents
from social.clips import Clip
from social.errors import ClipFilesGone, ClipNotReady, ClipUnknown, InvalidValue

VARIANTS: Final = ("video", "thumbnail", "spritesheet")
BODY_BYTES: Final = 64 * 1024 * 1024
KEY_MOST: Final = 255
POLL_MS: Final = "1000"


@post("/videos", status_code=200, request_max_body_size=BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """Ask for a clip: charged and queued, or refused with nothing spent."""
    fields = await uploads.stand_in(pool, media, vault, viewer, await forms.read(request))
    order = await orders.read(fields, config, multipart=forms.is_multipart(request))
    order = await borrowed.with_sound(pool, media, viewer, fields, order)
    return await ordered(request, order, viewer, pool, config, media, vault)


async def ordered(
    request: Request[Any, Any, Any],
    order: Order,
    viewer: Viewer,
    pool: asyncpg.Pool,
    config: Config,
    media: Media,
    vault: Vault,
) -> Response[bytes]:
    """What was given is sealed first; whatever refuses the clip leaves nothing of it."""
    async with given.sealed(pool, media, vault, viewer.id, order.beside.plains) as parcel:
        attempt = attempt_of(request, order.clip)
        clip = await studio.request_clip(pool, viewer.account, order.clip, attempt, config.daily_clips, parcel)
    made = await answer(request, pool, viewer, clip)
    async with pool.acquire() as conn:
        made.headers.update(shapes.quota_headers(await guardians.today(conn, viewer.id, config.daily_clips)))
    return made


def attempt_of(request: Request[Any, Any, Any], order: ClipOrder) -> Attempt:
    """How to know this request again. Raises InvalidValue."""
    return attempt_with(request, msgspec.json.encode(msgspec.structs.replace(order, spoken=())))


def attempt_with(request: Request[Any, Any, Any], body: bytes) -> Attempt:
    """As `attempt_of`, for what the body asks in bytes. Raises InvalidValue."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= KEY_MOST:
        raise InvalidValue("Idempotency-Key", f"{len(key)} characters", f"1 to {KEY_MOST} characters")
    return Attempt(
        key=key,
        body=body,
        retried=request.headers.get("x-stainless-retry-count", "0") not in {"", "0"},
    )


@get("/videos")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
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
        wishes = await requests.publications(conn, [row.id for row in rows])
        came_from = await parents.makers(conn, viewer.id, rows)
    videos = [
        shapes.video(row, cast[row.id], wishes.get(row.id), came_from.get(row.id))
        | {"media": shapes.media(row, cast[row.id], viewer.id, media_links)}
        for row in rows[:limit]
    ]
    return shapes.page(videos, has_more=len(rows) > limit)


@get("/videos/{video_id:str}")
async def one(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[bytes]:
    return await answer(request, pool, viewer, references.clip(video_id))


@route("/videos/{video_id:str}/content", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def content(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    variant: FromQuery[str] = "video",
) -> Response[Any]:
    """The file itself: ranges, conditions, HEAD. A video is the one to take away, with the visible mark."""
    if variant not in VARIANTS:
        raise InvalidValue("variant", variant, ", ".join(VARIANTS))
    if variant != "video":
        return await _file(request, video_id, viewer, pool, media, variant)
    async with pool.acquire() as conn:
        clip = await _seen(conn, viewer, references.clip(video_id))
    if not clip.media:
        raise ClipNotReady(video_id, clip.status)
    if "video" not in clip.media:
        raise ClipFilesGone(video_id)
    return respond(request, await media.find((await stamped.download(pool, media, clip)).key))


@route("/videos/{video_id:str}/captions.vtt", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def captions(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> Response[Any]:
    """The lines as WebVTT, at the times they are heard."""
    return await _file(request, video_id, viewer, pool, media, "captions")


@post("/videos/{video_id:str}/cancel", status_code=200)
async def cancel(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[bytes]:
    """Stop a clip that is not done; it is refunded."""
    key = references.clip(video_id)
    await studio.cancel_clip(pool, viewer.id, key)
    return await answer(request, pool, viewer, key)


@delete("/videos/{video_id:str}", status_code=200)
async def remove(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
) -> dict[str, Any]:
    """The clip and its files, for good."""
    await studio.delete_clip(pool, media, viewer.id, references.clip(video_id))
    return {"id": video_id, "deleted": True, "object": "video.deleted"}


async def _file(
    request: Request[Any, Any, Any], video_id: str, viewer: Viewer, pool: asyncpg.Pool, media: Media, variant: str
) -> Response[Any]:
    """Raises ClipUnknown, ClipNotReady, and ClipFilesGone also for what clips of earlier versions do not have."""
    async with pool.acquire() as conn:
        clip = await _seen(conn, viewer, references.clip(video_id))
    if not clip.media:
        raise ClipNotReady(video_id, clip.status)
    if variant not in clip.media:
        raise ClipFilesGone(video_id)
    try:
        return respond(request, await media.find(clip.media[variant].key))
    except FileNotFoundError:
        raise ClipFilesGone(video_id) from None


async def _seen(conn: asyncpg.Connection, viewer: Viewer, key: UUID) -> Clip:
    """Raises ClipUnknown, also for clips of others."""
    clip = await clips.visible(conn, viewer.id, key)
    if clip is None:
        raise ClipUnknown(ids.public("video", key))
    return clip


async def answer(request: Request[Any, Any, Any], pool: asyncpg.Pool, viewer: Viewer, key: UUID) -> Response[bytes]:
    """The Video object; only its maker is told for whom its publication waits."""
    async with pool.acquire() as conn:
        clip = await _seen(conn, viewer, key)
        cast = await uses.of_clips(conn, [key])
        wishes = await requests.publications(conn, [key] if clip.account == viewer.id else [])
        came_from = await parents.makers(conn, viewer.id, [clip])
    waiting = clip.status in {"queued", "in_progress"}
    links = shapes.media(clip, cast[key], viewer.id, request.app.state.media_links)
    video = shapes.video(clip, cast[key], wishes.get(key), came_from.get(key)) | {"media": links}
    return shapes.single(request, video, {"openai-poll-after-ms": POLL_MS} if waiting else None)
