"""The second factor: enrolled, confirmed with a first code, taken away with another."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend import auth, guessing, second_factor
from backend.auth import Viewer
from social import attempts, totp
from social.errors import SecondFactorOff, SecondFactorOn, WrongCode


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str


@get("/me/second-factor")
async def state(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        return {"enabled": await totp.is_on(conn, viewer.id)}


@post("/me/second-factor", status_code=201, opt={"secret": True})
async def enrol(
    viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool], account_secret: NamedDependency[bytes]
) -> dict[str, Any]:
    """A secret for the authenticator app; nothing changes before it is confirmed. Needs a sign-in of lately."""
    auth.need_fresh(viewer)
    async with pool.acquire() as conn:
        made = await totp.enrol(conn, account_secret, viewer.id)
    if made is None:
        raise SecondFactorOn
    return {"secret": made, "uri": totp.uri(made, viewer.account.handle)}


@post("/me/second-factor/confirm", status_code=200)
async def confirm(
    request: Request[Any, Any, Any],
    data: JSONBody[Code],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    account_secret: NamedDependency[bytes],
) -> dict[str, Any]:
    """From now on a password alone opens nothing."""
    auth.need_fresh(viewer)
    attempt = guessing.attempt(request, account_secret, viewer.account.handle)
    async with pool.acquire() as conn:
        if not await totp.is_enrolled(conn, viewer.id):
            raise SecondFactorOff
        await attempts.count(conn, attempt)
        if not await totp.use(conn, account_secret, viewer.id, data.code):
            raise WrongCode
        await attempts.forgiven(conn, attempt)
        await totp.confirm(conn, viewer.id)
    return {"enabled": True}


@post("/me/second-factor/disable", status_code=200)
async def disable(
    request: Request[Any, Any, Any],
    data: JSONBody[Code],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    account_secret: NamedDependency[bytes],
) -> dict[str, Any]:
    """Needs a sign-in of lately, and a code: of the app, or one on paper."""
    auth.need_fresh(viewer)
    attempt = guessing.attempt(request, account_secret, viewer.account.handle)
    async with pool.acquire() as conn:
        if not await totp.is_on(conn, viewer.id):
            raise SecondFactorOff
        await attempts.count(conn, attempt)
        if not await second_factor.is_right(conn, account_secret, viewer.id, data.code):
            raise WrongCode
        await attempts.forgiven(conn, attempt)
        await totp.remove(conn, viewer.id)
    return {"enabled": False}
