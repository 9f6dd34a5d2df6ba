"""A web app on the test's own database, spoken to through ASGI, and people who are signed in to it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar._signature.model import SignatureModel
from litestar.utils.signature import ParsedSignature

from backend import app as web
from backend import telemetry
from backend.config import Config
from social import invites
from tests.backend.agreement import agreeing, contract_of
from tests.backend.worker_side import Studio
from tests.factories import unique

PASSWORD = "correct horse battery staple"


class Person(msgspec.Struct, frozen=True):
    """Somebody signed in: `http` carries the access token."""

    handle: str
    http: httpx.AsyncClient
    id: str
    refresh_token: str = ""


Join = Callable[..., Awaitable[Person]]


@pytest.fixture(scope="session", autouse=True)
def _signatures_are_read_once() -> Iterator[None]:
    """Hundreds of tests build the app: half of that time litestar reads the same functions' annotations again."""
    read, model = ParsedSignature.from_fn.__func__, SignatureModel.create.__func__  # type: ignore[attr-defined]
    known: dict[object, Any] = {}

    def from_fn(cls: Any, fn: Any, namespace: dict[str, Any]) -> Any:
        key = (fn, *sorted(namespace))
        if key in known or "<" in getattr(fn, "__qualname__", "<"):  # an app's own lambdas would keep it alive
            return known.get(key) or read(cls, fn, namespace)
        return known.setdefault(key, read(cls, fn, namespace))

    def create(cls: Any, /, **given: Any) -> Any:
        fn = given["fn"]
        key = (fn, frozenset(given["dependency_name_set"]), given["data_dto"])
        if key in known or "<" in getattr(fn, "__qualname__", "<"):
            return known.get(key) or model(cls, **given)
        return known.setdefault(key, model(cls, **given))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParsedSignature, "from_fn", classmethod(from_fn))
        patch.setattr(SignatureModel, "create", classmethod(create))
        gc.collect()
        gc.freeze()  # what is imported by now stays
        yield


@pytest.fixture
def config(dsn: str, tmp_path: Path) -> Config:
    return Config(
        data=tmp_path,
        database_url=dsn,
        media_url=str(tmp_path / "media"),
        daily_clips=3,
        log_level="error",
        rate_limits="off",  # test_rate_limits sets its own
    )


@pytest_asyncio.fixture
async def join(config: Config, pool: asyncpg.Pool) -> AsyncIterator[Join]:
    """`await join("operator")` signs a new person up; role defaults to member. `await join(None)` is nobody."""
    async with signing_up(config, pool) as somebody:
        yield somebody


@asynccontextmanager
async def signing_up(config: Config, pool: asyncpg.Pool) -> AsyncIterator[Join]:
    """As the fixture, for a house with other settings."""
    app = web.build(config)
    clients: list[httpx.AsyncClient] = []

    async def somebody(role: str | None = "member", birth_date: str = "1990-05-17") -> Person:
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=agreeing(telemetry.request_ids(app), contract_of(app))),
            base_url="http://test/v1",
        )
        clients.append(http)
        if role is None:
            return Person("", http, "")
        async with pool.acquire() as conn:
            code = (await invites.issue(conn, None, role=role)).code
        handle = unique("person")
        answer = await http.post(
            "/accounts",
            json={
                "handle": handle,
                "display_name": "Somebody",
                "password": PASSWORD,
                "birth_date": birth_date,
                "invite_code": code,
            },
        )
        assert answer.status_code == 201, answer.text
        http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return Person(handle, http, answer.json()["account"]["id"], answer.json()["refresh_token"])

    up, down = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        """The whole lifespan in one task: anyio's scopes do not pass between a fixture's halves."""
        async with app.lifespan():
            up.set()
            await down.wait()

    living = asyncio.create_task(live())
    await asyncio.wait({living, asyncio.create_task(up.wait())}, return_when=asyncio.FIRST_COMPLETED)
    yield somebody
    for client in clients:
        await client.aclose()
    down.set()
    await living


@pytest.fixture
def worker(pool: asyncpg.Pool, config: Config) -> Studio:
    return Studio(pool, config)
