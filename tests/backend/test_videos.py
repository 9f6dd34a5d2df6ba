from __future__ import annotations

import asyncio
import io
import json
import zlib
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend.routes import events as streams
from tests.backend.conftest import Join, Person

PART_HEAD = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n'
GOOD = {"prompt": "a cat plays the piano", "seconds": "4", "size": "384x640"}


async def spent(person: Person, conn: asyncpg.Connection) -> tuple[int, int, int]:
    """Quota used, clips, jobs."""
    used = (await person.http.get("/me/quota")).json()["used"]
    return used, await conn.fetchval("select count(*) from clip"), await conn.fetchval("select count(*) from pgqueuer")


async def a_character(conn: asyncpg.Connection, owner: Person, **changed: Any) -> str:
    row = {"handle": "grace", "audience": "only_me", "state": "ready"} | changed
    made: UUID = await conn.fetchval(
        "insert into character (owner, kind, name, handle, audience, preferences, restrictions, build, state) "
        "select id, 'person', 'Grace', $2, $3, '', '{}', 'average', $4 from account where handle = $1 returning id",
        owner.handle,
        row["handle"],
        row["audience"],
        row["state"],
    )
    await conn.execute(
        "insert into character_version (character, version, wrapped_key) values ($1, 1, $2)", made, b"sealed"
    )
    return f"char_{made.hex}"


async def test_asking_for_a_clip_charges_queues_and_answers_in_one_go(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    answer = await maya.http.post("/videos", json=GOOD)
    assert answer.status_code == 200
    assert answer.headers["openai-poll-after-ms"] == "1000"
    video = answer.json()
    assert (video["object"], video["status"], video["progress"], video["error"]) == ("video", "queued", 0, None)
    assert (video["seconds"], video["size"], video["prompt"]) == ("4", "384x640", GOOD["prompt"])
    for key in (
        "completed_at",
        "expires_at",
        "remixed_from_video_id",
        "cast",
        "screenplay",
        "credits",
        "engine",
        "cost",
    ):
        assert key in video
    assert await spent(maya, conn) == (1, 1, 1)
    assert (await maya.http.get(f"/videos/{video['id']}")).json() == video


async def test_the_form_of_the_sdks_is_the_same_request(join: Join) -> None:
    maya = await join()
    form = {"prompt": "a cat", "seconds": "4", "size": "384x640", "model": "sora-2", "seed": "5"}
    video = (await maya.http.post("/videos", data=form, files={"none": ("", b"")})).json()
    assert (video["model"], video["seconds"], video["seed"]) == ("sora-2", "4", 5)


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": " \n "}, "prompt"),
        ({"prompt": "x" * 40_000}, "prompt"),
        ({"prompt": "a\0b"}, "prompt"),
        ({"model": "a\0b"}, "model"),
        ({"characters": [{"id": "@a\0b"}]}, "characters"),
        ({"characters": [{"id": "@a"}] * 5}, "characters"),
        ({"engine": "e" * 100_000}, "engine"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"seconds": "7"}, "seconds"),
        ({"seconds": 8}, "seconds"),
        ({"size": "721x1281"}, "size"),
        ({"size": ""}, "size"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**40}, "seed"),
        ({"model": ""}, "model"),
        ({"characters": [{"id": "video_00000000000000000000000000000000"}]}, "characters[0].id"),
        ({"characters": "grace"}, "characters"),
        ({"characters": [{}]}, "characters[0]"),
        ({"input_reference": {"image_url": "http://localhost/x.png"}}, "input_reference[image_url]"),
        ({"audience": "everyone"}, "audience"),
    ],
)
async def test_a_bad_value_is_named_with_what_is_allowed_and_costs_nothing(
    join: Join, conn: asyncpg.Connection, changed: dict[str, Any], param: str
) -> None:
    maya = await join()
    answer = await maya.http.post("/videos", json=GOOD | changed)
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert error["param"] == param
    assert "allowed" in error["message"] or "Expected" in error["message"] or "missing" in error["message"]
    assert await spent(maya, conn) == (0, 0, 0)


