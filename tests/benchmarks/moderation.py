"""`./run bench moderation [--small]`: a page of a long queue, and reports taken in with their snapshots."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg

from backend import moderating
from backend.db import migrate, open_pool
from backend.localdb import Postgres
from social.moderation import cases
from tests.benchmarks.printing import say, table
from tests.social.population import a_clip, an_account

REPORTS = 1_000_000
SMALL = 20_000
BATCH = 20_000  # a statement has to end within the pool's time limit
PAGES = 300
TAKEN_IN = 2_000
AT_ONCE = 8
CLIPS = 50


def main(*words: str) -> None:
    """`--small`: 20,000 reports instead of a million. Each figure stands beside one of bare SQL in the same run."""
    if words not in {(), ("--small",)}:
        raise SystemExit("usage: ./run bench moderation [--small]")
    say(f"{os.cpu_count()} cores")
    with Postgres.scratch() as server:
        asyncio.run(_run(server.dsn(), SMALL if words else REPORTS))


async def _run(dsn: str, reports: int) -> None:
    await migrate(dsn)
    async with await open_pool(dsn, min_size=AT_ONCE, max_size=AT_ONCE) as pool:
        async with pool.acquire() as conn:
            await _fill(conn, reports)
        say(f"{reports:,} open cases")
        rows = [await _pages(pool), await _bare_reads(pool)]
        table("ms, in the middle and at the 99th of a hundred", [("", "p50", "p99"), *rows])
        rows = [await _intake(pool), await _bare_inserts(pool)]
        table(f"{TAKEN_IN:,} reports by {AT_ONCE} connections", [("", "a second", "p99 ms"), *rows])


async def _fill(conn: asyncpg.Connection, reports: int) -> None:
    """One case each, as `project_moderation` leaves them; every hundredth with a deadline."""
    reporter = await an_account(conn)
    for filled in range(0, reports, BATCH):
        await conn.execute(
            """
            with filed as (
                insert into report (reporter, subject_type, subject, reason, comment)
                select $1, 'clip', uuidv7(), 'hate', '' from generate_series(1, $2::integer)
                returning id, subject
            )
            insert into moderation_subject_status (subject_type, subject, state, queue, lead, reason, weight, reports,
                trusted, priority, due_at, opened_at, seq)
            select 'clip', subject, 'open', case when urgent then 'urgent' else 'general' end, id, 'hate', 0.5, 1, 0,
                random(), case when urgent then now() + random() * interval '2 days' else 'infinity' end,
                now() - random() * interval '30 days', 0
            from (select id, subject, random() < 0.01 as urgent from filed) f
            """,
            reporter,
            min(BATCH, reports - filled),
        )
        if (filled + BATCH) % (5 * BATCH) == 0:
            say(f"{filled + BATCH:,} of {reports:,} cases")
    await conn.execute("vacuum analyze report", timeout=600)
    await conn.execute("vacuum analyze moderation_subject_status", timeout=600)


async def _pages(pool: asyncpg.Pool) -> tuple[str, str, str]:
    """From anywhere in the queue, with the counts that stand beside every page."""
    async with pool.acquire() as conn:
        somewhere = [
            row["id"] for row in await conn.fetch("select id from report tablesample bernoulli (5) limit $1", PAGES)
        ]

        async def page() -> None:
            place = await cases.place_of(conn, random.choice(somewhere))  # noqa: S311 - any
            await cases.queue(conn, None, after=place, limit=20, senior=False)
            await cases.counts(conn)

        return _told("a page of the queue with its counts", await _timed(page, PAGES))


async def _bare_reads(pool: asyncpg.Pool) -> tuple[str, str, str]:
    async with pool.acquire() as conn:

        async def read() -> None:
            for _ in range(3):
                await conn.fetchval("select 1")

        return _told("three times `select 1`", await _timed(read, PAGES))


async def _intake(pool: asyncpg.Pool) -> tuple[str, str, str]:
    """Every report by somebody else, about one of a few clips."""
    async with pool.acquire() as conn:
        maker = await an_account(conn)
        clips = [await a_clip(conn, maker) for _ in range(CLIPS)]
        reporters = [await an_account(conn) for _ in range(TAKEN_IN)]

    async def one(number: int) -> None:
        async with pool.acquire() as conn, conn.transaction():
            await moderating.open_report(conn, reporters[number], "clip", clips[number % CLIPS], reason="hate")

    return await _rate("reports with snapshots", one)


async def _bare_inserts(pool: asyncpg.Pool) -> tuple[str, str, str]:
    async def one(number: int) -> None:
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute(
                "insert into report (subject_type, subject, reason, comment) values ('clip', $1, 'hate', '')",
                UUID(int=number),
            )

    return await _rate("bare inserts into the same table", one)


async def _timed(once: Callable[[], Awaitable[None]], times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await once()
        took.append(1000 * (time.perf_counter() - began))
    return sorted(took)


async def _rate(what: str, one: Callable[[int], Awaitable[None]]) -> tuple[str, str, str]:
    took: list[float] = []
    waiting = iter(range(TAKEN_IN))

    async def worker() -> None:
        for number in waiting:
            began = time.perf_counter()
            await one(number)
            took.append(1000 * (time.perf_counter() - began))

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    seconds = time.perf_counter() - began
    return what, f"{TAKEN_IN / seconds:.0f}", f"{sorted(took)[int(0.99 * len(took))]:.1f}"


def _told(what: str, took: list[float]) -> tuple[str, str, str]:
    return what, f"{took[len(took) // 2]:.2f}", f"{took[int(0.99 * len(took))]:.2f}"
