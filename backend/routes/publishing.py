"""What its maker does with a finished clip: publish it, take it back, describe it; and what others make of it."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend import forms, publishing, uploads
from backend.auth import Viewer
from backend.config import Config
from backend.media import Media
from backend.publishing import Changes
from backend.routes import orders, references, videos
from character_store import uses
from character_store.vault import Vault
from generation.shapes import SECONDS
from social import publication


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


@post("/videos/{video_id:str}/remix", status_code=200, request_max_body_size=videos.BODY_BYTES)
async def remix(
    request: Request[Any, Any, Any],
    video_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """A new clip with the parent's cast, size and length, unless others are given; asked for like any clip."""
    key = references.clip(video_id)
    fields = await uploads.stand_in(pool, media, vault, viewer, await forms.read(request))
    async with pool.acquire() as conn:
        parent = await publication.remixable(conn, viewer.id, key, video_id)
        cast = (await uses.of_clips(conn, [key]))[key]
    seconds = parent.seconds if parent.seconds in SECONDS else SECONDS[-1]  # one that was extended is longer
    inherited = {"size": parent.size, "seconds": seconds, "model": parent.model}
    order = await orders.read(inherited | fields, config, multipart=forms.is_multipart(request))
    characters = (*(use.character for use in cast), *order.clip.characters)
    clip = msgspec.structs.replace(order.clip, characters=characters, remixed_from=key)
    order = msgspec.structs.replace(order, clip=clip)
    return await videos.ordered(request, order, viewer, pool, config, media, vault)
