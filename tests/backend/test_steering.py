"""Telling the feed what to show, from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from social import calm
from tests.backend.cast import code
from tests.backend.conftest import Join, Person
from tests.backend.worker_side import key_of
from tests.social.published import a_clip

YEAR = datetime.now(UTC).year


def account(person: Person) -> UUID:
    return UUID(person.id.removeprefix("acct_"))


async def steer(person: Person, text: str) -> dict[str, object]:
    answer = await person.http.put("/feed/steering", json={"text": text})
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


async def test_what_was_understood_is_shown_as_chips_that_can_be_removed(join: Join) -> None:
    maya, leo = await join(), await join()
    assert (await maya.http.get("/feed/steering")).json()["chips"] == []
    said = (await maya.http.put("/feed/steering", json={"text": "more dogs, nothing political. Hello there"})).json()
    assert [(one["direction"], one["topic"]) for one in said["chips"]] == [("more", "dogs"), ("none", "politics")]
    assert said["not_understood"] == ["hello there"]
    assert (await maya.http.get("/feed/steering")).json() == said
    dogs, politics = (one["id"] for one in said["chips"])
    assert code(await leo.http.delete(f"/feed/steering/{dogs}")) == (404, "chip_unknown")
    left = await maya.http.delete(f"/feed/steering/{dogs}")
    assert [one["id"] for one in left.json()["chips"]] == [politics]
    assert code(await maya.http.delete(f"/feed/steering/{dogs}")) == (404, "chip_unknown")
    assert code(await maya.http.delete("/feed/steering/dogs")) == (404, "chip_unknown")
    assert (await maya.http.delete("/feed/steering")).json()["text"] == ""
    assert (await maya.http.get("/feed/steering")).json()["chips"] == []


@pytest.mark.parametrize("text", ["", "  \n", "x" * 501, "more \0 dogs", None, ["more dogs"]])
async def test_bad_steering_is_refused_and_the_old_stays(join: Join, text: object) -> None:
    maya = await join()
    before = await steer(maya, "more dogs")
    assert code(await maya.http.put("/feed/steering", json={"text": text}))[0] == 400
    assert (await maya.http.get("/feed/steering")).json() == before


@pytest.mark.parametrize(
    "text",
    ["more '; delete from account; --", "less <script>alert(1)</script>", "more $1 %s {0} :x* & | !(", "no \u202e"],
)
async def test_sql_and_html_are_only_words(join: Join, conn: asyncpg.Connection, text: str) -> None:
    maya = await join()
    said = await steer(maya, text)
    assert said["text"] == text
    assert not any(mark in str(said["chips"]) for mark in "<>;$%&|")
    assert await conn.fetchval("select count(*) from account") == 1


async def test_feedback_is_listed_and_taken_back(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    clip = f"video_{(await a_clip(conn, account(leo))).hex}"
    less = await maya.http.post("/feed/feedback", json={"kind": "less_like_this", "video_id": clip})
    more = await maya.http.post("/feed/feedback", json={"kind": "more_like_this", "video_id": clip})
    assert (less.json()["id"], more.json()["kind"]) == (more.json()["id"], "more_like_this")
    hidden = (await maya.http.post("/feed/feedback", json={"kind": "hide_creator", "creator": leo.handle})).json()
    assert (hidden["creator"], hidden["video_id"]) == (leo.handle, None)
    listed = (await maya.http.get("/feed/feedback", params={"limit": 1})).json()
    assert ([one["id"] for one in listed["data"]], listed["has_more"]) == ([hidden["id"]], True)
    rest = (await maya.http.get("/feed/feedback", params={"after": listed["last_id"]})).json()
    assert [one["id"] for one in rest["data"]] == [more.json()["id"]]
    assert code(await leo.http.delete(f"/feed/feedback/{hidden['id']}")) == (404, "feedback_unknown")
    assert code(await maya.http.delete(f"/feed/feedback/{hidden['id']}")) == (200, None)
    assert code(await maya.http.delete(f"/feed/feedback/{hidden['id']}")) == (404, "feedback_unknown")
    await conn.execute("update clip set removed_at = now() where id = $1", key_of(clip))
    assert (await maya.http.get("/feed/feedback")).json()["data"] == []


async def test_feedback_is_about_what_one_may_see(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, zoe = await join(), await join(), await join()
    draft = f"video_{(await a_clip(conn, account(leo), audience='only_me')).hex}"
    await leo.http.put(f"/accounts/{zoe.handle}/block")
    for person, body, wanted in (
        (maya, {"kind": "less_like_this", "video_id": draft}, (404, "clip_unknown")),
        (maya, {"kind": "less_like_this"}, (400, "invalid_value")),
        (maya, {"kind": "hide_creator", "video_id": draft}, (400, "invalid_value")),
        (maya, {"kind": "hide_creator", "creator": maya.handle}, (400, "not_yourself")),
        (maya, {"kind": "hide_creator", "creator": "nobody.at.all"}, (404, "account_unknown")),
        (zoe, {"kind": "hide_creator", "creator": leo.handle}, (404, "account_unknown")),
        (maya, {"kind": "applause", "video_id": draft}, (400, "invalid_value")),
    ):
        assert code(await person.http.post("/feed/feedback", json=body)) == wanted
    assert await conn.fetchval("select count(*) from feed_feedback") == 0


@pytest.mark.parametrize(("age", "on", "may_change"), [(14, True, False), (17, True, True), (30, False, True)])
async def test_calm_is_on_for_the_young_and_for_whoever_wants_it(
    join: Join, age: int, *, on: bool, may_change: bool
) -> None:
    person = await join(birth_date=f"{YEAR - age}-01-01")
    state = (await person.http.get("/feed/calm")).json()
    assert (state["on"], state["may_change"], state["because"]) == (on, may_change, "age")
    assert state["left"] == (calm.CLIPS_A_DAY if on else None)
    turned = await person.http.put("/feed/calm", json={"on": not on})
    assert code(turned) == ((200, None) if may_change else (400, "invalid_value"))
    state = (await person.http.get("/feed/calm")).json()
    assert (state["on"], state["because"]) == ((not on, "choice") if may_change else (on, "age"))


async def test_a_calm_day_ends_and_the_next_begins(join: Join, conn: asyncpg.Connection) -> None:
    kim = account(await join(birth_date=f"{YEAR - 14}-01-01"))
    maker = account(await join())
    clips = [await a_clip(conn, maker, at=at) for at in range(4)]
    await conn.execute(
        """
        insert into calm_day (account, ends_at, served)
        select $1, now() + interval '1 hour', array_agg(uuidv7()) from generate_series(1, $2)
        """,
        kim,
        calm.CLIPS_A_DAY - 3,
    )
    assert await calm.serve(conn, kim, clips[:2]) == calm.Served(tuple(clips[:2]), ended=False)
    assert await calm.serve(conn, kim, clips[:2]) == calm.Served(tuple(clips[:2]), ended=False)
    assert await calm.serve(conn, kim, [*clips[1:]]) == calm.Served(tuple(clips[1:3]), ended=True)
    assert (await calm.of(conn, kim)).left == 0
    assert await calm.serve(conn, kim, clips[3:]) == calm.Served((), ended=True)
    await conn.execute("update calm_day set ends_at = now()")
    assert (await calm.of(conn, kim)).left == calm.CLIPS_A_DAY
    assert await calm.serve(conn, kim, clips[3:]) == calm.Served(tuple(clips[3:]), ended=False)
    assert await calm.serve(conn, maker, clips) == calm.Served(tuple(clips), ended=False)
