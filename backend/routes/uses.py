"""Co-ownership: a character's owner sees every clip that shows it, drafts included, and can remove any."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend import auth, ids, shapes, studio
from backend.auth import Viewer
from backend.media import Media
from backend.pages import page_of
from backend.routes import references
from character_store import uses
from character_store.uses import Appearance
from social.errors import ClipUnknown


@get("/characters/{reference:str}/uses")
async def of_character(
    reference: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> dict[str, Any]:
    """Newest first; also of a character that is gone, and also what somebody made who has blocked the owner since."""
    auth.need_session(viewer)
    start, limit = page_of("video", after, limit)
    async with pool.acquire() as conn:
        character = await references.own_character(conn, viewer, reference)
        rows = await uses.of_character(conn, character.id, after=start, limit=limit)
    return shapes.page([_use(row) for row in rows[:limit]], has_more=len(rows) > limit)


@delete("/characters/{reference:str}/uses/{video_id:str}", status_code=200)
async def remove(
    reference: FromPath[str],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    media: NamedDependency[Media],
    *,
    lineage: FromQuery[bool] = True,
) -> dict[str, Any]:
    """Gone for everybody, its maker too; with `lineage` also what was made from it and shows the character."""
    auth.need_session(viewer)
    clip = references.clip(video_id)
    async with pool.acquire() as conn, conn.transaction():
        character = await references.own_character(conn, viewer, reference)
        there = await uses.is_there(conn, clip, character.id)
        if there is None:
            raise ClipUnknown(video_id)
        below = await uses.showing(conn, character.id, below=[clip]) if lineage else []
        gone = sorted({*below, clip} if there else below)
        keys = await studio.take_down(conn, gone, viewer.id, "person_shown")
    await studio.sweep(pool, media, keys)
    return {"id": video_id, "object": "character.use", "removed": [ids.public("video", one) for one in gone]}


def _use(row: Appearance) -> dict[str, Any]:
    video = ids.public("video", row.clip)
    return {
        "id": video,
        "object": "character.use",
        "video": video,
        "maker": row.maker,
        "prompt": row.prompt,
        "status": row.status,
        "audience": row.audience,
        "created_at": row.created_at,
        "completed_at": row.completed_at,
        "removed_at": row.removed_at,
        "poster": f"/v1/videos/{video}/content?variant=thumbnail" if row.poster else None,
        "version": row.version,
        "decision": {"audience": row.decision.get("audience"), "why": row.decision.get("why")},
    }
