"""What its maker does with a finished clip: publish it, take it back, describe it."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, patch
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import forms, publishing
from backend.auth import Viewer
from backend.publishing import Changes
from backend.routes import references, videos


@patch("/videos/{video_id:str}", status_code=200)
async def change(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
) -> Response[bytes]:
    """An audience other than only_me publishes, or asks the people shown who want to approve each clip."""
    key = references.clip(video_id)
    changes = msgspec.convert(await forms.read(request), Changes)
    await publishing.change_clip(pool, viewer.account, key, changes)
    return await videos.answer(request, pool, viewer, key)
