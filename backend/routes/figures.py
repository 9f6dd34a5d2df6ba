"""Figures for makers, and for whoever lent a clip a character."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import auth, ids
from backend.auth import Viewer
from backend.routes import references
from character_store import seen
from character_store.seen import Seen, SeenDay
from social import clips, figures
from social.errors import ClipUnknown
from social.figures import Period


@get("/me/figures")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """All your clips and characters together, in all and by day of the last 28.

    How many watched is null below 5, so that it never tells who did.
    """
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        period = await figures.period(conn, viewer.id)
        body = await _body(conn, viewer.id, None, period)
        characters = await seen.total(conn, viewer.id)
        days = await seen.by_day(conn, viewer.id, period.time_zone, period.since)
    return body | {"object": "figures", "characters": [_character(one, days, period) for one in characters]}


@get("/videos/{video_id:str}/figures")
async def of_clip(
    video_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """For its maker: one clip, in all and by day of the last 28. How many watched is null below 5."""
    key = references.clip(video_id)
    async with pool.acquire() as conn:
        clip = await clips.visible(conn, viewer.id, key)
        if clip is None or clip.account != viewer.id:
            raise ClipUnknown(video_id)
        body = await _body(conn, viewer.id, key, await figures.period(conn, viewer.id))
    return body | {"id": video_id, "object": "video.figures"}


async def _body(conn: asyncpg.Connection, account: UUID, clip: UUID | None, period: Period) -> dict[str, Any]:
    return {
        "time_zone": period.time_zone,
        "total": await figures.total(conn, account, clip),
        "opens": await figures.opens(conn, account, clip),
        "days": await figures.by_day(conn, account, clip, period),
    }


def _character(one: Seen, days: list[SeenDay], period: Period) -> dict[str, Any]:
    happened = {day.day: day for day in days if day.character == one.character}
    nothing = SeenDay(one.character, period.first, 0, 0)
    shown = [msgspec.structs.replace(happened.get(day, nothing), day=day) for day in period.days]
    return {
        "character": ids.public("char", one.character),
        "handle": one.handle,
        "name": one.name,
        "uses": one.uses,
        "uses_by_others": one.uses_by_others,
        "views": figures.told(one.views),
        "days": [{"day": day.day, "uses": day.uses, "views": figures.told(day.views)} for day in shown],
    }