@pytest.mark.parametrize(
    ("prompt", "code", "told"),
    [
        ('Grace says: "Привет, как дела?"', "language_not_spoken", "Russian"),
        ('Grace: "안녕하세요, 반갑습니다"', "language_not_spoken", "Korean"),
        ('Grace: "مرحبا بالجميع"', "language_not_spoken", "Arabic"),
        ('Grace: "नमस्ते दोस्तों"', "language_not_spoken", "Hindi"),
        ('Grace: "สวัสดีครับ"', "language_not_spoken", "Thai"),
        ('Grace: "Bonjour à tous, je suis très contente."', "language_not_spoken", "French"),
        ('Grace: "' + "too many words " * 20 + '"', "prompt_too_wordy", "4 s"),
    ],
)
async def test_lines_that_cannot_be_spoken_are_refused_before_anything_is_spent(
    join: Join, conn: asyncpg.Connection, prompt: str, code: str, told: str
) -> None:
    maya = await join()
    character = await a_character(conn, maya)
    answer = await maya.http.post("/videos", json=GOOD | {"prompt": prompt, "characters": [{"id": character}]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert told in answer.json()["error"]["message"]
    assert await spent(maya, conn) == (0, 0, 0)


async def test_lines_that_can_be_spoken_are_taken(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    cast = {"characters": [{"id": await a_character(conn, maya)}]}
    for prompt in ('Grace: "Ciao Maria!"', 'Grace: "你好！"', 'Grace: "Café, José?"'):
        answer = await maya.http.post("/videos", json=GOOD | cast | {"prompt": prompt})
        assert answer.status_code == 200, answer.text


async def test_a_missing_prompt_is_named(join: Join) -> None:
    answer = await (await join()).http.post("/videos", json={"seconds": "4"})
    assert answer.status_code == 400
    assert "prompt" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"{}", "application/json"),
        (b"\xff\xfe{", "application/json"),
        (b'"prompt"', "application/json"),
        (b"prompt=x", "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data; boundary=x"),
        (b"zzz", "multipart/form-data"),
        (b"zzz", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nhi', "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nhi\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b'{"prompt":' + b"[" * 200_000, "application/json"),
        (
            PART_HEAD + b"Content-Type: text/plain; charset=foo\r\n\r\nhi\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
    ],
)
async def test_a_body_that_cannot_be_read_is_a_clear_4xx(
    join: Join, conn: asyncpg.Connection, body: bytes, kind: str
) -> None:
    maya = await join()
    answer = await maya.http.post("/videos", content=body, headers={"content-type": kind})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]["message"]
    assert await spent(maya, conn) == (0, 0, 0)


def png(width: int, height: int) -> bytes:
    """A PNG header that claims this size; nobody should decode it to find out."""
    chunk = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + zlib.crc32(chunk).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.jpg", b"this is text", "wrong_media_type"),
        ("a.jpg", b"", "wrong_media_type"),
        ("a.png", png(1, 1), "picture_out_of_bounds"),
        ("a.png", png(30_000, 30_000), "picture_out_of_bounds"),
        ("a.png", png(720, 30_000), "picture_out_of_bounds"),
        ("a.gif", b"GIF89a" + bytes(40), "wrong_media_type"),
        ("a.png", png(720, 1280) + bytes(21 * 1024 * 1024), "upload_too_large"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "wrong_media_type"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(2_000_000), "wrong_media_type"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "wrong_media_type"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8L\0\0", "wrong_media_type"),
    ],
)
async def test_a_bad_picture_is_refused_by_its_header(
    join: Join, conn: asyncpg.Connection, name: str, content: bytes, code: str
) -> None:
    maya = await join()
    files = {"input_reference": (name, io.BytesIO(content), "image/jpeg")}
    answer = await maya.http.post("/videos", data=GOOD, files=files)
    assert 400 <= answer.status_code < 500, answer.text
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, "input_reference")
    assert await spent(maya, conn) == (0, 0, 0)


