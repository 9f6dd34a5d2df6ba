"""Strikes: each counts for ninety days; the third that counts suspends for seven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from social.moderation import measures

MOST: Final = 3
SUSPENDED: Final = timedelta(days=7)


async def give(conn: asyncpg.Connection, account: UUID, event: UUID) -> int:
    """How many count now. The account is locked, so that two that come at once are counted one after the other."""
    await conn.execute("select from account where id = $1 for no key update", account)
    await conn.execute("insert into strike (account, event) values ($1, $2)", account, event)
    count = await active(conn, account)
    if count >= MOST:
        until = datetime.now(UTC) + SUSPENDED
        await measures.put(conn, event, "account", account, "suspended", {"strikes": count}, until)
    return count


async def active(conn: asyncpg.Connection, account: UUID) -> int:
    return int(
        await conn.fetchval(
            "select count(*) from strike where account = $1 and taken_back is null and expires_at > now()", account
        )
    )


async def take_back(conn: asyncpg.Connection, event: UUID, lifted_by: UUID) -> None:
    """What this event gave; where fewer are left than suspend, that suspension ends too."""
    account = await conn.fetchval(
        "update strike set taken_back = clock_timestamp() where event = $1 and taken_back is null returning account",
        event,
    )
    if account is not None and await active(conn, account) < MOST:
        await measures.lift_strikes(conn, account, lifted_by)
