"""Asking whose a file is, from the request to the answer: at once, later, again after a lost worker, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import numpy as np
import pytest
import pytest_asyncio

from backend import inspecting, jobs
from backend.certificates import certificates
from backend.config import Config
from backend.routes import provenance as routes
from backend.secret_file import made_once
from backend.takes import PREVIEW
from character_store.vault import new_key
from generation import credentials
from generation.credentials import Chain, Claims
from generation.engine import Take, Track
from generation.preview import Preview
from generation.shapes import VideoShape
from tests.backend.cast import code
from tests.backend.conftest import Join, Person
from tests.backend.worker_side import Studio
from tests.waiting import until

BROKEN: Final = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\xff" * 3000
NOTHING: Final = {"made_here": False, "video": None, "confidence": 0.0, "by": None, "credentials": None}
UNTOLD: Final = dict.fromkeys(NOTHING)


@pytest.fixture
def secrets(config: Config) -> Path:
    made_once(config.mark_key, new_key)
    certificates(config.credentials_key)
    return config.data / "secrets"


async def send(person: Person, content: bytes = BROKEN) -> httpx.Response:
    return await person.http.post("/provenance/inspect", files={"file": ("a.mp4", content, "video/mp4")})


async def work(worker: Studio, secrets: Path) -> int:
    """Every inspection that waits in the queue, as a worker does it; how many there were."""
    waiting = await worker.pool.fetch("delete from pgqueuer where entrypoint = 'inspect' returning payload")
    for job in waiting:
        await inspecting.inspect(worker.pool, worker.media, secrets, jobs.subject_of(job["payload"]))
    return len(waiting)


@pytest_asyncio.fixture
async def working(worker: Studio, secrets: Path) -> AsyncIterator[None]:
    """A worker at this one kind of job, until the test is over."""

    async def run() -> None:
        while True:
            await work(worker, secrets)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(run())
    yield
    assert not task.done(), task.exception()
    task.cancel()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "WAIT_SECONDS", 0.0)


@pytest.mark.usefixtures("working")
async def test_the_answer_comes_with_the_request_where_a_worker_is_quick(
    join: Join, worker: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "WAIT_SECONDS", 60.0)  # however slow the machine of these tests is
    nobody = await join(None)
    answer = await send(nobody)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert {"state": "completed", **NOTHING}.items() <= said.items()
    assert (await nobody.http.get(f"/provenance/inspections/{said['id']}")).json() == said
    await until(lambda: worker.files() == [])


@pytest.mark.usefixtures("impatient")
async def test_a_busy_house_promises_an_answer_and_keeps_the_file_sealed_until_it_has_looked(
    join: Join, worker: Studio, secrets: Path
) -> None:
    nobody = await join(None)
    answer = await send(nobody)
    assert answer.status_code == 202, answer.text
    said = answer.json()
    place = f"/provenance/inspections/{said['id']}"
    assert {"state": "queued", **UNTOLD}.items() <= said.items()
    (kept,) = worker.files()
    assert b"ftyp" not in kept.read_bytes()
    still = await nobody.http.get(place)
    assert (still.status_code, still.json()) == (202, said)
    assert await work(worker, secrets) == 1
    looked = await nobody.http.get(place)
    assert (looked.status_code, looked.json()["state"], looked.json()["made_here"]) == (200, "completed", False)
    assert worker.files() == []
    assert await worker.pool.fetchval("select key from inspection") is None


@pytest.mark.usefixtures("impatient")
async def test_a_lost_job_comes_back_and_a_file_that_kills_its_workers_is_given_up(
    join: Join, worker: Studio, secrets: Path, conn: asyncpg.Connection
) -> None:
    nobody = await join(None)
    said = (await send(nobody)).json()
    await conn.execute("delete from pgqueuer")
    await conn.execute("update inspection set attempts = $1", inspecting.ATTEMPTS_MAX)
    assert await jobs.rescue(conn) == 1
    assert await work(worker, secrets) == 1
    given_up = await nobody.http.get(f"/provenance/inspections/{said['id']}")
    assert given_up.status_code == 200
    assert {"state": "failed", **UNTOLD}.items() <= given_up.json().items()
    assert worker.files() == []
    assert await jobs.rescue(conn) == 0


@pytest.mark.usefixtures("impatient")
async def test_who_looks_too_long_is_ended_and_the_answer_is_that_nobody_could(
    join: Join, worker: Studio, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = await join(None)
    said = (await send(nobody)).json()
    monkeypatch.setattr(inspecting, "LOOK_SECONDS", 0.0)
    await work(worker, secrets)
    assert (await nobody.http.get(f"/provenance/inspections/{said['id']}")).json()["state"] == "failed"
    assert worker.files() == []


@pytest.mark.usefixtures("impatient")
async def test_an_answer_is_forgotten_after_an_hour_with_whatever_nobody_looked_at(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    nobody = await join(None)
    said = (await send(nobody)).json()
    await conn.execute("update inspection set created_at = now() - interval '61 minutes'")
    await inspecting.tidy(worker.pool, worker.media)
    gone = await nobody.http.get(f"/provenance/inspections/{said['id']}")
    assert code(gone) == (404, "inspection_unknown")
    assert worker.files() == []


def test_the_first_shot_is_signed_before_anybody_sees_it(config: Config, tmp_path: Path) -> None:
    made = certificates(config.credentials_key)
    chain, claims = Chain(made.chain, made.key, made.root), Claims("small", "trainedAlgorithmicMedia", 7)

    def seal(plain: Path, signed: Path) -> None:
        credentials.sign(chain, plain, signed, claims)

    frames = [np.full((336, 192, 3), index, np.uint8) for index in range(48)]
    sound: Any = np.zeros((2, 48_000), np.float32)
    take = Take(iter(frames), 2.0, (1.0,), sound, lambda: Track(sound, ()))
    file = tmp_path / PREVIEW
    assert len(list(Preview(take, VideoShape(192, 336), file, title="Tea", seal=seal).at(take.frames))) == 48
    told = credentials.read(file, chain.root)
    assert (told.state, told.mark, told.source) == ("Trusted", 7, "trainedAlgorithmicMedia")
