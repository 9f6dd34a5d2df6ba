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
OF_SOURCE: Final = 40  # clips
LIKES: Final = 200  # of the viewer, the newest: whom they like
EXPLORED_DAYS: Final = 30
MOMENTS: Final = 5  # of these days, each with a few clips


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
    rows = await conn.fetch(
        """
        with liked (author, likes) as materialized (
            select c.account, count(*)
            from (select clip from clip_like where account = $1 order by at desc limit $3) l
            join clip c on c.id = l.clip
            group by c.account
        ), close (author, mutual) as (
            (select followed, mutual from follow where follower = $1 and mutual order by at desc, followed limit $2)
            union
            (select followed, mutual from follow where follower = $1 order by at desc, followed limit $2)
            union
            select f.followed, f.mutual from liked l, lateral (
                select followed, mutual from follow where follower = $1 and followed = l.author limit 1
            ) f
        )
        select author, c.mutual, coalesce(l.likes, 0) as likes from close c full join liked l using (author)
        """,
        viewer,
        CLOSE,
        LIKES,
    )
    ranked = sorted(rows, key=lambda row: -row["likes"])
    return People(
        friends=tuple(row["author"] for row in ranked if row["mutual"])[:CLOSE],
        followed=tuple(row["author"] for row in ranked if row["mutual"] is False)[:CLOSE],
        likes={row["author"]: row["likes"] for row in rows if row["likes"]},
    )


async def found(
    conn: asyncpg.Connection,
    viewer: UUID,
    close: People,
    now: datetime,
    draw: random.Random,
    wished: Sequence[UUID] = (),
) -> list[Candidate]:
    """Each clip once, under the first source that names it; `wished` are of topics that more was wanted of.

    Public or a friend's, whole, not the viewer's own, not watched, and such as may be recommended. One statement: most
    of what a source costs on its own is asking for it. Every lateral has a limit, so that each row is found by its key
    whatever is known of how many there are.
    """
    rows = await conn.fetch(
        """
        with friends as materialized (
            select c.id, c.published_at from unnest($2::uuid[]) one (friend), lateral (
                select c.id, c.published_at from clip c where c.account = one.friend and c.published_at is not null
                order by c.published_at desc, c.id desc limit $7
            ) c
        ), named (turn, source, clip) as (
            (select 1, 'friends', id from friends order by published_at desc, id desc limit $8)
            union all
            (
                select 2, 'friends_like', l.clip from unnest($2::uuid[]) one (friend), lateral (
                    select l.clip, l.at from clip_like l where l.account = one.friend order by l.at desc limit $7
                ) l
                group by l.clip order by count(*) desc, max(l.at) desc limit $8
            )
            union all
            (
                select distinct 3, 'friends_remix', l.parent
                from friends f join lineage l on l.clip = f.id where l.parent is not null limit $8
            )
            union all
            (
                select 4, 'followed', c.id from unnest($3::uuid[]) one (author), lateral (
                    select c.id, c.published_at from clip c where c.account = one.author and c.published_at is not null
                    order by c.published_at desc, c.id desc limit $7
                ) c
                order by c.published_at desc, c.id desc limit $8
            )
            union all
            (
                select 5, 'alike', theirs.clip
                from (select clip from clip_like where account = $1 order by at desc limit 8) mine,
                    lateral (
                        select l.account from clip_like l where l.clip = mine.clip and l.account <> $1 limit 6
                    ) other,
                    lateral (
                        select l.clip from clip_like l where l.account = other.account order by l.at desc limit 4
                    ) theirs
                group by theirs.clip order by count(*) desc, theirs.clip desc limit $8
            )
            union all
            select 6, 'wished', clip from unnest($4::uuid[]) clip
            union all
            (
                select 7, 'fresh', c.id from clip c
                where c.published_at is not null and c.audience = 'everyone' and c.published_at <= $5
                order by c.published_at desc, c.id desc limit $8
            )
            union all
            select 8, 'explored', c.id from unnest($6::timestamptz[]) one (moment), lateral (
                select c.id from clip c
                where c.published_at is not null and c.audience = 'everyone' and c.published_at <= one.moment
                order by c.published_at desc, c.id desc limit $9
            ) c
        ), one as materialized (
            select distinct on (clip) clip, source from named order by clip, turn
        )
        select one.clip, one.source, c.author, l.root, c.published_at, c.allow_remix,
            t.likes, t.remixes, t.views, t.completions
        from one, lateral (
            select c.account as author, c.published_at, c.allow_remix from clip c
            where c.id = one.clip and c.published_at is not null and c.status = 'completed' and c.removed_at is null
                and c.hidden_at is null and c.account <> $1
                and ((c.audience = 'everyone' and not c.limited) or exists (
                    select from follow f where f.follower = $1 and f.followed = c.account
                ))
                and not exists (select from clip_view v where v.account = $1 and v.clip = c.id)
            limit 1
        ) c, lateral (select * from clip_tally t where t.clip = one.clip limit 1) t
        left join lateral (select l.root from lineage l where l.clip = one.clip limit 1) l on true
        """,
        viewer,
        close.friends,
        close.followed,
        wished,
        now,
        [now - timedelta(days=EXPLORED_DAYS) * draw.random() for _ in range(MOMENTS)],
        EACH,
        OF_SOURCE,
        OF_SOURCE // MOMENTS,
    )
    return [Candidate(**dict(row)) for row in rows]
