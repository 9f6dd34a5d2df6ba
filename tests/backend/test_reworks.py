"""Edits and extensions: whose video, what becomes of it, what it costs, and what is refused with nothing spent."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import msgspec

from backend.studio import Rushes
from backend.takes import OnProgress, Shooting
from generation.captions_file import Caption, webvtt
from generation.plan import Screenplay
from tests.backend.cast import a_role, ask, code, finished, grant, made, outcome, played
from tests.backend.conftest import Join, Person
from tests.backend.test_given import PNG, SECRET, heard, singer
from tests.backend.test_videos import GOOD
from tests.backend.worker_side import Studio, key_of, rushes

LINES = '{one} says: "Look at this garden!" {other} says: "The roses are lovely."'


class Two(msgspec.Struct, frozen=True):
    """Maya's finished clip of her own two characters."""

    maya: Person
    one: str
    other: str
    video: str

    async def get(self) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.maya.http.get(f"/videos/{self.video}")).json()
        return answer


async def two(join: Join, conn: asyncpg.Connection, worker: Studio, **more: Any) -> Two:
    maya = await join()
    (_, one), (_, other) = await a_role(conn, maya), await a_role(conn, maya)
    video = await made(worker, maya, LINES.format(one=one, other=other), **more)
    return Two(maya, one, other, video)


async def edit(person: Person, video: Any, prompt: str, **more: Any) -> httpx.Response:
    return await person.http.post("/videos/edits", json={"video": {"id": video}, "prompt": prompt} | more)


async def extend(
    person: Person, video: Any, prompt: str = "they wave", seconds: str = "4", **more: Any
) -> httpx.Response:
    body = {"video": {"id": video}, "prompt": prompt, "seconds": seconds} | more
    return await person.http.post("/videos/extensions", json=body)


async def used(person: Person) -> int:
    return int((await person.http.get("/me/quota")).json()["used"])


def said(clip: dict[str, Any]) -> list[str]:
    return [line["text"] for shot in clip["screenplay"]["shots"] for line in shot.get("lines", ())]


async def test_an_edit_makes_another_clip_from_the_same_screenplay(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker, seed=5)
    before = await of.get()
    answer = await edit(of.maya, of.video, f'make it night, and {of.other} says "The tulips are lovely." instead')
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["status"], after["remixed_from_video_id"]) == ("queued", of.video)
    assert after["id"] != of.video
    assert after["credits"]["parents"] == [of.video]
    assert after["cast"] == before["cast"]
    assert [after[name] for name in ("size", "seconds", "seed", "model")] == [
        before[name] for name in ("size", "seconds", "seed", "model")
    ]
    assert said(after) == ["Look at this garden!", "The tulips are lovely."]
    assert after["screenplay"]["setting"].endswith("at night")
    assert await of.get() == before
    await finished(worker, after["id"])
    assert await outcome(of.maya, after["id"]) == ("completed", None)
    assert await used(of.maya) == 2


