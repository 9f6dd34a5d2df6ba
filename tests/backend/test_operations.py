"""What an operator's machines ask: is it alive, can it serve, how is it doing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest

from backend import app as web
from backend import telemetry
from backend.config import Config
from tests.backend.cast import asked
from tests.backend.conftest import Join, Person
from tests.backend.streams import listening

TOKEN = {"authorization": "Bearer let me see"}


@pytest.fixture
def config(dsn: str, tmp_path: Path) -> Config:
    return Config(
        data=tmp_path,
        database_url=dsn,
        media_url=str(tmp_path / "media"),
        log_level="error",
        metrics_token="let me see",
    )


@asynccontextmanager
async def probing(config: Config) -> AsyncIterator[httpx.AsyncClient]:
    """At an app that is counted, as the server runs it."""
    app = web.build(config)
    async with app.lifespan():
        counted = telemetry.request_ids(app, app.state.metrics.observed)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=counted), base_url="http://test") as http:
            yield http


async def test_a_process_is_ready_when_database_and_store_answer(
    config: Config, conn: asyncpg.Connection, join: Join
) -> None:
    async with probing(config) as prober:
        await ready_then_late_then_not(config, prober, conn, await join())


async def ready_then_late_then_not(
    config: Config, prober: httpx.AsyncClient, conn: asyncpg.Connection, maya: Person
) -> None:
    assert (await prober.get("/health/live")).json() == {"status": "live"}
    ready = {"status": "ready", "database": "ok", "store": "ok", "queue": "ok"}
    assert (await prober.get("/health/ready")).json() == ready
    await asked(maya, "a quiet street")
    await conn.execute(
        "update pgqueuer set created = now() - interval '11 minutes', execute_after = now() - interval '11 minutes'"
    )
    late = await prober.get("/health/ready")
    assert (late.status_code, late.json()["queue"]) == (200, "late")
    lose_store(Path(config.media_url))
    away = await prober.get("/health/ready")
    assert (away.status_code, away.json()["error"]["code"]) == (503, "unavailable")
    assert (await prober.get("/health/live")).status_code == 200


def lose_store(folder: Path) -> None:
    folder.rename(folder.with_name("away"))
    folder.write_text("no folder")


async def test_numbers_are_shown_to_whoever_has_the_token_and_nobody_else(config: Config) -> None:
    async with probing(config) as prober:
        await asked_with_and_without(prober)
    async with probing(msgspec.structs.replace(config, metrics_token="")) as closed:
        for headers in ({}, {"authorization": "Bearer "}, TOKEN):
            assert (await closed.get("/metrics", headers=headers)).status_code == 404


async def asked_with_and_without(prober: httpx.AsyncClient) -> None:
    for headers in (
        {},
        {"authorization": "Bearer let me"},
        {"authorization": "let me see"},
        {"authorization": "Bearer "},
    ):
        refused = await prober.get("/metrics", headers=headers)
        assert refused.status_code == 401
        assert "castmate_" not in refused.text
    assert (await prober.get("/metrics", headers=TOKEN)).headers["content-type"].startswith("text/plain; version=0.0.4")


async def test_numbers_are_of_this_process_and_of_the_queue(config: Config, join: Join) -> None:
    async with probing(config) as prober:
        await counted(prober, await join())


async def counted(prober: httpx.AsyncClient, maya: Person) -> None:
    for _ in range(2):
        await asked(maya, "a quiet street")
    for path in ("/v1/videos/video_1", "/v1/videos/video_2", "/never/heard/of"):
        await prober.get(path)
    await prober.request("BREW", "/v1/videos")
    there = Person(maya.handle, httpx.AsyncClient(transport=prober._transport, headers=maya.http.headers), "")
    async with listening(there, "/events"):
        text = (await prober.get("/metrics", headers=TOKEN)).text
    assert number(text, "castmate_http_requests_total", route="/v1/videos/{video_id}", status="401") == 2
    assert number(text, "castmate_http_requests_total", route="none", method="GET", status="404") == 1
    assert number(text, "castmate_event_streams") == 1
    assert number(text, "castmate_jobs", kind="clip", status="queued") == 2
    assert number(text, "castmate_clips_in_the_making", status="queued") == 2
    assert "/never" not in text
    assert "BREW" not in text
    assert all('process="' in line for line in text.splitlines() if line.startswith("castmate_http"))


def number(text: str, name: str, **labels: str) -> float:
    """The one sample of that name with at least these labels."""
    found = [
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if re.match(rf"{name}[{{ ]", line) and all(f'{key}="{value}"' in line for key, value in labels.items())
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]