async def test_a_body_without_end_is_cut_off(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    answer = await maya.http.post("/videos", json=GOOD | {"more": "x" * (65 * 1024 * 1024)})
    assert answer.status_code == 413, answer.text
    assert await spent(maya, conn) == (0, 0, 0)


async def test_casting_needs_the_owners_audience(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    private = await a_character(conn, maya)
    shared = await a_character(conn, maya, handle="ada", audience="everyone")
    for asked in ({"characters": [{"id": private}]}, {"characters": [{"id": "@grace"}]}, {"prompt": "@Grace, hello"}):
        refused = await leo.http.post("/videos", json=GOOD | asked)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "cameo_permission_denied"), asked
    assert await spent(leo, conn) == (0, 0, 0)
    cast = (await leo.http.post("/videos", json=GOOD | {"characters": [{"id": shared}]})).json()["cast"]
    assert cast == [{"character": shared, "handle": "ada", "name": "Grace", "speaker": "S1", "archive": False}]
    both = (await maya.http.post("/videos", json=GOOD | {"prompt": "@grace. meets @ada!"})).json()["cast"]
    assert [(member["handle"], member["speaker"]) for member in both] == [("grace", "S1"), ("ada", "S2")]


async def test_a_character_that_is_not_there_or_not_ready_is_refused(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    await a_character(conn, maya, state="processing")
    unknown = await maya.http.post("/videos", json=GOOD | {"characters": [{"id": "char_" + "0" * 32}]})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "character_unknown")
    waiting = await maya.http.post("/videos", json=GOOD | {"characters": [{"id": "@grace"}]})
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (403, "cameo_permission_denied")
    mail = await maya.http.post("/videos", json=GOOD | {"prompt": "write to joe@grace.org or ask @nobody.here"})
    assert mail.status_code == 200


async def test_a_cast_has_four_at_most(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    for number in range(5):
        await a_character(conn, maya, handle=f"friend{number}")
    handles = [{"id": f"@friend{number}"} for number in range(5)]
    assert (await maya.http.post("/videos", json=GOOD | {"characters": handles})).status_code == 400
    assert (await maya.http.post("/videos", json=GOOD | {"characters": handles[:4]})).status_code == 200


async def test_a_retried_request_makes_one_clip(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    key = {"idempotency-key": "once"}
    first, second = [(await maya.http.post("/videos", json=GOOD, headers=key)).json()["id"] for _ in range(2)]
    assert first == second
    other = await maya.http.post("/videos", json=GOOD | {"prompt": "a dog"}, headers=key)
    assert (other.status_code, other.headers["x-should-retry"]) == (409, "false")
    assert await spent(maya, conn) == (1, 1, 1)


async def test_an_sdk_that_retries_without_a_key_makes_one_clip(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    first = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    again = {"x-stainless-retry-count": "1"}
    assert (await maya.http.post("/videos", json=GOOD, headers=again)).json()["id"] == first
    assert (await leo.http.post("/videos", json=GOOD, headers=again)).json()["id"] != first
    meant = await maya.http.post("/videos", json=GOOD, headers={"x-stainless-retry-count": "0"})
    assert meant.json()["id"] != first
    assert await spent(maya, conn) == (2, 3, 3)


async def test_an_idempotency_key_has_a_sane_length(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    answer = await maya.http.post("/videos", json=GOOD, headers={"idempotency-key": "k" * 9000})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "Idempotency-Key")
    assert await spent(maya, conn) == (0, 0, 0)


async def test_casts_in_opposite_order_do_not_lock_each_other_out(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    pair = [await a_character(conn, maya, handle=f"friend{number}", audience="everyone") for number in range(2)]
    people = [await join() for _ in range(8)]
    answers = await asyncio.gather(
        *(
            person.http.post(
                "/videos", json=GOOD | {"characters": [{"id": one} for one in pair[:: 1 - 2 * (turn % 2)]]}
            )
            for person in people
            for turn in range(2)
        )
    )
    assert {answer.status_code for answer in answers} == {200}


async def test_a_spent_quota_is_told_and_not_retried(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    for _ in range(3):
        assert (await maya.http.post("/videos", json=GOOD)).status_code == 200
    answer = await maya.http.post("/videos", json=GOOD)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "quota_spent")
    assert answer.headers["x-should-retry"] == "false"
    assert await spent(maya, conn) == (3, 3, 3)


async def test_cancelling_refunds_once(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    video = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    cancelled = await maya.http.post(f"/videos/{video}/cancel")
    assert cancelled.status_code == 200
    assert (cancelled.json()["status"], cancelled.json()["error"]["code"]) == ("failed", "cancelled")
    assert (await spent(maya, conn))[0] == 0
    again = await maya.http.post(f"/videos/{video}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "clip_ended")
    assert (await spent(maya, conn))[0] == 0


async def test_who_watches_a_waiting_clip_gets_signs_of_life_and_whole_events(
    join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.02)
    maya = await join()
    video = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    watching = asyncio.create_task(maya.http.get(f"/videos/{video}/events"))
    await asyncio.sleep(0.5)
    await maya.http.post(f"/videos/{video}/cancel")
    events = (await watching).text.replace("\r", "").split("\n\n")
    assert ": still there" in events
    told = [line.removeprefix("data: ") for event in events for line in event.split("\n") if line.startswith("data")]
    assert [json.loads(one)["status"] for one in told] == ["queued", "failed"]


async def test_pages_neither_repeat_nor_skip(join: Join) -> None:
    maya = await join()
    made = [(await maya.http.post("/videos", json=GOOD)).json()["id"] for _ in range(3)]
    for order, wanted in (("asc", made), ("desc", made[::-1])):
        seen: list[str] = []
        more: dict[str, Any] = {"order": order, "limit": 2}
        while True:
            page = (await maya.http.get("/videos", params=more)).json()
            seen += [video["id"] for video in page["data"]]
            if not page["has_more"]:
                break
            more["after"] = page["last_id"]
        assert seen == wanted
    assert (await maya.http.get("/videos", params={"limit": 0})).json()["data"] == []
    for wrong in ({"limit": 101}, {"limit": -1}, {"limit": "x"}, {"after": "x"}, {"order": "up"}):
        assert (await maya.http.get("/videos", params=wrong)).status_code == 400, wrong


async def test_a_stranger_meets_a_clip_nowhere(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    video = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    routes = [
        ("GET", f"/videos/{video}"),
        ("GET", f"/videos/{video}/content"),
        ("HEAD", f"/videos/{video}/content"),
        ("GET", f"/videos/{video}/events"),
        ("POST", f"/videos/{video}/cancel"),
        ("DELETE", f"/videos/{video}"),
    ]
    for method, path in routes:
        assert (await leo.http.request(method, path)).status_code == 404, path
        assert (await nobody.http.request(method, path)).status_code == 401, path
    assert (await leo.http.get("/videos")).json()["data"] == []
    assert await conn.fetchval("select status from clip") == "queued"


async def test_the_person_shown_sees_the_draft_and_cannot_delete_it(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    await a_character(conn, maya, audience="everyone")
    video = (await leo.http.post("/videos", json=GOOD | {"prompt": "@grace waves"})).json()["id"]
    assert (await maya.http.get(f"/videos/{video}")).status_code == 200
    assert (await maya.http.get("/videos")).json()["data"] == []
    for method, path in (("POST", f"/videos/{video}/cancel"), ("DELETE", f"/videos/{video}")):
        assert (await maya.http.request(method, path)).status_code == 404


async def test_deleting_is_for_good(join: Join, conn: asyncpg.Connection) -> None:
    maya = await join()
    video = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    gone = await maya.http.delete(f"/videos/{video}", headers={"content-type": "application/json"})
    assert (gone.status_code, gone.json()) == (200, {"id": video, "deleted": True, "object": "video.deleted"})
    assert (await maya.http.get(f"/videos/{video}")).status_code == 404
    assert (await maya.http.delete(f"/videos/{video}")).status_code == 404
    assert (await spent(maya, conn))[:2] == (0, 0)


async def test_an_unchanged_clip_is_not_sent_again(join: Join) -> None:
    maya = await join()
    video = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    tag = (await maya.http.get(f"/videos/{video}")).headers["etag"]
    again = await maya.http.get(f"/videos/{video}", headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await maya.http.post(f"/videos/{video}/cancel")
    assert (await maya.http.get(f"/videos/{video}", headers={"if-none-match": tag})).status_code == 200


async def test_content_of_an_unfinished_clip_is_a_clear_no(join: Join) -> None:
    maya = await join()
    video = (await maya.http.post("/videos", json=GOOD)).json()["id"]
    early = await maya.http.get(f"/videos/{video}/content")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "clip_not_ready")
    odd = await maya.http.get(f"/videos/{video}/content", params={"variant": "gif"})
    assert (odd.status_code, odd.json()["error"]["param"]) == (400, "variant")


async def test_every_answer_carries_a_request_id(join: Join) -> None:
    maya = await join()
    assert (await maya.http.get("/me", headers={"x-request-id": "my-own-1"})).headers["x-request-id"] == "my-own-1"
    for path, wrong in (("/me", "a b\x7f"), ("/nope", "x" * 65), ("/videos/x", "")):
        made = (await maya.http.get(path, headers={"x-request-id": wrong})).headers["x-request-id"]
        assert len(made) == 32
        assert made.isalnum()
