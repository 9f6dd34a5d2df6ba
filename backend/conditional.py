"""ETag and 304 (RFC 9110, section 13) for every JSON object and first page, whichever route answers it."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from urllib.parse import parse_qs

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

NOT_OF_304: Final = ("content-length", "content-type")
CACHE: Final = "private, no-cache"


def tag_of(content: bytes) -> str:
    """Weak: the same object is sent with one encoding or another."""
    return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'


def holds(if_none_match: str, tag: str) -> bool:
    """Weak comparison (RFC 9110, section 8.8.3.2)."""
    held = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in held or tag.removeprefix("W/") in held


def etags(app: ASGIApp) -> ASGIApp:
    """ASGI middleware: adds what an answer lacks. Answers that say how they may be cached are left as they are."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET" or _is_later_page(scope):
            await app(scope, receive, send)
            return
        held: HTTPResponseStartEvent | None = None

        async def tagged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _can_be_tagged(message):
                held = message
                return
            if held is None:
                await send(message)
                return
            start, held = held, None
            if message["type"] == "http.response.body" and not message.get("more_body"):
                tag, headers = tag_of(message["body"]), MutableScopeHeaders(start)
                headers["etag"] = tag
                headers["cache-control"] = CACHE
                if holds(Headers.from_scope(scope).get("if-none-match", ""), tag):
                    start["status"] = 304
                    for name in NOT_OF_304:
                        del headers[name]
                    message["body"] = b""
            await send(start)
            await send(message)

        await app(scope, receive, tagged)

    return call


def _is_later_page(scope: Any) -> bool:
    return "after" in parse_qs(scope["query_string"].decode("latin-1"))


def _can_be_tagged(start: HTTPResponseStartEvent) -> bool:
    headers = Headers(start["headers"])
    json = headers.get("content-type", "").partition(";")[0] == "application/json"
    return start["status"] == 200 and json and "etag" not in headers and "cache-control" not in headers
