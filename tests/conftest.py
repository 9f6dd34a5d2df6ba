"""Real parts for every test: a scratch PostgreSQL per session, a copy of the migrated database and a store per test."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from hypothesis import settings

from backend.db import migrate, open_pool
from backend.localdb import Postgres
from backend.media import Media, open_media

TEMPLATE = "castmate_template"
MEMORY = Path("/dev/shm")  # noqa: S108 - a server of the test's own, in a folder of its own

# One commit, one verdict: `./run test` draws the same examples each time; `./run bench fuzz` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=3000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file first: where several processes share the files, nobody waits for it at the end."""
    items.sort(key=lambda item: item.path.name != "test_whole.py")


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    """Refuse connections that leave loopback, in this process; unix sockets pass."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise PermissionError(f"a test tried to reach {address}: only loopback is allowed")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One throw-away server, in memory where there is room; its "postgres" database stays empty."""
    with pytest.MonkeyPatch.context() as patch:
        if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30:
            patch.setattr(tempfile, "tempdir", str(MEMORY))
        server = Postgres.scratch(max_connections="200", autovacuum="off")
    with server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def template(postgres: Postgres) -> str:
    """The name of a migrated database that nobody is connected to."""
    conn = await asyncpg.connect(postgres.dsn())
    await conn.execute("CREATE DATABASE castmate_template")
    await conn.close()
    await migrate(postgres.dsn(TEMPLATE))
    return TEMPLATE


@pytest_asyncio.fixture
async def dsn(postgres: Postgres, template: str) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{uuid4().hex}"
    conn = await asyncpg.connect(postgres.dsn())
    await conn.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield postgres.dsn(name)
    await conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await conn.close()


@pytest_asyncio.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(dsn, min_size=1, max_size=8) as opened:
        yield opened


@pytest_asyncio.fixture
async def conn(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection:
        yield connection


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hundreds of people sign up in these tests; started servers hash as dear as ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backend.auth._HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True)
def _same_umask() -> Iterator[None]:
    """A local media store tightens the process's umask; the next test starts with the old one."""
    umask = os.umask(0o022)
    os.umask(umask)
    yield
    os.umask(umask)


@pytest.fixture
def media(tmp_path: Path) -> Media:
    """An empty store in the test's own folder."""
    return open_media(str(tmp_path / "media"))


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that any user may walk through, as a local database needs; pytest's own are closed."""
    root = Path(tempfile.mkdtemp(prefix="castmate-test-"))
    root.chmod(0o711)
    yield root
    shutil.rmtree(root)
