"""A body has to keep coming: whoever stops sending, or sends by the drop, is let go of after a while.

Streamed routes (`opt={"streamed": True}`) look after themselves: they keep what has arrived.
"""

from __future__ import annotations

import asyncio
from typing import Final

from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from backend.errors import BodyCutShort, BodyTooSlow
from backend.repeats import STREAMED

LEAST_PER_SECOND: Final = 1024  # bytes, after the first seconds


class Patience:
    """Middleware: a handler that reads gets BodyTooSlow or BodyCutShort instead of waiting for ever.

    `seconds`: between two pieces of a body, and for its first bytes whatever their number.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["route_handler"].opt.get(STREAMED):
                await app(scope, receive, send)
            else:
                await app(scope, _Body(receive, self._seconds).next_message, send)

        return limited


class _Body:
    """One request's. After its end, waiting is for a disconnect and takes as long as it takes."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._began: float | None = None
        self._bytes = 0
        self._ended = False

    async def next_message(self) -> HTTPReceiveMessage:
        """Raises BodyTooSlow or BodyCutShort."""
        if self._ended:
            return await self._receive()  # type: ignore[return-value]  # no websocket comes here
        now = asyncio.get_running_loop().time()
        self._began = self._began or now
        until = self._seconds + min(now, self._began + self._bytes / LEAST_PER_SECOND)
        try:
            async with asyncio.timeout_at(until):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow(self._bytes, LEAST_PER_SECOND, self._seconds) from None
        if message["type"] == "http.disconnect":
            raise BodyCutShort(self._bytes)
        if message["type"] == "http.request":
            self._bytes += len(message["body"])
            self._ended = not message.get("more_body", False)
        return message  # type: ignore[return-value]
