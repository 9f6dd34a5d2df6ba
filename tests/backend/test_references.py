"""New references, what is given back to the owner, and who opened what."""

from __future__ import annotations

import io
import zipfile

import asyncpg
import msgspec
import pytest

from backend import enrolment, ids
from backend.config import Config
from backend.media import open_media
from backend.safe import open_vault
from character_store import characters
from tests.backend.conftest import Join
from tests.backend.test_characters import FORM, MP4, PHOTO, files, names, objects
from tests.backend.test_consents import consent, measured, ready
from tests.factories import an_identity


async def test_new_references_make_a_new_version_and_the_old_one_serves_until_then(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    place, receipt = f"/characters/{character['id']}", (await consent(maya))["id"]
    capture = [("capture", ("new.mp4", MP4 + b"new"))]
    answer = await maya.http.put(f"{place}/references", data={"consent_id": receipt}, files=capture)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["version"], answer.json()["state"]) == (1, "ready")
    assert answer.json()["pending"] == {"version": 2, "state": "processing", "refusal": None}
    order = {"prompt": f"@{character['handle']} waves", "seconds": "4"}
    old = (await maya.http.post("/videos", json=order)).json()["id"]
    too_soon = await maya.http.put(f"{place}/references", data={"consent_id": receipt}, files=capture)
    assert too_soon.status_code == 409
    sitting = await measured(config, pool, character["id"])
    assert sitting.originals == {"capture": MP4 + b"new"}
    assert sitting.known == an_identity()
    now = (await maya.http.get(place)).json()
    assert (now["version"], now["state"], now["pending"], now["consent_id"]) == (2, "ready", None, receipt)
    assert now["measured"] == {"yaw_left_deg": 24.5}
    new = (await maya.http.post("/videos", json=order)).json()["id"]
    versions = await pool.fetch("select clip, version from use")
    assert {row["clip"]: row["version"] for row in versions} == {
        ids.parse("video", old): 1,
        ids.parse("video", new): 2,
    }
    assert await pool.fetchval("select count(*) from character_version where wrapped_key is not null") == 2


