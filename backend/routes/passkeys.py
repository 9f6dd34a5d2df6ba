"""Passkeys: added by whoever is signed in, and signed in with."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, ids, passkeys, shapes
from backend.auth import Viewer
from backend.config import Config
from backend.tokens import TokenKeys
from social import accounts
from social import passkeys as rows
from social.errors import PasskeyRefused, PasskeyUnknown


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`credential`: PublicKeyCredential.toJSON() of what the device made."""

    credential: dict[str, Any]
    name: str = "passkey"


class Assertion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`credential`: PublicKeyCredential.toJSON() of what the device signed."""

    credential: dict[str, Any]
    device: str | None = None


@post("/sessions/passkeys/registration", status_code=201)
async def begin(
    viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool], config: NamedDependency[Config]
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON, good for five minutes. Needs a sign-in of lately."""
    auth.need_fresh(viewer)
    async with pool.acquire() as conn, conn.transaction():
        options, challenge = passkeys.creation_options(config, viewer.account, await rows.of(conn, viewer.id))
        await rows.challenge(conn, challenge, viewer.id)
    return options


@post("/sessions/passkeys", status_code=201)
async def add(
    data: JSONBody[NewPasskey],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    auth.need_fresh(viewer)
    return _passkey(await passkeys.register(pool, config, viewer.account, data.credential, data.name))


@get("/sessions/passkeys")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return shapes.page([_passkey(one) for one in await rows.of(conn, viewer.id)], has_more=False)


@delete("/sessions/passkeys/{passkey_id:str}", status_code=200)
async def remove(
    passkey_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Not the last way to sign in. Needs a sign-in of lately."""
    auth.need_fresh(viewer)
    key = ids.parse("pk", passkey_id)
    if key is None:
        raise PasskeyUnknown(passkey_id)
    async with pool.acquire() as conn, conn.transaction():
        await rows.remove(conn, viewer.id, key, passkey_id)
    return {"id": passkey_id, "deleted": True}


@post("/sessions/passkeys/challenge", status_code=201, security=[{}])
async def challenge(pool: NamedDependency[asyncpg.Pool], config: NamedDependency[Config]) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON for signing in, good for five minutes."""
    options, given = passkeys.request_options(config)
    async with pool.acquire() as conn:
        await rows.challenge(conn, given, None)
    return options


@post("/sessions/passkeys/sign-in", status_code=201, security=[{}], opt={"secret": True})
async def sign_in(
    request: Request[Any, Any, Any],
    data: JSONBody[Assertion],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    token_keys: NamedDependency[TokenKeys],
) -> dict[str, Any]:
    """A session for a passkey; with its user verification it is both factors."""
    found = await passkeys.proven(pool, config, data.credential)
    async with pool.acquire() as conn, conn.transaction():
        account = await accounts.by_id(conn, found)
        if account is None:
            raise PasskeyRefused("no account has it")
        return await auth.signed_in(conn, token_keys, account, auth.device(request, data.device), "passkey")


def _passkey(row: rows.Passkey) -> dict[str, Any]:
    return {
        "id": ids.public("pk", row.id),
        "name": row.name,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
    }
