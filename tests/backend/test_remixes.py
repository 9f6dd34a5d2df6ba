"""Remixes: what becomes of the screenplay in each kind, what is told, and what is refused with nothing spent."""

from __future__ import annotations

from typing import Any

import asyncpg

from tests.backend.cast import a_role, code, consented, finished, grant, made
from tests.backend.conftest import Join
from tests.backend.test_reworks import Two, said, two, used
from tests.backend.test_sharing_clips import NOWHERE, publish, sees, told
from tests.backend.worker_side import Studio, key_of

PLOT = 'Shot 1: wide, {one} runs to the edge of a pool. Shot 2: close-up, {one} jumps. {one} says "Here I go!"'


async def ask(person: Any, video: str, **body: Any) -> Any:
    return await person.http.post(f"/videos/{video}/remix", json=body)


async def anew(person: Any, video: str, **body: Any) -> dict[str, Any]:
    answer = await ask(person, video, **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def shots(clip: dict[str, Any]) -> list[dict[str, Any]]:
    return list(clip["screenplay"]["shots"])


async def public(join: Join, conn: asyncpg.Connection, worker: Studio, **more: Any) -> Two:
    of = await two(join, conn, worker, **more)
    await conn.execute("update character set audience = 'everyone'")
    await publish(of.maya, of.video)
    return of


async def test_an_instruction_changes_that_and_nothing_else(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await public(join, conn, worker), await join()
    before = await of.get()
    after = await anew(leo, of.video, prompt="make it night")
    assert after["screenplay"]["setting"].endswith("at night")
    assert (said(after), after["cast"], after["size"]) == (said(before), before["cast"], before["size"])
    assert [one["framing"] for one in shots(after)] == [one["framing"] for one in shots(before)]
    assert (after["remixed_from_video_id"], after["seconds"]) == (of.video, before["seconds"])


async def test_what_is_no_instruction_is_a_new_idea_in_the_same_place(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await public(join, conn, worker), await join()
    before = await of.get()
    after = await anew(leo, of.video, prompt=f'{of.one} says: "Where did the cat go?"', kind="plain", seconds="8")
    assert (said(after), after["seconds"]) == (["Where did the cat go?"], "8")
    for name in ("setting", "style", "warmth", "contrast"):
        assert after["screenplay"][name] == before["screenplay"][name], name
    elsewhere = await anew(leo, of.video, prompt=f'{of.one} on a beach: "Sand!"', seconds="8")
    assert "beach" in elsewhere["screenplay"]["setting"]


async def test_a_swap_puts_somebody_else_in_somebodys_place(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await public(join, conn, worker), await join()
    new, handle = await a_role(conn, leo)
    await conn.execute("update character set name = 'Ada King' where handle = $1", handle[1:])
    before = await of.get()
    after = await anew(leo, of.video, kind="swap", swap={"from": of.one, "to": handle})
    assert [(one["handle"], one["speaker"]) for one in after["cast"]] == [(handle[1:], "S1"), (of.other[1:], "S2")]
    assert (said(after), after["seed"], after["prompt"]) == (said(before), before["seed"], before["prompt"])
    assert [shot["who"] for shot in shots(after)] == [shot["who"] for shot in shots(before)]
    form = {"kind": "swap", "swap[from]": of.other, "swap[to]": new, "prompt": "make it night"}
    sent = await leo.http.post(f"/videos/{of.video}/remix", data=form, files={"none": ("", b"")})
    assert [one["character"] for one in sent.json()["cast"]] == [before["cast"][0]["character"], new]
    assert sent.json()["screenplay"]["setting"].endswith("at night")


async def test_a_restyle_keeps_every_shot_and_word(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of, leo = await public(join, conn, worker), await join()
    before = await of.get()
    after = await anew(leo, of.video, kind="restyle", prompt="as a film noir, with jazz music")
    play = after["screenplay"]
    assert shots(after) == shots(before)
    assert (play["setting"], play["title"]) == (before["screenplay"]["setting"], before["screenplay"]["title"])
    assert "noir" in play["style"]
    assert play["contrast"] > before["screenplay"]["contrast"]
    assert "jazz" in play["sound_bed"]


async def test_another_ending_keeps_every_shot_but_the_last(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    _, one = await a_role(conn, maya, audience="everyone")
    video = await made(worker, maya, PLOT.format(one=one), seconds="10")
    await publish(maya, video)
    before = (await maya.http.get(f"/videos/{video}")).json()
    after = await anew(leo, video, kind="change_the_ending", prompt=f'{one} sits down. {one} says "Never mind."')
    assert shots(after)[:-1] == shots(before)[:-1]
    assert (said(before), said(after)) == (["Here I go!"], ["Never mind."])
    assert "jumps" not in shots(after)[-1]["action"]
    assert shots(after)[-1]["end_s"] == 10.0


async def test_a_remix_that_continues_goes_on_where_its_parent_ends(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await public(join, conn, worker), await join()
    before = await of.get()
    after = await anew(leo, of.video, kind="continue", prompt=f'{of.one}: "I grew them."')
    assert (after["seconds"], after["extended_from_s"]) == ("8", 4.0)
    assert shots(after)[: len(shots(before))] == shots(before)
    assert said(after) == [*said(before), "I grew them."]


async def test_everybody_concerned_is_told_once(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of, leo, mia = await public(join, conn, worker), await join(), await join()
    await conn.execute(
        "update character set owner = (select id from account where handle = $1) where handle = $2",
        mia.handle,
        of.other[1:],
    )
    key = {"idempotency-key": "once"}
    body = {"prompt": "make it night"}
    for _ in range(2):
        answer = await leo.http.post(f"/videos/{of.video}/remix", json=body, headers=key)
    video = answer.json()["id"]
    assert [one["kind"] for one in await told(of.maya) if one.get("video") == video] == ["remixed", "cast"]
    assert [one["kind"] for one in await told(mia) if one.get("video") == video] == ["cast"]
    assert await used(leo) == 1


async def test_who_may_not_be_cast_is_named_and_a_swap_is_offered(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await public(join, conn, worker), await join()
    await conn.execute("update character set audience = 'approved' where handle = $1", of.one[1:])
    _, own = await a_role(conn, leo)
    for kind in ({"prompt": "again"}, {"prompt": "as a film noir", "kind": "restyle"}):
        answer = await ask(leo, of.video, **kind)
        assert code(answer) == (403, "cameo_permission_denied")
        assert of.one in answer.json()["detail"]
        assert 'kind "swap"' in answer.json()["detail"]
    assert (await ask(leo, of.video, kind="swap", swap={"from": of.one, "to": own})).status_code == 200
    assert code(await ask(leo, of.video, kind="swap", swap={"from": of.other, "to": own})) == (
        403,
        "cameo_permission_denied",
    )
    await grant(of.maya, of.one, leo)
    assert (await ask(leo, of.video, prompt="again")).status_code == 200


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"prompt": "x", "kind": "mashup"}, "kind"),
    ({"prompt": "x", "kind": 7}, "kind"),
    ({"prompt": "x", "kind": "swap"}, "swap"),
    ({"prompt": "x", "swap": {"from": "@a", "to": "@b"}}, "swap"),
    ({"kind": "swap", "swap": {"from": "@nobody", "to": "@b"}}, "swap.from"),
    ({"kind": "swap", "swap": {"from": "{one}", "to": "{other}"}}, "swap.to"),
    ({"kind": "swap", "swap": {"from": "{one}", "to": "{one}"}}, "swap.to"),
    ({"kind": "swap", "swap": {"from": "{one}"}}, "swap"),
    ({"kind": "swap", "swap": "@a"}, "swap"),
    ({"prompt": "as a film noir", "kind": "restyle", "seconds": "8"}, "seconds"),
    ({"prompt": "she waves", "kind": "change_the_ending", "size": "480x848"}, "size"),
    ({"prompt": "she waves", "kind": "continue", "seed": 4}, "seed"),
    ({"prompt": "", "kind": "restyle"}, "prompt"),
    ({"prompt": "don't swim!"}, "prompt"),
    ({"prompt": "x", "characters": [{"id": "@a"}] * 5}, "characters"),
    ({"prompt": "x", "sound": {"video_id": NOWHERE}, "kind": "restyle"}, "sound"),
)


async def test_a_bad_remix_is_a_clear_no(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of = await two(join, conn, worker)
    names = {"{one}": of.one, "{other}": of.other}
    for body, param in BAD:
        swap = body.get("swap")
        whole = {key: names.get(name, name) for key, name in swap.items()} if isinstance(swap, dict) else swap
        answer = await ask(of.maya, of.video, **body | ({} if swap is None else {"swap": whole}))
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), body
        assert "allowed" in answer.json()["detail"], body
    assert await used(of.maya) == 1
    assert await conn.fetchval("select count(*) from clip") == 1


async def test_a_cast_of_five_is_refused(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of = await two(join, conn, worker)
    more = [(await a_role(conn, of.maya))[1] for _ in range(3)]
    answer = await ask(of.maya, of.video, prompt="again", characters=[{"id": one} for one in more])
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "characters")
    assert await used(of.maya) == 1


async def test_what_may_not_be_remixed_says_why_to_whom_it_concerns(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    character, handle = await a_role(conn, maya, audience="everyone")
    await consented(conn, character)
    video = await made(worker, leo, f"{handle} waves")
    await publish(leo, video)
    await conn.execute("update clip set hidden_at = now() where id = $1", key_of(video))
    assert code(await ask(leo, video, prompt="again")) == (409, "clip_hidden")
    assert code(await ask(await join(), video, prompt="again")) == (404, "clip_unknown")
    await conn.execute("update clip set hidden_at = null where id = $1", key_of(video))
    await maya.http.delete(f"/characters/{character}/uses/{video}")
    assert not await sees(leo, video)
    assert code(await ask(leo, video, prompt="again")) == (410, "clip_removed")
    assert code(await ask(maya, video, prompt="again")) == (404, "clip_unknown")
    assert await conn.fetchval("select count(*) from clip") == 1


# Comments that become clips


async def comment(conn: asyncpg.Connection, author: Any, video: str, text: str) -> str:
    made_id = await conn.fetchval(
        "insert into comment (clip, author, text) select $1, id, $2 from account where handle = $3 returning id",
        key_of(video),
        text,
        author.handle,
    )
    return f"cmt_{made_id.hex}"


async def test_a_comment_becomes_the_version_that_it_asks_for(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    _, one = await a_role(conn, maya, audience="everyone")
    video = await made(worker, maya, PLOT.format(one=one))
    await publish(maya, video)
    said_by = await comment(conn, leo, video, "don't jump!")
    key = {"idempotency-key": "once"}
    answers = [await mia.http.post(f"/comments/{said_by}/remix", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    clip = answers[0].json()
    assert (clip["id"], clip["prompt"], clip["remixed_from_video_id"]) == (
        answers[1].json()["id"],
        "don't jump!",
        video,
    )
    assert not any("jump" in shot["action"] for shot in shots(clip))
    assert any("stays put" in shot["action"] for shot in shots(clip))
    assert [(one["kind"], one["comment"]) for one in await told(leo)] == [("suggestion_taken", said_by)]
    shown = (await mia.http.get(f"/videos/{clip['id']}/credits")).json()
    assert (shown["written_by"], shown["suggested_by"]) == (mia.handle, leo.handle)
    await leo.http.put(f"/accounts/{mia.handle}/block")
    assert (await mia.http.get(f"/videos/{clip['id']}/credits")).json()["suggested_by"] is None


async def test_a_comment_that_cannot_be_taken_makes_nothing(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    _, one = await a_role(conn, maya, audience="everyone")
    video = await made(worker, maya, PLOT.format(one=one))
    await publish(maya, video)
    said_by = await comment(conn, leo, video, "make it night")
    path = f"/comments/{said_by}/remix"
    unknown = (404, "comment_unknown")
    answer = await mia.http.post(path, json={"prompt": "mine"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "prompt")
    assert code(await mia.http.post(f"/comments/cmt_{0:032x}/remix")) == unknown
    assert code(await mia.http.post("/comments/7/remix")) == unknown
    await mia.http.put(f"/accounts/{leo.handle}/block")
    assert code(await mia.http.post(path)) == unknown
    await mia.http.delete(f"/accounts/{leo.handle}/block")
    for gone, back in (
        ("update comment set deleted_at = now()", "update comment set deleted_at = null"),
        ("update comment set hidden_at = now()", "update comment set hidden_at = null"),
    ):
        await conn.execute(gone)
        assert code(await mia.http.post(path)) == unknown
        await conn.execute(back)
    await maya.http.patch(f"/videos/{video}", json={"allow_remix": False})
    assert code(await mia.http.post(path)) == (403, "remix_off")
    await maya.http.patch(f"/videos/{video}", json={"audience": "only_me"})
    assert code(await mia.http.post(path)) == unknown
    assert (await used(mia), await conn.fetchval("select count(*) from clip")) == (0, 1)


# What came of what


async def test_a_lineage_is_told_from_any_of_its_clips_and_a_gap_says_nothing(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    _, one = await a_role(conn, maya, audience="everyone")
    root = await made(worker, maya, f"{one} waves")
    await publish(maya, root)
    between = (await anew(leo, root, prompt="make it night"))["id"]
    await finished(worker, between)
    await publish(leo, between)
    leaf = (await anew(mia, between, prompt="now it rains"))["id"]
    await finished(worker, leaf)
    await publish(mia, leaf)
    page = (await maya.http.get(f"/videos/{root}/remixes")).json()
    assert [clip["id"] for clip in page["data"]] == [between]
    await leo.http.delete(f"/videos/{between}")
    tree = (await maya.http.get(f"/videos/{leaf}/lineage")).json()
    gap = {"id": between, "parent": root, "removed": True}
    assert (tree["root"], [node["id"] for node in tree["nodes"]]) == (root, [root, between, leaf])
    assert tree["nodes"][1] == gap
    assert [node["id"] for node in tree["ancestors"]] == [between, root]
    assert tree["nodes"][2]["maker"] == mia.handle
    below = (await maya.http.get(f"/videos/{root}/lineage", params={"under": between, "limit": 1})).json()
    assert (below["nodes"], below["has_more"], below["ancestors"][0]["id"]) == ([gap], True, root)
    rest = (await maya.http.get(f"/videos/{root}/lineage", params={"under": between, "after": below["last_id"]})).json()
    assert [node["id"] for node in rest["nodes"]] == [leaf]
    credit = (await leo.http.get(f"/videos/{leaf}/credits")).json()
    assert (credit["written_by"], [member["handle"] for member in credit["cast"]]) == (mia.handle, [one[1:]])
    assert [(origin["video"], origin["maker"], origin["removed"]) for origin in credit["from"]] == [
        (between, None, True),
        (root, maya.handle, False),
    ]
    await maya.http.put(f"/accounts/{leo.handle}/block")
    assert code(await leo.http.get(f"/videos/{root}/lineage")) == (404, "clip_unknown")
    for param in ("under", "after"):
        wrong = await maya.http.get(f"/videos/{root}/lineage", params={param: NOWHERE})
        assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, param)
    assert code(await maya.http.get(f"/videos/{NOWHERE}/lineage")) == (404, "clip_unknown")
    assert code(await maya.http.get(f"/videos/{NOWHERE}/credits")) == (404, "clip_unknown")
