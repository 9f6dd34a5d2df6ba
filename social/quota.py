"""The daily number of clips. A day is a day of UTC; counters move by one conditional UPDATE."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from social.errors import QuotaSpent


class Quota(msgspec.Struct, frozen=True):
    limit: int
    used: int
    remaining: int
    resets_at: datetime


def resets_at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


async def debit(conn: asyncpg.Connection, account: UUID, limit: int) -> date:
    """Take one clip off today; the day it was taken from. Raises QuotaSpent. Belongs into the clip's transaction."""
    today = datetime.now(UTC).date()
    used = await conn.fetchval(
        """
        insert into quota_day as q (account, day, used) select $1, $2, 1 where $3 > 0
        on conflict (account, day) do update set used = q.used + 1 where q.used < $3
        returning used
        """,
        account,
        today,
        limit,
    )
    if used is None:
        raise QuotaSpent(limit, resets_at(today))
    return today


async def refund(conn: asyncpg.Connection, account: UUID, day: date) -> None:
    """Give one clip back. Call it in the transaction that marks the clip refunded, so that it happens once."""
    await conn.execute(
        "update quota_day set used = used - 1 where account = $1 and day = $2 and used > 0", account, day
    )


async def today(conn: asyncpg.Connection, account: UUID, limit: int) -> Quota:
    day = datetime.now(UTC).date()
    used = await conn.fetchval("select used from quota_day where account = $1 and day = $2", account, day) or 0
    return Quota(limit=limit, used=used, remaining=max(0, limit - used), resets_at=resets_at(day))
