"""Clips as grids show them: small, with where their pictures are and who is to be named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from backend import credit_line, shapes
from backend.ids import public
from backend.media_links import MediaLinks
from character_store import uses
from social import grids, parents
from social.clips import Clip


async def of(
    conn: asyncpg.Connection,
    viewer: UUID,
    rows: Sequence[Clip],
    links: MediaLinks,
    *,
    pinned: frozenset[UUID] = frozenset(),
) -> list[dict[str, Any]]:
    """One for each row, in their order; the viewer may see all of them."""
    keys = [row.id for row in rows]
    cast = await uses.of_clips(conn, keys)
    came_from = await parents.makers(conn, viewer, rows)
    counted = await grids.counts(conn, keys)
    return [
        {
            "id": public("video", row.id),
            "object": "video.tile",
            "maker": row.maker,
            "caption": row.caption,
            "credits_line": credit_line.line(row.maker, cast[row.id], came_from.get(row.id)),
            "published_at": row.published_at,
            "audience": row.audience,
            "pinned": row.id in pinned,
            "likes": counted[row.id].likes,
            "comments": counted[row.id].comments,
            "remixes": counted[row.id].remixes,
            "media": shapes.media(row, cast[row.id], viewer, links),
        }
        for row in rows
    ]
