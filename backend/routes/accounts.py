"""Signing up, signing in, the signed-in account, its quota and its API keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, ids, shapes
from backend.auth import TokenKey, Viewer
from backend.config import Config
from social import accounts, api_keys, invites, quota
from social.accounts import Account, NewAccount
from social.errors import ApiKeyUnknown


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: str
    password: str


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    scopes: tuple[str, ...] = ("videos",)


def _signed_in(account: Account, token_key: TokenKey) -> dict[str, Any]:
    return {
        "account": shapes.account(account),
        "access_token": token_key.sign(account.id),
        "token_type": "Bearer",
        "expires_in": auth.LIFE_SECONDS,
    }


@post("/accounts", status_code=201, security=[{}])
async def sign_up(
    data: JSONBody[NewAccount],
    pool: NamedDependency[asyncpg.Pool],
    token_key: NamedDependency[TokenKey],
) -> dict[str, Any]:
    """An account for whoever holds an invite code."""
    accounts.check_new(data, datetime.now(UTC).date())
    password_hash = await auth.hash_password(data.password)
    async with pool.acquire() as conn, conn.transaction():
        invite = await invites.use_up(conn, data.invite_code)
        account = await accounts.create(conn, data, password_hash, invite.role, invite.issuer)
        for _ in range(invites.CODES_PER_ACCOUNT):
            await invites.issue(conn, account.id)
    return _signed_in(account, token_key)


@post("/sessions", status_code=201, security=[{}])
async def sign_in(
    data: JSONBody[Login],
    pool: NamedDependency[asyncpg.Pool],
    token_key: NamedDependency[TokenKey],
) -> dict[str, Any]:
    """A fresh access token for handle and password."""
    return _signed_in(await auth.sign_in(pool, data.handle, data.password), token_key)


@get("/me")
async def me(viewer: NamedDependency[Viewer]) -> dict[str, Any]:
    return shapes.account(viewer.account)


@get("/me/quota")
async def my_quota(
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """Clips left today."""
    async with pool.acquire() as conn:
        today = await quota.today(conn, viewer.id, config.daily_clips)
    return msgspec.structs.asdict(today)


@post("/me/api-keys", status_code=201)
async def new_key(
    data: JSONBody[NewKey], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """The secret is in this answer and nowhere else."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        key, secret = await api_keys.create(conn, viewer.id, data.name, data.scopes)
    return _key(key) | {"secret": secret}


@get("/me/api-keys")
async def my_keys(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return shapes.page([_key(key) for key in await api_keys.of(conn, viewer.id)], has_more=False)


@delete("/me/api-keys/{key_id:str}", status_code=200)
async def revoke_key(
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
