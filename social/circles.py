"""The people around an account: how many, and who, as somebody may see them. The newest members come first."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from social import people
from social.graph_errors import ListPrivate
from social.people import Person

Circle = Literal["followers", "following", "friends"]
BRANCHES_MOST: Final = 200  # friends whose friends are looked at, and how many of each
SUGGESTIONS_MOST: Final = 50


class Counts(msgspec.Struct, frozen=True):
    followers: int
    following: int
    friends: int


class Suggestion(msgspec.Struct, frozen=True):
    """`shared`: friends that both have."""

    person: Person
    reason: Literal["invited_you", "you_invited", "invited_together", "friends_of_friends"]
    shared: int


async def counts(conn: asyncpg.Connection, account: UUID) -> Counts:
    row = await conn.fetchrow("select followers, following, friends from account_tally where account = $1", account)
    return msgspec.convert(dict(row or {"followers": 0, "following": 0, "friends": 0}), Counts)


async def need_open(conn: asyncpg.Connection, viewer: UUID, owner: Person) -> None:
    """The people around a young account are for its friends. Raises ListPrivate."""
    if viewer != owner.id and not owner.friends and not await conn.fetchval("select grown_up($1)", owner.id):
        raise ListPrivate(owner.handle)


async def page(
    conn: asyncpg.Connection, viewer: UUID, owner: UUID, circle: Circle, *, after: UUID | None, limit: int
) -> list[Person]:
    """Without those who have a block with the viewer; one more than `limit` where there are more."""
    match circle:
        case "followers":
            rows = await conn.fetch(
                """
                select follower as id from follow
                where followed = $2 and ($3::uuid is null or follower < $3) and not blocked_between($1, follower)
                order by follower desc limit $4
                """,
                viewer,
                owner,
                after,
                limit + 1,
            )
        case "following":
            rows = await conn.fetch(
                """
                select followed as id from follow
                where follower = $2 and ($3::uuid is null or followed < $3) and not blocked_between($1, followed)
                order by followed desc limit $4
                """,
                viewer,
                owner,
                after,
                limit + 1,
            )
        case "friends":
            rows = await conn.fetch(
                """
                select f.followed as id from follow f
                where f.follower = $2 and ($3::uuid is null or f.followed < $3)
                    and exists (select from follow b where b.follower = f.followed and b.followed = $2)
                    and not blocked_between($1, f.followed)
                order by f.followed desc limit $4
                """,
                viewer,
                owner,
                after,
                limit + 1,
            )
    found = await people.several(conn, viewer, [row["id"] for row in rows])
    return [found[row["id"]] for row in rows if row["id"] in found]


async def suggestions(conn: asyncpg.Connection, viewer: UUID, limit: int) -> list[Suggestion]:
    """Whom the viewer may know: the invite tree around them, then friends of friends, most shared first.

    Nobody they follow, block, mute or dismissed; nobody suspended; grown-ups and young people are not brought together.
    """
    rows = await conn.fetch(
        """
        with friend as (
            select f.followed as id from follow f
            where f.follower = $1 and exists (select from follow b where b.follower = f.followed and b.followed = $1)
            order by f.at desc limit $2
        ), known as (
            select theirs.id, 4 as rank, count(*) as shared
            from friend cross join lateral (
                select f.followed as id from follow f
                where f.follower = friend.id
                    and exists (select from follow b where b.follower = f.followed and b.followed = friend.id)
                order by f.at desc limit $2
            ) theirs group by theirs.id
            union all
            select invited_by, 1, 0 from account where id = $1 and invited_by is not null
            union all
            (select id, 2, 0 from account where invited_by = $1 order by id desc limit $2)
            union all
            (
                select a.id, 3, 0 from account me join account a on a.invited_by = me.invited_by
                where me.id = $1 order by a.id desc limit $2
            )
        ), best as (
            select id, min(rank) as rank, max(shared) as shared from known where id <> $1 group by id
        )
        select b.id, b.rank, b.shared from best b join account a on a.id = b.id
        where a.suspended_at is null and not blocked_between($1, b.id)
            and not exists (select from follow where follower = $1 and followed = b.id)
            and not exists (select from mute where muter = $1 and muted = b.id)
            and not exists (select from suggestion_dismissed d where d.account = $1 and d.other = b.id)
            and (b.rank < 3 or grown_up($1) = grown_up(b.id))
        order by b.rank, b.shared desc, b.id desc limit $3
        """,
        viewer,
        BRANCHES_MOST,
        limit,
    )
    found = await people.several(conn, viewer, [row["id"] for row in rows])
    reasons = ("invited_you", "you_invited", "invited_together", "friends_of_friends")
    return [
        msgspec.convert(
            {"person": found[row["id"]], "reason": reasons[row["rank"] - 1], "shared": row["shared"]}, Suggestion
        )
        for row in rows
    ]


async def dismiss(conn: asyncpg.Connection, viewer: UUID, other: UUID) -> None:
    await conn.execute(
        "insert into suggestion_dismissed (account, other) values ($1, $2) on conflict do nothing", viewer, other
    )
