"""What is said about one route. Everything that the code shows by itself is derived in `document`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

File = Annotated[str, msgspec.Meta(extra_json_schema={"format": "binary"})]
"""A file in a multipart body."""


class Bytes(msgspec.Struct, frozen=True):
    """An answer that is no JSON: a file, a picture, a stream of events."""

    media_types: tuple[str, ...]
    what: str


EVENTS: Final = "text/event-stream"


class Doc(msgspec.Struct, frozen=True, kw_only=True):
    """One route in the contract.

    `name` is the operation id and the client's method name, in camelCase: `createVideo`. Errors are the exceptions of
    the house that this route can end in beyond those that every route of its kind can (`refusals.usual`).
    """

    name: str
    summary: str
    gives: Any = None  # a type that msgspec knows, or Bytes; None = no body
    gives_also: tuple[str, ...] = ()  # further media types that it can be asked for in
    example: Any = None  # of what it gives
    sends: Any = None  # the JSON body; None where the handler's own `data` says it
    sends_example: Any = None
    form: Any = None  # the multipart body, where one is taken
    errors: tuple[type[Exception], ...] = ()
    headers: tuple[str, ...] = ()  # of the answer, from `headers.ANSWERS`
    asks: tuple[str, ...] = ()  # headers of the request, from `headers.REQUESTS`
    also: Mapping[int, str] = {}  # further answers that are no errors, in words; those of 2xx give the same
    takes: str = ""  # the media type of a body of plain bytes
    query: Mapping[str, Mapping[str, Any]] = {}  # parameters that the handler reads by hand, all of them needed
    needs: tuple[str, ...] = ()  # as `asks`, but a request without them is refused
    values: Mapping[str, Mapping[str, Any]] = {}  # JSON Schema of a path's or query's parameter, beside its type
    links: Mapping[str, tuple[str, str]] = {}  # operation -> (its parameter, where in this answer its value stands)
    notes: str = ""  # beside the handler's docstring
