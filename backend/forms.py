"""Bodies as clients really send them: JSON, or multipart whose field names carry brackets.

`characters[][id]=a` and `o[k]=v` become the lists and objects that the JSON form of the same request has. One rule
where the brackets leave it open: within a repeated `x[]` a key that is already there begins the next element.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from backend.errors import EmptyBody, MalformedBody
from backend.sniff import Upload
from social.errors import InvalidValue

PART: Final = re.compile(r"\[([^\[\]]*)\]")
DEPTH: Final = 4
PARTS_MOST: Final = 1000
Fields = dict[str, Any]  # leaves: str, Upload, and from JSON also numbers, booleans, null


def is_multipart(request: Request[Any, Any, Any]) -> bool:
    """Then numbers arrive as text."""
    return "multipart" in request.headers.get("content-type", "")


async def read(request: Request[Any, Any, Any]) -> Fields:
    """The body as one object. Raises EmptyBody, MalformedBody or, for a NUL in a text, InvalidValue."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "multipart/form-data":
            fields = nested(await _form_items(request))
        case "application/json" | "":
            fields = await _json_object(request)
        case _:
            raise MalformedBody(f"the content-type is {kind[:60]!r}; expected application/json or multipart/form-data")
    if not fields:
        raise EmptyBody("a JSON object or multipart/form-data with at least one field")
    for name, value in fields.items():
        if _holds_nul(value):
            raise InvalidValue(name, "text with a NUL character", "text without one")
    return fields


async def read_if_any(request: Request[Any, Any, Any]) -> Fields:
    """As `read`, for a body that may be left out."""
    try:
        return await read(request)
    except EmptyBody:
        return {}


async def _form_items(request: Request[Any, Any, Any]) -> list[tuple[str, str | Upload]]:
    """Every part, in the order it came. Files stay in memory: faces and voices touch no disk before they are sealed."""
    try:
        return [(part.name, _value(part, content)) async for part, content in _parts(request)]
    except HTTPException as error:
        if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        raise MalformedBody(f"the multipart body cannot be read: {error.detail}") from None
    except (MultipartError, ValueError, LookupError) as error:
        raise MalformedBody(f"the multipart body cannot be read: {error}") from None


def _value(part: MultipartSegment, content: bytes) -> str | Upload:
    """Raises ValueError or LookupError for text that is not what it says."""
    return Upload(part.filename, content) if part.filename else content.decode(part.charset or "utf-8")


async def _parts(request: Request[Any, Any, Any]) -> AsyncIterator[tuple[MultipartSegment, bytes]]:
    """RFC 7578, by the parser that the framework uses too."""
    _, options = parse_options_header(request.headers["content-type"])
    if not options.get("boundary"):
        raise MalformedBody("the multipart content-type has no boundary")
    segment: MultipartSegment | None = None
    content = bytearray()
    with PushMultipartParser(options["boundary"], max_segment_count=PARTS_MOST) as parser:
        async for chunk in request.stream():
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    segment = event
                elif event:
                    content += event
                elif segment is not None:
                    yield segment, bytes(content)
                    segment, content = None, bytearray()
        parser.parse(b"")


async def _json_object(request: Request[Any, Any, Any]) -> Fields:
    body = await request.body()
    if not body.strip():
        raise EmptyBody("a JSON object or multipart/form-data")
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody(f"the body is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise MalformedBody(f"the body is a JSON {type(fields).__name__}; expected an object")
    return fields


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(one) for one in (*value.keys(), *value.values()))
        case list():
            return any(_holds_nul(one) for one in value)
    return False


def nested(items: Iterable[tuple[str, Any]]) -> Fields:
    """Bracketed names to objects and lists; a plain name given twice is a list. Raises MalformedBody."""
    fields: Fields = {}
    for name, value in items:
        head, parts = name.partition("[")[0], PART.findall(name)
        if head + "".join(f"[{part}]" for part in parts) != name or not head or "]" in head or len(parts) > DEPTH:
            raise MalformedBody(f"the field name {name[:60]!r} is not of the form name[key][]", head or None)
        if not parts and head in fields:
            held = fields[head]
            fields[head] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            _put(fields, head, parts, value, name)
    return fields


def _put(into: dict[str, Any], key: str, parts: list[str], value: Any, name: str) -> None:
    if not parts:
        if key in into:
            raise MalformedBody(f"the field {name[:60]!r} is given twice", name.partition("[")[0])
        into[key] = value
        return
    part, *rest = parts
    if part:
        _put(_child(into, key, dict, name), part, rest, value, name)
        return
    many = _child(into, key, list, name)
    if not rest:
        many.append(value)
        return
    if not many or not isinstance(many[-1], dict) or rest[0] in many[-1]:
        many.append({})
    _put(many[-1], rest[0], rest[1:], value, name)


def _child(into: dict[str, Any], key: str, kind: type, name: str) -> Any:
    child = into.setdefault(key, kind())
    if not isinstance(child, kind):
        raise MalformedBody(f"the field {name[:60]!r} does not fit with the fields before it", name.partition("[")[0])
    return child


def files(fields: Fields, name: str) -> list[Upload]:
    """The uploads under one name, in order. Raises MalformedBody where something else stands there."""
    held = fields.get(name)
    found = held if isinstance(held, list) else [] if held is None else [held]
    for one in found:
        if not isinstance(one, Upload):
            raise MalformedBody(f"{name} is text; expected a file", name)
    return found
