"""Server-sent events (WHATWG HTML, section 9.2): their bytes, and an answer that waits for its reader, not for ever.

The server's `send` returns when the client's connection has room. A stream is therefore paused by a slow client while
its mailbox keeps the newest state only; one that takes nothing for SLOW_SECONDS is cut off and may come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog
from litestar.response import Stream
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Send

RETRY_MS: Final = 2000  # a client that lost its stream comes back after this
SLOW_SECONDS: Final = 30.0
STILL_THERE: Final = b": still there\n\n"
log = structlog.get_logger()


def event(name: str, about: Any, number: int | str | None = None) -> bytes:
    """One event; `number` is what the client sends back as Last-Event-ID."""
    lines = [] if number is None else [f"id: {number}"]
    return "\n".join([*lines, f"event: {name}", f"data: {msgspec.json.encode(about).decode()}", "", ""]).encode()


def opening(number: int | str | None = None) -> bytes:
    """How long to wait before coming back, and from where on."""
    return f"retry: {RETRY_MS}\n\n".encode() if number is None else f"retry: {RETRY_MS}\nid: {number}\n\n".encode()


class EventStream(Stream):
    """The answer."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        super().__init__(
            chunks,
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )
        self._chunks = chunks

    def to_asgi_response(self, *_: Any, headers: dict[str, str] | None = None, **more: Any) -> ASGIStreamingResponse:
        """As any stream's, with our way of sending."""
        return _Poured(
            iterator=self._chunks,
            background=self.background or more.get("background"),
            cookies=self.cookies,
            headers={**(headers or {}), **self.headers},
            is_head_response=more.get("is_head_response", False),
            media_type=self.media_type,
            status_code=more.get("status_code"),
        )


class _Poured(ASGIStreamingResponse):
    async def send_body(self, send: Send, receive: Receive) -> None:
        pouring = asyncio.create_task(self._pour(send))
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({pouring, gone}, return_when=asyncio.FIRST_COMPLETED)
            if pouring.done():
                pouring.result()
        finally:
            for task in (pouring, gone):
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task
            if isinstance(self.iterator, AsyncGenerator):
                await self.iterator.aclose()  # its mailbox goes now, not when memory is tidied

    async def _pour(self, send: Send) -> None:
        """Returning without a last chunk cuts the connection."""
        async for chunk in self.iterator:
            try:
                async with asyncio.timeout(SLOW_SECONDS):
                    await send({"type": "http.response.body", "body": _bytes(chunk), "more_body": True})
            except TimeoutError:
                log.info("a stream was cut off: nobody read it", seconds=SLOW_SECONDS)
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _bytes(chunk: str | bytes) -> bytes:
    return chunk if isinstance(chunk, bytes) else chunk.encode()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
