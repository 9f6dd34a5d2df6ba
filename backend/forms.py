"""Bodies as clients really send them: JSON, or multipart whose field names carry brackets.

`characters[][id]=a` and `o[k]=v` become the lists and objects that the JSON form of the same request has. One rule
where the brackets leave it open: within a repeated `x[]` a key that is already there begins the next element.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException

from backend.errors import EmptyBody, MalformedBody

PART: Final = re.compile(r"\[([^\[\]]*)\]")
DEPTH: Final = 4
Fields = dict[str, Any]  # leaves: str, UploadFile, and from JSON also numbers, booleans, null


async def read(request: Request[Any, Any, Any]) -> Fields:
    """The body as one object. Raises EmptyBody or MalformedBody."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        if "boundary=" not in request.headers["content-type"]:
            raise MalformedBody("the multipart content-type has no boundary")
        try:
            form = await request.form()
        except (HTTPException, ValueError) as error:
            raise MalformedBody(f"the multipart body cannot be read: {error}") from None
        fields = nested(form.multi_items())
    elif kind in {"application/json", ""}:
        body = await request.body()
        if not body.strip():
            raise EmptyBody("a JSON object or multipart/form-data")
        try:
            fields = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedBody(f"the body is not JSON: {error}") from None
        if not isinstance(fields, dict):
            raise MalformedBody(f"the body is a JSON {type(fields).__name__}; expected an object")
    else:
        raise MalformedBody(f"the content-type is {kind[:60]!r}; expected application/json or multipart/form-data")
    if not fields:
        raise EmptyBody("a JSON object or multipart/form-data with at least one field")
    return fields


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


def files(fields: Fields, name: str) -> list[UploadFile]:
    """The uploads under one name, in order. Raises MalformedBody where something else stands there."""
    held = fields.get(name)
    found = held if isinstance(held, list) else [] if held is None else [held]
    for one in found:
        if not isinstance(one, UploadFile):
            raise MalformedBody(f"{name} is text; expected a file", name)
    return found
