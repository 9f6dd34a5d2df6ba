"""Characters that leave: deleted, expired; what is gone then, and when."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from backend import departure, enrolment, ids
from backend.config import Config
from backend.media import open_media
from backend.safe import open_vault
from character_store import vault
from character_store.errors import KeyDestroyed, SealBroken
from character_store.master_key import KeyFile
from character_store.vault import Vault
from tests.backend.conftest import Join
from tests.backend.test_characters import objects
from tests.backend.test_consents import consent, ready, sent
from tests.factories import a_likeness


async def test_deleting_destroys_the_key_and_the_bytes_and_says_when(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya, leo = await join(), await join()
    character = await ready(maya, config, pool, audience="everyone")
    key, place = ids.parse("char", character["id"]), f"/characters/{character['id']}"
    assert key is not None
    order = {"prompt": f"@{character['handle']} waves", "seconds": "4"}
    done = (await leo.http.post("/videos", json=order)).json()["id"]
    await pool.execute("update clip set status = 'completed', media = '{}', completed_at = now()")
    clip = (await leo.http.post("/videos", json=order)).json()["id"]
    assert (await leo.http.delete(place)).status_code == 404
    assert (await maya.http.delete(place, params={"clips": "some"})).status_code == 400
    backup = {path: path.read_bytes() for path in objects(config)}
    wrapped = await pool.fetchval("select wrapped_key from character_version")
    answer = await maya.http.delete(place)
    assert answer.status_code == 200, answer.text
    gone = answer.json()
    assert (gone["id"], gone["deleted"], gone["object"]) == (character["id"], True, "character.deleted")
    assert gone["destruction"]["key_destroyed_at"] <= gone["destruction"]["bytes_swept_at"]
    assert gone["destruction"]["backups_unreadable_at"] is None
    assert gone["clips"] == {"removed": [], "kept": [done]}
    assert objects(config) == []
    for table in ("face_index", "vault_object"):
        assert await pool.fetchval("select count(*) from " + table) == 0  # noqa: S608
    async with pool.acquire() as conn:
        with pytest.raises(KeyDestroyed):
            await vault.open_key(conn, open_vault(config), key, 1, purpose="export")
    # A backup of database and store of before, with the master key of now, until the key is renewed.
    safe = open_vault(config)
    data_key = safe.unwrap(wrapped, key, 1)
    sealed = next(content for path, content in backup.items() if path.name.startswith("references."))
    assert vault.unseal(data_key, sealed, key, 1, "references")
    assert await departure.rewrap_after(pool, safe) == 0
    assert await departure.rewrap_after(pool, safe) is None
    with pytest.raises(SealBroken):
        Vault(KeyFile(config.master_key), bytes(32)).unwrap(wrapped, key, 1)
    shown = (await maya.http.get(place)).json()
    assert (shown["state"], shown["name"], shown["height_cm"]) == ("revoked", "deleted character", None)
    assert shown["destruction"]["backups_unreadable_at"] > shown["destruction"]["key_destroyed_at"]
    stopped = (await leo.http.get(f"/videos/{clip}")).json()
    assert (stopped["status"], stopped["error"]["code"]) == ("failed", "consent_withdrawn")
    again = await maya.http.delete(place)
    assert again.json()["destruction"] == shown["destruction"]
    assert (await leo.http.get(place)).status_code == 404


async def test_the_handle_is_free_again(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    await maya.http.delete(f"/characters/@{character['handle']}")
    assert (await maya.http.get(f"/characters/@{character['handle']}")).status_code == 404
    assert (await ready(maya, config, pool, handle=character["handle"]))["handle"] == character["handle"]


async def test_a_character_unused_for_three_years_leaves_by_itself(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    old, new = await ready(maya, config, pool), await ready(maya, config, pool)
    key = ids.parse("char", old["id"])
    await pool.execute("update character set expires_at = now() - interval '1 second' where id = $1", key)
    media = open_media(config.media_url)
    assert await departure.expire(pool, media) == 1
    assert await departure.expire(pool, media) == 0
    left = (await maya.http.get(f"/characters/{old['id']}")).json()
    assert (left["state"], left["destruction"]["because"]) == ("revoked", "expired")
    assert left["destruction"]["bytes_swept_at"] is not None
    assert (await maya.http.get(f"/characters/{new['id']}")).json()["state"] == "ready"
    assert {path.parts[-3] for path in objects(config)} == {new["id"].removeprefix("char_")}


async def test_casting_puts_the_expiry_off(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    await pool.execute("update character set expires_at = now() + interval '1 day'")
    await maya.http.post("/videos", json={"prompt": f"@{character['handle']} waves", "seconds": "4"})
    later = (await maya.http.get(f"/characters/{character['id']}")).json()
    assert msgspec.convert(later["expires_at"], str) > character["expires_at"]


async def test_what_could_not_be_swept_is_swept_by_a_job(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    key = ids.parse("char", character["id"])
    assert key is not None
    async with pool.acquire() as conn, conn.transaction():
        assert await departure.leave(conn, key, "deleted")
        assert not await departure.leave(conn, key, "deleted")
    assert len(objects(config)) == 3
    assert await pool.fetchval("select count(*) from pgqueuer where entrypoint = 'sweep'") == 1
    await departure.sweep(pool, open_media(config.media_url), key)
    assert objects(config) == []
    shown = (await maya.http.get(f"/characters/{character['id']}")).json()["destruction"]
    assert shown["bytes_swept_at"] is not None


async def test_one_that_leaves_while_it_is_measured_leaves_nothing(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya = await join()
    character = (await sent(maya, (await consent(maya))["id"])).json()
    key = ids.parse("char", character["id"])
    assert key is not None
    media = open_media(config.media_url)
    loop = asyncio.get_running_loop()

    async def gone() -> None:
        async with pool.acquire() as conn, conn.transaction():
            await departure.leave(conn, key, "deleted")
        await departure.sweep(pool, media, key)

    def measure(_sitting: object) -> object:
        asyncio.run_coroutine_threadsafe(gone(), loop).result(20)
        return a_likeness()

    await enrolment.enrol(pool, media, open_vault(config), key, measure)  # type: ignore[arg-type]  # a plain function
    assert objects(config) == []
    assert (await maya.http.get(f"/characters/{character['id']}")).json()["state"] == "revoked"
    assert await pool.fetchval("select count(*) from face_index") == 0


async def test_one_that_is_cast_while_others_expire_stays(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    await pool.execute("update character set expires_at = now() - interval '1 second'")
    async with pool.acquire() as conn:
        clip = conn.transaction()  # that casts it, not committed yet
        await clip.start()
        await conn.execute("update character set expires_at = now() + interval '3 years'")
        expiring = asyncio.create_task(departure.expire(pool, open_media(config.media_url)))
        await asyncio.sleep(0.3)
        await clip.commit()
    assert await expiring == 0
    assert (await maya.http.get(f"/characters/{character['id']}")).json()["state"] == "ready"


async def test_nothing_that_was_measured_on_it_stays(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    character = await ready(maya, config, pool)
    assert await pool.fetchval("select figures from character_version") == {"yaw_left_deg": 24.5}
    await maya.http.delete(f"/characters/{character['id']}")
    row = await pool.fetchrow("select state, figures, digits, resembles, distance from character_version")
    assert tuple(row) == ("ready", None, None, None, None)


async def test_files_that_no_row_holds_are_swept(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya = await join()
    await ready(maya, config, pool)
    media = open_media(config.media_url)
    await media.put("clips/ab/kept.mp4", b"a clip")
    await maya.http.post("/videos", json={"prompt": "a cat", "seconds": "4"})
    held = {"video": {"key": "clips/ab/kept.mp4", "size": 6, "sha256": "", "media_type": "video/mp4"}}
    await pool.execute("update clip set status = 'completed', completed_at = now(), media = $1", held)
    kept = set(objects(config))
    await media.put("clips/cd/taken_down.mp4", b"a face")  # its row went; the process died before the file did
    await media.put(f"vault/{'0' * 32}/1/capture.00", b"sealed")  # sealed, and never recorded
    assert await departure.sweep_lost(pool, media) == 0  # perhaps on their way into the database
    assert await departure.sweep_lost(pool, media, timedelta(0)) == 2
    assert set(objects(config)) == kept
    assert len(kept) == 4
