"""Bodies, names and headers that no well-meant client sends, to every route that takes a body: always a typed 4xx."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from backend.config import Config
from backend.errors import BodyCutShort, BodyTooSlow
from backend.patience import _Body
from tests.backend.conftest import Join
from tests.backend.serving import client_of, served

JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=x"}


def part(name: str, content: bytes = b"a", more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


BODIES: dict[str, tuple[dict[str, str], bytes]] = {
    "100 deep": (JSON, b'{"a":' * 100 + b"1" + b"}" * 100),
    "100k deep": (JSON, b"[" * 100_000),
    "100k deep, closed": (JSON, b'{"prompt":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "utf-16": (JSON, '{"prompt": "a cat"}'.encode("utf-16")),
    "latin-1": (JSON, '{"prompt": "é"}'.encode("latin-1")),
    "another charset": ({"content-type": "application/json; charset=utf-7"}, b'{"prompt": "+AGE-\xff"}'),
    "half a character": (JSON, b'{"prompt": "\xc3"}'),
    "lone surrogate": (JSON, rb'{"prompt": "\ud800", "handle": "\udfff", "text": "\ud800"}'),
    "nul": (JSON, rb'{"prompt": "a\u0000b", "handle": "a\u0000b", "password": "\u0000", "text": "\u0000"}'),
    "nul byte": (JSON, b'{"prompt": "a\0b"}'),
    "not an object": (JSON, b"[1, 2, 3]"),
    "nothing": (JSON, b""),
    "huge number": (JSON, b'{"prompt": 1e999999, "seed": ' + b"9" * 5000 + b"}"),
    "giant key": (JSON, b'{"' + b"k" * 200_000 + b'": 1}'),
    "same key twice": (JSON, b'{"prompt": "a", "prompt": 7, "handle": "a", "handle": []}'),
    "unknown type": ({"content-type": "application/x-yaml"}, b"a: b"),
    "broken type": ({"content-type": ";;=;"}, b"{}"),
    "compressed": (JSON | {"content-encoding": "gzip"}, b"\x1f\x8b\x08\x00"),
    "no boundary": ({"content-type": "multipart/form-data"}, b"--x--"),
    "giant boundary": ({"content-type": f"multipart/form-data; boundary={'b' * 5000}"}, b"--x--"),
    "10,000 parts": (FORM, part("a") * 10_000 + b"--x--"),
    "giant field name": (FORM, part("n" * 100_000) + b"--x--"),
    "no name": (FORM, b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"),
    "part header bomb": (FORM, b"--x\r\n" + b"X-A: b\r\n" * 5000 + b"\r\na\r\n--x--"),
    "same field twice": (FORM, part("prompt") + part("prompt") + b"--x--"),
    "brackets": (FORM, part("a[b][c][d][e][f][g]") + part("a[[b]]") + part("]a[") + b"--x--"),
    "bracket clash": (FORM, part("characters") + part("characters[][id]") + part("characters[0]") + b"--x--"),
    "not utf-8 in a part": (FORM, part("prompt", b"\xff\xfe") + b"--x--"),
    "file where text is": (FORM, part("prompt", b"\0\1", '; filename="a"') + b"--x--"),
    "nul in a name": (FORM, part("pro\0mpt") + b"--x--"),
    "unknown charset": (
        FORM,
        (
            b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n'
            b"Content-Type: text/plain; charset=nope\r\n\r\na\r\n--x--"
        ),
    ),
    "cut short": (FORM, b'--x\r\nContent-Disposition: form-data; name="pro'),
}


def routes(app: Litestar) -> Iterator[tuple[str, str]]:
    """Method and path of everything that may take a body."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1/"):
            for method in sorted(route.methods & {"POST", "PUT", "PATCH"}):
                yield method, re.sub(r"{(\w+):\w+}", "nobody", route.path).removeprefix("/v1")


async def test_no_body_breaks_a_route(join: Join, config: Config, conn: asyncpg.Connection) -> None:
    maya = await join()
    broken, asked = [], 0
    async with served(config) as app, client_of(app, maya.http.headers["authorization"]) as http:
        for name, (headers, body) in BODIES.items():
            for method, path in routes(app):
                answer = await http.request(method, path, content=body, headers=headers)
                asked += 1
                if wrong(answer):
                    broken.append((name, method, path, answer.status_code, answer.text[:200]))
    assert not broken
    assert asked > 40 * len(BODIES)
    assert await conn.fetchval("select count(*) from clip") == 0


def wrong(answer: httpx.Response) -> bool:
    """Neither a typed refusal nor the answer of a route that reads no body."""
    if answer.is_success:
        return False
    return answer.status_code >= 500 or answer.headers["content-type"] != "application/problem+json"


PATHS = (
    "/videos?limit=%00",
    "/videos?after=%ff%fe",
    "/videos?order=" + "a" * 10_000,
    "/videos?limit=" + "9" * 5000,
    "/videos/%00",
    "/videos/%ff%fe/content",
    "/videos/" + "a" * 5000,
    "/characters/@%00",
    "/characters/@%ed%a0%80/permission",
    "/accounts/%00",
    "/accounts/a%2f..%2fb",
    "/videos/video_" + "0" * 32 + "/content?variant=%00",
)


async def test_no_path_or_query_breaks_a_route(join: Join) -> None:
    maya = await join()
    for path in PATHS:
        answer = await maya.http.get(path)
        assert 400 <= answer.status_code < 500, path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_no_header_breaks_a_request(join: Join, config: Config) -> None:
    maya = await join()
    sign = maya.http.headers["authorization"].encode()
    strange: list[tuple[bytes, bytes]] = [
        (b"authorization", b"Bearer \xff\xfe"),
        (b"authorization", b"Bearer " + b"." * 50_000),
        (b"authorization", b"\0"),
        (b"authorization", b"Bearer cm_\xc3\xa9"),
        (b"if-none-match", b'"' * 10_000),
        (b"range", b"bytes=" + b"0-1," * 5000),
        (b"x-forwarded-for", b"\xff," * 1000),
        (b"x-request-id", b"\xff\n"),
        (b"accept-encoding", b"\xff;q=a"),
        (b"accept", b"/" * 5000),
        (b"content-length", b"a"),
        (b"x-stainless-retry-count", b"\xff"),
        (b"idempotency-key", b"\xff\xfe"),
        (b"last-event-id", b"\xff"),
    ]
    places = (("GET", "/me"), ("POST", "/screenplays"), ("GET", f"/videos/video_{'0' * 32}/content"))
    async with served(config) as app, client_of(app) as http:
        for name, value in strange:
            for method, path in places:
                headers = [(b"authorization", sign)] * (name != b"authorization")
                answer = await http.request(method, path, headers=[*headers, (name, value)])
                assert answer.status_code < 500, (name, path, answer.text)


async def test_a_body_must_keep_coming() -> None:
    async def pieces(*sizes: int) -> AsyncIterator[dict[str, Any]]:
        for size in sizes:
            yield {"type": "http.request", "body": b"a" * size, "more_body": True}
        raise TimeoutError

    async def read(*sizes: int) -> None:
        coming = pieces(*sizes)
        body = _Body(lambda: anext(coming), 5.0)  # type: ignore[arg-type]
        while True:
            await body.next_message()

    with pytest.raises(BodyTooSlow) as slow:
        await read(10, 20)
    assert slow.value.size == 30


async def test_a_body_that_ends_with_its_connection_is_no_failure_of_ours() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(BodyCutShort):
        await _Body(gone, 5.0).next_message()  # type: ignore[arg-type]
