"""API keys: made, listed, revoked. What their scopes open stands in scopes.py."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, ids, shapes
from backend.auth import Viewer
from social import api_keys
from social.errors import ApiKeyUnknown


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    scopes: tuple[str, ...] = ("videos",)


@post("/me/api-keys", status_code=201, opt={"secret": True})
async def create(
    data: JSONBody[NewKey], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """The secret is in this answer and nowhere else."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        key, secret = await api_keys.create(conn, viewer.id, data.name, data.scopes)
    return _key(key) | {"secret": secret}


@get("/me/api-keys")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return shapes.page([_key(key) for key in await api_keys.of(conn, viewer.id)], has_more=False)


@delete("/me/api-keys/{key_id:str}", status_code=200)
async def revoke(
    key_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    auth.need_session(viewer)
    key = ids.parse("key", key_id)
    async with pool.acquire() as conn:
        if key is None or not await api_keys.revoke(conn, viewer.id, key):
            raise ApiKeyUnknown(key_id)
    return {"id": key_id, "deleted": True}


def _key(key: api_keys.ApiKey) -> dict[str, Any]:
    return msgspec.structs.asdict(key) | {"id": ids.public("key", key.id)}
