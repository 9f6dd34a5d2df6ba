"""Characters as the SDKs make them, and those that are no people."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from backend import ids
from backend.config import Config
from tests.backend.conftest import Join
from tests.backend.test_characters import MP4, PHOTO, WAV, names, objects
from tests.backend.test_consents import consent, measured

VIDEO = [("video", ("robot.mp4", MP4))]
NO_FILES: list[Any] = [("note", (None, "none"))]
PHOTOS = [("photos[]", ("cat.jpg", PHOTO.read_bytes()))]


async def test_a_name_and_a_video_make_a_drawn_character(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    answer = await maya.http.post("/videos/characters", data={"name": "Robo Cat 9!"}, files=VIDEO)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["name"], made["object"], made["state"], made["kind"]) == (
        "Robo Cat 9!",
        "character",
        "processing",
        "drawn",
    )
    assert isinstance(made["created_at"], int)
    assert made["handle"].startswith("robo.cat.9.")
    assert names(config) == ["video"]
    assert (await maya.http.get(f"/videos/characters/{made['id']}")).json() == made
    sitting = await measured(config, pool, made["id"])
    assert (sitting.kind, sitting.originals) == ("drawn", {"video": MP4})


async def test_with_a_receipt_the_video_is_a_persons_capture(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    receipt = await consent(maya)
    form = {"name": "Maya", "consent_id": receipt["id"]}
    made = (await maya.http.post("/videos/characters", data=form, files=VIDEO)).json()
    sitting = await measured(config, pool, made["id"])
    assert (sitting.kind, sitting.digits) == ("person", receipt["challenge"]["digits"])
    assert sitting.originals == {"capture": MP4}


@pytest.mark.parametrize(
    ("form", "sent", "code", "param"),
    [
        ({"name": "x"}, NO_FILES, "invalid_value", "video"),
        ({"name": "x"}, [*VIDEO, *VIDEO], "malformed_body", "video"),
        ({"name": "x"}, [("video", ("a.mp4", b"just text"))], "wrong_media_type", "video"),
        ({"other": "x"}, VIDEO, "invalid_value", "name"),
        ({"name": "x" * 81}, VIDEO, "invalid_value", "name"),
        ({"name": "x", "kind": "ghost"}, VIDEO, "invalid_value", "kind"),
        ({"name": "x", "kind": "person"}, VIDEO, "capture_needed", None),
        ({"name": "x", "consent_id": "cons_x"}, VIDEO, "consent_unknown", "consent_id"),
    ],
)
async def test_a_bad_order_leaves_nothing(
    join: Join, config: Config, form: dict[str, str], sent: list[Any], code: str, param: str | None
) -> None:
    maya = await join()
    answer = await maya.http.post("/videos/characters", data=form, files=sent)
    assert 400 <= answer.status_code < 500, answer.text
    assert code in {answer.json()["error"]["code"], "malformed_body"}, answer.text
    assert param in {answer.json()["error"]["param"], None}
    assert objects(config) == []


@pytest.mark.parametrize("kind", ["pet", "object", "drawn"])
async def test_pets_objects_and_drawn_figures_need_photos_and_no_capture(
    join: Join, config: Config, pool: asyncpg.Pool, kind: str
) -> None:
    maya = await join()
    form = {"kind": kind, "name": "Whiskers", "handle": "whiskers", "audience": "mutuals"}
    answer = await maya.http.post("/characters", data=form, files=PHOTOS)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["archive"], answer.json()["consent_id"]) == (False, None)
    sitting = await measured(config, pool, answer.json()["id"])
    assert (sitting.kind, list(sitting.originals)) == (kind, ["photo1"])
    none = await maya.http.post("/characters", data=form | {"handle": "other"}, files=NO_FILES)
    assert none.json()["error"]["param"] == "photos"
    capture = [*PHOTOS, ("capture", ("c.mp4", MP4))]
    assert (await maya.http.post("/characters", data=form, files=capture)).json()["error"]["param"] == "capture"


async def test_a_pet_speaks_with_a_voice_that_somebody_agreed_to(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    receipt = (await consent(maya))["id"]
    form = {"kind": "pet", "name": "Whiskers", "handle": "whiskers", "consent_id": receipt}
    answer = await maya.http.post("/characters", data=form, files=[*PHOTOS, ("voice", ("v.wav", WAV))])
    assert (answer.status_code, answer.json()["consent_id"]) == (202, receipt)
    key = ids.parse("char", answer.json()["id"])
    await maya.http.post(f"/consents/{receipt}/withdraw", json={"purposes": ["store"]})
    assert objects(config) == []
    assert await pool.fetchval("select left_because from character where id = $1", key) == "withdrawn"


async def test_the_young_keep_their_face_among_friends(join: Join, pool: asyncpg.Pool) -> None:
    maya = await join()
    await pool.execute("update account set birth_date = now() - interval '15 years'")
    receipt = (await consent(maya))["id"]
    form = {"kind": "person", "name": "Maya", "handle": "maya", "consent_id": receipt}
    capture = [("capture", ("c.mp4", MP4))]
    for audience in ("approved", "everyone"):
        answer = await maya.http.post("/characters", data=form | {"audience": audience}, files=capture)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "audience")
    made = await maya.http.post("/characters", data=form | {"audience": "mutuals"}, files=capture)
    assert made.status_code == 202
    answer = await maya.http.patch(f"/characters/{made.json()['id']}", json={"audience": "everyone"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "audience")


async def test_a_kind_given_twice_is_a_clear_no(join: Join) -> None:
    maya = await join()
    receipt = (await consent(maya))["id"]
    form = {"name": "Maya", "kind": ["person", "drawn"], "consent_id": receipt}
    answer = await maya.http.post("/videos/characters", data=form, files=[("video", ("me.mp4", MP4))])
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "kind")
