"""More web processes on a test's database: apps of their own, as a second process would build them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from backend import app as web
from backend import telemetry
from backend.config import Config

_idle: list[Litestar] = []


def built(config: Config) -> Litestar:
    """The whole app, not started. Hundreds of tests want one and its routes are always the same, so one that an earlier
    test is done with gets new parts.
    """
    if not _idle:
        return web.build(config)
    app = _idle.pop()
    web.furnish(app, config)
    return app


def used_again(app: Litestar) -> None:
    """Its test is done with it, and it has been stopped."""
    _idle.append(app)


@asynccontextmanager
async def living(app: Litestar) -> AsyncIterator[None]:
    """Started; the whole lifespan in one task: anyio's scopes do not pass between a fixture's halves."""
    up, down = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            up.set()
            await down.wait()

    life, starting = asyncio.create_task(live()), asyncio.create_task(up.wait())
    await asyncio.wait({life, starting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        starting.cancel()
        down.set()
        await life


@asynccontextmanager
async def served(config: Config, *more: ControllerRouterHandler) -> AsyncIterator[Litestar]:
    """The whole app, started, with handlers of the test's own beside its routes."""
    app = web.build(config) if more else built(config)
    for handler in more:
        app.register(handler)
    async with living(app):
        yield app
    if not more:
        used_again(app)


def client_of(app: Litestar, authorization: str | None = None, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    headers = {} if authorization is None else {"authorization": authorization}
    transport = httpx.ASGITransport(app=telemetry.request_ids(app), client=(peer, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://test/v1", headers=headers)
