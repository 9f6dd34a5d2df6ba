"""What a telephone holds already is not sent again, and what is sent is small."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import pytest
import zstandard

from tests.backend.cast import asked, made, played
from tests.backend.conftest import Join
from tests.backend.worker_side import Studio


@pytest.mark.parametrize("path", ["/me", "/me/quota", "/videos", "/characters", "/notifications", "/consents/policy"])
async def test_objects_and_first_pages_answer_304_until_they_change(join: Join, path: str) -> None:
    maya = await join()
    first = await maya.http.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    again = await maya.http.get(path, headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await maya.http.get(path, headers={"if-none-match": '"other"'})).content == first.content
    if path in {"/me/quota", "/videos"}:
        await asked(maya, "a park")
        assert (await maya.http.get(path, headers={"if-none-match": tag})).status_code == 200


async def test_errors_later_pages_and_media_are_left_as_they_are(join: Join, worker: Studio) -> None:
    maya = await join()
    video = await made(worker, maya, "a park")
    assert "etag" not in (await maya.http.get(f"/videos?after={video}")).headers
    assert "etag" not in (await maya.http.get("/videos?limit=-1")).headers
    content = await played(maya, video, **{"accept-encoding": "zstd, gzip"})
    assert "content-encoding" not in content.headers
    assert not content.headers["etag"].startswith("W/")


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("br, zstd, gzip", "zstd"), ("gzip", "gzip"), ("br", None), ("identity", None)]
)
async def test_texts_are_compressed_as_the_client_takes_them(join: Join, accepted: str, encoding: str | None) -> None:
    maya = await join()
    plain = await maya.http.get("/consents/policy", headers={"accept-encoding": "identity"})
    assert len(plain.content) > 1000
    async with maya.http.stream("GET", "/consents/policy", headers={"accept-encoding": accepted}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        headers: Mapping[str, str] = answer.headers
    assert headers.get("content-encoding") == encoding
    assert headers["etag"] == plain.headers["etag"]
    assert int(headers["content-length"]) == len(raw)
    match encoding:
        case "zstd":
            assert zstandard.ZstdDecompressor().decompressobj().decompress(raw) == plain.content
        case "gzip":
            assert gzip.decompress(raw) == plain.content
        case _:
            assert raw == plain.content
    if encoding is not None:
        assert len(raw) < len(plain.content) / 1.5
        assert "accept-encoding" in headers["vary"].lower()


async def test_a_page_is_not_moved_by_what_is_made_meanwhile(join: Join, config: object) -> None:
    """Newest first: what comes in after the first page shows up on none of the later ones, and nothing twice."""
    maya = await join("operator")
    assert config is not None
    had = [await asked(maya, f"park {number}") for number in range(3)]
    first = (await maya.http.get("/videos?limit=2")).json()
    assert [one["id"] for one in first["data"]] == had[:0:-1]
    await maya.http.delete(f"/videos/{had[1]}")
    rest = (await maya.http.get(f"/videos?limit=2&after={first['last_id']}")).json()
    assert [one["id"] for one in rest["data"]] == had[:1]
    assert rest["has_more"] is False
    ascending = (await maya.http.get(f"/videos?order=asc&limit=1&after={had[0]}")).json()
    assert [one["id"] for one in ascending["data"]] == [had[2]]
