"""A draft made again: what it costs, what stays while it is made, and what it goes back to."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.errors import EngineError
from tests.backend.cast import a_role, asked, code, finished, made, played
from tests.backend.conftest import Join, Person
from tests.backend.worker_side import Studio, key_of, rushes

WARM = {"values": {"warmth": 0.5}}


def failing(_shooting: Shooting, _on_progress: OnProgress) -> Rushes:
    raise EngineError("render", "the light went out")


async def turn(person: Person, video: str, body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await person.http.patch(f"/videos/{video}/controls", json=WARM if body is None else body, headers=named)


async def content(person: Person, video: str) -> bytes:
    answer = await played(person, video)
    assert answer.status_code == 200, answer.text
    return answer.content


def clip_files(worker: Studio, held: bytes) -> int:
    """How many of the stored files of clips hold these bytes."""
    return sum(held in file.read_bytes() for file in worker.files() if "clips" in file.parts)


async def used(person: Person) -> int:
    return int((await person.http.get("/me/quota")).json()["used"])


async def test_a_draft_is_made_again_and_its_old_files_stay_until_then(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await made(worker, maya, "a cat plays the piano")
    before, old = (await maya.http.get(f"/videos/{video}")).json(), await content(maya, video)
    answer = await turn(maya, video)
    assert answer.status_code == 200, answer.text
    queued = answer.json()
    assert (queued["id"], queued["status"], queued["seed"]) == (video, "queued", before["seed"])
    assert queued["screenplay"] == before["screenplay"] | {"warmth": 0.5}
    assert (await content(maya, video), await used(maya)) == (old, 2)
    plans: list[Shooting] = []

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        plans.append(shooting)
        return rushes(shooting, b"warmer pictures")

    await worker.make(video, render)
    after = (await maya.http.get(f"/videos/{video}")).json()
    assert (after["status"], after["error"], plans[0].screenplay.warmth) == ("completed", None, 0.5)
    assert plans[0].seed == before["seed"]
    assert (await content(maya, video)).startswith(b"warmer")
    assert clip_files(worker, b"warmer") == 4 == clip_files(worker, b"")
    sliders = (await maya.http.get(f"/videos/{video}/controls")).json()["controls"]
    assert {one["id"]: one["value"] for one in sliders}["warmth"] == 0.5


@pytest.mark.parametrize("way", ["failed", "cancelled"])
async def test_a_draft_that_cannot_be_made_again_stays_what_it_was(join: Join, worker: Studio, way: str) -> None:
    maya = await join()
    video = await made(worker, maya, "a cat plays the piano")
    before, old = (await maya.http.get(f"/videos/{video}")).json(), await content(maya, video)
    assert (await turn(maya, video)).status_code == 200
    if way == "failed":
        await worker.make(video, failing)
    else:
        assert (await maya.http.post(f"/videos/{video}/cancel")).status_code == 200
        await worker.make(video, failing)  # its job finds nothing to do
    after = (await maya.http.get(f"/videos/{video}")).json()
    told = {"failed": ("engine_error", "the light went out"), "cancelled": ("cancelled", "you cancelled this video")}
    cost = before["cost"] | {"attempts": after["cost"]["attempts"]}
    assert after == before | {"cost": cost, "error": dict(zip(("code", "message"), told[way], strict=True))}
    assert (await content(maya, video), await used(maya)) == (old, 1)
    assert (await turn(maya, video)).status_code == 200
    await finished(worker, video)
    assert (await maya.http.get(f"/videos/{video}")).json()["error"] is None


async def test_nothing_is_made_again_or_published_while_it_is_made(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await made(worker, maya, "a cat plays the piano")
    assert (await turn(maya, video)).status_code == 200
    assert code(await turn(maya, video)) == (409, "clip_not_ready")
    assert code(await maya.http.patch(f"/videos/{video}", json={"audience": "everyone"})) == (409, "clip_not_ready")
    assert await used(maya) == 2


async def test_only_the_maker_of_a_draft_has_sliders(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    video = await made(worker, maya, "a cat plays the piano")
    assert code(await leo.http.get(f"/videos/{video}/controls")) == (404, "clip_unknown")
    assert code(await turn(leo, video)) == (404, "clip_unknown")
    assert (await maya.http.patch(f"/videos/{video}", json={"audience": "everyone"})).status_code == 200
    assert code(await leo.http.get(f"/videos/{video}/controls")) == (404, "clip_unknown")
    assert code(await maya.http.get(f"/videos/{video}/controls")) == (409, "clip_published")
    assert code(await turn(maya, video)) == (409, "clip_published")
    assert await used(maya) == 1


async def test_one_request_sent_twice_is_one_new_take(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await made(worker, maya, "a cat plays the piano")
    for _ in range(2):
        assert (await turn(maya, video, Idempotency_Key="one")).status_code == 200
    assert await used(maya) == 2
    other = await turn(maya, video, {"values": {"warmth": 0.1}}, Idempotency_Key="one")
    assert code(other) == (409, "idempotency_mismatch")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"values": {"mood": 1}}, "values"),
        ({"values": {"warmth": 2}}, "values.warmth"),
        ({"values": {"warmth": "warm"}}, "values.warmth"),
        ({"values": {}}, "values"),
        ({"values": [1]}, "values"),
        ({"warmth": 1}, "values"),
        ({"values": {"warmth": 0.1}, "seed": 4}, "values"),
    ],
)
async def test_what_no_slider_can_be_costs_nothing(
    join: Join, worker: Studio, body: dict[str, Any], param: str
) -> None:
    maya = await join()
    video = await made(worker, maya, "a cat plays the piano")
    before = (await maya.http.get(f"/videos/{video}")).json()
    answer = await turn(maya, video, body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert "allowed" in answer.json()["detail"]
    assert (await maya.http.get(f"/videos/{video}")).json() == before
    assert await used(maya) == 1


async def test_a_spent_day_and_a_permission_taken_back_change_nothing(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    video = await made(worker, leo, f"{handle} waves")
    await maya.http.patch(f"/characters/{character}", json={"audience": "only_me"})
    assert code(await turn(leo, video)) == (403, "cameo_permission_denied")
    mine = await made(worker, leo, "a cat plays the piano")
    await asked(leo, "a dog")
    assert code(await turn(leo, mine)) == (429, "quota_spent")
    status = await conn.fetchval("select status from clip where id = $1", key_of(mine))
    assert (status, await used(leo)) == ("completed", 3)


async def test_who_is_shown_may_stop_a_new_take_and_a_deleted_one_leaves_nothing(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    video = await made(worker, leo, f"{handle} waves")
    assert (await turn(leo, video)).status_code == 200
    await maya.http.patch(f"/characters/{character}", json={"audience": "only_me"})
    clip = (await leo.http.get(f"/videos/{video}")).json()
    assert (clip["status"], clip["error"]["code"], await used(leo)) == ("completed", "consent_withdrawn", 1)
    other = await made(worker, leo, "a cat plays the piano")
    assert (await turn(leo, other)).status_code == 200
    assert (await leo.http.delete(f"/videos/{other}")).status_code == 200
    await worker.make(other, failing)
    assert (await used(leo), clip_files(worker, b"")) == (2, 4)  # each first take is paid, no new one
