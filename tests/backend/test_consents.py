from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backend import enrolment, ids
from backend.config import Config
from backend.media import open_media
from backend.safe import open_vault
from character_store import policy
from character_store.likeness import Likeness, Sitting
from tests.backend.conftest import Join, Person
from tests.backend.test_characters import MP4, PHOTO, WAV, objects
from tests.factories import a_likeness, unique

SIGNED = {"purposes": ["store", "generate", "share"], "signed_name": "Maya Ito"}


async def consent(maya: Person, **changed: Any) -> dict[str, Any]:
    answer = await maya.http.post("/consents", json=SIGNED | changed)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def sent(maya: Person, consent_id: str | None, **changed: str) -> Any:
    form = {"kind": "person", "name": "Maya", "handle": unique("maya")} | changed
    if consent_id is not None:
        form["consent_id"] = consent_id
    return await maya.http.post("/characters", data=form, files=[("capture", ("me.mp4", MP4))])


async def measured(config: Config, pool: asyncpg.Pool, character: str, number: int = 0) -> Sitting:
    """A worker measures it, and finds person `number`; what it was shown."""
    key = ids.parse("char", character)
    assert key is not None
    shown: list[Sitting] = []

    def measure(sitting: Sitting) -> Likeness:
        shown.append(sitting)
        return a_likeness(number)

    await enrolment.enrol(pool, open_media(config.media_url), open_vault(config), key, measure)
    return shown[0]


async def ready(maya: Person, config: Config, pool: asyncpg.Pool, number: int = 0, **changed: str) -> dict[str, Any]:
    """A measured character of hers, and the receipt it rests on."""
    receipt = await consent(maya)
    answer = await sent(maya, receipt["id"], **changed)
    assert answer.status_code == 202, answer.text
    await measured(config, pool, answer.json()["id"], number)
    body: dict[str, Any] = (await maya.http.get(f"/characters/{answer.json()['id']}")).json()
    return body


async def test_the_text_can_be_read_without_an_account_and_hashed(join: Join) -> None:
    nobody = await join(None)
    shown = (await nobody.http.get("/consents/policy")).json()
    assert hashlib.sha256(shown["text"].encode()).hexdigest() == shown["sha256"]
    assert (shown["version"], shown["purposes"]) == (policy.current().version, ["store", "generate", "share"])


