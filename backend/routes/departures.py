"""Leaving: an account that goes, with the times at which each thing was gone; and staying after all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import account_departure, auth, forms, ids
from backend.apple import Revoker
from backend.auth import Viewer
from backend.media import Media
from social import departures
from social.departures import Departure
from social.errors import DepartureUnknown, InvalidValue

CLIPS = ("keep", "remove")


class _Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    apple_authorization_code: str | None = None


@delete("/me", status_code=202)
async def leave(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    revoker: NamedDependency[Revoker],
    grace_days: FromQuery[int] = 0,
    clips: FromQuery[str] = "keep",
) -> dict[str, Any]:
    """Faces and voices are unreadable before this answers; clips and account go now, or after up to 30 days.

    The id in the answer opens GET /departures/{id} without a session: it says when each thing was gone. With
    `grace_days`, signing in and POST /me/stay keep the account. The body may carry `apple_authorization_code`.
    """
    auth.need_fresh(viewer)
    if clips not in CLIPS:
        raise InvalidValue("clips", clips, ", ".join(CLIPS))
    has_body = request.headers.get("content-length", "0") != "0"
    sent = msgspec.convert(await forms.read(request), _Sent) if has_body else _Sent()
    asked = await account_departure.leave(
        pool,
        media,
        viewer.id,
        grace_days,
        remove_clips=clips == "remove",
        revoker=revoker,
        apple_code=sent.apple_authorization_code,
    )
    return await _shape(pool, asked)


@post("/me/stay", status_code=200)
async def stay(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Within the days of grace."""
    auth.need_session(viewer)
    return await _shape(pool, await account_departure.stay(pool, viewer.id))


@get("/departures/{departure_id:str}", security=[{}])
async def one(departure_id: FromPath[str], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Whoever was given the id; it is random."""
    key: UUID | None = ids.parse("leave", departure_id)
    async with pool.acquire() as conn:
        found = None if key is None else await departures.find(conn, key)
    if found is None:
        raise DepartureUnknown(departure_id)
    return await _shape(pool, found)


async def _shape(pool: asyncpg.Pool, row: Departure) -> dict[str, Any]:
    async with pool.acquire() as conn:
        mute = await departures.backups_mute_at(conn, row)
    return {
        "id": ids.public("leave", row.id),
        "object": "account.departure",
        "asked_at": row.asked_at,
        "due_at": row.due_at,
        "cancelled_at": row.cancelled_at,
        "biometrics_destroyed_at": row.asked_at,
        "media_deleted_at": row.media_deleted_at,
        "account_deleted_at": row.account_deleted_at,
        "backups_unreadable_at": mute,
    }
