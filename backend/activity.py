"""On which days somebody was here: written once a day by each web process that meets them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg

from social import growth


class Activity:
    """Remembers whom this process has written down today (UTC)."""

    def __init__(self) -> None:
        self._day = date.min
        self._met: set[UUID] = set()

    async def note(self, pool: asyncpg.Pool, account: UUID) -> None:
        today = datetime.now(UTC).date()
        if today != self._day:
            self._day, self._met = today, set()
        if account in self._met:
            return
        async with pool.acquire() as conn:
            await growth.was_here(conn, account, today)
        self._met.add(account)
