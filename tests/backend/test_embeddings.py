"""Steering by meaning, where an operator has an endpoint; by words alone where it is away or talks nonsense."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.config import Config
from backend.embeddings import Embeddings, sweep, understood
from social import steering
from social.taste import CHIP, taste
from tests.social.published import a_clip, an_account

MEANINGS = {"hounds": 0, "canines": 0, "dogs": 0, "beacon": 1, "lighthouse": 1}


def meaning(text: str) -> list[float]:
    """Each known word has a direction of its own; unknown ones share one."""
    numbers = [0.0, 0.0, 0.0, 0.1]
    for word in text.split():
        numbers[MEANINGS.get(word, 2)] += 1
    return numbers


@asynccontextmanager
async def endpoint(answer: bytes | None = None, status: int = 200) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A small real server; without an `answer` it makes vectors of the words."""
    asked: list[dict[str, Any]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        asked.append(json.loads(await reader.readexactly(length)) | {"head": head})
        data = [{"index": n, "embedding": meaning(text)} for n, text in enumerate(asked[-1]["input"])]
        body = json.dumps({"data": data[::-1]}).encode() if answer is None else answer
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/embeddings", asked


def embeddings(config: Config, url: str | None) -> Embeddings:
    return Embeddings(msgspec.structs.replace(config, embeddings_url=url, embeddings_key="secret"))


async def test_words_find_topics_and_clips_by_meaning(
    config: Config, pool: asyncpg.Pool, conn: asyncpg.Connection
) -> None:
    viewer = await an_account(conn)
    clip = await a_clip(conn, await an_account(conn), "lighthouse lighthouse")
    async with endpoint() as (url, asked):
        words = embeddings(config, url)
        heard, lost = await steering.hear(conn, "more canines, less beacon, more cats")
        said = await steering.set_to(conn, viewer, "", await understood(words, pool, heard), lost)
        assert [(one.direction, one.topic) for one in said.chips] == [
            ("more", "dogs"),
            ("less", None),
            ("more", "cats"),
        ]
        assert "bearer secret" in asked[0]["head"]
        assert asked[0]["input"][:2] == ["canines", "beacon"]
        assert await sweep(words, pool) == 1
        assert await sweep(words, pool) == 0
    tastes = await taste(conn, viewer, [clip])
    assert [reason.factor for reason in tastes.reasons(Shown(clip, viewer))] == [CHIP["less"]]


class Shown(msgspec.Struct, frozen=True):
    clip: Any
    author: Any


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"oops", 200),
        (b'{"data": []}', 200),
        (b'{"data": [{"index": 0, "embedding": ["x"]}]}', 200),
        (b"{}", 500),
        (b"x" * (9 << 20), 200),
    ],
)
async def test_nonsense_from_the_endpoint_leaves_the_words(
    config: Config, pool: asyncpg.Pool, conn: asyncpg.Connection, answer: bytes, status: int
) -> None:
    await a_clip(conn, await an_account(conn), "lighthouse")
    heard, _ = await steering.hear(conn, "more canines")
    async with endpoint(answer, status) as (url, asked):
        assert await understood(embeddings(config, url), pool, heard) == heard
        assert await sweep(embeddings(config, url), pool) == 0
        assert len(asked) == 2


async def test_nothing_needs_the_endpoint(config: Config, pool: asyncpg.Pool, conn: asyncpg.Connection) -> None:
    heard, _ = await steering.hear(conn, "more canines")
    for url in (None, "http://127.0.0.1:9/v1/embeddings"):
        assert await understood(embeddings(config, url), pool, heard) == heard
