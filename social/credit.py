"""Whom a clip owes what: its words, its sound, what it came from; nobody is named whom the viewer may not see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec


class Debts(msgspec.Struct, frozen=True):
    """Handles are None where there is nobody to name: none, gone, or blocked on either side."""

    sound_of: UUID | None
    sound_maker: str | None
    sound_seen: bool  # whether the viewer may see that clip
    suggestion: UUID | None
    suggested_by: str | None


class Origin(msgspec.Struct, frozen=True):
    """One clip up the lineage."""

    clip: UUID
    maker: str | None  # None: deleted, removed, or not for this viewer
    suggested_by: str | None
    published_at: datetime | None


async def debts(conn: asyncpg.Connection, viewer: UUID, clip: UUID) -> Debts:
    row = await conn.fetchrow(
        """
        select c.sound_of, s.handle::text as sound_maker, c.suggestion, w.handle::text as suggested_by,
            exists (select from visible_clip($1) v where v.id = c.sound_of) as sound_seen
        from clip c
        left join account s on s.id = c.sound_by and not blocked_between(s.id, $1)
        left join account w on w.id = c.suggested_by and not blocked_between(w.id, $1)
        where c.id = $2
        """,
        viewer,
        clip,
    )
    return msgspec.convert(dict(row), Debts)


async def origins(conn: asyncpg.Connection, viewer: UUID, clip: UUID) -> list[Origin]:
    """Up the lineage, the nearest first."""
    rows = await conn.fetch(
        """
        with recursive up as (
            select l.clip, l.parent, l.depth from lineage l where l.clip = $2
            union all
            select l.clip, l.parent, l.depth from lineage l join up u on l.clip = u.parent
        )
        select u.clip, seen.maker, seen.suggested_by, seen.published_at
        from up u left join lateral (
            select a.handle::text as maker, w.handle::text as suggested_by, c.published_at
            from visible_clip($1) c join account a on a.id = c.account
            left join account w on w.id = c.suggested_by and not blocked_between(w.id, $1)
            where c.id = u.clip
        ) seen on true
        where u.clip <> $2 order by u.depth desc
        """,
        viewer,
        clip,
    )
    return [msgspec.convert(dict(row), Origin) for row in rows]
