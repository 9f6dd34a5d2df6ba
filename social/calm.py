"""Calm mode: a feed with an end, without what is loud or frightening (docs/decisions/0030)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import accounts
from social.errors import InvalidValue
from social.quota_days import Day, day_of

CLIPS_A_DAY: Final = 60  # ten minutes of ten seconds
ALWAYS_BELOW: Final = 16  # years
UNWANTED: Final = frozenset({"loud", "horror", "violence"})
ENDED: Final = "That was all for today. There will be new clips tomorrow; your friends are here now."

Because = Literal["age", "choice"]


class Calm(msgspec.Struct, frozen=True):
    """`because`: what it follows from. `may_change`: by its owner."""

    on: bool
    because: Because
    may_change: bool
    left: int | None  # clips of today; None while it is off
    resets_at: datetime | None


class Served(msgspec.Struct, frozen=True):
    """What of a page may be given out. `ended`: nothing new comes before tomorrow."""

    clips: tuple[UUID, ...]
    ended: bool


async def is_on(conn: asyncpg.Connection, account: UUID) -> bool:
    on: bool = await conn.fetchval("select feed_is_calm($1)", account)
    return on


async def of(conn: asyncpg.Connection, account: UUID) -> Calm:
    row = await conn.fetchrow(
        """
        select a.birth_date, a.time_zone, feed_is_calm(a.id) as on, c.account is not null as chosen, d.ends_at, d.served
        from account a left join calm_choice c on c.account = a.id left join calm_day d on d.account = a.id
        where a.id = $1
        """,
        account,
    )
    now = datetime.now(UTC)
    age = accounts.age_on(row["birth_date"], now.date())
    day = day_of(now, row["time_zone"], None)
    open_now = row["ends_at"] is not None and now < row["ends_at"]
    return Calm(
        on=row["on"],
        because="choice" if row["chosen"] and age >= ALWAYS_BELOW else "age",
        may_change=age >= ALWAYS_BELOW,
        left=max(0, CLIPS_A_DAY - (len(row["served"]) if open_now else 0)) if row["on"] else None,
        resets_at=(row["ends_at"] if open_now else day.ends_at) if row["on"] else None,
    )


async def choose(conn: asyncpg.Connection, account: UUID, *, on: bool) -> None:
    """Raises InvalidValue for somebody too young to switch it off."""
    if not on and not (await of(conn, account)).may_change:
        raise InvalidValue("on", on, f"true: below {ALWAYS_BELOW} years the feed is calm")
    await conn.execute(
        "insert into calm_choice (account, calm) values ($1, $2) on conflict (account) do update set calm = $2",
        account,
        on,
    )


async def serve(conn: asyncpg.Connection, account: UUID, clips: Sequence[UUID]) -> Served:
    """Counts what a page shows, of any mode; a clip that was given out today counts once. Belongs into a transaction.

    For an account whose feed is not calm everything passes and nothing is counted.
    """
    if not await is_on(conn, account):
        return Served(tuple(clips), ended=False)
    zone = await conn.fetchval("select time_zone from account where id = $1", account)
    now = datetime.now(UTC)
    day: Day = day_of(now, zone, None)
    row = await conn.fetchrow(
        """
        insert into calm_day as d (account, ends_at, served) values ($1, $2, '{}')
        on conflict (account) do update set
            served = case when d.ends_at <= now() then '{}' else d.served end,
            ends_at = case when d.ends_at <= now() then excluded.ends_at else d.ends_at end
        returning served
        """,
        account,
        day.ends_at,
    )
    served = list(row["served"])
    known = set(served)
    passed = []
    for clip in dict.fromkeys(clips):
        if clip not in known:
            if len(served) >= CLIPS_A_DAY:
                continue
            served.append(clip)
            known.add(clip)
        passed.append(clip)
    await conn.execute("update calm_day set served = $2 where account = $1", account, served)
    return Served(tuple(passed), ended=len(served) >= CLIPS_A_DAY)
