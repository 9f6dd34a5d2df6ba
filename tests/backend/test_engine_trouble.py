"""Real engines that fail, behind a real database: the clip says why, nothing is charged, and the next clip is made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import msgspec
import pytest

from backend.config import Config
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.encode import encode
from generation.remote import RemoteEngine
from generation.video_server import VideoServer
from social.clips import StageTime
from tests.backend import cast
from tests.backend.cast import a_role, asked
from tests.backend.conftest import Join
from tests.backend.test_studio import used
from tests.backend.worker_side import Studio
from tests.factories import a_likeness
from tests.generation.joint.films import film
from tests.generation.joint.video_server import Manner, serving
from tests.waiting import until


class Bench:
    """A worker's render with the engine on another machine."""

    def __init__(self, engine: RemoteEngine) -> None:
        self.engine = engine

    def render(self, shooting: Shooting, on_progress: OnProgress) -> Rushes:
        shooting.folder.mkdir(parents=True, exist_ok=True)
        take = self.engine.make(
            shooting.screenplay, shooting.cast, shooting.size, seed=shooting.seed, on_progress=on_progress
        )
        path = shooting.folder / "clip.mp4"
        made = encode(take, shooting.size, path, title="a clip", on_progress=lambda *_: None)
        engine = {"name": self.engine.name, "version": self.engine.version, "fallbacks": list(made.track.fallbacks)}
        return Rushes({"video": path}, engine, [StageTime("render", 0.1)], 0.1, made.blurhash)


@pytest.fixture
def config(config: Config, request: pytest.FixtureRequest) -> Config:
    return msgspec.structs.replace(config, engine=getattr(request, "param", "auto"))


@pytest.fixture
def manner() -> Manner:
    return Manner(film(), polls_until_done=0)


@pytest.fixture
def bench(manner: Manner) -> Iterator[Bench]:
    with serving(manner) as url:
        engine = RemoteEngine(VideoServer(url, pause_s=0.01), "some-model", poll_s=0.01, stalled_s=0.05)
        yield Bench(engine)
        engine.close()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"file": b"<html>not today</html>"}, "does not decode"),
        ({"file": film(2.0)}, "2.00 s long; 4 s were asked for"),
        ({"ends_as": "failed"}, "ended the clip as 'failed'"),
        ({"stalls": True}, "in_progress at 10 %"),
        ({"drops_polls": 9}, "cannot be reached"),
        ({"answer": b"[]"}, "no video"),
    ],
    ids=["sends a page", "sends less", "fails", "stalls", "dies", "lies"],
)
async def test_a_server_that_lies_stalls_or_dies_costs_nobody_a_clip_and_the_next_one_is_made(
    join: Join, worker: Studio, bench: Bench, manner: Manner, trouble: dict[str, object], said: str
) -> None:
    maya = await join()
    usual = {name: getattr(manner, name) for name in trouble}
    for name, value in trouble.items():
        setattr(manner, name, value)
    video = await asked(maya, "a cat plays the piano")
    await worker.make(video, bench.render)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]["code"]) == ("failed", "engine_error")
    assert said in clip["error"]["message"]
    assert await used(maya) == 0
    assert worker.files() == []
    for name, value in usual.items():
        setattr(manner, name, value)
    after = await asked(maya, "a cat plays the piano")
    await worker.make(after, bench.render)
    clip = (await maya.http.get(f"/videos/{after}")).json()
    assert (clip["status"], clip["engine"]["name"], clip["engine"]["version"]) == ("completed", "remote", "some-model")
    assert await used(maya) == 1


async def test_a_cast_without_a_voice_is_told_by_name_and_nothing_is_sent(
    join: Join, conn: asyncpg.Connection, worker: Studio, bench: Bench, manner: Manner, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = await join()
    _, handle = await a_role(conn, maya)
    mute = a_likeness()
    mute = msgspec.structs.replace(mute, references=msgspec.structs.replace(mute.references, voice=None))
    monkeypatch.setattr(cast, "a_likeness", lambda: mute)
    video = await cast.asked(maya, f'{handle} says "Good morning to you."')
    await cast.finished(worker, video, bench.render)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]["code"]) == ("failed", "engine_error")
    assert "has not got a stored voice: record one" in clip["error"]["message"]
    assert await used(maya) == 0
    assert manner.asked == []


async def test_a_cancelled_clip_is_deleted_on_the_server(
    join: Join, worker: Studio, bench: Bench, manner: Manner
) -> None:
    maya = await join()
    manner.stalls, bench.engine._stalled_s = True, 60.0
    video = await asked(maya, "a cat plays the piano")
    making = asyncio.create_task(worker.make(video, bench.render))
    await until(lambda: manner.polled > 0)
    assert (await maya.http.post(f"/videos/{video}/cancel")).status_code == 200
    await making
    assert manner.asked[-1] == "DELETE /v1/videos/video_1"
    assert await used(maya) == 0


@pytest.mark.parametrize(("config", "status"), [("portrait", 400), ("ltx", 200)], indirect=["config"])
async def test_lines_may_be_in_the_languages_that_the_engine_of_this_instance_speaks(
    join: Join, conn: asyncpg.Connection, status: int
) -> None:
    maya = await join()
    _, handle = await a_role(conn, maya)
    asked_for = {"prompt": f'{handle} says "¿Dónde está la biblioteca?"', "seconds": "4"}
    answer = await maya.http.post("/screenplays", json=asked_for)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["screenplay"]["language"] == "es"
    else:
        assert "no voice here speaks Spanish" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("config", "name"),
    [("ltx", "performance"), ("ltx", "sound"), ("echo", "performance"), ("echo", "input_reference")],
    indirect=["config"],
)
async def test_what_the_engine_of_this_instance_could_not_use_is_refused_and_nothing_spent(
    join: Join, config: Config, name: str
) -> None:
    maya = await join()
    form = {"prompt": "a cat plays the piano", "seconds": "4", "size": "384x640"}
    answer = await maya.http.post("/videos", data=form, files={name: ("a", b"RIFF", "audio/wav")})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, name)
    assert f"the engine {config.engine!r} of this instance takes no {name}" in answer.json()["error"]["message"]
    assert await used(maya) == 0
