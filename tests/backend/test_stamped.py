"""The file to take away: made once for all who ask, with the mark that people see and the one they do not."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import asyncpg
import av
import httpx
import numpy as np
import pytest
import pytest_asyncio

from backend import stamped
from backend.certificates import certificates
from backend.config import Config
from backend.secret_file import made_once
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from character_store.vault import new_key
from generation import credentials, stamp
from generation.credentials import Chain
from generation.watermark import watching
from social.clips import StoredMedia
from tests.backend.cast import asked, code, finished, played
from tests.backend.conftest import Join, Person
from tests.backend.test_provenance import SHAPE, _file
from tests.backend.test_sharing_clips import publish
from tests.backend.worker_side import Studio, key_of, rushes
from tests.waiting import until

FRAMES: Final = 72


@pytest.fixture
def chain(config: Config) -> Chain:
    made = certificates(config.credentials_key)
    return Chain(made.chain, made.key, made.root)


async def filmed(worker: Studio, maker: Person, config: Config) -> str:
    """A clip with a file that plays, marked and signed."""

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        assert shooting.mark is not None
        made = rushes(shooting)
        _file(config, shooting.mark, 1, shooting.folder).replace(made.files["video"])
        return made

    video = await asked(maker, "a walk")
    await finished(worker, video, render)
    return video


class Stamps:
    """The worker, at this one kind of job, until the test is over."""

    def __init__(self, worker: Studio, chain: Chain) -> None:
        self._worker = worker
        self._chain = chain
        self.made: list[str] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def _mark(self, source: Path, target: Path, handle: str, mark: int) -> None:
        self.made.append(handle)
        self.begun.set()
        assert self.go_on.wait(20)
        stamp.signed(self._chain, source, target, handle, mark)

    async def work(self) -> None:
        worker = self._worker
        while True:
            for row in await worker.pool.fetch("select clip from clip_stamp where failed_at is null"):
                await stamped.stamp(worker.pool, worker.media, worker.config.scratch, row["clip"], self._mark)
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def stamps(worker: Studio, chain: Chain) -> AsyncIterator[Stamps]:
    working = Stamps(worker, chain)
    task = asyncio.create_task(working.work())
    yield working
    assert not task.done(), task.exception()
    task.cancel()


def pictures(film: bytes) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    with av.open(io.BytesIO(film), "r") as opened:
        return [np.asarray(one.to_ndarray(format="gray"), np.uint8) for one in opened.decode(video=0)]


def sounds(film: bytes) -> list[tuple[int | None, bytes]]:
    with av.open(io.BytesIO(film), "r") as opened:
        return [(one.pts, bytes(one)) for one in opened.demux(audio=0) if one.dts is not None]


async def get(person: Person, video: str, method: str = "GET", **headers: str) -> httpx.Response:
    return await person.http.request(method, f"/videos/{video}/content", headers=headers)


async def test_a_download_shows_its_maker_and_what_plays_does_not(
    join: Join, worker: Studio, config: Config, chain: Chain, stamps: Stamps, tmp_path: Path
) -> None:
    maya, leo = await join(), await join()
    video = await filmed(worker, maya, config)
    assert code(await get(leo, video)) == (404, "clip_unknown")
    one, other = await asyncio.gather(get(maya, video), get(maya, video, "HEAD"))
    assert (one.status_code, one.headers["content-type"]) == (200, "video/mp4")
    assert (other.status_code, other.headers["content-length"]) == (200, str(len(one.content)))
    assert stamps.made == [maya.handle]
    film = await played(maya, video)
    plain, shown = pictures(film.content), pictures(one.content)
    assert len(plain) == len(shown) == FRAMES
    assert sounds(one.content) == sounds(film.content)
    differs = [np.abs(a.astype(int) - b) > 40 for a, b in zip(plain, shown, strict=True)]
    half = SHAPE.height // 2
    assert differs[30][:half].any()
    assert not differs[30][half:].any()
    assert differs[70][half:].any()
    assert not differs[70][:half].any()
    file = tmp_path / "taken.mp4"
    file.write_bytes(one.content)
    told = credentials.read(file, chain.root)
    number = await worker.pool.fetchval("select mark from clip_mark where clip = $1", key_of(video))
    assert (told.state, told.ingredients, told.mark) == ("Trusted", 1, number)
    assert told.source == "compositeWithTrainedAlgorithmicMedia"
    seen = watching.look(file, made_once(config.mark_key, new_key), 10)
    assert seen is not None
    assert seen.marks == (number,)
    part = await get(maya, video, range="bytes=4-7")
    assert (part.status_code, part.content) == (206, b"ftyp")
    await publish(maya, video)
    assert (await get(leo, video)).content == one.content
    assert len(stamps.made) == 1
    links = (await leo.http.get(f"/videos/{video}")).json()["media"]
    assert "stamped" not in links
    again = {"video": ("taken.mp4", one.content, "video/mp4")}
    edited = await maya.http.post("/videos/edits", data={"prompt": "make it night"}, files=again)
    assert edited.json()["remixed_from_video_id"] == video
    assert (await maya.http.delete(f"/videos/{video}")).status_code == 200
    assert worker.files() == []


async def test_another_name_is_another_mark_and_the_old_file_goes(
    join: Join, worker: Studio, config: Config, conn: asyncpg.Connection, stamps: Stamps
) -> None:
    maya = await join()
    video = await filmed(worker, maya, config)
    changes = await conn.fetchval("select count(*) from change")
    first = (await get(maya, video)).content
    assert await conn.fetchval("select count(*) from change") == changes
    files = len(worker.files())
    await conn.execute("update account set handle = 'maya.the.second' where handle = $1", maya.handle)
    second = (await get(maya, video)).content
    assert stamps.made == [maya.handle, "maya.the.second"]
    assert first != second
    assert len(worker.files()) == files


async def test_what_cannot_be_marked_is_told_and_not_tried_at_every_request(
    join: Join, worker: Studio, conn: asyncpg.Connection, stamps: Stamps
) -> None:
    maya = await join()
    video = await asked(maya, "a walk")
    await finished(worker, video)  # its file is no film
    for _ in range(2):
        answer = await get(maya, video)
        assert code(answer) == (500, "download_failed")
        assert answer.headers["x-should-retry"] == "false"
    assert len(stamps.made) == 1
    await conn.execute("update clip_stamp set failed_at = now() - interval '61 minutes'")
    assert code(await get(maya, video)) == (500, "download_failed")
    assert len(stamps.made) == 2
    assert len(worker.files()) == 4


async def test_a_worker_that_breaks_each_time_is_given_up(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya = await join()
    video = await asked(maya, "a walk")
    await finished(worker, video)
    await conn.execute("insert into clip_stamp (clip, handle) values ($1, $2)", key_of(video), maya.handle)

    def breaking(_source: Path, _target: Path, _handle: str, _mark: int) -> None:
        raise RuntimeError("out of luck")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="luck"):
            await stamped.stamp(worker.pool, worker.media, worker.config.scratch, key_of(video), breaking)
    await stamped.stamp(worker.pool, worker.media, worker.config.scratch, key_of(video), breaking)
    assert code(await get(maya, video)) == (500, "download_failed")
    assert not list(worker.config.scratch.glob("*"))


async def test_who_waits_too_long_is_asked_to_come_back(
    join: Join, worker: Studio, conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = await join()
    video = await asked(maya, "a walk")
    await finished(worker, video)
    monkeypatch.setattr(stamped, "WAIT_SECONDS", 0.0)
    answer = await get(maya, video)
    assert code(answer) == (503, "download_pending")
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("5", "true")
    assert await conn.fetchval("select count(*) from pgqueuer where entrypoint = 'stamp'") == 1


@pytest.mark.parametrize("how", ["deleted", "made anew"])
async def test_a_clip_that_changes_meanwhile_leaves_nothing_behind(
    join: Join, worker: Studio, config: Config, conn: asyncpg.Connection, stamps: Stamps, how: str
) -> None:
    maya = await join()
    video = await filmed(worker, maya, config)
    stamps.go_on.clear()
    waiting = asyncio.create_task(get(maya, video))
    await until(stamps.begun.is_set)
    if how == "deleted":
        await maya.http.delete(f"/videos/{video}")
        stamps.go_on.set()
        assert code(await waiting) == (404, "clip_unknown")
        assert worker.files() == []
        return
    newer = StoredMedia("clips/ab/newer.mp4", 5, "ab" * 32, "video/mp4")
    await worker.media.put(newer.key, b"newer")
    await conn.execute("update clip set media = media || jsonb_build_object('video', $1::jsonb)", newer)
    stamps.go_on.set()
    assert code(await waiting) == (500, "download_failed")  # the newer one is no film
    assert len(stamps.made) == 2
    assert len(worker.files()) == 5
