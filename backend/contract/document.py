"""The OpenAPI 3.1 document of an app: its routes as they are, and what `Doc` says of each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter

from backend.contract import headers, refusals
from backend.contract.doc import EVENTS, Bytes, Doc

REFERENCE: Final = "#/components/schemas/{name}"
Schemas = Mapping[int, dict[str, Any]]  # of bodies, by the id of their type
ONE_EVENT: Final = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("event", "data", "id")},
    "required": ["data"],
}
ABOUT: Final = """\
Clips with the people who agreed to be in them. `/v1/videos` has the shape of the OpenAI Videos API.

Every error is `application/problem+json` (RFC 9457) with an `error` member. `error.code` is what programs read; an
answer's `x-error-codes` lists them. Lists are keyset pages: the next one begins `after` the `last_id` of this one.
"""


def of(app: Litestar, docs: Mapping[str, Doc]) -> dict[str, Any]:
    """The document. `docs` by `module.function`; a route without one is told of as far as its code shows it."""
    routes = sorted(handlers(app), key=lambda route: (route[0], sorted(route[1].http_methods)))
    found = [(path, handler, docs.get(key_of(handler)) or _unsaid(handler)) for path, handler in routes]
    kinds = {id(kind): kind for _, handler, doc in found for kind in _kinds(handler, doc)}
    made, components = msgspec.json.schema_components([*kinds.values(), refusals.Problem], ref_template=REFERENCE)
    schemas = dict(zip(kinds, made, strict=False))
    paths: dict[str, dict[str, Any]] = {}
    for path, handler, doc in found:
        operation = _operation(path, handler, doc, schemas)
        for method in sorted(handler.http_methods - {"HEAD"} or {"HEAD"}):
            paths.setdefault(path, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Castmate", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(_tag(handler) for _, handler, _ in found)],
        "security": [{"bearer": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(components.items())),
            "headers": headers.components(),
            "examples": refusals.examples(paths),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of a signed-in session, or an API key (`cm_…`).",
                }
            },
        },
    }


def handlers(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Every documented route with its path, once."""
    seen: set[int] = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.fn.__module__.startswith("litestar.") or id(handler) in seen or not handler.include_in_schema:
                continue
            seen.add(id(handler))
            yield route.path_format, handler


def key_of(handler: HTTPRouteHandler) -> str:
    """`videos.create`."""
    return f"{handler.fn.__module__.rpartition('.')[2]}.{handler.fn.__name__}"


def _unsaid(handler: HTTPRouteHandler) -> Doc:
    module, _, name = key_of(handler).partition(".")
    return Doc(name=f"{module}_{name}", summary="", gives=dict[str, Any])


def _tag(handler: HTTPRouteHandler) -> str:
    return handler.fn.__module__.rpartition(".")[2].replace("_", " ")


def _kinds(handler: HTTPRouteHandler, doc: Doc) -> Iterator[Any]:
    for kind in (doc.gives, _sends(handler, doc), doc.form):
        if kind is not None and not isinstance(kind, Bytes):
            yield kind


def _sends(handler: HTTPRouteHandler, doc: Doc) -> Any:
    field = handler.parsed_fn_signature.parameters.get("data")
    return doc.sends if doc.sends is not None or field is None else field.annotation


