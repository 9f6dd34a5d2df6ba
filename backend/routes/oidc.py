"""Signing in with Apple, Google or another OpenID provider, and which of them open an account."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, joining, shapes
from backend.auth import Viewer
from backend.config import Config
from backend.oidc import Oidc, Proven
from backend.tokens import TokenKeys
from social import accounts, identities
from social.accounts import Account
from social.errors import IdentityTaken, SignUpNeeded


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    provider: str
    id_token: str
    nonce: str


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows `nonce` makes an account where the identity opens none yet."""

    provider: str
    id_token: str
    nonce: str
    handle: str | None = None
    birth_date: date | None = None
    invite_code: str | None = None
    display_name: str | None = None
    device: str | None = None


@post("/sessions/oidc", status_code=201, security=[{}], opt={"secret": True})
async def sign_in(
    request: Request[Any, Any, Any],
    data: JSONBody[SignIn],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    oidc: NamedDependency[Oidc],
    token_keys: NamedDependency[TokenKeys],
) -> dict[str, Any]:
    """A session. An identity nobody has signed up with is told what is `missing`; send it with the same request."""
    proven = await oidc.prove(data.provider, data.id_token, data.nonce)
    async with pool.acquire() as conn, conn.transaction():
        found = await identities.account_of(conn, proven.provider, proven.subject)
        account = await _joined(conn, proven, data, config) if found is None else await accounts.by_id(conn, found)
        if account is None:
            raise IdentityTaken(proven.provider, "its account is being deleted")
        return await auth.signed_in(conn, token_keys, account, auth.device(request, data.device), "oidc")


async def _joined(conn: asyncpg.Connection, proven: Proven, data: SignIn, config: Config) -> Account:
    """Raises SignUpNeeded, or what signing up refuses."""
    asked = {"handle": data.handle, "birth_date": data.birth_date}
    if not config.open_signup:
        asked["invite_code"] = data.invite_code
    missing = tuple(name for name, value in asked.items() if value is None)
    if missing or data.handle is None or data.birth_date is None:
        raise SignUpNeeded(missing)
    name = data.display_name or proven.name or data.handle
    wish = joining.checked(data.handle, name, data.birth_date, data.invite_code, config)
    account = await joining.join(conn, wish, None)
    await identities.link(conn, account.id, proven.provider, proven.subject)
    return account


@post("/me/identities", status_code=201)
async def link(
    data: JSONBody[Token],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    oidc: NamedDependency[Oidc],
) -> dict[str, Any]:
    """From now on this identity signs in to the viewer's account. Needs a sign-in of lately."""
    auth.need_fresh(viewer)
    proven = await oidc.prove(data.provider, data.id_token, data.nonce)
    async with pool.acquire() as conn:
        await identities.link(conn, viewer.id, proven.provider, proven.subject)
        return await _listed(conn, viewer)


@get("/me/identities")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return await _listed(conn, viewer)


@delete("/me/identities/{provider:str}", status_code=200)
async def unlink(
    provider: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Not the last way to sign in. Needs a sign-in of lately."""
    auth.need_fresh(viewer)
    async with pool.acquire() as conn, conn.transaction():
        await identities.unlink(conn, viewer.id, provider)
    return {"id": provider, "deleted": True}


async def _listed(conn: asyncpg.Connection, viewer: Viewer) -> dict[str, Any]:
    held = await identities.of(conn, viewer.id)
    items = [{"id": one.provider, "provider": one.provider, "linked_at": one.linked_at} for one in held]
    return shapes.page(items, has_more=False)