async def test_a_receipt_says_what_was_signed_and_gives_digits(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    receipt = await consent(maya, purposes=["generate", "store"], signed_name="  Maya Ito ")
    assert receipt["purposes"] == ["store", "generate"]
    assert receipt["signed_name"] == "Maya Ito"
    assert (receipt["policy_version"], receipt["policy_sha256"]) == (policy.current().version, policy.current().sha256)
    assert len(receipt["challenge"]["digits"]) == 6
    assert receipt["challenge"]["digits"].isdigit()
    row = await conn.fetchrow("select *, expires_at - now() as life from capture_challenge")
    assert 290 < row["life"].total_seconds() <= 300
    kept = await conn.fetchval("select ip_hash from consent_receipt")
    assert len(kept) == 32
    assert kept != hashlib.sha256(b"127.0.0.1").digest()
    listed = (await maya.http.get("/consents")).json()["data"]
    assert [one["id"] for one in listed] == [receipt["id"]]
    assert "challenge" not in listed[0]
    assert (await maya.http.get(f"/consents/{receipt['id']}")).json() == listed[0]


@pytest.mark.parametrize(
    ("changed", "status", "code", "param"),
    [
        ({"purposes": []}, 400, "invalid_value", "purposes"),
        ({"purposes": ["store", "sell"]}, 400, "invalid_value", "purposes"),
        ({"signed_name": " "}, 400, "invalid_value", "signed_name"),
        ({"signed_name": "12"}, 400, "invalid_value", "signed_name"),
        ({"signed_name": "M" * 101}, 400, "invalid_value", "signed_name"),
        ({"policy_version": "1999-01-01"}, 409, "policy_changed", "policy_version"),
    ],
)
async def test_a_bad_signature_leaves_no_receipt(
    join: Join, conn: asyncpg.Connection, changed: dict[str, Any], status: int, code: str, param: str
) -> None:
    maya = await join()
    answer = await maya.http.post("/consents", json=SIGNED | changed)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
    assert await conn.fetchval("select count(*) from consent_receipt") == 0


async def test_an_api_key_cannot_sign_for_a_person(join: Join) -> None:
    maya = await join()
    secret = (await maya.http.post("/me/api-keys", json={"name": "script"})).json()["secret"]
    answer = await maya.http.post("/consents", json=SIGNED, headers={"authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


async def test_no_byte_of_a_face_is_kept_without_a_receipt(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    others = (await consent(leo))["id"]
    without_store = (await consent(maya, purposes=["generate"]))["id"]
    withdrawn = (await consent(maya))["id"]
    await maya.http.post(f"/consents/{withdrawn}/withdraw", json={"purposes": ["store"]})
    for receipt, status, code in (
        (None, 403, "consent_needed"),
        (without_store, 403, "consent_needed"),
        (withdrawn, 403, "consent_needed"),
        (others, 404, "consent_unknown"),
        ("cons_" + "0" * 32, 404, "consent_unknown"),
        ("nonsense", 404, "consent_unknown"),
    ):
        answer = await sent(maya, receipt)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (status, code, "consent_id"), receipt
    assert objects(config) == []
    assert await pool.fetchval("select count(*) from character") == 0
    voice = [("photos[]", ("cat.jpg", PHOTO.read_bytes())), ("voice", ("v.wav", WAV))]
    answer = await maya.http.post("/characters", data={"kind": "pet", "name": "Cat", "handle": "cat"}, files=voice)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "consent_needed")
    assert objects(config) == []


async def test_the_digits_of_a_receipt_serve_one_capture(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    receipt = await consent(maya)
    first = await sent(maya, receipt["id"])
    assert first.status_code == 202
    sitting = await measured(config, pool, first.json()["id"])
    assert sitting == Sitting("person", {"capture": MP4}, receipt["challenge"]["digits"], None)
    kept = len(objects(config))
    again = await sent(maya, receipt["id"])
    assert (again.status_code, again.json()["error"]["code"]) == (409, "challenge_spent")
    assert len(objects(config)) == kept
    fresh = (await maya.http.post(f"/consents/{receipt['id']}/challenges")).json()["challenge"]
    second = await sent(maya, receipt["id"])
    assert second.status_code == 202
    assert (await measured(config, pool, second.json()["id"], 1)).digits == fresh["digits"]


async def test_digits_expire_and_new_ones_void_the_old(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    receipt = await consent(maya)
    await pool.execute("update capture_challenge set expires_at = now() - interval '1 second'")
    answer = await sent(maya, receipt["id"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "challenge_spent")
    assert "five minutes" in answer.json()["error"]["message"]
    assert objects(config) == []
    for _ in range(2):
        await maya.http.post(f"/consents/{receipt['id']}/challenges")
    assert await pool.fetchval("select count(*) from capture_challenge where spent_at is null") == 1


async def test_two_captures_at_once_cannot_both_use_the_digits(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    receipt = (await consent(maya))["id"]
    answers = await asyncio.gather(*(sent(maya, receipt) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    assert await pool.fetchval("select count(*) from character") == 1
    assert len(objects(config)) == 1


async def test_without_store_everything_is_destroyed_at_once(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    clip = (await maya.http.post("/videos", json={"prompt": f"@{character['handle']} waves", "seconds": "4"})).json()
    answer = await maya.http.post(f"/consents/{character['consent_id']}/withdraw", json={"purposes": ["store"]})
    assert answer.json()["destroyed"] == [character["id"]]
    assert answer.json()["purposes"] == ["generate", "share"]
    assert objects(config) == []
    left = (await maya.http.get(f"/characters/{character['id']}")).json()
    assert (left["state"], left["destruction"]["because"]) == ("revoked", "withdrawn")
    assert left["destruction"]["key_destroyed_at"] is not None
    assert left["destruction"]["bytes_swept_at"] is not None
    stopped = (await maya.http.get(f"/videos/{clip['id']}")).json()
    assert (stopped["status"], stopped["error"]["code"]) == ("failed", "consent_withdrawn")
    assert (await maya.http.get("/me/quota")).json()["used"] == 0


async def test_without_generate_nothing_is_made_until_it_is_given_again(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    order = {"prompt": f"@{character['handle']} waves", "seconds": "4"}
    clip = (await maya.http.post("/videos", json=order)).json()
    await maya.http.post(f"/consents/{character['consent_id']}/withdraw", json={"purposes": ["generate"]})
    assert (await maya.http.get(f"/videos/{clip['id']}")).json()["error"]["code"] == "consent_withdrawn"
    refused = await maya.http.post("/videos", json=order)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "cameo_permission_denied")
    assert (await maya.http.get(f"/characters/{character['id']}")).json()["state"] == "revoked"
    assert (await maya.http.get("/me/quota")).json()["used"] == 0
    renewed = (await consent(maya))["id"]
    answer = await maya.http.patch(f"/characters/{character['id']}", json={"consent_id": renewed})
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert (await maya.http.post("/videos", json=order)).status_code == 200


async def test_without_share_nobody_else_casts_or_sees_it(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    character = await ready(maya, config, pool, audience="everyone")
    order = {"prompt": f"@{character['handle']} waves", "seconds": "4"}
    clip = (await leo.http.post("/videos", json=order)).json()
    await maya.http.post(f"/consents/{character['consent_id']}/withdraw", json={"purposes": ["share"]})
    assert (await leo.http.get(f"/videos/{clip['id']}")).json()["error"]["code"] == "consent_withdrawn"
    assert (await leo.http.post("/videos", json=order)).status_code == 403
    assert (await maya.http.post("/videos", json=order)).status_code == 200


async def test_withdrawing_is_for_the_owner_and_for_known_purposes(join: Join) -> None:
    maya, leo = await join(), await join()
    receipt = (await consent(maya))["id"]
    assert (await leo.http.post(f"/consents/{receipt}/withdraw", json={"purposes": ["store"]})).status_code == 404
    assert (await maya.http.post(f"/consents/{receipt}/withdraw", json={"purposes": ["all"]})).status_code == 400
    once = await maya.http.post(f"/consents/{receipt}/withdraw", json={"purposes": ["share"]})
    again = await maya.http.post(f"/consents/{receipt}/withdraw", json={"purposes": ["share"]})
    assert once.json()["withdrawn"] == again.json()["withdrawn"] != {}


def test_policies_are_versioned_by_date_and_kept() -> None:
    files = sorted(Path(policy.FOLDER).glob("*.md"))
    assert [file.stem for file in files][-1] == policy.current().version


async def test_nobody_asks_until_the_digits_are_those_of_an_old_recording(join: Join, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    receipt = (await consent(maya))["id"]
    place = f"/consents/{receipt}/challenges"
    answers = [await maya.http.post(place) for _ in range(30)]
    assert [answer.status_code for answer in answers] == [201] * 29 + [429]
    assert answers[-1].json()["error"]["code"] == "challenges_spent"
    assert (await maya.http.post("/consents", json=SIGNED)).status_code == 429
    assert (await leo.http.post("/consents", json=SIGNED)).status_code == 201
    await pool.execute("update capture_challenge set expires_at = expires_at - interval '1 day'")
    assert (await maya.http.post(place)).status_code == 201
