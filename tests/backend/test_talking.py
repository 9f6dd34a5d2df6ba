"""Likes and comments: for whom they may be, who reads them, and who is told."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from social import comments, texts
from social.errors import InvalidValue
from tests.backend.cast import asked, befriend, code, finished, made
from tests.backend.conftest import Join, Person
from tests.backend.test_sharing_clips import NOWHERE, publish, told
from tests.backend.worker_side import Studio

YOUNG = "2011-05-17"


async def shown(worker: Studio, maker: Person, audience: str = "everyone") -> str:
    """A published clip of ten seconds that shows nobody."""
    video = await made(worker, maker, "a park", seconds="10")
    await publish(maker, video, audience)
    return video


async def say(person: Person, video: str, text: str, **more: Any) -> dict[str, Any]:
    answer = await person.http.post(f"/videos/{video}/comments", json={"text": text} | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def texts_of(person: Person, path: str, **query: Any) -> list[str | None]:
    answer = await person.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()["data"]]


async def grow_up(conn: asyncpg.Connection, person: Person, born: str = YOUNG) -> None:
    await conn.execute("update account set birth_date = $2::text::date where handle = $1", person.handle, born)


# Likes


async def test_a_clip_is_liked_once_however_often_and_its_maker_is_told_once(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    video = await shown(worker, maya)
    path = f"/videos/{video}/like"
    liked = [(await leo.http.put(path)).json() for _ in range(2)]
    assert liked == [{"id": video, "object": "video.like", "liked": True, "likes": 1}] * 2
    gone = [(await leo.http.delete(path)).json() for _ in range(2)]
    assert gone == [{"id": video, "object": "video.like", "liked": False, "likes": 0}] * 2
    assert (await leo.http.put(path)).json()["likes"] == 1
    assert (await maya.http.put(path)).json()["likes"] == 2
    assert await told(maya) == [{"kind": "liked", "video": video, "by": leo.handle}]


async def test_nobody_likes_or_talks_about_what_they_may_not_see(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    video = await made(worker, maya, "a park")
    for path in (f"/videos/{video}", f"/videos/{NOWHERE}"):
        for answer in (
            await leo.http.put(f"{path}/like"),
            await leo.http.delete(f"{path}/like"),
            await leo.http.get(f"{path}/likes"),
            await leo.http.get(f"{path}/comments"),
            await leo.http.post(f"{path}/comments", json={"text": "hello"}),
        ):
            assert code(answer) == (404, "clip_unknown")
    assert code(await leo.http.put("/videos/nothing/like")) == (404, "clip_unknown")


async def test_who_likes_a_clip_is_listed_friends_first_on_pages_that_neither_repeat_nor_skip(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, *others = [await join() for _ in range(6)]
    video = await shown(worker, maya)
    for one in others:
        await one.http.put(f"/videos/{video}/like")
    for friend in (others[0], others[2]):
        await befriend(maya, friend)
    await others[4].http.put(f"/accounts/{maya.handle}/block")
    expected = [others[2].handle, others[0].handle, others[3].handle, others[1].handle]
    seen: list[str] = []
    after: dict[str, Any] = {}
    while True:
        page = (await maya.http.get(f"/videos/{video}/likes", params={"limit": 1} | after)).json()
        seen += [one["handle"] for one in page["data"]]
        after = {"after": page["last_id"]}
        if not page["has_more"]:
            break
    assert seen == expected
    whole = (await maya.http.get(f"/videos/{video}/likes")).json()["data"]
    assert [(one["handle"], one["friends"]) for one in whole] == [
        (handle, number < 2) for number, handle in enumerate(expected)
    ]
    assert code(await maya.http.get(f"/videos/{video}/likes", params={"after": video})) == (400, "invalid_value")
    assert await conn.fetch("select * from tally_drift") == []


# Comments


async def test_a_comment_is_pinned_answered_and_counted(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await join(), await join(), await join()
    video = await shown(worker, maya)
    first = await say(leo, video, "don't jump!", at_s=6.2)
    assert (first["author"], first["text"], first["at_s"], first["reply_to"]) == (leo.handle, "don't jump!", 6.2, None)
    answered = await say(mia, video, "she will", reply_to=first["id"])
    deeper = await say(leo, video, "no!", reply_to=answered["id"])
    assert (answered["reply_to"], deeper["reply_to"]) == (first["id"], first["id"])
    await say(mia, video, "first second", at_s=0)
    last = await say(mia, video, "whole clip")
    path = f"/videos/{video}/comments"
    assert await texts_of(maya, path) == ["whole clip", "first second", "don't jump!"]
    assert await texts_of(maya, path, order="second") == ["first second", "don't jump!", "whole clip"]
    page = (await maya.http.get(path, params={"order": "second", "limit": 1})).json()
    assert await texts_of(maya, path, order="second", after=page["last_id"]) == ["don't jump!", "whole clip"]
    assert await texts_of(maya, path, after=last["id"]) == ["first second", "don't jump!"]
    assert await texts_of(maya, f"/comments/{first['id']}/replies") == ["she will", "no!"]
    assert await texts_of(maya, f"/comments/{first['id']}/replies", after=answered["id"]) == ["no!"]
    assert (await maya.http.get(path)).json()["data"][2]["replies"] == 2
    assert await conn.fetch("select * from tally_drift") == []
    assert await conn.fetchval("select comments from clip_tally where comments > 0") == 5


WRONG: tuple[tuple[dict[str, Any], str | None, str], ...] = (
    ({"text": "x", "at_s": 99}, "at_s", "0 to 10"),
    ({"text": "x", "at_s": -0.1}, "at_s", "0 to 10"),
    ({"text": "x" * 5000}, "text", "1 to 500"),
    ({"text": "x\u202e\u200b" * 1667}, "text", "1 to 500"),
    ({"text": "x" * 501}, "text", "1 to 500"),
    ({"text": ""}, "text", "1 to 500"),
    ({"text": " \n\u200b\u202e\u200d\u3164"}, "text", "1 to 500"),
    ({"text": " ".join(f"@somebody{n}" for n in range(11))}, "text", "up to 10"),
    ({"text": "x", "reply_to": "leo"}, "reply_to", "cmt_"),
    ({"text": "x", "at_s": "soon"}, "at_s", "float"),
    ({"text": 7}, "text", "str"),
    ({"text": "x", "colour": "red"}, None, "colour"),
)


async def test_a_comment_that_cannot_be_is_refused_with_what_could(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    video = await asked(maya, "a park", seconds="10")
    for sent, param, allowed in WRONG:
        answer = await maya.http.post(f"/videos/{video}/comments", json=sent)
        assert code(answer) == (400, "invalid_value"), sent
        assert answer.json()["error"]["param"] == param, sent
        assert allowed in answer.json()["detail"], sent
    assert await conn.fetchval("select count(*) from comment") == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("\u202eabc\u202c \u2066x\u2069\u200b\u00ad\ufeff", "abc x"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467!", "\U0001f468\u200d\U0001f469\u200d\U0001f467!"),
        ("a\u200d\u200d\u200db \u200d c\u200c", "a\u200db  c"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f \U000e0068\U000e0069", None),
        ("z" + "\u0335" * 40, "z" + "\u0335" * 4),
        ("one\r\n\n \n\ntwo\x07", "one\n\ntwo"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ],
)
def test_what_cannot_be_seen_is_left_out_and_what_joins_letters_stays(given: str, kept: str | None) -> None:
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert texts.checked("text", given, 500) == (flag if kept is None else kept)


def test_a_long_text_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(InvalidValue, match="4001 characters"):
        texts.checked("text", "\u200b" * 4001, 500)


async def test_a_page_begins_only_where_one_of_its_own_list_ended(join: Join, worker: Studio) -> None:
    maya = await join()
    video, other = await shown(worker, maya), await shown(worker, maya)
    here, there = await say(maya, video, "here"), await say(maya, other, "there")
    reply = await say(maya, video, "reply", reply_to=here["id"])
    for path, after in (
        (f"/videos/{video}/comments", there["id"]),
        (f"/videos/{video}/comments", reply["id"]),
        (f"/comments/{here['id']}/replies", here["id"]),
        (f"/videos/{video}/comments", "cmt_" + "0" * 32),
        (f"/videos/{video}/comments", video),
    ):
        answer = await maya.http.get(path, params={"after": after})
        assert code(answer) == (400, "invalid_value")
        assert answer.json()["error"]["param"] == "after"
    assert code(await maya.http.get(f"/videos/{video}/comments", params={"order": "best"})) == (400, "invalid_value")
    wrong = await maya.http.post(f"/videos/{other}/comments", json={"text": "x", "reply_to": here["id"]})
    assert code(wrong) == (400, "invalid_value")
    lost = await maya.http.post(f"/videos/{other}/comments", json={"text": "x", "reply_to": "cmt_" + "0" * 32})
    assert code(lost) == (404, "comment_unknown")


async def test_its_author_and_the_clips_maker_delete_a_comment_and_nobody_else(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    video = await shown(worker, maya)
    one, two = await say(leo, video, "one"), await say(leo, video, "two")
    await say(mia, video, "answer", reply_to=one["id"])
    assert code(await mia.http.delete(f"/comments/{one['id']}")) == (404, "comment_unknown")
    gone = (await leo.http.delete(f"/comments/{one['id']}")).json()
    assert gone == {"id": one["id"], "deleted": True, "object": "comment.deleted"}
    assert code(await leo.http.delete(f"/comments/{one['id']}")) == (404, "comment_unknown")
    assert (await maya.http.delete(f"/comments/{two['id']}")).status_code == 200
    page = (await mia.http.get(f"/videos/{video}/comments")).json()["data"]
    assert [(row["id"], row["author"], row["text"], row["deleted"], row["replies"]) for row in page] == [
        (one["id"], None, None, True, 1)
    ]
    assert await texts_of(mia, f"/comments/{one['id']}/replies") == ["answer"]
    for answer in (
        await mia.http.put(f"/comments/{one['id']}/like"),
        await mia.http.post(f"/videos/{video}/comments", json={"text": "x", "reply_to": one["id"]}),
        await mia.http.delete("/comments/nothing"),
    ):
        assert code(answer) == (404, "comment_unknown")
    assert await conn.fetch("select * from tally_drift") == []
    await conn.execute("update comment set deleted_at = now() - interval '31 days' where deleted_at is not null")
    await comments.tidy(conn)
    assert await conn.fetch("select text from comment order by id") == [("",), ("",), ("answer",)]


async def test_a_block_or_a_mute_hides_what_somebody_says(join: Join, worker: Studio) -> None:
    maya, leo, mia = await join(), await join(), await join()
    video = await shown(worker, maya)
    said = await say(leo, video, "hello")
    await say(mia, video, "hi", reply_to=said["id"])
    path = f"/videos/{video}/comments"
    await leo.http.put(f"/accounts/{mia.handle}/block")
    assert (await mia.http.get(path)).json()["data"][0]["author"] is None
    assert code(await mia.http.put(f"/comments/{said['id']}/like")) == (404, "comment_unknown")
    assert code(await mia.http.post(path, json={"text": "x", "reply_to": said["id"]})) == (404, "comment_unknown")
    assert await texts_of(leo, f"/comments/{said['id']}/replies") == []
    assert await texts_of(maya, path) == ["hello"]
    await worker.pool.execute(
        "insert into mute select a.id, b.id from account a, account b where a.handle = $1 and b.handle = $2",
        maya.handle,
        mia.handle,
    )
    assert await texts_of(maya, f"/comments/{said['id']}/replies") == []
    assert (await maya.http.get(path)).json()["data"][0]["replies"] == 0


async def test_a_comment_is_liked_once_and_its_author_told(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    video = await shown(worker, maya)
    said = await say(leo, video, "hello")
    liked = [(await maya.http.put(f"/comments/{said['id']}/like")).json() for _ in range(2)]
    assert [(one["likes"], one["liked"]) for one in liked] == [(1, True), (1, True)]
    assert (await leo.http.get(f"/videos/{video}/comments")).json()["data"][0]["liked"] is False
    unliked = [(await maya.http.delete(f"/comments/{said['id']}/like")).json() for _ in range(2)]
    assert [(one["likes"], one["liked"]) for one in unliked] == [(0, False), (0, False)]
    await maya.http.put(f"/comments/{said['id']}/like")
    about = {"kind": "comment_liked", "video": video, "comment": said["id"], "by": maya.handle}
    assert await told(leo) == [about]
    assert await conn.fetchval("select likes = (select count(*) from comment_like) from comment")


async def test_each_is_told_once_by_the_nearest_reason(join: Join, worker: Studio) -> None:
    maya, leo, mia, zoe = [await join() for _ in range(4)]
    video = await shown(worker, maya)
    first = await say(leo, video, f"look @{mia.handle}, @{mia.handle} and @{leo.handle} and @nobody.here")
    second = await say(mia, video, f"@{leo.handle} @{maya.handle} @{zoe.handle} yes", reply_to=first["id"])
    kinds = {person.handle: [one["kind"] for one in await told(person)] for person in (maya, leo, mia, zoe)}
    assert kinds == {
        maya.handle: ["commented"],
        leo.handle: ["replied"],
        mia.handle: ["mentioned"],
        zoe.handle: ["mentioned"],
    }
    (notice,) = (await maya.http.get("/notifications")).json()["data"]
    assert (notice["count"], notice["about"]["comment"]) == (2, second["id"])
    assert [one["handle"] for one in notice["actors"]] == [mia.handle, leo.handle]


async def test_nobody_is_mentioned_to_a_clip_that_they_may_not_see(join: Join, worker: Studio) -> None:
    maya, leo, mia = await join(), await join(), await join()
    await befriend(maya, leo)
    video = await shown(worker, maya, "friends")
    await say(leo, video, f"@{mia.handle} look")
    assert await told(mia) == []


async def test_its_maker_says_who_comments(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    video = await shown(worker, maya)
    for commenters, friends, expected in (
        ("friends", False, (403, "comments_closed")),
        ("friends", True, (201, None)),
        ("nobody", True, (403, "comments_closed")),
        ("everyone", True, (201, None)),
    ):
        if friends:
            await befriend(maya, leo)
        changed = await maya.http.patch(f"/videos/{video}", json={"commenters": commenters})
        assert changed.json()["commenters"] == commenters
        assert code(await leo.http.post(f"/videos/{video}/comments", json={"text": "hi"})) == expected
        assert code(await maya.http.post(f"/videos/{video}/comments", json={"text": "mine"})) == (201, None)
    wrong = await maya.http.patch(f"/videos/{video}", json={"commenters": "family"})
    assert code(wrong) == (400, "invalid_value")


async def test_an_adult_writes_to_a_young_person_only_where_they_follow(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    kid, peer, adult = await join(birth_date=YOUNG), await join(birth_date=YOUNG), await join()
    video, own = await shown(worker, kid), await shown(worker, adult)
    assert code(await adult.http.post(f"/videos/{video}/comments", json={"text": "hi"})) == (403, "young_protected")
    await say(peer, video, f"hi @{adult.handle}")
    await say(adult, own, f"look @{kid.handle}")
    theirs = await say(kid, own, "nice")
    answer = await adult.http.post(f"/videos/{own}/comments", json={"text": "x", "reply_to": theirs["id"]})
    assert code(answer) == (403, "young_protected")
    assert [one["kind"] for one in await told(kid)] == ["commented"]
    await kid.http.put(f"/accounts/{adult.handle}/follow")
    await say(adult, video, "hi")
    await say(adult, own, "thanks", reply_to=theirs["id"])
    assert await conn.fetchval("select count(*) from comment") == 5


async def test_an_api_key_does_not_talk(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await shown(worker, maya)
    key = (await maya.http.post("/me/api-keys", json={"name": "k", "scopes": ["videos"]})).json()["secret"]
    maya.http.headers["authorization"] = f"Bearer {key}"
    for answer in (
        await maya.http.put(f"/videos/{video}/like"),
        await maya.http.get(f"/videos/{video}/comments"),
        await maya.http.post(f"/videos/{video}/comments", json={"text": "x"}),
        await maya.http.get("/threads"),
    ):
        assert code(answer) == (403, "forbidden")


async def test_likes_of_many_at_once_are_all_counted(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, *fans = [await join() for _ in range(7)]
    video = await shown(worker, maya)
    await asyncio.gather(*(one.http.put(f"/videos/{video}/like") for one in fans for _ in range(2)))
    assert await conn.fetchval("select likes from clip_tally where likes > 0") == 6
    (notice,) = (await maya.http.get("/notifications")).json()["data"]
    assert (notice["kind"], notice["count"], len(notice["actors"])) == ("liked", 6, 3)
    assert await conn.fetchval("select count(*) from event where kind = 'notice'") == 5


async def test_whoever_leaves_takes_their_words_and_likes_along(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo = await join(), await join()
    video = await shown(worker, maya)
    said = await say(leo, video, "hello")
    await leo.http.put(f"/videos/{video}/like")
    await maya.http.put(f"/comments/{said['id']}/like")
    await conn.execute("delete from account where handle = $1", leo.handle)
    assert await texts_of(maya, f"/videos/{video}/comments") == []
    assert (await maya.http.get("/notifications")).json()["data"] == []
    assert await conn.fetch("select * from tally_drift") == []


async def test_ones_own_draft_takes_notes_while_it_is_made(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await asked(maya, "a park")
    await say(maya, video, "note to self", at_s=4)
    await finished(worker, video)
    assert await texts_of(maya, f"/videos/{video}/comments") == ["note to self"]
