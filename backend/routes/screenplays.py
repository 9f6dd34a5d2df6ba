"""Screenplays: what a clip would be made from, to be looked at before anything is spent."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from backend import forms, planning
from backend.auth import Viewer
from backend.config import Config
from backend.routes import orders
from generation.controls import controls_of


@post("/screenplays", status_code=200)
async def create(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer],
    pool: NamedDependency[asyncpg.Pool],
    config: NamedDependency[Config],
) -> dict[str, Any]:
    """The fields of a clip's order: its screenplay and sliders, under the same rules of casting; nothing is spent.

    With the seed of the clip it is the one that the clip would get; without one it may be another each time.
    """
    order = orders.text_of(await forms.read(request), multipart=forms.is_multipart(request))
    screenplay, names = await planning.plan_clip(pool, viewer.account, orders.for_engine(order, config))
    return {
        "object": "screenplay",
        "screenplay": msgspec.to_builtins(screenplay),
        "controls": msgspec.to_builtins(controls_of(screenplay, names)),
    }
