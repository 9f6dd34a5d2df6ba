"""The sliders of a draft: as they stand, and moved, which makes the clip again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from litestar import Request, Response, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import forms, retakes
from backend.auth import Viewer
from backend.config import Config
from backend.idempotency import Attempt
from backend.routes import references, videos
from social.errors import InvalidValue


@get("/videos/{video_id:str}/controls")
async def read(
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> dict[str, Any]:
    """For its maker."""
    found = await retakes.controls(pool, viewer.id, references.clip(video_id))
    return {"object": "video.controls", "video": video_id, "controls": msgspec.to_builtins(found)}


@patch("/videos/{video_id:str}/controls", status_code=200)
async def turn(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> Response[bytes]:
    """`{"values": {id: number}}`: charged and queued again, or refused with nothing changed."""
    fields = await forms.read(request)
    values = fields.get("values")
    if not isinstance(values, dict) or fields.keys() != {"values"}:
        raise InvalidValue("values", fields, "an object of slider ids and numbers, and nothing beside it")
    key = references.clip(video_id)
    attempt = _attempt_of(request, key, values)
    await retakes.make_again(pool, viewer.account, key, values, attempt, config.daily_clips)
    return await videos.answer(request, pool, viewer, key)


def _attempt_of(request: Request[Any, Any, Any], clip: UUID, values: dict[str, Any]) -> Attempt:
    """How to know this request again: an order of the same clip and values."""
    return videos.attempt_with(request, msgspec.json.encode(["controls", clip, sorted(values.items())]))
