"""What it costs to know who is asking: an access token and an API key, beside a bare SELECT of the same rounds."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
from litestar import Request

from backend.auth import provide_viewer
from backend.db import migrate, open_pool
from backend.localdb import Postgres
from backend.tokens import TokenKeys
from social import api_keys, sessions

ROUNDS: Final = 30
EACH: Final = 100


def report() -> Iterator[str]:
    """Medians over the rounds, each of which does everything EACH times in turn."""
    with Postgres.scratch() as server, tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(_measured(server.dsn(), TokenKeys(Path(folder) / "token.jwk")))
    bare = statistics.median(took["bare SELECT"])
    for name, seconds in took.items():
        middle = statistics.median(seconds)
        yield f"{name:<28} {1e6 * middle / EACH:8.0f} µs   {middle / bare:5.2f} x bare SELECT"


async def _measured(dsn: str, keys: TokenKeys) -> dict[str, list[float]]:
    await migrate(dsn)
    async with await open_pool(dsn, min_size=1, max_size=1) as pool:
        async with pool.acquire() as conn:
            account = await conn.fetchval(
                "insert into account (handle, display_name, birth_date) values ('a.b', 'A', '1990-05-17') returning id"
            )
            session, _ = await sessions.open_session(conn, account, "bench", "password")
            _, secret = await api_keys.create(conn, account, "bench", ("videos",))
        token = keys.sign(account, session.id)
        steps: dict[str, Callable[[], Awaitable[Any]]] = {
            "bare SELECT": lambda: _select(pool),
            "signature alone": lambda: asyncio.sleep(0, keys.read(token)),
            "access token, whole": lambda: provide_viewer(_asking(token), pool, keys),
            "API key, whole": lambda: provide_viewer(_asking(secret), pool, keys),
        }
        took: dict[str, list[float]] = {name: [] for name in steps}
        for _round in range(ROUNDS):
            for name, step in steps.items():
                began = time.perf_counter()
                for _ in range(EACH):
                    await step()
                took[name].append(time.perf_counter() - began)
        return took


async def _select(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        await conn.fetchval("select 1")


def _asking(secret: str) -> Request[Any, Any, Any]:
    headers = [(b"authorization", b"Bearer " + secret.encode())]
    scope: Any = {"type": "http", "method": "GET", "path": "/v1/videos", "headers": headers, "query_string": b""}
    return Request(scope | {"state": {}})
