"""Notices: what an account should know, told in the transaction that made it true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

Kind = Literal[
    "cast",  # somebody asked for a clip with your character
    "use_published",
    "use_removed",
    "cast_requested",
    "cast_decided",
    "publish_requested",
    "publish_decided",
    "granted",
    "grant_revoked",
    "remixed",
    "suggestion_taken",  # a clip was made from your comment
    "sound_used",
    "webhook_disabled",
    "guardian_asked",
    "guardian_confirmed",
    "guardian_limits",
]


class Notice(msgspec.Struct, frozen=True):
    """`about` holds public ids and handles, and differs by kind."""

    id: UUID
    kind: str
    about: dict[str, Any]
    at: datetime
    read_at: datetime | None


async def tell(conn: asyncpg.Connection, account: UUID, kind: Kind, about: Mapping[str, Any]) -> None:
    """The notice, and the event that tells it to whoever listens."""
    await conn.execute(
        """
        with told as (insert into notice (account, kind, about) values ($1, $2, $3) returning *)
        insert into event (account, kind, about)
        select account, 'notice', jsonb_build_object('id', 'ntc_' || replace(id::text, '-', ''), 'object', 'notice',
            'kind', kind, 'about', about, 'created_at', at, 'read_at', null)
        from told
        """,
        account,
        kind,
        about,
    )


async def of(conn: asyncpg.Connection, account: UUID, *, after: UUID | None, limit: int) -> list[Notice]:
    """Newest first; one more than `limit` where there are more."""
    rows = await conn.fetch(
        """
        select id, kind, about, at, read_at from notice
        where account = $1 and ($2::uuid is null or id < $2) order by id desc limit $3
        """,
        account,
        after,
        limit + 1,
    )
    return [msgspec.convert(dict(row), Notice) for row in rows]


async def unread(conn: asyncpg.Connection, account: UUID) -> int:
    return int(await conn.fetchval("select count(*) from notice where account = $1 and read_at is null", account))


async def mark_read(conn: asyncpg.Connection, account: UUID, notices: Sequence[UUID] | None) -> None:
    """Those of the account that are named; None = all. Others' and unknown ones stay as they are."""
    await conn.execute(
        """
        update notice set read_at = now()
        where account = $1 and read_at is null and ($2::uuid[] is null or id = any($2))
        """,
        account,
        None if notices is None else list(notices),
    )
