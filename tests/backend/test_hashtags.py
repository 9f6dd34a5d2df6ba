"""Hashtags and challenges: what a caption says, which clips gather where, for whom, and how a challenge ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend import ids
from social import hashtags
from social.errors import InvalidValue
from tests.backend.cast import code
from tests.backend.conftest import Join, Person
from tests.backend.test_sharing_clips import NOWHERE
from tests.social.published import a_clip

LATER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("caption", "tags"),
    [
        ("no tags", ()),
        ("#DontJump! she said #dontjump again", ("dontjump",)),
        ("#Straße #STRASSE", ("strasse",)),
        ("#café #CAFE\u0301", ("café",)),
        ("＃日本語 and #नमस्ते_दुनिया", ("日本語", "नमस्ते_दुनिया")),
        ("#1 #2026 #top10 #_ #", ("top10",)),
        ("a#b x&#amp; /#c ##d", ()),
        ("#a,#b.#c", ("a", "b", "c")),
        ("#نمی\u200cدانم", ("نمیدانم",)),
        ("#" + "x" * 50, ("x" * 50,)),
    ],
)
def test_tags_are_read_from_a_caption(caption: str, tags: tuple[str, ...]) -> None:
    assert hashtags.of_caption(caption) == tags


@pytest.mark.parametrize("caption", ["#" + "x" * 51, " ".join(f"#t{n}" for n in range(11)), "#" + "ß" * 26])
def test_tags_that_are_too_long_or_too_many_are_named(caption: str) -> None:
    with pytest.raises(InvalidValue, match="allowed: up to"):
        hashtags.of_caption(caption)


def key(person: Person) -> UUID:
    found = ids.parse("acct", person.id)
    assert found is not None
    return found


async def tagged(conn: asyncpg.Connection, maker: Person, *tags: str, likes: int = 0, **row: Any) -> str:
    """A published clip."""
    clip = await a_clip(conn, key(maker), " ".join(f"#{tag}" for tag in tags), **row)
    await hashtags.keep(conn, clip, tags)
    await conn.execute("update clip_tally set likes = $2 where clip = $1", clip, likes)
    return ids.public("video", clip)


async def listed(person: Person, path: str, **params: Any) -> list[str]:
    answer = await person.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [one["id"] for one in body.get("page", body)["data"]]


async def test_a_caption_decides_where_a_clip_is_found(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    video = ids.public("video", await a_clip(conn, key(maya)))
    change = await maya.http.patch(f"/videos/{video}", json={"caption": "#Pool day #dontjump"})
    assert change.status_code == 200, change.text
    page = (await leo.http.get("/hashtags/%23DontJump")).json()
    assert (page["tag"], page["videos"], [one["id"] for one in page["data"]]) == ("dontjump", 1, [video])
    await maya.http.patch(f"/videos/{video}", json={"caption": "only a #pool"})
    assert await listed(leo, "/hashtags/dontjump") == []
    assert await listed(leo, "/hashtags/pool") == [video]
    refused = await maya.http.patch(f"/videos/{video}", json={"caption": "#" + "x" * 51})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "caption")
    assert await listed(leo, "/hashtags/pool") == [video]
    for wrong in ("%23" + "x" * 51, "two words", "123", "a.b"):
        answer = await leo.http.get(f"/hashtags/{wrong}")
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "tag"), wrong


async def test_a_tag_shows_each_viewer_what_they_may_see_in_either_order(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await join(), await join(), await join()
    made = [await tagged(conn, maya, "pool", likes=likes) for likes in (1, 3, 0)]
    other = await tagged(conn, leo, "pool", likes=2)
    await tagged(conn, maya, "pool", audience="only_me")
    assert await listed(mia, "/hashtags/pool") == [other, *made[::-1]]
    assert await listed(mia, "/hashtags/pool", order="likes") == [made[1], other, made[0], made[2]]
    seen: list[str] = []
    while page := await listed(mia, "/hashtags/pool", limit=1, order="likes", **({"after": seen[-1]} if seen else {})):
        seen += page
    assert seen == [made[1], other, made[0], made[2]]
    await mia.http.put(f"/accounts/{maya.handle}/mute")
    assert await listed(mia, "/hashtags/pool") == [other]
    assert (await mia.http.get("/hashtags/pool")).json()["videos"] == 1
    await leo.http.put(f"/accounts/{mia.handle}/block")
    assert await listed(mia, "/hashtags/pool") == []
    wrong = await mia.http.get("/hashtags/pool", params={"order": "best"})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "order")


async def test_what_most_people_use_these_days_trends(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo, mia = await join(), await join(), await join()
    now = (datetime.now(UTC) - LATER).total_seconds() - 60
    for _ in range(3):
        await tagged(conn, maya, "mine", at=now)
    for person in (maya, leo):
        await tagged(conn, person, "ours", at=now)
    await tagged(conn, maya, "old", at=now - 4 * 86400)
    await tagged(conn, leo, "quiet", at=now, limited=True)
    await tagged(conn, leo, "close", at=now, audience="friends")
    page = (await mia.http.get("/hashtags")).json()
    found = [(one["tag"], one["clips"], one["makers"]) for one in page["data"]]
    assert found == [("ours", 2, 2), ("mine", 3, 1)]
    assert [one["tag"] for one in (await mia.http.get("/hashtags", params={"limit": 1})).json()["data"]] == ["ours"]


# Challenges


async def opened(person: Person, tag: str = "#DontJump", **more: Any) -> Any:
    ends = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    body = {"tag": tag, "title": "Do not jump", "prompt": "An edge, and nobody jumps", "ends_at": ends} | more
    return await person.http.post("/challenges", json=body)


async def test_a_challenge_gathers_what_is_published_with_its_tag_until_it_ends(
    join: Join, conn: asyncpg.Connection
) -> None:
    maya, leo, mia = await join(), await join(), await join()
    starter = await tagged(conn, maya, "dontjump", at=0)
    answer = await opened(maya, starter=starter)
    assert answer.status_code == 201, answer.text
    challenge = answer.json()
    assert (challenge["tag"], challenge["maker"], challenge["starter"], challenge["entries"], challenge["ended"]) == (
        "dontjump",
        maya.handle,
        starter,
        0,
        False,
    )
    path = f"/challenges/{challenge['id']}"
    in_time = (datetime.now(UTC) - LATER).total_seconds()
    entries = [
        await tagged(conn, leo, "dontjump", at=in_time, likes=2),
        await tagged(conn, mia, "dontjump", at=in_time),
    ]
    await tagged(conn, leo, "jump", at=in_time)
    assert await listed(mia, path) == entries[::-1]
    assert await listed(mia, path, order="likes") == entries
    assert (await mia.http.get(path)).json()["entries"] == 2
    assert await listed(mia, "/challenges") == [challenge["id"]]
    assert await listed(mia, "/challenges", status="ended") == []
    await conn.execute(
        "update challenge set created_at = now() - interval '2 days', ends_at = now() - interval '1 day'; "
        "update clip set published_at = now() - interval '36 hours' where published_at > now() - interval '1 hour'"
    )
    await tagged(conn, maya, "dontjump", at=in_time)  # too late
    over = (await mia.http.get(path)).json()
    assert (over["ended"], over["entries"], [one["id"] for one in over["page"]["data"]]) == (True, 2, entries[::-1])
    assert (await listed(mia, "/challenges"), await listed(mia, "/challenges", status="ended")) == (
        [],
        [challenge["id"]],
    )
    await maya.http.delete(f"/videos/{starter}")
    assert (await mia.http.get(path)).json()["starter"] is None
    await maya.http.put(f"/accounts/{leo.handle}/block")
    assert code(await leo.http.get(path)) == (404, "challenge_unknown")
    assert await listed(leo, "/challenges", status="ended") == []


async def test_a_challenge_that_makes_no_sense_is_a_clear_no(join: Join, conn: asyncpg.Connection) -> None:
    maya, leo = await join(), await join()
    draft = await tagged(conn, maya, "x", audience="only_me")
    now = datetime.now(UTC)
    bad: tuple[tuple[dict[str, Any], str], ...] = (
        ({"ends_at": (now - timedelta(minutes=1)).isoformat()}, "ends_at"),
        ({"ends_at": (now + timedelta(days=91)).isoformat()}, "ends_at"),
        ({"ends_at": "2027-01-01T00:00:00"}, "ends_at"),
        ({"ends_at": "soon"}, "ends_at"),
        ({"tag": "x" * 51}, "tag"),
        ({"tag": "two words"}, "tag"),
        ({"tag": "#7"}, "tag"),
        ({"title": " "}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"title": "\u200b\u202e"}, "title"),
        ({"prompt": "x" * 501}, "prompt"),
        ({"starter": draft}, "starter"),
    )
    for body, param in bad:
        answer = await opened(maya, **body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), body
    assert (await opened(maya, prize="a car")).status_code == 400
    assert code(await opened(leo, starter=draft)) == (404, "clip_unknown")
    assert code(await opened(leo, starter=NOWHERE)) == (404, "clip_unknown")
    assert code(await maya.http.get("/challenges/chal_" + "0" * 32)) == (404, "challenge_unknown")
    assert code(await maya.http.get("/challenges/7")) == (404, "challenge_unknown")
    assert (await maya.http.get("/challenges", params={"status": "all"})).status_code == 400
    assert await conn.fetchval("select count(*) from challenge") == 0
    answer = await opened(maya, title="Do\u202e not\njump")
    assert (answer.status_code, answer.json()["title"]) == (201, "Do not jump")
    assert code(await opened(leo, "dontJUMP")) == (409, "challenge_runs")
    assert [(await opened(maya, f"t{number}x")).status_code for number in range(3)] == [201, 201, 409]
