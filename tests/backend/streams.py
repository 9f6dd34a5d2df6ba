"""A client of event streams in this process: reads events as they come, or refuses to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

from backend.telemetry import Asgi
from tests.backend.conftest import Person
from tests.waiting import PATIENCE_S


class Told(msgspec.Struct, frozen=True):
    """One event; `name` is empty for what is no event, such as a sign of life."""

    name: str
    data: Any
    id: str | None


class Listening:
    """An open stream. `reading` cleared: the connection has no room."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.begun = asyncio.Event()
        self.reading = asyncio.Event()
        self.reading.set()
        self.over = asyncio.Event()  # the server has ended the answer, or has cut it off
        self.said: asyncio.Queue[Told | None] = asyncio.Queue()
        self.last_id: str | None = None
        self._open = b""

    async def told(self) -> Told:
        """The next event. Fails when the stream ends without one."""
        while True:
            said = await asyncio.wait_for(self.said.get(), PATIENCE_S)
            assert said is not None, "the stream ended"
            if said.name:
                return said

    async def until(self, name: str) -> Told:
        """The next event of that name; others are passed over."""
        while (said := await self.told()).name != name:
            pass
        return said

    async def rest(self) -> list[Told]:
        """All that comes until the stream ends."""
        found = []
        while (said := await asyncio.wait_for(self.said.get(), PATIENCE_S)) is not None:
            if said.name:
                found.append(said)
        return found

    async def send(self, message: Any) -> None:
        await self.reading.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self._open += message["body"]
        *whole, self._open = self._open.split(b"\n\n")
        for block in whole:
            said = _read(block.decode())
            self.last_id = said.id or self.last_id
            self.said.put_nowait(said)
        self.begun.set()


def _read(block: str) -> Told:
    fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
    data = fields.get("data")
    return Told(fields.get("event", ""), None if data is None else msgspec.json.decode(data), fields.get("id"))


@asynccontextmanager
async def listening(person: Person, path: str, last_id: str | None = None) -> AsyncIterator[Listening]:
    """Hangs up at the end of the block."""
    app: Asgi = person.http._transport.app  # type: ignore[attr-defined]  # spoken to without httpx, which reads to the end
    headers = {"authorization": person.http.headers["authorization"]}
    if last_id is not None:
        headers["last-event-id"] = last_id
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": f"/v1{path}",
        "raw_path": f"/v1{path}".encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("test", 80),
        "client": ("127.0.0.1", 1),
    }
    stream, asked, gone = Listening(), asyncio.Event(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not asked.is_set():
            asked.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def call() -> None:
        try:
            await app(scope, receive, stream.send)
        finally:
            stream.said.put_nowait(None)
            stream.over.set()
            stream.begun.set()

    calling = asyncio.create_task(call())
    try:
        await asyncio.wait_for(stream.begun.wait(), PATIENCE_S)
        yield stream
    finally:
        gone.set()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(calling, PATIENCE_S)
