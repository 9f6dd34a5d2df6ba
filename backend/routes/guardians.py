"""A young person's guardians, and a guardian's young people. Nothing here shows a message or a clip."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import delete, get, patch, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from backend import auth, shapes
from backend.auth import Viewer
from social import accounts, guardians, notices, people
from social.errors import GuardianRefused, InvalidValue
from social.guardians import ClipAudience, Link


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH: what is not named stays; null takes a limit back. `active` false: signed out, and no way in."""

    daily_clips: int | UnsetType | None = UNSET
    clip_audience: ClipAudience | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


@get("/me/guardians")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return shapes.page([_link(one) for one in await guardians.guardians(conn, viewer.id)], has_more=False)


@put("/me/guardians/{handle:str}")
async def ask(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Ask a grown-up to be the viewer's guardian; nothing changes before they confirm."""
    auth.need_session(viewer)
    if not viewer.account.is_young:
        raise GuardianRefused("guardians are for people under 18")
    async with pool.acquire() as conn, conn.transaction():
        grown_up = await people.reachable(conn, viewer.id, handle)
        link = await guardians.ask(conn, viewer.id, grown_up.id, grown_up.handle)
        if link.confirmed_at is None:
            await notices.tell(conn, grown_up.id, "guardian_asked", {"by": viewer.account.handle})
    return _link(link)


@delete("/me/guardians/{handle:str}", status_code=200)
async def take_back(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Before it is confirmed, or of age; else only the guardian ends it."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        link = await guardians.of_young(conn, viewer.id, handle)
        if link.confirmed_at is not None and viewer.account.is_young:
            raise GuardianRefused("a confirmed one is ended by the guardian, or by your coming of age")
        await guardians.part(conn, link)
    return {"id": link.handle, "deleted": True}


@get("/me/wards")
async def wards(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Whose guardian the viewer is, or is asked to be, and the limits that hold."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return shapes.page([_link(one) for one in await guardians.wards(conn, viewer.id)], has_more=False)


@put("/me/wards/{handle:str}")
async def confirm(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Become the guardian of whoever asked."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        link = await guardians.of_guardian(conn, viewer.id, handle)
        if link.confirmed_at is None:
            await guardians.confirm(conn, link)
            await notices.tell(conn, link.young, "guardian_confirmed", {"by": viewer.account.handle})
        return _link(await guardians.of_guardian(conn, viewer.id, handle))


@patch("/me/wards/{handle:str}")
async def limit(
    handle: FromPath[str],
    data: JSONBody[Limits],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """How many clips a day, whom they may be shown to, and whether the account may be used at all."""
    auth.need_session(viewer)
    if isinstance(data.daily_clips, int) and not 0 <= data.daily_clips <= 1000:
        raise InvalidValue("daily_clips", data.daily_clips, "0 to 1000, or null for no limit of yours")
    async with pool.acquire() as conn, conn.transaction():
        link = await guardians.of_guardian(conn, viewer.id, handle)
        if data.daily_clips is not UNSET:
            link = msgspec.structs.replace(link, daily_clips=data.daily_clips)
        if data.clip_audience is not UNSET:
            link = msgspec.structs.replace(link, clip_audience=data.clip_audience)
        await guardians.limit(conn, link)
        if data.active is False:
            await accounts.suspend(conn, link.young, "guardian")
        elif data.active is True:
            await accounts.restore(conn, link.young, "guardian")
        await notices.tell(conn, link.young, "guardian_limits", {"by": viewer.account.handle})
        return _link(await guardians.of_guardian(conn, viewer.id, handle))


@delete("/me/wards/{handle:str}", status_code=200)
async def let_go(
    handle: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """No longer their guardian: the limits end."""
    auth.need_session(viewer)
    async with pool.acquire() as conn, conn.transaction():
        link = await guardians.of_guardian(conn, viewer.id, handle)
        await guardians.part(conn, link)
        if all(other.confirmed_at is None for other in await guardians.guardians(conn, link.young)):
            await accounts.restore(conn, link.young, "guardian")
    return {"id": link.handle, "deleted": True}


def _link(row: Link) -> dict[str, Any]:
    return {
        "id": row.handle,
        "handle": row.handle,
        "display_name": row.display_name,
        "confirmed": row.confirmed_at is not None,
        "daily_clips": row.daily_clips,
        "clip_audience": row.clip_audience,
        "active": row.active,
        "asked_at": row.asked_at,
        "confirmed_at": row.confirmed_at,
        "calm_feed": row.calm_feed,
    }
