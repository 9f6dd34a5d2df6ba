"""Where clips for somebody come from: bounded reads by index, each of a few hundred entries however large the house is.

They name clips and say what is known of them. Whether the viewer may see one is asked when it is shown (`pages`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

Source = Literal["friends", "friends_like", "friends_remix", "followed", "alike", "wished", "fresh", "explored"]
CLOSE: Final = 100  # friends, and others that are followed: the ones liked most, then the ones followed last
EACH: Final = 3  # clips of each of them
OF_SOURCE: Final = 60  # clips
LIKES: Final = 200  # of the viewer, the newest: whom they like
EXPLORED_DAYS: Final = 30
MOMENTS: Final = 6  # of these days, each with a few clips


class People(msgspec.Struct, frozen=True):
    """Whose clips come first, and how many of the viewer's newest LIKES each author has."""

    friends: tuple[UUID, ...]
    followed: tuple[UUID, ...]
    likes: Mapping[UUID, int]


class Candidate(msgspec.Struct, frozen=True):
    """A published clip that the viewer has not watched, and what ranking weighs."""

    clip: UUID
    author: UUID
    root: UUID | None  # of the tree of remixes it belongs to
    published_at: datetime
    allow_remix: bool
    likes: int
    remixes: int
    views: int
    completions: int
    source: Source


async def people(conn: asyncpg.Connection, viewer: UUID) -> People:
    liked = await conn.fetch(
        """
        select c.account as author, count(*) as likes
        from (select clip from clip_like where account = $1 order by at desc limit $2) l join clip c on c.id = l.clip
        group by c.account
        """,
        viewer,
        LIKES,
    )
    likes = {row["author"]: row["likes"] for row in liked}
    rows = await conn.fetch(
        """
        (select followed, mutual from follow where follower = $1 and mutual order by at desc, followed limit $2)
        union
        (select followed, mutual from follow where follower = $1 order by at desc, followed limit $2)
        union
        select followed, mutual from follow where follower = $1 and followed = any($3)
        """,
        viewer,
        CLOSE,
        list(likes),
    )
    ranked = sorted(rows, key=lambda row: -likes.get(row["followed"], 0))
    return People(
        friends=tuple(row["followed"] for row in ranked if row["mutual"])[:CLOSE],
        followed=tuple(row["followed"] for row in ranked if not row["mutual"])[:CLOSE],
        likes=likes,
    )


async def found(
    conn: asyncpg.Connection,
    viewer: UUID,
    close: People,
    now: datetime,
    draw: random.Random,
    wished: Sequence[UUID] = (),
) -> list[Candidate]:
    """Each clip once, under the first source that names it; `wished` are of topics that more was wanted of."""
    named: dict[UUID, Source] = {}

    def name(source: Source, clips: Sequence[UUID]) -> None:
        for clip in clips:
            named.setdefault(clip, source)

    name("friends", await _newest_of(conn, close.friends))
    name("friends_like", await _liked_by(conn, close.friends))
    name("friends_remix", await _remixed_by(conn, close.friends))
    name("followed", await _newest_of(conn, close.followed))
    name("alike", await _alike(conn, viewer))
    name("wished", wished)
    name("fresh", await _before(conn, now, OF_SOURCE))
    days = timedelta(days=EXPLORED_DAYS)
    for _ in range(MOMENTS):
        name("explored", await _before(conn, now - days * draw.random(), OF_SOURCE // MOMENTS))
    return await _described(conn, viewer, named)


async def _newest_of(conn: asyncpg.Connection, authors: Sequence[UUID]) -> list[UUID]:
    rows = await conn.fetch(
        """
        select n.id from unnest($1::uuid[]) one (author), lateral (
            select c.id, c.published_at from clip c
            where c.account = one.author and c.published_at is not null
            order by c.published_at desc, c.id desc limit $2
        ) n
        order by n.published_at desc, n.id desc limit $3
        """,
        authors,
        EACH,
        OF_SOURCE,
    )
    return [row["id"] for row in rows]


async def _liked_by(conn: asyncpg.Connection, friends: Sequence[UUID]) -> list[UUID]:
    rows = await conn.fetch(
        """
        select n.clip, max(n.at) as at from unnest($1::uuid[]) one (friend), lateral (
            select l.clip, l.at from clip_like l where l.account = one.friend order by l.at desc limit $2
        ) n
        group by n.clip order by count(*) desc, max(n.at) desc limit $3
        """,
        friends,
        EACH,
        OF_SOURCE,
    )
    return [row["clip"] for row in rows]


async def _remixed_by(conn: asyncpg.Connection, friends: Sequence[UUID]) -> list[UUID]:
    """What their newest clips were made from."""
    rows = await conn.fetch(
        """
        select distinct l.parent from unnest($1::uuid[]) one (friend), lateral (
            select c.id from clip c where c.account = one.friend and c.published_at is not null
            order by c.published_at desc, c.id desc limit $2
        ) n
        join lineage l on l.clip = n.id where l.parent is not null limit $3
        """,
        friends,
        EACH,
        OF_SOURCE,
    )
    return [row["parent"] for row in rows]


async def _alike(conn: asyncpg.Connection, viewer: UUID) -> list[UUID]:
    """What others like who liked what the viewer liked last."""
    rows = await conn.fetch(
        """
        select theirs.clip
        from (select clip from clip_like where account = $1 order by at desc limit 8) mine,
            lateral (select l.account from clip_like l where l.clip = mine.clip and l.account <> $1 limit 6) other,
            lateral (select l.clip from clip_like l where l.account = other.account order by l.at desc limit 4) theirs
        group by theirs.clip order by count(*) desc, theirs.clip desc limit $2
        """,
        viewer,
        OF_SOURCE,
    )
    return [row["clip"] for row in rows]


async def _before(conn: asyncpg.Connection, moment: datetime, limit: int) -> list[UUID]:
    rows = await conn.fetch(
        """
        select id from clip where published_at is not null and audience = 'everyone' and published_at <= $1
        order by published_at desc, id desc limit $2
        """,
        moment,
        limit,
    )
    return [row["id"] for row in rows]


async def _described(conn: asyncpg.Connection, viewer: UUID, named: Mapping[UUID, Source]) -> list[Candidate]:
    """Those that are public or a friend's, whole, not the viewer's own, not watched, and may be recommended."""
    rows = await conn.fetch(
        """
        select c.id as clip, c.account as author, l.root, c.published_at, c.allow_remix,
            t.likes, t.remixes, t.views, t.completions
        from unnest($2::uuid[]) one (clip) join clip c on c.id = one.clip join clip_tally t on t.clip = c.id
        left join lineage l on l.clip = c.id
        where c.published_at is not null and c.status = 'completed' and c.removed_at is null and c.hidden_at is null
            and c.account <> $1
            and ((c.audience = 'everyone' and not c.limited) or exists (
                select from follow f where f.follower = $1 and f.followed = c.account
            ))
            and not exists (select from clip_view v where v.account = $1 and v.clip = c.id)
        """,
        viewer,
        list(named),
    )
    return [Candidate(**dict(row), source=named[row["clip"]]) for row in rows]
