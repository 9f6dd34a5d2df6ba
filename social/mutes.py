"""Mutes. Whoever is muted does not know, and may do what they may do; the muter is only shown less of it."""

from __future__ import annotations

from uuid import UUID

import asyncpg


async def mute(conn: asyncpg.Connection, muter: UUID, muted: UUID) -> None:
    """Once or many times is the same."""
    await conn.execute("insert into mute (muter, muted) values ($1, $2) on conflict do nothing", muter, muted)


async def unmute(conn: asyncpg.Connection, muter: UUID, muted: UUID) -> None:
    await conn.execute("delete from mute where muter = $1 and muted = $2", muter, muted)
