"""People, whom they follow, and what they made, as rows: for tests that need no server and no worker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from tests.factories import unique

NOW = datetime.now(UTC).replace(microsecond=0)
MEDIA = {
    variant: {"key": f"clips/{variant}", "size": 1000, "sha256": "0" * 64, "media_type": "video/mp4"}
    for variant in ("video", "thumbnail", "spritesheet", "captions")
}


async def an_account(conn: asyncpg.Connection, born: str = "1990-05-17", role: str = "member") -> UUID:
    made: UUID = await conn.fetchval(
        """
        insert into account (handle, display_name, password_hash, birth_date, role)
        values ($1, 'Somebody', '', $2::text::date, $3) returning id
        """,
        unique("someone"),
        born,
        role,
    )
    return made


async def follows(conn: asyncpg.Connection, follower: UUID, *followed: UUID) -> None:
    await conn.executemany(
        "insert into follow (follower, followed) values ($1, $2)", [(follower, one) for one in followed]
    )


async def friends(conn: asyncpg.Connection, one: UUID, *others: UUID) -> None:
    for other in others:
        await follows(conn, one, other)
        await follows(conn, other, one)


async def a_clip(
    conn: asyncpg.Connection, maker: UUID, hours_old: float = 1.0, *, audience: str = "everyone", **columns: Any
) -> UUID:
    """Finished and published so long ago. `columns` as in the table."""
    made: UUID = await conn.fetchval(
        """
        insert into clip (account, prompt, model, size, seconds, seed, remixed_from)
        values ($1, 'a park', 'castmate-1', '480x848', '10', 1, $2) returning id
        """,
        maker,
        columns.pop("remixed_from", None),
    )
    await conn.execute(
        """
        update clip set status = 'completed', media = $2, blurhash = 'LEHV6nWB2yk8', audience = $3,
            published_at = $4, completed_at = $4, caption = $5, allow_remix = $6, adults_only = $7, limited = $8
        where id = $1
        """,
        made,
        MEDIA,
        audience,
        NOW - timedelta(hours=hours_old) if audience != "only_me" else None,
        columns.pop("caption", ""),
        columns.pop("allow_remix", True),
        columns.pop("adults_only", False),
        columns.pop("limited", False),
    )
    assert not columns, columns
    return made


async def likes(conn: asyncpg.Connection, account: UUID, *clips: UUID) -> None:
    await conn.executemany("insert into clip_like (account, clip) values ($1, $2)", [(account, one) for one in clips])