async def test_who_is_edited_out_is_not_cast_any_more(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of = await two(join, conn, worker)
    after = (await edit(of.maya, of.video, f"remove {of.one}")).json()
    assert [(member["handle"], member["speaker"]) for member in after["cast"]] == [(of.other[1:], "S1")]
    play = msgspec.convert(after["screenplay"], Screenplay)
    assert {line.speaker for shot in play.shots for line in shot.lines} == {"S1"}
    assert said(after) == ["The roses are lovely."]


async def test_an_edit_that_cannot_be_made_says_why_and_costs_nothing(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker)
    refused: list[tuple[dict[str, Any], int, str, str | None]] = [
        ({"prompt": "make it funnier"}, 400, "edit_refused", "prompt"),
        ({"prompt": "remove the dog"}, 400, "edit_refused", "prompt"),
        ({"prompt": ""}, 400, "invalid_value", "prompt"),
        ({"prompt": "warmer", "seconds": "8"}, 400, "invalid_value", "seconds"),
        ({"prompt": "warmer", "video": {}}, 400, "invalid_value", "video"),
        ({"prompt": "warmer", "video": {"id": 7}}, 400, "invalid_value", "video"),
        ({"prompt": "warmer", "video": None}, 400, "invalid_value", "video"),
        ({"prompt": "warmer", "video": {"id": "video_1"}}, 404, "clip_unknown", None),
        ({"prompt": "warmer", "video": {"id": f"video_{0:032x}"}}, 404, "clip_unknown", None),
    ]
    for changed, status, word, param in refused:
        answer = await of.maya.http.post("/videos/edits", json={"video": {"id": of.video}} | changed)
        assert (*code(answer), answer.json()["error"]["param"]) == (status, word, param), changed
        assert status == 404 or "; allowed: " in answer.json()["error"]["message"]
    assert await used(of.maya) == 1
    assert await conn.fetchval("select count(*) from clip") == 1


async def test_an_extension_goes_on_with_everybody_and_costs_one_clip(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker, seed=5)
    before = await of.get()
    old = (await played(of.maya, of.video)).content
    answer = await extend(of.maya, of.video, f'{of.one}: "I grew them."')
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["seconds"], after["extended_from_s"], after["remixed_from_video_id"]) == ("8", 4.0, of.video)
    assert (after["cast"], after["size"], after["seed"]) == (before["cast"], before["size"], before["seed"])
    shots = after["screenplay"]["shots"]
    kept = len(before["screenplay"]["shots"])
    assert shots[:kept] == before["screenplay"]["shots"]
    assert (shots[kept]["start_s"], shots[kept]["cut"], shots[-1]["end_s"]) == (4.0, "continued", 8.0)
    assert (shots[kept]["who"], shots[kept]["framing"]) == (shots[kept - 1]["who"], shots[kept - 1]["framing"])
    assert said(after) == [*said(before), "I grew them."]
    begun: list[Shooting] = []

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        begun.append(shooting)
        assert shooting.original is not None
        assert shooting.original.video.read_bytes() == old
        return rushes(shooting, b"longer")

    await finished(worker, after["id"], render)
    assert begun[0].original is not None
    assert (begun[0].original.seconds, begun[0].seed) == (4.0, 5)
    assert await outcome(of.maya, after["id"]) == ("completed", None)
    assert await used(of.maya) == 2
    further = (await extend(of.maya, after["id"])).json()
    assert (further["seconds"], further["extended_from_s"]) == ("12", 8.0)


