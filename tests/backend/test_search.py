"""Search from outside: who and what is found, by whom, and how it goes on."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

import asyncpg

from tests.backend.cast import a_role, befriend, code
from tests.backend.conftest import Join, Person
from tests.social.published import a_clip, an_account, follows


def account(person: Person) -> UUID:
    return UUID(person.id.removeprefix("acct_"))


async def search(person: Person, q: str, kind: str | None = None, **more: Any) -> dict[str, Any]:
    answer = await person.http.get("/search", params={"q": q} | ({"type": kind} if kind else {}) | more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body if kind is None else body[kind]


async def handles(person: Person, q: str) -> list[str]:
    return [one["handle"] for one in (await search(person, q, "accounts"))["data"]]


async def captions(person: Person, q: str) -> list[str]:
    return [one["caption"] for one in (await search(person, q, "videos"))["data"]]


async def test_the_handle_itself_comes_first_then_beginnings_then_friends_then_the_like(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya = await join()
    grace = await an_account(conn, "grace")
    names = {name: await an_account(conn, name) for name in ("grace.hopper", "graced", "gracie", "gracex.zz", "otto")}
    for followed in (names["gracie"], names["graced"]):
        await follows(conn, account(maya), followed)
    await follows(conn, names["gracie"], account(maya))
    found = await handles(maya, "@Grace")
    assert found[:2] == ["grace", "graced"]
    assert set(found[2:4]) == {"grace.hopper", "gracex.zz"}
    assert found[4:] == ["gracie"]
    await conn.execute("update account set suspended_at = now(), suspended_because = 'staff' where id = $1", grace)
    assert (await handles(maya, "grace"))[0] == "graced"


async def test_names_are_found_with_slips_and_without_accents(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await an_account(conn, "jm.films", display_name="Jürgen Müller")
    await an_account(conn, "someone.else", display_name="Anna Schmidt")
    for q in ("Jürgen Müller", "jurgen muller", "jurgn", "ujrgen", "JURGENN", "müler"):
        assert await handles(maya, q) == ["jm.films"], q


async def test_a_block_hides_both_from_each_other(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    await a_clip(conn, account(leo), "whale song")
    _, role = await a_role(conn, leo, audience="everyone")
    assert leo.handle in await handles(maya, leo.handle)
    assert [one["handle"] for one in (await search(maya, role, "characters"))["data"]][:1] == [role[1:]]
    assert (await leo.http.put(f"/accounts/{maya.handle}/block")).status_code == 200
    for q in (leo.handle, role, "whale"):
        found = await search(maya, q)
        assert leo.handle not in [one["handle"] for one in found["accounts"]["data"]]
        assert role[1:] not in [one["handle"] for one in found["characters"]["data"]]
        assert found["videos"]["data"] == []
    assert maya.handle not in await handles(leo, maya.handle)


async def test_characters_are_found_by_whom_they_let_cast_them(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, zoe = await join(), await join(), await join()
    await befriend(maya, leo)
    for audience in ("only_me", "approved", "mutuals", "everyone"):
        await a_role(conn, maya, handle=f"walrus.{audience.replace('_', '')}", audience=audience)
    await a_role(conn, maya, handle="walrus.unready", audience="everyone", state="processing")

    async def seen(person: Person) -> set[str]:
        found = (await search(person, "walrsu", "characters"))["data"]
        return {one["handle"].removeprefix("walrus.") for one in found}

    assert await seen(maya) == {"onlyme", "approved", "mutuals", "everyone"}
    assert await seen(leo) == {"mutuals", "everyone"}
    assert await seen(zoe) == {"everyone"}
    report = {"subject": {"type": "account", "id": maya.id}, "reason": "harassment", "comment": ""}
    assert code(await zoe.http.post("/reports", json=report)) == (201, None)
    assert await seen(zoe) == set()


async def test_clips_are_found_by_whoever_may_see_them(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, zoe = await join(), await join(), await join()
    await befriend(maya, leo)
    await zoe.http.put(f"/accounts/{maya.handle}/follow")
    await a_clip(conn, account(maya), "walrus for all")
    await a_clip(conn, account(maya), "walrus for friends", audience="friends")
    await a_clip(conn, account(maya), "walrus for nobody", audience="only_me")
    await a_clip(conn, account(maya), "walrus of limited reach", limited=True)
    everything = {"walrus for all", "walrus for friends", "walrus of limited reach"}
    assert set(await captions(maya, "walruses")) == everything
    assert set(await captions(leo, "walrus")) == everything
    assert set(await captions(zoe, "walrus")) == {"walrus for all", "walrus of limited reach"}
    stranger = await join()
    assert await captions(stranger, "walrus") == ["walrus for all"]
    await conn.execute("insert into mute (muter, muted) values ($1, $2)", account(zoe), account(maya))
    assert await captions(zoe, "walrus") == []


async def test_captions_and_prompts_are_searched_by_words(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    for caption, prompt in (
        ("The lighthouse at dawn", ""),
        ("犬が走る", ""),
        ("At the cafe", ""),
        ("A story", "a submarine dives"),
    ):
        await a_clip(conn, account(maya), caption, prompt=prompt)
    for q, found in {
        "lighthouses": ["The lighthouse at dawn"],
        "lighthuose": ["The lighthouse at dawn"],
        "lighthose": ["The lighthouse at dawn"],
        "dawn lighthouse": ["The lighthouse at dawn"],
        "lighthouse & !dawn": ["The lighthouse at dawn"],
        "犬が": ["犬が走る"],
        "Café": ["At the cafe"],
        "submarine": ["A story"],
        "'; drop table clip; --": [],
    }.items():
        assert await captions(maya, q) == found, q


async def test_pages_neither_repeat_nor_skip_while_more_is_published(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()

    async def more(number: int) -> None:
        await an_account(conn, f"penguin{number}")
        await a_role(conn, leo, handle=f"penguin.{number}", audience="everyone")
        await a_clip(conn, account(leo), f"penguin {number}", at=number)

    numbers = itertools.count()
    for number in itertools.islice(numbers, 7):
        await more(number)
    for kind in ("accounts", "characters", "videos"):
        wanted = {one["id"] for one in (await search(maya, "penguin", kind))["data"]}
        seen: list[str] = []
        last, has_more = None, True
        while has_more:
            page = await search(maya, "penguin", kind, limit=3, **({"after": last} if last else {}))
            seen += [one["id"] for one in page["data"]]
            last, has_more = page["last_id"], page["has_more"]
            await more(next(numbers))
        assert len(seen) == len(set(seen))
        assert wanted <= set(seen)


async def test_a_bad_query_is_refused(join: Join) -> None:
    maya = await join()
    bad: list[dict[str, Any]] = [
        *({"q": q} for q in ("x", "  @x ", "x" * 5000, "", "!?", "%%__", "wh\0ale")),
        *({"q": "whale"} | more for more in ({"type": "sounds"}, {"limit": 101}, {"limit": -1}, {"after": "abc"})),
        {"q": "whale", "type": "videos", "after": "abc"},
        {},
    ]
    for params in bad:
        assert (await maya.http.get("/search", params=params)).status_code == 400, params


async def test_a_place_in_another_search_is_refused(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    for number in range(3):
        await an_account(conn, f"penguin{number}")
    place = (await search(maya, "penguin", "accounts", limit=1))["last_id"]
    for other in ({"q": "penguins", "type": "accounts"}, {"q": "penguin", "type": "videos"}):
        assert code(await maya.http.get("/search", params=other | {"after": place})) == (400, "invalid_value")
    for broken in (place[:-1], place + "0", place.replace(".", ".-", 1), place.rpartition(".")[0] + ".x"):
        answer = await maya.http.get("/search", params={"q": "penguin", "type": "accounts", "after": broken})
        assert code(answer) == (400, "invalid_value")
