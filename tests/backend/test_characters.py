from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend import enrolment, ids, jobs
from backend.config import Config
from backend.media import open_media
from backend.safe import open_vault
from character_store import characters, vault
from character_store.characters import Refusal
from character_store.errors import KeyDestroyed
from character_store.likeness import Likeness, Sitting
from tests.backend.conftest import Join, Person
from tests.backend.test_videos import a_character, png
from tests.factories import a_likeness

SAMPLES = Path(enrolment.__file__).parent / "samples"
PHOTO = SAMPLES / "grace.jpg"
WAV = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80>\0\0\0}\0\0\x02\0\x10\0data\0\0\0\0"
FORM = {"kind": "person", "name": "Grace", "handle": "grace", "rights": "public domain"}
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)


def files(photo: bytes | None = None, voice: bytes = WAV, photos: int = 1) -> list[tuple[str, tuple[str, bytes]]]:
    content = PHOTO.read_bytes() if photo is None else photo
    return [("photos[]", (f"{number}.jpg", content)) for number in range(photos)] + [("voice", ("voice.wav", voice))]


def objects(config: Config) -> list[Path]:
    return [path for path in Path(config.media_url).rglob("*") if path.is_file()]


def names(config: Config) -> list[str]:
    """Of what the vault holds, without the marks that keep places apart."""
    return sorted(path.name.partition(".")[0] for path in objects(config))


async def test_an_archive_character_is_taken_in_sealed(join: Join, config: Config, conn: asyncpg.Connection) -> None:
    operator = await join("operator")
    answer = await operator.http.post("/characters", data=FORM | {"height_cm": "165"}, files=files(photos=2))
    assert answer.status_code == 202, answer.text
    character = answer.json()
    assert (character["state"], character["owner"], character["version"]) == ("processing", operator.handle, 1)
    assert (character["archive"], character["rights"], character["height_cm"]) == (True, "public domain", 165)
    assert (await operator.http.get("/characters/@grace")).json() == character
    assert [one["id"] for one in (await operator.http.get("/characters")).json()["data"]] == [character["id"]]
    assert await conn.fetchval("select count(*) from pgqueuer where entrypoint = 'enrol'") == 1
    stored = objects(config)
    assert names(config) == ["photo1", "photo2", "voice"]
    for path in stored:
        content = path.read_bytes()
        assert PHOTO.read_bytes()[:64] not in content
        assert b"JFIF" not in content
        assert b"RIFF" not in content
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("changed", "sent", "code", "param"),
    [
        ({}, files(photo=b"just text"), "wrong_media_type", "photos"),
        ({}, files(photo=b""), "wrong_media_type", "photos"),
        ({}, files(photo=png(1, 1)), "picture_out_of_bounds", "photos"),
        ({}, files(photo=png(30_000, 30_000)), "picture_out_of_bounds", "photos"),
        ({}, files(voice=b"just text"), "wrong_media_type", "voice"),
        ({}, files(photos=0), "invalid_value", "photos"),
        ({}, files(photos=7), "invalid_value", "photos"),
        ({}, files()[:1], "invalid_value", "voice"),
        ({}, [*files(), ("voice", ("v.wav", WAV))], "invalid_value", "voice"),
        ({"photos[]": "a path"}, files(photos=0), "malformed_body", "photos"),
        ({"kind": "ghost"}, files(), "invalid_value", "kind"),
        ({"kind": "pet"}, files(), "invalid_value", "rights"),
        ({"handle": "x"}, files(), "invalid_value", "handle"),
        ({"name": " "}, files(), "invalid_value", "name"),
        ({"audience": "world"}, files(), "invalid_value", "audience"),
        ({"height_cm": "1000"}, files(), "invalid_value", "height_cm"),
        ({"height_cm": "tall"}, files(), "invalid_value", "height_cm"),
        ({"build": "tiny"}, files(), "invalid_value", "build"),
        ({"rights": " "}, files(), "invalid_value", "rights"),
        ({"rights": "a\0b"}, files(), "invalid_value", "rights"),
        ({"name": "a\0b"}, files(), "invalid_value", "name"),
        ({"capture": "x"}, files(), "invalid_value", "rights"),
        ({"restrictions[]": " "}, files(), "invalid_value", "restrictions"),
        ({"handle": "gone.1234"}, files(), "invalid_value", "handle"),
        ({"consent_id": "cons_x"}, files(), "consent_unknown", "consent_id"),
    ],
)
async def test_a_bad_character_is_refused_and_leaves_nothing(
    join: Join,
    config: Config,
    conn: asyncpg.Connection,
    changed: dict[str, str],
    sent: list[Any],
    code: str,
    param: str,
) -> None:
    operator = await join("operator")
    answer = await operator.http.post("/characters", data=FORM | changed, files=sent)
    assert 400 <= answer.status_code < 500, answer.text
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, param)
    assert objects(config) == []
    assert await conn.fetchval("select (select count(*) from character) + (select count(*) from pgqueuer)") == 0


