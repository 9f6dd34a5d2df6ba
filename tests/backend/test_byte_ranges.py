from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from litestar import HttpMethod, Litestar, Request, Response, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.testing import AsyncTestClient

from backend.byte_ranges import asked_range, respond
from backend.media import Media

CONTENT = bytes(range(256)) * 4096  # longer than one chunk
SIZE = len(CONTENT)
URL = "/media/clips/x.mp4"


@route("/media/{key:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def media_file(
    request: Request[Any, Any, Any], key: FromPath[str], media: NamedDependency[Media]
) -> Response[Any]:
    return respond(request, await media.find(key.lstrip("/")), headers={"x-robots-tag": "noindex"})


@pytest_asyncio.fixture
async def client(media: Media) -> AsyncIterator[AsyncTestClient[Litestar]]:
    await media.put("clips/x.mp4", CONTENT)
    await media.put("clips/empty.mp4", b"")
    app = Litestar([media_file], dependencies={"media": Provide(lambda: media, sync_to_thread=False)})
    async with AsyncTestClient(app) as opened:
        yield opened


async def test_the_whole_is_answered_without_a_range(client: AsyncTestClient[Litestar]) -> None:
    answer = await client.get(URL)
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        (f"bytes=0-{SIZE * 2}", 0, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        ("BYTES=7-7", 7, 8),
    ],
)
async def test_a_range_is_answered_with_that_part(
    client: AsyncTestClient[Litestar], asked: str, start: int, stop: int
) -> None:
    answer = await client.get(URL, headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == CONTENT[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=-0", f"bytes={10**17}-"])
async def test_a_range_beyond_the_end_cannot_be_met(client: AsyncTestClient[Litestar], asked: str) -> None:
    answer = await client.get(URL, headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.content == b""


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=0-1,5-6", "bytes=-", "bytes=+1-2", "lines=0-1", "bytes=٣-", ""])
async def test_a_range_that_is_none_gets_the_whole(client: AsyncTestClient[Litestar], asked: str) -> None:
    answer = await client.get(URL, headers=[(b"range", asked.encode())])
    assert answer.status_code == 200
    assert len(answer.content) == SIZE


async def test_who_has_this_version_gets_no_body(client: AsyncTestClient[Litestar]) -> None:
    etag = (await client.head(URL)).headers["etag"]
    for tags in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await client.get(URL, headers={"if-none-match": tags, "range": "bytes=0-1"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert (await client.get(URL, headers={"if-none-match": '"other"'})).status_code == 200


async def test_the_date_counts_when_there_is_no_tag(client: AsyncTestClient[Litestar], media: Media) -> None:
    modified = (await media.find("clips/x.mp4")).modified
    same, older = (format_datetime(date, usegmt=True) for date in (modified, modified - timedelta(days=1)))
    assert (await client.get(URL, headers={"if-modified-since": same})).status_code == 304
    assert (await client.get(URL, headers={"if-modified-since": older})).status_code == 200
    assert (await client.get(URL, headers={"if-modified-since": "yesterday"})).status_code == 200
    assert (await client.get(URL, headers={"if-modified-since": same, "if-none-match": '"other"'})).status_code == 200


async def test_a_range_counts_only_for_the_version_that_the_client_has(client: AsyncTestClient[Litestar]) -> None:
    head = await client.head(URL)
    for condition, status in (
        (head.headers["etag"], 206),
        ('"other"', 200),
        (f"W/{head.headers['etag']}", 200),
        (head.headers["last-modified"], 200),
    ):
        answer = await client.get(URL, headers={"range": "bytes=0-1", "if-range": condition})
        assert answer.status_code == status


async def test_head_tells_of_the_whole_and_sends_nothing(client: AsyncTestClient[Litestar]) -> None:
    answer = await client.head(URL, headers={"range": "bytes=0-1"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)


async def test_an_empty_object_is_a_whole_one(client: AsyncTestClient[Litestar]) -> None:
    answer = await client.get("/media/clips/empty.mp4")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
    assert (await client.get("/media/clips/empty.mp4", headers={"range": "bytes=0-"})).status_code == 416


@given(st.text(max_size=40), st.integers(0, 10**6))
def test_no_header_asks_for_what_is_not_there(header: str, size: int) -> None:
    part = asked_range(header, size)
    assert part is None or (0 <= part.start <= part.stop <= size)


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 1000))
def test_a_range_is_cut_to_what_there_is(first: int, last: int, size: int) -> None:
    part = asked_range(f"bytes={first}-{last}", size)
    if first > last:
        assert part is None
    else:
        assert list(part or []) == [at for at in range(first, last + 1) if at < size]
