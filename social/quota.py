"""How many clips an account may still ask for: so many a day, and credits beyond that.

A clip is taken off the day first, then off the credit that expires soonest. What fails is given back once, to where
it was taken from; a credit that has expired meanwhile is valid for one more day then. Every movement is an entry of a
ledger whose sums are what the pots hold, and happens in the caller's transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from social.errors import AccountUnknown, InvalidValue, QuotaSpent
from social.quota_days import Day, day_of

CREDITS_MOST: Final = 100_000
DAYS_MOST: Final = 3650
GRACE: Final = timedelta(days=1)


class Credit(msgspec.Struct, frozen=True):
    """Clips beyond the daily ones."""

    remaining: int
    expires_at: datetime
    reason: str


class Quota(msgspec.Struct, frozen=True):
    """`limit`, `used` and `remaining` are the day's; `extra` is what the credits hold together."""

    limit: int
    used: int
    remaining: int
    resets_at: datetime
    time_zone: str
    extra: int
    credits: tuple[Credit, ...]


async def debit(
    conn: asyncpg.Connection, account: UUID, limit: int, now: datetime | None = None, *, beyond: bool = True
) -> UUID:
    """Take one clip; the entry to refund it by. Raises QuotaSpent. Belongs into the clip's transaction.

    `beyond` False leaves the credits alone.
    """
    now = now or datetime.now(UTC)
    day = await _opened(conn, account, now)
    entry = await conn.fetchval(
        """
        with taken as (
            update quota_day_open set used = used + 1 where account = $1 and used < $2 returning account, begins_at
        )
        insert into quota_entry (account, kind, amount, day) select account, 'debit', -1, begins_at from taken
        returning id
        """,
        account,
        limit,
    )
    if entry is None and beyond:
        entry = await conn.fetchval(
            """
            with taken as (
                update credit set remaining = remaining - 1
                where id = (
                    select id from credit where account = $1 and remaining > 0 and expires_at > $2
                    order by expires_at, id limit 1 for update
                )
                returning id
            )
            insert into quota_entry (account, kind, amount, credit) select $1, 'debit', -1, id from taken returning id
            """,
            account,
            now,
        )
    if entry is None:
        raise QuotaSpent(limit, day.ends_at)
    return UUID(str(entry))


async def refund(conn: asyncpg.Connection, debited: UUID | None, now: datetime | None = None) -> bool:
    """Give one clip back; False where that was done before, or nothing had been taken.

    A day that is over stays over: its clip is given back to it, and not to today.
    """
    now = now or datetime.now(UTC)
    entry = await conn.fetchrow(
        """
        insert into quota_entry (account, kind, amount, day, credit, reverses)
        select account, 'refund', 1, day, credit, id from quota_entry where id = $1 and kind = 'debit'
        on conflict (reverses) do nothing
        returning account, day, credit
        """,
        debited,
    )
    if entry is None:
        return False
    if entry["credit"] is None:
        await conn.execute(
            "update quota_day_open set used = used - 1 where account = $1 and begins_at = $2",
            entry["account"],
            entry["day"],
        )
        return True
    await expire(conn, now, entry["credit"])
    await conn.execute(
        "update credit set remaining = remaining + 1, expires_at = greatest(expires_at, $2) where id = $1",
        entry["credit"],
        now + GRACE,
    )
    return True


async def grant(
    conn: asyncpg.Connection, account: UUID, amount: int, days: int, reason: str, now: datetime | None = None
) -> Credit:
    """Extra clips. Raises InvalidValue."""
    if not 1 <= amount <= CREDITS_MOST:
        raise InvalidValue("amount", amount, f"1 to {CREDITS_MOST}")
    if not 1 <= days <= DAYS_MOST:
        raise InvalidValue("days", days, f"1 to {DAYS_MOST}")
    row = await conn.fetchrow(
        """
        with given as (
            insert into credit (account, amount, remaining, reason, expires_at) values ($1, $2, $2, $3, $4)
            returning id, account, remaining, expires_at, reason
        ),
        entered as (
            insert into quota_entry (account, kind, amount, credit) select account, 'grant', remaining, id from given
        )
        select remaining, expires_at, reason from given
        """,
        account,
        amount,
        reason,
        (now or datetime.now(UTC)) + timedelta(days=days),
    )
    return msgspec.convert(dict(row), Credit)


