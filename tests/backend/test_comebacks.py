"""Banned people who come back are pointed out to moderators; nothing happens to anybody by a sign alone."""

from __future__ import annotations

from typing import Any

import asyncpg

from backend import ids, moderating
from social.moderation import comebacks
from tests.backend.cast import a_role
from tests.backend.conftest import Join, Person
from tests.backend.test_moderation import decided, waiting

PHONE = {"platform": "android", "token": "a-phone-of-somebody-0123456789"}


async def banned(join: Join, person: Person) -> None:
    """By a moderator's decision."""
    told = {"subject": {"type": "account", "id": person.id}, "reason": "hate"}
    answer = await (await join()).http.post("/reports", json=told)
    assert answer.status_code == 201, answer.text
    staff = await join("moderator")
    await decided(staff, (await waiting(staff))[0], decision="ban")


async def pointed_out(ada: Person, person: Person) -> list[str]:
    """What a moderator reads about them."""
    page = await ada.http.get(f"/moderation/subjects/account/{person.id}")
    return [] if page.status_code == 404 else [one["comment"] for one in page.json()["reports"]]


async def test_a_phone_of_a_banned_person_is_known(join: Join) -> None:
    maya, leo, mia, ada = await join(), await join(), await join(), await join("moderator")
    assert (await maya.http.put("/me/devices/phone", json=PHONE)).status_code == 200
    await banned(join, maya)
    for _ in range(2):
        assert (await leo.http.put("/me/devices/mine", json=PHONE)).status_code == 200
    assert (
        await mia.http.put("/me/devices/mine", json=PHONE | {"token": "another-phone-0123456789"})
    ).status_code == 200
    assert await pointed_out(ada, leo) == [f"uses a phone of @{maya.handle}, who is banned"]
    assert await pointed_out(ada, mia) == []
    assert (await leo.http.get("/me")).status_code == 200
    assert "banned" not in str((await leo.http.get("/notifications")).json())


async def test_a_ban_that_was_taken_back_points_at_nobody(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, ada = await join(), await join(), await join("moderator")
    await maya.http.put("/me/devices/phone", json=PHONE)
    await banned(join, maya)
    key = ids.parse("acct", maya.id)
    assert key is not None
    async with conn.transaction():
        await moderating.restore_account(conn, key)
    await leo.http.put("/me/devices/mine", json=PHONE)
    assert await pointed_out(ada, leo) == []


async def test_whoever_comes_by_a_banned_persons_line_is_looked_at(join: Join) -> None:
    maya, ada = await join(), await join("moderator")
    code = (await maya.http.get("/invites")).json()["data"][0]["code"]
    between = await newcomer(join, code)
    theirs = (await between.http.get("/invites")).json()["data"][0]["code"]
    await banned(join, maya)
    last = await newcomer(join, theirs)
    assert await pointed_out(ada, between) == []
    [said] = await pointed_out(ada, last)
    assert said.startswith(f"was invited by @{maya.handle}")


async def newcomer(join: Join, code: str) -> Person:
    nobody = await join(None)
    form: dict[str, Any] = {
        "handle": f"new{code.lower()}",
        "display_name": "New",
        "password": "correct horse battery staple",
        "birth_date": "1990-05-17",
        "invite_code": code,
    }
    answer = await nobody.http.post("/accounts", json=form)
    assert answer.status_code == 201, answer.text
    nobody.http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    return Person(form["handle"], nobody.http, answer.json()["account"]["id"])


async def test_a_face_of_a_banned_person_is_a_sign(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, ada = await join(), await join(), await join("moderator")
    role, _ = await a_role(conn, maya)
    face, key = ids.parse("char", role), ids.parse("acct", leo.id)
    assert face is not None
    assert key is not None
    assert await comebacks.by_face(conn, key, face) == []
    await banned(join, maya)
    async with conn.transaction():
        await moderating.look_at(conn, key, await comebacks.by_face(conn, key, face))
    assert await pointed_out(ada, leo) == [f"sent a face like the one that @{maya.handle}, who is banned, has stored"]
