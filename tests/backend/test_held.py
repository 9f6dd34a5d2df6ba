"""A face that somebody else has stored is never accepted by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from backend import ids, jobs
from backend.config import Config
from tests.backend.conftest import Join, Person
from tests.backend.test_characters import objects
from tests.backend.test_consents import consent, measured, ready, sent

DECIDE = {"decision": "accept", "explanation": "twins, both were asked"}


async def thief_of(maya: Person, leo: Person, config: Config, pool: asyncpg.Pool) -> tuple[dict[str, Any], str]:
    """Her character, and the id of his with the same face."""
    hers = await ready(maya, config, pool)
    his = (await sent(leo, (await consent(leo))["id"])).json()["id"]
    await measured(config, pool, his)
    return hers, his


async def test_a_face_that_somebody_else_has_stored_is_held(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo, mod = await join(), await join(), await join("moderator")
    hers, his = await thief_of(maya, leo, config, pool)
    shown = (await leo.http.get(f"/characters/{his}")).json()
    assert (shown["state"], shown["refusal"]["check"]) == ("processing", "duplicate_face")
    assert hers["handle"] not in str(shown)
    order = {"prompt": "hello", "characters": [{"id": his}], "seconds": "4"}
    assert (await leo.http.post("/videos", json=order)).json()["error"]["code"] == "cameo_permission_denied"
    queue = (await mod.http.get("/moderation/held-characters")).json()["data"]
    assert [(one["id"], one["owner"], one["resembles"]["id"]) for one in queue] == [(his, leo.handle, hers["id"])]
    assert queue[0]["distance"] < 0.6
    for which in ("new", "stored"):
        picture = await mod.http.get(f"/moderation/held-characters/{his}/faces/{which}")
        assert (picture.content, picture.headers["cache-control"]) == (b"png", "no-store")
    rows = (await maya.http.get(f"/characters/{hers['id']}/openings")).json()["data"]
    assert [(row["purpose"], row["by"]) for row in rows] == [("review", mod.handle), ("match", None), ("enrol", None)]


async def test_an_accepted_one_is_ready(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo, mod = await join(), await join(), await join("moderator")
    _, his = await thief_of(maya, leo, config, pool)
    answer = await mod.http.post(f"/moderation/held-characters/{his}/decide", json=DECIDE)
    assert answer.status_code == 200, answer.text
    assert (await leo.http.get(f"/characters/{his}")).json()["state"] == "ready"
    again = await mod.http.post(f"/moderation/held-characters/{his}/decide", json=DECIDE)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_held")
    detail = await pool.fetchval("select detail from audit where action = 'face_reviewed'")
    assert detail == DECIDE | {"version": 1}


async def test_a_refused_one_is_destroyed(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo, mod = await join(), await join(), await join("moderator")
    hers, his = await thief_of(maya, leo, config, pool)
    await mod.http.post(f"/moderation/held-characters/{his}/decide", json=DECIDE | {"decision": "refuse"})
    shown = (await leo.http.get(f"/characters/{his}")).json()
    assert (shown["state"], shown["refusal"]["check"]) == ("refused", "duplicate_face")
    assert {path.parts[-3] for path in objects(config)} == {hers["id"].removeprefix("char_")}
    assert await pool.fetchval("select count(*) from face_index") == 1


async def test_only_staff_sees_and_decides_and_not_about_themselves(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya, leo, mod = await join(), await join(), await join("moderator")
    hers = await ready(maya, config, pool)
    _, his = hers, (await sent(mod, (await consent(mod))["id"])).json()["id"]
    await measured(config, pool, his)
    for person in (maya, leo):
        assert (await person.http.get("/moderation/held-characters")).status_code == 403
        assert (await person.http.get(f"/moderation/held-characters/{his}/faces/new")).status_code == 403
        assert (await person.http.post(f"/moderation/held-characters/{his}/decide", json=DECIDE)).status_code == 403
    own = await mod.http.post(f"/moderation/held-characters/{his}/decide", json=DECIDE)
    assert (own.status_code, own.json()["error"]["code"]) == (403, "forbidden")
    for body in ({"decision": "maybe", "explanation": "x"}, {"decision": "accept", "explanation": " "}):
        assert (await mod.http.post(f"/moderation/held-characters/{his}/decide", json=body)).status_code == 400
    assert (await mod.http.get(f"/moderation/held-characters/{hers['id']}/faces/new")).status_code == 409


async def test_ones_own_face_a_second_time_is_nobody_elses(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    await ready(maya, config, pool)
    assert (await ready(maya, config, pool))["state"] == "ready"
    assert (await ready(leo, config, pool, number=3))["state"] == "ready"
    assert await pool.fetchval("select count(*) from audit where action = 'face_held'") == 0


async def test_a_held_one_waits_for_people_and_not_for_workers(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    _, his = await thief_of(maya, leo, config, pool)
    await pool.execute("delete from pgqueuer")
    async with pool.acquire() as conn:
        assert await jobs.rescue(conn) == 0
    assert ids.parse("char", his) is not None


async def test_one_that_leaves_while_it_is_compared_with_refuses_nobody(
    join: Join, config: Config, pool: asyncpg.Pool
) -> None:
    maya, leo = await join(), await join()
    await ready(maya, config, pool)
    his = (await sent(leo, (await consent(leo))["id"])).json()["id"]
    await pool.execute(  # its key is gone; its place in the index was read a moment before
        "update character_version set wrapped_key = null, key_destroyed_at = now() where state = 'ready'"
    )
    await measured(config, pool, his)
    assert (await leo.http.get(f"/characters/{his}")).json()["state"] == "ready"


async def test_a_face_that_is_lost_lets_nobody_in(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo = await join(), await join()
    await ready(maya, config, pool)
    his = (await sent(leo, (await consent(leo))["id"])).json()["id"]
    await pool.execute("delete from vault_object where name = 'identity'")
    await measured(config, pool, his)
    assert (await leo.http.get(f"/characters/{his}")).json()["state"] == "refused"


async def test_of_two_decisions_at_once_one_counts(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    maya, leo, mod, other = await join(), await join(), await join("moderator"), await join("moderator")
    _, his = await thief_of(maya, leo, config, pool)
    place = f"/moderation/held-characters/{his}/decide"
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("select from character_version where state = 'held' for update")
        deciding = [
            asyncio.create_task(mod.http.post(place, json=DECIDE)),
            asyncio.create_task(other.http.post(place, json=DECIDE | {"decision": "refuse"})),
        ]
        await asyncio.sleep(0.4)
    answers = [await one for one in deciding]
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await pool.fetchval("select count(*) from audit where action = 'face_reviewed'") == 1


async def test_nobody_decides_whose_own_face_it_resembles(join: Join, config: Config, pool: asyncpg.Pool) -> None:
    mod, leo = await join("moderator"), await join()
    _, his = await thief_of(mod, leo, config, pool)
    answer = await mod.http.post(f"/moderation/held-characters/{his}/decide", json=DECIDE | {"decision": "refuse"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
