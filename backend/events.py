"""Progress to connected clients: NOTIFY from whoever changes a clip, LISTEN once per web process, queues per client."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend.db import GONE

CHANNEL: Final = "castmate_clip"
RECONNECT_SECONDS: Final = 1.0
log = structlog.get_logger()


class Progress(msgspec.Struct, frozen=True):
    """One moment of a clip."""

    clip: UUID
    status: str
    progress: int
    stage: str
    shot: int
    preview: bool = False  # its maker can see the first shot


async def tell(conn: asyncpg.Connection, progress: Progress) -> None:
    """Heard after the caller's transaction commits."""
    await conn.execute("select pg_notify('castmate_clip', $1)", msgspec.json.encode(progress).decode())


class Events:
    """The listening side. `run` reconnects by itself; after a gap every queue gets None: read the row again."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._queues: dict[UUID, set[asyncio.Queue[Progress | None]]] = defaultdict(set)

    @contextmanager
    def subscribe(self, clip: UUID) -> Any:
        """A queue of what happens from now on. Subscribe before reading the row, so that nothing falls between."""
        queue: asyncio.Queue[Progress | None] = asyncio.Queue()
        self._queues[clip].add(queue)
        try:
            yield queue
        finally:
            self._queues[clip].discard(queue)
            if not self._queues[clip]:
                del self._queues[clip]

    def _heard(self, _conn: object, _pid: object, _channel: object, payload: str) -> None:
        progress = msgspec.json.decode(payload, type=Progress)
        for queue in self._queues.get(progress.clip, ()):
            queue.put_nowait(progress)

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            lost = asyncio.Event()
            try:
                conn = await asyncpg.connect(self._dsn)
                try:
                    conn.add_termination_listener(lambda _conn, lost=lost: lost.set())
                    await conn.add_listener(CHANNEL, self._heard)
                    for queues in self._queues.values():
                        for queue in queues:
                            queue.put_nowait(None)
                    await lost.wait()
                finally:
                    with suppress(Exception):  # the connection may be gone in any way
                        await conn.close(timeout=1)
            except GONE as error:
                log.warning("listener lost the database", error=str(error))
            await asyncio.sleep(RECONNECT_SECONDS)


async def changes(queue: asyncio.Queue[Progress | None], keep_alive_seconds: float) -> AsyncIterator[Progress | None]:
    """What comes; None after a gap or when nothing came for so long."""
    while True:
        try:
            yield await asyncio.wait_for(queue.get(), keep_alive_seconds)
        except TimeoutError:
            yield None
