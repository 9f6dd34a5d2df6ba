"""Curators' lists: who sees one, what of it, and what is left of a clip that is gone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg

from tests.backend.cast import befriend, code, made
from tests.backend.conftest import Join, Person
from tests.backend.test_guardians import linked
from tests.backend.test_sharing_clips import publish
from tests.backend.worker_side import Studio, key_of

ROOT = "http://test"
NOWHERE = "coll_" + "0" * 32


async def begun(curator: Person, **more: Any) -> dict[str, Any]:
    answer = await curator.http.post("/collections", json={"title": "Bread"} | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def put_in(curator: Person, collection: str, *videos: str) -> None:
    for video in videos:
        answer = await curator.http.post(f"/collections/{collection}/items", json={"video": video})
        assert answer.status_code == 200, answer.text


async def items(viewer: Person, collection: str, **query: Any) -> list[str]:
    page = (await viewer.http.get(f"/collections/{collection}/items", params=query)).json()
    return [one["id"] for one in page["data"]]


async def three(maker: Person, worker: Studio) -> list[str]:
    found = [await made(worker, maker, f"a park {number}") for number in range(3)]
    for video in found:
        await publish(maker, video)
    return found


async def test_a_list_shows_each_viewer_what_they_may_see_and_counts_the_rest(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    await befriend(maya, leo)
    first, second, third = await three(maya, worker)
    made_one = await begun(leo, audience="everyone", about="the best")
    collection = made_one["id"]
    await put_in(leo, collection, first, second, third)
    await publish(maya, second, "friends")
    assert await items(leo, collection) == [first, second, third]
    assert await items(mia, collection) == [first, third]
    seen = (await mia.http.get(f"/collections/{collection}")).json()
    assert (seen["items"], seen["visible"], seen["gone"], seen["curator"]) == (3, 2, 1, leo.handle)
    assert await items(mia, collection, limit=1) == [first]
    assert await items(mia, collection, after=first) == [third]
    assert code(await mia.http.get(f"/collections/{collection}/items", params={"after": second})) == (
        400,
        "invalid_value",
    )
    assert (await maya.http.delete(f"/videos/{first}")).status_code == 200
    assert await items(mia, collection) == [third]
    assert (await mia.http.get(f"/collections/{collection}")).json()["gone"] == 2
    await conn.execute(
        "insert into block (blocker, blocked) select a.id, b.id from account a, account b "
        "where a.handle = $1 and b.handle = $2",
        mia.handle,
        leo.handle,
    )
    assert code(await mia.http.get(f"/collections/{collection}")) == (404, "collection_unknown")


async def test_audiences_of_lists_are_kept(join: Join) -> None:
    maya, leo, mia = await join(), await join(), await join()
    await befriend(maya, leo)
    kept = {name: (await begun(maya, audience=name))["id"] for name in ("only_me", "friends", "everyone")}

    async def seen(viewer: Person) -> list[str]:
        page = (await viewer.http.get(f"/accounts/{maya.handle}/collections")).json()["data"]
        alone = [one for one in kept.values() if (await viewer.http.get(f"/collections/{one}")).status_code == 200]
        assert [one["id"] for one in page] == alone[::-1]
        return [one["audience"] for one in page]

    assert await seen(mia) == ["everyone"]
    assert await seen(leo) == ["everyone", "friends"]
    assert await seen(maya) == ["everyone", "friends", "only_me"]


async def test_a_list_is_followed_and_lost_from_sight_with_its_audience(join: Join) -> None:
    maya, leo = await join(), await join()
    collection = (await begun(maya, audience="everyone"))["id"]
    for _ in range(2):
        followed = (await leo.http.put(f"/collections/{collection}/follow")).json()
        assert (followed["followers"], followed["followed"]) == (1, True)
    assert [one["id"] for one in (await leo.http.get("/collections?followed=true")).json()["data"]] == [collection]
    assert (await leo.http.get("/collections")).json()["data"] == []
    await maya.http.patch(f"/collections/{collection}", json={"audience": "only_me"})
    assert (await leo.http.get("/collections?followed=true")).json()["data"] == []
    assert code(await leo.http.put(f"/collections/{collection}/follow")) == (404, "collection_unknown")
    for _ in range(2):
        assert (await leo.http.delete(f"/collections/{collection}/follow")).status_code == 200
    assert (await maya.http.get(f"/collections/{collection}")).json()["followers"] == 0


async def test_the_order_is_the_curators_and_what_is_gone_stays_behind(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    first, second, third = await three(maya, worker)
    collection = (await begun(leo))["id"]
    await put_in(leo, collection, first, second, third)
    await publish(maya, first, "only_me")
    where = f"/collections/{collection}/order"
    none: list[str] = []
    for wrong in ([third], [third, third], [third, second, first], [third, second, second], none):
        assert code(await leo.http.put(where, json={"videos": wrong})) == (400, "invalid_value")
    assert code(await leo.http.put(where, json={"videos": ["video_x"]})) == (404, "clip_unknown")
    assert code(await maya.http.put(where, json={"videos": []})) == (404, "collection_unknown")
    assert await items(leo, collection) == [second, third]
    assert (await leo.http.put(where, json={"videos": [third, second]})).json()["gone"] == 1
    await publish(maya, first)
    assert await items(leo, collection) == [third, second, first]
    gone = await leo.http.delete(f"/collections/{collection}/items/{second}")
    assert gone.json()["items"] == 2
    assert code(await leo.http.delete(f"/collections/{collection}/items/{second}")) == (404, "collection_lacks")
    assert code(await leo.http.delete(f"/collections/{collection}/items/x")) == (404, "collection_lacks")


async def test_what_does_not_belong_into_a_list_is_refused(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    first, second, _ = await three(maya, worker)
    await publish(maya, second, "only_me")
    collection = (await begun(maya))["id"]
    where = f"/collections/{collection}/items"
    await put_in(maya, collection, first)
    assert code(await maya.http.post(where, json={"video": first})) == (409, "collection_has")
    assert code(await maya.http.post(where, json={"video": second})) == (409, "clip_unpublished")
    assert code(await maya.http.post(where, json={"video": "video_" + "0" * 32})) == (404, "clip_unknown")
    assert code(await maya.http.post(where, json={})) == (400, "bad_request")
    assert code(await leo.http.post(where, json={"video": first})) == (404, "collection_unknown")
    assert code(await leo.http.post(f"/collections/{NOWHERE}/items", json={"video": first})) == (
        404,
        "collection_unknown",
    )
    await conn.executemany(
        "insert into collection_item (collection, clip, place) values ($1, $2, $3)",
        [(await conn.fetchval("select id from collection"), uuid4(), place) for place in range(2, 501)],
    )
    await publish(maya, second)
    assert code(await maya.http.post(where, json={"video": second})) == (409, "collection_full")
    assert (await maya.http.get(f"/collections/{collection}")).json()["items"] == 500


async def test_bad_words_for_a_list_are_refused_and_somebody_elses_stays(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    collection = (await begun(maya, audience="everyone"))["id"]
    bad: tuple[dict[str, Any], ...] = (
        {"title": ""},
        {"title": " \u200b "},
        {"title": "x" * 81},
        {"title": "a\u202eb"},
        {"about": "x" * 501},
        {"about": "a\0b"},
        {"audience": "mutuals"},
        {"items": []},
    )
    for wrong in bad:
        asked = "bad_request" if wrong.keys() & {"audience", "items"} else "invalid_value"
        assert code(await maya.http.patch(f"/collections/{collection}", json=wrong)) == (400, asked)
        assert code(await maya.http.post("/collections", json={"title": "ok"} | wrong)) == (400, asked)
    for method in ("PATCH", "DELETE"):
        answer = await leo.http.request(method, f"/collections/{collection}", json={"title": "mine"})
        assert code(answer) == (404, "collection_unknown")
    assert (await leo.http.get(f"/collections/{collection}")).json()["title"] == "Bread"
    await conn.execute(
        "insert into collection (account, short, title) select account, 'aaaaaaa' || lpad(n::text, 3, '0'), 'x' "
        "from collection, generate_series(1, 199) n"
    )
    assert code(await maya.http.post("/collections", json={"title": "one more"})) == (409, "collections_full")
    assert (await maya.http.delete(f"/collections/{collection}")).json()["deleted"] is True
    assert code(await maya.http.get(f"/collections/{collection}")) == (404, "collection_unknown")


async def test_a_guardians_limit_holds_for_lists_too(join: Join) -> None:
    kim, mother = await join(birth_date="2012-03-04"), await join()
    await linked(kim, mother)
    await mother.http.patch(f"/me/wards/{kim.handle}", json={"clip_audience": "friends"})
    assert code(await kim.http.post("/collections", json={"title": "x", "audience": "everyone"})) == (
        403,
        "guardian_limit",
    )
    collection = (await begun(kim, audience="friends"))["id"]
    answer = await kim.http.patch(f"/collections/{collection}", json={"audience": "everyone", "title": "y"})
    assert code(answer) == (403, "guardian_limit")
    assert (await kim.http.get(f"/collections/{collection}")).json()["title"] == "Bread"


async def test_a_page_shows_a_list_for_everyone_and_nothing_of_others(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    first, second, third = await three(maya, worker)
    await conn.execute("update clip set caption = 'caption ' || prompt")
    await publish(maya, second, "friends")
    listed = await begun(leo, audience="everyone", title="Bread & <b>butter</b>")
    await befriend(maya, leo)
    await put_in(leo, listed["id"], first, second, third)
    path = listed["url"].removeprefix(ROOT)
    page = await nobody.http.get(ROOT + path)
    assert page.status_code == 200
    assert "Bread &amp; &lt;b&gt;butter&lt;/b&gt;" in page.text
    assert "caption a park 0" in page.text
    assert "caption a park 1" not in page.text
    assert "2 clips" in page.text
    assert "script" not in page.headers["content-security-policy"]
    shorts = [row["short"] for row in await conn.fetch("select short from share_link where clip = $1", key_of(first))]
    assert [f'href="/v/{short}"' in page.text for short in shorts] == [True]
    poster = await nobody.http.get(f"{ROOT}{path}/poster.webp")
    assert poster.content == f"{first}poster.webp".encode()
    for audience in ("friends", "only_me"):
        await leo.http.patch(f"/collections/{listed['id']}", json={"audience": audience})
        hidden = await nobody.http.get(ROOT + path)
        assert (hidden.status_code, leo.handle in hidden.text) == (404, False)
        assert code(await nobody.http.get(f"{ROOT}{path}/poster.webp")) == (404, "collection_unknown")
    assert (await nobody.http.get(f"{ROOT}/c/unknown")).status_code == 404
