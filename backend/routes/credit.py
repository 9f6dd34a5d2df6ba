"""GET /videos/{id}/credits: who wrote a clip, who is in it and what it came from."""

from __future__ import annotations

from typing import Any

import asyncpg
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import shapes
from backend.auth import Viewer
from backend.ids import public
from backend.routes import references
from character_store import uses
from character_store.uses import Use
from social import blocks, clips, credit
from social.errors import ClipUnknown


@get("/videos/{video_id:str}/credits")
async def of_clip(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[bytes]:
    """Down the lineage; people and clips that the viewer may not see are not named."""
    key = references.clip(video_id)
    async with pool.acquire() as conn:
        clip = await clips.visible(conn, viewer.id, key)
        if clip is None:
            raise ClipUnknown(video_id)
        cast = (await uses.of_clips(conn, [key]))[key]
        named = {use.owner: not await blocks.between(conn, use.owner, viewer.id) for use in cast}
        owes = await credit.debts(conn, viewer.id, key)
        origins = await credit.origins(conn, viewer.id, key)
        maker = None if await blocks.between(conn, clip.account, viewer.id) else clip.maker
    sound = None
    if owes.sound_of is not None:
        source = public("video", owes.sound_of) if owes.sound_seen else None
        sound = {"video": source, "maker": owes.sound_maker}
    body = {
        "object": "video.credits",
        "video": video_id,
        "written_by": maker,
        "suggested_by": owes.suggested_by,
        "cast": [_member(use) for use in cast if named[use.owner]],
        "sound": sound,
        "from": [
            {
                "video": public("video", one.clip),
                "maker": one.maker,
                "suggested_by": one.suggested_by,
                "removed": one.maker is None,
            }
            for one in origins
        ],
    }
    return shapes.single(request, body)


def _member(use: Use) -> dict[str, Any]:
    return {
        "character": public("char", use.character),
        "handle": use.handle,
        "name": use.name,
        "speaker": use.speaker,
        "archive": use.archive,
    }
