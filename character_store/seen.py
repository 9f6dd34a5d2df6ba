"""How often an account's characters were used, and how often the clips that show them were watched."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec


class Seen(msgspec.Struct, frozen=True):
    """Clips that are finished and not removed; `views` counts accounts for each clip."""

    character: UUID
    handle: str
    name: str
    uses: int
    uses_by_others: int
    views: int


class SeenDay(msgspec.Struct, frozen=True):
    character: UUID
    day: date
    uses: int
    views: int


async def total(conn: asyncpg.Connection, owner: UUID) -> list[Seen]:
    """Of every character that has not left, newest first."""
    rows = await conn.fetch(
        """
        select k.id as character, k.handle::text, k.name, count(c.id) as uses,
            count(c.id) filter (where c.account <> $1) as uses_by_others,
            coalesce(sum(t.views), 0)::bigint as views
        from character k
        left join use u on u.character = k.id
        left join clip c on c.id = u.clip and c.status = 'completed' and c.removed_at is null
        left join clip_tally t on t.clip = c.id
        where k.owner = $1 and k.left_at is null group by k.id order by k.id desc
        """,
        owner,
    )
    return [msgspec.convert(dict(row), Seen) for row in rows]


async def by_day(conn: asyncpg.Connection, owner: UUID, time_zone: str, since: datetime) -> list[SeenDay]:
    """Days on which anything happened."""
    rows = await conn.fetch(
        """
        with shown as (
            select u.character, u.clip, u.at
            from character k join use u on u.character = k.id join clip c on c.id = u.clip
            where k.owner = $1 and k.left_at is null and c.status = 'completed' and c.removed_at is null
        )
        select character, day, sum(uses)::bigint as uses, sum(views)::bigint as views
        from (
            select character, (at at time zone $2)::date as day, 1 as uses, 0 as views from shown where at >= $3
            union all
            select s.character, (v.first_at at time zone $2)::date, 0, 1
            from shown s join clip_view v on v.clip = s.clip where v.first_at >= $3
        ) happened group by character, day
        """,
        owner,
        time_zone,
        since,
    )
    return [msgspec.convert(dict(row), SeenDay) for row in rows]
