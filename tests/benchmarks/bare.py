"""A web process with a route of one bare SELECT, and one that reads a row by its key, to hold the house beside.

CASTMATE_DATABASE_URL=… CASTMATE_PORT=… python -m tests.benchmarks.bare
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.params import FromPath

from backend.db import open_pool


@get("/")
async def one(state: State) -> dict[str, int]:
    return {"one": await state.pool.fetchval("select 1")}


@get("/account/{key:uuid}")
async def account(state: State, key: FromPath[UUID]) -> dict[str, str]:
    return {"handle": await state.pool.fetchval("select handle::text from account where id = $1", key)}


@asynccontextmanager
async def _pool(app: Litestar) -> AsyncIterator[None]:
    async with await open_pool(os.environ["CASTMATE_DATABASE_URL"], min_size=2, max_size=16) as pool:
        app.state.pool = pool
        yield


def create_app() -> Litestar:
    return Litestar([one, account], lifespan=[_pool], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    Granian(
        "tests.benchmarks.bare:create_app",
        factory=True,
        interface=Interfaces.ASGI,
        address="127.0.0.1",
        port=int(os.environ["CASTMATE_PORT"]),
        log_enabled=False,
    ).serve()
