"""Notices from people without an account: signed, counted from outside, in the queue by their deadline, with copies."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from tests.backend.cast import made, outcome
from tests.backend.conftest import Join, Person
from tests.backend.test_talking import shown
from tests.backend.worker_side import Studio, rushes

SIGNED = {
    "kind": "intimate",
    "words": "the woman in the red coat is me, and nobody asked me",
    "signature": "Maya Example",
    "email": "maya@example.org",
    "sworn": True,
}


def outside(person: Person) -> httpx.AsyncClient:
    """The same house, for somebody who is not signed in; not below /v1."""
    return httpx.AsyncClient(transport=person.http._transport, base_url="http://test")


async def test_an_intimate_notice_hides_the_clip_and_its_copies_at_once_and_is_due_within_48_hours(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, ada, nobody = await join(), await join("moderator"), await join(None)
    video, copy = await shown(worker, maya), await shown(worker, maya)
    await conn.execute(
        """
        update clip set media = jsonb_set(media, '{video,sha256}', '"same"')
        where account = (select id from account where handle = $1)
        """,
        maya.handle,
    )
    before = await conn.fetchval("select count(*) from clip where hidden_at is not null")
    sent = await nobody.http.post("/notices", json=SIGNED | {"content": [video]})
    assert sent.status_code == 201, sent.text
    receipt = sent.json()["receipt"]
    assert sent.json()["url"].endswith(f"/report/{receipt}")
    assert await conn.fetchval("select count(*) from clip where hidden_at is not null") == before + 2
    for gone in (video, copy):
        assert (await ada.http.get(f"/videos/{gone}")).status_code == 404

    standing = (await nobody.http.get(f"/notices/{receipt}")).json()
    assert standing["videos"] == [{"id": video, "copies": 1, "hidden": True, "decided": False, "outcome": None}]
    assert "Maya" not in str(standing)
    queue = (await ada.http.get("/moderation/queue")).json()["data"]
    assert [one["reason"] for one in queue] == ["non_consensual_intimate"] * 2
    assert {one["due_at"] <= sent.json()["due_at"] for one in queue} == {True}
    assert await conn.fetchval("select count(*) from outside_notice where receipt::text like $1", f"%{receipt}%") == 0


async def test_a_likeness_notice_waits_in_the_queue_by_its_deadline_and_tells_its_outcome(
    join: Join, worker: Studio
) -> None:
    maya, ada, nobody = await join(), await join("moderator"), await join(None)
    video = await shown(worker, maya)
    link = (await maya.http.post(f"/videos/{video}/share")).json()["url"]
    sent = await nobody.http.post("/notices", json=SIGNED | {"kind": "likeness", "content": [link + "?utm=1"]})
    assert sent.status_code == 201, sent.text
    assert (await maya.http.get(f"/videos/{video}")).status_code == 200
    case = (await ada.http.get("/moderation/queue")).json()["data"][0]
    assert (case["reason"], case["due_at"] is not None) == ("likeness_without_consent", True)
    assert (await ada.http.post(f"/moderation/reports/{case['id']}/claim")).status_code == 200
    ruling = {"decision": "remove", "policy": "Likeness", "explanation": "She did not agree to be in it."}
    decided = await ada.http.post(f"/moderation/reports/{case['id']}/decide", json=ruling)
    assert decided.status_code == 200, decided.text
    standing = (await nobody.http.get(f"/notices/{sent.json()['receipt']}")).json()["videos"][0]
    assert (standing["hidden"], standing["decided"], standing["outcome"]) == (True, True, "upheld")

    again = (await maya.http.post("/videos", json={"prompt": "a park"})).json()["id"]
    await worker.make(again, lambda shooting, _: rushes(shooting, video.encode()))  # the very same bytes
    assert await outcome(maya, again) == ("failed", "moderation_blocked")
    other = (await maya.http.post("/videos", json={"prompt": "a park"})).json()["id"]
    await worker.make(other, lambda shooting, _: rushes(shooting, b"another film"))
    assert await outcome(maya, other) == ("completed", None)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"sworn": False}, "sworn"),
        ({"signature": "x"}, "signature"),
        ({"words": "go away"}, "words"),
        ({"email": "nowhere"}, "email"),
        ({"kind": "rude"}, "kind"),
        ({"content": []}, "content"),
        ({"content": ["https://elsewhere.example/v/AbCdEfGhJk"]}, "content[0]"),
        ({"content": ["video_00000000000070008000000000000000"]}, "content[0]"),
    ],
)
async def test_a_notice_that_lacks_something_is_refused_whole(
    join: Join, conn: asyncpg.Connection, change: dict[str, Any], param: str
) -> None:
    nobody = await join(None)
    sent = await nobody.http.post("/notices", json=SIGNED | {"content": ["video_" + "0" * 32]} | change)
    assert (sent.status_code, sent.json()["error"]["param"]) == (400, param), sent.text
    assert await conn.fetchval("select count(*) from outside_notice") == 0


async def test_the_page_works_without_script_and_says_what_is_wrong(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await made(worker, maya, "a park", seconds="10")
    async with outside(maya) as http:
        form = await http.get("/report")
        assert form.status_code == 200
        assert "<script" not in form.text
        assert "form-action 'self'" in form.headers["content-security-policy"]
        assert "default-src 'none'" in form.headers["content-security-policy"]

        filled = {
            **SIGNED,
            "content": f" {video} \n",
            "sworn": "yes",
            "words": '<b>"me"</b> and nobody asked me at all',
        }
        wrong = await http.post("/report", files={k: (None, str(v)) for k, v in (filled | {"sworn": ""}).items()})
        assert wrong.status_code == 400
        assert "sworn is" in wrong.text
        assert "&lt;b&gt;" in wrong.text
        assert "<b>" not in wrong.text
        sent = await http.post("/report", files={k: (None, str(v)) for k, v in filled.items()})
        assert sent.status_code == 201, sent.text
        receipt = sent.text.split("/report/")[1].split('"')[0]
        status = await http.get(f"/report/{receipt}")
        assert (status.status_code, "being looked at, not shown to anybody" in status.text) == (200, True)
        assert (await http.get("/report/other")).status_code == 404
    nobody = await join(None)
    assert (await nobody.http.get("/notices/other")).json()["error"]["code"] == "outside_notice_unknown"
