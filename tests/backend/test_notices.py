"""Notices gather, are told once, and only to those who want them."""

from __future__ import annotations

import asyncio
from typing import Any, get_args
from uuid import UUID

import asyncpg
import pytest

from backend import ids, relay
from backend.push.message import WORDS, message_of
from social import blocks, devices, events, follows, notices, preferences
from social.errors import InvalidValue
from social.notices import Kind, Notice
from social.preferences import OPTIONAL, Preference
from tests.backend.cast import code
from tests.backend.conftest import Join
from tests.backend.test_talking import shown
from tests.backend.worker_side import Studio
from tests.factories import unique

VIDEO = "video_" + "1" * 32


async def people(conn: asyncpg.Connection, count: int) -> list[UUID]:
    return [
        await conn.fetchval(
            "insert into account (handle, display_name, birth_date, role) "
            "values ($1, 'Somebody', '1990-01-01', 'member') returning id",
            unique("someone"),
        )
        for _ in range(count)
    ]


async def like(conn: asyncpg.Connection, whom: UUID, by: UUID, subject: str = VIDEO, **about: Any) -> None:
    once = f"{subject} {by.hex}"
    await notices.tell(conn, whom, "liked", {"video": subject} | about, by=by, subject=subject, once=once)


async def had(conn: asyncpg.Connection, account: UUID) -> list[Notice]:
    return await notices.of(conn, account, after=None, limit=100)


async def heard(conn: asyncpg.Connection, account: UUID) -> list[dict[str, Any]]:
    return [one.about for one in await events.since(conn, account, 0)]


async def handle_of(conn: asyncpg.Connection, account: UUID) -> str:
    return str(await conn.fetchval("select handle::text from account where id = $1", account))


async def test_people_gather_in_one_unread_notice_until_it_is_read(conn: asyncpg.Connection) -> None:
    maya, leo, mia, zoe = await people(conn, 4)
    for one in (leo, mia):
        await like(conn, maya, one)
    await like(conn, maya, leo, "video_" + "2" * 32)
    second, first = await had(conn, maya)
    assert (first.people, first.about["by"]) == (2, await handle_of(conn, mia))
    assert [one.handle for one in first.actors] == [await handle_of(conn, one) for one in (mia, leo)]
    assert (second.people, await notices.unread(conn, maya)) == (1, 2)
    await notices.mark_read(conn, maya, [first.id])
    await like(conn, maya, zoe)
    third = (await had(conn, maya))[0]
    assert (third.people, third.about, third.read_at) == (1, {"video": VIDEO, "by": await handle_of(conn, zoe)}, None)
    told = await heard(conn, maya)
    assert [(one["id"], one["count"]) for one in told] == [
        (ids.public("ntc", first.id), 1),
        (ids.public("ntc", first.id), 2),
        (ids.public("ntc", second.id), 1),
        (ids.public("ntc", third.id), 1),
    ]
    assert told[1]["actors"][0] == {"handle": await handle_of(conn, mia), "display_name": "Somebody"}


async def test_what_was_left_unread_for_long_gathers_no_more(conn: asyncpg.Connection) -> None:
    maya, leo, mia = await people(conn, 3)
    await like(conn, maya, leo)
    await conn.execute("update notice set at = now() - interval '6 hours 1 second'")
    await like(conn, maya, mia)
    assert [one.people for one in await had(conn, maya)] == [1, 1]


