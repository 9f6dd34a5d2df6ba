"""LISTEN on one connection of its own, which is opened again when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import asyncpg
import structlog

from backend.db import GONE

RECONNECT_SECONDS: Final = 1.0
Heard = Callable[[str], None]
log = structlog.get_logger()


async def listen(dsn: str, channels: Mapping[str, Heard], gap: Callable[[], None]) -> None:
    """Until cancelled. `gap` is called whenever listening begins: what was said before went unheard."""
    while True:
        lost = asyncio.Event()
        try:
            conn = await asyncpg.connect(dsn)
            try:
                conn.add_termination_listener(lambda _conn, lost=lost: lost.set())
                for channel, heard in channels.items():
                    await conn.add_listener(channel, _payload_to(heard))
                gap()
                await lost.wait()
            finally:
                with suppress(Exception):  # the connection may be gone in any way
                    await conn.close(timeout=1)
        except GONE as error:
            log.warning("listener lost the database", error=str(error))
        await asyncio.sleep(RECONNECT_SECONDS)


def _payload_to(heard: Heard) -> Callable[..., None]:
    def callback(_conn: Any, _pid: int, _channel: str, payload: str) -> None:
        heard(payload)

    return callback
