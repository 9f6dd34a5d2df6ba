"""Uploads: the rows behind tus. Their bytes are a sealed file of the same id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

KEPT: Final = timedelta(hours=24)  # from the last byte that arrived
LEASE: Final = timedelta(seconds=6)  # one that is not renewed is anybody's
OPEN_MOST: Final = 30  # of one account, finished ones among them


class Row(msgspec.Struct, frozen=True):
    """`received` of `length` bytes are stored."""

    id: UUID
    account: UUID
    kind: str
    filename: str
    metadata: str
    length: int
    received: int
    expires_at: datetime
    completed_at: datetime | None


async def count(conn: asyncpg.Connection, account: UUID) -> int:
    """Those that have not expired; holds until the transaction ends."""
    await conn.execute("select from account where id = $1 for no key update", account)
    found: int = await conn.fetchval(
        """
        select count(*) from upload u join sealed_file f on f.id = u.id
        where u.account = $1 and f.wrapped_key is not null and u.expires_at > now()
        """,
        account,
    )
    return found


async def create(
    conn: asyncpg.Connection, file: UUID, account: UUID, kind: str, filename: str, metadata: str, length: int
) -> None:
    await conn.execute(
        """
        insert into upload (id, account, kind, filename, metadata, length, expires_at)
        values ($1, $2, $3, $4, $5, $6, now() + $7)
        """,
        file,
        account,
        kind,
        filename,
        metadata,
        length,
        KEPT,
    )


async def find(conn: asyncpg.Connection, account: UUID, upload: UUID) -> Row | None:
    """One of the account's own that can still be read or written."""
    row = await conn.fetchrow(
        """
        select u.id, u.account, u.kind, u.filename, u.metadata, u.length, f.size as received, u.expires_at,
            u.completed_at
        from upload u join sealed_file f on f.id = u.id
        where u.id = $2 and u.account = $1 and f.wrapped_key is not null and u.expires_at > now()
        """,
        account,
        upload,
    )
    return None if row is None else msgspec.convert(dict(row), Row)


async def lease(conn: asyncpg.Connection, upload: UUID, holder: UUID) -> bool:
    """Whether `holder` may write now: nobody else does, or who did has gone silent."""
    done = await conn.execute(
        """
        update upload set lease = $2, leased_until = now() + $3
        where id = $1 and (lease is null or lease = $2 or leased_until < now())
        """,
        upload,
        holder,
        LEASE,
    )
    return bool(done == "UPDATE 1")


async def note_stored(conn: asyncpg.Connection, upload: UUID, holder: UUID, received: int) -> bool:
    """In the transaction that appends the parts. False where somebody else writes by now."""
    done = await conn.execute(
        """
        update upload set leased_until = now() + $4, expires_at = now() + $5,
            completed_at = case when length = $3 then now() end
        where id = $1 and lease = $2
        """,
        upload,
        holder,
        received,
        LEASE,
        KEPT,
    )
    return bool(done == "UPDATE 1")


async def release(conn: asyncpg.Connection, upload: UUID, holder: UUID) -> None:
    await conn.execute(
        "update upload set lease = null, leased_until = null where id = $1 and lease = $2", upload, holder
    )


async def expire(conn: asyncpg.Connection) -> int:
    """Destroy the keys of those whose time is over; how many."""
    done = await conn.execute(
        """
        update sealed_file f set wrapped_key = null, key_destroyed_at = clock_timestamp()
        from upload u where u.id = f.id and u.expires_at <= now() and f.wrapped_key is not null
        """
    )
    return int(done.split()[-1])
