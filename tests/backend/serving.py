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


@asynccontextmanager
async def served(config: Config, *more: ControllerRouterHandler) -> AsyncIterator[Litestar]:
    """The whole app, started, with handlers of the test's own beside its routes."""
    app = web.build(config)
    for handler in more:
        app.register(handler)
    up, down = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        """The whole lifespan in one task: anyio's scopes do not pass between a fixture's halves."""
        async with app.lifespan():
            up.set()
            await down.wait()

    living = asyncio.create_task(live())
    starting = asyncio.create_task(up.wait())
    await asyncio.wait({living, starting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield app
    finally:
        starting.cancel()
        down.set()
        await living


def client_of(app: Litestar, authorization: str | None = None, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    headers = {} if authorization is None else {"authorization": authorization}
    transport = httpx.ASGITransport(app=telemetry.request_ids(app), client=(peer, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://test/v1", headers=headers)
