"""Conversations of friends: who may begin and join them, what is said in them, and who reads it."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from tests.backend.cast import a_role, asked, befriend, code, consented, finished, made
from tests.backend.conftest import Join, Person
from tests.backend.test_sharing_clips import publish, sees, told
from tests.backend.test_studio import used
from tests.backend.test_talking import YOUNG
from tests.backend.worker_side import Studio

NOWHERE = "thr_" + "0" * 32


async def begun(person: Person, *others: Person, title: str | None = None) -> dict[str, Any]:
    sent = {"members": [one.handle for one in others]} | ({} if title is None else {"title": title})
    answer = await person.http.post("/threads", json=sent)
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


async def say(person: Person, thread: dict[str, Any], **sent: Any) -> dict[str, Any]:
    answer = await person.http.post(f"/threads/{thread['id']}/messages", json=sent)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def read(person: Person, thread: dict[str, Any], **query: Any) -> list[str | None]:
    answer = await person.http.get(f"/threads/{thread['id']}/messages", params=query)
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()["data"]]


async def unread(person: Person) -> tuple[int, list[int]]:
    page = (await person.http.get("/threads")).json()
    return page["unread"], [one["unread"] for one in page["data"]]


async def three(join: Join) -> tuple[Person, Person, Person]:
    """All friends."""
    maya, leo, mia = await join(), await join(), await join()
    for one, other in ((maya, leo), (maya, mia), (leo, mia)):
        await befriend(one, other)
    return maya, leo, mia


async def heard(conn: asyncpg.Connection, person: Person) -> list[tuple[str, str, bool]]:
    """Events of messages: what of, status, and whether phones stay silent."""
    rows = await conn.fetch(
        "select about from event e join account a on a.id = e.account where a.handle = $1 and e.kind = 'message' "
        "order by e.seq",
        person.handle,
    )
    return [(row["about"]["kind"], row["about"]["status"], row["about"]["quiet"]) for row in rows]


# Of two


async def test_two_friends_have_one_thread_whoever_begins_it(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, _ = await three(join)
    answers = await asyncio.gather(
        *(one.http.post("/threads", json={"members": [other.handle]}) for one, other in ((maya, leo), (leo, maya)) * 3)
    )
    assert sorted(one.status_code for one in answers) == [200] * 5 + [201]
    assert len({one.json()["id"] for one in answers}) == 1
    assert await conn.fetchval("select count(*) from thread") == 1
    thread = answers[0].json()
    assert (thread["kind"], thread["title"], thread["newest"]) == ("direct", "", None)
    assert sorted(one["handle"] for one in thread["members"]) == sorted([maya.handle, leo.handle])


async def test_what_is_said_is_read_counted_and_marked(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await three(join)
    thread, other = await begun(maya, leo), await begun(leo, mia)
    first = await say(maya, thread, text="one\u202e ")
    await say(maya, thread, text="two")
    await say(mia, other, text="hello")
    assert (first["author"], first["kind"], first["text"], first["video"]) == (maya.handle, "text", "one", None)
    assert await unread(leo) == (2, [1, 2])
    assert await unread(maya) == (0, [0])
    assert await read(leo, thread) == ["two", "one"]
    assert await read(leo, thread, order="asc", limit=1) == ["one"]
    assert await read(leo, thread, order="asc", after=first["id"]) == ["two"]
    path = f"/threads/{thread['id']}/read"
    assert (await leo.http.post(path, json={"upto": first["id"]})).json()["unread"] == 1
    assert (await leo.http.post(path, json={"all": True})).json()["unread"] == 0
    assert (await leo.http.post(path, json={"upto": first["id"]})).json()["unread"] == 0
    assert await unread(leo) == (1, [1, 0])
    assert await heard(conn, leo) == [("text", "completed", False)] * 3
    assert await heard(conn, maya) == [("text", "completed", True)] * 2
    await leo.http.patch(f"/threads/{other['id']}", json={"muted": True})
    await say(mia, other, text="again")
    assert (await heard(conn, leo))[-1] == ("text", "completed", True)
    assert await unread(leo) == (0, [2, 0])


async def test_lists_of_threads_go_on_where_they_ended_whatever_is_said_meanwhile(join: Join) -> None:
    maya, leo, mia = await three(join)
    threads = [await begun(maya, leo), await begun(maya, mia), await begun(maya, leo, mia, title="all")]
    page = (await maya.http.get("/threads", params={"limit": 2})).json()
    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([threads[2]["id"], threads[1]["id"]], True)
    await say(leo, threads[2], text="news")
    rest = (await maya.http.get("/threads", params={"after": page["last_id"]})).json()
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([threads[0]["id"]], False)
    assert code(await maya.http.get("/threads", params={"after": threads[0]["id"]})) == (400, "invalid_value")


async def test_threads_are_between_friends_and_nobody_else_gets_in(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, stranger = await join(), await join(), await join()
    await befriend(maya, leo)
    await maya.http.put(f"/accounts/{stranger.handle}/follow")
    for members, expected in (
        ([stranger.handle], (403, "not_friends")),
        ([leo.handle, stranger.handle], (403, "not_friends")),
        ([maya.handle], (400, "not_yourself")),
        (["nobody.here"], (404, "account_unknown")),
        ([], (400, "invalid_value")),
        ([leo.handle] * 20, (400, "invalid_value")),
    ):
        assert code(await maya.http.post("/threads", json={"members": members})) == expected, members
    await leo.http.put(f"/accounts/{stranger.handle}/block")
    assert code(await stranger.http.post("/threads", json={"members": [leo.handle]})) == (404, "account_unknown")
    assert code(await leo.http.post("/threads", json={"members": [stranger.handle]})) == (409, "you_blocked")
    assert code(await maya.http.post("/threads", json={"members": [leo.handle], "title": " "})) == (
        400,
        "invalid_value",
    )
    assert await conn.fetchval("select count(*) from thread") == 0


async def test_a_thread_that_one_is_not_in_is_not_there(join: Join) -> None:
    maya, leo, mia = await three(join)
    thread = await begun(maya, leo)
    said = await say(maya, thread, text="secret")
    for place in (thread["id"], NOWHERE, "nothing"):
        path = f"/threads/{place}"
        for answer in (
            await mia.http.get(path),
            await mia.http.get(f"{path}/messages"),
            await mia.http.post(f"{path}/messages", json={"text": "hello"}),
            await mia.http.post(f"{path}/messages", json={"prompt": "hello"}),
            await mia.http.patch(path, json={"muted": True}),
            await mia.http.post(f"{path}/members", json={"handle": maya.handle}),
            await mia.http.post(f"{path}/read", json={"all": True}),
            await mia.http.delete(path),
        ):
            assert code(answer) == (404, "thread_unknown"), answer.request.url
    assert code(await mia.http.delete(f"/messages/{said['id']}")) == (404, "message_unknown")
    assert (await mia.http.get("/threads")).json()["data"] == []


async def test_a_message_that_cannot_be_is_refused_with_what_could(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await three(join)
    thread, other = await begun(maya, leo), await begun(maya, mia)
    there = await say(maya, other, text="there")
    path = f"/threads/{thread['id']}"
    for sent, param in (
        ({"text": "x" * 2001}, "text"),
        ({"text": "\u200b"}, "text"),
        ({"text": "x", "prompt": "y"}, "text"),
        ({"text": "x", "emotion": "happy"}, "emotion"),
        ({"text": "x", "character": "@me"}, "character"),
        ({"prompt": "x", "emotion": "hungry"}, "emotion"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x", "character": "me"}, "character"),
        ({"emotion": "happy"}, "text"),
    ):
        answer = await maya.http.post(f"{path}/messages", json=sent)
        assert code(answer) == (400, "invalid_value"), sent
        assert answer.json()["error"]["param"] == param, sent
    for mark in ({"upto": there["id"]}, {"upto": "x"}, {"all": False}):
        answer = await maya.http.post(f"{path}/read", json=mark)
        assert (code(answer), answer.json()["error"]["param"]) == ((400, "invalid_value"), "upto")
    elsewhere = await maya.http.get(f"{path}/messages", params={"after": there["id"]})
    assert code(elsewhere) == (400, "invalid_value")
    assert code(await maya.http.patch(path, json={"title": "us"})) == (409, "thread_direct")
    assert code(await maya.http.post(f"{path}/members", json={"handle": mia.handle})) == (409, "thread_direct")
    assert await conn.fetchval("select count(*) from message") == 1


async def test_friends_no_more_read_what_was_said_and_say_nothing_new(join: Join) -> None:
    maya, leo, _ = await three(join)
    thread = await begun(maya, leo)
    await say(maya, thread, text="hello")
    await leo.http.delete(f"/accounts/{maya.handle}/follow")
    for one in (maya, leo):
        answer = await one.http.post(f"/threads/{thread['id']}/messages", json={"text": "x"})
        assert code(answer) == (403, "not_friends")
        assert await read(one, thread) == ["hello"]


async def test_a_block_ends_a_thread_of_two_and_hides_words_in_groups(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await three(join)
    thread, group = await begun(maya, leo), await begun(mia, maya, leo, title="all")
    for one in (maya, leo, mia):
        await say(one, group, text=one.handle)
    await say(maya, thread, text="hello")
    await leo.http.put(f"/accounts/{maya.handle}/block")
    for one in (maya, leo):
        assert code(await one.http.get(f"/threads/{thread['id']}")) == (404, "thread_unknown")
        answer = await one.http.post(f"/threads/{thread['id']}/messages", json={"text": "x"})
        assert code(answer) == (404, "thread_unknown")
        assert [row["id"] for row in (await one.http.get("/threads")).json()["data"]] == [group["id"]]
    assert await read(leo, group) == [mia.handle, leo.handle]
    assert await read(maya, group) == [mia.handle, maya.handle]
    assert await read(mia, group) == [mia.handle, leo.handle, maya.handle]
    before = len(await heard(conn, leo))
    await say(maya, group, text="can you hear me")
    assert len(await heard(conn, leo)) == before
    assert (await unread(leo))[1] == [1]


async def test_one_takes_back_ones_own_words_for_everybody(join: Join) -> None:
    maya, leo, _ = await three(join)
    thread = await begun(maya, leo)
    said = await say(maya, thread, text="oops")
    assert code(await leo.http.delete(f"/messages/{said['id']}")) == (404, "message_unknown")
    assert (await maya.http.delete(f"/messages/{said['id']}")).json()["deleted"] is True
    assert code(await maya.http.delete(f"/messages/{said['id']}")) == (404, "message_unknown")
    (left,) = (await leo.http.get(f"/threads/{thread['id']}/messages")).json()["data"]
    assert (left["text"], left["deleted"], left["author"]) == (None, True, maya.handle)
    assert await unread(leo) == (0, [0])


async def test_who_leaves_a_thread_of_two_finds_only_what_is_said_afterwards(join: Join) -> None:
    maya, leo, _ = await three(join)
    thread = await begun(maya, leo)
    await say(maya, thread, text="before")
    assert (await leo.http.delete(f"/threads/{thread['id']}")).json()["deleted"] is True
    assert (await leo.http.get("/threads")).json()["data"] == []
    await say(maya, thread, text="after")
    assert await read(leo, thread) == ["after"]
    assert await read(maya, thread) == ["after", "before"]
    await maya.http.delete(f"/threads/{thread['id']}")
    assert (await begun(maya, leo))["id"] == thread["id"]
    assert await read(maya, thread) == []


# Groups


async def test_a_group_takes_in_friends_who_read_what_is_said_from_then_on(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await three(join)
    group = await begun(maya, leo, title="The  bakery\u202e")
    assert (group["kind"], group["title"]) == ("group", "The  bakery")
    await say(maya, group, text="before")
    path = f"/threads/{group['id']}"
    for _ in range(2):
        added = await leo.http.post(f"{path}/members", json={"handle": mia.handle})
        assert [one["handle"] for one in added.json()["members"]] == [maya.handle, leo.handle, mia.handle]
    await say(mia, group, text="after")
    assert (await read(mia, group), await read(leo, group)) == (["after"], ["after", "before"])
    assert [(one["kind"], one["by"]) for one in await told(mia) if one["kind"] != "followed"] == [
        ("thread_added", leo.handle)
    ]
    assert (await mia.http.patch(path, json={"title": "Bread"})).json()["title"] == "Bread"
    await mia.http.delete(path)
    assert code(await mia.http.get(path)) == (404, "thread_unknown")
    assert [one["handle"] for one in (await maya.http.get(path)).json()["members"]] == [maya.handle, leo.handle]
    await maya.http.post(f"{path}/members", json={"handle": mia.handle})
    assert await read(mia, group) == []
    for one in (maya, leo, mia):
        await one.http.delete(path)
    assert await conn.fetchval("select count(*) from message") == 0


async def test_a_group_has_twenty_members_at_most(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await three(join)
    group = await begun(maya, leo, title="many")
    await conn.execute(
        "with made as (insert into account (handle, display_name, birth_date, role) "
        "select 'crowd' || n, 'Crowd', '1990-01-01', 'member' from generate_series(1, 18) n returning id) "
        "insert into thread_member (thread, account) select t.id, m.id from thread t, made m"
    )
    answer = await maya.http.post(f"/threads/{group['id']}/members", json={"handle": mia.handle})
    assert code(answer) == (409, "thread_full")
    assert "20" in answer.json()["detail"]
    await conn.execute("update thread_member set left_at = now() where account in "
                       "(select id from account where handle = 'crowd7')")  # fmt: skip
    both = await asyncio.gather(
        *(maya.http.post(f"/threads/{group['id']}/members", json={"handle": mia.handle}) for _ in range(2))
    )
    assert [one.status_code for one in both] == [200, 200]
    assert await conn.fetchval("select count(*) from thread_member where left_at is null") == 20


async def test_an_adult_whom_a_young_person_does_not_follow_reaches_them_in_no_group(
    join: Join, conn: asyncpg.Connection
) -> None:
    kid, peer, adult = await join(birth_date=YOUNG), await join(birth_date=YOUNG), await join()
    await befriend(peer, kid)
    await befriend(peer, adult)
    answer = await peer.http.post("/threads", json={"members": [kid.handle, adult.handle]})
    assert code(answer) == (403, "young_protected")
    assert kid.handle in answer.json()["detail"]
    group = await begun(peer, adult, title="us")
    answer = await peer.http.post(f"/threads/{group['id']}/members", json={"handle": kid.handle})
    assert code(answer) == (403, "young_protected")
    await kid.http.put(f"/accounts/{adult.handle}/follow")
    assert (await peer.http.post(f"/threads/{group['id']}/members", json={"handle": kid.handle})).status_code == 200
    await say(adult, group, text="hello")
    assert (await read(kid, group), len(await heard(conn, kid))) == (["hello"], 1)
    await kid.http.delete(f"/accounts/{adult.handle}/follow")
    await say(adult, group, text="hello again")
    assert (await read(kid, group), len(await heard(conn, kid))) == ([], 1)
    assert await read(peer, group) == ["hello again", "hello"]


# Clips


async def test_a_draft_sent_by_its_maker_is_for_the_members_and_for_nobody_else(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await three(join)
    thread = await begun(maya, leo)
    video = await made(worker, maya, "a park")
    assert not await sees(leo, video)
    sent = await say(maya, thread, video_id=video)
    assert (sent["kind"], sent["video_id"], sent["status"]) == ("video", video, "completed")
    (got,) = (await leo.http.get(f"/threads/{thread['id']}/messages")).json()["data"]
    assert (got["video"]["id"], got["video"]["audience"]) == (video, "only_me")
    link = "http://test" + got["video"]["media"]["video"]
    file = await mia.http.get(link)
    assert (file.status_code, file.headers["cache-control"].partition(",")[0]) == (200, "private")
    assert (await sees(leo, video), await sees(mia, video)) == (True, False)
    assert await conn.fetchval("select published_at from clip") is None
    await maya.http.delete(f"/messages/{sent['id']}")
    assert not await sees(leo, video)
    assert code(await leo.http.get(link)) == (410, "media_gone")
    await say(maya, thread, video_id=video)
    await leo.http.delete(f"/threads/{thread['id']}")
    assert not await sees(leo, video)


async def test_somebody_elses_clip_is_sent_only_to_those_who_may_see_it(join: Join, worker: Studio) -> None:
    leo, mia, zoe = await three(join)
    await zoe.http.delete(f"/accounts/{mia.handle}/follow")
    video, draft = await made(worker, zoe, "a park"), await made(worker, zoe, "a street")
    await publish(zoe, video, "friends")
    thread = await begun(leo, mia)
    await say(leo, thread, video_id=video)
    (got,) = (await mia.http.get(f"/threads/{thread['id']}/messages")).json()["data"]
    assert (got["video_id"], got["video"]) == (video, None)
    assert not await sees(mia, video)
    for wrong in (draft, "video_" + "0" * 32, "nothing"):
        answer = await leo.http.post(f"/threads/{thread['id']}/messages", json={"video_id": wrong})
        assert code(answer) == (404, "clip_unknown")
    waiting = await asked(leo, "a bridge")
    answer = await leo.http.post(f"/threads/{thread['id']}/messages", json={"video_id": waiting})
    assert code(answer) == (409, "clip_not_ready")


async def test_a_draft_with_others_in_it_is_sent_as_it_would_be_published(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await three(join)
    character, handle = await a_role(conn, mia, audience="everyone", approve_clips=True)
    receipt = await consented(conn, character)
    video = await made(worker, maya, f"{handle} waves")
    thread = await begun(maya, leo)
    path = f"/threads/{thread['id']}/messages"
    assert code(await maya.http.post(path, json={"video_id": video})) == (409, "publish_first")
    assert code(
        await mia.http.post(f"/threads/{(await begun(mia, leo))['id']}/messages", json={"video_id": video})
    ) == (
        201,
        None,
    )
    assert not await sees(leo, video)
    await conn.execute("update character set approve_clips = false")
    await say(maya, thread, video_id=video)
    assert await sees(leo, video)
    about = {"kind": "use_published", "video": video, "character": character, "by": maya.handle, "audience": "thread"}
    assert (await told(mia))[-1] == about
    await conn.execute(
        "update consent_purpose set withdrawn_at = now() where receipt = $1 and purpose = 'share'", receipt
    )
    assert not await sees(leo, video)
    assert code(await maya.http.post(path, json={"video_id": video})) == (403, "cameo_permission_denied")
    await conn.execute("update account set birth_date = '2011-01-01' where handle = $1", maya.handle)
    await conn.execute(
        "insert into guardian_link (young, guardian, confirmed_at, clip_audience) select m.id, l.id, now(), 'only_me' "
        "from account m, account l where m.handle = $1 and l.handle = $2",
        maya.handle,
        leo.handle,
    )
    own = await made(worker, maya, "a park")
    assert code(await maya.http.post(path, json={"video_id": own})) == (403, "guardian_limit")


async def test_one_line_and_one_tap_answer_with_a_clip_of_oneself(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await three(join)
    character, _ = await a_role(conn, leo)
    await consented(conn, character)
    thread = await begun(maya, leo)
    key = {"idempotency-key": "tap"}
    path = f"/threads/{thread['id']}/messages"
    sent = {"prompt": "I would never!", "emotion": "surprised"}
    taps = [(await leo.http.post(path, json=sent, headers=key)).json() for _ in range(2)]
    assert taps[0] == taps[1]
    video = taps[0]["video_id"]
    assert (taps[0]["kind"], taps[0]["text"], taps[0]["status"]) == ("answer", "I would never!", "queued")
    assert await used(leo) == 1
    clip = (await leo.http.get(f"/videos/{video}")).json()
    (shot,) = clip["screenplay"]["shots"]
    assert (clip["seconds"], clip["audience"], clip["prompt"]) == ("4", "only_me", "I would never!")
    assert [member["character"] for member in clip["cast"]] == [character]
    assert (shot["framing"], shot["end_s"], shot["who"]) == ("close_up", 4.0, ["S1"])
    line = shot["lines"][0]
    assert (line["speaker"], line["text"], line["emotion"]) == ("S1", "I would never!", "surprised")
    (waiting,) = (await maya.http.get(path)).json()["data"]
    assert (waiting["status"], waiting["video"], waiting["text"]) == ("queued", None, "I would never!")
    assert not await sees(maya, video)
    await finished(worker, video)
    (there,) = (await maya.http.get(path)).json()["data"]
    assert (there["status"], there["video"]["id"]) == ("completed", video)
    assert (await sees(maya, video), await sees(mia, video)) == (True, False)
    assert await heard(conn, maya) == [("answer", "queued", True), ("answer", "completed", False)]


async def test_an_answer_that_is_refused_costs_nothing_and_says_nothing(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await three(join)
    foreign, handle = await a_role(conn, mia, audience="everyone")
    thread = await begun(maya, leo)
    path = f"/threads/{thread['id']}/messages"
    assert code(await leo.http.post(path, json={"prompt": "hello"})) == (409, "own_character_needed")
    assert code(await leo.http.post(path, json={"prompt": "hello", "character": handle})) == (404, "character_unknown")
    character, _ = await a_role(conn, leo)
    receipt = await consented(conn, character)
    for sent, expected, said in (
        ({"prompt": "one " * 20}, (400, "screenplay_error"), "4.00 s"),
        ({"prompt": "...", "character": character}, (400, "screenplay_error"), "words"),
        ({"prompt": "x", "character": foreign}, (404, "character_unknown"), "char_"),
        ({"prompt": "x" * 201}, (400, "invalid_value"), "1 to 200"),
    ):
        answer = await leo.http.post(path, json=sent)
        assert code(answer) == expected, sent
        assert said in answer.json()["detail"]
    await conn.execute(
        "update consent_purpose set withdrawn_at = now() where receipt = $1 and purpose = 'share'", receipt
    )
    assert code(await leo.http.post(path, json={"prompt": "hello"})) == (403, "cameo_permission_denied")
    assert await used(leo) == 0
    assert await conn.fetchval("select count(*) from clip") == 0
    assert await conn.fetchval("select count(*) from message") == 0
    assert await conn.fetchval("select count(*) from pgqueuer") == 0


async def test_the_clip_of_an_answer_that_fails_tells_so(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, _ = await three(join)
    await consented(conn, (await a_role(conn, leo))[0])
    thread = await begun(maya, leo)
    sent = await say(leo, thread, prompt="hello there")
    await leo.http.post(f"/videos/{sent['video_id']}/cancel")
    (got,) = (await maya.http.get(f"/threads/{thread['id']}/messages")).json()["data"]
    assert (got["status"], got["error"], got["video"]) == ("failed", "cancelled", None)
    assert await heard(conn, maya) == [("answer", "queued", True), ("answer", "failed", True)]
    assert await used(leo) == 0


# Leaving, catching up


async def test_whoever_deletes_their_account_takes_their_words_along_and_nobody_elses(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo, _ = await three(join)
    thread = await begun(maya, leo)
    await say(maya, thread, text="mine")
    await say(leo, thread, text="yours")
    await conn.execute("delete from account where handle = $1", leo.handle)
    page = (await maya.http.get(f"/threads/{thread['id']}/messages")).json()["data"]
    assert [(one["author"], one["text"], one["deleted"]) for one in page] == [
        (None, None, True),
        (maya.handle, "mine", False),
    ]
    answer = await maya.http.post(f"/threads/{thread['id']}/messages", json={"text": "hello?"})
    assert code(answer) == (403, "not_friends")
    assert await conn.fetchval("select count(*) from message where text = 'yours'") == 0
    await conn.execute("delete from account where handle = $1", maya.handle)
    assert await conn.fetchval("select count(*) from thread") == 0
    assert await conn.fetchval("select count(*) from message") == 0


async def test_a_client_that_was_offline_catches_up_with_what_was_said(join: Join, worker: Studio) -> None:
    maya, leo, _ = await three(join)
    video = await made(worker, maya, "a park")
    await publish(maya, video)
    since = (await leo.http.get("/changes")).json()["next"]
    thread = await begun(maya, leo)
    said = await say(maya, thread, text="hello")
    commented = (await leo.http.post(f"/videos/{video}/comments", json={"text": "hi"})).json()
    page = (await leo.http.get("/changes", params={"since": since})).json()
    found = {one["type"]: one["data"] for one in page["data"]}
    assert found["thread"] == (await leo.http.get(f"/threads/{thread['id']}")).json()
    assert [found["message"]] == (await leo.http.get(f"/threads/{thread['id']}/messages")).json()["data"]
    assert found["comment"] == commented
    await leo.http.delete(f"/comments/{commented['id']}")
    await maya.http.delete(f"/messages/{said['id']}")
    await leo.http.delete(f"/threads/{thread['id']}")
    later = (await leo.http.get("/changes", params={"since": page["next"]})).json()["data"]
    assert {(one["type"], one["deleted"]) for one in later} >= {("comment", True), ("message", True), ("thread", True)}