async def test_an_event_is_told_once_however_often_and_by_however_many_it_is_tried(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        maya, leo = await people(conn, 2)

    async def tried() -> None:
        async with pool.acquire() as conn, conn.transaction():
            await like(conn, maya, leo)

    async with pool.acquire() as conn:
        broken = conn.transaction()
        await broken.start()
        await like(conn, maya, leo)
        await broken.rollback()  # a job that dies has told nothing, and is tried again
    await asyncio.gather(*(tried() for _ in range(6)))
    await tried()
    async with pool.acquire() as conn:
        assert len(await had(conn, maya)) == len(await heard(conn, maya)) == 1


async def test_many_at_once_are_one_notice_of_them_all(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        maya, *fans = await people(conn, 13)

    async def liked(by: UUID) -> None:
        async with pool.acquire() as conn, conn.transaction():
            await like(conn, maya, by)

    await asyncio.gather(*(liked(one) for one in fans))
    async with pool.acquire() as conn:
        (notice,) = await had(conn, maya)
        assert (notice.people, len(notice.actors)) == (12, 3)
        assert [one["count"] for one in await heard(conn, maya)] == [1, 2, 3, 4, 5, 10]


async def test_a_route_that_is_repeated_tells_once(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    video = await shown(worker, maya)
    path, sent = f"/videos/{video}/comments", {"text": "hello"}
    key = {"idempotency-key": "once"}
    both = await asyncio.gather(*(leo.http.post(path, json=sent, headers=key) for _ in range(2)))
    assert both[0].json() == both[1].json()
    assert await conn.fetchval("select count(*) from comment") == 1
    assert await conn.fetchval("select count(*) from notice") == 1
    for _ in range(2):
        await leo.http.put(f"/accounts/{maya.handle}/follow")
        await leo.http.delete(f"/accounts/{maya.handle}/follow")
    page = (await maya.http.get("/notifications")).json()
    assert [(one["kind"], one["about"]["by"], one["count"]) for one in page["data"]] == [
        ("followed", leo.handle, 1),
        ("commented", leo.handle, 1),
    ]
    assert page["unread"] == 2


async def test_nothing_is_told_of_oneself_of_the_muted_and_of_the_blocked(conn: asyncpg.Connection) -> None:
    maya, muted, blocked, blocking = await people(conn, 4)
    await conn.execute("insert into mute values ($1, $2)", maya, muted)
    await blocks.block(conn, maya, blocked)
    await blocks.block(conn, blocking, maya)
    for one in (maya, muted, blocked, blocking):
        await like(conn, maya, one)
    assert (await had(conn, maya), await heard(conn, maya)) == ([], [])
    await notices.tell(conn, maya, "cast", {"by": await handle_of(conn, muted)})
    assert [one.kind for one in await had(conn, maya)] == ["cast"]


async def test_a_block_takes_somebody_out_of_what_was_told(conn: asyncpg.Connection) -> None:
    maya, leo, mia = await people(conn, 3)
    await follows.follow(conn, leo, maya)
    for one in (mia, leo):
        await like(conn, maya, one)
    await notices.tell(conn, maya, "commented", {}, by=leo, subject=VIDEO, once="one")
    await notices.tell(conn, maya, "commented", {}, by=leo, subject=VIDEO, once="two")
    assert [(one.kind, one.people) for one in await had(conn, maya)] == [
        ("commented", 1),
        ("liked", 2),
        ("followed", 1),
    ]
    await blocks.block(conn, leo, maya)
    (left,) = await had(conn, maya)
    assert (left.kind, left.people, left.about["by"]) == ("liked", 1, await handle_of(conn, mia))
    assert [one.handle for one in left.actors] == [await handle_of(conn, mia)]
    await conn.execute("delete from account where id = $1", mia)
    assert await had(conn, maya) == []


async def test_what_is_not_wanted_is_not_kept_and_not_pushed(conn: asyncpg.Connection) -> None:
    maya, leo = await people(conn, 2)
    await devices.put(conn, maya, "phone", "ios", "ab" * 32, sandbox=False, details=True)
    await preferences.put(
        conn, maya, {"liked": Preference(in_app=False, push=False), "followed": Preference(push=False)}
    )
    await like(conn, maya, leo)
    await follows.follow(conn, leo, maya)
    await notices.tell(conn, maya, "mentioned", {}, by=leo)
    await relay.pass_on(conn)
    assert [one.kind for one in await had(conn, maya)] == ["mentioned", "followed"]
    (push,) = await conn.fetch("select message from push")
    assert push["message"]["body"] == f"@{await handle_of(conn, leo)} mentioned you."
    await preferences.put(conn, maya, {"liked": Preference()})
    await like(conn, maya, leo)
    assert (await had(conn, maya))[0].kind == "liked"
    assert (await preferences.of(conn, maya))["followed"] == Preference(in_app=True, push=False)


async def test_what_is_done_with_ones_face_cannot_be_unwanted(conn: asyncpg.Connection) -> None:
    (maya,) = await people(conn, 1)
    for kind in set(get_args(Kind)) - OPTIONAL:
        with pytest.raises(InvalidValue, match="in_app"):
            await preferences.put(conn, maya, {"liked": Preference(False, False), kind: Preference(False, False)})
    assert set(await preferences.of(conn, maya)) == set(get_args(Kind))
    assert (await preferences.of(conn, maya))["liked"] == Preference()


async def test_preferences_are_read_and_set_by_kind(join: Join) -> None:
    maya = await join()
    path = "/notifications/preferences"
    assert (await maya.http.get(path)).json()["kinds"]["liked"] == {"in_app": True, "push": True}
    changed = await maya.http.put(path, json={"kinds": {"liked": {"push": False}}})
    assert changed.json()["kinds"]["liked"] == {"in_app": True, "push": False}
    assert (await maya.http.get(path)).json() == changed.json()
    for sent, param in (
        ({"kinds": {"liked": {"in_app": False}}}, "kinds.liked.push"),
        ({"kinds": {"cast": {"in_app": False, "push": False}}}, "kinds.cast.in_app"),
        ({"kinds": {"gossip": {}}}, "kinds"),
        ({"kinds": {"liked": {"push": "no"}}}, "kinds[...].push"),
        ({"kinds": {"liked": {"mail": True}}}, "kinds[...]"),
    ):
        answer = await maya.http.put(path, json=sent)
        assert (code(answer), answer.json()["error"]["param"]) == ((400, "invalid_value"), param)


async def test_phones_are_told_of_everybody_in_one_message(conn: asyncpg.Connection) -> None:
    maya, leo, mia, zoe = await people(conn, 4)
    for one in (leo, mia, zoe):
        await like(conn, maya, one)
    alone, _, crowd = await events.since(conn, maya, 0)
    messages = [message_of(event, details=True) for event in (alone, crowd)]
    handles = [await handle_of(conn, one) for one in (leo, zoe)]
    assert [one.body for one in messages if one] == [
        f"@{handles[0]} liked your clip.",
        f"@{handles[1]} and 2 others liked your clip.",
    ]
    assert len({one.collapse for one in messages if one}) == 1
    quiet = message_of(crowd, details=False)
    assert quiet is not None
    assert quiet.body == WORDS["liked"][0]
