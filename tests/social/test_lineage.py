"""The tree of remixes: paged, with tombstones, and never at odds with what a removal reaches."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from tests.factories import unique


async def an_account(conn: asyncpg.Connection) -> UUID:
    made: UUID = await conn.fetchval(
        "insert into account (handle, display_name, password_hash, birth_date) values ($1, 'A', '', '1990-01-01') "
        "returning id",
        unique("maker"),
    )
    return made


async def a_clip(conn: asyncpg.Connection, maker: UUID, parent: UUID | None = None, **changed: str) -> UUID:
    made: UUID = await conn.fetchval(
        "with debit as (insert into debit (account, day) values ($1, current_date) returning id) "
        "insert into clip (account, prompt, model, size, seconds, seed, debit, remixed_from, audience, status, media, "
        "completed_at, published_at) select $1, 'x', 'm', '384x640', '4', 1, id, $2, $3, 'completed', '{}'::jsonb, "
        "now(), case when $3 = 'only_me' then null else now() end from debit returning id",
        maker,
        parent,
        changed.get("audience", "everyone"),
    )
    return made
