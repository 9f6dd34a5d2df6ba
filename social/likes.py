"""Likes of clips: one for an account and a clip. The count is kept by the database (`clip_tally`)."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import msgspec


class Liker(msgspec.Struct, frozen=True):
    """Somebody who likes a clip, from the viewer's side."""

    id: UUID
    handle: str
    display_name: str
    friends: bool


async def like(conn: asyncpg.Connection, account: UUID, clip: UUID) -> bool:
    """Once or many times is the same; True for the first."""
    done = await conn.execute(
        "insert into clip_like (account, clip) values ($1, $2) on conflict do nothing", account, clip
    )
    return bool(done == "INSERT 0 1")


async def unlike(conn: asyncpg.Connection, account: UUID, clip: UUID) -> None:
    await conn.execute("delete from clip_like where account = $1 and clip = $2", account, clip)


async def count(conn: asyncpg.Connection, clip: UUID) -> int:
    return int(await conn.fetchval("select likes from clip_tally where clip = $1", clip))


async def of_clip(conn: asyncpg.Connection, viewer: UUID, clip: UUID, *, after: UUID | None, limit: int) -> list[Liker]:
    """The viewer's friends first, then the newest accounts; nobody with a block between. One more than `limit`.

    An order that no later like changes: a page neither repeats nor skips.
    """
    among_friends = after is None or await conn.fetchval("select mutuals($1, $2)", viewer, after)
    found: list[asyncpg.Record] = []
    if among_friends:
        found = await conn.fetch(
            """
            select a.id, a.handle::text, a.display_name, true as friends
            from follow f join clip_like l on l.clip = $2 and l.account = f.followed join account a on a.id = l.account
            where f.follower = $1 and f.mutual and ($3::uuid is null or a.id < $3) and not blocked_between($1, a.id)
            order by a.id desc limit $4
            """,
            viewer,
            clip,
            after,
            limit + 1,
        )
    if len(found) <= limit:
        found += await conn.fetch(
            """
            select a.id, a.handle::text, a.display_name, false as friends
            from clip_like l join account a on a.id = l.account
            where l.clip = $2 and ($3::uuid is null or l.account < $3)
                and not mutuals($1, l.account) and not blocked_between($1, l.account)
            order by l.account desc limit $4
            """,
            viewer,
            clip,
            None if among_friends else after,
            limit + 1 - len(found),
        )
    return [msgspec.convert(dict(row), Liker) for row in found]
