"""Links to media: the same for an hour, good without a session, dead at the origin when the clip may not be seen."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest

from backend.errors import MediaLinkRefused
from backend.media_links import WINDOW_SECONDS, MediaLinks
from tests.backend.cast import a_role, befriend, consented, made
from tests.backend.conftest import Join, Person
from tests.backend.test_videos import GOOD
from tests.backend.worker_side import Studio

ROOT = "http://test"


async def links(person: Person, video: str) -> dict[str, Any]:
    found: dict[str, Any] = (await person.http.get(f"/videos/{video}")).json()["media"]
    return found


async def fetch(nobody: Person, path: str, **headers: str) -> httpx.Response:
    return await nobody.http.get(ROOT + path, headers=headers)


async def published(maker: Person, worker: Studio) -> str:
    video = await made(worker, maker, "a park")
    answer = await maker.http.patch(f"/videos/{video}", json={"audience": "everyone"})
    assert answer.status_code == 200, answer.text
    return video


async def test_a_link_needs_no_session_and_knows_ranges_and_conditions(join: Join, worker: Studio) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    video = await published(maya, worker)
    media = await links(leo, video)
    assert (media["width"], media["height"], media["blurhash"]) == (384, 640, "LEHV6nWB2yk8")
    assert media["duration_s"] == float(GOOD.get("seconds", 10))
    whole = await fetch(nobody, media["video"])
    assert (whole.status_code, whole.content) == (200, f"{video}clip.mp4".encode())
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["cache-control"] == "public, max-age=300"
    part = await fetch(nobody, media["video"], range="bytes=2-5")
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    again = await fetch(nobody, media["video"], **{"if-none-match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await nobody.http.head(ROOT + media["video"])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))
    assert (await fetch(nobody, media["captions"])).headers["content-type"].startswith("text/vtt")
    listed = (await maya.http.get("/videos")).json()["data"][0]["media"]
    assert "/media/own/" in listed["video"]
    assert (await fetch(nobody, listed["thumbnail"])).headers["cache-control"] == "private, max-age=300"


async def test_a_changed_link_opens_nothing(join: Join, worker: Studio) -> None:
    maya, nobody = await join(), await join(None)
    video, other = await published(maya, worker), await made(worker, maya, "a beach")
    link = (await links(await join(), video))["video"]
    for changed in (
        link.replace(video, other),
        link.replace("published", "own"),
        link.replace("exp=", "exp=9"),
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        link.split("?", maxsplit=1)[0],
        link.replace("sig=", "sig=é"),
        link.replace("exp=", "exp=²"),
    ):
        answer = await fetch(nobody, changed)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "media_link_refused")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("how", ["draft again", "hidden", "removed", "deleted", "share withdrawn"])
async def test_a_link_dies_with_the_right_to_see_the_clip(
    join: Join, worker: Studio, conn: asyncpg.Connection, how: str
) -> None:
    maya, nobody = await join(), await join(None)
    role, handle = await a_role(conn, maya)
    receipt = await consented(conn, role)
    video = await made(worker, maya, f"{handle} in a park")
    assert (await maya.http.patch(f"/videos/{video}", json={"audience": "everyone"})).status_code == 200
    leo = await join()
    await befriend(maya, leo)
    public, own = (await links(leo, video))["video"], (await links(maya, video))["video"]
    assert (await fetch(nobody, public)).status_code == 200
    key = UUID(hex=video.removeprefix("video_"))
    match how:
        case "draft again":
            await maya.http.patch(f"/videos/{video}", json={"audience": "only_me"})
        case "hidden":
            await conn.execute("update clip set hidden_at = now() where id = $1", key)
        case "removed":
            await maya.http.delete(f"/characters/{role}/uses/{video}")
        case "deleted":
            await maya.http.delete(f"/videos/{video}")
        case "share withdrawn":
            await maya.http.post(f"/consents/cons_{receipt.hex}/withdraw", json={"purposes": ["share"]})
    gone = await fetch(nobody, public)
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "media_gone")
    assert gone.headers["cache-control"] == "no-store"
    still = await fetch(nobody, own)
    assert still.status_code == (410 if how in {"removed", "deleted"} else 200)


def test_everybody_gets_the_same_link_for_an_hour_and_it_holds_for_one_to_two(monkeypatch: pytest.MonkeyPatch) -> None:
    maker, now = MediaLinks(b"k" * 32), 1_900_000_000
    monkeypatch.setattr("backend.media_links.time.time", lambda: now)
    first = maker.signed("/media/a", spread=1234)
    for later in range(0, 2 * WINDOW_SECONDS, 97):
        now = 1_900_000_000 + later
        link = urlsplit(maker.signed("/media/a", spread=1234))
        query = {name: values[0] for name, values in parse_qs(link.query).items()}
        left = maker.check(link.path, query["exp"], query["sig"])
        assert WINDOW_SECONDS < left <= 2 * WINDOW_SECONDS
    query = {name: values[0] for name, values in parse_qs(urlsplit(first).query).items()}
    now = int(query["exp"])
    with pytest.raises(MediaLinkRefused, match="expired 0 s ago"):
        maker.check("/media/a", query["exp"], query["sig"])
    links_made = set()
    for later in range(0, WINDOW_SECONDS * 3, 60):
        now = 1_900_000_000 + later
        links_made.add(maker.signed("/media/a", spread=1234))
    assert len(links_made) == 4
    assert MediaLinks(b"l" * 32, "https://cdn.example/").signed("/media/a").startswith("https://cdn.example/media/a?")
