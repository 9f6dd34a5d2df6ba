"""The first shot while the others are made: whose it is, and how it goes."""

from __future__ import annotations

import asyncio
import threading

import pytest

from backend.studio import Rushes
from backend.takes import PREVIEW, OnProgress, Shooting
from generation.errors import UnsafeOutput
from tests.backend.cast import asked, code, outcome
from tests.backend.conftest import Join
from tests.backend.worker_side import Studio, rushes
from tests.waiting import until


@pytest.mark.parametrize("way", ["completed", "cancelled"])
async def test_the_first_shot_is_its_makers_alone_until_the_clip_ends(join: Join, worker: Studio, way: str) -> None:
    maya, leo = await join(), await join()
    video = await asked(maya, "a cat plays the piano")
    assert code(await maya.http.get(f"/videos/{video}/preview")) == (404, "preview_unknown")
    go_on = threading.Event()

    def render(shooting: Shooting, on_progress: OnProgress) -> Rushes:
        shooting.folder.mkdir(parents=True)
        (shooting.folder / PREVIEW).write_bytes(b"the first shot")
        while not go_on.wait(0.01):
            on_progress("render", 0.4, 2)
        return rushes(shooting)

    making = asyncio.create_task(worker.make(video, render))
    await until(lambda: any("previews" in file.parts for file in worker.files()))
    seen = await maya.http.get(f"/videos/{video}/preview")
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, b"the first shot", "video/mp4")
    part = await maya.http.get(f"/videos/{video}/preview", headers={"range": "bytes=4-8"})
    assert (part.status_code, part.content) == (206, b"first")
    assert code(await leo.http.get(f"/videos/{video}/preview")) == (404, "clip_unknown")
    assert code(await (await join(None)).http.get(f"/videos/{video}/preview"))[0] in {401, 404}
    if way == "cancelled":
        assert (await maya.http.post(f"/videos/{video}/cancel")).status_code == 200
    else:
        go_on.set()
    await making
    assert code(await maya.http.get(f"/videos/{video}/preview")) == (404, "preview_unknown")
    assert not any("previews" in file.parts for file in worker.files())


async def test_what_may_not_be_shown_fails_and_is_refunded(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya, "a cat plays the piano")

    def render(_shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        raise UnsafeOutput(0.93, 0.8, "open_nsfw")

    await worker.make(video, render)
    assert await outcome(maya, video) == ("failed", "moderation_blocked")
    told = (await maya.http.get(f"/videos/{video}")).json()["error"]["message"]
    assert "0.93" in told
    assert "below 0.8" in told
    assert (await maya.http.get("/me/quota")).json()["used"] == 0
