"""What became of an account's clips: in all, and by day of the last four weeks. Numbers, and nobody behind them.

Watching is private: how many watched is told from LEAST on, so that a number never says whether one certain friend did.
Likes, comments and remixes are shown to everybody who sees the clip, and are told as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

DAYS: Final = 28
LEAST: Final = 5  # viewers


class Figures(msgspec.Struct, frozen=True):
    """`views`: accounts that watched, None for fewer than LEAST; `completion_rate`: which part of them to the end."""

    views: int | None
    completion_rate: float | None
    likes: int
    comments: int
    remixes: int


class Day(Figures, frozen=True):
    day: date


class Period(msgspec.Struct, frozen=True):
    """`since`: the first moment of the first of DAYS days in the account's time zone."""

    time_zone: str
    since: datetime
    first: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(DAYS)]


def told(views: int) -> int | None:
    """Few are not told, and neither is none: that would say of a few that somebody did."""
    return views if views >= LEAST else None


def judged(views: int, completions: int, likes: int, comments: int, remixes: int) -> Figures:
    rate = round(completions / views, 2) if views >= LEAST else None
    return Figures(told(views), rate, likes, comments, remixes)


async def period(conn: asyncpg.Connection, account: UUID) -> Period:
    """Of the account's own days, today the last."""
    row = await conn.fetchrow(
        """
        select time_zone, (today - 27) as first, (today - 27)::timestamp at time zone time_zone as since
        from (select time_zone, (now() at time zone time_zone)::date as today from account where id = $1) a
        """,
        account,
    )
    return msgspec.convert(dict(row), Period)


async def total(conn: asyncpg.Connection, account: UUID, clip: UUID | None) -> Figures:
    """Of all clips of the account that were not removed, or of one of them."""
    row = await conn.fetchrow(
        """
        select coalesce(sum(t.views), 0)::bigint as views, coalesce(sum(t.completions), 0)::bigint as completions,
            coalesce(sum(t.likes), 0)::bigint as likes, coalesce(sum(t.comments), 0)::bigint as comments,
            coalesce(sum(t.remixes), 0)::bigint as remixes
        from clip c join clip_tally t on t.clip = c.id
        where c.account = $1 and c.removed_at is null and ($2::uuid is null or c.id = $2)
        """,
        account,
        clip,
    )
    return judged(*row)


async def opens(conn: asyncpg.Connection, account: UUID, clip: UUID | None) -> int:
    """How often pages of links to them were asked for."""
    counted: int = await conn.fetchval(
        """
        select coalesce(sum(l.opens), 0)::bigint from clip c join share_link l on l.clip = c.id
        where c.account = $1 and c.removed_at is null and ($2::uuid is null or c.id = $2)
        """,
        account,
        clip,
    )
    return counted


async def by_day(conn: asyncpg.Connection, account: UUID, clip: UUID | None, of: Period) -> list[Day]:
    """Every day, oldest first."""
    rows = await conn.fetch(
        """
        with mine as (
            select id from clip where account = $1 and removed_at is null and ($2::uuid is null or id = $2)
        )
        select day, sum(views) as views, sum(completions) as completions, sum(likes) as likes,
            sum(comments) as comments, sum(remixes) as remixes
        from (
            select (v.first_at at time zone $3)::date as day, 1 as views, v.completed::int as completions, 0 as likes,
                0 as comments, 0 as remixes
            from mine m join clip_view v on v.clip = m.id where v.first_at >= $4
            union all
            select (l.at at time zone $3)::date, 0, 0, 1, 0, 0
            from mine m join clip_like l on l.clip = m.id where l.at >= $4
            union all
            select (r.created_at at time zone $3)::date, 0, 0, 0, 1, 0
            from mine m join comment r on r.clip = m.id
            where r.created_at >= $4 and r.deleted_at is null and r.hidden_at is null
            union all
            select (c.published_at at time zone $3)::date, 0, 0, 0, 0, 1
            from mine m join lineage n on n.parent = m.id join clip c on c.id = n.clip
            where c.published_at >= $4 and c.hidden_at is null and c.removed_at is null
        ) happened group by day
        """,
        account,
        clip,
        of.time_zone,
        of.since,
    )
    found: Mapping[date, Figures] = {
        row["day"]: judged(row["views"], row["completions"], row["likes"], row["comments"], row["remixes"])
        for row in rows
    }
    nothing = judged(0, 0, 0, 0, 0)
    return [Day(**msgspec.structs.asdict(found.get(day, nothing)), day=day) for day in of.days]
