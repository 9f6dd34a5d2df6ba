"""Pages of clips of several people, as one viewer sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from backend import shapes
from backend.auth import Viewer
from backend.media_links import MediaLinks
from character_store import requests, uses
from social.clips import Clip


async def page_of_clips(
    conn: asyncpg.Connection, viewer: Viewer, rows: Sequence[Clip], limit: int, links: MediaLinks
) -> dict[str, Any]:
    """`rows` are one more than `limit` where there are more. For whom a publication waits only its maker is told."""
    shown = rows[:limit]
    cast = await uses.of_clips(conn, [row.id for row in shown])
    wishes = await requests.publications(conn, [row.id for row in shown if row.account == viewer.id])
    videos = [
        shapes.video(row, cast[row.id], wishes.get(row.id))
        | {"media": shapes.media(row, cast[row.id], viewer.id, links)}
        for row in shown
    ]
    return shapes.page(videos, has_more=len(rows) > limit)
