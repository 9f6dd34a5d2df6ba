"""Links to clips: what their pages say to whom, and what is left of one that ended."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import asyncpg
import httpx

from tests.backend.cast import a_role, befriend, code, consented, finished, made
from tests.backend.conftest import Join, Person
from tests.backend.test_sharing_clips import publish, remix
from tests.backend.worker_side import Studio, key_of

ROOT = "http://test"
SECRET = "nobody else reads this caption"


async def shared(person: Person, video: str, **more: Any) -> str:
    answer = await person.http.post(f"/videos/{video}/share", json=more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["short"])


async def a_clip(maker: Person, worker: Studio, audience: str = "everyone", caption: str = SECRET) -> str:
    video = await made(worker, maker, "a park")
    answer = await maker.http.patch(f"/videos/{video}", json={"audience": audience, "caption": caption})
    assert answer.status_code == 200, answer.text
    return video


async def opened(nobody: Person, path: str, **headers: str) -> httpx.Response:
    return await nobody.http.get(ROOT + path, headers=headers)


def tags(page: str) -> dict[str, str]:
    return {name: value for _, name, value in re.findall(r'<meta (name|property)="([^"]+)" content="([^"]*)">', page)}


async def test_a_page_plays_the_clip_and_tells_previews_about_it(join: Join, worker: Studio) -> None:
    maya, nobody = await join(), await join(None)
    video = await a_clip(maya, worker, caption='bread & "butter" <b>')
    link = (await maya.http.post(f"/videos/{video}/share")).json()
    short = link["short"]
    assert (link["url"], link["embed_url"]) == (f"{ROOT}/v/{short}", f"{ROOT}/v/{short}/embed")
    page = await opened(nobody, f"/v/{short}")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    for forbidden in ("<script", "<style", " style=", " onclick", "<b>"):
        assert forbidden not in page.text
    told = tags(page.text)
    assert told["og:title"] == "bread &amp; &#34;butter&#34; &lt;b&gt;"
    assert told["og:description"] == told["twitter:description"] == f"by @{maya.handle}"
    assert (told["og:type"], told["twitter:card"]) == ("video.other", "player")
    assert told["twitter:player"] == f"{ROOT}/v/{short}/embed"
    assert told["og:url"] == f"{ROOT}/v/{short}"
    assert (told["og:video:width"], told["og:video:height"]) == ("384", "640")
    assert f'href="castmate://v/{short}">Remix this' in page.text
    poster = await opened(nobody, told["og:image"].removeprefix(ROOT))
    assert (poster.headers["content-type"], poster.content) == ("image/webp", f"{video}poster.webp".encode())
    assert poster.headers["cache-control"] == "public, max-age=300"
    captions = await opened(nobody, f"/v/{short}/captions.vtt")
    assert captions.headers["content-type"].startswith("text/vtt")
    clip = await opened(nobody, told["og:video"].removeprefix(ROOT))
    assert clip.status_code == 307
    part = await opened(nobody, clip.headers["location"], range="bytes=0-4")
    assert (part.status_code, part.content) == (206, f"{video}clip.mp4".encode()[:5])
    style = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)[0]
    assert (await opened(nobody, style)).headers["content-type"].startswith("text/css")
    assert (await opened(nobody, f"/v/{short}/source.mov")).status_code == 404


async def test_only_the_frame_may_be_framed(join: Join, worker: Studio) -> None:
    maya, nobody = await join(), await join(None)
    short = await shared(maya, await a_clip(maya, worker))
    frame = await opened(nobody, f"/v/{short}/embed")
    assert frame.status_code == 200
    assert "frame-ancestors *" in frame.headers["content-security-policy"]
    assert f'src="/v/{short}/clip.mp4"' in frame.text


async def test_opens_are_counted_and_heads_are_not(join: Join, worker: Studio) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    video = await a_clip(maya, worker)
    mine, theirs = await shared(maya, video), await shared(leo, video)
    assert mine != theirs
    for _ in range(2):
        await opened(nobody, f"/v/{theirs}")
    await nobody.http.head(f"{ROOT}/v/{theirs}")
    await opened(nobody, f"/oembed?url={ROOT}/v/{theirs}")
    told = (await maya.http.get(f"/videos/{video}/shares")).json()["data"]
    assert [(one["short"], one["opens"]) for one in told] == [(theirs, 2), (mine, 0)]
    assert [one["short"] for one in (await leo.http.get(f"/videos/{video}/shares")).json()["data"]] == [theirs]


async def test_a_link_to_a_clip_for_friends_asks_to_sign_in_and_shows_nothing(join: Join, worker: Studio) -> None:
    maya, leo, mia, nobody = await join(), await join(), await join(), await join(None)
    await befriend(maya, leo)
    video = await a_clip(maya, worker, "friends")
    short = await shared(maya, video)
    for path in (f"/v/{short}", f"/v/{short}/embed"):
        page = await opened(nobody, path)
        assert page.status_code == 403
        assert "Sign in to see this" in page.text
        for secret in (SECRET, maya.handle, "poster.webp", "clip.mp4", video, "og:"):
            assert secret not in page.text
    for path in ("poster.webp", "captions.vtt", "clip.mp4"):
        assert code(await opened(nobody, f"/v/{short}/{path}")) == (401, "share_closed")
    assert code(await opened(nobody, f"/oembed?url={ROOT}/v/{short}")) == (401, "share_closed")
    assert (await leo.http.get(f"/shares/{short}")).json()["video"] == video
    assert code(await mia.http.get(f"/shares/{short}")) == (410, "share_ended")


async def test_what_was_taken_back_leaves_a_page_without_content(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, nobody = await join(), await join(None)
    character, handle = await a_role(conn, maya)
    receipt = await consented(conn, character)
    video = await made(worker, maya, f"{handle} waves")
    await publish(maya, video)
    short = await shared(maya, video)

    async def is_gone() -> bool:
        page = await opened(nobody, f"/v/{short}")
        files = [await opened(nobody, f"/v/{short}/{name}") for name in ("poster.webp", "clip.mp4", "captions.vtt")]
        files.append(await opened(nobody, f"/oembed?url={ROOT}/v/{short}"))
        assert maya.handle not in page.text or page.status_code == 200
        assert {page.status_code} == {one.status_code if one.status_code != 307 else 200 for one in files}
        return page.status_code == 410

    assert not await is_gone()
    await conn.execute("update clip set hidden_at = now()")
    assert await is_gone()
    await conn.execute("update clip set hidden_at = null")
    await conn.execute(
        "update consent_purpose set withdrawn_at = now() where receipt = $1 and purpose = 'share'", receipt
    )
    assert await is_gone()
    await conn.execute("update consent_purpose set withdrawn_at = null")
    await publish(maya, video, "only_me")
    assert await is_gone()
    await publish(maya, video)
    assert not await is_gone()
    assert (await maya.http.delete(f"/videos/{video}")).status_code == 200
    assert await is_gone()


async def test_a_clip_for_adults_asks_to_sign_in(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, nobody, young = await join(), await join(None), await join(birth_date="2011-01-01")
    video = await a_clip(maya, worker)
    short = await shared(maya, video)
    await conn.execute("update clip set adults_only = true where id = $1", key_of(video))
    assert (await opened(nobody, f"/v/{short}")).status_code == 403
    assert code(await young.http.get(f"/shares/{short}")) == (410, "share_ended")


async def test_a_link_ends_by_its_maker_the_clips_maker_or_its_time(
    join: Join, worker: Studio, conn: asyncpg.Connection
) -> None:
    maya, leo, mia, nobody = await join(), await join(), await join(), await join(None)
    video = await a_clip(maya, worker)
    mine, theirs = await shared(maya, video), await shared(leo, video)
    assert code(await mia.http.delete(f"/shares/{theirs}")) == (404, "share_unknown")
    assert code(await leo.http.delete(f"/shares/{mine}")) == (404, "share_unknown")
    for _ in range(2):
        assert (await maya.http.delete(f"/shares/{theirs}")).status_code == 200
    assert (await opened(nobody, f"/v/{theirs}")).status_code == 410
    assert (await opened(nobody, f"/v/{mine}")).status_code == 200
    again = await shared(leo, video, expires_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    assert again != theirs
    await conn.execute("update share_link set expires_at = now() where short = $1", again)
    assert (await opened(nobody, f"/v/{again}")).status_code == 410
    assert await shared(leo, video) not in {again, theirs}


async def test_asking_twice_gives_the_same_link(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await a_clip(maya, worker)
    first = await shared(maya, video)
    end = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert await shared(maya, video, expires_at=end) == first
    [told] = (await maya.http.get(f"/videos/{video}/shares")).json()["data"]
    assert datetime.fromisoformat(told["expires_at"]) == datetime.fromisoformat(end)


async def test_what_cannot_be_shared_is_refused(join: Join, worker: Studio) -> None:
    maya, leo = await join(), await join()
    draft = await made(worker, maya, "a park")
    assert code(await maya.http.post(f"/videos/{draft}/share")) == (409, "clip_unpublished")
    assert code(await leo.http.post(f"/videos/{draft}/share")) == (404, "clip_unknown")
    assert code(await leo.http.get(f"/videos/{draft}/shares")) == (404, "clip_unknown")
    assert code(await maya.http.post("/videos/video_none/share")) == (404, "clip_unknown")
    queued = (await maya.http.post("/videos", json={"prompt": "a lake", "seconds": "4", "size": "384x640"})).json()[
        "id"
    ]
    assert code(await maya.http.post(f"/videos/{queued}/share")) == (409, "clip_not_ready")
    await publish(maya, draft)
    for wrong in ("2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "2026-12-24T00:00:00", "soon", 7):
        assert code(await maya.http.post(f"/videos/{draft}/share", json={"expires_at": wrong}))[0] == 400
    assert code(await maya.http.post(f"/videos/{draft}/share", json={"forever": True}))[0] == 400


async def test_an_unknown_link_is_a_page_that_says_so(join: Join) -> None:
    nobody = await join(None)
    for short in ("nothing", "mQ7xVd2KfR", "a" * 300, "<script>"):
        page = await opened(nobody, f"/v/{short}")
        assert page.status_code == 404
        assert "There is no such link" in page.text
        assert "<script>" not in page.text
    assert code(await opened(nobody, "/v/%00")) == (400, "invalid_value")


async def test_oembed_answers_in_json_and_xml_and_keeps_to_the_bounds(join: Join, worker: Studio) -> None:
    maya, nobody = await join(), await join(None)
    short = await shared(maya, await a_clip(maya, worker, caption="bread & butter\x01"))
    url = f"{ROOT}/v/{short}"
    whole = (await opened(nobody, f"/oembed?url={url}")).json()
    assert (whole["type"], whole["version"], whole["title"]) == ("video", "1.0", "bread & butter")
    assert (whole["width"], whole["height"], whole["thumbnail_width"]) == (384, 640, 384)
    assert f'src="{url}/embed"' in whole["html"]
    small = await opened(nobody, f"/oembed?url={url}/&maxwidth=100&maxheight=100&format=xml")
    assert small.headers["content-type"] == "text/xml; charset=utf-8"
    told = {one.tag: one.text for one in ET.fromstring(small.text)}  # noqa: S314 - our own
    assert (told["width"], told["height"], told["title"]) == ("60", "100", "bread & butter")
    assert "thumbnail_url" not in told
    page = (await opened(nobody, f"/v/{short}")).text
    [found] = re.findall(r'application/json\+oembed" href="([^"]+)"', page)
    assert (await opened(nobody, found.replace("&amp;", "&").removeprefix(ROOT))).json() == whole


FOREIGN = [
    ("url=https://elsewhere.example/v/{short}", (404, "share_unknown")),
    ("url=http://test.evil.example/v/{short}", (404, "share_unknown")),
    ("url=http://test@evil.example/v/{short}", (404, "share_unknown")),
    ("url=javascript:alert(1)//test/v/{short}", (404, "share_unknown")),
    ("url=http://test/v/{short}/poster.webp", (404, "share_unknown")),
    ("url=http://test/v1/videos", (404, "share_unknown")),
    ("url=http://[::1/v/{short}", (404, "share_unknown")),
    ("url=", (404, "share_unknown")),
    ("", (400, "bad_request")),
    ("url=http://test/v/{short}&maxwidth=0", (400, "invalid_value")),
    ("url=http://test/v/{short}&maxheight=-4", (400, "invalid_value")),
    ("url=http://test/v/{short}&maxwidth=wide", (400, "bad_request")),
    ("url=http://test/v/{short}&format=yaml", (400, "invalid_value")),
]


async def test_oembed_speaks_of_our_own_pages_only(join: Join, worker: Studio) -> None:
    maya, nobody = await join(), await join(None)
    short = await shared(maya, await a_clip(maya, worker))
    for query, expected in FOREIGN:
        assert code(await opened(nobody, f"/oembed?{query.format(short=short)}")) == expected, query


async def test_the_credit_line_names_who_may_be_named(join: Join, worker: Studio, conn: asyncpg.Connection) -> None:
    maya, leo, nobody = await join(), await join(), await join(None)
    _, handle = await a_role(conn, maya, audience="everyone")
    first = await made(worker, maya, f"{handle} waves")
    await publish(maya, first)
    second = await remix(leo, first)
    await finished(worker, second)
    await publish(leo, second)
    whole = f"by @{leo.handle} with {handle}, from @{maya.handle}"
    assert (await leo.http.get(f"/videos/{second}")).json()["credits"]["line"] == whole
    assert [one["credits"]["line"] for one in (await leo.http.get("/videos")).json()["data"]] == [whole]
    short = await shared(leo, second)
    assert tags((await opened(nobody, f"/v/{short}")).text)["og:description"] == whole
    await publish(maya, first, "only_me")
    alone = f"by @{leo.handle} with {handle}"
    assert (await leo.http.get(f"/videos/{second}")).json()["credits"]["line"] == alone
    assert tags((await opened(nobody, f"/v/{short}")).text)["og:description"] == alone
