"""Requests per second of the routes that apps ask most, beside a route that does one bare SELECT, in turns.

Started web processes without a worker; the load runs on the same cores. Once with rate limits, so wide that none is
reached, and once without.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import httpx

from backend.db import migrate
from backend.localdb import Postgres
from social import invites
from tests.benchmarks.load import flood
from tests.benchmarks.printing import say, table

CONNECTIONS: Final = 16
SECONDS: Final = 3.0
ROUNDS: Final = 3
BARE: Final = "one bare SELECT"
CLIPS: Final = 20  # of the account that asks
WIDE: Final = ", ".join(f"{name}.{who}=100000000" for name in ("reading", "making") for who in ("account", "address"))


def report() -> None:
    """Medians of the ratios within each round."""
    with Postgres.scratch(max_connections="60") as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(migrate(server.dsn()))
        settings = {"CASTMATE_DATABASE_URL": server.dsn(), "CASTMATE_DATA": folder, "CASTMATE_LOG_LEVEL": "warning"}
        limits = {"with rate limits": WIDE, "without": "off"}
        for name, value in limits.items():
            wide = settings | {"CASTMATE_RATE_LIMITS": value, "CASTMATE_DAILY_CLIPS": "1000000"}
            with started(settings, "tests.benchmarks.bare") as bare, started(wide, "backend", "web") as url:
                asyncio.run(_measured(name, bare, url, server.dsn()))


async def _measured(name: str, bare: str, url: str, dsn: str) -> None:
    token, video = await somebody(url, dsn)
    paths = {
        BARE: f"{bare}/",
        "GET /videos/{id}": f"{url}/v1/videos/{video}",
        "GET /videos?limit=20": f"{url}/v1/videos?limit=20",
        "GET /me": f"{url}/v1/me",
        "GET /me/quota": f"{url}/v1/me/quota",
        "GET /notifications": f"{url}/v1/notifications",
    }
    rates: dict[str, list[float]] = {one: [] for one in paths}
    for number in range(ROUNDS):
        say(f"{name}: round {number + 1} of {ROUNDS}")
        for one, path in paths.items():
            asked = urlsplit(path)
            target = asked.path + (f"?{asked.query}" if asked.query else "")
            head = f"GET {target} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n".encode()
            answers = await flood(path, head, connections=CONNECTIONS, seconds=SECONDS)
            if answers.failures:
                raise SystemExit(f"{answers.failures} of {len(answers.latencies)} to {path} failed")
            rates[one].append(answers.per_second)
    base = rates[BARE]
    rows = [["requests/s", *(f"round {number + 1}" for number in range(ROUNDS)), "median of ratios"]]
    for one, found in rates.items():
        ratio = statistics.median(rate / bare_rate for rate, bare_rate in zip(found, base, strict=True))
        rows.append([one, *(f"{rate:.0f}" for rate in found), f"{ratio:.2f}"])
    table(f"Routes, {name}: one web process, {CONNECTIONS} connections", rows)


async def somebody(url: str, dsn: str) -> tuple[str, str]:
    """The access token of a new account, and one of its clips."""
    conn = await asyncpg.connect(dsn)
    code = (await invites.issue(conn, None)).code
    await conn.close()
    async with httpx.AsyncClient(base_url=f"{url}/v1", timeout=60) as http:
        new = {"handle": f"bench{code.lower()}", "display_name": "Bench", "password": "correct horse battery staple"}
        joined = await http.post("/accounts", json=new | {"birth_date": "1990-05-17", "invite_code": code})
        joined.raise_for_status()
        token = joined.json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        order = {"prompt": "a cat plays the piano", "seconds": "4", "size": "384x640"}
        made = [(await http.post("/videos", json=order)).raise_for_status().json()["id"] for _ in range(CLIPS)]
    return token, made[-1]


@contextmanager
def started(settings: dict[str, str], *module: str) -> Iterator[str]:
    """`python -m` a web process; its address, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", *module]
    with subprocess.Popen(command, env=os.environ | settings | {"CASTMATE_PORT": str(port)}) as process:
        try:
            deadline = time.monotonic() + 60
            while not _answers(url):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit("the web process does not answer")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/").status_code < httpx.codes.INTERNAL_SERVER_ERROR
    except httpx.HTTPError:
        return False
