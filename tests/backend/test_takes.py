"""A finished clip is measured, made once more where it fails, and delivered with what was found."""

from __future__ import annotations

import asyncio
import threading

import asyncpg
import msgspec
import pytest

from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.errors import EngineError
from generation.report import Report
from tests.backend.cast import played
from tests.backend.conftest import Join
from tests.backend.test_studio import asked, used
from tests.backend.test_videos import a_character
from tests.backend.worker_side import Studio, good, report_of, rushes
from tests.waiting import until


class Set:
    """An engine that remembers its seeds, and a report that scores each take as it is told."""

    def __init__(self, *faces: float) -> None:
        self.faces = faces
        self.seeds: list[int] = []

    def render(self, shooting: Shooting, on_progress: OnProgress) -> Rushes:
        on_progress("render", 1.0, 1)
        self.seeds.append(shooting.seed)
        return rushes(shooting, f"take {len(self.seeds)} ".encode())

    def measure(self, _shooting: Shooting, _rushes: Rushes, on_progress: OnProgress) -> Report:
        on_progress("report", 0.5, 0)
        return report_of(self.faces[len(self.seeds) - 1])


@pytest.mark.parametrize(
    ("faces", "delivered", "passed"),
    [((0.9,), 1, True), ((0.2, 0.8), 2, True), ((0.2, 0.3), 2, False), ((0.3, 0.2), 1, False)],
)
async def test_a_clip_that_fails_is_made_once_more_and_the_better_take_delivered_marked(
    join: Join, worker: Studio, faces: tuple[float, ...], delivered: int, *, passed: bool
) -> None:
    maya = await join()
    video = await asked(maya, seed=7)
    stage = Set(*faces)
    await worker.make(video, stage.render, stage.measure)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert clip["status"] == "completed"
    assert stage.seeds == [7, 8][: len(faces)]
    assert clip["identity_report"]["passed"] is passed
    content = await played(maya, video)
    assert content.content.startswith(f"take {delivered} ".encode())
    notes = [{"retry": f"face S1 at {1.2 * (1 - faces[0]):.2f}", "seed": 8, "delivered": 6 + delivered}]
    assert clip["engine"]["fallbacks"] == (notes if len(faces) > 1 else [])
    stages = {one["stage"]: one["seconds"] for one in clip["cost"]["stages"]}
    assert stages["report"] == pytest.approx(0.2 * len(faces))
    assert clip["cost"]["engine_seconds"] == pytest.approx(0.1 * len(faces))
    assert await used(maya) == 1
    assert len(worker.files()) == 4


async def test_a_report_is_shown_by_character(join: Join, pool: asyncpg.Pool) -> None:
    maya = await join()
    async with pool.acquire() as conn:
        await a_character(conn, maya, audience="everyone")
    video = await asked(maya, prompt="@grace waves")
    await pool.execute("update use set speaker = 'S1'")
    figures = {"face": {"S1": 0.9, "S2": 0.8}, "voice": {"S1": None}, "measures": {"face_found": {"S1": 1.0}}}
    stored = msgspec.json.decode(msgspec.json.encode(report_of(0.9))) | figures
    await pool.execute("update clip set status = 'completed', media = '{}', identity_report = $1", stored)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    [shown] = [member["character"] for member in clip["cast"]]
    told = {"face": {shown: 0.9}, "voice": {shown: None}, "measures": {"face_found": {shown: 1.0}}}
    assert clip["identity_report"] == stored | told


async def test_a_report_that_breaks_loses_no_clip_and_says_so(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)

    def broken(_shooting: Shooting, _rushes: Rushes, _on_progress: OnProgress) -> Report:
        raise ZeroDivisionError("secret detail")

    await worker.make(video, Set().render, broken)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["identity_report"]) == ("completed", None)
    assert clip["engine"]["fallbacks"] == [{"report": "this clip could not be measured"}]


async def test_a_second_take_that_breaks_leaves_the_first(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya, seed=7)
    stage = Set(0.2)

    def render(shooting: Shooting, on_progress: OnProgress) -> Rushes:
        if stage.seeds:
            raise EngineError("render", "the light went out")
        return stage.render(shooting, on_progress)

    await worker.make(video, render, stage.measure)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["identity_report"]["passed"]) == ("completed", False)
    assert clip["engine"]["fallbacks"] == [{"retry": "face S1 at 0.96", "seed": 8, "delivered": 7}]


async def test_a_clip_cancelled_while_it_is_measured_stays_cancelled(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    began, pause = threading.Event(), threading.Event()

    def measure(_shooting: Shooting, _rushes: Rushes, on_progress: OnProgress) -> Report:
        began.set()
        while True:
            on_progress("report", 0.3, 0)
            pause.wait(0.01)

    making = asyncio.create_task(worker.make(video, Set(0.9).render, measure))
    await until(began.is_set)
    shown = (await maya.http.get(f"/videos/{video}")).json()
    assert shown["status"] == "in_progress"
    assert (await maya.http.post(f"/videos/{video}/cancel")).status_code == 200
    await making
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert clip["error"]["code"] == "cancelled"
    assert await used(maya) == 0
    assert worker.files() == []


async def test_captions_are_served_to_whom_may_see_the_clip(join: Join, worker: Studio, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    video = await asked(maya)
    path = f"/videos/{video}/captions.vtt"
    assert (await maya.http.get(path)).status_code == 409
    await worker.make(video, lambda shooting, _on_progress: rushes(shooting), good)
    answer = await maya.http.get(path)
    assert (answer.status_code, answer.content) == (200, b"moving pictureslines.vtt")
    assert answer.headers["content-type"].startswith("text/vtt")
    held = await maya.http.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")
    unseen = await leo.http.get(path)
    assert (unseen.status_code, unseen.json()["error"]["code"]) == (404, "clip_unknown")
    await pool.execute("update clip set media = media - 'captions'")
    old = await maya.http.get(path)
    assert (old.status_code, old.json()["error"]["code"]) == (410, "clip_files_gone")