async def grant_by_handle(conn: asyncpg.Connection, handle: str, amount: int, days: int, reason: str) -> Credit:
    """Raises AccountUnknown or InvalidValue."""
    account = await conn.fetchval("select account_of_handle($1)", handle)
    if account is None:
        raise AccountUnknown(handle)
    return await grant(conn, account, amount, days, reason)


async def expire(conn: asyncpg.Connection, now: datetime | None = None, only: UUID | None = None) -> int:
    """Empty the credits whose time is over (or one of them); how many clips went."""
    now = now or datetime.now(UTC)
    async with conn.transaction():
        await conn.execute(
            """
            select from quota_day_open where account in (
                select account from credit where expires_at <= $1 and remaining > 0 and ($2::uuid is null or id = $2)
            ) order by account for no key update
            """,
            now,
            only,
        )
        gone: int = await conn.fetchval(
            """
            with emptied as (
                update credit set remaining = 0
                where expires_at <= $1 and remaining > 0 and ($2::uuid is null or id = $2)
                returning id, account, old.remaining as amount
            ),
            entered as (
                insert into quota_entry (account, kind, amount, credit)
                select account, 'expiry', -amount, id from emptied
            )
            select coalesce(sum(amount), 0)::int from emptied
            """,
            now,
            only,
        )
    return gone


async def today(conn: asyncpg.Connection, account: UUID, limit: int, now: datetime | None = None) -> Quota:
    """How things stand. Nothing is opened by looking."""
    now = now or datetime.now(UTC)
    row = await conn.fetchrow(
        """
        select a.time_zone, d.begins_at, d.ends_at, coalesce(d.used, 0) as used
        from account a left join quota_day_open d on d.account = a.id where a.id = $1
        """,
        account,
    )
    rows = await conn.fetch(
        """
        select remaining, expires_at, reason from credit
        where account = $1 and remaining > 0 and expires_at > $2 order by expires_at, id
        """,
        account,
        now,
    )
    last = None if row["begins_at"] is None else Day(row["begins_at"], row["ends_at"])
    day = day_of(now, row["time_zone"], last)
    used = row["used"] if day == last else 0
    held = tuple(msgspec.convert(dict(one), Credit) for one in rows)
    return Quota(
        limit=limit,
        used=used,
        remaining=max(0, limit - used),
        resets_at=day.ends_at,
        time_zone=row["time_zone"],
        extra=sum(one.remaining for one in held),
        credits=held,
    )


async def _opened(conn: asyncpg.Connection, account: UUID, now: datetime) -> Day:
    """The account's day, opened where it is a new one, and locked until the transaction ends."""
    while True:
        row = await conn.fetchrow(
            """
            select d.begins_at, d.ends_at, a.time_zone from quota_day_open d join account a on a.id = d.account
            where d.account = $1 for no key update of d
            """,
            account,
        )
        last = None if row is None else Day(row["begins_at"], row["ends_at"])
        zone = await conn.fetchval("select time_zone from account where id = $1", account) if last is None else None
        day = day_of(now, zone or row["time_zone"], last)
        if day == last:
            return day
        await conn.execute(
            """
            insert into quota_day_open as d (account, begins_at, ends_at, used) values ($1, $2, $3, 0)
            on conflict (account) do update set begins_at = excluded.begins_at, ends_at = excluded.ends_at, used = 0
            where d.ends_at <= excluded.begins_at
            """,
            account,
            day.begins_at,
            day.ends_at,
        )


async def set_time_zone(conn: asyncpg.Connection, account: UUID, name: str) -> None:
    """`name` is a `checked_zone`; counts from the next day on."""
    await conn.execute("update account set time_zone = $2 where id = $1", account, name)
