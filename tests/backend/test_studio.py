"""The flow of a clip with a real database and store, and small real functions where the engine stands."""

from __future__ import annotations

import asyncio
import threading

import asyncpg
import msgspec
import pytest

from backend.stopping import Stopping
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.errors import EngineError
from generation.plan import Screenplay
from social import clips
from tests.backend.cast import played
from tests.backend.conftest import Join, Person
from tests.backend.test_videos import GOOD, a_character
from tests.backend.worker_side import Studio, key_of, rushes
from tests.waiting import until


async def asked(person: Person, **changed: object) -> str:
    answer = await person.http.post("/videos", json=GOOD | changed)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def used(person: Person) -> int:
    return int((await person.http.get("/me/quota")).json()["used"])


async def test_a_clip_is_made_and_served(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    seen: list[Shooting] = []

    def render(shooting: Shooting, on_progress: OnProgress) -> Rushes:
        seen.append(shooting)
        on_progress("render", 0.5, 1)
        return rushes(shooting)

    await worker.make(video, render)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["progress"], clip["error"]) == ("completed", 100, None)
    assert clip["completed_at"] >= clip["created_at"]
    assert clip["engine"] == {"name": "small", "version": "1", "fallbacks": []}
    assert clip["cost"]["engine_seconds"] == 0.1
    assert msgspec.convert(clip["screenplay"], Screenplay) == seen[0].screenplay
    assert seen[0].screenplay.seconds == 4.0
    for variant, kind in (("thumbnail", "image/webp"), ("spritesheet", "image/jpeg")):
        content = await maya.http.get(f"/videos/{video}/content", params={"variant": variant})
        assert (content.status_code, content.headers["content-type"]) == (200, kind)
        assert content.content.startswith(b"moving pictures")
    film = await played(maya, video)
    assert (film.status_code, film.headers["content-type"]) == (200, "video/mp4")
    assert film.content.startswith(b"moving pictures")
    part = await maya.http.get(f"/videos/{video}/content?variant=thumbnail", headers={"range": "bytes=7-14"})
    assert (part.status_code, part.content) == (206, b"pictures")
    head = await maya.http.head(f"/videos/{video}/content?variant=thumbnail")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "26", b"")
    assert await used(maya) == 1
    assert not seen[0].folder.exists()


async def test_an_engine_error_fails_the_clip_with_a_sentence_and_a_refund(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)

    def render(_shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        raise EngineError("render", "the light went out")

    await worker.make(video, render)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]) == ("failed", {"code": "engine_error", "message": "the light went out"})
    assert await used(maya) == 0
    assert worker.files() == []


async def test_what_nobody_foresaw_is_refunded_too_and_not_told(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)

    def render(_shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        raise ZeroDivisionError("secret detail")

    await worker.make(video, render)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]["code"]) == ("failed", "internal")
    assert "secret" not in clip["error"]["message"]
    assert await used(maya) == 0


async def test_a_cancelled_clip_stops_its_engine_and_stays_cancelled(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    began, ended = threading.Event(), threading.Event()

    def render(_shooting: Shooting, on_progress: OnProgress) -> Rushes:
        began.set()
        try:
            while True:
                on_progress("render", 0.3, 1)
                ended.wait(0.01)
        finally:
            ended.set()

    making = asyncio.create_task(worker.make(video, render))
    await until(began.is_set)
    assert (await maya.http.post(f"/videos/{video}/cancel")).status_code == 200
    await making
    assert ended.is_set()
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]["code"]) == ("failed", "cancelled")
    assert await used(maya) == 0
    assert worker.files() == []


