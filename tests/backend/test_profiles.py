"""What an account shows of itself: words, links, its grid, its characters; and what only it sees."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx

from tests.backend.cast import a_role, befriend, code, made
from tests.backend.conftest import Join, Person
from tests.backend.test_sharing_clips import publish
from tests.backend.worker_side import Studio, key_of

NOWHERE = "video_" + "0" * 32
BAD_LINKS = (
    "javascript:alert(1)",
    "http://maya.example/",
    "https://maya@maya.example/",
    "https://maya.example:8443/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://maya.example/ onclick=x",
    'https://maya.example/"><script>',
    "https://mäya.example/",
    "https://[::1]/",
    "https://" + "a" * 200 + ".example",
    "",
)


async def videos_of(viewer: Person, owner: Person, **query: Any) -> list[str]:
    """Walks all pages."""
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await viewer.http.get(f"/accounts/{owner.handle}/videos", params=query | after)).json()
        found += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            return found
        after = {"after": page["last_id"]}


async def test_a_bio_and_links_are_shown_and_may_be_changed_alone(join: Join) -> None:
    maya, leo = await join(), await join()
    said = {"bio": "bread,\nmostly", "links": ["https://maya.example/bread?x=1", "https://b.example"], "avatar": None}
    answer = await maya.http.patch("/me", json={"bio": said["bio"], "links": said["links"]})
    assert answer.json()["profile"] == said
    assert (await maya.http.patch("/me", json={"bio": "  "})).json()["profile"] == said | {"bio": ""}
    seen = (await leo.http.get(f"/accounts/{maya.handle}")).json()
    assert seen["profile"] == said | {"bio": ""}
    assert (await leo.http.get("/me")).json()["profile"] == {"bio": "", "links": [], "avatar": None}


async def test_a_bad_bio_or_link_changes_nothing(join: Join) -> None:
    maya = await join()
    answers: list[httpx.Response] = [
        await maya.http.patch("/me", json={"display_name": "Changed", "links": [one]}) for one in BAD_LINKS
    ]
    answers.append(await maya.http.patch("/me", json={"links": [f"https://{n}.example" for n in "abcd"]}))
    answers.append(await maya.http.patch("/me", json={"links": ["https://a.example", "https://a.example"]}))
    assert code(await maya.http.patch("/me", json={"links": "https://a.example"})) == (400, "bad_request")
    assert code(await maya.http.patch("/me", json={"bio": 7})) == (400, "bad_request")
    answers += [
        await maya.http.patch("/me", json={"display_name": "Changed", "bio": one})
        for one in ("x" * 301, "right\u202eleft", "zero\u200bwidth", "a\0b")
    ]
    assert [code(one) for one in answers] == [(400, "invalid_value")] * len(answers)
    me = (await maya.http.get("/me")).json()
    assert (me["display_name"], me["profile"]) == ("Somebody", {"bio": "", "links": [], "avatar": None})


async def test_a_grid_shows_what_may_be_seen_pins_first_and_neither_repeats_nor_skips(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    await befriend(maya, leo)
    clips = [await made(worker, maya, "a park") for _ in range(3)]
    await conn.execute(
        "insert into clip (account, status, progress, stage, prompt, model, size, seconds, seed, audience, media, "
        "published_at, debit) select account, status, progress, stage, prompt, model, size, seconds, seed, 'everyone', "
        "media, now() - n * interval '1 hour', debit from clip, generate_series(1, 4) n where id = $1",
        key_of(clips[0]),
    )
    await publish(maya, clips[0])
    await publish(maya, clips[1], "friends")
    older = await videos_of(mia, maya)
    assert older[0] == clips[0]
    assert len(older) == 5
    assert clips[1] not in older
    assert await videos_of(leo, maya) == [clips[1], *older]
    assert clips[2] not in await videos_of(maya, maya)
    answer = await maya.http.put("/me/pins", json={"videos": [older[3], clips[1], older[4]]})
    assert answer.status_code == 200, answer.text
    for limit in (1, 2, 3, 100):
        assert await videos_of(mia, maya, limit=limit) == [older[3], older[4], *older[:3]]
        assert await videos_of(leo, maya, limit=limit) == [older[3], clips[1], older[4], *older[:3]]
    page = (await leo.http.get(f"/accounts/{maya.handle}/videos", params={"limit": 2})).json()
    assert [one["pinned"] for one in page["data"]] == [True, True]
    assert page["data"][1]["media"]["blurhash"] == "LEHV6nWB2yk8"
    assert page["data"][1]["credits_line"] == f"by @{maya.handle}"
    await publish(maya, clips[2])
    rest = await leo.http.get(f"/accounts/{maya.handle}/videos", params={"after": older[4]})
    assert [one["id"] for one in rest.json()["data"]] == [clips[2], *older[:3]]
    await conn.execute("insert into block (blocker, blocked) select $1, $2", *[await _id(conn, p) for p in (mia, maya)])
    assert await videos_of(mia, maya) == []
    assert code(await maya.http.get(f"/accounts/{mia.handle}/videos")) == (404, "account_unknown")


async def _id(conn: asyncpg.Connection, person: Person) -> Any:
    return await conn.fetchval("select id from account where handle = $1", person.handle)


async def test_only_published_clips_of_ones_own_are_pinned_and_three_at_most(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    mine, draft = await made(worker, maya, "a park"), await made(worker, maya, "a lake")
    await publish(maya, mine)
    assert (await maya.http.put("/me/pins", json={"videos": [mine]})).status_code == 200
    for wrong, expected in (
        ([draft], (404, "clip_unknown")),
        ([NOWHERE], (404, "clip_unknown")),
        (["mine"], (404, "clip_unknown")),
        ([mine, mine], (400, "invalid_value")),
        ([mine, draft, NOWHERE, "video_" + "1" * 32], (400, "invalid_value")),
    ):
        assert code(await maya.http.put("/me/pins", json={"videos": wrong})) == expected
    assert code(await leo.http.put("/me/pins", json={"videos": [mine]})) == (404, "clip_unknown")
    assert await videos_of(leo, maya) == [mine]
    await publish(maya, mine, "only_me")
    assert await videos_of(maya, maya) == []
    assert (await maya.http.put("/me/pins", json={"videos": []})).json()["videos"] == []


async def test_a_page_that_begins_after_what_is_not_there_is_refused(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    video = await made(worker, maya, "a park")
    await publish(maya, video)
    where = f"/accounts/{leo.handle}/videos"
    for after in (video, NOWHERE, "video_x", "char_" + "0" * 32):
        assert code(await maya.http.get(where, params={"after": after})) == (400, "invalid_value")
    assert code(await maya.http.get(where, params={"limit": 101})) == (400, "invalid_value")
    assert code(await maya.http.get("/accounts/nobody.here/videos")) == (404, "account_unknown")


async def test_characters_are_shown_to_whoever_may_cast_them(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await join(), await join(), await join()
    await befriend(maya, leo)
    everyone, _ = await a_role(conn, maya, audience="everyone")
    friends, _ = await a_role(conn, maya, audience="mutuals")
    own, _ = await a_role(conn, maya, audience="only_me")

    async def shown(viewer: Person, **query: Any) -> list[str]:
        page = (await viewer.http.get(f"/accounts/{maya.handle}/characters", params=query)).json()
        return [one["id"] for one in page["data"]]

    assert await shown(mia) == [everyone]
    assert await shown(leo) == [friends, everyone]
    assert await shown(leo, limit=1) == [friends]
    assert await shown(leo, after=friends) == [everyone]
    assert await shown(maya) == [own, friends, everyone]
    await conn.execute("update character set left_at = now(), left_because = 'deleted', state = 'revoked'")
    assert await shown(maya) == []


async def test_likes_are_shown_to_whoever_gave_them(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    clips = [await made(worker, maya, "a park") for _ in range(2)]
    for number, video in enumerate(clips):
        await publish(maya, video)
        await conn.execute(
            "insert into clip_like (account, clip, at) values ($1, $2, now() - $3 * interval '1 minute')",
            await _id(conn, leo),
            key_of(video),
            number,
        )
    where = f"/accounts/{leo.handle}/likes"
    page = (await leo.http.get(where, params={"limit": 1})).json()
    assert ([one["id"] for one in page["data"]], page["has_more"], page["data"][0]["likes"]) == ([clips[0]], True, 1)
    rest = (await leo.http.get(where, params={"after": page["last_id"]})).json()
    assert [one["id"] for one in rest["data"]] == [clips[1]]
    await publish(maya, clips[0], "only_me")
    assert [one["id"] for one in (await leo.http.get(where)).json()["data"]] == [clips[1]]
    assert code(await leo.http.get(where, params={"after": NOWHERE})) == (400, "invalid_value")
    assert code(await maya.http.get(where)) == (403, "forbidden")
