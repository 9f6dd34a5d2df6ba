"""What a maker gives beside the words: sealed with the clip or not at all, opened by the worker, gone afterwards."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import numpy as np
import pytest

from backend import given, ids
from backend.config import Config, read
from backend.given import Sent
from backend.safe import open_vault
from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from character_store import clip_vault, vault
from character_store.restrictions import broken
from generation.engine import Given, Recorded
from generation.errors import GivenRefused
from generation.perception.recordings import wav
from generation.plan import Screenplay
from generation.recorded import TimedWord
from tests.backend.cast import a_role, code, consented, fill_vault, finished, grant, outcome
from tests.backend.conftest import Join, Person
from tests.backend.test_videos import GOOD, spent
from tests.backend.worker_side import Studio, key_of, rushes

SECRET = wav(np.sin(np.arange(16_000, dtype=np.float32) / 20) * np.float32(0.5))
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAADklEQVQoz2NgGAWjAAoAAAEAAABLTVaRAAAAAElFTkSuQmCC"
)
WORDS = tuple(TimedWord(word, 0.4 * i, 0.4 * i + 0.3) for i, word in enumerate(("Nobody", "saw", "that", "coming.")))


async def role_of(worker: Studio, owner: Person, **changed: Any) -> tuple[str, str]:
    """With a vault that opens."""
    async with worker.pool.acquire() as conn:
        role, handle = await a_role(conn, owner, **changed)
    key = ids.parse("char", role)
    assert key is not None
    await fill_vault(worker, key, 1)
    return role, handle


async def singer(join: Join, worker: Studio, **changed: Any) -> tuple[Person, str, str]:
    """Somebody with a character of their own and their receipt."""
    maya = await join()
    role, handle = await role_of(worker, maya, **changed)
    async with worker.pool.acquire() as conn:
        await consented(conn, role)
    return maya, role, handle


async def perform(
    maker: Person, handle: str, content: bytes = SECRET, name: str = "a.wav", **more: str
) -> httpx.Response:
    return await maker.http.post(
        "/videos",
        data=GOOD | {"prompt": f"{handle} in a park"} | more,
        files={"performance": (name, io.BytesIO(content), "application/octet-stream")},
    )


def heard(sent: Sent, _cast: object, _vouchers: object, _seconds: float) -> Given:
    """As if WORDS had been recognised in every performance."""
    return Given(None, tuple(Recorded(driven.speaker, words=WORDS) for driven, _ in sent.performances))


async def test_a_recording_is_sealed_with_its_clip_and_opened_by_the_worker(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, _, handle = await singer(join, worker)
    answer = await perform(maya, handle)
    assert answer.status_code == 200, answer.text
    video = answer.json()["id"]
    assert await spent(maya, conn) == (1, 1, 1)
    stored = [path.read_bytes() for path in worker.files() if "given" in path.parts]
    assert len(stored) == 1
    assert SECRET[100:400] not in stored[0]
    seen: list[Sent] = []

    def attend(sent: Sent, cast: object, vouchers: object, seconds: float) -> Given:
        seen.append(sent)
        return heard(sent, cast, vouchers, seconds)

    shot: list[Shooting] = []

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        shot.append(shooting)
        return rushes(shooting)

    await finished(worker, video, render, attend)
    assert [(driven.speaker, driven.voice, content) for driven, content in seen[0].performances] == [
        ("S1", "character", SECRET)
    ]
    lines = [line for one in shot[0].screenplay.shots for line in one.lines]
    assert " ".join(line.text for line in lines) == "Nobody saw that coming."
    assert shot[0].given.recorded[0].words == WORDS
    clip = (await maya.http.get(f"/videos/{video}")).json()
    assert clip["status"] == "completed"
    assert msgspec.convert(clip["screenplay"], Screenplay) == shot[0].screenplay


@pytest.mark.parametrize("how", ["failed", "cancelled", "deleted", "published", "withdrawn", "old"])
async def test_what_was_given_is_destroyed_with_its_reason_to_be_there(
    join: Join, conn: asyncpg.Connection, worker: Studio, how: str
) -> None:
    maya, role, handle = await singer(join, worker)
    video = (await perform(maya, handle)).json()["id"]
    if how == "failed":

        def refuse(_sent: Sent, _cast: object, _vouchers: object, _seconds: float) -> Given:
            raise GivenRefused("performance_silent", "nobody is heard")

        await finished(worker, video, attend=refuse)
        assert await outcome(maya, video) == ("failed", "performance_silent")
        assert (await spent(maya, conn))[0] == 0
    elif how == "cancelled":
        assert (await maya.http.post(f"/videos/{video}/cancel")).status_code == 200
    elif how == "deleted":
        assert (await maya.http.delete(f"/videos/{video}")).status_code == 200
    elif how == "withdrawn":
        receipt = await conn.fetchval("select consent from character where id = $1", ids.parse("char", role))
        await conn.execute(
            "update consent_purpose set withdrawn_at = now() where receipt = $1 and purpose = 'generate'", receipt
        )
    else:
        await finished(worker, video, attend=heard)
        assert not await clip_vault.destroyed(conn, key_of(video)), "a draft may be made again"
        if how == "published":
            done = await maya.http.patch(f"/videos/{video}", json={"audience": "friends"})
            assert done.status_code == 200, done.text
        else:
            await conn.execute("update clip_given set created_at = now() - interval '31 days'")
            await clip_vault.expire(conn)
    row = await conn.fetchrow("select wrapped_key, key_destroyed_at from clip_given")
    assert row is not None
    assert (row["wrapped_key"], row["key_destroyed_at"] is not None) == (None, True)
    assert await vault.rewrap_due(conn)
    assert await given.sweep(worker.pool, worker.media) == 1
    assert await given.sweep(worker.pool, worker.media) == 0
    assert [path for path in worker.files() if "given" in path.parts] == []


async def test_a_withdrawn_consent_ends_the_clip_before_anything_is_opened(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, _, handle = await singer(join, worker, kind="drawn")
    video = (await perform(maya, handle)).json()["id"]
    await conn.execute("update consent_purpose set withdrawn_at = now() where purpose = 'store'")
    await finished(worker, video, attend=heard)
    assert await outcome(maya, video) == ("failed", "consent_withdrawn")
    assert (await spent(maya, conn))[0] == 0


async def test_a_new_master_key_still_opens_what_was_given(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, _, handle = await singer(join, worker)
    video = (await perform(maya, handle)).json()["id"]
    safe = open_vault(worker.config)
    await conn.execute("update character_version set wrapped_key = null, key_destroyed_at = now()")
    assert await vault.rewrap(conn, safe) == 1
    sent = await given.opened(worker.pool, worker.media, open_vault(worker.config), key_of(video))
    assert [content for _, content in sent.performances] == [SECRET]


async def test_a_refused_order_leaves_nothing(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    """Of files or rows: without a receipt, for a stranger, twice for one speaker, for nobody, and for no quota."""
    maya, leo = await join(), await join()
    _, handle = await role_of(worker, maya)
    assert code(await perform(maya, handle)) == (403, "consent_needed")
    own, _, mine = await singer(join, worker)
    assert code(await perform(own, mine, performance_character="@leo")) == (400, "invalid_value")
    assert code(await perform(own, "somebody")) == (400, "invalid_value")
    assert code(await perform(own, mine, performance_voice="loud")) == (400, "invalid_value")
    twice = await own.http.post(
        "/videos",
        data=GOOD | {"prompt": f"{mine} sings", "performance_character": [mine, "S1"]},
        files=[("performance", ("a.wav", SECRET)), ("performance", ("b.wav", SECRET))],
    )
    assert code(twice) == (400, "invalid_value")
    assert "one performance for each speaker" in twice.text
    three = await own.http.post(
        "/videos", data=GOOD | {"prompt": mine}, files=[("performance", (f"{i}.wav", SECRET)) for i in range(3)]
    )
    assert code(three) == (400, "invalid_value")
    _, theirs = await role_of(worker, leo, audience="everyone")
    stolen = await perform(own, theirs, performance_voice="recorded")
    assert code(stolen) == (403, "recording_refused"), "a recorded voice under somebody else's face"
    assert await spent(own, conn) == (0, 0, 0)
    for _ in range(3):
        assert (await perform(own, mine)).status_code == 200
    assert code(await perform(own, mine)) == (429, "quota_spent")
    assert len([path for path in worker.files() if "given" in path.parts]) == 3
    assert await conn.fetchval("select count(*) from clip_given") == 3


async def test_a_yes_to_one_clip_says_nothing_of_recorded_words(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    leo = await join()
    role, theirs = await role_of(worker, leo, audience="approved")
    maya, _, _ = await singer(join, worker)
    prompt = f"{theirs} in a park"
    await conn.execute(
        "insert into cast_grant (character, grantee, prompt) select $1, id, $3 from account where handle = $2",
        ids.parse("char", role),
        maya.handle,
        prompt,
    )
    assert code(await perform(maya, theirs)) == (403, "cameo_permission_denied")
    await grant(leo, role, maya)
    assert (await perform(maya, theirs)).status_code == 200


async def test_what_is_said_in_a_recording_is_held_against_restrictions_too(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    leo = await join()
    maya, _, _ = await singer(join, worker)
    _, theirs = await role_of(worker, leo, audience="everyone", restrictions=["no smoking"])
    video = (await perform(maya, theirs)).json()["id"]
    said = tuple(
        TimedWord(word, 0.3 * i, 0.3 * i + 0.2) for i, word in enumerate(["He", "smokes", "a", "fat", "cigar"])
    )
    assert broken(["no smoking"], "He smokes a fat cigar")
    await finished(
        worker, video, attend=lambda sent, *_: Given(None, (Recorded(sent.performances[0][0].speaker, words=said),))
    )
    assert await outcome(maya, video) == ("failed", "cameo_permission_denied")
    assert (await spent(maya, conn))[0] == 0


async def test_a_retried_upload_is_the_same_clip_and_another_recording_another(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, _, handle = await singer(join, worker)
    maya.http.headers["idempotency-key"] = "one"
    first, again = await perform(maya, handle), await perform(maya, handle)
    assert first.json()["id"] == again.json()["id"]
    assert len([path for path in worker.files() if "given" in path.parts]) == 1, "the second upload was thrown away"
    assert code(await perform(maya, handle, SECRET + bytes(4))) == (409, "idempotency_mismatch")
    assert await spent(maya, conn) == (1, 1, 1)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", "a.wav", (415, "wrong_media_type")),
        (b"I am no sound", "a.wav", (415, "wrong_media_type")),
        (b"%PDF-1.7 text", "a.m4a", (415, "wrong_media_type")),
        (PNG, "a.mp4", (415, "wrong_media_type")),
        (b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(41 * 1024 * 1024), "a.wav", (413, "upload_too_large")),
    ],
    ids=["empty", "text", "pdf", "picture", "large"],
)
async def test_what_the_header_tells_is_refused_at_once(
    join: Join, conn: asyncpg.Connection, worker: Studio, content: bytes, name: str, expected: tuple[int, str]
) -> None:
    maya, _, handle = await singer(join, worker)
    answer = await perform(maya, handle, content, name)
    assert code(answer) == expected
    assert answer.json()["error"]["param"] == "performance"
    assert "allowed" in answer.json()["error"]["message"]
    assert await spent(maya, conn) == (0, 0, 0)


async def test_a_picture_becomes_the_scene_by_file_and_by_data_url(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    """The empty part that the SDK sends, JSON, and brackets."""
    maya = await join()
    inline = "data:image/png;base64," + base64.b64encode(PNG).decode()
    answers = [
        await maya.http.post("/videos", data=GOOD, files={"input_reference": ("a.png", PNG, "image/png")}),
        await maya.http.post("/videos", json=GOOD | {"input_reference": {"image_url": inline}}),
        await maya.http.post("/videos", data=GOOD | {"input_reference[image_url]": inline}, files={"none": ("", b"")}),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        sent = await given.opened(worker.pool, worker.media, open_vault(worker.config), key_of(answer.json()["id"]))
        assert sent == Sent(PNG, ())
    assert (await spent(maya, conn))[0] == 3


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("a.png", "invalid_value"),
        ({}, "invalid_value"),
        ({"image_url": "data:image/png;base64,AAAA", "file_id": "file_1"}, "invalid_value"),
        ({"image_url": 7}, "invalid_value"),
        ({"file_id": "file_1"}, "upload_unknown"),
        ({"image_url": "data:image/png;base64,====="}, "invalid_value"),
        ({"image_url": "data:image/png;base64"}, "invalid_value"),
        ({"image_url": "data:image/png;base64," + base64.b64encode(b"no picture").decode()}, "wrong_media_type"),
        ({"image_url": "data:," + "x" * 20_971_520}, "invalid_value"),
        ({"image_url": "https://example.com/a.png"}, "picture_not_fetched"),
        ({"image_url": "http://example.com/a.png"}, "picture_not_fetched"),
        ({"image_url": "file:///etc/passwd"}, "picture_not_fetched"),
    ],
)
async def test_a_bad_reference_is_named_with_what_is_allowed(
    join: Join, conn: asyncpg.Connection, reference: object, expected: str
) -> None:
    maya = await join()
    answer = await maya.http.post("/videos", json=GOOD | {"input_reference": reference})
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["param"].partition("[")[0]) == (expected, "input_reference")
    assert "allowed" in error["message"]
    assert await spent(maya, conn) == (0, 0, 0)


def test_hosts_are_listed_in_one_variable(tmp_path: Path) -> None:
    config: Config = read({"CASTMATE_DATA": str(tmp_path), "CASTMATE_IMAGE_HOSTS": "Images.example, cdn.example ,"})
    assert config.image_hosts == ("images.example", "cdn.example")