async def test_sixty_seconds_are_the_most(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of = await two(join, conn, worker)
    await conn.execute("update clip set seconds = '52'")
    answer = await extend(of.maya, of.video, seconds="10")
    assert code(answer) == (400, "invalid_value")
    assert answer.json()["error"]["param"] == "seconds"
    assert "up to 8 more" in answer.json()["error"]["message"]
    for wrong in ("6", 8, None):
        assert code(await extend(of.maya, of.video, seconds=wrong))[1] == "invalid_value"  # type: ignore[arg-type]  # what clients send
    assert code(await extend(of.maya, of.video, seconds="8", seed=4)) == (400, "invalid_value")
    assert await used(of.maya) == 1


async def test_a_video_that_goes_away_meanwhile_is_refunded(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker)
    longer = (await extend(of.maya, of.video)).json()["id"]
    assert (await of.maya.http.delete(f"/videos/{of.video}")).status_code == 200
    await finished(worker, longer)
    assert await outcome(of.maya, longer) == ("failed", "source_gone")
    assert await used(of.maya) == 1


async def test_a_file_made_here_is_its_video_and_another_is_told_apart(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker)
    mp4 = b"\0\0\0\x18ftypmp42" + bytes(12)

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        return rushes(shooting, mp4)

    longer = (await extend(of.maya, of.video)).json()["id"]
    await finished(worker, longer, render)
    file = (await played(of.maya, longer)).content

    async def sent(person: Person, content: bytes) -> httpx.Response:
        form = {"prompt": "make it night"}
        return await person.http.post("/videos/edits", data=form, files={"video": ("a.mp4", content, "video/mp4")})

    answer = await sent(of.maya, file)
    assert answer.status_code == 200, answer.text
    assert answer.json()["remixed_from_video_id"] == longer
    assert code(await sent(of.maya, file + b"\0")) == (400, "video_foreign")
    assert code(await sent(of.maya, b"no film")) == (415, "wrong_media_type")
    assert code(await sent(await join(), file)) == (400, "video_foreign")  # a draft of hers is nobody else's


async def test_a_form_says_the_same_as_json(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of = await two(join, conn, worker)
    form = {"prompt": "they wave", "seconds": "4", "video[id]": of.video}
    answer = await of.maya.http.post("/videos/extensions", data=form, files={"none": ("", b"")})
    assert (answer.status_code, answer.json()["seconds"]) == (200, "8")
    form = {"prompt": "warmer", "video[id]": of.video}
    answer = await of.maya.http.post("/videos/edits", data=form, files={"none": ("", b"")})
    assert (answer.status_code, answer.json()["screenplay"]["warmth"]) == (200, 0.4)


async def test_a_repeated_request_edits_and_extends_once(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    of = await two(join, conn, worker)
    again = {"x-stainless-retry-count": "1"}
    for path, body in (("edits", {"prompt": "warmer"}), ("extensions", {"prompt": "they wave", "seconds": "4"})):
        whole = {"video": {"id": of.video}, **body}
        first = await of.maya.http.post(f"/videos/{path}", json=whole)
        second = await of.maya.http.post(f"/videos/{path}", json=whole, headers=again)
        assert first.json()["id"] == second.json()["id"]
    assert await used(of.maya) == 3


async def test_everybody_is_asked_again(join: Join, conn: asyncpg.Connection, worker: Studio) -> None:
    """Leo makes a clip with Maya's character, and extends it after she has taken her grant back."""
    maya, leo = await join(), await join()
    _, role = await a_role(conn, maya, audience="approved")
    await grant(maya, role, leo)
    video = await made(worker, leo, f'{role}: "Hello."')
    assert (await edit(leo, video, "warmer")).status_code == 200
    running = (await extend(leo, video)).json()["id"]
    assert (await maya.http.delete(f"/characters/{role}/grants/{leo.handle}")).status_code == 200
    assert await outcome(leo, running) == ("failed", "consent_withdrawn")
    for answer in (await edit(leo, video, "warmer"), await extend(leo, video)):
        assert code(answer) == (403, "cameo_permission_denied")


async def test_what_an_edit_says_is_held_against_what_its_cast_forbids(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, leo = await join(), await join()
    _, role = await a_role(conn, maya, audience="everyone", restrictions=["no wine"])
    video = await made(worker, leo, f'{role}: "Hello there."')
    for answer in (
        await edit(leo, video, f'{role} says "I love wine." instead'),
        await extend(leo, video, f'{role}: "More wine!"'),
    ):
        assert code(answer) == (403, "cameo_permission_denied")
    assert await used(leo) == 1


async def test_only_what_may_be_remixed_is_edited_or_extended(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of, leo = await two(join, conn, worker), await join()
    assert code(await extend(leo, of.video)) == (404, "clip_unknown")
    await conn.execute("update character set audience = 'everyone'")
    await of.maya.http.patch(f"/videos/{of.video}", json={"audience": "everyone", "allow_remix": False})
    for answer in (await edit(leo, of.video, "warmer"), await extend(leo, of.video)):
        assert code(answer) == (403, "remix_off")
    await of.maya.http.patch(f"/videos/{of.video}", json={"allow_remix": True})
    assert (await extend(leo, of.video)).status_code == 200
    running = (await ask(of.maya, "a cat")).json()["id"]
    assert code(await extend(of.maya, running)) == (409, "clip_not_ready")


async def test_what_begins_with_another_clip_has_no_sliders(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker)
    longer = (await extend(of.maya, of.video)).json()["id"]
    await finished(worker, longer)
    assert code(await of.maya.http.get(f"/videos/{longer}/controls")) == (409, "clip_extended")
    await conn.execute("update clip set seconds = '16' where seconds = '8'")  # as long as no clip of one part is
    assert (await of.maya.http.post(f"/videos/{longer}/remix", json={"prompt": "they dance"})).json()["seconds"] == "12"


async def test_captions_of_what_was_there_are_carried_along(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker)
    cards = [Caption(0.5, 1.5, "Grace", "Look <here> & there!")]
    longer = (await extend(of.maya, of.video)).json()["id"]

    def render(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        made = rushes(shooting)
        made.files["captions"].write_text(webvtt(cards), "utf-8")
        return made

    await finished(worker, longer, render)
    seen: list[Shooting] = []

    def again(shooting: Shooting, _on_progress: OnProgress) -> Rushes:
        seen.append(shooting)
        return rushes(shooting)

    await finished(worker, (await extend(of.maya, longer)).json()["id"], again)
    assert seen[0].original is not None
    assert [(card.start_s, card.text) for card in seen[0].original.captions] == [(0.5, "Look <here> & there!")]


async def pictured(join: Join, worker: Studio, **more: Any) -> tuple[Person, str, str]:
    """A finished draft of Maya's in which a recording drives her character before a picture."""
    maya, _, handle = await singer(join, worker)
    form = GOOD | {"prompt": f"{handle} in a park"} | more
    files = {"performance": ("a.wav", SECRET, "audio/wav"), "input_reference": ("a.png", PNG, "image/png")}
    video = str((await maya.http.post("/videos", data=form, files=files)).json()["id"])
    await finished(worker, video, attend=heard)
    return maya, handle, video


async def test_a_picture_and_a_recording_stay_with_what_they_are_for(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    maya, handle, video = await pictured(join, worker)

    async def kept(answer: httpx.Response) -> tuple[bool, int]:
        assert answer.status_code == 200, answer.text
        row = await conn.fetchrow("select pictured, driven from clip where id = $1", key_of(answer.json()["id"]))
        await maya.http.delete(f"/videos/{answer.json()['id']}")
        return row["pictured"], int(row["driven"])

    assert await kept(await edit(maya, video, "warmer")) == (True, 1)
    assert await kept(await edit(maya, video, "set it on a beach")) == (False, 1)
    assert await kept(await edit(maya, video, f'{handle} says "Everybody saw it." instead')) == (True, 0)
    assert await kept(await extend(maya, video)) == (True, 0)
    gone = {file for file in worker.files() if "given" in file.parts}
    assert (await maya.http.patch(f"/videos/{video}", json={"audience": "everyone"})).status_code == 200
    for answer, param in ((await edit(maya, video, "warmer"), "input_reference"), (await extend(maya, video), None)):
        assert code(answer) == (409, "given_gone")
        assert answer.json()["error"]["param"] in {param, "input_reference"}
        assert answer.headers["x-should-retry"] == "false"
    assert {file for file in worker.files() if "given" in file.parts} <= gone
    again = {"prompt": "they wave", "seconds": "4", "video[id]": video}
    sent = await maya.http.post(
        "/videos/extensions", data=again, files={"input_reference": ("a.png", PNG, "image/png")}
    )
    assert await kept(sent) == (True, 0)


async def test_a_remix_and_a_character_are_as_the_sdks_expect_them(
    join: Join, conn: asyncpg.Connection, worker: Studio
) -> None:
    of = await two(join, conn, worker)
    form = {"prompt": "now it rains", "o[k]": "v", "tags[]": ["a", "b"], "characters[][id]": of.other}
    remix = await of.maya.http.post(f"/videos/{of.video}/remix", data=form, files={"none": ("", b"")})
    assert (remix.status_code, remix.json()["remixed_from_video_id"]) == (200, of.video)
    assert [member["handle"] for member in remix.json()["cast"]] == [of.one[1:], of.other[1:]]
    character = (await of.get())["cast"][0]["character"]
    shown = await of.maya.http.get(f"/videos/characters/{character}")
    again = await of.maya.http.get(f"/videos/characters/{character}", headers={"if-none-match": shown.headers["etag"]})
    assert (shown.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (await of.maya.http.get("/videos/edits")).status_code == 405  # the path wins over an id
