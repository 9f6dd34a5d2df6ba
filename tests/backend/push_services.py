"""Apple's and Google's push services as their protocols describe them, on loopback over TLS and HTTP/2."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
from hypercorn.asyncio import serve
from hypercorn.config import Config as Settings

from tests.certificates import a_certificate

Answer = tuple[int, Any, dict[str, str]]


class Asked(msgspec.Struct, frozen=True):
    path: str
    version: str  # of HTTP
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class Service:
    """`answers` are given in turn, the last one for ever: status, JSON, headers."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Answer] = [(200, {}, {})]
        self.signed_in = 0
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(Asked(scope["path"], scope["http_version"], headers, body))
        if scope["path"] == "/token":
            self.signed_in += 1
            answer: Answer = (200, {"access_token": f"access {self.signed_in}", "expires_in": 3600}, {})
        else:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status, content, more_headers = answer
        sent = [(name.encode(), value.encode()) for name, value in more_headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": b"" if content is None else msgspec.json.encode(content)})


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[Service, Any]]:
    """The service, and a context that trusts its certificate."""
    certificate, key, trust = a_certificate(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings, service, stop = Settings(), Service(), asyncio.Event()
    settings.bind = [f"127.0.0.1:{port}"]
    settings.certfile, settings.keyfile = str(certificate), str(key)
    settings.alpn_protocols = ["h2", "http/1.1"]
    settings.errorlog = None
    service.url = f"https://127.0.0.1:{port}"
    serving = asyncio.create_task(serve(service, settings, shutdown_trigger=stop.wait, mode="asgi"))
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            break
    try:
        yield service, trust
    finally:
        stop.set()
        await serving
