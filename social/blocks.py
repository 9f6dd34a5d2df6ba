"""Blocks. A block between two accounts beats every other word between them, on both sides."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from social import follows


async def block(conn: asyncpg.Connection, blocker: UUID, blocked: UUID) -> None:
    """Ends both follows. Grants, requests and clips in the making are ended by the caller's same transaction."""
    await follows.take_turn(conn, blocker, blocked)
    await conn.execute("insert into block (blocker, blocked) values ($1, $2) on conflict do nothing", blocker, blocked)
    await conn.execute(
        "delete from follow where (follower = $1 and followed = $2) or (follower = $2 and followed = $1)",
        blocker,
        blocked,
    )


async def unblock(conn: asyncpg.Connection, blocker: UUID, blocked: UUID) -> None:
    """Brings nothing back: follows and grants begin anew."""
    await conn.execute("delete from block where blocker = $1 and blocked = $2", blocker, blocked)


async def between(conn: asyncpg.Connection, one: UUID, other: UUID) -> bool:
    return bool(await conn.fetchval("select blocked_between($1, $2)", one, other))
