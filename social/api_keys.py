"""API keys: long-lived secrets for scripts and SDKs. Only a hash is kept; the secret is shown once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social.errors import ApiKeysFull, InvalidValue

PREFIX: Final = "cm_"
Scope = Literal["videos", "videos:read", "webhooks"]
SCOPES: Final[tuple[Scope, ...]] = ("videos", "videos:read", "webhooks")
KEYS_MOST: Final = 50


class ApiKey(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None


def hash_of(secret: str) -> bytes:
    """256 bits of entropy go in, so a plain SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()


async def create(conn: asyncpg.Connection, account: UUID, name: str, scopes: tuple[str, ...]) -> tuple[ApiKey, str]:
    """The key and its secret. Raises InvalidValue or ApiKeysFull."""
    if not 1 <= len(name.strip()) <= 60:
        raise InvalidValue("name", name, "1 to 60 characters")
    for scope in scopes or ("",):
        if scope not in SCOPES:
            raise InvalidValue("scopes", list(scopes), f"one or more of {', '.join(SCOPES)}")
    held = await conn.fetchval("select count(*) from api_key where account = $1 and revoked_at is null", account)
    if held >= KEYS_MOST:
        raise ApiKeysFull(KEYS_MOST)
    secret = PREFIX + secrets.token_urlsafe(32)
    row = await conn.fetchrow(
        """
        insert into api_key (account, name, scopes, secret_sha256) values ($1, $2, $3, $4)
        returning id, name, scopes, created_at, last_used_at
        """,
        account,
        name.strip(),
        sorted(set(scopes)),
        hash_of(secret),
    )
    return msgspec.convert(dict(row), ApiKey), secret


async def of(conn: asyncpg.Connection, account: UUID) -> list[ApiKey]:
    """Newest first."""
    rows = await conn.fetch(
        """
        select id, name, scopes, created_at, last_used_at from api_key
        where account = $1 and revoked_at is null order by id desc
        """,
        account,
    )
    return [msgspec.convert(dict(row), ApiKey) for row in rows]


async def revoke(conn: asyncpg.Connection, account: UUID, key: UUID) -> bool:
    """False when the account has no such key."""
    done = await conn.execute(
        "update api_key set revoked_at = now() where id = $2 and account = $1 and revoked_at is null", account, key
    )
    return bool(done == "UPDATE 1")


class Held(msgspec.Struct, frozen=True):
    """A key that was sent with a request."""

    id: UUID
    account: UUID
    scopes: tuple[str, ...]


async def used(conn: asyncpg.Connection, secret: str) -> Held | None:
    """Whose key this is, and what it may do. Notes the use once a minute at most."""
    row = await conn.fetchrow(
        """
        with found as (
            select id, account, scopes, last_used_at from api_key where secret_sha256 = $1 and revoked_at is null
        ),
        noted as (
            update api_key k set last_used_at = now() from found f
            where k.id = f.id and (f.last_used_at is null or f.last_used_at < now() - interval '1 minute')
        )
        select id, account, scopes from found
        """,
        hash_of(secret),
    )
    return None if row is None else msgspec.convert(dict(row), Held)
