"""POST /videos/extensions: more seconds of a finished clip, in one file with what was there."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency

from backend import forms, uploads
from backend.auth import Viewer
from backend.config import Config
from backend.media import Media
from backend.routes import beside, orders, sources, videos
from backend.routes.orders import Order
from character_store.vault import Vault
from generation.shapes import SECONDS
from social.errors import InvalidValue


@post("/videos/extensions", status_code=200, request_max_body_size=videos.BODY_BYTES)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
    media: NamedDependency[Media],
    vault: NamedDependency[Vault],
) -> Response[bytes]:
    """A new clip: the video, and `seconds` that go on from its last picture with the same cast, voices, set and music.

    It costs what any clip costs: one of the day's.
    """
    fields = await uploads.stand_in(pool, media, vault, viewer, await forms.read(request))
    for name in ("size", "seed", "performance"):
        if fields.get(name) is not None:
            raise InvalidValue(name, fields[name], f"no {name}: an extension goes on as its video is")
    if fields.get("seconds") is None:
        raise InvalidValue("seconds", None, ", ".join(f'"{one}"' for one in SECONDS))
    source = await sources.read(pool, viewer, fields)
    texts = {name: value for name, value in fields.items() if name not in (*beside.NAMES, "video")}
    inherited = {"model": source.clip.model, "size": source.clip.size}
    asked = orders.for_engine(orders.text_of(inherited | texts, multipart=forms.is_multipart(request)), config)
    beside.check_taken(fields, config.engine_options)
    sent = await beside.read(fields, config.image_hosts)
    given = await sources.beside(pool, media, vault, viewer, source, sent, performances=False)
    clip = msgspec.structs.replace(
        asked,
        seed=source.clip.delivered_seed,
        characters=(*source.characters, *asked.characters),
        remixed_from=source.clip.id,
        rework="extend",
        given=given.wanted,
    )
    return await videos.ordered(request, Order(clip, given), viewer, pool, config, media, vault)
