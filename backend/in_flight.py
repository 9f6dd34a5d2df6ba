"""Which requests are being answered now, among all web processes: one does it, the others of its name wait.

PostgreSQL's advisory locks on one connection of this process: they end with it, so a process that dies holds nobody up.
"""

from __future__ import annotations

import asyncio

import asyncpg

from backend.db import CONNECT_TIMEOUT_S, GONE


class InFlight:
    """Open from the first `take` until `close`."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._here: set[int] = set()
        self._turn = asyncio.Lock()
        self._conn: asyncpg.Connection | None = None

    async def take(self, lock: int) -> bool:
        """True for one holder at a time. Raises what a database that is away raises."""
        if lock in self._here:
            return False
        self._here.add(lock)  # one connection may take its own lock twice
        taken: bool = False
        try:
            async with self._turn:
                if self._conn is None or self._conn.is_closed():
                    self._conn = await asyncpg.connect(
                        self._dsn, timeout=CONNECT_TIMEOUT_S, command_timeout=CONNECT_TIMEOUT_S
                    )
                taken = bool(await self._conn.fetchval("select pg_try_advisory_lock($1)", lock))
        finally:
            if not taken:
                self._here.discard(lock)
        return taken

    async def give_back(self, lock: int) -> None:
        """A lock whose connection is gone is free already; one that cannot be given back goes with its connection."""
        try:
            async with self._turn:
                if self._conn is not None and not self._conn.is_closed():
                    await self._conn.execute("select pg_advisory_unlock($1)", lock)
        except (*GONE, TimeoutError):
            if self._conn is not None:
                self._conn.terminate()
        finally:
            self._here.discard(lock)

    async def close(self) -> None:
        if self._conn is not None:
            await self._conn.close(timeout=5)
