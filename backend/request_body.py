"""A body read before its handler runs: known again by a digest, handed on without a second copy.

Two bodies are the same when their bytes are; two multipart bodies when their parts are, for the boundary differs from
try to try.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from litestar import Request
from litestar.types import HTTPReceiveMessage, Receive
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

PARTS_MOST: Final = 1000
IN_PASSING_BYTES: Final = 256 * 1024  # more than this is digested in a thread


class RequestBody:
    """The chunks as they came; each is let go as the handler takes it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = deque(chunks)
        self._ended = False

    @classmethod
    async def read(cls, request: Request[Any, Any, Any]) -> RequestBody:
        """The whole of it. Raises RequestEntityTooLarge beyond the route's own limit."""
        return cls([chunk async for chunk in request.stream() if chunk])

    async def digest(self, content_type: str) -> bytes:
        """SHA-256 of what is asked."""
        if sum(len(chunk) for chunk in self._chunks) > IN_PASSING_BYTES:
            return await asyncio.to_thread(self._digest, content_type)
        return self._digest(content_type)

    def _digest(self, content_type: str) -> bytes:
        kind, options = parse_options_header(content_type)
        if kind == "multipart/form-data" and options.get("boundary"):
            try:
                return _of_parts(self._chunks, options["boundary"])
            except (MultipartError, ValueError, LookupError):
                pass  # the handler will say what is wrong with it
        whole = hashlib.sha256()
        for chunk in self._chunks:
            whole.update(chunk)
        return whole.digest()

    def handed_on(self, receive: Receive) -> Receive:
        """What the handler receives: this body, then whatever the server says next."""

        async def next_message() -> HTTPReceiveMessage:
            if self._ended:
                return await receive()  # type: ignore[return-value]  # a disconnect
            body = self._chunks.popleft() if self._chunks else b""
            self._ended = not self._chunks
            return {"type": "http.request", "body": body, "more_body": not self._ended}

        return next_message


def _of_parts(chunks: Iterable[bytes], boundary: str) -> bytes:
    """Raises MultipartError, ValueError or LookupError."""
    whole = hashlib.sha256()
    part = hashlib.sha256()
    segment: MultipartSegment | None = None
    with PushMultipartParser(boundary, max_segment_count=PARTS_MOST) as parser:
        for chunk in (*chunks, b""):
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    segment, part = event, hashlib.sha256()
                elif event:
                    part.update(event)
                elif segment is not None:
                    head = repr((segment.name, segment.filename, segment.content_type, segment.charset))
                    whole.update(hashlib.sha256(head.encode()).digest() + part.digest())
                    segment = None
    return whole.digest()
