"""Passkeys (WebAuthn level 3): the public half of a key that a device keeps, and the challenges it signs."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social import means
from social.errors import PasskeyRefused, PasskeyUnknown

CHALLENGE_SECONDS: Final = 300
PASSKEYS_MOST: Final = 20


class Passkey(msgspec.Struct, frozen=True):
    id: UUID
    account: UUID
    credential: bytes
    public_key: bytes  # COSE
    sign_count: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


async def challenge(conn: asyncpg.Connection, given: bytes, account: UUID | None) -> None:
    """Remember what was given out: to an account that adds a passkey, or to somebody who signs in."""
    await conn.execute(
        "insert into passkey_challenge (challenge, account, expires_at) "
        "values ($1, $2, now() + make_interval(secs => $3))",
        given,
        account,
        CHALLENGE_SECONDS,
    )


async def use_up(conn: asyncpg.Connection, given: bytes, account: UUID | None) -> None:
    """A challenge works once. Raises PasskeyRefused."""
    held = await conn.fetchval(
        "delete from passkey_challenge where challenge = $1 and account is not distinct from $2 "
        "returning expires_at > now()",
        given,
        account,
    )
    if not held:
        raise PasskeyRefused("its challenge was not given by this server, was used already or has expired")


async def add(
    conn: asyncpg.Connection, account: UUID, credential: bytes, public_key: bytes, sign_count: int, name: str
) -> Passkey:
    """Raises PasskeyRefused."""
    if await conn.fetchval("select count(*) from passkey where account = $1", account) >= PASSKEYS_MOST:
        raise PasskeyRefused(f"you have {PASSKEYS_MOST} of them, which is the most")
    row = await conn.fetchrow(
        """
        insert into passkey (account, credential, public_key, sign_count, name) values ($1, $2, $3, $4, $5)
        on conflict (credential) do nothing
        returning id, account, credential, public_key, sign_count, name, created_at, last_used_at
        """,
        account,
        credential,
        public_key,
        sign_count,
        name,
    )
    if row is None:
        raise PasskeyRefused("it is registered already")
    return msgspec.convert(dict(row), Passkey)


async def by_credential(conn: asyncpg.Connection, credential: bytes) -> Passkey | None:
    row = await conn.fetchrow(
        """
        select id, account, credential, public_key, sign_count, name, created_at, last_used_at
        from passkey where credential = $1
        """,
        credential,
    )
    return None if row is None else msgspec.convert(dict(row), Passkey)


async def used(conn: asyncpg.Connection, passkey: UUID, sign_count: int) -> bool:
    """False where the count did not grow: a copy of the key may be about. Devices that do not count send 0."""
    done = await conn.execute(
        """
        update passkey set sign_count = $2, last_used_at = now()
        where id = $1 and (sign_count < $2 or (sign_count = 0 and $2 = 0))
        """,
        passkey,
        sign_count,
    )
    return bool(done == "UPDATE 1")


async def of(conn: asyncpg.Connection, account: UUID) -> list[Passkey]:
    """Newest first."""
    rows = await conn.fetch(
        """
        select id, account, credential, public_key, sign_count, name, created_at, last_used_at
        from passkey where account = $1 order by id desc
        """,
        account,
    )
    return [msgspec.convert(dict(row), Passkey) for row in rows]


async def remove(conn: asyncpg.Connection, account: UUID, passkey: UUID, public_id: str) -> None:
    """Raises PasskeyUnknown or LastSignIn. Belongs into a transaction."""
    if not await conn.fetchval("select exists (select from passkey where id = $2 and account = $1)", account, passkey):
        raise PasskeyUnknown(public_id)
    await means.need_another(conn, account, "this passkey")
    await conn.execute("delete from passkey where id = $2 and account = $1", account, passkey)


async def tidy(conn: asyncpg.Connection) -> None:
    await conn.execute("delete from passkey_challenge where expires_at < now()")
