"""The feed over HTTP: what a page holds, what is told of views, and what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend import ids
from social import calm
from tests.backend.cast import befriend, code
from tests.backend.conftest import Join, Person
from tests.social.population import a_clip

Seen = Callable[[str], Awaitable[Any]]


def key(person: Person) -> UUID:
    found = ids.parse("acct", person.id)
    assert found is not None
    return found


async def test_a_page_holds_what_an_app_needs_and_goes_on_at_its_cursor(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, fan = await join(), await join(), await join()
    await befriend(maya, leo)
    await fan.http.put(f"/accounts/{leo.handle}/follow")
    clips = [await a_clip(conn, key(leo), hours, caption=f"number {hours}") for hours in range(3)]
    for mode in ("for_you", "following", "friends"):
        first = (await maya.http.get("/feed", params={"mode": mode, "limit": 2})).json()
        rest = (await maya.http.get("/feed", params={"mode": mode, "limit": 2, "after": first["last_id"]})).json()
        assert (first["mode"], first["has_more"], rest["has_more"], rest["last_id"]) == (mode, True, False, None)
        found = first["data"] + rest["data"]
        assert [one["video"]["id"] for one in found] == [ids.public("video", clip) for clip in clips]
        item = found[1]
        assert item["author"] == {"handle": leo.handle, "display_name": "Somebody"}
        assert (item["caption"], item["reason"], item["liked"], item["likes"]) == ("number 1", "friend", False, 0)
        assert {"video", "thumbnail", "captions", "blurhash", "width", "height", "duration_s"} <= set(item["media"])
        assert "sig=" in item["media"]["video"]
    assert (await fan.http.get("/feed?mode=friends")).json()["data"] == []
    assert [one["reason"] for one in (await fan.http.get("/feed")).json()["data"]] == ["following"] * 3


async def test_each_term_of_a_score_is_shown_to_who_asks(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    await a_clip(conn, key(leo))
    plain = (await maya.http.get("/feed")).json()["data"]
    [told] = (await maya.http.get("/feed?explain=true")).json()["data"]
    assert [one["explain"] for one in plain] == [None]
    why = told["explain"]
    product = 1.0
    for term in ("affinity", "freshness", "remix", "quality", "taste", "variety"):
        product *= why[term]
    assert why["score"] == pytest.approx(product)
    assert why["source"] == "fresh"


async def test_what_was_watched_is_kept_once_and_does_not_come_back(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    clip = await a_clip(conn, key(leo))
    video, at = ids.public("video", clip), datetime.now(UTC)
    view = {"video_id": video, "watched_s": 4.2, "at": at.isoformat()}
    for _ in range(3):
        answer = await maya.http.post("/feed/views", json=view)
        assert answer.json() == {"object": "feed.views", "recorded": 1, "unknown": []}

    async def kept() -> tuple[Any, ...]:
        return tuple(await conn.fetchrow("select times, watched_s, completed from clip_view"))

    assert await kept() == (1, pytest.approx(4.2), False)
    again = [
        view,
        view | {"at": (at + timedelta(seconds=30)).isoformat(), "watched_s": 10.3},
        view | {"at": (at + timedelta(seconds=60)).isoformat(), "watched_s": 1},
    ]
    for _ in range(2):
        assert (await maya.http.post("/feed/views", json={"views": again})).json()["recorded"] == 3
        assert await kept() == (3, 10.0, True)
    assert (await conn.fetchrow("select views, completions from clip_tally where clip = $1", clip)) == (1, 1)
    assert (await maya.http.get("/feed")).json()["data"] == []
    await befriend(maya, leo)
    [item] = (await maya.http.get("/feed?mode=friends")).json()["data"]
    assert item["watched"]


async def test_ones_own_views_count_nothing_and_a_batch_tells_what_is_not_there(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    mine, public, draft = [
        await a_clip(conn, key(who), audience=audience)
        for who, audience in ((maya, "everyone"), (leo, "everyone"), (leo, "only_me"))
    ]
    sent = [{"video_id": ids.public("video", clip), "watched_s": 10} for clip in (mine, public, draft, uuid4())]
    answer = (await maya.http.post("/feed/views", json={"views": sent})).json()
    assert (answer["recorded"], answer["unknown"]) == (2, [one["video_id"] for one in sent[2:]])
    assert [row["clip"] for row in await conn.fetch("select clip from clip_view")] == [public]
    for one in sent[2:]:
        assert code(await maya.http.post("/feed/views", json=one)) == (404, "clip_unknown")


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"watched_s": 10.6}, (400, "invalid_value")),
        ({"watched_s": -1}, (400, "invalid_value")),
        ({"watched_s": "all"}, (400, "invalid_value")),
        ({"watched_s": 2, "completed": True}, (400, "invalid_value")),
        ({"at": "2126-01-01T00:00:00Z"}, (400, "invalid_value")),
        ({"at": "2026-01-01T00:00:00"}, (400, "invalid_value")),
        ({"at": "yesterday"}, (400, "invalid_value")),
        ({"video_id": "' or 1=1"}, (404, "clip_unknown")),
        ({"views": []}, (400, "invalid_value")),
    ],
)
async def test_a_view_that_cannot_be_is_refused_and_nothing_is_kept(
    join: Join, conn: asyncpg.Connection, changed: dict[str, Any], wanted: tuple[int, str]
) -> None:
    maya, leo = await join(), await join()
    good = {"video_id": ids.public("video", await a_clip(conn, key(leo))), "watched_s": 3}
    assert code(await maya.http.post("/feed/views", json=good | changed)) == wanted
    if "views" not in changed:
        assert code(await maya.http.post("/feed/views", json={"views": [good, good | changed]})) == wanted
    assert await conn.fetchval("select count(*) from clip_view") == 0


async def test_more_than_a_hundred_views_at_once_are_refused(join: Join) -> None:
    view = {"video_id": ids.public("video", uuid4()), "watched_s": 3}
    answer = await (await join()).http.post("/feed/views", json={"views": [view] * 101})
    assert code(answer) == (400, "invalid_value")
    assert "101 views" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("mode=loudest", (400, "invalid_value")),
        ("limit=0", (400, "invalid_value")),
        ("limit=51", (400, "invalid_value")),
        ("after=x", (400, "cursor_refused")),
        ("mode=friends&after=' or 1=1", (400, "cursor_refused")),
    ],
)
async def test_what_there_is_no_page_for_is_refused(join: Join, query: str, wanted: tuple[int, str]) -> None:
    assert code(await (await join()).http.get(f"/feed?{query}")) == wanted


async def test_a_cursor_of_somebody_else_or_of_another_mode_is_refused_and_an_old_one_gone(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo, maker = await join(), await join(), await join()
    for hours in range(3):
        await a_clip(conn, key(maker), hours)
    cursor = (await maya.http.get("/feed?limit=1")).json()["last_id"]
    for who, mode in ((leo, "for_you"), (maya, "friends"), (maya, "following")):
        refused = await who.http.get("/feed", params={"mode": mode, "after": cursor})
        assert code(refused) == (400, "cursor_refused")
    await conn.execute("delete from feed_list")
    assert code(await maya.http.get("/feed", params={"after": cursor})) == (410, "list_expired")


async def test_the_feed_needs_a_session(join: Join) -> None:
    assert code(await (await join(None)).http.get("/feed"))[0] == 401
    maya = await join()
    made = (await maya.http.post("/me/api-keys", json={"name": "k", "scopes": ["videos"]})).json()
    nobody = (await join(None)).http
    nobody.headers["authorization"] = f"Bearer {made['secret']}"
    assert (await nobody.get("/feed")).status_code == 403
    assert (await nobody.post("/feed/views", json={})).status_code == 403


async def test_a_calm_feed_ends_and_says_so_in_every_mode(
    join: Join, conn: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calm, "CLIPS_A_DAY", 3)
    young, leo = await join(birth_date="2010-05-17"), await join()
    await befriend(young, leo)
    for hours in range(6):
        await a_clip(conn, key(leo), hours)
    first = (await young.http.get("/feed?limit=2")).json()
    assert (len(first["data"]), first["ended"], first["message"], first["has_more"]) == (2, False, None, True)
    last = (await young.http.get("/feed", params={"limit": 2, "after": first["last_id"]})).json()
    assert (len(last["data"]), last["ended"], last["message"], last["has_more"]) == (1, True, calm.ENDED, False)
    given = {one["video"]["id"] for one in first["data"] + last["data"]}
    for mode in ("friends", "following", "for_you"):
        page = (await young.http.get(f"/feed?mode={mode}")).json()
        assert page["ended"]
        assert {one["video"]["id"] for one in page["data"]} <= given


async def test_a_wish_for_more_brings_clips_of_that_topic_and_a_wish_for_none_takes_them_away(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    dog = ids.public("video", await a_clip(conn, key(leo), 2000, caption="two dogs"))
    cat = ids.public("video", await a_clip(conn, key(leo), 1, caption="a cat"))
    assert (await maya.http.put("/feed/steering", json={"text": "more dogs, nothing with cats"})).status_code == 200
    [item] = (await maya.http.get("/feed?explain=true")).json()["data"]
    assert item["video"]["id"] == dog != cat
    assert (item["explain"]["source"], item["explain"]["taste"]) == ("wished", 3.0)
    assert item["explain"]["because"] == [{"because": "more dogs", "factor": 3.0}]


async def test_what_is_wanted_no_more_is_left_out_of_a_list_that_is_being_read(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo, zoe, kim = await join(), await join(), await join(), await join()
    for hours, caption in enumerate(("sea", "the sea", "the election", "a ghost", "mountains")):
        await a_clip(conn, key(leo), hours, caption=caption)
    hidden = await a_clip(conn, key(zoe), 10)
    await a_clip(conn, key(kim), 20)
    first = (await maya.http.get("/feed?limit=1")).json()
    await maya.http.put("/feed/steering", json={"text": "nothing political"})
    await maya.http.put("/feed/calm", json={"on": True})
    await maya.http.post("/feed/feedback", json={"kind": "hide_creator", "creator": zoe.handle})
    rest = (await maya.http.get("/feed", params={"after": first["last_id"]})).json()["data"]
    assert {one["caption"] for one in first["data"] + rest} == {"sea", "the sea", "mountains", ""}
    assert ids.public("video", hidden) not in {one["video"]["id"] for one in rest}
    assert kim.handle in {one["author"]["handle"] for one in rest}
