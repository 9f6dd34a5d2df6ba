"""Every answer that a test gets is held against the contract: status, headers, error code and body."""

from __future__ import annotations

import re
from typing import Any

import httpx
import jsonschema_rs
import msgspec
from litestar import Litestar

from backend.contract import document, said
from backend.telemetry import Asgi, Message, Receive, Send


class Contract:
    """The document of an app, ready to be asked."""

    def __init__(self, app: Litestar) -> None:
        self.document = msgspec.json.decode(msgspec.json.encode(document.of(app, said.DOCS)))
        self._paths = sorted(self.document["paths"], key=lambda path: path.count("{"))
        self._checks: dict[str, Any] = {}

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """None where the contract has no such path or method."""
        for template in self._paths:
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
                item = self.document["paths"][template]
                found: dict[str, Any] | None = item.get(method.lower())
                return item.get("get") if found is None and method == "HEAD" else found
        return None

    def disagreements(self, method: str, path: str, status: int, headers: dict[str, str], body: bytes) -> list[str]:
        """What an answer has that the contract does not allow."""
        operation = self.operation(method, path)
        if operation is None:
            return (
                []
                if not path.startswith("/v1/") or status in {404, 405} or (method == "OPTIONS" and status == 204)
                else ["not in the contract"]
            )
        if "_" in operation["operationId"]:
            return []  # nobody has spoken of it yet, and test_contract fails for that
        answer = operation["responses"].get(str(status))
        if answer is None:
            return [f"status {status} is not said: {body[:200]!r}"]
        found = [f"no header {name}" for name in ("x-request-id",) if name not in headers]
        kind = headers.get("content-type", "").partition(";")[0]
        if method == "HEAD" or not body:
            return found
        content = answer.get("content", {})
        if kind not in content:
            return [*found, f"content-type {kind} is not one of {sorted(content)}"]
        if kind.endswith("json"):
            value = msgspec.json.decode(body)
            found += [one.message[:300] for one in self._check(content[kind]["schema"]).iter_errors(value)]
            if "x-error-codes" in answer and value["error"]["code"] not in answer["x-error-codes"]:
                found.append(f"error {value['error']['code']} is not said of {status}")
        return found

    def _check(self, schema: dict[str, Any]) -> Any:
        key = msgspec.json.encode(schema).decode()
        if key not in self._checks:
            whole = schema | {"components": self.document["components"]}
            self._checks[key] = jsonschema_rs.Draft202012Validator(whole)
        return self._checks[key]


_KEPT: dict[frozenset[str], Contract] = {}


def contract_of(app: Litestar) -> Contract:
    """The same for every app with the same routes."""
    routes = frozenset(f"{path} {document.key_of(handler)}" for path, handler in document.handlers(app))
    if routes not in _KEPT:
        _KEPT[routes] = Contract(app)
    return _KEPT[routes]


def agreeing(app: Asgi, contract: Contract) -> Asgi:
    """ASGI middleware: raises AssertionError for an answer that the contract does not allow."""

    async def call(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        status, headers, body = 0, {}, bytearray()

        async def heard(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            elif len(body) < 1_000_000:
                body.extend(message.get("body", b""))
            await send(message)

        await app(scope, receive, heard)
        plain = httpx.Response(status, headers=headers, content=bytes(body)).content  # without its compression
        wrong = contract.disagreements(scope["method"], scope["path"], status, headers, plain)
        assert not wrong, f"{scope['method']} {scope['path']} -> {status}: {wrong}"

    return call
