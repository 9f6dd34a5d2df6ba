"""The worker's second consumer: what is sent to other servers. Many at a time, for they mostly wait.

It has a pool and a life of its own: neither a slow endpoint nor a lost connection here touches a clip in the making.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Context, Job

from backend import jobs, relay
from backend.config import Config
from backend.db import GONE, open_pool
from backend.push import sending
from backend.push.message import Pusher
from backend.webhooks import Sender
from character_store.vault import Vault
from social.devices import Platform

AT_ONCE: Final = 64
BATCH: Final = 16
TRY_AGAIN: Final = timedelta(seconds=2)
RECONNECT_SECONDS: Final = 1.0
Phones = Mapping[Platform, Pusher]
log = structlog.get_logger()


async def run(config: Config, vault: Vault, phones: Phones, leave: asyncio.Event) -> None:
    """Until `leave`; comes back by itself after the database was away. Closes `phones`."""
    try:
        await _run(config, vault, phones, leave)
    finally:
        for one in phones.values():
            await one.close()


async def _run(config: Config, vault: Vault, phones: Phones, leave: asyncio.Event) -> None:
    dsn = str(config.database_url)
    while not leave.is_set():
        try:
            async with (
                await open_pool(dsn, min_size=1, max_size=6) as pool,
                opened(pool, vault, phones, config) as queue,
            ):
                relaying = asyncio.create_task(relay.run(pool, dsn))
                leaving = asyncio.create_task(_shut_down(queue, leave))
                try:
                    await queue.run(
                        batch_size=BATCH,
                        max_concurrent_tasks=AT_ONCE,
                        heartbeat_timeout=timedelta(seconds=config.heartbeat_seconds),
                        dequeue_timeout=timedelta(seconds=5),
                        shutdown_on_listener_failure=True,
                    )
                finally:
                    for task in (relaying, leaving):
                        task.cancel()
                    await asyncio.gather(relaying, leaving, return_exceptions=True)
        except (*GONE, FailingListenerError, RuntimeError) as error:
            log.warning("the outbox lost the database", error=str(error) or type(error).__name__)
        except Exception:
            log.exception("the outbox broke and begins again")
        if not leave.is_set():
            await asyncio.sleep(RECONNECT_SECONDS)


async def _shut_down(queue: PgQueuer, leave: asyncio.Event) -> None:
    await leave.wait()
    queue.shutdown.set()


@asynccontextmanager
async def opened(pool: asyncpg.Pool, vault: Vault, phones: Phones, config: Config) -> AsyncIterator[PgQueuer]:
    """A consumer of deliveries and of push messages."""
    sender = Sender(pool, vault, local=config.webhook_local)
    queue = PgQueuer.from_asyncpg_pool(pool)

    @queue.entrypoint(jobs.WEBHOOK)
    async def webhook(job: Job, _context: Context) -> None:
        async with _put_back():
            await sender.send(jobs.subject_of(job.payload))

    @queue.entrypoint(jobs.PUSH)
    async def push(job: Job, _context: Context) -> None:
        async with _put_back():
            await sending.send(pool, phones, jobs.subject_of(job.payload))

    try:
        yield queue
    finally:
        await sender.close()


@asynccontextmanager
async def _put_back() -> AsyncIterator[None]:
    """What nobody foresaw is tried again, too."""
    try:
        yield
    except RetryRequested:
        raise
    except Exception as error:
        log.exception("job put back")
        raise RetryRequested(TRY_AGAIN, type(error).__name__) from error
