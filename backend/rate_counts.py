"""Requests counted by all web processes together: each counts for itself, and exchanges counts with the others.

A count is of one subject in one window: a fixed stretch of time, the same for everybody.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from typing import Final

import asyncpg
import msgspec
import structlog

from backend.db import GONE

EXCHANGE_SECONDS: Final = 1.0
log = structlog.get_logger()


class Count(msgspec.Struct):
    """`shared` is known to the others, `unsent` not yet."""

    window: int
    seconds: int
    shared: int = 0
    unsent: int = 0

    @property
    def total(self) -> int:
        return self.shared + self.unsent

    @property
    def ends_at(self) -> float:
        """Unix time."""
        return float((self.window + 1) * self.seconds)


class RateCounts:
    """Of this process. `run` exchanges what has changed once a second."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._counts: dict[str, Count] = {}

    def of(self, subject: str, seconds: int) -> Count:
        """As far as it is known here; a window that is over begins anew."""
        window = int(self._clock() // seconds)
        count = self._counts.get(subject)
        if count is None or count.window < window:
            count = self._counts[subject] = Count(window, seconds)
        return count

    async def exchange(self, pool: asyncpg.Pool, subjects: Iterable[str] | None = None) -> None:
        """Tell and hear, in one statement. Raises what a database that is away raises; then nothing is lost."""
        chosen = self._counts if subjects is None else {one: self._counts[one] for one in subjects}
        told = sorted((subject, count, count.unsent) for subject, count in chosen.items() if count.unsent)
        if not told:
            return
        for _, count, unsent in told:
            count.shared, count.unsent = count.shared + unsent, count.unsent - unsent
        try:
            rows = await pool.fetch(
                """
                insert into rate_count as r (subject, window_no, ends_at, count)
                select subject, window_no, to_timestamp(ends_at), count
                from unnest($1::text[], $2::bigint[], $3::float8[], $4::bigint[])
                    as told (subject, window_no, ends_at, count)
                on conflict (subject) do update set window_no = excluded.window_no, ends_at = excluded.ends_at,
                    count = excluded.count + case when r.window_no = excluded.window_no then r.count else 0 end
                where r.window_no <= excluded.window_no
                returning subject, window_no, count
                """,
                [subject for subject, _, _ in told],
                [count.window for _, count, _ in told],
                [count.ends_at for _, count, _ in told],
                [unsent for _, _, unsent in told],
            )
        except BaseException:
            for _, count, unsent in told:
                count.shared, count.unsent = count.shared - unsent, count.unsent + unsent
            raise
        for row in rows:
            heard = self._counts.get(row["subject"])
            if heard is not None and heard.window == row["window_no"]:
                heard.shared = max(heard.shared, row["count"])

    def seconds_left(self, count: Count) -> int:
        return max(1, math.ceil(count.ends_at - self._clock()))

    def forget_old(self) -> None:
        now = self._clock()
        over = [subject for subject, count in self._counts.items() if count.ends_at <= now]
        for subject in over:
            del self._counts[subject]

    async def run(self, pool: asyncpg.Pool) -> None:
        """Until cancelled. While the database is away each process counts for itself."""
        while True:
            await asyncio.sleep(EXCHANGE_SECONDS)
            self.forget_old()
            try:
                await self.exchange(pool)
            except (*GONE, asyncpg.PostgresError) as error:
                log.warning("rate limits are not shared at the moment", error=str(error) or type(error).__name__)


async def tidy(conn: asyncpg.Connection) -> None:
    """Forget the windows that are over."""
    await conn.execute("delete from rate_count where ends_at < now()")