async def test_a_person_needs_a_capture_or_an_operators_rights(join: Join, config: Config) -> None:
    member, operator = await join(), await join("operator")
    for who, form in ((member, FORM), (operator, {k: v for k, v in FORM.items() if k != "rights"})):
        refused = await who.http.post("/characters", data=form, files=files())
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "capture_needed")
    assert objects(config) == []


async def test_a_taken_handle_leaves_nothing_of_the_second_face(join: Join, config: Config) -> None:
    operator = await join("operator")
    await operator.http.post("/characters", data=FORM, files=files())
    kept = objects(config)
    again = await operator.http.post("/characters", data=FORM | {"handle": "GRACE"}, files=files())
    assert (again.status_code, again.json()["error"]["code"]) == (409, "character_handle_taken")
    assert objects(config) == kept


async def test_a_private_character_is_invisible_to_others(join: Join) -> None:
    operator, leo = await join("operator"), await join()
    character = (await operator.http.post("/characters", data=FORM, files=files())).json()["id"]
    for reference in (character, "@grace", "@nobody", "char_x"):
        assert (await leo.http.get(f"/characters/{reference}")).status_code == 404
    asked = await leo.http.get("/characters/@grace/permission")
    assert asked.json() == {"allowed": False, "reason": "not_ready"}
    assert (await leo.http.get("/characters")).json()["data"] == []


async def enrolled(
    operator: Person, config: Config, pool: asyncpg.Pool, answer: Likeness | Refusal
) -> tuple[UUID, list[Sitting]]:
    """Sent, and measured by a function that says `answer`; what it was shown."""
    sent = (await operator.http.post("/characters", data=FORM | {"audience": "everyone"}, files=files())).json()
    shown: list[Sitting] = []
    key = ids.parse("char", sent["id"])
    assert key is not None

    def measure(sitting: Sitting) -> Likeness | Refusal:
        shown.append(sitting)
        return answer

    safe = open_vault(config)
    for _ in range(2):  # a job may run twice
        await enrolment.enrol(pool, open_media(config.media_url), safe, key, measure)
    return key, shown


