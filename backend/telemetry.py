"""Logs (structlog, JSON lines on stderr) and the id every request carries."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from uuid import uuid4

import structlog

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]
"""ASGI 3, as servers and clients type it: a scope is a mapping, too."""
Observe = Callable[[Message, int, float], None]
"""Scope, status (0: none was sent) and seconds of one request."""

HEADER: Final = b"x-request-id"
log = structlog.get_logger()


def set_up(level: str) -> None:
    """Raises KeyError for a level that logging does not know."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def request_ids(app: Any, observe: Observe | None = None) -> Asgi:
    """ASGI middleware: takes a client's id (up to 64 harmless characters) or makes one, and logs the outcome.

    Neither paths' queries nor bodies nor headers are logged. `observe` is told of every outcome.
    """

    async def call(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER, b"").decode("latin-1")
        harmless = given.isascii() and len(given) <= 64 and given.replace("-", "").replace("_", "").isalnum()
        request_id = given if harmless else uuid4().hex
        status, began = 0, time.perf_counter()

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (HEADER, request_id.encode("latin-1"))]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await app(scope, receive, tagged)
            finally:
                took = time.perf_counter() - began
                if observe is not None:
                    observe(scope, status, took)
                milliseconds = round(1000 * took, 1)
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)

    return call
