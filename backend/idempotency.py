"""One retried request makes one clip: by its Idempotency-Key, or by its body where an SDK retries without one."""

from __future__ import annotations

import hashlib
from uuid import UUID

import asyncpg
import msgspec

from backend.errors import IdempotencyMismatch


class Attempt(msgspec.Struct, frozen=True):
    """How a request can be recognised. `retried` = the SDK says that it has sent this before."""

    key: str | None
    body: bytes  # the parsed order, encoded: a multipart boundary differs from try to try
    retried: bool

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.body).digest()

    @property
    def name(self) -> str:
        """What the request is remembered by."""
        return f"key:{self.key}" if self.key is not None else f"body:{self.sha256.hex()}"


async def recall(conn: asyncpg.Connection, account: UUID, attempt: Attempt) -> UUID | None:
    """The clip this request made before. Takes a lock until the transaction ends, so that twins wait for each other.

    Raises IdempotencyMismatch.
    """
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{account}/{attempt.name}")
    row = await conn.fetchrow(
        """
        select clip, body_sha256, at > now() - interval '60 seconds' as fresh from idempotency
        where account = $1 and key = $2 and at > now() - interval '24 hours'
        """,
        account,
        attempt.name,
    )
    if row is None:
        return None
    if attempt.key is not None:
        if row["body_sha256"] != attempt.sha256:
            raise IdempotencyMismatch(attempt.key)
        return UUID(str(row["clip"]))
    return UUID(str(row["clip"])) if attempt.retried and row["fresh"] else None


async def remember(conn: asyncpg.Connection, account: UUID, attempt: Attempt, clip: UUID) -> None:
    await conn.execute(
        """
        insert into idempotency (account, key, body_sha256, clip) values ($1, $2, $3, $4)
        on conflict (account, key) do update set body_sha256 = excluded.body_sha256, clip = excluded.clip, at = now()
        """,
        account,
        attempt.name,
        attempt.sha256,
        clip,
    )


async def tidy(conn: asyncpg.Connection) -> None:
    """Forget what nobody may repeat any more."""
    await conn.execute("delete from idempotency where at < now() - interval '24 hours'")
