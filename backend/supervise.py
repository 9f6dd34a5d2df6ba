"""`castmate serve`: database, web and worker of one machine, kept running by one process.

    sys.exit(asyncio.run(serve("127.0.0.1", 8080, Path("var"))))  # after SIGTERM or SIGINT, when all has stopped

Children learn what they need from CASTMATE_* variables. Our stdout carries the line `ready http://HOST:PORT`.

ServeError
├── PortTaken       something listens there already; nothing was started
└── NotReady        the web process did not become ready in time; everything was stopped again
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from backend.children import Program, first_of, keep_running, set_within
from backend.db import MigrationError, migrate
from backend.localdb import Postgres, PostgresError
from backend.server_user import NotOurFolder

READY_S: Final = 120.0
WATCH_S: Final = 1.0  # between looks at the database

PYTHON: Final = (sys.executable, *(["-P"] if sys.flags.safe_path else []))
PROGRAMS: Final = {
    "worker": Program((*PYTHON, "-m", "backend", "worker"), stop_s=90.0),  # finishes its jobs or puts them back
    "web": Program((*PYTHON, "-m", "backend", "web"), stop_s=15.0),
}

log = logging.getLogger(__name__)


class ServeError(Exception):
    """Base: the machine does not serve; the message is one line for the operator."""


class PortTaken(ServeError):
    """`host`:`port` cannot be bound."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host} port {port}: {reason}")
        self.host = host
        self.port = port


class NotReady(ServeError):
    """`url` did not answer 200."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url} was not ready after {READY_S:g} s; the log above says why")
        self.url = url


async def serve(
    host: str,
    port: int,
    data: Path,
    *,
    greet: Callable[[str], Awaitable[None]] | None = None,
    programs: Mapping[str, Program] = PROGRAMS,
) -> int:
    """Serve until SIGTERM or SIGINT; then drain the worker, stop the web and, last, the database.

    Port 0 picks a free one. `data` holds the database and the media unless CASTMATE_DATABASE_URL and
    CASTMATE_MEDIA_URL name others. `greet` is given the DSN once the database is up to date, before the children start.
    `programs` are stopped in their order. Returns the exit status; what kept us from serving is one line on stderr.
    """
    try:
        await _serve(host, _free_port(host, port), data, greet, programs)
    except (ServeError, PostgresError, NotOurFolder, MigrationError, asyncpg.PostgresError, OSError) as error:
        sys.stderr.write(f"castmate: {error}\n")
        return 1
    return 0


async def _serve(
    host: str, port: int, data: Path, greet: Callable[[str], Awaitable[None]] | None, programs: Mapping[str, Program]
) -> None:
    with _stop_signals() as stop:
        async with _database(data) as dsn:
            await migrate(dsn)
            if greet is not None:
                await greet(dsn)
            async with keep_running(programs, _settings(dsn, data, host, port)):
                await first_of(stop.wait(), _tell_when_ready(host, port))
                await stop.wait()


def _settings(dsn: str, data: Path, host: str, port: int) -> dict[str, str]:
    """What the children read."""
    data = data.absolute()
    return {
        "CASTMATE_DATABASE_URL": dsn,
        "CASTMATE_MEDIA_URL": os.environ.get("CASTMATE_MEDIA_URL") or (data / "media").as_uri(),
        "CASTMATE_DATA": str(data),
        "CASTMATE_HOST": host,
        "CASTMATE_PORT": str(port),
    }


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def _database(data: Path) -> AsyncIterator[str]:
    """The DSN that CASTMATE_DATABASE_URL names, or that of a local server which is started again when it dies."""
    if url := os.environ.get("CASTMATE_DATABASE_URL"):
        yield url
        return
    server = await asyncio.to_thread(Postgres.keep, data)
    done = asyncio.Event()
    watch = asyncio.create_task(_revive(server, done))
    try:
        yield server.dsn()
    finally:
        done.set()
        await watch
        await asyncio.to_thread(server.close)


async def _revive(server: Postgres, done: asyncio.Event) -> None:
    while not await set_within(done, WATCH_S):
        if not server.alive:
            log.warning("the database has stopped; starting it again")
            try:
                await asyncio.to_thread(server.revive)
            except PostgresError:
                log.exception("the database does not start")


async def _tell_when_ready(host: str, port: int) -> None:
    """Print the line that says so once the web process answers."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  asked about, not bound
    url = f"http://{_bracketed(near)}:{port}/health/ready"
    deadline = asyncio.get_running_loop().time() + READY_S
    async with httpx.AsyncClient(trust_env=False) as client:
        while not await _is_ready(client, url):
            if asyncio.get_running_loop().time() > deadline:
                raise NotReady(url)
            await asyncio.sleep(0.1)
    sys.stdout.write(f"ready http://{_bracketed(host)}:{port}\n")
    sys.stdout.flush()


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _free_port(host: str, port: int) -> int:
    """The port itself, or a free one for 0. Raises PortTaken."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        raise PortTaken(host, port, error.strerror or str(error)) from None
