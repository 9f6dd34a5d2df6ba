"""Accounts that leave: asked for, perhaps taken back, done; each step with its time."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec


class Departure(msgspec.Struct, frozen=True):
    """`asked_at`: since then stored faces and voices are unreadable. None = not yet."""

    id: UUID
    account: UUID
    asked_at: datetime
    due_at: datetime
    cancelled_at: datetime | None
    media_deleted_at: datetime | None
    account_deleted_at: datetime | None


async def ask(conn: asyncpg.Connection, account: UUID, grace: timedelta) -> Departure:
    """A second wish moves the day, and nothing else. Locks the account until the transaction ends."""
    await conn.execute("select from account where id = $1 for update", account)
    row = await conn.fetchrow(
        """
        insert into account_departure (account, due_at) values ($1, now() + $2)
        on conflict (account) where cancelled_at is null and account_deleted_at is null
        do update set due_at = excluded.due_at
        returning id, account, asked_at, due_at, cancelled_at, media_deleted_at, account_deleted_at
        """,
        account,
        grace,
    )
    return msgspec.convert(dict(row), Departure)


async def find(conn: asyncpg.Connection, departure: UUID) -> Departure | None:
    row = await conn.fetchrow(
        """
        select id, account, asked_at, due_at, cancelled_at, media_deleted_at, account_deleted_at
        from account_departure where id = $1
        """,
        departure,
    )
    return None if row is None else msgspec.convert(dict(row), Departure)


async def due(conn: asyncpg.Connection) -> list[UUID]:
    rows = await conn.fetch(
        """
        select id from account_departure
        where due_at <= now() and cancelled_at is null and account_deleted_at is null order by due_at
        """
    )
    return [row["id"] for row in rows]


async def stay(conn: asyncpg.Connection, account: UUID) -> Departure | None:
    """Take the wish back while there is time; clips that it hid come back. None where there is no such wish."""
    row = await conn.fetchrow(
        """
        update account_departure set cancelled_at = now()
        where account = $1 and cancelled_at is null and account_deleted_at is null and due_at > now()
        returning id, account, asked_at, due_at, cancelled_at, media_deleted_at, account_deleted_at
        """,
        account,
    )
    if row is None:
        return None
    await conn.execute(
        "update clip set hidden_at = null where account = $1 and hidden_at = $2", account, row["asked_at"]
    )
    return msgspec.convert(dict(row), Departure)


async def hide_clips(conn: asyncpg.Connection, departure: Departure) -> None:
    """Out of everybody's sight but the people's they show; the time marks whose doing it was."""
    await conn.execute(
        "update clip set hidden_at = $2 where account = $1 and hidden_at is null", departure.account, departure.asked_at
    )


async def clips(conn: asyncpg.Connection, account: UUID) -> list[UUID]:
    rows = await conn.fetch("select id from clip where account = $1 order by id", account)
    return [row["id"] for row in rows]


async def running(conn: asyncpg.Connection, account: UUID) -> list[UUID]:
    rows = await conn.fetch(
        "select id from clip where account = $1 and status in ('queued', 'in_progress') order by id", account
    )
    return [row["id"] for row in rows]


async def mark_media_deleted(conn: asyncpg.Connection, departure: UUID) -> None:
    await conn.execute("update account_departure set media_deleted_at = clock_timestamp() where id = $1", departure)


async def delete_account(conn: asyncpg.Connection, departure: Departure) -> None:
    """The row, and with it everything that hangs on it."""
    await conn.execute("delete from account where id = $1", departure.account)
    await conn.execute(
        "update account_departure set account_deleted_at = clock_timestamp() where id = $1", departure.id
    )


async def backups_mute_at(conn: asyncpg.Connection, departure: Departure) -> datetime | None:
    """Since when no backup can open what was stored of a face or voice."""
    at: datetime | None = await conn.fetchval(
        "select min(at) from master_key_renewal where at > $1", departure.asked_at
    )
    return at
