"""Signing in with a password, staying signed in, the devices that are, and signing them out."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend import auth, guessing, ids, second_factor, shapes
from backend.auth import Viewer
from backend.tokens import TokenKeys
from social import attempts, sessions
from social.errors import SessionUnknown
from social.sessions import Session


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code`: of the second factor, where one is on. `device`: what the list of sessions calls this one."""

    handle: str
    password: str
    code: str | None = None
    device: str | None = None


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    refresh_token: str


@post("/sessions", status_code=201, security=[{}], opt={"secret": True})
async def sign_in(
    request: Request[Any, Any, Any],
    data: JSONBody[Login],
    pool: NamedDependency[asyncpg.Pool],
    token_keys: NamedDependency[TokenKeys],
    account_secret: NamedDependency[bytes],
) -> dict[str, Any]:
    """A session for handle and password. After wrong ones the same account and address wait: 429 with Retry-After."""
    attempt = guessing.attempt(request, account_secret, data.handle)
    account = await auth.with_password(pool, attempt, data.handle, data.password)
    async with pool.acquire() as conn, conn.transaction():
        await second_factor.need(conn, account_secret, account.id, data.code)
        await attempts.forgiven(conn, attempt)
        return await auth.signed_in(conn, token_keys, account, auth.device(request, data.device), "password")


@post("/sessions/refresh", status_code=201, security=[{}], opt={"secret": True})
async def refresh(
    data: JSONBody[Refresh], pool: NamedDependency[asyncpg.Pool], token_keys: NamedDependency[TokenKeys]
) -> dict[str, Any]:
    """The next tokens; the one that was sent is used.

    Whoever lost this answer asks again within 60 s and gets the same next refresh token. Later, or once that one was
    used, a used token ends the session.
    """
    return await auth.refreshed(pool, token_keys, data.refresh_token)


@get("/sessions")
async def mine(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """The devices that are signed in, newest first."""
    auth.need_session(viewer)
    async with pool.acquire() as conn:
        found = await sessions.of(conn, viewer.id)
    return shapes.page([_session(one, viewer) for one in found], has_more=False)


@delete("/sessions/current", status_code=200)
async def sign_out(viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]) -> dict[str, Any]:
    """Its access tokens and its refresh token stop working at once."""
    auth.need_session(viewer)
    assert viewer.session is not None  # noqa: S101  what need_session says
    async with pool.acquire() as conn:
        await sessions.end(conn, viewer.session, "signed_out")
    return {"id": ids.public("sess", viewer.session), "deleted": True}


@delete("/sessions/{session_id:str}", status_code=200)
async def revoke(
    session_id: FromPath[str], viewer: NamedDependency[Viewer], pool: NamedDependency[asyncpg.Pool]
) -> dict[str, Any]:
    """Sign another device out."""
    auth.need_session(viewer)
    key = ids.parse("sess", session_id)
    async with pool.acquire() as conn:
        if key is None or not await sessions.end(conn, key, "revoked", viewer.id):
            raise SessionUnknown(session_id)
    return {"id": session_id, "deleted": True}


@get("/.well-known/jwks.json", security=[{}])
async def jwks(token_keys: NamedDependency[TokenKeys]) -> Response[dict[str, Any]]:
    """The public keys of access tokens (RFC 7517). A token with a `kid` that is not here asks for them anew."""
    return Response(token_keys.public(), headers={"cache-control": "public, max-age=300"})


def _session(row: Session, viewer: Viewer) -> dict[str, Any]:
    return {
        "id": ids.public("sess", row.id),
        "device": row.device,
        "means": row.means,
        "current": row.id == viewer.session,
        "signed_in_at": row.signed_in_at,
        "last_used_at": row.last_used_at,
        "expires_at": row.expires_at,
    }
