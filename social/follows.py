"""Follows. Two accounts that follow each other are friends."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from social import notices


async def follow(conn: asyncpg.Connection, follower: UUID, followed: UUID) -> None:
    """Once or many times is the same."""
    done = await conn.execute(
        "insert into follow (follower, followed) values ($1, $2) on conflict do nothing", follower, followed
    )
    if done == "INSERT 0 1":
        await notices.tell(conn, followed, "followed", {}, by=follower, subject="followers", once=follower.hex)


async def unfollow(conn: asyncpg.Connection, follower: UUID, followed: UUID) -> None:
    """May end a friendship: stop the clips that lived by it in the same transaction."""
    await conn.execute("delete from follow where follower = $1 and followed = $2", follower, followed)
