"""A web app on the test's own database, spoken to through ASGI, and people who are signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
import pytest_asyncio

from backend import telemetry
from backend.config import Config
from social import invites
from tests.backend.agreement import agreeing, contract_of
from tests.backend.serving import built, living, used_again
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
    clients: list[httpx.AsyncClient] = []
    app = built(config)

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

    async with living(app):
        yield somebody
        for client in clients:
            await client.aclose()
    used_again(app)


@pytest.fixture
def worker(pool: asyncpg.Pool, config: Config) -> Studio:
    return Studio(pool, config)
