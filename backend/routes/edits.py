"""POST /videos/edits: a finished clip made anew from its screenplay, with an instruction carried out on it."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
from litestar import Request, Response, post
from litestar.di import NamedDependency

from backend import forms, uploads
from backend.auth import Viewer
from backend.config import Config
from backend.media import Media
from backend.planning import ClipOrder
from backend.routes import beside, orders, sources, videos
from backend.routes.orders import Order
from character_store.vault import Vault
from social.errors import InvalidValue

KEPT: Final = ("seconds", "size", "seed", "screenplay")  # of the clip that is edited


@post("/videos/edits", status_code=200, request_max_body_size=videos.BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """A new clip with the same cast, length, size, seed and set but for what `prompt` says; asked for like any clip."""
    fields = await uploads.stand_in(pool, media, vault, viewer, await forms.read(request))
    for name in KEPT:
        if fields.get(name) is not None:
            raise InvalidValue(name, fields[name], f"no {name}: an edit keeps that of its video")
    source = await sources.read(pool, viewer, fields)
    texts = {name: value for name, value in fields.items() if name not in (*beside.NAMES, "video")}
    asked = orders.for_engine(
        orders.text_of({"model": source.clip.model} | texts, multipart=forms.is_multipart(request)), config
    )
    beside.check_taken(fields, config.engine_options)
    sent = await beside.read(fields, config.image_hosts)
    given = await sources.beside(pool, media, vault, viewer, source, sent)
    clip = ClipOrder(
        prompt=asked.prompt,
        model=asked.model,
        seconds=source.clip.seconds,
        size=orders.size_of(source.clip.size),
        seed=source.clip.delivered_seed,
        characters=(*source.characters, *asked.characters),
        mentions=asked.mentions,
        remixed_from=source.clip.id,
        rework="edit",
        given=given.wanted,
        spoken=asked.spoken,
    )
    return await videos.ordered(request, Order(clip, given), viewer, pool, config, media, vault)
