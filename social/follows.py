"""Follows. Two accounts that follow each other are friends."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from social import notices


async def take_turn(conn: asyncpg.Connection, one: UUID, other: UUID) -> None:
    """Until the transaction ends, nothing else changes between these two: each follow is noted on its reverse, too."""
    await conn.execute(
        """
        select pg_advisory_xact_lock(
            hashtextextended(least($1::uuid, $2::uuid)::text || greatest($1::uuid, $2::uuid)::text, 0)
        )
        """,
        one,
        other,
    )


async def follow(conn: asyncpg.Connection, follower: UUID, followed: UUID) -> None:
    """Once or many times is the same. Needs a transaction."""
    await take_turn(conn, follower, followed)
    done = await conn.execute(
        "insert into follow (follower, followed) values ($1, $2) on conflict do nothing", follower, followed
    )
    if done == "INSERT 0 1":
        await notices.tell(conn, followed, "followed", {}, by=follower, subject="followers", once=follower.hex)


async def befriend(conn: asyncpg.Connection, one: UUID, other: UUID) -> None:
    """Both follow each other, and neither is told: whoever calls this has something better to tell."""
    await take_turn(conn, one, other)
    await conn.execute(
        "insert into follow (follower, followed) values ($1, $2), ($2, $1) on conflict do nothing", one, other
    )


async def unfollow(conn: asyncpg.Connection, follower: UUID, followed: UUID) -> None:
    """May end a friendship: stop the clips that lived by it in the same transaction."""
    await take_turn(conn, follower, followed)
    await conn.execute("delete from follow where follower = $1 and followed = $2", follower, followed)