def _schema(kind: Any) -> dict[str, Any]:
    """Of a parameter."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    return schema


def _operation(path: str, handler: HTTPRouteHandler, doc: Doc, schemas: Schemas) -> dict[str, Any]:
    parameters = [*_parameters(path, handler, doc)]
    typed = any(one["schema"] != {"type": "string"} for one in parameters if one["in"] != "header")
    operation: dict[str, Any] = {
        "operationId": doc.name,
        "summary": doc.summary,
        "description": "\n\n".join(filter(None, (inspect.getdoc(handler.fn), doc.notes))),
        "tags": [_tag(handler)],
        "parameters": parameters,
        "responses": _answers(handler, doc, schemas) | refusals.answers(refusals.of(handler, doc.errors, typed=typed)),
    }
    if handler.security is not None:
        operation["security"] = handler.security
    body = _body(handler, doc, schemas)
    if body is not None:
        operation["requestBody"] = body
    return operation


def _parameters(path: str, handler: HTTPRouteHandler, doc: Doc) -> Iterator[dict[str, Any]]:
    in_path = re.findall(r"{(\w+)}", path)
    for name, field in handler.parsed_fn_signature.parameters.items():
        said = dict(doc.values.get(name, {}))
        match field.kwarg_definition:
            case PathParameter():
                if name in in_path:
                    yield {"name": name, "in": "path", "required": True, "schema": _schema(field.annotation) | said}
            case QueryParameter():
                required = field.default is inspect.Parameter.empty or type(field.default).__name__ == "_EmptyEnum"
                schema = _schema(field.annotation) | said
                if not required and field.default is not None:
                    schema["default"] = field.default
                query = field.kwarg_definition.query or name
                yield {"name": query, "in": "query", "required": required, "schema": schema}
    yield from _by_hand(handler, doc)


def _by_hand(handler: HTTPRouteHandler, doc: Doc) -> Iterator[dict[str, Any]]:
    """Parameters that no signature shows."""
    for name, told in doc.query.items():
        yield {"name": name, "in": "query", "required": True, "schema": dict(told)}
    for name in doc.needs:
        yield headers.asked(name, required=True)
    asked = [*doc.asks]
    if "POST" in handler.http_methods:
        asked.append("Idempotency-Key")
    if _is_tagged(handler, doc):
        asked.append("If-None-Match")
    for name in dict.fromkeys(asked):
        yield headers.asked(name)


def _is_tagged(handler: HTTPRouteHandler, doc: Doc) -> bool:
    """A file says it itself; JSON gets its tag by `conditional.etags`, unless it says how it may be kept."""
    if "GET" not in handler.http_methods:
        return False
    is_json = doc.gives is not None and not isinstance(doc.gives, Bytes)
    return "ETag" in doc.headers or (is_json and "Cache-Control" not in doc.headers)


def _answers(handler: HTTPRouteHandler, doc: Doc, schemas: Schemas) -> dict[str, Any]:
    found = {}
    for status, words in {handler.status_code: HTTPStatus(handler.status_code).phrase, **doc.also}.items():
        answer: dict[str, Any] = {"description": words, "headers": headers.refer(*_told_with(status, handler, doc))}
        if 200 <= status < 300 and doc.gives is not None:
            answer["content"] = _content(doc, schemas)
        if 200 <= status < 300 and doc.links:
            answer["links"] = {
                operation: {"operationId": operation, "parameters": {name: place}}
                for operation, (name, place) in doc.links.items()
            }
        found[str(status)] = answer
    if _is_tagged(handler, doc):
        found["304"] = {"description": "What the client holds is still right", "headers": headers.refer("ETag")}
    return found


def _told_with(status: int, handler: HTTPRouteHandler, doc: Doc) -> tuple[str, ...]:
    names = [*doc.headers]
    if _is_tagged(handler, doc):
        names += ["ETag", "Cache-Control"]
    if "POST" in handler.http_methods:
        names.append("Idempotent-Replayed")
    if status in {206, 416}:
        names.append("Content-Range")
    return tuple(dict.fromkeys(names))


def _content(doc: Doc, schemas: Schemas) -> dict[str, Any]:
    if isinstance(doc.gives, Bytes):
        if doc.gives.media_types == (EVENTS,):
            return {EVENTS: {"schema": ONE_EVENT | {"description": doc.gives.what}, "example": doc.example}}
        schema = {"type": "string", "description": doc.gives.what}
        if not any(kind.startswith("text/") for kind in doc.gives.media_types):
            schema["format"] = "binary"
        told = {"schema": schema} | ({} if doc.example is None else {"example": doc.example})
        return dict.fromkeys(doc.gives.media_types, told)
    as_text = {kind: {"schema": {"type": "string"}} for kind in doc.gives_also}
    return {"application/json": {"schema": schemas[id(doc.gives)], "example": doc.example}} | as_text


def _body(handler: HTTPRouteHandler, doc: Doc, schemas: Schemas) -> dict[str, Any] | None:
    sends = _sends(handler, doc)
    content = {}
    if sends is not None:
        content["application/json"] = {"schema": schemas[id(sends)], "example": doc.sends_example}
    if doc.form is not None:
        content["multipart/form-data"] = {"schema": schemas[id(doc.form)]}
    if doc.takes:
        content[doc.takes] = {"schema": {"type": "string", "format": "binary"}}
    return {"required": not doc.takes or handler.http_methods == {"PATCH"}, "content": content} if content else None
