"""Whose clips clips came from, as far as somebody may see those."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg


async def makers(conn: asyncpg.Connection, viewer: UUID | None, clips: Sequence[UUID]) -> dict[UUID, str]:
    """The handle of the parent's maker by clip; nothing for one without a parent, or with one not to be seen."""
    rows = await conn.fetch(
        """
        select l.clip, a.handle::text as maker
        from lineage l join visible_clip($1) p on p.id = l.parent join account a on a.id = p.account
        where l.clip = any($2) and p.status = 'completed'
        """,
        viewer,
        list(clips),
    )
    return {row["clip"]: row["maker"] for row in rows}
