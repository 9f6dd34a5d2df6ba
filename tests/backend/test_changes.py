"""A client that was offline catches up: nothing is skipped, nothing foreign is told, what is gone is said to be."""

from __future__ import annotations

import base64
import time
from typing import Any

import asyncpg
import pytest

from social import changes
from tests.backend.cast import a_role, asked, befriend, consented, made
from tests.backend.conftest import Join, Person
from tests.backend.worker_side import Studio


async def begin(person: Person) -> str:
    answer = (await person.http.get("/changes")).json()
    assert (answer["data"], answer["has_more"]) == ([], False)
    return str(answer["next"])


async def told(person: Person, since: str, limit: int = 50) -> tuple[list[dict[str, Any]], str]:
    """Everything, over as many pages as it takes."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await person.http.get("/changes", params={"since": since, "limit": limit})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found, since = found + page["data"], page["next"]
        if not page["has_more"]:
            return found, since


def brief(found: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    return [(one["type"], one["id"], one["deleted"]) for one in found]


async def test_ones_own_clips_characters_and_notices_come_as_they_are_now(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya = await join()
    since = await begin(maya)
    role, _ = await a_role(conn, maya)
    await conn.execute("update character set name = 'Maya' where owner = (select id from account limit 1)")
    video = await made(worker, maya, "a park")
    found, since = await told(maya, since)
    assert sorted(brief(found)) == [("character", role, False), ("video", video, False)]
    by_type = {one["type"]: one["data"] for one in found}
    assert by_type["video"] == (await maya.http.get(f"/videos/{video}")).json()
    assert by_type["video"]["status"] == "completed"
    assert by_type["character"]["name"] == "Maya"
    assert await told(maya, since) == ([], (await told(maya, since))[1])
    await maya.http.delete(f"/videos/{video}")
    gone, _ = await told(maya, since)
    assert brief(gone) == [("video", video, True)]
    assert gone[0]["data"] is None


async def test_progress_is_no_change(join: Join, conn: asyncpg.Connection) -> None:
    """It is for the event stream; a log of it would drown the rest."""
    maya = await join()
    await asked(maya, "a park")
    since = await begin(maya)
    await conn.execute("update clip set progress = 40, stage = 'render', shot = 2, attempts = 1")
    assert (await told(maya, since))[0] == []


async def test_clips_of_friends_come_with_publication_and_go_with_it(join: Join, worker: Studio) -> None:
    maya, leo, fan, eve = await join(), await join(), await join(), await join()
    await befriend(maya, leo)
    await fan.http.put(f"/accounts/{maya.handle}/follow")
    everybody = [leo, fan, eve]
    since = {one.handle: await begin(one) for one in everybody}
    video = await made(worker, maya, "a park")
    for audience, seen_by in (
        ("only_me", set[str]()),
        ("friends", {leo.handle}),
        ("everyone", {leo.handle, fan.handle}),
    ):
        await maya.http.patch(f"/videos/{video}", json={"audience": audience})
        for one in everybody:
            found, since[one.handle] = await told(one, since[one.handle])
            assert brief(found) == ([("video", video, False)] if one.handle in seen_by else []), (audience, one.handle)
    await maya.http.patch(f"/videos/{video}", json={"audience": "only_me"})
    for one in (leo, fan):
        assert brief((await told(one, since[one.handle]))[0]) == [("video", video, True)]
    assert (await told(eve, since[eve.handle]))[0] == []


async def test_the_person_shown_learns_of_drafts_and_a_withdrawal_is_told_to_who_saw_it(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    role, handle = await a_role(conn, maya, audience="mutuals")
    receipt = await consented(conn, role)
    await befriend(maya, leo)
    hers, his = await begin(maya), await begin(leo)
    video = await made(worker, leo, f"{handle} in a park")
    found, hers = await told(maya, hers)
    assert ("video", video, False) in brief(found)
    assert "notice" in {one["type"] for one in found}
    fan = await join()
    await fan.http.put(f"/accounts/{leo.handle}/follow")
    assert (await leo.http.patch(f"/videos/{video}", json={"audience": "everyone"})).status_code == 200
    fans = await begin(fan)
    await maya.http.post(f"/consents/cons_{receipt.hex}/withdraw", json={"purposes": ["share"]})
    assert brief((await told(fan, fans))[0]) == [("video", video, True)]
    assert ("video", video, False) in brief((await told(leo, his))[0])


async def test_a_block_tells_to_drop_everything_held_of_each_other(join: Join) -> None:
    maya, leo = await join(), await join()
    await befriend(maya, leo)
    since = await begin(leo)
    (followed,) = (await leo.http.get("/notifications")).json()["data"]
    await maya.http.put(f"/accounts/{leo.handle}/block")
    assert brief((await told(leo, since))[0]) == [("notice", followed["id"], True), ("account", maya.id, True)]
    assert (await leo.http.get(f"/accounts/{maya.handle}")).status_code == 404


async def test_pages_lead_through_everything_in_order_and_a_repeated_page_is_the_same(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya = await join()
    since = await begin(maya)
    account = await conn.fetchval("select id from account")
    for number in range(7):
        await conn.execute("insert into notice (account, kind, about) values ($1, 'cast', $2)", account, {"n": number})
    found, _ = await told(maya, since, limit=2)
    assert [one["data"]["about"]["n"] for one in found] == list(range(7))
    again, _ = await told(maya, since, limit=3)
    assert again == found


async def test_a_transaction_that_ends_late_is_not_skipped(join: Join, pool: asyncpg.Pool) -> None:
    """It began first, and a later one has been read meanwhile."""
    maya = await join()
    since = await begin(maya)
    account = await pool.fetchval("select id from account")
    insert = "insert into notice (account, kind, about) values ($1, 'cast', $2)"
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(insert, account, {"n": "slow"})
        await pool.execute(insert, account, {"n": "quick"})
        early, since = await told(maya, since)
        await transaction.commit()
    late, _ = await told(maya, since)
    assert [one["data"]["about"]["n"] for one in early + late] == ["slow", "quick"]


@pytest.mark.parametrize("how", ["old", "another database", "a restored log"])
async def test_what_the_log_cannot_answer_begins_again(join: Join, conn: asyncpg.Connection, how: str) -> None:
    maya = await join()
    since = await begin(maya)
    tx, row, at = (int(one) for one in base64.urlsafe_b64decode(since + "==").decode().split("."))
    if how == "old":
        at = int(time.time() - changes.KEPT.total_seconds() - 1)
    if how == "another database":
        tx += 10**9
    if how == "a restored log":
        await conn.execute(
            "insert into change (tx, account, type, subject) select 1e12::bigint, id, 'notice', id from account"
        )
    cursor = base64.urlsafe_b64encode(f"{tx}.{row}.{at}".encode()).decode().rstrip("=")
    answer = await maya.http.get("/changes", params={"since": cursor})
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "sync_expired")
    await told(maya, await begin(maya))


@pytest.mark.parametrize("since", ["x", "", "AAAA", "MS4yLjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ", "LTEuMS4x", "²"])
async def test_a_cursor_of_ones_own_making_is_refused(join: Join, since: str) -> None:
    answer = await (await join()).http.get("/changes", params={"since": since})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_value")


async def test_the_log_is_trimmed(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await asked(maya, "a park")
    before = await conn.fetchval("select count(*) from change")
    await conn.execute("update change set at = now() - interval '32 days' where id = (select min(id) from change)")
    await changes.tidy(conn)
    assert await conn.fetchval("select count(*) from change") == before - 1
