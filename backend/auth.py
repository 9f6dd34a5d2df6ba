"""Who is asking: access tokens (tokens.py) and API keys (scopes.py), both as `Authorization: Bearer`."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from litestar import Request
from litestar.di import NamedDependency

from backend import ids, scopes, shapes
from backend.errors import Forbidden, StaleSession, Unauthenticated
from backend.tokens import LIFE_SECONDS, TokenKeys
from social import accounts, api_keys, attempts, sessions
from social.accounts import Account, Role
from social.errors import AccountSuspended, RefreshRefused, WrongPassword
from social.moderation import statements
from social.sessions import Means, Session

FRESH_SECONDS: Final = 600
STAFF_FRESH_SECONDS: Final = 3600  # of a moderator at work
STAFF: Final[tuple[Role, ...]] = ("moderator", "senior", "operator")
DEVICE_MAX: Final = 120  # characters of what a device calls itself
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's first choice for argon2id
_NOBODY: Final = _HASHER.hash("nobody has this password")  # an unknown handle costs as much time as a known one


class Viewer(msgspec.Struct, frozen=True):
    """The signed-in account and what this sign-in may do.

    `scopes` None = everything; then `session` is the device's. Otherwise `key` is the API key that was sent.
    """

    account: Account
    scopes: tuple[str, ...] | None
    signed_in_at: int = 0  # Unix seconds; 0 for an API key
    session: UUID | None = None
    key: UUID | None = None

    @property
    def id(self) -> UUID:
        return self.account.id


async def hash_password(password: str) -> str:
    """argon2id, in a thread."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def with_password(pool: asyncpg.Pool, attempt: attempts.Attempt, handle: str, password: str) -> Account:
    """Whose they are. Raises WrongPassword or TooManyAttempts.

    The attempt stays counted until the caller, once nothing else is missing, has it `forgiven`.
    """
    async with pool.acquire() as conn:
        await attempts.count(conn, attempt)
        found = await accounts.with_password_hash(conn, handle)
    account, known = found or (None, None)
    try:
        await asyncio.to_thread(_HASHER.verify, known or _NOBODY, password)
    except VerificationError:
        raise WrongPassword from None
    if account is None or known is None:
        raise WrongPassword
    return account


async def signed_in(
    conn: asyncpg.Connection, token_keys: TokenKeys, account: Account, device: str, means: Means
) -> dict[str, Any]:
    """A new session, as a client is told of it. Raises AccountSuspended.

    Who is suspended by a moderator is given what an appeal takes: the token opens that route alone, for LIFE_SECONDS.
    """
    if account.closed_by is not None:
        statement = await statements.of_suspension(conn, account.id)
        if statement is None:
            raise AccountSuspended(account.closed_by)
        appeal = {"statement": ids.public("stm", statement), "token": token_keys.sign(account.id, statement)}
        raise AccountSuspended(account.closed_by, appeal)
    session, refresh_token = await sessions.open_session(conn, account.id, device, means)
    return _tokens(token_keys, account, session, refresh_token)


async def refreshed(pool: asyncpg.Pool, token_keys: TokenKeys, refresh_token: str) -> dict[str, Any]:
    """Raises RefreshRefused, after the family of a replayed token has ended for good."""
    async with pool.acquire() as conn:
        async with conn.transaction():
            rotated = await sessions.rotate(conn, refresh_token)
        if rotated is None:
            raise RefreshRefused
        session, successor = rotated
        account = await accounts.by_id(conn, session.account)
    if account is None:
        raise RefreshRefused
    return _tokens(token_keys, account, session, successor)


def _tokens(token_keys: TokenKeys, account: Account, session: Session, refresh_token: str) -> dict[str, Any]:
    return {
        "account": shapes.account(account),
        "access_token": token_keys.sign(account.id, session.id),
        "refresh_token": refresh_token,
        "token_type": "Bearer",
        "expires_in": LIFE_SECONDS,
        "session_id": ids.public("sess", session.id),
    }


async def provide_viewer(
    request: Request[Any, Any, Any], pool: NamedDependency[asyncpg.Pool], token_keys: NamedDependency[TokenKeys]
) -> Viewer:
    """Raises Unauthenticated, AccountSuspended, or Forbidden for a key whose scopes do not reach this route."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("nobody is signed in")
    secret = secret.strip()
    if secret.startswith(api_keys.PREFIX):
        viewer = await _with_key(pool, secret)
        _need_scope(request, viewer)
    else:
        viewer = await _with_token(pool, token_keys, secret)
    if viewer.account.closed_by is not None:
        raise AccountSuspended(viewer.account.closed_by)
    return viewer


async def _with_key(pool: asyncpg.Pool, secret: str) -> Viewer:
    async with pool.acquire() as conn:
        held = await api_keys.used(conn, secret)
        account = None if held is None else await accounts.by_id(conn, held.account)
    if held is None or account is None:
        raise Unauthenticated("there is no such API key, or it was revoked")
    return Viewer(account, held.scopes, key=held.id)


async def _with_token(pool: asyncpg.Pool, token_keys: TokenKeys, token: str) -> Viewer:
    subject, session = token_keys.read(token)
    async with pool.acquire() as conn:
        found = await accounts.in_session(conn, subject, session)
    if found is None:
        raise Unauthenticated("the session has ended, or the account is gone")
    account, since = found
    return Viewer(account, None, _unix(since), session)


def _unix(at: datetime) -> int:
    return int(at.timestamp())


def _need_scope(request: Request[Any, Any, Any], viewer: Viewer) -> None:
    allowed = scopes.that_open(request.method, request.url.path)
    if viewer.scopes is not None and not allowed & set(viewer.scopes):
        needed = f"the scope {' or '.join(sorted(allowed))}" if allowed else "a signed-in session"
        raise Forbidden(f"this API key has the scopes {list(viewer.scopes)}; allowed here: {needed}")


def need_session(viewer: Viewer) -> None:
    """API keys make videos; identities, keys and invites need a person's own session. Raises Forbidden."""
    if viewer.scopes is not None:
        raise Forbidden(f"this API key has the scopes {list(viewer.scopes)}; allowed here: a signed-in session")


def need_role(viewer: Viewer, *roles: Role) -> None:
    """Raises Forbidden."""
    need_session(viewer)
    if viewer.account.role not in roles:
        raise Forbidden(f"your role is {viewer.account.role!r}; allowed here: {', '.join(roles)}")


def need_fresh(viewer: Viewer, seconds: int = FRESH_SECONDS) -> None:
    """What cannot be undone, or lets somebody else in, asks for a sign-in of lately. Raises StaleSession."""
    need_session(viewer)
    age = int(time.time()) - viewer.signed_in_at
    if age > seconds:
        raise StaleSession(age, seconds)


def need_staff(viewer: Viewer) -> None:
    """Whoever moderates. Raises Forbidden."""
    need_role(viewer, *STAFF)


def device(request: Request[Any, Any, Any], named: str | None) -> str:
    """What a list of sessions shows: the client's word, or its User-Agent."""
    text = named or request.headers.get("user-agent") or "unknown"
    return "".join(one for one in text if one.isprintable())[:DEVICE_MAX] or "unknown"
