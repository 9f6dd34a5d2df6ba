"""Devices: the viewer's phones that want push messages."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import auth, forms, moderating
from backend.auth import Viewer
from social import devices
from social.devices import Device, Platform
from social.moderation import comebacks


class _Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    platform: Platform
    token: str
    sandbox: bool = False
    details: bool = False


@put("/me/devices/{device_id:str}", status_code=200)
async def register(
    request: Request[Any, Any, Any],
    device_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """An installation of the app, under a name it chose for itself, and its token; again whenever the token changes."""
    auth.need_session(viewer)
    sent = msgspec.convert(await forms.read(request), _Device)
    async with pool.acquire() as conn, conn.transaction():
        suspects = await comebacks.by_device(conn, viewer.id, sent.platform, sent.token)
        await moderating.look_at(conn, viewer.id, suspects)
        made = await devices.put(
            conn, viewer.id, device_id, sent.platform, sent.token, sandbox=sent.sandbox, details=sent.details
        )
    return _device(made)


@get("/me/devices")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """All of them, the one last heard of first; without tokens."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        rows = await devices.of(conn, viewer.id)
    return {"object": "list", "data": [_device(row) for row in rows], "has_more": False}


@delete("/me/devices/{device_id:str}", status_code=200)
async def remove(
    device_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Told no more, not even what is on its way."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        await devices.delete(conn, viewer.id, device_id)
    return {"id": device_id, "deleted": True, "object": "device.deleted"}


def _device(row: Device) -> dict[str, Any]:
    return {"object": "device"} | msgspec.structs.asdict(row)
