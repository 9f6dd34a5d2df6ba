"""What is sent out because of an event: made of `social.events` in the order of their numbers, each exactly once.

One transaction moves the relay's place, writes what is owed and enqueues its jobs; whichever worker is free does it.
"""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import uuid4

import asyncpg
import structlog

from backend import jobs, webhooks
from backend.db import GONE
from backend.listening import listen
from backend.push import sending
from social import events

LOOK_SECONDS: Final = 15.0  # a look without having heard anything
log = structlog.get_logger()


async def pass_on(conn: asyncpg.Connection) -> int:
    """One batch; how many events."""
    async with conn.transaction():
        found = await events.unrelayed(conn)
        for event in found or ():
            for delivery in await webhooks.owe(conn, event, uuid4()):
                await jobs.enqueue(conn, jobs.WEBHOOK, delivery)
            for message in await sending.owe(conn, event):
                await jobs.enqueue(conn, jobs.PUSH, message)
        if found:
            await events.note_relayed(conn, found[-1].seq)
    return len(found or ())


async def run(pool: asyncpg.Pool, dsn: str) -> None:
    """Until cancelled."""
    something = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(dsn, {"castmate_event": lambda _: something.set()}, something.set))
        group.create_task(_passing_on(pool, something))


async def _passing_on(pool: asyncpg.Pool, something: asyncio.Event) -> None:
    while True:
        something.clear()
        try:
            async with pool.acquire() as conn:
                while await pass_on(conn):
                    pass
            async with asyncio.timeout(LOOK_SECONDS):
                await something.wait()
        except TimeoutError:
            continue
        except GONE as error:
            log.warning("the relay lost the database", error=str(error) or type(error).__name__)
            await asyncio.sleep(1)
