"""Whose clips clips came from, as far as somebody may see those."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import asyncpg

from social.clips import Clip


async def makers(conn: asyncpg.Connection, viewer: UUID | None, clips: Iterable[Clip]) -> dict[UUID, str]:
    """The handle of the parent's maker by clip; nothing for one without a parent, or with one not to be seen."""
    parents = {clip.id: clip.remixed_from for clip in clips if clip.remixed_from is not None}
    if not parents:
        return {}
    rows = await conn.fetch(
        """
        select p.id, a.handle::text as maker from visible_clip($1) p join account a on a.id = p.account
        where p.id = any($2) and p.status = 'completed'
        """,
        viewer,
        list(set(parents.values())),
    )
    found = {row["id"]: row["maker"] for row in rows}
    return {clip: found[parent] for clip, parent in parents.items() if parent in found}
