"""A receiver of webhooks on loopback: keeps what came and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec


class Came(msgspec.Struct, frozen=True):
    """One request; names of headers are lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


class Endpoint:
    """`status` None: take the request and do not answer until `let_go`."""

    def __init__(self) -> None:
        self.url = ""
        self.status: int | None = 200
        self.more = ""  # header lines
        self.came: list[Came] = []
        self.let_go = asyncio.Event()


@asynccontextmanager
async def receiving() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        endpoint.came.append(Came(first.split()[1], headers, body))
        if endpoint.status is None:
            await endpoint.let_go.wait()
            endpoint.status = 503
        head = f"HTTP/1.1 {endpoint.status} X\r\ncontent-length: 0\r\nconnection: close\r\n{endpoint.more}\r\n"
        writer.write(head.encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
        yield endpoint
        endpoint.let_go.set()
