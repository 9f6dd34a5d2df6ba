"""Ranges, conditions and HEAD for media: Litestar's own file and static answers know none, so video could not seek.

    @route("/media/{key:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD])
    async def media_file(request: Request, key: FromPath[str], media: NamedDependency[Media]) -> Response:
        return respond(request, await media.find(key.lstrip("/")))

What is answered (RFC 9110, sections 13 and 14):

* 200 whole, 206 one range, 416 with "bytes */size"; several ranges at once get the whole thing, as the RFC allows
* If-None-Match (weak comparison), else If-Modified-Since: 304
* If-Range: the range counts only for the same strong ETag; a date there is never trusted
* Range counts for GET only; HEAD gives the headers of the whole thing
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final, Protocol

from litestar import Request, Response
from litestar.response import Stream

# Digits only (int() alone would take "+1", "1_0" and digits of other scripts), and few enough to be cheap.
RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


class Source(Protocol):
    """A thing of known size that does not change while it is read."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def etag(self) -> str:
        """Quoted and strong."""

    @property
    def modified(self) -> datetime:
        """With a time zone."""

    @property
    def media_type(self) -> str: ...

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `stop`."""


def asked_range(header: str | None, size: int) -> range | None:
    """The bytes asked for, None for the whole thing, an empty range for 416.

    >>> asked_range("bytes=0-99", 1000), asked_range("bytes=-5", 1000), asked_range("bytes=1000-", 1000)
    (range(0, 100), range(995, 1000), range(0, 0))
    """
    match = RANGE.fullmatch(header.strip()) if header else None
    if match is None or match[1] == match[2] == "":
        return None  # no range, a broken one, or several
    if match[1] == "":
        return range(max(0, size - int(match[2])), size)
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None
    stop = min(int(match[2]) + 1, size) if match[2] else size
    return range(start, stop) if start < stop else range(0)


def respond(
    request: Request[Any, Any, Any],
    source: Source,
    *,
    cache: str = "private, max-age=0",
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Answer a GET or HEAD for `source`. `headers` are added to every kind of answer, 304 and 416 too."""
    known = {
        "accept-ranges": "bytes",
        "etag": source.etag,
        "last-modified": format_datetime(source.modified.astimezone(UTC), usegmt=True),
        "cache-control": cache,
        **(headers or {}),
    }
    if _seen_already(request.headers, source):
        return Response(None, status_code=304, headers=known)
    part = _wanted_part(request, source)
    if part is not None and not part:
        # b"" and not None: Litestar cannot encode None as video/mp4
        known["content-range"] = f"bytes */{source.size}"
        return Response(b"", status_code=416, media_type=source.media_type, headers=known)
    span = range(source.size) if part is None else part
    status = 200 if part is None else 206
    known["content-length"] = str(len(span))
    if part is not None:
        known["content-range"] = f"bytes {span.start}-{span.stop - 1}/{source.size}"
    if request.method == "HEAD" or not span:
        return Response(b"", status_code=status, media_type=source.media_type, headers=known)
    return Stream(source.read(span.start, span.stop), status_code=status, media_type=source.media_type, headers=known)


def _wanted_part(request: Request[Any, Any, Any], source: Source) -> range | None:
    """The range that counts, None for the whole thing."""
    condition = request.headers.get("if-range")
    if request.method != "GET" or (condition is not None and not _same_strong(condition, source.etag)):
        return None
    return asked_range(request.headers.get("range"), source.size)


def _same_strong(condition: str, etag: str) -> bool:
    return condition.strip() == etag and not etag.startswith("W/")


def _seen_already(headers: Mapping[str, str], source: Source) -> bool:
    """Does the client hold this version?"""
    if (tags := headers.get("if-none-match")) is not None:
        known = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return "*" in known or source.etag.removeprefix("W/") in known
    if (since := headers.get("if-modified-since")) is not None:
        with suppress(ValueError, TypeError):
            return source.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    return False
