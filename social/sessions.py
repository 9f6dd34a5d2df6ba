"""Sessions: one per signed-in device, and the family of refresh tokens that keeps it (RFC 9700, 4.14.2).

A refresh token is used once and only its SHA-256 is kept. Its successor is HMAC(token, salt): whoever lost the answer
asks again with the token and gets the same successor, while the rows alone give none (docs/decisions/0017).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

PREFIX: Final = "cmr_"
GRACE_SECONDS: Final = 60
Means = Literal["password", "passkey", "oidc"]
Because = Literal["signed_out", "revoked", "replayed", "password_changed", "recovered", "suspended"]


class Session(msgspec.Struct, frozen=True):
    id: UUID
    account: UUID
    device: str
    means: Means
    signed_in_at: datetime
    last_used_at: datetime
    expires_at: datetime


async def open_session(conn: asyncpg.Connection, account: UUID, device: str, means: Means) -> tuple[Session, str]:
    """A new family and its first refresh token. Ends after 60 days without use."""
    row = await conn.fetchrow(
        """
        insert into session (account, device, means, expires_at) values ($1, $2, $3, now() + interval '60 days')
        returning id, account, device, means, signed_in_at, last_used_at, expires_at
        """,
        account,
        device,
        means,
    )
    session = msgspec.convert(dict(row), Session)
    token = _written(secrets.token_bytes(32))
    await _note(conn, session.id, token)
    return session, token


async def rotate(conn: asyncpg.Connection, token: str) -> tuple[Session, str] | None:
    """The session and its next refresh token; None where the token is not, or no longer, good for anything.

    A used token outside the grace, or one whose successor was used already, is a replay: the family ends. Let the
    caller's transaction commit before it refuses, or the family lives on.
    """
    family = await conn.fetchval(
        "select id from session where id = (select session from refresh_token where sha256 = $1) for update",
        _sha256(token),
    )
    if family is None:
        return None
    known = await conn.fetchrow(
        """
        select used_at, next_salt, used_at > now() - make_interval(secs => $2) as lately
        from refresh_token where sha256 = $1
        """,
        _sha256(token),
        GRACE_SECONDS,
    )
    if known["used_at"] is None:
        return await _step(conn, family, token)
    successor = _successor(token, known["next_salt"]) if known["lately"] and known["next_salt"] else None
    if successor is None or not await _unused(conn, successor):
        await end(conn, family, "replayed")
        return None
    session = await _live(conn, family)
    return None if session is None else (session, successor)


async def of(conn: asyncpg.Connection, account: UUID) -> list[Session]:
    """Those that live, newest first."""
    rows = await conn.fetch(
        """
        select id, account, device, means, signed_in_at, last_used_at, expires_at from session
        where account = $1 and ended_at is null and expires_at > now() order by id desc
        """,
        account,
    )
    return [msgspec.convert(dict(row), Session) for row in rows]


async def end(conn: asyncpg.Connection, session: UUID, because: Because, account: UUID | None = None) -> bool:
    """Access tokens of it stop working at once. False where there is no such live session (of that account)."""
    done = await conn.execute(
        """
        update session set ended_at = now(), ended_because = $2
        where id = $1 and ended_at is null and expires_at > now() and ($3::uuid is null or account = $3)
        """,
        session,
        because,
        account,
    )
    return bool(done == "UPDATE 1")


async def end_all(conn: asyncpg.Connection, account: UUID, because: Because, but: UUID | None = None) -> None:
    """All of an account, save one."""
    await conn.execute(
        """
        update session set ended_at = now(), ended_because = $2
        where account = $1 and ended_at is null and id is distinct from $3
        """,
        account,
        because,
        but,
    )


async def tidy(conn: asyncpg.Connection) -> None:
    """Forget what ended a month ago."""
    await conn.execute("delete from session where least(ended_at, expires_at) < now() - interval '30 days'")


async def _step(conn: asyncpg.Connection, family: UUID, token: str) -> tuple[Session, str] | None:
    row = await conn.fetchrow(
        """
        update session set last_used_at = now(), expires_at = now() + interval '60 days'
        where id = $1 and ended_at is null and expires_at > now()
        returning id, account, device, means, signed_in_at, last_used_at, expires_at
        """,
        family,
    )
    if row is None:
        return None
    salt = secrets.token_bytes(32)
    successor = _successor(token, salt)
    await conn.execute("update refresh_token set next_salt = null where session = $1 and next_salt is not null", family)
    await conn.execute(
        "update refresh_token set used_at = now(), next_salt = $2 where sha256 = $1", _sha256(token), salt
    )
    await conn.execute("delete from refresh_token where session = $1 and used_at < now() - interval '30 days'", family)
    await _note(conn, family, successor)
    return msgspec.convert(dict(row), Session), successor


async def _live(conn: asyncpg.Connection, family: UUID) -> Session | None:
    row = await conn.fetchrow(
        """
        select id, account, device, means, signed_in_at, last_used_at, expires_at from session
        where id = $1 and ended_at is null and expires_at > now()
        """,
        family,
    )
    return None if row is None else msgspec.convert(dict(row), Session)


async def _note(conn: asyncpg.Connection, family: UUID, token: str) -> None:
    await conn.execute("insert into refresh_token (sha256, session) values ($1, $2)", _sha256(token), family)


async def _unused(conn: asyncpg.Connection, token: str) -> bool:
    return bool(await conn.fetchval("select used_at is null from refresh_token where sha256 = $1", _sha256(token)))


def _successor(token: str, salt: bytes) -> str:
    return _written(hmac.digest(token.encode(), salt, hashlib.sha256))


def _written(secret: bytes) -> str:
    return PREFIX + base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def _sha256(token: str) -> bytes:
    """256 bits of entropy go in, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()
