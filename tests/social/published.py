"""Accounts and their published clips as rows, without engines and files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg

from social import steering
from social.steering import Steering
from tests.factories import unique


async def an_account(conn: asyncpg.Connection, handle: str | None = None, born: str = "1990-01-01", **row: Any) -> UUID:
    made: UUID = await conn.fetchval(
        "insert into account (handle, display_name, birth_date) values ($1::text, $2, $3::text::date) returning id",
        handle or unique("maker"),
        row.get("display_name", "Somebody"),
        born,
    )
    return made


async def a_clip(conn: asyncpg.Connection, account: UUID, caption: str = "", **row: Any) -> UUID:
    """Published to everyone, unless told otherwise; `at` in seconds of the year 2026. `parent` is what it remixes."""
    audience = row.get("audience", "everyone")
    made: UUID = await conn.fetchval(
        """
        insert into clip (account, prompt, model, size, seconds, seed, status, media, caption, screenplay, audience,
            limited, adults_only, remixed_from)
        values ($1, $3, 'castmate-1', '384x640', '4', 1, 'completed', '{}', $2, $4, $5, $6, $7, $8)
        returning id
        """,
        account,
        caption,
        row.get("prompt", ""),
        row.get("screenplay"),
        audience,
        row.get("limited", False),
        row.get("adults_only", False),
        row.get("parent"),
    )
    if audience != "only_me":
        await conn.execute(
            "update clip set published_at = timestamptz '2026-01-01' + make_interval(secs => $2) where id = $1",
            made,
            float(row.get("at", 0)),
        )
    return made


async def friends(conn: asyncpg.Connection, one: UUID, other: UUID) -> None:
    await conn.execute("insert into follow (follower, followed) values ($1, $2), ($2, $1)", one, other)


async def follows(conn: asyncpg.Connection, follower: UUID, followed: UUID) -> None:
    await conn.execute("insert into follow (follower, followed) values ($1, $2)", follower, followed)


async def told(conn: asyncpg.Connection, viewer: UUID, text: str) -> Steering:
    heard, lost = await steering.hear(conn, text)
    return await steering.set_to(conn, viewer, text, heard, lost)


async def topics(conn: asyncpg.Connection, clip: UUID) -> list[str]:
    rows = await conn.fetch("select topic from clip_topic where clip = $1 order by topic", clip)
    return [row["topic"] for row in rows]
