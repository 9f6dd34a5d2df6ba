"""The newest clips of whom somebody follows, or of their friends: every one, in order, by the place of the last.

Few authors: the newest clip of each decides whose clips can be in the page, and only theirs are read. Many authors: the
newest clips of everybody are walked, since many of them are theirs; where that walk does not fill a page, as before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

import asyncpg

from social.feed.cursors import Place

FEW: Final = 1000  # authors
ALL: Final = 2**31 - 1
WALK: Final = 2000  # clips
FIRST: Final = Place(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


async def newest(
    conn: asyncpg.Connection, viewer: UUID, whose: Literal["following", "friends"], before: Place | None, limit: int
) -> list[Place]:
    """Published and finished ones, not yet looked at for whether the viewer may see them. Fewer than `limit`: all."""
    friends, before = whose == "friends", before or FIRST
    found = await _merged(conn, viewer, before, limit, friends=friends, most=FEW)
    if found is None:
        found = await _walked(conn, viewer, before, limit, friends=friends)
        if len(found) < limit:
            found = await _merged(conn, viewer, before, limit, friends=friends, most=ALL)
    return found or []


async def _merged(
    conn: asyncpg.Connection, viewer: UUID, before: Place, limit: int, *, friends: bool, most: int
) -> list[Place] | None:
    """None where there are more than `most` authors.

    A clip among the newest `limit` has an author whose newest is among the newest `limit` of authors.
    """
    rows = await conn.fetch(
        """
        select n.published_at, n.id as clip, t.many
        from (
            select (case when $6 then friends else following end) > $5 as many from account_tally where account = $1
        ) t left join lateral (
            select n.published_at, n.id
            from (
                select one.followed as author
                from (
                    select followed from follow where follower = $1 and (mutual or not $6) and not t.many
                ) one, lateral (
                    select c.published_at, c.id from clip c
                    where c.account = one.followed and c.published_at is not null and (c.published_at, c.id) < ($2, $3)
                    order by c.published_at desc, c.id desc limit 1
                ) head
                order by head.published_at desc, head.id desc limit $4
            ) leading_, lateral (
                select c.published_at, c.id from clip c
                where c.account = leading_.author and c.published_at is not null and (c.published_at, c.id) < ($2, $3)
                order by c.published_at desc, c.id desc limit $4
            ) n
            order by n.published_at desc, n.id desc limit $4
        ) n on true
        order by n.published_at desc, n.id desc
        """,
        viewer,
        before.published_at,
        before.clip,
        limit,
        most,
        friends,
    )
    if rows and rows[0]["many"]:
        return None
    return [Place(row["published_at"], row["clip"]) for row in rows if row["clip"] is not None]


async def _walked(conn: asyncpg.Connection, viewer: UUID, before: Place, limit: int, *, friends: bool) -> list[Place]:
    rows = await conn.fetch(
        """
        select w.published_at, w.id as clip
        from (
            select c.published_at, c.id, c.account from clip c
            where c.published_at is not null and (c.published_at, c.id) < ($2, $3)
            order by c.published_at desc, c.id desc limit $4
        ) w
        where exists (
            select from follow f where f.follower = $1 and f.followed = w.account and (f.mutual or not $6)
        )
        order by w.published_at desc, w.id desc limit $5
        """,
        viewer,
        before.published_at,
        before.clip,
        WALK,
        limit,
        friends,
    )
    return [Place(row["published_at"], row["clip"]) for row in rows]
