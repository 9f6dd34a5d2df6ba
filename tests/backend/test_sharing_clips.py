"""What is done with clips that show somebody: seen, published with approval, remixed, removed, reported."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import openai
import pytest

from tests.backend.cast import a_role, ask, asked, befriend, code, consented, finished, grant, made, outcome
from tests.backend.conftest import Join, Person
from tests.backend.test_studio import used
from tests.backend.test_videos import GOOD
from tests.backend.worker_side import Studio, key_of

NOWHERE = "video_" + "0" * 32


async def told(person: Person) -> list[dict[str, Any]]:
    """Notices, oldest first: what they are about, and their kind."""
    page = (await person.http.get("/notifications")).json()
    return [one["about"] | {"kind": one["kind"]} for one in page["data"]][::-1]


async def publish(maker: Person, video: str, audience: str = "everyone") -> dict[str, Any]:
    answer = await maker.http.patch(f"/videos/{video}", json={"audience": audience})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def sees(person: Person, video: str) -> bool:
    return (await person.http.get(f"/videos/{video}")).status_code == 200


async def remix(person: Person, video: str, prompt: str = "again", **more: Any) -> str:
    answer = await person.http.post(f"/videos/{video}/remix", json={"prompt": prompt} | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


# Uses


async def test_an_owner_sees_every_use_drafts_of_others_included(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    first = await made(worker, leo, f"{handle} waves")
    second = await asked(leo, f"{handle} jumps")
    await leo.http.put(f"/accounts/{maya.handle}/block")
    page = (await maya.http.get(f"/characters/{character}/uses")).json()
    draft, done = page["data"]
    assert (draft["id"], draft["status"], draft["poster"]) == (second, "failed", None)
    assert done["decision"] == {"audience": "everyone", "why": "everyone"}
    assert (done["video"], done["maker"], done["prompt"], done["status"], done["audience"], done["version"]) == (
        first,
        leo.handle,
        f"{handle} waves",
        "completed",
        "only_me",
        1,
    )
    assert done["poster"] == f"/v1/videos/{first}/content?variant=thumbnail"
    assert (await maya.http.get(done["poster"].removeprefix("/v1"))).status_code == 200
    await conn.execute("update character set state = 'revoked', left_at = now(), left_because = 'deleted'")
    pages = [(await maya.http.get(f"/characters/{character}/uses", params={"limit": 1})).json()]
    pages.append(
        (await maya.http.get(f"/characters/{character}/uses", params={"limit": 1, "after": pages[0]["last_id"]})).json()
    )
    assert [(one["last_id"], one["has_more"]) for one in pages] == [(second, True), (first, False)]
    assert code(await leo.http.get(f"/characters/{character}/uses")) == (404, "character_unknown")


async def test_a_deleted_link_between_does_not_save_what_lies_below(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    root = await made(worker, leo, f"{handle} waves")
    await publish(leo, root)
    between = await remix(mia, root)
    await finished(worker, between)
    await publish(mia, between)
    leaf = await remix(leo, between)
    await finished(worker, leaf)
    assert (await mia.http.delete(f"/videos/{between}")).status_code == 200
    assert (await leo.http.get(f"/videos/{leaf}")).json()["remixed_from_video_id"] == root
    gone = await maya.http.delete(f"/characters/{character}/uses/{root}")
    assert gone.json()["removed"] == [root, leaf]


async def test_removing_a_use_takes_its_remixes_that_show_the_character_along(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    root = await made(worker, leo, f"{handle} waves")
    await publish(leo, root)
    child = await remix(mia, root, "again")
    await finished(worker, child)
    await publish(mia, child)
    grandchild = await remix(mia, child, "and again")
    other = await made(worker, leo, f"{handle} sleeps")
    own = await asked(maya, "a cat")
    await conn.execute("update clip set remixed_from = $2 where id = $1", key_of(own), key_of(root))
    before = len(worker.files())
    gone = await maya.http.delete(f"/characters/{character}/uses/{root}")
    assert gone.json() == {"id": root, "object": "character.use", "removed": [root, child, grandchild]}
    for video, maker in ((root, leo), (child, mia), (grandchild, mia)):
        for person in (leo, mia, maya):
            assert not await sees(person, video)
        assert code(await maker.http.get(f"/videos/{video}/content")) == (404, "clip_unknown")
        assert code(await maker.http.delete(f"/videos/{video}")) == (404, "clip_unknown")
    assert [one["id"] for one in (await mia.http.get("/videos")).json()["data"]] == []
    assert len(worker.files()) == before - 8
    assert await used(mia) == 1  # the one in the making is refunded
    assert await sees(leo, other)
    assert await sees(maya, own)
    notice = (await told(leo))[-1]
    assert (notice["kind"], notice["video"], notice["because"]) == ("use_removed", root, "person_shown")
    assert await conn.fetchval("select count(*) from audit where action = 'clip.take_down'") == 3
    listed = (await maya.http.get(f"/characters/{character}/uses")).json()["data"]
    assert {one["id"]: one["removed_at"] is not None for one in listed} == {
        root: True,
        child: True,
        grandchild: True,
        other: False,
    }
    again = await maya.http.delete(f"/characters/{character}/uses/{root}")
    assert again.json()["removed"] == []


async def test_one_clip_can_be_removed_without_its_lineage(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    root = await made(worker, leo, f"{handle} waves")
    child = await remix(leo, root)
    assert code(await leo.http.delete(f"/characters/{character}/uses/{root}")) == (404, "character_unknown")
    answer = await maya.http.delete(f"/characters/{character}/uses/{root}?lineage=false")
    assert answer.json()["removed"] == [root]
    assert await outcome(leo, child) == ("queued", None)


async def test_revoking_with_removal_takes_the_lineage_along(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    character, handle = await a_role(conn, maya, audience="approved")
    for person in (leo, mia):
        await grant(maya, character, person)
    root = await made(worker, leo, f"{handle} waves")
    own = await made(worker, mia, f"{handle} sits")
    await publish(leo, root)
    child = await remix(mia, root)
    taken = (await maya.http.delete(f"/characters/{character}/grants/{leo.handle}?clips=remove")).json()
    assert taken == {"revoked": True, "clips": {"removed": [root, child], "kept": []}}
    assert not await sees(mia, child)
    assert await sees(mia, own)
    assert await used(mia) == 1


async def test_everybody_meets_a_clip_as_they_should(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    maya, leo, mia, eve = await join(), await join(), await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    video = await made(worker, leo, f"{handle} waves")
    await leo.http.put(f"/accounts/{mia.handle}/block")
    people = (leo, maya, eve, mia)  # maker, person shown, stranger, blocked
    again = {"prompt": "again"}
    table: list[tuple[str, str, Any, list[int], list[int]]] = [  # statuses of the draft, and of the published clip
        ("GET", f"/videos/{video}", None, [200, 200, 404, 404], [200, 200, 200, 404]),
        ("HEAD", f"/videos/{video}/content?variant=thumbnail", None, [200, 200, 404, 404], [200, 200, 200, 404]),
        ("GET", f"/videos/{video}/events", None, [200, 200, 404, 404], [200, 200, 200, 404]),
        ("POST", f"/videos/{video}/remix", again, [200, 200, 404, 404], [200, 200, 200, 404]),
        ("PATCH", f"/videos/{video}", {"caption": "x"}, [200, 404, 404, 404], [200, 404, 404, 404]),
        ("POST", f"/videos/{video}/cancel", None, [409, 404, 404, 404], [409, 404, 404, 404]),
        ("GET", f"/characters/{character}/uses", None, [404, 200, 404, 404], [404, 200, 404, 404]),
        ("GET", f"/characters/{character}/grants", None, [404, 200, 404, 404], [404, 200, 404, 404]),
        ("GET", f"/characters/{character}/permission", None, [200] * 4, [200] * 4),
        ("DELETE", f"/characters/{character}/uses/{NOWHERE}", None, [404] * 4, [404] * 4),
    ]
    for method, path, body, draft, _ in table:
        found = [(await person.http.request(method, path, json=body)).status_code for person in people]
        assert found == draft, (method, path)
    await publish(leo, video)
    for method, path, body, _, public in table:
        found = [(await person.http.request(method, path, json=body)).status_code for person in people]
        assert found == public, (method, path)
    assert code(await eve.http.delete(f"/characters/{character}/uses/{video}")) == (404, "character_unknown")


async def test_a_published_clip_is_hidden_from_whom_the_person_shown_wants(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia, eve = await join(), await join(), await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    receipt = await consented(conn, character)
    video = await made(worker, leo, f"{handle} waves")
    await publish(leo, video)
    assert [await sees(person, video) for person in (leo, maya, mia, eve)] == [True] * 4
    await maya.http.put(f"/accounts/{mia.handle}/block")
    assert [await sees(person, video) for person in (leo, maya, mia, eve)] == [True, True, False, True]
    await conn.execute(
        "update consent_purpose set withdrawn_at = now() where receipt = $1 and purpose = 'share'", receipt
    )
    assert [await sees(person, video) for person in (leo, maya, mia, eve)] == [True, True, False, False]


# Asking


async def test_asking_the_owner_for_one_clip(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, eve = await join(), await join(), await join()
    character, handle = await a_role(conn, maya)
    words = {"prompt": f"{handle} waves"}
    first = await leo.http.post(f"/characters/{handle}/requests", json=words)
    again = await leo.http.post(f"/characters/{character}/requests", json=words)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    question = first.json()
    assert (question["kind"], question["state"], question["asker"], question["owner"]) == (
        "cast",
        "open",
        leo.handle,
        maya.handle,
    )
    assert (await maya.http.get("/characters/requests")).json()["data"] == [question]
    assert (await leo.http.get("/characters/requests")).json()["data"] == []
    assert (await leo.http.get("/characters/requests?role=asker")).json()["data"] == [question]
    path = f"/characters/requests/{question['id']}/decide"
    for person in (leo, eve):
        assert code(await person.http.post(path, json={"decision": "approve"})) == (404, "cast_request_unknown")
    decided = (await maya.http.post(path, json={"decision": "approve"})).json()
    assert (decided["state"], decided["decided_at"] is not None) == ("approved", True)
    assert code(await maya.http.post(path, json={"decision": "refuse"})) == (409, "cast_request_decided")
    assert code(await leo.http.post(f"/characters/{handle}/requests", json=words)) == (409, "cast_request_needless")
    assert code(await ask(leo, f"{handle} jumps")) == (403, "cameo_permission_denied")
    assert (await ask(leo, words["prompt"])).status_code == 200
    assert code(await ask(leo, words["prompt"])) == (403, "cameo_permission_denied")
    assert [one["kind"] for one in await told(maya)] == ["cast_requested", "cast"]
    assert [(one["kind"], one["decision"]) for one in await told(leo)] == [("cast_decided", "approve")]


@pytest.mark.parametrize("audience", ["approved", "only_me"])
async def test_an_answer_can_be_a_grant(join: Join, conn: asyncpg.Connection, audience: str) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, audience=audience)
    asked_id = (await leo.http.post(f"/characters/{handle}/requests", json={"prompt": "hi"})).json()["id"]
    await maya.http.post(f"/characters/requests/{asked_id}/decide", json={"decision": "grant"})
    cast = {"characters": [{"id": handle}]}
    assert (await ask(leo, "hi", **cast)).status_code == 200
    assert (await ask(leo, "anything", **cast)).status_code == (200 if audience == "approved" else 403)


async def test_a_refused_question_changes_nothing_and_may_be_asked_again(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya)
    first = (await leo.http.post(f"/characters/{handle}/requests", json={"prompt": "hi"})).json()["id"]
    refused = await maya.http.post(f"/characters/requests/{first}/decide", json={"decision": "refuse"})
    assert refused.json()["state"] == "refused"
    assert code(await ask(leo, "hi", characters=[{"id": handle}])) == (403, "cameo_permission_denied")
    again = await leo.http.post(f"/characters/{handle}/requests", json={"prompt": "hi"})
    assert (again.status_code, again.json()["id"] != first) == (201, True)


async def test_some_questions_cannot_be_asked(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, eve = await join(), await join(), await join()
    _, handle = await a_role(conn, maya)
    _, public = await a_role(conn, maya, audience="everyone", restrictions=["no swords"])
    await maya.http.put(f"/accounts/{eve.handle}/block")
    hi = {"prompt": "hi"}
    blocked = await eve.http.post(f"/characters/{handle}/requests", json=hi)
    assert code(blocked) == (403, "cameo_permission_denied")
    assert code(await leo.http.post(f"/characters/{public}/requests", json=hi)) == (409, "cast_request_needless")
    restricted = await leo.http.post(f"/characters/{public}/requests", json={"prompt": "with a sword"})
    assert code(restricted) == (403, "cameo_permission_denied")
    assert code(await maya.http.post(f"/characters/{handle}/requests", json=hi)) == (409, "cast_request_needless")
    for body in ({}, {"prompt": " "}, {"prompt": "x" * 32_001}, {"prompt": "a\0b"}, {"prompt": 5}, {"word": "x"}):
        assert (await leo.http.post(f"/characters/{handle}/requests", json=body)).status_code == 400, body
    assert code(await leo.http.post("/characters/@nobody/requests", json=hi)) == (404, "character_unknown")
    answers = await asyncio.gather(
        *(leo.http.post(f"/characters/{handle}/requests", json={"prompt": f"hi {turn}"}) for turn in range(12))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [429] * 2
    pages = [(await leo.http.get("/characters/requests?role=asker&limit=7")).json()]
    pages.append((await leo.http.get(f"/characters/requests?role=asker&after={pages[0]['last_id']}")).json())
    assert [(len(page["data"]), page["has_more"]) for page in pages] == [(7, True), (3, False)]
    for path in ("/characters/requests?role=me", "/characters/requests?after=x", "/characters/requests?limit=-1"):
        assert (await leo.http.get(path)).status_code == 400
    decide = f"/characters/requests/{pages[0]['last_id']}/decide"
    for word in ("maybe", None, 5):
        assert (await maya.http.post(decide, json={"decision": word})).status_code == 400
    assert code(await maya.http.post("/characters/requests/req_x/decide", json={"decision": "refuse"}))[0] == 404
    await maya.http.put(f"/accounts/{leo.handle}/block")
    assert code(await maya.http.post(decide, json={"decision": "approve"})) == (409, "cast_request_decided")


# Publishing


async def test_publishing_lets_be_seen_by_whom_it_says(join: Join, worker: Studio) -> None:
    maya, leo, eve = await join(), await join(), await join()
    await befriend(maya, leo)
    video = await asked(maya, "a cat")
    early = await maya.http.patch(f"/videos/{video}", json={"audience": "everyone"})
    assert code(early) == (409, "clip_not_ready")
    assert (await maya.http.patch(f"/videos/{video}", json={"audience": "only_me"})).status_code == 200
    await finished(worker, video)
    assert not await sees(leo, video)
    published = await publish(maya, video, "friends")
    assert (published["audience"], published["publication"]) == ("friends", None)
    assert published["published_at"] is not None
    assert (await sees(leo, video), await sees(eve, video)) == (True, False)
    wider = await publish(maya, video, "everyone")
    assert wider["published_at"] == published["published_at"]
    assert await sees(eve, video)
    await eve.http.put(f"/accounts/{maya.handle}/block")
    assert not await sees(eve, video)
    back = await publish(maya, video, "only_me")
    assert (back["published_at"], await sees(leo, video)) == (None, False)


async def test_a_description_changes_only_what_it_names(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    video = await made(worker, maya, "a cat")
    path = f"/videos/{video}"
    clip = (await maya.http.patch(path, json={"caption": "Look!", "allow_remix": False})).json()
    assert (clip["caption"], clip["allow_remix"], clip["audience"]) == ("Look!", False, "only_me")
    clip = (await maya.http.patch(path, json={"allow_remix": True})).json()
    assert (clip["caption"], clip["allow_remix"]) == ("Look!", True)
    for body in (
        {},
        {"caption": "x" * 2201},
        {"caption": None},
        {"caption": "a\0b"},
        {"audience": "mutuals"},
        {"audience": None},
        {"allow_remix": "yes"},
        {"title": "x"},
    ):
        assert (await maya.http.patch(path, json=body)).status_code == 400, body
    assert code(await leo.http.patch(path, json={"caption": "x"})) == (404, "clip_unknown")
    assert code(await maya.http.patch("/videos/x", json={"caption": "x"})) == (404, "clip_unknown")
    assert (await maya.http.patch(path, json={"caption": ""})).json()["caption"] == ""


async def test_what_may_not_be_cast_any_more_may_not_be_published(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    receipt = await consented(conn, character)
    theirs, own = await made(worker, leo, f"{handle} waves"), await made(worker, maya, f"{handle} waves")
    await conn.execute(
        "update consent_purpose set withdrawn_at = now() where receipt = $1 and purpose = 'share'", receipt
    )
    for maker, video in ((leo, theirs), (maya, own)):
        refused = await maker.http.patch(f"/videos/{video}", json={"audience": "friends", "caption": "Look!"})
        assert code(refused) == (403, "cameo_permission_denied")
        assert handle in refused.json()["detail"]
        clip = (await maker.http.get(f"/videos/{video}")).json()
        assert (clip["audience"], clip["caption"]) == ("only_me", "")


async def approvals(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> tuple[tuple[Person, Person, Person], tuple[str, str], str]:
    """Two owners who want to be asked, a maker, the owners' handles and the maker's clip with both."""
    maya, mia, leo = await join(), await join(), await join()
    one = (await a_role(conn, maya, audience="everyone", approve_clips=True))[1]
    two = (await a_role(conn, mia, audience="everyone", approve_clips=True))[1]
    return (maya, mia, leo), (one, two), await made(worker, leo, f"{one} meets {two}")


async def question(owner: Person) -> str:
    [asked_of_owner] = [
        one["id"] for one in (await owner.http.get("/characters/requests")).json()["data"] if one["state"] == "open"
    ]
    return f"/characters/requests/{asked_of_owner}/decide"


async def test_a_clip_is_published_when_all_who_are_shown_have_approved(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    (maya, mia, leo), (one, two), video = await approvals(join, conn, worker)
    for _ in range(2):
        waiting = await publish(leo, video)
        assert (waiting["audience"], waiting["published_at"]) == ("only_me", None)
        assert waiting["publication"] == {"wanted": "everyone", "waiting_for": sorted([one, two])}
    assert (await maya.http.get(f"/videos/{video}")).json()["publication"] is None
    assert (await leo.http.get("/videos")).json()["data"][0]["publication"] == waiting["publication"]
    granted = await maya.http.post(await question(maya), json={"decision": "grant"})
    assert code(granted) == (400, "invalid_value")
    answer = await maya.http.post(await question(maya), json={"decision": "approve"})
    assert (answer.json()["kind"], answer.json()["video"], answer.json()["state"]) == ("publish", video, "approved")
    assert (await leo.http.get(f"/videos/{video}")).json()["publication"]["waiting_for"] == [two]
    await mia.http.post(await question(mia), json={"decision": "approve"})
    clip = (await leo.http.get(f"/videos/{video}")).json()
    assert (clip["audience"], clip["publication"]) == ("everyone", None)
    assert clip["published_at"] is not None
    assert [(n["kind"], n.get("published")) for n in await told(leo)] == [
        ("publish_decided", False),
        ("publish_decided", True),
    ]
    assert [n["kind"] for n in await told(maya)] == ["cast", "publish_requested", "use_published"]
    assert (await publish(leo, video, "friends"))["audience"] == "friends"
    assert (await publish(leo, video, "everyone"))["audience"] == "everyone"  # it was approved


async def test_two_last_answers_at_once_publish(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    (maya, mia, leo), _, video = await approvals(join, conn, worker)
    await publish(leo, video)
    paths = [(owner, await question(owner)) for owner in (maya, mia)]
    answers = await asyncio.gather(*(owner.http.post(path, json={"decision": "approve"}) for owner, path in paths))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await leo.http.get(f"/videos/{video}")).json()["audience"] == "everyone"


async def test_one_no_leaves_a_draft(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    (maya, mia, leo), _, video = await approvals(join, conn, worker)
    await publish(leo, video)
    await mia.http.post(await question(mia), json={"decision": "approve"})
    await maya.http.post(await question(maya), json={"decision": "refuse"})
    clip = (await leo.http.get(f"/videos/{video}")).json()
    assert (clip["audience"], clip["publication"]) == ("only_me", None)


async def test_taking_the_wish_back_withdraws_the_questions(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    (maya, _, leo), _, video = await approvals(join, conn, worker)
    await publish(leo, video)
    path = await question(maya)
    assert (await publish(leo, video, "only_me"))["publication"] is None
    assert code(await maya.http.post(path, json={"decision": "approve"})) == (409, "cast_request_decided")
    assert (await publish(leo, video, "friends"))["publication"]["wanted"] == "friends"
    await publish(leo, video, "everyone")
    states = await conn.fetch("select audience, state from cast_request order by id")
    assert [(row["audience"], row["state"]) for row in states] == [
        *[("everyone", "withdrawn")] * 2,
        *[("friends", "withdrawn")] * 2,
        *[("everyone", "open")] * 2,
    ]


async def test_an_approval_does_not_outweigh_a_permission_that_is_gone(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    (maya, mia, leo), _, video = await approvals(join, conn, worker)
    await publish(leo, video)
    await mia.http.post(await question(mia), json={"decision": "approve"})
    path = await question(maya)
    await mia.http.put(f"/accounts/{leo.handle}/block")
    await maya.http.post(path, json={"decision": "approve"})
    assert (await leo.http.get(f"/videos/{video}")).json()["audience"] == "only_me"
    assert (await told(leo))[-1]["published"] is False


# Remixes


async def test_a_remix_keeps_cast_size_and_length_and_tells_everybody(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    own, own_handle = await a_role(conn, mia)
    parent = await made(worker, leo, f"{handle} waves", size="480x848", seconds="4")
    await publish(leo, parent)
    key = {"idempotency-key": "once"}
    prompts = [
        await mia.http.post(f"/videos/{parent}/remix", json={"prompt": f"with {own_handle}"}, headers=key)
        for _ in range(2)
    ]
    assert prompts[0].json()["id"] == prompts[1].json()["id"]
    clip = prompts[0].json()
    assert (clip["remixed_from_video_id"], clip["size"], clip["seconds"]) == (parent, "480x848", "4")
    assert clip["credits"]["parents"] == [parent]
    assert [member["character"] for member in clip["cast"]] == [character, own]
    assert await used(mia) == 1
    form = await mia.http.post(
        f"/videos/{parent}/remix", data={"prompt": "more", "seconds": "8"}, files={"none": ("", b"")}
    )
    assert (form.json()["seconds"], form.json()["size"]) == ("8", "480x848")
    assert [(one["kind"], one["video"]) for one in await told(leo)] == [("remixed", form.json()["id"])]
    notice = (await told(maya))[-2]
    assert (notice["kind"], notice["by"], notice["remixed_from"]) == ("cast", mia.handle, parent)


async def test_the_sdk_remixes(join: Join, worker: Studio) -> None:
    maya = await join()
    parent = await made(worker, maya, "a cat")
    client = openai.AsyncOpenAI(
        api_key=maya.http.headers["authorization"].removeprefix("Bearer "),
        base_url="http://test/v1",
        http_client=maya.http,  # type: ignore[arg-type]  # the SDK's own subclass adds defaults only
    )
    with pytest.warns(DeprecationWarning, match="Sora"):
        video = await client.videos.remix(parent, prompt="a dog")
    assert (video.remixed_from_video_id, video.status, video.prompt) == (parent, "queued", "a dog")


async def test_a_remix_needs_what_a_clip_needs_and_the_makers_leave(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    character, handle = await a_role(conn, maya, audience="approved", restrictions=["no swords"])
    await grant(maya, character, leo)
    await grant(maya, character, mia)
    parent = await made(worker, leo, f"{handle} waves")
    path, words = f"/videos/{parent}/remix", {"prompt": "again"}
    assert code(await mia.http.post(path, json=words)) == (404, "clip_unknown")
    await publish(leo, parent)
    refused = await mia.http.post(path, json={"prompt": "with a sword"})
    assert code(refused) == (403, "cameo_permission_denied")
    for body in ({}, {"prompt": ""}, {"prompt": "x", "seconds": "7"}, {"prompt": "x", "size": "1x1"}):
        assert (await mia.http.post(path, json=body)).status_code == 400, body
    assert code(await mia.http.post(f"/videos/{NOWHERE}/remix", json=words)) == (404, "clip_unknown")
    await maya.http.delete(f"/characters/{character}/grants/{mia.handle}")
    assert code(await mia.http.post(path, json=words)) == (403, "cameo_permission_denied")
    await leo.http.patch(f"/videos/{parent}", json={"allow_remix": False})
    assert code(await maya.http.post(path, json=words)) == (403, "remix_off")
    child = await remix(leo, parent)
    assert code(await leo.http.post(f"/videos/{child}/remix", json=words)) == (409, "clip_not_ready")
    await leo.http.patch(f"/videos/{parent}", json={"allow_remix": True})
    await leo.http.put(f"/accounts/{maya.handle}/block")
    assert await sees(maya, parent)
    assert code(await maya.http.post(path, json=words)) == (403, "remix_off")
    assert await used(mia) == 0


# Notices


async def test_notices_come_newest_first_and_can_be_read(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    _, handle = await a_role(conn, maya, audience="everyone")
    videos = [await asked(leo, f"{handle} waves") for _ in range(3)]
    page = (await maya.http.get("/notifications?limit=2")).json()
    assert [one["about"]["video"] for one in page["data"]] == videos[:0:-1]
    assert (page["unread"], page["has_more"]) == (3, True)
    assert all(one["read_at"] is None and one["id"].startswith("ntc_") for one in page["data"])
    rest = (await maya.http.get(f"/notifications?after={page['last_id']}")).json()
    assert [one["about"]["video"] for one in rest["data"]] == videos[:1]
    one = {"ids": [page["last_id"]]}
    assert (await leo.http.post("/notifications/read", json=one)).json() == {"unread": 0}
    assert (await maya.http.post("/notifications/read", json=one)).json() == {"unread": 2}
    assert (await maya.http.post("/notifications/read", json={"all": True})).json() == {"unread": 0}
    for body in ({}, {"ids": ["x"]}, {"ids": [], "all": True}, {"all": False}, {"ids": ["ntc_x"] * 101}):
        assert (await maya.http.post("/notifications/read", json=body)).status_code == 400, body


# Reports


async def test_a_reporter_stops_seeing_a_clip_and_a_second_report_is_the_first(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    video = await made(worker, maya, "a cat")
    await publish(maya, video)
    body = {"subject": {"type": "video", "id": video}, "reason": "scam_or_spam", "comment": "an ad", "at_s": 1.5}
    first = await leo.http.post("/reports", json=body)
    assert (first.status_code, first.json()["state"], first.json()["id"][:4]) == (201, "open", "rep_")
    assert (await leo.http.post("/reports", json=body | {"reason": "hate"})).json() == first.json()
    assert (await sees(leo, video), await sees(mia, video), await sees(maya, video)) == (False, True, True)
    assert [one["id"] for one in (await leo.http.get("/reports")).json()["data"]] == [first.json()["id"]]
    assert (await mia.http.get("/reports")).json()["data"] == []
    gone = await leo.http.post("/reports", json=body | {"subject": {"type": "clip", "id": NOWHERE}})
    assert gone.status_code == 201
    for subject in ({"type": "account", "id": maya.id}, {"type": "character", "id": "char_" + "1" * 32}):
        assert (await leo.http.post("/reports", json={"subject": subject, "reason": "other"})).status_code == 201
    assert await conn.fetchval("select count(*) from clip where hidden_at is not null") == 0


@pytest.mark.parametrize("reason", ["child_safety", "non_consensual_intimate", "likeness_without_consent"])
async def test_grave_reports_and_those_of_the_person_shown_hide_the_clip(
    join: Join, conn: asyncpg.Connection, worker: Studio, reason: str
) -> None:
    maya, leo, mia, eve = await join(), await join(), await join(), await join()
    _, handle = await a_role(conn, maya, audience="everyone")
    video = await made(worker, leo, f"{handle} waves")
    body = {"subject": {"type": "video", "id": video}, "reason": reason}
    await eve.http.post("/reports", json=body)
    assert await conn.fetchval("select hidden_at from clip") is None  # whoever cannot see it hides nothing
    await publish(leo, video)
    reporter = maya if reason == "likeness_without_consent" else mia
    await reporter.http.post("/reports", json=body)
    assert [await sees(person, video) for person in (leo, maya, mia, eve)] == [True, True, False, False]


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": {"type": "video", "id": "x"}},
        {"subject": {"type": "message", "id": NOWHERE}},
        {"subject": {"type": "character", "id": NOWHERE}},
        {"subject": None},
        {"reason": "boring"},
        {"comment": "x" * 2001},
        {"comment": "a\0b"},
        {"at_s": -1},
        {"at_s": 1e9},
        {"at_s": "x"},
        {"more": 1},
    ],
)
async def test_a_bad_report_is_a_clear_no(join: Join, changed: dict[str, Any]) -> None:
    maya = await join()
    body = {"subject": {"type": "video", "id": NOWHERE}, "reason": "other"} | changed
    answer = await maya.http.post("/reports", json=body)
    assert answer.status_code == 400, answer.text


async def test_these_routes_need_a_person(join: Join) -> None:
    nobody = await join(None)
    for method, path in (
        ("PATCH", f"/videos/{NOWHERE}"),
        ("POST", f"/videos/{NOWHERE}/remix"),
        ("GET", "/characters/requests"),
        ("POST", "/characters/@maya/requests"),
        ("POST", "/characters/requests/req_x/decide"),
        ("GET", "/notifications"),
        ("POST", "/notifications/read"),
        ("GET", "/reports"),
        ("POST", "/reports"),
    ):
        assert (await nobody.http.request(method, path, json=GOOD)).status_code == 401, path
