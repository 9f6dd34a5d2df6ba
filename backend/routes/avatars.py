"""An account's own picture: chosen, looked at, taken away; and the file, by its signed link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import HttpMethod, Request, Response, delete, get, put, route
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, avatars, ids, uploads
from backend.auth import Viewer
from backend.byte_ranges import respond
from backend.errors import MediaGone
from backend.media import Media
from backend.media_links import FRESH_SECONDS, MediaLinks
from backend.routes import references
from character_store.vault import Vault
from social import avatars as rows
from social import clips
from social.avatars import Avatar
from social.errors import ClipUnknown, InvalidValue


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of both: an upload of kind picture, or a clip of yours and a second of it."""

    file_id: str | None = None
    video: str | None = None
    at_s: float = 0.0


@put("/me/avatar", status_code=202)
async def choose(
    data: JSONBody[Choice],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    vault: NamedDependency[Vault],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """Made by a worker; what is shown stays until then. A clip has to be yours and show only characters of yours."""
    auth.need_session(viewer)
    if (data.file_id is None) == (data.video is None):
        raise InvalidValue("file_id", data.file_id, "exactly one of file_id and video")
    upload = clip = None
    if data.file_id is not None:
        upload = (await uploads.complete(pool, vault, viewer, data.file_id, "file_id", ("picture",)))[0].id
    else:
        clip = references.clip(data.video or "")
    async with pool.acquire() as conn, conn.transaction():
        if clip is not None:
            await _check(conn, viewer, clip, data)
        wanted = await avatars.want(conn, viewer.id, upload=upload, clip=clip, at_s=data.at_s)
    return _avatar(viewer.id, wanted, media_links)


@get("/me/avatar")
async def mine(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """What is shown, and what became of the last wish."""
    async with pool.acquire() as conn:
        return _avatar(viewer.id, await rows.of(conn, viewer.id), media_links)


@delete("/me/avatar", status_code=200)
async def remove(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    media_links: NamedDependency[MediaLinks],
) -> dict[str, Any]:
    """Also one that is being made."""
    auth.need_session(viewer)
    await avatars.remove(pool, media, viewer.id)
    return _avatar(viewer.id, None, media_links)


@route(
    "/media/avatar/{account_id:str}/{version:str}/avatar.webp",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    security=[{}],
)
async def file(
    request: Request[Any, Any, Any],
    account_id: FromPath[str],
    version: FromPath[str],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    media_links: NamedDependency[MediaLinks],
) -> Response[Any]:
    """The picture, if the link is this server's, has not expired, and it is still the one shown."""
    query = request.query_params
    left = media_links.check(request.url.path, query.get("exp", ""), query.get("sig", ""))
    key = ids.parse("acct", account_id)
    async with pool.acquire() as conn:
        found = None if key is None else await rows.of(conn, key)
    if found is None or found.media_key is None or found.sha256 is None or found.sha256[:16] != version:
        raise MediaGone(account_id)
    try:
        stored = await media.find(found.media_key)
    except FileNotFoundError:
        raise MediaGone(account_id) from None
    return respond(request, stored, cache=f"public, max-age={min(left, FRESH_SECONDS)}")


async def _check(conn: asyncpg.Connection, viewer: Viewer, clip_id: UUID, data: Choice) -> None:
    """Raises ClipUnknown or InvalidValue."""
    clip = await clips.visible(conn, viewer.id, clip_id)
    if clip is None or clip.account != viewer.id:
        raise ClipUnknown(data.video or "")
    if not 0 <= data.at_s < float(clip.seconds):
        raise InvalidValue("at_s", data.at_s, f"0 up to, and without, {clip.seconds} s")
    if not await rows.only_own_cast(conn, viewer.id, clip_id):
        raise InvalidValue("video", data.video, "a finished clip of yours that shows only characters of yours")


def _avatar(account: UUID, row: Avatar | None, links: MediaLinks) -> dict[str, Any]:
    return {
        "object": "avatar",
        "state": "none" if row is None else row.state,
        "refusal": None if row is None else row.refusal,
        "url": avatars.url(account, None if row is None else row.sha256, links),
    }