async def test_a_measured_character_is_ready_for_others(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    operator, leo = await join("operator"), await join()
    key, shown = await enrolled(operator, config, pool, a_likeness())
    assert shown == [Sitting("person", {"photo1": PHOTO.read_bytes(), "voice": WAV}, None, None)]
    character = (await leo.http.get("/characters/@grace")).json()
    assert (character["state"], character["refusal"]) == ("ready", None)
    assert (await leo.http.get("/characters/@grace/permission")).json() == {"allowed": True, "reason": None}
    assert names(config) == ["identity", "photo1", "references", "voice"]
    assert await pool.fetchval("select count(*) from vault_opening where character = $1", key) == 1


async def test_a_refused_character_is_told_why_and_its_media_are_destroyed(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    operator = await join("operator")
    key, shown = await enrolled(operator, config, pool, Refusal("one_face", "there are two faces; show one"))
    assert len(shown) == 1
    character = (await operator.http.get("/characters/@grace")).json()
    assert character["state"] == "refused"
    assert character["refusal"] == {"check": "one_face", "message": "there are two faces; show one"}
    assert objects(config) == []
    async with pool.acquire() as conn:
        assert await vault.objects(conn, key, 1) == {}
        with pytest.raises(KeyDestroyed):
            await vault.open_key(conn, open_vault(config), key, 1, purpose="clip")


async def test_what_nobody_foresaw_in_a_photo_refuses_it_and_destroys_it(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    operator = await join("operator")
    sent = (await operator.http.post("/characters", data=FORM, files=files())).json()
    key = ids.parse("char", sent["id"])
    assert key is not None

    def measure(_sitting: Sitting) -> Likeness | Refusal:
        raise ZeroDivisionError

    safe = open_vault(config)
    await enrolment.enrol(pool, open_media(config.media_url), safe, key, measure)
    character = (await operator.http.get("/characters/@grace")).json()
    assert (character["state"], character["refusal"]["check"]) == ("refused", "quality")
    assert objects(config) == []


async def test_a_character_that_kills_every_worker_is_given_up(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    operator = await join("operator")
    sent = (await operator.http.post("/characters", data=FORM, files=files())).json()
    key = ids.parse("char", sent["id"])
    assert key is not None
    safe = open_vault(config)

    class Killed(BaseException):
        pass

    def measure(_sitting: Sitting) -> Likeness | Refusal:
        raise Killed

    for _ in range(enrolment.ATTEMPTS_MAX):
        with pytest.raises(Killed):
            await enrolment.enrol(pool, open_media(config.media_url), safe, key, measure)
    await enrolment.enrol(pool, open_media(config.media_url), safe, key, measure)
    assert (await operator.http.get("/characters/@grace")).json()["state"] == "refused"
    assert objects(config) == []


async def test_a_broken_off_refusal_is_swept_by_the_next_run(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    operator = await join("operator")
    key, _ = await enrolled(operator, config, pool, Refusal("one_face", "show one"))
    media, place = open_media(config.media_url), f"vault/{key.hex}/1/voice"
    await media.put(place, b"left behind")
    async with pool.acquire() as conn:
        await vault.note_object(conn, key, 1, "voice", place)
    safe = open_vault(config)
    await enrolment.enrol(pool, media, safe, key, lambda _sitting: a_likeness())
    assert objects(config) == []


async def test_what_waits_without_a_job_is_queued_again(join: Join, pool: asyncpg.Pool) -> None:
    operator = await join("operator")
    await operator.http.post("/characters", data=FORM, files=files())
    await operator.http.post("/videos", json={"prompt": "a cat", "seconds": "4"})
    async with pool.acquire() as conn:
        assert await jobs.rescue(conn) == 0
        await conn.execute("delete from pgqueuer")
        assert await jobs.rescue(conn) == 2
        assert await jobs.rescue(conn) == 0
        assert await conn.fetchval("select count(*) from pgqueuer") == 2


async def test_two_changes_at_once_both_hold(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    character = await a_character(conn, maya, audience="everyone")
    place = f"/characters/{character}"
    async with conn.transaction():
        await conn.execute("update character set audience = 'only_me'")  # another phone, not committed yet
        changing = asyncio.create_task(maya.http.patch(place, json={"name": "Maya B."}))
        await asyncio.sleep(0.3)
    assert (await changing).status_code == 200
    now = (await maya.http.get(place)).json()
    assert (now["name"], now["audience"]) == ("Maya B.", "only_me")


async def test_a_change_that_comes_after_its_deletion_writes_nothing_back(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    character = await a_character(conn, maya)
    key = ids.parse("char", character)
    assert key is not None
    async with conn.transaction():
        assert await characters.leave(conn, key, "deleted")
        changing = asyncio.create_task(maya.http.patch(f"/characters/{character}", json={"preferences": "a red scarf"}))
        await asyncio.sleep(0.3)
    assert (await changing).status_code == 404
    left = await conn.fetchrow("select name, preferences from character")
    assert tuple(left) == ("deleted character", "")