async def test_a_cancel_in_the_last_moment_counts(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        asyncio.run_coroutine_threadsafe(maya.http.post(f"/videos/{video}/cancel"), loop).result()
        return rushes(shooting)

    loop = asyncio.get_running_loop()
    await worker.make(video, render)
    assert (await maya.http.get(f"/videos/{video}")).json()["error"]["code"] == "cancelled"
    assert await used(maya) == 0


async def test_a_deleted_clip_stops_its_engine_and_leaves_no_file(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        asyncio.run_coroutine_threadsafe(maya.http.delete(f"/videos/{video}"), loop).result()
        return rushes(shooting)

    loop = asyncio.get_running_loop()
    await worker.make(video, render)
    assert (await maya.http.get(f"/videos/{video}")).status_code == 404
    assert await used(maya) == 0
    assert worker.files() == []


async def test_a_clip_left_behind_by_a_dead_worker_is_finished_once_and_charged_once(
    join: Join, worker: Studio
) -> None:
    maya = await join()
    video = await asked(maya)
    plans: list[Screenplay] = []

    class Killed(BaseException):
        """What SIGKILL looks like from inside: nothing after it runs."""

    def dies(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        plans.append(shooting.screenplay)
        raise Killed

    with pytest.raises(Killed):
        await worker.make(video, dies)
    assert (await maya.http.get(f"/videos/{video}")).json()["status"] == "in_progress"

    def works(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        plans.append(shooting.screenplay)
        return rushes(shooting)

    await worker.make(video, works)
    await worker.make(video, dies)  # the dead worker's job comes back late: nothing is made again
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["cost"]["attempts"]) == ("completed", 2)
    assert len(plans) == 2
    assert plans[0] == plans[1]
    assert await used(maya) == 1


async def test_two_workers_on_one_clip_finish_it_once(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    both = threading.Barrier(2)

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        both.wait(20)
        other = shooting.folder.with_name(shooting.folder.name + threading.current_thread().name)
        return rushes(msgspec.structs.replace(shooting, folder=other), threading.current_thread().name.encode())

    await asyncio.gather(worker.make(video, render), worker.make(video, render))
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert clip["status"] == "completed"
    assert await used(maya) == 1


async def test_a_clip_that_kills_every_worker_is_given_up_and_refunded(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)

    class Killed(BaseException):
        pass

    def dies(_shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        raise Killed

    for _ in range(clips.ATTEMPTS_MAX):
        with pytest.raises(Killed):
            await worker.make(video, dies)
    await worker.make(video, dies)
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]["code"]) == ("failed", "worker_lost")
    assert await used(maya) == 0


async def test_a_stopping_worker_hands_the_clip_back(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)

    def render(_shooting: Shooting, on_progress: OnProgress) -> Rushes:
        worker.stopping.set()
        on_progress("render", 0.5, 1)
        raise AssertionError("unreachable")

    with pytest.raises(Stopping):
        await worker.make(video, render)
    assert (await maya.http.get(f"/videos/{video}")).json()["status"] == "queued"
    worker.stopping.clear()
    await worker.make(video, lambda shooting, _on_progress: rushes(shooting))
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["cost"]["attempts"]) == ("completed", 1)


async def test_consent_is_asked_again_when_the_engine_starts(join: Join, worker: Studio, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    async with pool.acquire() as conn:
        await a_character(conn, maya, audience="everyone")
    video = await asked(leo, prompt="@grace waves")
    await pool.execute("update character set audience = 'only_me'")

    def render(_shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        raise AssertionError("nothing may be rendered")

    await worker.make(video, render)
    clip = (await leo.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]["code"]) == ("failed", "consent_withdrawn")
    assert await used(leo) == 0


async def test_progress_is_heard_in_order_and_ends_with_done(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    go = threading.Event()

    def render(shooting: Shooting, on_progress: OnProgress) -> Rushes:
        for percent in range(0, 100, 20):
            on_progress("render", percent / 100, 1 + percent // 50)
            go.wait(0.3)
        return rushes(shooting)

    making = asyncio.create_task(worker.make(video, render))
    heard: list[tuple[str, dict[str, object]]] = []
    event = ""
    async with maya.http.stream("GET", f"/videos/{video}/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            if line.startswith("data: "):
                heard.append((event, msgspec.json.decode(line.removeprefix("data: "))))
    await making
    assert [name for name, _ in heard].count("done") == 1
    assert heard[-1][0] == "done"
    assert heard[-1][1]["status"] == "completed"
    figures = [int(str(now["progress"])) for _, now in heard]
    assert figures == sorted(figures)
    assert {now["stage"] for name, now in heard if name == "progress"} & {"render", "starting", "queued"}


async def test_watching_a_finished_clip_says_done_at_once(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    await worker.make(video, lambda shooting, _on_progress: rushes(shooting))
    answer = await maya.http.get(f"/videos/{video}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.count("event:") == 1
    assert "done" in answer.text


async def test_deleting_one_of_two_equal_clips_keeps_the_shared_file(join: Join, worker: Studio) -> None:
    maya = await join()
    first, second = await asked(maya), await asked(maya)
    for video in (first, second):
        await worker.make(video, lambda shooting, _on_progress: rushes(shooting))
    assert len(worker.files()) == 4
    await maya.http.delete(f"/videos/{first}")
    assert (await played(maya, second)).status_code == 200
    await maya.http.delete(f"/videos/{second}")
    assert worker.files() == []


async def test_a_worker_that_was_overtaken_changes_nothing(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    slow, go = threading.Event(), threading.Event()

    def first(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        slow.set()
        go.wait(20)
        return rushes(shooting, b"old ")

    def second(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        go.set()
        return rushes(shooting, b"new ")

    old = asyncio.create_task(worker.make(video, first))
    await until(slow.is_set)
    await asyncio.gather(old, worker.make(video, second))
    assert (await played(maya, video)).content.startswith(b"new ")
    assert (await maya.http.get(f"/videos/{video}")).json()["cost"]["attempts"] == 2
    assert len(worker.files()) == 4
    assert await used(maya) == 1


async def test_a_finished_clip_whose_files_are_lost_says_so(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    await worker.make(video, lambda shooting, _on_progress: rushes(shooting))
    for file in worker.files():
        file.unlink()
    answer = await maya.http.get(f"/videos/{video}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "clip_files_gone")


async def test_what_a_lost_worker_left_of_a_clip_that_ended_is_removed(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya)
    left = worker.config.scratch / f"{key_of(video).hex}.1"
    left.mkdir(parents=True)
    (left / "clip.mp4").write_bytes(b"a face")
    await maya.http.post(f"/videos/{video}/cancel")
    await worker.make(video, lambda shooting, _on_progress: rushes(shooting))
    assert not left.exists()