async def test_refused_references_leave_the_ones_in_use_alone(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    place, before = f"/characters/{character['id']}", names(config)
    await pool.execute("update character_version set state = 'ready'")
    receipt = (await consent(maya))["id"]
    await maya.http.put(f"{place}/references", data={"consent_id": receipt}, files=[("capture", ("n.mp4", MP4))])
    await pool.execute("update character_version set attempts = 99 where version = 2")
    key = ids.parse("char", character["id"])
    assert key is not None
    await enrolment.enrol(pool, open_media(config.media_url), open_vault(config), key, lambda _: enrolment.BROKEN)
    now = (await maya.http.get(place)).json()
    assert (now["state"], now["version"], now["refusal"]) == ("ready", 1, None)
    assert (now["pending"]["state"], now["pending"]["refusal"]["check"]) == ("refused", "quality")
    assert names(config) == before


async def test_references_are_renewed_by_their_owner_only(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    character = await ready(maya, config, pool, audience="everyone")
    place, count = f"/characters/{character['id']}/references", len(objects(config))
    capture = [("capture", ("n.mp4", MP4))]
    mine, his = (await consent(maya))["id"], (await consent(leo))["id"]
    assert (await leo.http.put(place, data={"consent_id": his}, files=capture)).status_code == 404
    for data, sent, code in (
        ({"consent_id": his}, capture, "consent_unknown"),
        ({"x": "y"}, capture, "consent_needed"),
        ({"consent_id": mine}, [("photos[]", ("a.jpg", PHOTO.read_bytes()))], "capture_needed"),
        ({"consent_id": mine}, [("capture", ("n.mp4", b"text"))], "wrong_media_type"),
    ):
        answer = await maya.http.put(place, data=data, files=sent)
        assert answer.json()["error"]["code"] == code, answer.text
    assert len(objects(config)) == count


async def test_the_owner_gets_everything_back_as_files(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    character = await ready(maya, config, pool, audience="everyone")
    place = f"/characters/{character['id']}/references"
    assert (await leo.http.get(place)).status_code == 404
    answer = await maya.http.get(place)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        assert sorted(pack.namelist()) == [
            "character.json",
            "originals/capture.mp4",
            "references/face_matte.png",
            "references/face_photo.png",
            "references/figures.json",
            "references/voice_sample.wav",
        ]
        assert pack.read("originals/capture.mp4") == MP4
        figures = msgspec.json.decode(pack.read("references/figures.json"))
        assert len(figures["face"]["points"]) == 468 * 3
        assert len(figures["face"]["identity"]) == 128
        assert figures["voice"]["style"] == {"bf_emma": 1.0}


async def test_an_export_asks_for_a_password_given_lately(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, operator = await join(), await join("operator")
    character = await ready(maya, config, pool)
    await pool.execute("update session set signed_in_at = now() - interval '11 minutes'")
    answer = await maya.http.get(f"/characters/{character['id']}/references")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "stale_session")
    answer = await operator.http.post("/characters", data=FORM, files=files())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "stale_session")


async def test_every_opening_is_a_row_that_the_owner_reads(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    character = await ready(maya, config, pool, audience="everyone")
    await maya.http.get(f"/characters/{character['id']}/references")
    place = f"/characters/{character['id']}/openings"
    rows = (await maya.http.get(place)).json()["data"]
    assert [(row["purpose"], row["by"], row["version"]) for row in rows] == [
        ("export", maya.handle, 1),
        ("enrol", None, 1),
    ]
    page = (await maya.http.get(place, params={"limit": 1})).json()
    assert page["has_more"]
    rest = (await maya.http.get(place, params={"after": page["last_id"]})).json()
    assert [row["purpose"] for row in rest["data"]] == ["enrol"]
    assert (await leo.http.get(place)).status_code == 404


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"audience": "world"}, "invalid_value", "audience"),
        ({"height_cm": 5}, "invalid_value", "height_cm"),
        ({"build": "tiny"}, "invalid_value", "build"),
        ({"name": " "}, "invalid_value", "name"),
        ({"restrictions": ["x" * 201]}, "invalid_value", "restrictions"),
        ({"preferences": "x" * 2001}, "invalid_value", "preferences"),
        ({"consent_id": "cons_x"}, "consent_unknown", "consent_id"),
        ({"version": 9}, "validation", None),
        ({"audience": None}, "validation", "audience"),
    ],
)
async def test_a_bad_change_changes_nothing(
    join: Join, config: Config, pool: asyncpg.Pool, change: dict[str, object], code: str, param: str | None
) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    answer = await maya.http.patch(f"/characters/{character['id']}", json=change)
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert code in {error["code"], "validation"}, answer.text
    assert param in {error["param"], None} or code == "validation", answer.text
    assert (await maya.http.get(f"/characters/{character['id']}")).json() == character


async def test_a_change_takes_effect_at_once(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    character = await ready(maya, config, pool, audience="everyone")
    place = f"/characters/{character['id']}"
    order = {"prompt": f"@{character['handle']} waves", "seconds": "4"}
    clip = (await leo.http.post("/videos", json=order)).json()["id"]
    changes = {
        "audience": "only_me",
        "height_cm": 165,
        "build": "slim",
        "preferences": "always wears a red scarf",
        "restrictions": ["never holding a weapon"],
        "approve_clips": True,
    }
    answer = await maya.http.patch(place, json=changes)
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in changes} == changes
    stopped = (await leo.http.get(f"/videos/{clip}")).json()
    assert (stopped["status"], stopped["error"]["code"]) == ("failed", "consent_withdrawn")
    assert (await leo.http.get("/me/quota")).json()["used"] == 0
    assert (await leo.http.get(place)).status_code == 404
    assert (await leo.http.patch(place, json={"audience": "everyone"})).status_code == 404


async def test_what_its_owner_changes_while_new_references_arrive_stays(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    made = await ready(maya, config, pool, audience="everyone")
    place, receipt = f"/characters/{made['id']}", (await consent(maya))["id"]
    async with pool.acquire() as conn:
        before = await characters.by_handle(conn, made["handle"])
    assert before is not None
    wish = {"audience": "only_me", "restrictions": ["no weapons"], "approve_clips": True}
    assert (await maya.http.patch(place, json=wish)).status_code == 200
    consent_key = ids.parse("cons", receipt)
    media, safe = open_media(config.media_url), open_vault(config)
    await enrolment.take_in_again(pool, media, safe, before, {"capture": MP4}, consent_key)
    now = (await maya.http.get(place)).json()
    assert {name: now[name] for name in wish} == wish
    assert now["consent_id"] == receipt
